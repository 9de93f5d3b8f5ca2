// What an entry of the corpus is, and short ways to write one. The entries are in the files beside this one.
import type { FaultCode } from '../../../src/xmlrpc/fault.ts';
import { DateTime, type InValue } from '../../../src/xmlrpc/value.ts';

export interface Case {
  readonly name: string;
  readonly doc: Uint8Array;
  /** Charset parameter of the Content-Type. */
  readonly charset?: string;
  readonly want:
    | { readonly method: string; readonly params: readonly InValue[] }
    | { readonly fault: FaultCode };
  /**
   * How Python's xmlrpc.client takes the same document: as we do unless said here. "refuses" and "accepts" when we do the
   * opposite, "differs" when it reads something else.
   */
  readonly python: 'same' | 'refuses' | 'accepts' | 'differs';
}

type Extra = Partial<Pick<Case, 'charset' | 'python'>>;

const UTF8 = new TextEncoder();

/** A document that is a call of `m` with these parameters. */
export function reads(
  name: string,
  doc: string | Uint8Array,
  params: readonly InValue[],
  extra: Extra = {},
): Case {
  return { name, doc: bytesOf(doc), want: { method: 'm', params }, python: 'same', ...extra };
}

/** A document that is a call of this method. */
export function calls(name: string, doc: string, method: string, params: readonly InValue[]): Case {
  return { name, doc: bytesOf(doc), want: { method, params }, python: 'same' };
}

/** A call of `m` with one parameter, of which only what is inside `<param>` is given. */
export function value(name: string, xml: string, want: InValue, extra: Extra = {}): Case {
  return reads(name, call(xml), [want], extra);
}

/** A document that is refused. */
export function refuses(name: string, doc: string | Uint8Array, fault: FaultCode, extra: Extra = {}): Case {
  return { name, doc: bytesOf(doc), want: { fault }, python: 'same', ...extra };
}

/** A call of `m` with one parameter that is refused. */
export function bad(name: string, xml: string, fault: FaultCode, extra: Extra = {}): Case {
  return refuses(name, call(xml), fault, extra);
}

/** A whole call around the inside of `<param>`. */
export function call(xml: string): string {
  return document(`<params><param>${xml}</param></params>`);
}

/** A whole call around what follows the method name. */
export function document(rest: string): string {
  return `<?xml version="1.0"?><methodCall><methodName>m</methodName>${rest}</methodCall>`;
}

/** Bytes: of a text as UTF-8, or as given. */
export function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === 'string' ? UTF8.encode(content) : content;
}

/** One byte per character: ISO-8859-1, and whatever else is to look odd. */
export function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

export function utc(iso: string, zoned = true): DateTime {
  return new DateTime(Date.parse(`${iso}Z`), zoned);
}

export function map(entries: Record<string, InValue>): Map<string, InValue> {
  return new Map(Object.entries(entries));
}
