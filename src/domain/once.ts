// A create that is asked for more than once and done once: by the caller's key, and a print of what was asked for.
import type { Refusal } from './errors.ts';

export interface Once {
  /** Of the app's creates of its kind, one has it. */
  key: string;
  /** What was asked for; the same key with another one is a mistake. Null: the key says all. */
  print: string | null;
}

/** Null: the create that holds the key was of the same. */
export const refuseOther = (held: string | null, print: string | null): Refusal | null =>
  held === print ? null : { code: 'conflict', message: 'This Idempotency-Key was used for something else.' };
