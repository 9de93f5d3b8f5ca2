// Typed readers for what a call brought: each says what it takes and refuses the rest with the parameter's position.
// Which parameters a method has is the dialect's business.
import { XmlRpcFault } from './fault.ts';
import type { InValue } from './value.ts';

/** A parameter, counted from 0 as contracts/tapatalk.md does; or an item in one: "2, item 5". */
export type Position = number | string;

/** A parameter that is absent or of another type than the method takes: fault -32602. */
export class ParamFault extends XmlRpcFault {
  override readonly name = 'ParamFault';
  readonly position: Position;
  readonly expected: string;

  constructor(position: Position, expected: string) {
    super(-32602, `parameter ${position}: ${expected} expected`);
    this.position = position;
    this.expected = expected;
  }
}

/**
 * Text that is not fit to be kept: bytes that are no UTF-8, control characters. Not a fault: people paste such text, and
 * contracts/tapatalk.md 5.3 wants `result` false with this message, which is safe to show.
 */
export class TextRefused extends Error {
  override readonly name = 'TextRefused';
  readonly position: Position;

  constructor(position: Position, message: string) {
    super(message);
    this.position = position;
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }); // a leading U+FEFF belongs to the text
// Control characters but tab and line ends, and the two that XML cannot carry back to any reader of ours.
// biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are the subject
const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]/;

/** `<string>`, or `<base64>` read as UTF-8. Throws {@link ParamFault} for other types, {@link TextRefused} for bad text. */
export function readText(value: InValue | undefined, position: Position): string {
  const text = value instanceof Uint8Array ? utf8(value, position) : value;
  if (typeof text !== 'string') throw new ParamFault(position, 'string or base64');
  if (CONTROL.test(text)) throw new TextRefused(position, 'The text holds control characters.');
  return text;
}

function utf8(bytes: Uint8Array, position: Position): string {
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new TextRefused(position, 'The text is not valid UTF-8.');
  }
}

const INTEGER = /^[+-]?\d{1,15}$/; // 15 digits: always exact in a number

/** `<int>`, or an integer as `<i8>` or text: clients are careless here (contracts/tapatalk.md 4.2). Always a safe integer. */
export function readInteger(value: InValue | undefined, position: Position): number {
  if (typeof value === 'number') return value;
  const text = typeof value === 'bigint' ? String(value) : typeof value === 'string' ? value.trim() : '';
  if (!INTEGER.test(text)) throw new ParamFault(position, 'int');
  return Number(text) + 0; // "-0" is 0
}

/** An id: text, or a number from clients that count. Gives its text; whether anything has that id is not asked here. */
export function readId(value: InValue | undefined, position: Position): string {
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  return readText(value, position).trim();
}

/** `<boolean>`, or 0 and 1 as int or text. */
export function readFlag(value: InValue | undefined, position: Position): boolean {
  switch (typeof value === 'string' ? value.trim() : value) {
    case true:
    case 1:
    case '1':
    case 'true':
      return true;
    case false:
    case 0:
    case '0':
    case 'false':
      return false;
    default:
      throw new ParamFault(position, 'boolean');
  }
}

/** `<array>`. */
export function readArray(value: InValue | undefined, position: Position): readonly InValue[] {
  if (!Array.isArray(value)) throw new ParamFault(position, 'array');
  return value;
}

/** An array of {@link readText} items. */
export function readTexts(value: InValue | undefined, position: Position): string[] {
  return readArray(value, position).map((item, i) => readText(item, `${position}, item ${i}`));
}

/** An array of {@link readId} items. Empty ones are dropped: composers send [""] for "none" (contracts/tapatalk.md 4.5). */
export function readIds(value: InValue | undefined, position: Position): string[] {
  return readArray(value, position)
    .map((item, i) => readId(item, `${position}, item ${i}`))
    .filter((id) => id !== '');
}
