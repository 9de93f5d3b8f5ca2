// Taking out the files that nothing holds: uploads that found no message, files of deleted messages, and claims of posts
// whose end nobody has told. Some at a time; each step may come again.

import { directoryFor } from '../directory/door.ts';
import {
  bindFile,
  doomFiles,
  dueFiles,
  type FileRow,
  forgetFiles,
  postponeFile,
  releaseFiles,
} from '../directory/files.ts';
import { Refused } from '../domain/errors.ts';
import { keyOf } from '../files/address.ts';
import { eraseFiles } from '../files/store.ts';
import { call } from './calls.ts';
import type { Hub } from './context.ts';
import { UNBOUND_MS } from './files.ts';

/** Files in one step, and steps of one sweep: 5,000 files, a few seconds. What is left waits for the next one. */
const STEP_FILES = 100;
const STEPS = 50;
/** Conversations asked at a time, and how long one that does not answer is left alone. */
const AT_ONCE = 6;
const LATER_MS = 600_000;

export interface Swept {
  /** Files whose bytes are gone. */
  erased: number;
  /** Claims whose end was found out. */
  settled: number;
}

/** Does what is due at `now` (ms since 1970). */
export async function sweepFiles(hub: Hub, now: number): Promise<Swept> {
  const d1 = directoryFor(hub.env, null);
  const swept: Swept = { erased: 0, settled: 0 };
  for (let step = 0; step < STEPS; step++) {
    const due = await dueFiles(d1, now, STEP_FILES);
    if (due.length === 0) break;
    const waiting = due.filter(({ state }) => state === 'new' || state === 'ready');
    if (waiting.length > 0) await doomFiles(d1, numbersOf(waiting), ['new', 'ready'], now);
    const claimed = due.filter(({ state }) => state === 'claimed');
    for (let i = 0; i < claimed.length; i += AT_ONCE) {
      const settled = await Promise.all(
        claimed.slice(i, i + AT_ONCE).map((row) => settle(hub, d1, row, now)),
      );
      swept.settled += settled.filter(Boolean).length;
    }
    const doomed = due.filter(({ state }) => state === 'doomed');
    if (doomed.length > 0) {
      const files = doomed.map((row) => ({
        key: keyOf(row.app, row.number, row.nonce),
        uploadId: row.uploadId,
      }));
      await eraseFiles(hub.env.FILES, files);
      await forgetFiles(d1, numbersOf(doomed));
      swept.erased += doomed.length;
    }
  }
  return swept;
}

const numbersOf = (rows: readonly FileRow[]) => rows.map(({ number }) => number);

/**
 * Finds out what became of a post, and does what it left undone. The time in which its conversation would have taken
 * it is over, so what that says now is final.
 */
async function settle(hub: Hub, d1: D1Database, row: FileRow, now: number): Promise<boolean> {
  const { number, app, conversation, claim, attempts } = row;
  try {
    const posted = await whatBecame(hub, row);
    if (posted === null) await releaseFiles(d1, app, [number], claim ?? '', attempts, UNBOUND_MS);
    else if (posted.deleted) await doomFiles(d1, [number], ['claimed'], now);
    else await bindFile(d1, row, posted.id);
    return true;
  } catch (error) {
    console.error(JSON.stringify({ at: 'files', file: number, conversation, error: String(error) }));
    await postponeFile(d1, number, now + LATER_MS);
    return false;
  }
}

/** The message that was posted with this claim; null: none was. */
async function whatBecame(hub: Hub, { app, conversation, claim }: FileRow) {
  // It never came to a post: the conversation is named before.
  if (conversation === null || claim === null) return null;
  try {
    return await call(hub, conversation, (stub) => stub.posted(app, claim));
  } catch (error) {
    // Never begun, or deleted since: no message has the file.
    if (error instanceof Refused && error.refusal.code === 'not_found') return null;
    throw error;
  }
}
