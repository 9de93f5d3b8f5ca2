// Who may read a file: whoever has its signed address, and whoever may read the message that has it.
import { findFile } from '../directory/files.ts';
import { notFound, Refused, unavailable } from '../domain/errors.ts';
import { UNKNOWN_MIME } from '../domain/file-types.ts';
import { keyOf, numberOf, readAddress } from '../files/address.ts';
import { nameOf } from '../files/store.ts';
import { appByNumber } from './apps.ts';
import type { App, Caller, Hub } from './context.ts';
import { ask } from './directory.ts';
import { messageOf } from './messages.ts';

/**
 * The key of the file that a path names: for who has its signed address, or proves to be somebody who may read the
 * message that has it. `readerOf`: who asks, as far as the request proves it for this app. Not found for everything
 * else, the same whether there is such a file or not.
 */
export async function fileAt(
  hub: Hub,
  path: string,
  readerOf: (app: App) => Promise<Caller | null>,
): Promise<{ key: string; expires: number | null }> {
  const missing = new Refused(notFound('file'));
  const found = readAddress(path);
  if (!found) throw missing;
  const { key, signed } = found;
  try {
    // Also of a file whose address was signed before its app was deleted.
    const app = await appByNumber(hub, found.app);
    if (signed) {
      if (!hub.isolate.addresses.proves(signed, Date.now())) throw missing;
      return { key, expires: Number(signed.expires) };
    }
    const reader = await readerOf(app);
    if (!reader || reader.app.number !== app.number || !(await mayRead(hub, reader, key))) throw missing;
    return { key, expires: null };
  } catch (error) {
    if (!(error instanceof Refused) || error.refusal.code === 'unavailable') throw error;
    throw missing;
  }
}

async function mayRead(hub: Hub, reader: Caller, key: string): Promise<boolean> {
  const { app } = reader;
  const row = await ask(hub, app.number, (d1) => findFile(d1, app.number, numberOf(key)));
  if (!row || keyOf(row.app, row.number, row.nonce) !== key) return false;
  if (row.uploader !== null && row.uploader === reader.user?.number && row.state !== 'bound') return true;
  if (row.state !== 'bound' || row.conversation === null || row.message === null) return false;
  // Membership is decided where it is kept, and so is whether the message is still there.
  const { message } = await messageOf(hub, reader, row.conversation, { id: row.message });
  return message.attachments?.some(({ file }) => file === key) ?? false;
}

/** A file as it lies in the store. */
export interface StoredFile {
  name: string;
  mime: string;
  /** Bytes of the whole file. */
  bytes: number;
  /** Quoted, as HTTP has it. */
  etag: string;
  storedAt: Date;
}

/** What of a file is wanted: so many bytes from there on. */
export interface Stretch {
  offset: number;
  length: number;
}

/** What is told of a file without its bytes. Not found where its bytes are gone. */
export async function lookAtFile(hub: Hub, key: string): Promise<StoredFile> {
  return storedFile(await stored(() => hub.env.FILES.head(key)));
}

/** A file and its bytes, or a stretch of them. */
export async function readFile(
  hub: Hub,
  key: string,
  stretch?: Stretch,
): Promise<StoredFile & { body: ReadableStream<Uint8Array> }> {
  const object = await stored(() => hub.env.FILES.get(key, stretch && { range: stretch }));
  return { ...storedFile(object), body: object.body };
}

async function stored<T>(ask: () => Promise<T | null>): Promise<T> {
  let object: T | null;
  try {
    object = await ask();
  } catch (error) {
    throw new Refused(unavailable(String(error)));
  }
  if (!object) throw new Refused(notFound('file'));
  return object;
}

const storedFile = (object: R2Object): StoredFile => ({
  name: nameOf(object),
  mime: object.httpMetadata?.contentType ?? UNKNOWN_MIME,
  bytes: object.size,
  etag: object.httpEtag,
  storedAt: object.uploaded,
});
