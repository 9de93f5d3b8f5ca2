// Reading multipart/form-data as it arrives: part after part, never a whole body in memory. What parts mean is a door's.
//
// Of its own, because none of the readers at hand fits: some keep every part in memory (@remix-run/multipart-parser),
// some need the streams of Node (busboy), and multipasta loses names outside Latin-1 and fails where the last
// boundary is cut between two reads.
import { invalid, Refused } from '../domain/errors.ts';
import { readOver } from './body.ts';

/** Headers of one part, and parts of one body unless a call takes more; forms of clients have a tenth of it. */
const HEADER_BYTES = 16 * 1024;
const PARTS = 64;
/** What is held at a time: much more than a header, and little beside the isolate's 128 MB. */
const BUFFER_BYTES = 128 * 1024;

export interface Part {
  /** '' when the part has none. */
  name: string;
  /** As its sender called it; null: an ordinary field. */
  filename: string | null;
  /**
   * Its bytes, once: a chunk is good until the next one is asked for. What of them is not taken is read over when the
   * next part is.
   */
  bytes: AsyncIterable<Uint8Array>;
}

const malformed = (what: string): Refused => new Refused(invalid(`The form cannot be read: ${what}.`));

/** The boundary of a multipart/form-data body, or null: the body is something else. */
export function boundaryOf(contentType: string | null): string | null {
  const [, quoted, plain] =
    /^multipart\/form-data\s*;(?:.*;)?\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(
      contentType ?? '',
    ) ?? [];
  return quoted ?? plain ?? null;
}

/**
 * The parts of a body, in order, at most `maxBytes` in all (Refused too_large). Refused invalid where the body is no
 * form or ends early. Takes the bytes as they come: holds one chunk and what a boundary may hide.
 */
export async function* readMultipart(
  body: ReadableStream<Uint8Array>,
  boundary: string,
  maxBytes: number,
  maxParts: number = PARTS,
): AsyncGenerator<Part> {
  const input = new Input(body, maxBytes);
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  try {
    // The first boundary may stand at the very beginning.
    input.begin(Buffer.from('\r\n'));
    await drain(input.upTo(delimiter));
    for (let count = 0; !(await closes(input)); count++) {
      if (count === maxParts) throw malformed(`it has more than ${maxParts} parts`);
      const { name, filename } = await headers(input);
      const taken = { whole: false };
      yield { name, filename, bytes: input.upTo(delimiter, taken) };
      if (!taken.whole) await drain(input.upTo(delimiter));
    }
  } finally {
    await input.readOver();
  }
}

/** The text of a field, at most `maxBytes`. */
export async function fieldText(part: Part, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of part.bytes) {
    size += chunk.byteLength;
    if (size > maxBytes) throw malformed(`the field “${part.name.slice(0, 40)}” is too long`);
    chunks.push(new Uint8Array(chunk));
  }
  return Buffer.concat(chunks).toString('utf8');
}

async function drain(bytes: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _ of bytes);
}

/**
 * What has arrived and is not taken yet. All of it passes through one buffer: a fresh one for each read would be garbage
 * of the size of the file.
 */
class Input {
  private buffer: ArrayBuffer = new ArrayBuffer(BUFFER_BYTES);
  private start = 0;
  private end = 0;
  private size = 0;
  private readonly reader: ReadableStreamBYOBReader;
  private readonly maxBytes: number;

  constructor(body: ReadableStream<Uint8Array>, maxBytes: number) {
    this.reader = body.getReader({ mode: 'byob' });
    this.maxBytes = maxBytes;
  }

  get held(): Buffer {
    return Buffer.from(this.buffer, this.start, this.end - this.start);
  }

  /** Takes bytes as if they had arrived: before anything has. */
  begin(bytes: Uint8Array): void {
    new Uint8Array(this.buffer).set(bytes);
    this.end = bytes.byteLength;
  }

  /** Adds what arrives next; what was taken before may be overwritten. False: nothing more. */
  private async read(): Promise<boolean> {
    new Uint8Array(this.buffer).copyWithin(0, this.start, this.end);
    this.end -= this.start;
    this.start = 0;
    const { done, value } = await this.reader.read(new Uint8Array(this.buffer, this.end));
    if (done) return false;
    this.buffer = value.buffer as ArrayBuffer;
    this.end += value.byteLength;
    this.size += value.byteLength;
    if (this.size > this.maxBytes) {
      throw new Refused({
        code: 'too_large',
        message: `The request is larger than ${Math.floor(this.maxBytes / 1024)} KiB.`,
        limitBytes: this.maxBytes,
      });
    }
    return true;
  }

  /** Adds what arrives next. Throws where the body has ended. */
  async more(): Promise<void> {
    if (!(await this.read())) throw malformed('it ends early');
  }

  take(count: number): Buffer {
    const taken = this.held.subarray(0, count);
    this.start += count;
    return taken;
  }

  /** Whatever is left, after the end and after a failure. */
  readOver(): Promise<void> {
    const { reader } = this;
    return readOver({
      read: async () => {
        const result = await reader.read(new Uint8Array(this.buffer));
        if (result.value) this.buffer = result.value.buffer as ArrayBuffer;
        return result;
      },
    });
  }

  /** The bytes before the delimiter, which is taken too. `taken` says when all of them were. */
  async *upTo(delimiter: Buffer, taken?: { whole: boolean }): AsyncGenerator<Uint8Array> {
    for (;;) {
      const { held } = this;
      const at = held.indexOf(delimiter);
      // The end of what is held may be the beginning of a delimiter.
      const safe = at >= 0 ? at : held.length - delimiter.length + 1;
      if (safe > 0) yield this.take(safe);
      if (at >= 0) {
        this.take(delimiter.length);
        if (taken) taken.whole = true;
        return;
      }
      await this.more();
    }
  }
}

/** Whether the boundary just taken is the last one. */
async function closes(input: Input): Promise<boolean> {
  while (input.held.length < 2) await input.more();
  if (input.held.subarray(0, 2).toString('latin1') === '--') return true;
  // White space may stand behind a boundary (RFC 2046 5.1.1).
  if ((await line(input)).trim() !== '') throw malformed('a boundary is followed by something else');
  return false;
}

async function line(input: Input): Promise<string> {
  for (;;) {
    const at = input.held.indexOf('\r\n');
    if (at > HEADER_BYTES || (at < 0 && input.held.length > HEADER_BYTES))
      throw malformed('a header is too long');
    if (at >= 0) {
      const text = input.take(at).toString('utf8');
      input.take(2);
      return text;
    }
    await input.more();
  }
}

async function headers(input: Input): Promise<{ name: string; filename: string | null }> {
  let disposition = '';
  let size = 0;
  for (;;) {
    const text = await line(input);
    if (text === '') break;
    size += text.length;
    if (size > HEADER_BYTES) throw malformed('the headers of a part are too long');
    disposition = /^content-disposition\s*:(.*)/i.exec(text)?.[1] ?? disposition;
  }
  const given = parameters(disposition);
  return {
    name: given.get('name') ?? '',
    filename: encoded(given.get('filename*')) ?? given.get('filename') ?? null,
  };
}

/** `; name="value"` pairs. A backslash escapes only quotes and itself: some clients send whole Windows paths. */
function parameters(header: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const [, name, quoted, plain] of header.matchAll(
    /;\s*([\w*-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]*))/g,
  )) {
    const value = quoted?.replace(/\\(["\\])/g, '$1').replaceAll('%22', '"') ?? plain ?? '';
    found.set((name as string).toLowerCase(), value);
  }
  return found;
}

/** `UTF-8''na%C3%AFve.txt` (RFC 8187), or undefined where it cannot be read. */
function encoded(value: string | undefined): string | undefined {
  const text = /^utf-8'[^']*'(.*)$/i.exec(value ?? '')?.[1];
  if (text === undefined) return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
