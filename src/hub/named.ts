// Conversations by the names that an app gives them, and how much was said in an app.
import { findByClaim } from '../directory/conversations.ts';
import { countMessages } from '../directory/counting.ts';
import { forbidden, notFound, Refused } from '../domain/errors.ts';
import type { ConversationNumber } from '../domain/ids.ts';
import type { App, Hub } from './context.ts';
import { ask } from './directory.ts';

/** The conversation of this unique id, as remembered for some seconds. Not found: none has it. */
export const conversationByUniqueId = (hub: Hub, app: App, uniqueId: string): Promise<ConversationNumber> =>
  hub.isolate.named.get(`${app.number} ${uniqueId}`, async () => {
    const birth = await ask(hub, app.number, (d1) => findByClaim(d1, app.number, 'uniqueId', uniqueId));
    // Thrown, so that nobody remembers it: it may be made at any moment.
    if (!birth) throw new Refused(notFound('conversation'));
    return birth.number;
  });

/** Messages posted in the app from one time to another (ms since 1970). Forbidden where the app keeps no archive. */
export function messagesBetween(hub: Hub, app: App, from: number, to: number): Promise<number> {
  if (!app.settings.archive) throw new Refused(forbidden('This app keeps no archive to count in.'));
  return ask(hub, app.number, (d1) => countMessages(d1, app.number, from, to));
}
