// Attachments on their way in: upload.php, which takes forms instead of XML (contracts/tapatalk.md 1.15 and 1.16), and
// the ids that a post names them by. How a message gets its files is the hub's.
import { notFound, Refused } from '../../domain/errors.ts';
import { type FileNumber, parseFile } from '../../domain/ids.ts';
import { readBody } from '../../http/body.ts';
import { boundaryOf, fieldText, readMultipart } from '../../http/multipart.ts';
import { newSecret } from '../../http/secrets.ts';
import type { Attaching } from '../../hub/attaching.ts';
import { discardFile, keepFile, type Received, receiveFile, removeFile } from '../../hub/files.ts';
import { touch } from '../../hub/presence.ts';
import { XmlRpcFault } from '../../xmlrpc/fault.ts';
import { int, type OutStruct, string } from '../../xmlrpc/value.ts';
import { notSignedIn, refuse } from './errors.ts';
import type { Call, SignedCall } from './method.ts';
import { success } from './render.ts';

/** A field of the form, and everything around the file. */
const FIELD_BYTES = 16 * 1024;
const FORM_BYTES = 256 * 1024;

interface Form {
  readonly fields: ReadonlyMap<string, string>;
  /** The first file of any name: clients call it what they like. */
  readonly file: Received | null;
}

/** What upload.php answers. It wants somebody signed in before it reads anything. */
export async function answerForm(call: Call, request: Request): Promise<OutStruct> {
  const { hub, session } = call;
  if (!session) throw notSignedIn();
  const signed: SignedCall = { ...call, session, caller: session.caller };
  touch(hub, session.caller);
  const { fields, file } = await formOf(signed, request);
  const field = (name: string): string => fields.get(name) ?? '';
  const method = field('method_name');
  if (method === 'upload_attach') {
    if (!file) throw refuse('No file was sent.');
    return uploaded(signed, file, field('group_id'));
  }
  if (file) discardFile(hub, signed.caller, file);
  if (method === 'remove_attachment') {
    return removeAttachment(signed, field('attachment_id'), field('forum_id'), field('group_id'));
  }
  throw new XmlRpcFault(-32601, `unknown method: ${method}`);
}

/** The form, its file received. Where it breaks off, nothing of it stays. */
async function formOf(call: SignedCall, request: Request): Promise<Form> {
  const { hub, app, caller } = call;
  const boundary = boundaryOf(request.headers.get('content-type'));
  if (boundary === null || !request.body) return { fields: await plainForm(request), file: null };
  const fields = new Map<string, string>();
  let file: Received | null = null;
  try {
    const expected = Number(request.headers.get('content-length')) || null;
    for await (const part of readMultipart(request.body, boundary, app.settings.fileBytes + FORM_BYTES)) {
      if (part.filename === null) fields.set(part.name, await fieldText(part, FIELD_BYTES));
      // What comes first may say that no file is wanted at all.
      else if (!file && (fields.get('method_name') ?? 'upload_attach') === 'upload_attach')
        file = await receiveFile(hub, caller, { name: part.filename, expected }, part.bytes);
    }
    return { fields, file };
  } catch (error) {
    if (file) discardFile(hub, caller, file);
    throw error;
  }
}

/** A form without a file, as some clients send it. */
async function plainForm(request: Request): Promise<Map<string, string>> {
  const text = new TextDecoder().decode(await readBody(request, FORM_BYTES));
  return new Map(new URLSearchParams(text));
}

/**
 * The first file of a message is given a group, and further ones name it (contracts/tapatalk.md 4.5). What the form
 * says of the place that it is meant for (type, forum_id, message_id) is for boards: here a post decides that.
 */
async function uploaded(call: SignedCall, received: Received, given: string): Promise<OutStruct> {
  const group = isGroup(given) ? given : newSecret(12);
  const { number, bytes } = await keepFile(call.hub, call.caller, received, { batch: group });
  return success({
    attachment_id: string(String(number)),
    group_id: string(group),
    // Each under the name that some client looks for (contracts/tapatalk.md 1.15).
    filesize: int(bytes),
    file_size: int(bytes),
    filters_size: int(bytes),
  });
}

/** A group's name as we make them, and as boards do: a hash. */
const isGroup = (text: string): boolean => /^[\w-]{1,64}$/.test(text);

/** Takes back an upload that is in no message. The group stays what it was. */
export async function removeAttachment(
  call: SignedCall,
  attachment: string,
  _forum = '',
  group = '',
): Promise<OutStruct> {
  const [file] = filesNamed([attachment]);
  if (file === undefined) throw unknownAttachment(attachment);
  try {
    await removeFile(call.hub, call.caller, file);
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'not_found') throw unknownAttachment(attachment);
    throw error;
  }
  return success({ group_id: string(group) });
}

const unknownAttachment = (id: string): Refused =>
  new Refused(notFound('file', `Attachment ${id} not found`));

/** Composers send an empty id where there is no attachment (contracts/tapatalk.md 4.5). */
function filesNamed(ids: readonly string[]): FileNumber[] {
  return ids
    .filter((id) => id.trim() !== '')
    .map((id) => {
      const file = parseFile(id.trim());
      if (file === null) throw unknownAttachment(id);
      return file;
    });
}

/** What a post says of its attachments: by their ids, or only by their group. Undefined: it has none. */
export function attachingOf(ids: readonly string[], group: string): Attaching | undefined {
  const files = filesNamed(ids);
  if (files.length === 0 && group === '') return undefined;
  return { files, batch: group };
}
