// Files of the hub: uploading one, giving it up, and finding the one that an address names. How a message gets its
// files is attaching.ts; how those that nobody needs go is sweeping.ts.
import {
  dropFile,
  type FileRow,
  findFile,
  finishFile,
  forgetFiles,
  giveUpFile,
  insertFile,
  noteParts,
} from '../directory/files.ts';
import { forbidden, notFound, Refused, unavailable } from '../domain/errors.ts';
import { plainName } from '../domain/file-types.ts';
import type { FileNumber } from '../domain/ids.ts';
import type { Attachment } from '../domain/model.ts';
import { keyOf, numberOf, plainAddress, readAddress } from '../files/address.ts';
import { eraseFiles, type Stored, writeFile } from '../files/store.ts';
import { newSecret } from '../http/secrets.ts';
import type { App, Caller, Hub } from './context.ts';
import { ask } from './directory.ts';

/** How long a file waits for its message. */
export const UNBOUND_MS = 86_400_000;
/** Files that one person, or one app's credentials together, may have uploaded without a message. */
const UNBOUND_OF_PERSON = 50;
const UNBOUND_OF_APP = 5_000;

/** Uploads of one person at once, and how long each one after them takes to come back: an album, but no flood. */
const UPLOADS = 30;
const REFILL_MS = 4_000;

/** An uploaded file. */
export type UploadedFile = Pick<
  FileRow,
  'number' | 'name' | 'mime' | 'bytes' | 'width' | 'height' | 'batch'
> & {
  /** As a message carries it. */
  attachment: Attachment;
};

/** Where a file's bytes lie. */
interface Place {
  number: FileNumber;
  key: string;
  uploadId: string | null;
}

/** Bytes that have arrived and are not a file yet. */
export interface Received extends Stored, Place {}

export interface Upload {
  /** As its sender calls it. */
  name: string;
  /** Bytes at most, where the request says so. */
  expected?: number | null;
}

const ownerOf = ({ app, user }: Caller) => ({ app: app.number, uploader: user?.number ?? null });

/** Whether anybody can upload files in this app. */
export const takesFiles = (app: App): boolean => app.settings.filesPerMessage > 0;

/**
 * Takes a file as it arrives, a part in memory at a time. It becomes one with {@link keepFile}; else it goes within a
 * day, as if it had never come. Refused: too_large, invalid (empty, of no kind that the app takes), rate_limited,
 * forbidden (the app takes no files).
 */
export async function receiveFile(
  hub: Hub,
  caller: Caller,
  { name, expected }: Upload,
  bytes: AsyncIterable<Uint8Array>,
): Promise<Received> {
  const { settings, number: app } = caller.app;
  if (!takesFiles(caller.app)) throw new Refused(forbidden('Files cannot be uploaded here.'));
  ration(hub, caller);
  const given = plainName(name);
  const begun: { place: Place | null } = { place: null };
  try {
    const stored = await writeFile(hub.env.FILES, bytes, {
      name: given,
      limitBytes: settings.fileBytes,
      allowed: settings.fileTypes,
      expected,
      begin: async () => {
        begun.place = await placeFor(hub, caller, given);
        return begun.place;
      },
      onParts: async (place, uploadId) => {
        begun.place = { ...place, uploadId };
        await ask(hub, app, (d1) => noteParts(d1, place.number, uploadId));
      },
    });
    return stored;
  } catch (error) {
    if (begun.place) discardFile(hub, caller, begun.place);
    if (error instanceof Refused) throw error;
    console.error(JSON.stringify({ at: 'files', request: hub.requestId, error: String(error) }));
    throw new Refused(unavailable());
  }
}

/** A row for the file that arrives, so that nothing of it can be left behind unknown. */
async function placeFor(hub: Hub, caller: Caller, name: string): Promise<Place> {
  const app = caller.app.number;
  const nonce = newSecret(16);
  const createdAt = Date.now();
  const row = { ...ownerOf(caller), nonce, name, createdAt, dueAt: createdAt + UNBOUND_MS };
  const most = hub.settings.limits === 'off' ? Number.MAX_SAFE_INTEGER : unboundOf(caller);
  const number = await ask(hub, app, (d1) => insertFile(d1, { ...row, most }));
  if (number === null) throw tooMany(UNBOUND_MS / 24);
  return { number, key: keyOf(app, number, nonce), uploadId: null };
}

const unboundOf = ({ user }: Caller): number => (user ? UNBOUND_OF_PERSON : UNBOUND_OF_APP);

function ration(hub: Hub, { user }: Caller): void {
  if (hub.settings.limits === 'off' || !user) return;
  const { uploaded } = hub.isolate;
  const now = Date.now();
  const retryAfterMs = uploaded.wait(user.number, REFILL_MS, UPLOADS * REFILL_MS, now);
  if (retryAfterMs > 0) throw tooMany(retryAfterMs);
  uploaded.take(user.number, REFILL_MS, now);
}

const tooMany = (retryAfterMs: number): Refused =>
  new Refused({
    code: 'rate_limited',
    message: 'You have uploaded very many files. Please try again later.',
    retryAfterMs,
  });

/** Makes what has arrived a file. `batch`: the name that files for one message share, if they do. */
export async function keepFile(
  hub: Hub,
  caller: Caller,
  { number, key: _, uploadId: __, ...stored }: Received,
  { batch = null }: { batch?: string | null } = {},
): Promise<UploadedFile> {
  const row = await ask(hub, caller.app.number, (d1) => finishFile(d1, number, { ...stored, batch }));
  if (!row) throw new Refused(unavailable('the upload took longer than a file waits'));
  return uploadedFile(row);
}

function uploadedFile(row: FileRow): UploadedFile {
  const { number, name, mime, bytes, width, height, batch } = row;
  return { number, name, mime, bytes, width, height, batch, attachment: attachmentOf(row) };
}

/** Gives up what has arrived; not waited for. What fails of it, the sweeper does. */
export function discardFile(hub: Hub, caller: Caller, place: Place): void {
  const { number } = place;
  const dropped = ask(hub, caller.app.number, (d1) => giveUpFile(d1, ownerOf(caller), number, Date.now()));
  hub.defer(dropped.then((mine) => (mine ? erase(hub, caller, place) : undefined)));
}

async function erase(hub: Hub, { app }: Caller, place: Place): Promise<void> {
  await eraseFiles(hub.env.FILES, [place]);
  await ask(hub, app.number, (d1) => forgetFiles(d1, [place.number]));
}

/** Takes a file whose bytes are all that is to say of it. The same refusals as {@link receiveFile}. */
export async function uploadFile(
  hub: Hub,
  caller: Caller,
  bytes: AsyncIterable<Uint8Array>,
  upload: Upload & { batch?: string | null },
): Promise<UploadedFile> {
  return keepFile(hub, caller, await receiveFile(hub, caller, upload, bytes), upload);
}

/**
 * The uploaded file of this app that an address leads to, signed or not, whoever uploaded it. Null: the address is none
 * of this hub's files. Not found: it would be one, but there is no such file here.
 */
export async function fileOfAddress(hub: Hub, app: App, address: string): Promise<UploadedFile | null> {
  if (!URL.canParse(address)) return null;
  const { origin, pathname } = new URL(address);
  const found = readAddress(pathname);
  // A hub has more than one name: under any of them its own signature tells, also an expired one.
  const signed = found?.signed ? hub.isolate.addresses.proves(found.signed, 0) : false;
  if (!signed && !(origin === hub.origin && pathname.startsWith('/files/'))) return null;
  const row =
    found?.app === app.number && (signed || !found.signed)
      ? await ask(hub, app.number, (d1) => findFile(d1, app.number, numberOf(found.key)))
      : null;
  if (!row || row.state === 'new' || keyOf(row.app, row.number, row.nonce) !== found?.key)
    throw new Refused(notFound('file'));
  return uploadedFile(row);
}

/**
 * Takes back an upload: a person their own, as long as it is in no message; an app credential every one of the app, also
 * out of its message, where its address leads nowhere from then on. Not found: there is none, or it is somebody else's.
 * Forbidden: it is in a message. Conflict: it is just being posted.
 */
export async function removeFile(hub: Hub, caller: Caller, number: FileNumber): Promise<void> {
  const { app } = caller;
  if (caller.powers === 'app') return dropAny(hub, caller, number);
  const owner = ownerOf(caller);
  if (await ask(hub, app.number, (d1) => giveUpFile(d1, owner, number, Date.now()))) return;
  const row = await ask(hub, app.number, (d1) => findFile(d1, app.number, number));
  if (!row || row.uploader !== owner.uploader) throw new Refused(notFound('file'));
  throw new Refused(forbidden('This file is part of a message. Delete the message instead.'));
}

async function dropAny(hub: Hub, caller: Caller, number: FileNumber): Promise<void> {
  const app = caller.app.number;
  const row = await ask(hub, app, (d1) => findFile(d1, app, number));
  if (!row || row.state === 'new') throw new Refused(notFound('file'));
  if (!(await ask(hub, app, (d1) => dropFile(d1, app, number, Date.now())))) {
    const message = 'This attachment is just being posted. Please try again in a moment.';
    throw new Refused({ code: 'conflict', subject: 'file', message });
  }
  const { uploadId } = row;
  // Nobody gets it any more; bytes that cannot go now, the sweeper takes.
  await erase(hub, caller, { number, key: keyOf(app, number, row.nonce), uploadId }).catch(() => undefined);
}

/** A file as a message carries it; its address is for those who prove who they are. */
export function attachmentOf(row: FileRow): Attachment {
  const key = keyOf(row.app, row.number, row.nonce);
  const url = plainAddress(key, row.name);
  const { name, mime, bytes, width, height } = row;
  const isPicture = mime.startsWith('image/');
  return {
    file: key,
    url,
    name,
    mime,
    bytes,
    ...(width !== null && height !== null ? { width, height } : {}),
    ...(isPicture ? { thumbnailUrl: url } : {}),
  };
}

/** The number by which an attachment is removed or named in a text; null: the file is not the hub's. */
export const fileNumberOf = ({ file }: Attachment): FileNumber | null =>
  file === null ? null : numberOf(file);
