// How use cases ask the directory: with a limit to their patience, and one answer for every way it can be away.
import { causeOf, directoryFor, reasonOf, takenColumn } from '../directory/door.ts';
import { Refused, unavailable } from '../domain/errors.ts';
import type { AppNumber } from '../domain/ids.ts';
import { within } from '../domain/within.ts';
import type { Hub } from './context.ts';

/** A person waits for this call: a directory that is slower than this is away for them. */
const PATIENCE_MS = 5_000;

/**
 * The outcome of `work` on the directory of an app (null: the one that allots apps). Refused `unavailable` where it
 * does not answer; a unique index's refusal (takenColumn) is thrown as the database said it, for the use case knows what
 * it means. No error that leaves here names a bound value.
 */
export async function ask<T>(
  hub: Hub,
  app: AppNumber | null,
  work: (d1: D1Database) => Promise<T>,
): Promise<T> {
  try {
    return await within(PATIENCE_MS, work(directoryFor(hub.env, app)));
  } catch (error) {
    if (error instanceof Refused) throw error;
    if (takenColumn(error) !== null) throw causeOf(error);
    console.error(JSON.stringify({ at: 'directory', request: hub.requestId, error: reasonOf(error) }));
    throw new Refused(unavailable());
  }
}
