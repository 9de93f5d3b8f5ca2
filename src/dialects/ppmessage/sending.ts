// A message as clients send it, over HTTP and over the socket alike (contracts/ppmessage.md 7). What it looks like afterwards
// is message-body.ts.
import { Refused } from '../../domain/errors.ts';
import type { ConversationNumber } from '../../domain/ids.ts';
import type { Draft, Json, JsonObject, Posted } from '../../domain/model.ts';
import type { Attaching } from '../../hub/attaching.ts';
import type { App, Caller, Hub } from '../../hub/context.ts';
import { readFile } from '../../hub/file-access.ts';
import type { UploadedFile } from '../../hub/files.ts';
import { post } from '../../hub/messages.ts';
import { answerForNobody } from '../../hub/offline.ts';
import { touch } from '../../hub/presence.ts';
import { type Access, actingFor } from './auth.ts';
import { Failure } from './errors.ts';
import { fileOfId, textOfId } from './file-ids.ts';
import { isClientUuid, parseConversation, parseDevice, parseUser } from './ids.ts';
import type { Kept } from './message-body.ts';

/** What a message must have. */
export const REQUIRED = [
  'uuid',
  'to_type',
  'to_uuid',
  'from_type',
  'from_uuid',
  'conversation_uuid',
  'message_type',
  'message_subtype',
  'message_body',
] as const;

export interface Sent {
  conversation: ConversationNumber;
  caller: Caller;
  posted: Posted;
}

/** Bytes of a text that comes as a file and is kept as words; a longer one stays a file. */
const LONGEST_WORDS = 64 * 1024;
const PICTURES = new Set(['image/jpg', 'image/jpeg', 'image/png', 'image/gif']);

/**
 * Posts what the client sent. Failures: 6 something is missing; 28 of another type; 4 the token does not act for the
 * author; 26 no such conversation for them; 16 no message that can be sent, or another one has its id.
 */
export async function send(hub: Hub, access: Access, body: JsonObject): Promise<Sent> {
  if (REQUIRED.some((name) => (body[name] ?? '') === '')) throw new Failure('NO_PARA');
  const word = (name: string): string => {
    const value = body[name];
    if (typeof value !== 'string') throw new Failure('WRONG_PARA');
    return value;
  };
  const words = Object.fromEntries(
    REQUIRED.filter((name) => name !== 'message_body').map((name) => [name, word(name)]),
  ) as Record<(typeof REQUIRED)[number], string>;
  const device = body.device_uuid ?? null;
  if (device !== null && typeof device !== 'string') throw new Failure('WRONG_PARA');
  const caller = await actingFor(hub, access, parseUser(hub, words.from_uuid));
  const conversation = parseConversation(hub, words.conversation_uuid);
  if (conversation === null) throw new Failure('NO_CONVERSATION');
  if (!isClientUuid(words.uuid) || words.message_type.toUpperCase() !== 'NOTI') throw new Failure('MESSAGE');
  const said = await contentOf(
    hub,
    access.app,
    words.message_subtype.toUpperCase(),
    body.message_body as Json,
  );
  const draft: Draft = {
    door: 'ppmessage',
    markup: 'plain',
    type: 'text',
    clientId: words.uuid,
    device: device === null ? null : parseDevice(hub, device),
    ...said.draft,
    extras: { ...said.kept, to: { uuid: words.to_uuid.slice(0, 64), type: words.to_type.slice(0, 8) } },
  };
  touch(hub, caller);
  try {
    const posted = await post(hub, caller, conversation, draft, { attaching: said.attaching });
    if (!posted.duplicate) hub.defer(answerForNobody(hub, caller, conversation, posted.seq));
    return { conversation, caller, posted };
  } catch (error) {
    const code = error instanceof Refused ? error.refusal.code : null;
    if (code === 'conflict' || code === 'invalid' || code === 'too_large') throw new Failure('MESSAGE');
    throw error;
  }
}

interface Said {
  draft: Pick<Draft, 'text'> & Partial<Draft>;
  kept: Pick<Kept, 'subtype' | 'dura'>;
  attaching?: Attaching;
}

async function contentOf(hub: Hub, app: App, subtype: string, body: Json): Promise<Said> {
  switch (subtype) {
    case 'TEXT':
      if (typeof body !== 'string' || body.trim() === '') throw new Failure('MESSAGE');
      return { draft: { text: body.toWellFormed() }, kept: {} };
    case 'TXT': {
      const given = objectOf(body);
      const text = typeof given.fid === 'string' ? textOfId(given.fid) : null;
      if (text !== null && text.trim() !== '') return { draft: { text: text.toWellFormed() }, kept: {} };
      return longText(hub, (await fileNamed(hub, app, given)).file);
    }
    case 'IMAGE': {
      const given = objectOf(body);
      const { file } = await fileNamed(hub, app, given);
      const isPicture = typeof given.mime === 'string' && PICTURES.has(given.mime.toLowerCase());
      if (!isPicture || !file.mime.startsWith('image/')) throw new Failure('MESSAGE');
      return attached(file, 'image', {});
    }
    case 'AUDIO': {
      const given = objectOf(body);
      const { file } = await fileNamed(hub, app, given);
      const dura = Number(given.dura);
      if (!(dura >= 0) || typeof given.mime !== 'string') throw new Failure('MESSAGE');
      return attached(file, 'file', { subtype, dura });
    }
    case 'VIDEO':
    case 'DOCUMENT':
    case 'FILE': {
      const given = objectOf(body);
      const { file } = await fileNamed(hub, app, given);
      const dura = Number(given.dura ?? 0);
      return attached(file, 'file', { subtype, ...(dura > 0 && { dura }) });
    }
    default:
      throw new Failure('MESSAGE');
  }
}

/** Clients write the body of a file as JSON in a text. */
function objectOf(body: Json): JsonObject {
  try {
    const value: Json = typeof body === 'string' ? JSON.parse(body) : body;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Said below.
  }
  throw new Failure('MESSAGE');
}

async function fileNamed(hub: Hub, app: App, { fid }: JsonObject): Promise<{ file: UploadedFile }> {
  const file = typeof fid === 'string' ? await fileOfId(hub, app, fid) : null;
  if (!file) throw new Failure('NO_FILE');
  return { file };
}

const attached = (file: UploadedFile, type: string, kept: Said['kept']): Said => ({
  draft: { text: '', type },
  kept,
  attaching: { files: [file.number] },
});

/** Words that were too long for their client to send as words: other doors show them like any others. */
async function longText(hub: Hub, file: UploadedFile): Promise<Said> {
  const { file: key, bytes } = file.attachment;
  if (key === null || bytes > LONGEST_WORDS) return attached(file, 'file', {});
  const { body } = await readFile(hub, key);
  const text = new TextDecoder().decode(await new Response(body).arrayBuffer());
  if (text.trim() === '') throw new Failure('MESSAGE');
  return { draft: { text: text.toWellFormed() }, kept: {} };
}
