// The one place where a refusal becomes the wire form of this dialect. What was refused and why is decided elsewhere.
import { invalid, type Refusal, Refused } from '../../domain/errors.ts';
import { encodeFault, encodeResponse } from '../../xmlrpc/encode.ts';
import { XmlRpcFault } from '../../xmlrpc/fault.ts';
import { TextRefused } from '../../xmlrpc/read.ts';
import { base64, bool, int, type OutStruct, struct } from '../../xmlrpc/value.ts';

/**
 * What a call without a session is told. Clients look for "not have permission" to ask for the password again
 * (contracts/tapatalk.md 3).
 */
export const NOT_SIGNED_IN = 'You are not logged in or you do not have permission to do this action.';

/** A refusal for want of a session. */
export const notSignedIn = (): Refused => new Refused({ code: 'unauthorized', message: NOT_SIGNED_IN });

/** A refusal of what was sent, for reasons that only this dialect has. */
export const refuse = (message: string): Refused => new Refused(invalid(message));

const REASON_UNKNOWN = -1;
/** Numbers that plugins give beside the text (contracts/tapatalk.md 3, "Errors"). */
const REASONS: Readonly<Record<Refusal['code'], number>> = {
  not_found: 0,
  unauthorized: 1,
  forbidden: 2,
  locked: 2,
  invalid: REASON_UNKNOWN,
  conflict: REASON_UNKNOWN,
  too_large: REASON_UNKNOWN,
  rate_limited: REASON_UNKNOWN,
  unavailable: REASON_UNKNOWN,
};

/**
 * The document that answers a failed call. A refusal is an ordinary answer with `result` false; a fault is only for
 * calls that could not be understood, and for failures of the hub, which say nothing but the request's id.
 */
export function errorDocument(error: unknown, requestId: string): string {
  if (error instanceof Refused)
    return encodeResponse(failure(textOf(error.refusal), REASONS[error.refusal.code]));
  if (error instanceof TextRefused) return encodeResponse(failure(error.message, REASON_UNKNOWN));
  if (error instanceof XmlRpcFault) return encodeFault(error.code, error.message);
  return encodeFault(-32500, `The server failed. Request ${requestId}`);
}

function failure(message: string, reason: number): OutStruct {
  return struct({ result: bool(false), result_text: base64(message), result_reason: int(reason) });
}

function textOf(refusal: Refusal): string {
  const fields = refusal.code === 'invalid' ? (refusal.fields ?? []) : [];
  return [refusal.message, ...fields.map((field) => field.message)].join(' ');
}
