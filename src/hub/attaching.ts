// How a message gets its files. D1 decides which message may have a file, before anything is posted; the log's entry
// then carries it, and the index tells D1 which message that was. A post whose end is not known keeps its files until
// the sweeper has asked the conversation (sweeping.ts).
import { createHmac } from 'node:crypto';
import { claimFiles, type FileRow, filesOfBatch, placeClaim, releaseFiles } from '../directory/files.ts';
import { invalid, notFound, Refused, unavailable } from '../domain/errors.ts';
import type { ConversationNumber, FileNumber, UserNumber } from '../domain/ids.ts';
import { type Attachment, type Draft, OWN_CLIENT_ID } from '../domain/model.ts';
import { newSecret } from '../http/secrets.ts';
import { type Caller, derivedKey, type Hub } from './context.ts';
import { ask } from './directory.ts';
import { attachmentOf, UNBOUND_MS } from './files.ts';

/** A conversation refuses the message after that: from then on it is certain whether it was posted. */
const CLAIM_MS = 30_000;
/** Clocks differ, and a commit takes a moment. */
const MARGIN_MS = 30_000;

/** Which files a message is to have: by number, or, where none is named, all of a batch that wait for a message. */
export interface Attaching {
  files: readonly FileNumber[];
  batch?: string | null;
}

/** Files that are taken for one message. */
export interface Claim {
  files: readonly FileNumber[];
  /** The client id under which the message is posted. */
  id: string;
  attachments: Attachment[];
  /** ms since 1970: the conversation must refuse the message from then on. */
  until: number;
  attempts: number;
}

/** The draft with the files that were taken for it. */
export const withFiles = (draft: Draft, { id, attachments }: Claim): Draft => ({
  ...draft,
  clientId: id,
  attachments: [...(draft.attachments ?? []), ...attachments],
});

/**
 * Takes files for one message of `caller`, or of `author` for whom an app credential speaks: all or none. Only uploads
 * of that same person, or of an app credential for itself, that are in no message. Null: there is nothing to take.
 * Refused: not_found for a file that is not there, foreign, or taken; invalid for too many.
 */
export async function claim(
  hub: Hub,
  caller: Caller,
  attaching: Attaching,
  draft: Draft,
  to: { conversation: ConversationNumber | null; author?: UserNumber | null },
): Promise<Claim | null> {
  const app = caller.app.number;
  const uploader = caller.user?.number ?? null;
  const files = await filesOf(hub, caller, attaching);
  if (files.length === 0) return null;
  const id = draft.clientId ?? OWN_CLIENT_ID + ownId(hub, uploader, files, draft, to.conversation);
  const now = Date.now();
  const until = now + CLAIM_MS;
  const claiming = {
    files,
    claim: id,
    conversation: to.conversation,
    dueAt: until + MARGIN_MS,
    since: now - UNBOUND_MS,
  };
  const take = (by: UserNumber | null) =>
    ask(hub, app, (d1) => claimFiles(d1, { ...claiming, app, uploader: by }));
  const rows = (await take(uploader)) ?? (to.author ? await take(to.author) : null);
  if (!rows) throw new Refused(notFound('file', missing(files)));
  const attempts = Math.max(...rows.map((row: FileRow) => row.attempts));
  return { files, id, attachments: rows.map(attachmentOf), until, attempts };
}

const missing = (files: readonly FileNumber[]): string =>
  files.length === 1
    ? `Attachment ${files[0]} not found`
    : `One of the attachments ${files.join(', ')} not found`;

async function filesOf(hub: Hub, caller: Caller, { files, batch }: Attaching): Promise<FileNumber[]> {
  const { number: app, settings } = caller.app;
  const most = settings.filesPerMessage;
  const named = [...new Set(files)];
  const owner = { app, uploader: caller.user?.number ?? null };
  const wanted =
    named.length > 0 || !batch
      ? named
      : await ask(hub, app, (d1) => filesOfBatch(d1, owner, batch, most + 1));
  if (wanted.length > most) throw new Refused(invalid(`A message can have ${most} attachments at most.`));
  return wanted;
}

/**
 * The id of a message whose client has none. The same reply again is the same message; a new conversation is another
 * one each time.
 */
function ownId(
  hub: Hub,
  user: UserNumber | null,
  files: readonly FileNumber[],
  { text, title }: Draft,
  conversation: ConversationNumber | null,
): string {
  if (conversation === null) return newSecret(16);
  const said = JSON.stringify([user, files, title ?? null, text]);
  const key = derivedKey(hub.settings.hubSecret, 'claims');
  return createHmac('sha256', key).update(said).digest('base64url').slice(0, 22);
}

/** Says into which conversation the claimed files go, as soon as it has a number. */
export async function place(hub: Hub, caller: Caller, claimed: Claim, c: ConversationNumber): Promise<void> {
  const { number } = caller.app;
  const placed = await ask(hub, number, (d1) => placeClaim(d1, number, claimed.files, claimed.id, c));
  if (!placed) throw new Refused(unavailable('the claim on the files was given up'));
}

/**
 * Does the work that posts a message with claimed files. Refused for certain: the files are free again. Whatever else
 * goes wrong, the message may be there: they stay where they are.
 */
export async function posting<T>(
  hub: Hub,
  caller: Caller,
  claimed: Claim,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Refused && error.refusal.code !== 'unavailable') await release(hub, caller, claimed);
    throw error;
  }
}

/** Lets the files go: their message was not posted. Where that fails, the sweeper will find out. */
export async function release(hub: Hub, caller: Caller, { files, id, attempts }: Claim): Promise<void> {
  const app = caller.app.number;
  // Only the first try of a message knows that no other one was made.
  if (attempts > 1) return;
  await ask(hub, app, (d1) => releaseFiles(d1, app, files, id, attempts, UNBOUND_MS)).catch(() => undefined);
}
