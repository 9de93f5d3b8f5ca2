// Conversations that an app keeps no longer (its `retentionSeconds`): deleted some at a time, by the platform's clock.
import { appsThatForget, type Expired, findExpired } from '../directory/expired.ts';
import { Refused } from '../domain/errors.ts';
import type { AppNumber } from '../domain/ids.ts';
import { appByNumber, appCaller } from './apps.ts';
import type { App, Hub } from './context.ts';
import { deleteConversation, viewConversation } from './conversations.ts';
import { ask } from './directory.ts';

/** Conversations found in one step and deleted at a time, and in one sweep of an app; the rest waits for the next. */
const STEP = 50;
const AT_ONCE = 4;
const MOST = 1_000;

/** Deletes what is due at `now` (ms since 1970); gives how many went. One that does not answer is tried by the next sweep. */
export async function expireConversations(hub: Hub, now: number): Promise<number> {
  let deleted = 0;
  for (const { number, seconds } of await ask(hub, null, appsThatForget))
    deleted += await expireIn(hub, number, now - seconds * 1000);
  return deleted;
}

async function expireIn(hub: Hub, number: AppNumber, before: number): Promise<number> {
  const app = await appByNumber(hub, number);
  let deleted = 0;
  let after: Expired | null = null;
  for (let seen = 0; seen < MOST; ) {
    const found: Expired[] = await ask(hub, number, (d1) => findExpired(d1, number, before, after, STEP));
    for (let i = 0; i < found.length; i += AT_ONCE) {
      const gone = await Promise.all(
        found.slice(i, i + AT_ONCE).map((each) => expire(hub, app, each, before)),
      );
      deleted += gone.filter(Boolean).length;
    }
    after = found.at(-1) ?? null;
    seen += found.length;
    if (found.length < STEP) break;
  }
  return deleted;
}

async function expire(hub: Hub, app: App, { number }: Expired, before: number): Promise<boolean> {
  const caller = appCaller(app, 'operator');
  try {
    // The log knows of a message that the directory has not heard of yet.
    if ((await viewConversation(hub, caller, number)).lastAt >= before) return false;
    await deleteConversation(hub, caller, number);
    return true;
  } catch (error) {
    // A number that was never opened, or one whose object is away: the walk goes on behind it.
    if (error instanceof Refused) return false;
    throw error;
  }
}
