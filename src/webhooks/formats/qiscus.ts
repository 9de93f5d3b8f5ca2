// The callbacks of the Qiscus API (contracts/qiscus.md 8): one call for each comment. How one looks is the dialect's.
import { commentEvent, typeOfEvent } from '../../dialects/qiscus/events.ts';
import { Refused } from '../../domain/errors.ts';
import type { ConversationNumber } from '../../domain/ids.ts';
import { userNumber } from '../../domain/ids.ts';
import type { Member, MessageEntry } from '../../domain/model.ts';
import { STANDARD_DELAYS_MS } from '../../endpoint/schedule.ts';
import { appByNumber, appCaller } from '../../hub/apps.ts';
import type { Caller, Hub } from '../../hub/context.ts';
import { peopleOfConversation } from '../../hub/members.ts';
import { type MessagePage, messagesNamed } from '../../hub/messages.ts';
import type { Fed, Format } from './format.ts';

/** People of a room who are told; the vendor's rooms have fewer. */
const MOST_PEOPLE = 1_000;

export const qiscus: Format = {
  defaults: { delaysMs: STANDARD_DELAYS_MS, final: [], timeoutMs: 15_000, ordered: true },
  events: (_feed, fed) => {
    if (fed?.entry.kind !== 'message' || fed.entry.message.deleted) return [];
    return [{ type: typeOfEvent(fed.entry.message), suffix: '' }];
  },
  // It tells of comments alone, and of all of them.
  wants: () => true,
  // Who is in the room stands in the room alone.
  asks: () => true,
  body: async (hub, hook, { about, fed }) => {
    const entry = messageIn(fed);
    const app = await appByNumber(hub, hook.app);
    const around = await aroundOf(hub, appCaller(app, 'qiscus'), about.facts.number, entry);
    const people =
      around?.people ?? fed?.people.map((known) => ({ ...known, standing: 'active' as const })) ?? [];
    const card = fed?.people.find(({ user }) => user === entry.author)?.card ?? null;
    return JSON.stringify(
      commentEvent(hub, { facts: about.facts, entry, card, people, page: around?.page ?? null }),
    );
  },
  hello: (_hub, hook) => ({
    type: 'test',
    body: JSON.stringify({ type: 'test', payload: { app_code: hook.slug } }),
  }),
};

function messageIn(fed: Fed['fed']): MessageEntry {
  if (fed?.entry.kind !== 'message') throw new Error('a callback without a comment');
  return fed.entry;
}

/** Who is in the room, and the comment as it stands there; null: the room was deleted meanwhile. */
async function aroundOf(
  hub: Hub,
  caller: Caller,
  c: ConversationNumber,
  { id }: MessageEntry,
): Promise<{ people: Member[]; page: MessagePage } | null> {
  try {
    const window = { after: userNumber(0), limit: MOST_PEOPLE, activeOnly: true };
    const [page, { members }] = await Promise.all([
      messagesNamed(hub, caller, c, [{ id }]),
      peopleOfConversation(hub, caller, c, window),
    ]);
    return { people: members, page };
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'not_found') return null;
    throw error;
  }
}
