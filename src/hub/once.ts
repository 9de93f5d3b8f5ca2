// Calls that are made once, however often they are asked for under one key (contracts/webhooks-bridges-widget.md W18). What a
// call and its answer look like is its door's.
import { createHash } from 'node:crypto';
import { beginOnce, finishOnce, forgetOnce, giveUpOnce, heldOnce } from '../directory/once.ts';
import { Refused } from '../domain/errors.ts';
import { refuseOther } from '../domain/once.ts';
import type { Hub } from './context.ts';
import { ask } from './directory.ts';
import { seal, unseal } from './sealing.ts';

/** How long an answer is remembered. */
const REMEMBERED_MS = 12 * 3_600_000;
/** Whoever comes second waits so long for the first, and looks so often. */
const WAIT_MS = 5_000;
const LOOK_MS = 100;
/** Longer than any call of the operator takes: one that has not finished by then never will. */
const LOST_MS = 120_000;

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/**
 * What `work` gives, or gave under this key before: then `again` is true. `asked` tells apart what is asked for; conflict: it was something
 * else. Unavailable: the first is still at it. Where `work` throws, or gives null to `kept`, nothing is remembered.
 */
export async function once<T>(
  hub: Hub,
  { key, asked }: { key: string; asked: string },
  work: () => Promise<T>,
  { kept, shown }: { kept: (done: T) => Promise<string | null>; shown: (text: string) => T },
): Promise<{ done: T; again: boolean }> {
  const [name, print] = [hashOf(key), hashOf(asked)];
  for (const until = Date.now() + WAIT_MS; ; ) {
    const now = Date.now();
    const since = { givenUp: now - LOST_MS, forgotten: now - REMEMBERED_MS };
    if (await ask(hub, null, (d1) => beginOnce(d1, name, print, now, since))) {
      return { done: await doNow(hub, name, now, work, kept), again: false };
    }
    const held = await ask(hub, null, (d1) => heldOnce(d1, name));
    const other = held && refuseOther(held.print, print);
    if (other) throw new Refused(other);
    if (held?.answer) return { done: shown(await unseal(hub, held.answer)), again: true };
    if (held && now > until) {
      throw new Refused({
        code: 'unavailable',
        message: 'The first call with this Idempotency-Key is not done yet.',
        detail: 'still at it',
        retryAfterMs: 1_000,
      });
    }
    if (held) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

async function doNow<T>(
  hub: Hub,
  name: string,
  began: number,
  work: () => Promise<T>,
  kept: (done: T) => Promise<string | null>,
): Promise<T> {
  let text: string | null = null;
  try {
    const done = await work();
    text = await kept(done);
    return done;
  } finally {
    const answer = text === null ? null : await seal(hub, text);
    // Should this fail, whoever asks again waits until the first counts as lost.
    await ask(hub, null, (d1) =>
      answer === null ? giveUpOnce(d1, name, began) : finishOnce(d1, name, began, answer),
    ).catch(() => undefined);
  }
}

export const sweepOnce = (hub: Hub, now: number): Promise<void> =>
  ask(hub, null, (d1) => forgetOnce(d1, now - REMEMBERED_MS));
