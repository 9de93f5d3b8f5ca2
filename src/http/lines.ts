// Bodies of one JSON document a line (NDJSON), read line by line: no more is held than one line and one piece of the
// stream. What a line means is its reader's business.
import { BadLine, invalid } from '../domain/errors.ts';

export interface Line {
  /** From 1, empty ones counted. */
  number: number;
  text: string;
}

const LINE_FEED = 0x0a;
const BYTE_ORDER_MARK = '\ufeff';

/**
 * The lines of a body, empty ones left out; a line may end in CR LF, the last one in nothing. Throws a `BadLine`:
 * too_large for one of more than `maxBytes`, invalid for one that is no UTF-8.
 */
export async function* linesOf(body: ReadableStream<Uint8Array>, maxBytes: number): AsyncGenerator<Line> {
  let number = 0;
  let pieces: Uint8Array[] = [];
  let size = 0;
  const add = (piece: Uint8Array) => {
    size += piece.byteLength;
    if (size > maxBytes) throw tooLong(number + 1, maxBytes);
    if (piece.byteLength > 0) pieces.push(piece);
  };
  const take = (): Line | null => {
    number += 1;
    const text = decoded(number, pieces, size);
    [pieces, size] = [[], 0];
    return text.trim() === '' ? null : { number, text };
  };
  // Not cancelled at a bad line: its sender has to be read to the end to come to read the answer.
  for await (const chunk of body.values({ preventCancel: true })) {
    let from = 0;
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, from)) {
      add(chunk.subarray(from, at));
      const line = take();
      if (line) yield line;
      from = at + 1;
    }
    // A copy: what the piece lies in may be used again.
    add(chunk.slice(from));
  }
  const last = take();
  if (last) yield last;
}

function decoded(number: number, pieces: readonly Uint8Array[], size: number): string {
  const whole = pieces.length === 1 ? (pieces[0] as Uint8Array) : joined(pieces, size);
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(whole);
    return number === 1 && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
  } catch {
    throw new BadLine(number, invalid('The line is not valid UTF-8.'));
  }
}

function joined(pieces: readonly Uint8Array[], size: number): Uint8Array {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.byteLength;
  }
  return whole;
}

const tooLong = (number: number, limitBytes: number): BadLine =>
  new BadLine(number, {
    code: 'too_large',
    message: `The line is longer than ${Math.floor(limitBytes / 1024)} KiB.`,
    limitBytes,
  });
