// How far a customer has been answered: what somebody of the team who is in no place of their own has to read. Pure.
import type { Ordinal, Seq, UserNumber } from './ids.ts';
import { OWN_CLIENT_ID, type Role } from './model.ts';

/** Who of those that speak in a customer's conversation asks; everybody else answers: the team, its voice, other networks. */
const ASKING: ReadonlySet<Role> = new Set<Role>(['visitor', 'member']);

/** Beginning of the client id of what the hub says while nobody is there: that answers nothing. */
export const NOBODY_THERE = `${OWN_CLIENT_ID}offline `;

/** Where somebody spoke last. */
export interface Spoken {
  user: UserNumber;
  /** Undefined: not known any more. */
  role: Role | undefined;
  seq: Seq;
  n: Ordinal;
}

/** Whether the newest message, of somebody in this role, answers nothing: the app's voice spoke unasked, or took it back. */
export const isNoAnswer = (role: Role | undefined, gone: boolean, unasked: boolean): boolean =>
  role === 'business' && (gone || unasked);

/**
 * The last answer; zeros where there is none. `customer`: who asks whatever their role is. Not counted is `except`'s, whose
 * newest message is none ({@link isNoAnswer}).
 */
export function lastAnswer(
  spoken: Iterable<Spoken>,
  { customer, except = null }: { customer: UserNumber | null; except?: UserNumber | null },
): { seq: Seq; n: Ordinal } {
  let last: { seq: Seq; n: Ordinal } = { seq: 0, n: 0 };
  for (const { user, role, seq, n } of spoken) {
    if (role === undefined || ASKING.has(role) || user === customer || user === except) continue;
    if (seq > last.seq) last = { seq, n };
  }
  return last;
}
