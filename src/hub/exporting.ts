// Exports of an app: everybody, every conversation, every message, in slices of a bounded size, in the words of whichever
// door asks. How a job runs is jobs/; what a row of the file looks like is the door's.

import { directoryFor } from '../directory/door.ts';
import {
  conversationsAfter,
  countFor,
  externalIdsOf,
  type PersonListed,
  peopleAfter,
  peopleIn,
} from '../directory/exporting.ts';
import { Refused } from '../domain/errors.ts';
import type { ConversationNumber, Seq, UserNumber } from '../domain/ids.ts';
import type { ConversationFacts, ConversationView, Json, JsonObject, MessageEntry } from '../domain/model.ts';
import type { Step, Tools, Work } from '../jobs/api.ts';
import { appByNumber, appCaller } from './apps.ts';
import { type Caller, type Hub, hubOf } from './context.ts';
import { messageOf, messagesBySeq } from './messages.ts';

/** People in one slice: half a second of D1, some 200 KB. */
const PEOPLE = 1_000;
/** Conversations in one slice, and members of theirs: some 300 KB. One with more is a slice of its own. */
const CONVERSATIONS = 200;
const MEMBERS = 5_000;
/** Messages in one slice and in one call, and characters of their rows after which a slice ends: few are long. */
const MESSAGES = 500;
const PAGE = 50;
const SLICE_CHARS = 1_000_000;
/** Conversations called in one slice: on one machine each holds three files open until it ends. */
const CALLED = 40;

export type ExportedPerson = PersonListed;

export interface ExportedRoom {
  facts: ConversationFacts;
  /** External ids; null: nobody who is still there. */
  creator: string | null;
  members: { externalId: string; name: string }[];
}

export interface ExportedMessage {
  view: ConversationView;
  entry: MessageEntry;
  /** The message that it answers, if that is still there. */
  parent: MessageEntry | null;
}

/** Rows of a file as a door writes them; null: there is no row for it. */
export interface ExportFormat {
  mime: string;
  person(hub: Hub, person: ExportedPerson): JsonObject | null;
  room(hub: Hub, room: ExportedRoom): JsonObject | null;
  message(hub: Hub, caller: Caller, message: ExportedMessage): JsonObject | null;
}

/** What an export is asked for: what was made from `from` on and before `to` (ms since 1970). */
export type ExportParams = { from: number; to: number };

/** The three exports of a door: people, conversations and messages. */
export function exportWorks(hub: Hub, format: ExportFormat): Record<'people' | 'rooms' | 'messages', Work> {
  const work = (what: 'people' | 'conversations' | 'messages', slice: Slice): Work => ({
    step: async (tools, state) => {
      const context = await contextOf(hub, format, tools);
      const before =
        (state as Place | null) ??
        ({ after: null, rows: 0, seen: 0, of: await countFor(context.d1, tools.order.app, what) } as Place);
      const { rows, place, seen } = await slice(context, before.after);
      return stepOf(before, rows, place, seen);
    },
  });
  return {
    people: work('people', peopleSlice),
    rooms: work('conversations', roomsSlice),
    messages: work('messages', messagesSlice),
  };
}

/** Where a slice begins, and what was done before. */
type Place = { after: Json; rows: number; seen: number; of: number };

interface Context {
  hub: Hub;
  d1: D1Database;
  format: ExportFormat;
  caller: Caller;
  params: ExportParams;
}

/** Rows as JSON, where the next slice begins (null: that was all), and how much was looked at. */
type Slice = (context: Context, after: Json) => Promise<{ rows: string[]; place: Json; seen: number }>;

async function contextOf(here: Hub, format: ExportFormat, { order }: Tools): Promise<Context> {
  // No request reaches a job: its own hub knows no address of itself.
  const hub = hubOf(here.env, order.origin ?? here.origin, here.defer);
  const caller = appCaller(await appByNumber(hub, order.app), 'operator');
  const params = order.params as ExportParams;
  return { hub, d1: directoryFor(hub.env, order.app), format, caller, params };
}

/** A JSON array, a row in each line. */
function stepOf(before: Place, rows: readonly string[], place: Json, seen: number): Step {
  const after: Place = { ...before, after: place, rows: before.rows + rows.length, seen: before.seen + seen };
  const lines = rows.join(',\n');
  const head = before.after === null ? '[\n' : before.rows > 0 && rows.length > 0 ? ',\n' : '';
  return {
    state: after,
    rows: after.rows,
    percentage: (100 * after.seen) / Math.max(1, before.of),
    text: `${head}${lines}${place === null ? '\n]\n' : ''}`,
    ...(place === null ? { end: { failed: null } } : {}),
  };
}

const written = (row: JsonObject | null): string[] => (row === null ? [] : [JSON.stringify(row)]);

const within = ({ params }: Context, ms: number): boolean => ms >= params.from && ms < params.to;

async function peopleSlice(context: Context, after: Json) {
  const { hub, d1, format, caller } = context;
  const found = await peopleAfter(d1, caller.app.number, (after as string | null) ?? '', PEOPLE);
  const rows = found
    .filter(({ createdAt }) => within(context, createdAt))
    .flatMap((person) => written(format.person(hub, person)));
  const place = found.length < PEOPLE ? null : (found.at(-1) as ExportedPerson).externalId;
  return { rows, place, seen: found.length };
}

async function roomsSlice(context: Context, after: Json) {
  const { hub, d1, format, caller } = context;
  const found = await conversationsAfter(d1, caller.app.number, (after as number | null) ?? 0, CONVERSATIONS);
  let members = 0;
  const cut = found.findIndex(({ memberCount }, i) => {
    members += memberCount;
    return i > 0 && members > MEMBERS;
  });
  const taken = cut < 0 ? found : found.slice(0, cut);
  const wanted = taken.filter(({ facts }) => within(context, facts.createdAt)).map(({ facts }) => facts);
  const people = await peopleIn(
    d1,
    wanted.map(({ number }) => number),
  );
  const creators = await externalIdsOf(d1, caller.app.number, [
    ...new Set(wanted.flatMap(({ creator }) => creator ?? [])),
  ]);
  const rows = wanted.flatMap((facts) => {
    const creator = facts.creator === null ? null : (creators.get(facts.creator) ?? null);
    return written(format.room(hub, { facts, creator, members: people.get(facts.number) ?? [] }));
  });
  const more = cut >= 0 || found.length === CONVERSATIONS;
  return { rows, place: more ? (taken.at(-1)?.facts.number ?? null) : null, seen: taken.length };
}

/** In which conversation, and behind which of its entries. */
type MessagePlace = { after: number; in: number | null; seq: Seq };

async function messagesSlice(context: Context, after: Json) {
  const { d1, caller, params } = context;
  const rows: string[] = [];
  let place = (after as MessagePlace | null) ?? { after: 0, in: null, seq: 0 };
  let seen = 0;
  if (place.in !== null) {
    const done = await messagesIn(context, place.in as ConversationNumber, place.seq, rows);
    seen += done.seen;
    if (done.seq !== null) return { rows, place: { ...place, seq: done.seq } as Json, seen };
    place = { after: place.in, in: null, seq: 0 };
  }
  const found = await conversationsAfter(d1, caller.app.number, place.after, CONVERSATIONS);
  let called = 0;
  for (const { facts, messageCount, lastAt } of found) {
    if (messageCount > 0 && lastAt >= params.from) {
      if (called === CALLED || seen >= MESSAGES || isLong(rows)) return { rows, place: place as Json, seen };
      called += 1;
      const done = await messagesIn(context, facts.number, 0, rows);
      seen += done.seen;
      if (done.seq !== null) {
        return { rows, place: { after: place.after, in: facts.number, seq: done.seq } as Json, seen };
      }
    }
    place = { after: facts.number, in: null, seq: 0 };
  }
  return { rows, place: found.length === CONVERSATIONS ? (place as Json) : null, seen };
}

const isLong = (rows: readonly string[]): boolean =>
  rows.reduce((sum, row) => sum + row.length, 0) > SLICE_CHARS;

/** At most {@link MESSAGES} of one conversation behind `seq`; gives where to go on in it, null: nowhere. */
async function messagesIn(
  context: Context,
  c: ConversationNumber,
  from: Seq,
  rows: string[],
): Promise<{ seq: Seq | null; seen: number }> {
  const { hub, caller, format } = context;
  let seen = 0;
  for (let seq = from; ; ) {
    const page = await pageOf(context, c, seq);
    if (!page) return { seq: null, seen };
    const parents = new Map(page.messages.map((entry) => [entry.seq, entry]));
    for (const entry of page.messages) {
      if (!within(context, Math.floor(entry.at / 1000))) continue;
      const parent = await parentOf(context, c, entry, parents);
      rows.push(...written(format.message(hub, caller, { view: page.view, entry, parent })));
    }
    seen += page.messages.length;
    const last = page.messages.at(-1);
    if (!last || !page.hasMore) return { seq: null, seen };
    seq = last.seq;
    if (seen >= MESSAGES || isLong(rows)) return { seq, seen };
  }
}

/** Null: it was deleted since. */
async function pageOf({ hub, caller }: Context, c: ConversationNumber, after: Seq) {
  try {
    return await messagesBySeq(hub, caller, c, { after, limit: PAGE });
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'not_found') return null;
    throw error;
  }
}

async function parentOf(
  { hub, caller }: Context,
  c: ConversationNumber,
  { message }: MessageEntry,
  near: ReadonlyMap<Seq, MessageEntry>,
): Promise<MessageEntry | null> {
  const { replyTo } = message;
  if (!replyTo) return null;
  const parent = near.get(replyTo) ?? (await messageOf(hub, caller, c, replyTo));
  return parent.message.deleted ? null : parent;
}

/** Somebody's external id by their number, among those whom a view shows. */
export const externalIdIn = (view: ConversationView, user: UserNumber | null): string | null =>
  view.members.find((member) => member.user === user)?.card.externalId || null;
