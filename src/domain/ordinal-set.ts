// A set of ordinals, one bit each, in chunks: what it takes grows with the messages there are, never with the gaps
// between them. Where the chunks are kept is elsewhere.
import type { Ranges } from './gone.ts';
import type { Ordinal } from './ids.ts';

/** Ordinals in one chunk: 512 bytes, which as text is a row that fits its page. */
export const CHUNK_ORDINALS = 4_096;

interface Chunk {
  bits: Uint8Array;
  size: number;
}

const chunkOf = (n: Ordinal): number => Math.floor((n - 1) / CHUNK_ORDINALS);
const firstIn = (chunk: number): Ordinal => chunk * CHUNK_ORDINALS + 1;
const lastIn = (chunk: number): Ordinal => (chunk + 1) * CHUNK_ORDINALS;

export class OrdinalSet {
  private readonly chunks = new Map<number, Chunk>();

  /** Takes a chunk as `bitsOf` gave it. */
  put(chunk: number, bits: Uint8Array): void {
    let size = 0;
    for (const byte of bits) size += ones(byte);
    this.chunks.set(chunk, { bits, size });
  }

  bitsOf(chunk: number): Uint8Array {
    return this.chunks.get(chunk)?.bits ?? new Uint8Array(CHUNK_ORDINALS / 8);
  }

  /** Adds ordinals `from` to `to` and gives the chunks that are other ones now. */
  add(from: Ordinal, to: Ordinal): number[] {
    const changed: number[] = [];
    for (let c = chunkOf(from); c <= chunkOf(to); c++) {
      const chunk = this.chunks.get(c) ?? { bits: new Uint8Array(CHUNK_ORDINALS / 8), size: 0 };
      const before = chunk.size;
      for (let n = Math.max(from, firstIn(c)); n <= Math.min(to, lastIn(c)); n++) {
        if (isIn(chunk, n)) continue;
        const at = (n - 1) % CHUNK_ORDINALS;
        chunk.bits[at >> 3] = (chunk.bits[at >> 3] as number) | (1 << (at & 7));
        chunk.size += 1;
      }
      if (chunk.size === before) continue;
      this.chunks.set(c, chunk);
      changed.push(c);
    }
    return changed;
  }

  /** How many there are from `from` to `to`. */
  count(from: Ordinal, to: Ordinal): number {
    let count = 0;
    for (let c = chunkOf(from); c <= chunkOf(to); c++) {
      const chunk = this.chunks.get(c);
      if (!chunk) continue;
      const [low, high] = [Math.max(from, firstIn(c)), Math.min(to, lastIn(c))];
      if (high - low + 1 === CHUNK_ORDINALS) count += chunk.size;
      else count += countIn(chunk.bits, low - firstIn(c), high - firstIn(c));
    }
    return count;
  }

  /** The first `limit` ordinals from `from` to `to` that are not in it, rising. */
  firstOut(from: Ordinal, to: Ordinal, limit: number): Ranges {
    const out: [Ordinal, Ordinal][] = [];
    let left = limit;
    for (const [a, b] of this.runs(from, to, false)) {
      if (left <= 0) break;
      out.push([a, Math.min(b, a + left - 1)]);
      left -= b - a + 1;
    }
    return out;
  }

  /** The last `limit` ordinals from `from` to `to` that are not in it, rising. */
  lastOut(from: Ordinal, to: Ordinal, limit: number): Ranges {
    const out: [Ordinal, Ordinal][] = [];
    let left = limit;
    for (const [a, b] of this.runsBack(from, to, false)) {
      if (left <= 0) break;
      out.unshift([Math.max(a, b - left + 1), b]);
      left -= b - a + 1;
    }
    return out;
  }

  /** The newest `limit` ranges of it up to `to`, rising. */
  newest(to: Ordinal, limit: number): Ranges {
    const out: [Ordinal, Ordinal][] = [];
    for (const run of this.runsBack(1, to, true)) {
      if (out.length === limit) break;
      out.unshift(run);
    }
    return out;
  }

  /** Stretches of ordinals that are in it, or are not, as far as they go inside `from` to `to`. */
  private *runs(from: Ordinal, to: Ordinal, wanted: boolean): Generator<[Ordinal, Ordinal]> {
    let start = 0;
    for (let n = from; n <= to; ) {
      const end = Math.min(to, this.alike(n));
      if (this.has(n) === wanted) start ||= n;
      else if (start > 0) {
        yield [start, n - 1];
        start = 0;
      }
      n = end + 1;
    }
    if (start > 0) yield [start, to];
  }

  /** The same, the last one first. */
  private *runsBack(from: Ordinal, to: Ordinal, wanted: boolean): Generator<[Ordinal, Ordinal]> {
    let end = 0;
    for (let n = to; n >= from; ) {
      const start = Math.max(from, this.alikeBack(n));
      if (this.has(n) === wanted) end ||= n;
      else if (end > 0) {
        yield [n + 1, end];
        end = 0;
      }
      n = start - 1;
    }
    if (end > 0) yield [from, end];
  }

  private has(n: Ordinal): boolean {
    const chunk = this.chunks.get(chunkOf(n));
    return chunk !== undefined && isIn(chunk, n);
  }

  /** The last ordinal that is known at once to be like `n`: its chunk's, where that is empty or full. */
  private alike(n: Ordinal): Ordinal {
    return this.isUniform(n) ? lastIn(chunkOf(n)) : n;
  }

  private alikeBack(n: Ordinal): Ordinal {
    return this.isUniform(n) ? firstIn(chunkOf(n)) : n;
  }

  private isUniform(n: Ordinal): boolean {
    const size = this.chunks.get(chunkOf(n))?.size ?? 0;
    return size === 0 || size === CHUNK_ORDINALS;
  }
}

function isIn({ bits }: Chunk, n: Ordinal): boolean {
  const at = (n - 1) % CHUNK_ORDINALS;
  return ((bits[at >> 3] as number) & (1 << (at & 7))) !== 0;
}

/** How many bits are set from place `low` to place `high`. */
function countIn(bits: Uint8Array, low: number, high: number): number {
  let count = 0;
  for (let i = low >> 3; i <= high >> 3; i++) {
    let byte = bits[i] as number;
    if (i === low >> 3) byte &= 0xff << (low & 7);
    if (i === high >> 3) byte &= 0xff >> (7 - (high & 7));
    count += ones(byte & 0xff);
  }
  return count;
}

function ones(byte: number): number {
  let count = 0;
  for (let rest = byte; rest > 0; rest &= rest - 1) count += 1;
  return count;
}
