// The one place where a refusal becomes what this dialect says of it. Which form that has on the wire is wire.ts.
import { invalid, type Refusal, Refused } from '../../domain/errors.ts';
import { type FaultCode, XmlRpcFault } from '../../xmlrpc/fault.ts';
import { TextRefused } from '../../xmlrpc/read.ts';

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

/** A failed call, before it has the form of a wire. */
export interface Failure {
  /** Safe to show. */
  readonly text: string;
  /** The number that plugins give. */
  readonly reason: number;
  /** For calls that could not be understood, and for failures of the hub, which say nothing but the request's id. */
  readonly fault?: FaultCode;
}

export function failureOf(error: unknown, requestId: string): Failure {
  if (error instanceof Refused) return { text: textOf(error.refusal), reason: REASONS[error.refusal.code] };
  if (error instanceof TextRefused) return { text: error.message, reason: REASON_UNKNOWN };
  if (error instanceof XmlRpcFault) return { text: error.message, reason: REASON_UNKNOWN, fault: error.code };
  return { text: `The server failed. Request ${requestId}`, reason: REASON_UNKNOWN, fault: -32500 };
}

function textOf(refusal: Refusal): string {
  const fields = refusal.code === 'invalid' ? (refusal.fields ?? []) : [];
  return [refusal.message, ...fields.map((field) => field.message)].join(' ');
}
