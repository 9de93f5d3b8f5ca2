// Base64 both ways, with the runtime's own coder for what is long and, on reading, a loop of ours for what is short.

interface NodeBuffer extends Uint8Array<ArrayBuffer> {
  write(text: string, offset: number, encoding: string): number;
  toString(encoding?: string, from?: number, to?: number): string;
}
interface Runtime {
  Buffer?: { from(text: string, encoding: string): NodeBuffer; allocUnsafeSlow(size: number): NodeBuffer };
  Uint8Array: { fromBase64?(text: string): Uint8Array };
}
type WithToBase64 = Uint8Array & { toBase64(): string };

// Probed once. workerd has the standard methods; Node 24 has not, but has Buffer; atob and btoa are everywhere.
const runtime = globalThis as unknown as Runtime;
const hasToBase64 = 'toBase64' in Uint8Array.prototype;

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const SEXTET = new Int8Array(256).fill(-1);
for (let i = 0; i < ALPHABET.length; i++) SEXTET[ALPHABET.charCodeAt(i)] = i;

const EQUALS = 0x3d;
const WHITESPACE = /[\t\n\r ]+/g;
const LOOP_MAX = 64; // characters: up to here a call into the runtime costs more than the loop

/**
 * The bytes of a base64 text, or undefined when it is not base64. White space may stand anywhere (Python and PHP break
 * lines), padding may be missing, but if it is there it must be right; the URL-safe alphabet is refused.
 */
export function bytesOf(text: string): Uint8Array | undefined {
  const bytes = unbroken(text);
  if (bytes) return bytes;
  const joined = text.replace(WHITESPACE, '');
  return joined.length < text.length ? unbroken(joined) : undefined;
}

/** {@link bytesOf} a text without white space. */
function unbroken(text: string): Uint8Array | undefined {
  let end = text.length;
  if (end > 0 && end % 4 === 0 && text.charCodeAt(end - 1) === EQUALS) {
    end -= text.charCodeAt(end - 2) === EQUALS ? 2 : 1;
  }
  if (end % 4 === 1) return undefined;
  const size = (end * 3) >> 2;
  if (end <= LOOP_MAX) return looped(text, end, size);
  const bytes = native(text);
  return bytes?.length === size ? bytes : undefined;
}

/** Characters that are not base64 leave the result too short or undefined: the caller compares its length. */
function native(text: string): Uint8Array | undefined {
  try {
    if (runtime.Uint8Array.fromBase64) return runtime.Uint8Array.fromBase64(text);
    if (!runtime.Buffer) return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
  if (text.includes('-') || text.includes('_')) return undefined; // Buffer takes the URL-safe alphabet as well
  const { buffer, byteOffset, length } = runtime.Buffer.from(text, 'base64');
  return new Uint8Array(buffer, byteOffset, length);
}

function looped(text: string, end: number, size: number): Uint8Array | undefined {
  const bytes = new Uint8Array(size);
  const whole = end - (end % 4);
  let to = 0;
  for (let i = 0; i < whole; i += 4) {
    // One character outside the alphabet makes all of it negative.
    const bits =
      (sextet(text, i) << 18) |
      (sextet(text, i + 1) << 12) |
      (sextet(text, i + 2) << 6) |
      sextet(text, i + 3);
    if (bits < 0) return undefined;
    bytes[to++] = bits >> 16;
    bytes[to++] = bits >> 8;
    bytes[to++] = bits;
  }
  if (end > whole) {
    const third = end - whole === 3 ? sextet(text, whole + 2) : 0;
    const bits = (sextet(text, whole) << 18) | (sextet(text, whole + 1) << 12) | (third << 6);
    if (bits < 0) return undefined;
    bytes[to++] = bits >> 16;
    if (to < size) bytes[to] = bits >> 8;
  }
  return bytes;
}

function sextet(text: string, at: number): number {
  return SEXTET[text.charCodeAt(at)] ?? -1;
}

const UTF8 = new TextEncoder();
const SCRATCH_BYTES = 65_536; // a text longer than a third of this gets a buffer of its own
const nodeScratch = hasToBase64 ? undefined : runtime.Buffer?.allocUnsafeSlow(SCRATCH_BYTES);
const scratch = nodeScratch ?? new Uint8Array(SCRATCH_BYTES);

/** Base64, padded and on one line, of the UTF-8 of a text. Lone surrogates become U+FFFD. */
export function textToBase64(text: string): string {
  if (text.length * 3 > SCRATCH_BYTES) return bytesToBase64(UTF8.encode(text));
  if (nodeScratch) return nodeScratch.toString('base64', 0, nodeScratch.write(text, 0, 'utf8'));
  return bytesToBase64(scratch.subarray(0, UTF8.encodeInto(text, scratch).written));
}

const CHUNK = 4096; // bytes per call: a spread argument list must stay far below the engine's limit

/** Base64, padded and on one line, of bytes. */
export function bytesToBase64(bytes: Uint8Array): string {
  if (hasToBase64) return (bytes as WithToBase64).toBase64();
  let binary = '';
  for (let at = 0; at < bytes.length; at += CHUNK) {
    binary += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  }
  return btoa(binary);
}
