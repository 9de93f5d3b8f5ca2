// The file that a job makes: gathered in the object's SQLite, written to the store a part at a time, so that neither
// its length nor a crash matters.
import type { JobOrder } from './api.ts';

/** R2 wants parts of one size, at least 5 MiB: so much of the file is in memory at a time, and so much waits on disk. */
const PART_BYTES = 5 * 1024 * 1024;
/** A value in SQLite has 2 MB at most. */
const CHUNK_BYTES = 1024 * 1024;

/** What of the file is written and what waits. */
export interface Written {
  uploadId: string | null;
  parts: R2UploadedPart[];
  /** In the store, and waiting. */
  bytes: number;
  waiting: number;
}

export const NOTHING_WRITTEN: Written = { uploadId: null, parts: [], bytes: 0, waiting: 0 };

type Place = NonNullable<JobOrder['output']>;

export const OUTPUT_TABLE =
  'CREATE TABLE IF NOT EXISTS chunk (n INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT';

/** Adds text to what waits; call inside the transaction that keeps the step. */
export function addText(sql: SqlStorage, written: Written, text: string): Written {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.byteLength; at += CHUNK_BYTES)
    sql.exec('INSERT INTO chunk (bytes) VALUES (?)', bytes.slice(at, at + CHUNK_BYTES));
  return { ...written, waiting: written.waiting + bytes.byteLength };
}

/**
 * Writes one whole part, if one waits, and gives what is written then; null: none does. `keep` is called with it inside
 * the transaction that drops the part from what waits: a crash before writes the same part again.
 */
export async function writePart(
  storage: DurableObjectStorage,
  bucket: R2Bucket,
  place: Place,
  written: Written,
  keep: (written: Written) => void,
): Promise<Written | null> {
  // The last part may be as large as the others: one that just fits waits for the end.
  if (written.waiting <= PART_BYTES) return null;
  if (written.uploadId === null) {
    // Begun and forgotten by a crash, R2 takes it out by itself after a week.
    const { uploadId } = await bucket.createMultipartUpload(place.key, optionsOf(place));
    const begun = { ...written, uploadId };
    keep(begun);
    return begun;
  }
  const { bytes, through, rest } = firstBytes(storage.sql, PART_BYTES);
  const upload = bucket.resumeMultipartUpload(place.key, written.uploadId);
  const part = await upload.uploadPart(written.parts.length + 1, bytes);
  const after: Written = {
    ...written,
    parts: [...written.parts, { partNumber: part.partNumber, etag: part.etag }],
    bytes: written.bytes + bytes.byteLength,
    waiting: written.waiting - bytes.byteLength,
  };
  storage.transactionSync(() => {
    const { sql } = storage;
    sql.exec('DELETE FROM chunk WHERE n <= ?', through);
    if (rest.byteLength > 0) sql.exec('INSERT INTO chunk (n, bytes) VALUES (?, ?)', through, rest);
    keep(after);
  });
  return after;
}

/** Writes the end, and gives the file's bytes. Twice is once. */
export async function closeFile(
  sql: SqlStorage,
  bucket: R2Bucket,
  place: Place,
  written: Written,
): Promise<number> {
  const { bytes } = firstBytes(sql, PART_BYTES);
  const size = written.bytes + bytes.byteLength;
  if (written.uploadId === null) {
    await bucket.put(place.key, bytes, optionsOf(place));
    return size;
  }
  const upload = bucket.resumeMultipartUpload(place.key, written.uploadId);
  try {
    const last = bytes.byteLength > 0 ? [await upload.uploadPart(written.parts.length + 1, bytes)] : [];
    await upload.complete([...written.parts, ...last]);
  } catch (error) {
    // Done by a try whose answer was lost: then the upload is no more, and the file is there.
    if ((await bucket.head(place.key))?.size !== size) throw error;
  }
  return size;
}

/** Takes out what there is of the file. Twice is once. */
export async function dropFile(bucket: R2Bucket, key: string, written: Written | null): Promise<void> {
  if (written?.uploadId) {
    // One that was completed or aborted is not there any more.
    await bucket
      .resumeMultipartUpload(key, written.uploadId)
      .abort()
      .catch(() => undefined);
  }
  await bucket.delete(key);
}

/** Kept with the bytes, so that reading them asks nobody else. Metadata travels in headers: ASCII alone. */
const optionsOf = ({ name, mime }: Place): R2PutOptions => ({
  httpMetadata: { contentType: mime },
  customMetadata: { name: encodeURIComponent(name) },
});

/** The first `most` bytes that wait, the number of the last chunk that they touch, and what that has beyond. */
function firstBytes(sql: SqlStorage, most: number) {
  const pieces: Uint8Array[] = [];
  let size = 0;
  let through = 0;
  let rest = new Uint8Array();
  for (const { n, bytes } of sql.exec<{ n: number; bytes: ArrayBuffer }>(
    'SELECT n, bytes FROM chunk ORDER BY n',
  )) {
    const piece = new Uint8Array(bytes).subarray(0, most - size);
    pieces.push(piece);
    size += piece.byteLength;
    through = n;
    rest = new Uint8Array(bytes).slice(piece.byteLength);
    if (size === most) break;
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.byteLength;
  }
  return { bytes, through, rest };
}
