// The one union of refusals that every dialect turns into its own wire form, in one place each.

/** What a `not_found` or `conflict` is about, for dialects that name it ("conversation_not_found"). */
export type Subject =
  | 'app'
  | 'user'
  | 'conversation'
  | 'message'
  | 'member'
  | 'key'
  | 'file'
  | 'job'
  | 'device'
  | 'client'
  | 'route'
  | 'integration'
  | 'endpoint'
  | 'hook'
  | 'switchboard'
  | 'line'
  | 'group'
  /** The line that an enabled switchboard begins conversations with. */
  | 'default line';

/** One refused field of the input; `path` as the dialect's caller wrote it ("content.text"). */
export interface FieldProblem {
  path: string;
  message: string;
}

/** `message` is safe to show to anybody; `detail` is for the log and never leaves. */
interface Base {
  message: string;
  detail?: string;
}

export type Refusal =
  | (Base & { code: 'not_found'; subject: Subject })
  /** No or bad credentials. */
  | (Base & { code: 'unauthorized' })
  /** Known caller, not allowed. */
  | (Base & { code: 'forbidden' })
  /** `tooMany`: there are as many of these as there may be. */
  | (Base & { code: 'invalid'; fields?: FieldProblem[]; tooMany?: Subject })
  | (Base & { code: 'conflict'; subject?: Subject; fields?: FieldProblem[] })
  | (Base & { code: 'too_large'; limitBytes?: number })
  /** The conversation takes no messages now. */
  | (Base & { code: 'locked' })
  | (Base & { code: 'rate_limited'; retryAfterMs: number })
  /** Try again: a part of the hub that this call needs does not answer. */
  | (Base & { code: 'unavailable'; retryAfterMs?: number });

export type RefusalCode = Refusal['code'];

/** What crosses an object's border: refusals are values there, because an Error loses its class on the way. */
export type Result<T> = { ok: true; value: T } | { ok: false; refusal: Refusal };

export const ok = <T>(value: T): Result<T> => ({ ok: true, value });
export const refused = (refusal: Refusal): { ok: false; refusal: Refusal } => ({ ok: false, refusal });

/** A refusal on its way up to the dialect's error mapper. */
export class Refused extends Error {
  readonly refusal: Refusal;
  constructor(refusal: Refusal) {
    super(refusal.message);
    this.name = 'Refused';
    this.refusal = refusal;
  }
}

/** A refusal of one line of many (from 1). Everything before it was taken. */
export class BadLine extends Refused {
  readonly line: number;
  constructor(line: number, refusal: Refusal) {
    super(refusal);
    this.name = 'BadLine';
    this.line = line;
  }
}

/** The value of a result, or its refusal thrown. */
export function unwrap<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Refused(result.refusal);
}

export const notFound = (subject: Subject, message = `${capital(subject)} not found`): Refusal => ({
  code: 'not_found',
  subject,
  message,
});
export const forbidden = (message: string): Refusal => ({ code: 'forbidden', message });
export const invalid = (message: string, fields?: FieldProblem[]): Refusal => ({
  code: 'invalid',
  message,
  fields,
});
export const tooMany = (subject: Subject, message: string): Refusal => ({
  code: 'invalid',
  message,
  tooMany: subject,
});
export const unavailable = (detail?: string): Refusal => ({
  code: 'unavailable',
  message: 'The service is busy. Please try again in a moment.',
  detail,
  retryAfterMs: 1000,
});

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
