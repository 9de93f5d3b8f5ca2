// When a delivery is tried again, and when an endpoint is left alone (contracts/webhooks-bridges-widget.md W7 to W11).
// Pure: clock and chance are passed in.

export interface Policy {
  /** One in flight for each conversation, the next one after it; else they overtake each other. */
  ordered: boolean;
  /** In flight at most, over all conversations. */
  concurrency: number;
  perSecond: number;
  timeoutMs: number;
  /** Before the second attempt, the third…; one attempt more than there are. */
  delaysMs: readonly number[];
  /** Statuses after which nothing is tried again. */
  final: readonly number[];
  /** How long deliveries are kept, sent or not, and how many of them (W16, W26). */
  keptMs: number;
  keptMost: number;
}

/** What came of one call. */
export interface Answer {
  /** null: none; `reason` says why. */
  status: number | null;
  reason: string | null;
  timedOut: boolean;
  /** The header. */
  retryAfter: string | null;
  ms: number;
  /** Until the answer began; absent: it did not. */
  firstMs?: number;
  excerpt: string | null;
  headers: Record<string, string>;
  /** Why nothing can be sent there until somebody changes something. */
  hopeless?: string;
}

export interface Verdict {
  /** again: at `at` (ms since 1970). */
  outcome: { kind: 'delivered' } | { kind: 'again'; at: number } | { kind: 'dead'; reason: string };
  /** Why the endpoint is left alone from now on. */
  disable: string | null;
  /** The endpoint gets one call at a time until then; ms since 1970. */
  slowUntil: number | null;
}

const S = 1_000;
const H = 3_600 * S;
/** 0, 5 s, 5 m, 30 m, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h: ten attempts over 75.6 hours (W9). */
export const STANDARD_DELAYS_MS: readonly number[] = [
  ...[5 * S, 300 * S, 1_800 * S],
  ...[2 * H, 5 * H, 10 * H, 14 * H, 20 * H, 24 * H],
];
const JITTER = 0.2;
/** A receiver that is overloaded is given so long (W10). */
const REST_MS = 60 * S;
const OVERLOADED = new Set([429, 502, 504]);
/** Nothing but failure for so long (W11). */
export const GIVE_UP_MS = 120 * H;
/** Failures in a row that are worth a warning, of a hundred (W11). */
export const WARN_AT: readonly number[] = [50, 70, 90, 100];

export const succeeded = (status: number | null): boolean => status !== null && status >= 200 && status < 300;

/**
 * `tries`: attempts of this round, with this one. `failingSince`: ms since 1970 of the first failure since the last
 * success. `fixedMs`: in place of every schedule and floor, for development.
 */
export function judge(
  policy: Pick<Policy, 'delaysMs' | 'final'>,
  answer: Pick<Answer, 'status' | 'reason' | 'timedOut' | 'retryAfter' | 'hopeless'>,
  {
    tries,
    failingSince,
    now,
    random,
    fixedMs,
  }: {
    tries: number;
    failingSince: number | null;
    now: number;
    random: () => number;
    fixedMs: number | null;
  },
): Verdict {
  const { status } = answer;
  if (succeeded(status)) return { outcome: { kind: 'delivered' }, disable: null, slowUntil: null };
  const overloaded = answer.timedOut || (status !== null && OVERLOADED.has(status));
  const slowUntil = overloaded ? now + (fixedMs ?? REST_MS) : null;
  const hopeless = failingSince !== null && now - failingSince >= GIVE_UP_MS;
  const gone = status === 410 ? 'it answered 410' : null;
  const disable = answer.hopeless ?? gone ?? (hopeless ? 'nothing succeeded for 120 hours' : null);
  const delay = policy.delaysMs[tries - 1];
  const why = status === null ? (answer.reason ?? 'no answer') : `status ${status}`;
  if (status !== null && policy.final.includes(status))
    return { outcome: { kind: 'dead', reason: `${why} is final` }, disable, slowUntil };
  if (delay === undefined) {
    const missing = status === 404 ? 'it answered 404 to the last attempt' : null;
    return {
      outcome: { kind: 'dead', reason: `${why} after the last attempt` },
      disable: disable ?? missing,
      slowUntil,
    };
  }
  const wait = fixedMs ?? waitMs(delay, overloaded, answer.retryAfter, now, random);
  return { outcome: { kind: 'again', at: now + wait }, disable, slowUntil };
}

/** What a receiver asks for counts from what is scheduled to twice that; what is overloaded gets a minute at least. */
function waitMs(
  delay: number,
  overloaded: boolean,
  retryAfter: string | null,
  now: number,
  random: () => number,
): number {
  const scheduled = Math.max(overloaded ? REST_MS : 0, delay * (1 + JITTER * (2 * random() - 1)));
  const asked = retryAfter === null ? null : secondsIn(retryAfter, now);
  return Math.round(asked === null ? scheduled : Math.min(Math.max(asked, scheduled), 2 * scheduled));
}

/** Seconds, or a date (RFC 9110 10.2.3); in ms from now. Null where it is neither. */
function secondsIn(retryAfter: string, now: number): number | null {
  const text = retryAfter.trim();
  if (/^\d{1,9}$/.test(text)) return Number(text) * S;
  const date = /[a-z]/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
