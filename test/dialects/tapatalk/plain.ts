// An XML-RPC answer as plain data in which every wire type can be told apart, for whole-document comparisons.
import { decodeResponse } from '../../../src/xmlrpc/decode.ts';
import { encodeResponse } from '../../../src/xmlrpc/encode.ts';
import { DateTime, type InValue, type OutValue } from '../../../src/xmlrpc/value.ts';
import { canonicalText } from '../../support/canonical.ts';

export type Plain = string | number | boolean | { b64: string } | { dt: string } | Plain[] | PlainStruct;
export interface PlainStruct {
  [name: string]: Plain;
}

/** `<base64>` of a text. */
export const b64 = (text: string) => ({ b64: text });

/** A decoded value: strings, ints and booleans as they are, base64 and dates as what they hold. */
export function plain(value: InValue): Plain {
  if (value instanceof Uint8Array) return { b64: new TextDecoder().decode(value) };
  if (value instanceof DateTime) return { dt: new Date(value.epochMs).toISOString() };
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([name, member]) => [name, plain(member)]));
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  throw new TypeError('a type that no answer has');
}

export type PlainAnswer = { fault: { code: number; text: string } } | { value: PlainStruct };

/** An answer as a client gets it. Throws where it is not in the form that all clients read. */
export function readAnswer(document: string | Uint8Array): PlainAnswer {
  const answer = decodeResponse(new TextEncoder().encode(canonicalText(document)));
  return answer.fault ? { fault: answer.fault } : { value: plain(answer.value) as PlainStruct };
}

/** What a client gets of a value. */
export function sent(value: OutValue): PlainStruct {
  const answer = readAnswer(encodeResponse(value));
  if ('fault' in answer) throw new Error(answer.fault.text);
  return answer.value;
}
