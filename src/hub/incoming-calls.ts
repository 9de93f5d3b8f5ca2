// Calls at incoming hooks: who may make them, how often, and how many there were. Counted in the memory of the isolate that
// a call came to, and written down now and then, so that a message costs its hook no row
// (contracts/webhooks-bridges-widget.md W30).
import { createHash } from 'node:crypto';
import { directoryFor } from '../directory/door.ts';
import { countKnocks, findIncoming, type IncomingHook } from '../directory/incoming.ts';
import { Refused } from '../domain/errors.ts';
import type { IncomingHookNumber } from '../domain/ids.ts';
import { incomingHookNumber } from '../domain/ids.ts';
import { HOOK_CALLS_PER_MINUTE, type HookShape } from '../domain/incoming.ts';
import { sameSecret } from '../http/secrets.ts';
import { appByNumber } from './apps.ts';
import type { App, Hub } from './context.ts';
import { ask } from './directory.ts';
import { unseal } from './sealing.ts';

/** What came to a hook and is not written down yet. */
export interface Knocks {
  arrived: number;
  refused: number;
  /** ms since 1970. */
  lastArrivedAt: number | null;
  lastRefusedAt: number | null;
  /** When it was last written down. */
  writtenAt: number;
}

const MINUTE_MS = 60_000;
/** Wrong calls from one address at once, and how long each one after them takes to come back. */
const WRONG_CALLS = 30;
const WRONG_REFILL_MS = 2_000;
/** How long counts stay in memory alone. */
const WRITE_EVERY_MS = 30_000;
/** Hooks with counts that are not written down. */
const KNOCKS_KEPT = 1_000;
/** No hook has this number; looked up all the same, so that the time tells nothing. */
const NOBODYS = incomingHookNumber(0);
const NOBODYS_HASH = createHash('sha256').update('nobody').digest('base64url');

export interface Admitted {
  app: App;
  hook: IncomingHook;
  /** What its sender signs with, or shows. */
  secret: string | null;
}

/**
 * The hook of an address; null where there is none of this shape, where the token is wrong, where it is switched off and
 * where its app is gone: all alike, after the same work.
 */
export async function admit(
  hub: Hub,
  shape: HookShape | null,
  number: number | null,
  token: string,
): Promise<Admitted | null> {
  const n = number === null ? NOBODYS : incomingHookNumber(number);
  const hook = await hub.isolate.incoming.get(String(n), () => findIncoming(directoryFor(hub.env, null), n));
  const given = createHash('sha256').update(token).digest('base64url');
  const right = sameSecret(given, hook?.token ?? NOBODYS_HASH) && hook?.shape === shape;
  if (hook && !right) noteRefused(hub, hook);
  if (!hook || !right || hook.state !== 'active') return null;
  try {
    const app = await appByNumber(hub, hook.app);
    return { app, hook, secret: hook.secret === null ? null : await unseal(hub, hook.secret) };
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'not_found') return null;
    throw error;
  }
}

/** What is left of a hook's calls; `resetMs`: until all of them are there again, or one where none is. */
export interface Ration {
  limit: number;
  remaining: number;
  resetMs: number;
}

const limitOf = ({ options }: IncomingHook): number => options.perMinute ?? HOOK_CALLS_PER_MINUTE;

/** Takes one call of a hook. Rate limited: there was none left. */
export function rationHook(hub: Hub, hook: IncomingHook): Ration {
  const limit = limitOf(hook);
  const { taken } = hub.isolate;
  const now = Date.now();
  const costMs = MINUTE_MS / limit;
  if (hub.settings.limits !== 'off') {
    const retryAfterMs = taken.wait(hook.number, costMs, MINUTE_MS, now);
    if (retryAfterMs > 0) {
      const message = `This hook takes ${limit} calls in a minute. Please try again later.`;
      throw new Refused({ code: 'rate_limited', message, retryAfterMs });
    }
    taken.take(hook.number, costMs, now);
  }
  const { times, wholeMs } = taken.left(hook.number, costMs, MINUTE_MS, now);
  const resetMs = times > 0 ? wholeMs : taken.wait(hook.number, costMs, MINUTE_MS, now);
  return { limit, remaining: times, resetMs };
}

/** A call proved nothing. Rate limited: there were too many such from there; right ones are not held up by them. */
export function rationWrong(hub: Hub): void {
  const address = hub.clientAddress();
  if (address === null || hub.settings.limits === 'off') return;
  const now = Date.now();
  const { wrong } = hub.isolate;
  const retryAfterMs = wrong.wait(address, WRONG_REFILL_MS, WRONG_CALLS * WRONG_REFILL_MS, now);
  if (retryAfterMs > 0) {
    const message = 'Too many calls with wrong credentials came from there. Please try again later.';
    throw new Refused({ code: 'rate_limited', message, retryAfterMs });
  }
  wrong.take(address, WRONG_REFILL_MS, now);
}

export const noteArrived = (hub: Hub, hook: IncomingHook): void =>
  note(hub, hook.number, (knocks, now) => {
    knocks.arrived += 1;
    knocks.lastArrivedAt = now;
  });

/** A token or a signature was wrong. */
export const noteRefused = (hub: Hub, hook: IncomingHook): void =>
  note(hub, hook.number, (knocks, now) => {
    knocks.refused += 1;
    knocks.lastRefusedAt = now;
  });

const none = (writtenAt: number): Knocks => ({
  ...{ arrived: 0, refused: 0, lastArrivedAt: null, lastRefusedAt: null, writtenAt },
});

function note(hub: Hub, number: IncomingHookNumber, count: (knocks: Knocks, now: number) => void): void {
  const { knocks } = hub.isolate;
  const now = Date.now();
  const known = knocks.get(number) ?? none(0);
  count(known, now);
  knocks.delete(number);
  knocks.set(number, known);
  if (now - known.writtenAt >= WRITE_EVERY_MS) writeDown(hub, number, known, now);
  const [oldest] = knocks.keys();
  if (knocks.size <= KNOCKS_KEPT || oldest === undefined) return;
  writeDown(hub, oldest, knocks.get(oldest) as Knocks, now);
  knocks.delete(oldest);
}

function writeDown(hub: Hub, number: IncomingHookNumber, counted: Knocks, now: number): void {
  if (counted.arrived + counted.refused === 0) return;
  const { knocks } = hub.isolate;
  knocks.set(number, none(now));
  hub.defer(
    ask(hub, null, (d1) => countKnocks(d1, number, counted)).catch((error) => {
      const since = knocks.get(number);
      // Counted with the next ones.
      if (since) Object.assign(since, added(since, counted));
      throw error;
    }),
  );
}

const added = (a: Knocks, b: Knocks) => ({
  arrived: a.arrived + b.arrived,
  refused: a.refused + b.refused,
  lastArrivedAt: a.lastArrivedAt ?? b.lastArrivedAt,
  lastRefusedAt: a.lastRefusedAt ?? b.lastRefusedAt,
});

/** The hook with what this isolate has counted since. */
export function countedNow(hub: Hub, hook: IncomingHook): IncomingHook {
  const since = hub.isolate.knocks.get(hook.number);
  if (!since) return hook;
  return {
    ...hook,
    arrived: hook.arrived + since.arrived,
    refused: hook.refused + since.refused,
    lastArrivedAt: since.lastArrivedAt ?? hook.lastArrivedAt,
    lastRefusedAt: since.lastRefusedAt ?? hook.lastRefusedAt,
  };
}
