// The bytes of files in R2: written as they arrive, read whole or in part, taken out. What a file is called and whom it
// belongs to is in the directory.

import { invalid, Refused } from '../domain/errors.ts';
import { judge } from '../domain/file-types.ts';
import { sizeOf } from './picture.ts';
import { typeOf } from './sniff.ts';

/** R2 wants parts of one size, at least 5 MiB: so much of a file is in memory at a time. */
const PART_BYTES = 5 * 1024 * 1024;
const FIRST_BYTES = 64 * 1024;

/** What the bytes are written under: at least a key. */
interface Keyed {
  key: string;
}

export interface Wanted<Place extends Keyed> {
  name: string;
  /** Bytes at most, and the kinds that are taken. */
  limitBytes: number;
  allowed: readonly string[];
  /** Bytes to expect at most, where that is known; saves memory. */
  expected?: number | null;
  /** The place to write to, asked for once it is known that the file is taken. */
  begin(): Promise<Place>;
  /** A file of several parts begins: `abandon` can take back what has arrived, also after a crash. */
  onParts(place: Place, uploadId: string): Promise<void>;
}

/** What was written. */
export interface Stored {
  name: string;
  mime: string;
  bytes: number;
  width: number | null;
  height: number | null;
}

const tooLarge = (limitBytes: number): Refused =>
  new Refused({
    code: 'too_large',
    message: `The file is larger than ${sizeText(limitBytes)}.`,
    limitBytes,
  });

const sizeText = (bytes: number): string =>
  bytes >= 1024 * 1024
    ? `${Math.floor((bytes / 1024 / 1024) * 10) / 10} MiB`
    : `${Math.floor(bytes / 1024)} KiB`;

/**
 * Writes a file, one part in memory at a time. Refused (too_large, invalid) files leave nothing; nor does a source that
 * fails, whose error is thrown on.
 */
export async function writeFile<Place extends Keyed>(
  bucket: R2Bucket,
  source: AsyncIterable<Uint8Array>,
  wanted: Wanted<Place>,
): Promise<Stored & Place> {
  const { limitBytes } = wanted;
  const part = new Gathered(Math.min(PART_BYTES, wanted.expected ?? FIRST_BYTES));
  let size = 0;
  let parted: Parted<Place> | null = null;
  try {
    for await (const chunk of source) {
      size += chunk.byteLength;
      if (size > limitBytes) throw tooLarge(limitBytes);
      for (let at = 0; at < chunk.byteLength; ) {
        // Only when more follows: the last part may be as large as the others.
        if (part.full) {
          parted ??= await Parted.begin(bucket, part.bytes, wanted);
          await parted.add(part.bytes);
          part.clear();
        }
        at += part.add(chunk.subarray(at));
      }
    }
    if (parted) {
      await parted.add(part.bytes);
      return { ...(await parted.complete()), bytes: size };
    }
    const stored = whatIs(part.bytes, wanted);
    const place = await wanted.begin();
    await bucket.put(place.key, part.bytes, metadataOf(stored));
    return { ...stored, ...place, bytes: size };
  } catch (error) {
    await parted?.abort();
    throw error;
  }
}

/** A file of several parts on its way into the bucket. */
class Parted<Place extends Keyed> {
  private readonly parts: R2UploadedPart[] = [];
  private readonly upload: R2MultipartUpload;
  private readonly made: Stored & Place;

  private constructor(upload: R2MultipartUpload, made: Stored & Place) {
    this.upload = upload;
    this.made = made;
  }

  static async begin<Place extends Keyed>(
    bucket: R2Bucket,
    first: Uint8Array,
    wanted: Wanted<Place>,
  ): Promise<Parted<Place>> {
    const stored = whatIs(first, wanted);
    const place = await wanted.begin();
    const upload = await bucket.createMultipartUpload(place.key, metadataOf(stored));
    const parted = new Parted(upload, { ...stored, ...place });
    await wanted.onParts(place, upload.uploadId);
    return parted;
  }

  async add(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    this.parts.push(await this.upload.uploadPart(this.parts.length + 1, bytes));
  }

  async complete(): Promise<Stored & Place> {
    await this.upload.complete(this.parts);
    return this.made;
  }

  /** What cannot be taken back now, the sweeper takes. */
  async abort(): Promise<void> {
    await this.upload.abort().catch(() => undefined);
  }
}

/** One part of a file, gathered in one buffer that is used again for the next. */
class Gathered {
  private buffer: Uint8Array<ArrayBuffer>;
  private length = 0;

  constructor(bytes: number) {
    this.buffer = new Uint8Array(Math.max(1, bytes));
  }

  get full(): boolean {
    return this.length === PART_BYTES;
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    return this.buffer.subarray(0, this.length);
  }

  clear(): void {
    this.length = 0;
  }

  /** Takes as much of it as fits; gives how much that was. */
  add(chunk: Uint8Array): number {
    const taken = chunk.subarray(0, PART_BYTES - this.length);
    const needed = this.length + taken.byteLength;
    if (needed > this.buffer.byteLength) {
      // In one step: buffers of all sizes between would be as much garbage again.
      const larger = new Uint8Array(PART_BYTES);
      larger.set(this.bytes);
      this.buffer = larger;
    }
    this.buffer.set(taken, this.length);
    this.length = needed;
    return taken.byteLength;
  }
}

/** What the first bytes say of a file. Refused where it is empty or of no kind that is taken. */
function whatIs(first: Uint8Array, { name, allowed }: Pick<Wanted<Keyed>, 'name' | 'allowed'>): Stored {
  if (first.byteLength === 0) throw new Refused(invalid('The file is empty.'));
  const judged = judge(typeOf(first), name, allowed);
  if (!judged) throw new Refused(invalid('Files of this kind cannot be uploaded here.'));
  const size = sizeOf(judged.mime, first);
  return {
    name: judged.name,
    mime: judged.mime,
    bytes: 0,
    width: size?.width ?? null,
    height: size?.height ?? null,
  };
}

/** Kept with the bytes, so that reading them asks nobody else. Metadata travels in headers: ASCII alone. */
const metadataOf = ({ name, mime }: Stored): R2PutOptions => ({
  httpMetadata: { contentType: mime },
  customMetadata: { name: encodeURIComponent(name) },
});

/** A file's name as it was written. */
export const nameOf = (object: R2Object): string => decodeURIComponent(object.customMetadata?.name ?? 'file');

/** Takes out what is left of files: whole ones, and parts of those that were never finished. Twice is once. */
export async function eraseFiles(
  bucket: R2Bucket,
  files: readonly { key: string; uploadId: string | null }[],
): Promise<void> {
  for (const { key, uploadId } of files) {
    if (uploadId === null) continue;
    // One that was completed or aborted is not there any more.
    await bucket
      .resumeMultipartUpload(key, uploadId)
      .abort()
      .catch(() => undefined);
  }
  await bucket.delete(files.map(({ key }) => key));
}
