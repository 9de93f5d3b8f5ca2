// Reading request bodies under a cap: what is too large is refused before it is in memory.
import { Refused } from '../domain/errors.ts';

const tooLarge = (limitBytes: number) =>
  new Refused({
    code: 'too_large',
    message: `The request is larger than ${Math.floor(limitBytes / 1024)} KiB.`,
    limitBytes,
  });

/** The whole body, at most `maxBytes`; else Refused too_large. An empty body is empty bytes. */
export async function readBody(request: Request, maxBytes: number): Promise<Uint8Array> {
  const declared = Number(request.headers.get('content-length') ?? 0);
  if (declared > maxBytes) throw tooLarge(maxBytes);
  if (!request.body) return new Uint8Array(0);
  // A declared length holds: the server reads no further. One read costs less than a stream of chunks.
  return declared > 0 ? new Uint8Array(await request.arrayBuffer()) : collect(request.body, maxBytes);
}

/** Gzip bytes inflated, at most `maxBytes` (a small body may hold a bomb). Null: not gzip after all. */
export async function gunzip(bytes: Uint8Array, maxBytes: number): Promise<Uint8Array | null> {
  const stream = new Response(bytes as Uint8Array<ArrayBuffer>).body?.pipeThrough(
    new DecompressionStream('gzip'),
  );
  if (!stream) return null;
  try {
    return await collect(stream, maxBytes);
  } catch (error) {
    if (error instanceof Refused) throw error;
    return null;
  }
}

/** A stream to its end, at most `maxBytes`; else Refused too_large. */
export async function collect(stream: ReadableStream<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.byteLength;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  if (chunks.length === 1) return chunks[0] as Uint8Array;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}

/** As much as the platform lets a request bring: who sends more than that may find the connection closed. */
const READ_OVER_BYTES = 100 * 1024 * 1024;

/**
 * Reads what is left of a body over, so that its sender gets the answer: many clients send all of it before they look
 * for one, and find the connection reset when nobody reads on. Never throws.
 */
export async function readOver(reader: {
  read(): Promise<{ done: boolean; value?: Uint8Array }>;
}): Promise<void> {
  try {
    for (let size = 0; size < READ_OVER_BYTES; ) {
      const { done, value } = await reader.read();
      if (done) return;
      size += value?.byteLength ?? 0;
    }
  } catch {
    // Whoever sent it is gone.
  }
}
