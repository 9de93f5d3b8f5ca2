// Calls to Conversation objects: the one place that has their stubs, retries what the platform calls retryable, and
// turns refusals into what the dialects map.
import type { ConversationApi } from '../conversation/api.ts';
import { LET_GO } from '../conversation/evictor.ts';
import { highestNumber } from '../directory/conversations.ts';
import { directoryFor } from '../directory/door.ts';
import { notFound, Refused, type Result, unavailable, unwrap } from '../domain/errors.ts';
import type { ConversationNumber } from '../domain/ids.ts';
import type { Caller, Hub } from './context.ts';

const ATTEMPTS = 3;
/** Before another attempt, up to so long times its number: callers whose object broke must not come back at once. */
const PAUSE_MS = 50;

/** An error that the platform threw for a call. */
interface PlatformError extends Error {
  retryable?: boolean;
  overloaded?: boolean;
}

export const conversationStub = (hub: Hub, c: ConversationNumber): ConversationApi =>
  hub.env.CONVERSATION.getByName(String(c)) as unknown as ConversationApi;

/**
 * One call, with the refusal thrown. `repeatable`: doing it twice is doing it once, so a call whose answer got lost
 * may be made again; others are tried again only when the object says that it never began.
 */
export async function call<T>(
  hub: Hub,
  c: ConversationNumber,
  work: (stub: ConversationApi) => Promise<Result<T>>,
  repeatable = true,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return unwrap(await work(conversationStub(hub, c)));
    } catch (error) {
      if (error instanceof Refused) throw error;
      const { retryable, overloaded } = error as PlatformError;
      const lost = repeatable && retryable === true && overloaded !== true;
      if (attempt >= ATTEMPTS || !(lost || String(error).includes(LET_GO))) {
        console.error(
          JSON.stringify({ at: 'call', request: hub.requestId, conversation: c, error: String(error) }),
        );
        throw new Refused(unavailable(String(error)));
      }
      const pause = Math.random() * PAUSE_MS * attempt;
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }
}

/**
 * A call for a number that a client named. Not found where no conversation was ever given it, without touching an object.
 */
export async function reach<T>(
  hub: Hub,
  caller: Caller,
  c: ConversationNumber,
  work: (stub: ConversationApi) => Promise<Result<T>>,
  repeatable = true,
): Promise<T> {
  await refuseUngiven(hub, caller, c);
  const value = await call(hub, c, work, repeatable);
  hub.isolate.given.saw(c);
  return value;
}

/** Throws not_found for a number that was never given. Asks the directory only beyond the highest one known here. */
export async function refuseUngiven(hub: Hub, caller: Caller, c: ConversationNumber): Promise<void> {
  const highest = () => highestNumber(directoryFor(hub.env, caller.app.number));
  if (!(await hub.isolate.given.mayExist(c, highest, hub.defer))) throw new Refused(notFound('conversation'));
}

/** How long this caller's change waits for lists and search: a live socket sees it anyway (DESIGN.md 2). */
export const waitOf = (hub: Hub, caller: Caller): number =>
  caller.door === 'realtime' ? 0 : hub.settings.indexWaitMs;
