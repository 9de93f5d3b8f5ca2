// The forms in which an answer leaves: an XML-RPC document, or the JSON of contracts/tapatalk.md 3 "JSON variant". Both
// say what one value says; which form is wanted was read from the call (asked.ts).
import { encodeFault, encodeResponse } from '../../xmlrpc/encode.ts';
import { Base64, base64, bool, DateTime, int, type OutValue, struct } from '../../xmlrpc/value.ts';
import type { Failure } from './errors.ts';

export interface Wire {
  /** The Content-Type of its documents. */
  readonly type: string;
  value(value: OutValue): string;
  failure(failure: Failure): string;
}

/** A refusal is an ordinary answer with `result` false; a fault is only for what could not be understood. */
export const XML: Wire = {
  type: 'text/xml; charset=utf-8',
  value: encodeResponse,
  failure: ({ text, reason, fault }) =>
    fault === undefined
      ? encodeResponse(struct({ result: bool(false), result_text: base64(text), result_reason: int(reason) }))
      : encodeFault(fault, text),
};

/** Texts are plain strings, dates have separators, nothing is base64, and everything that failed has one form. */
export const JSON_TWIN: Wire = {
  type: 'application/json; charset=utf-8',
  value: (value) => JSON.stringify(plain(value)),
  failure: ({ text, reason, fault }) =>
    JSON.stringify({ result: false, result_text: text, error: text, ...(fault === undefined && { reason }) }),
};

type Plain = string | number | boolean | Plain[] | { [name: string]: Plain };

function plain(value: OutValue): Plain {
  if (typeof value !== 'object') return value;
  if (value instanceof Base64) {
    // This dialect's base64 is text; bytes leave by addresses.
    return typeof value.content === 'string' ? value.content : new TextDecoder().decode(value.content);
  }
  if (value instanceof DateTime) return `${new Date(value.epochMs).toISOString().slice(0, 19)}+00:00`;
  if (Array.isArray(value)) return value.map(plain);
  const members: Record<string, Plain> = {};
  for (const [name, member] of Object.entries(value)) if (member !== undefined) members[name] = plain(member);
  return members;
}
