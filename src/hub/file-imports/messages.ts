// A file of messages: all of them go into their rooms, or none. Read and looked up, every room reserved, then each filled in
// order, and let go. Only into rooms where nobody has written yet: a log is never written before its end.
import type { NamedMessage, TakenMessage, TakingView } from '../../conversation/api.ts';
import { directoryFor } from '../../directory/door.ts';
import { findPeople } from '../../directory/import-conversations.ts';
import { Refused } from '../../domain/errors.ts';
import type { ConversationNumber } from '../../domain/ids.ts';
import type { Draft, Json } from '../../domain/model.ts';
import type { JobError, Step, Tools, Work } from '../../jobs/api.ts';
import { appByNumber } from '../apps.ts';
import { call } from '../calls.ts';
import type { Hub } from '../context.ts';
import { masked } from '../masking.ts';
import {
  badIn,
  firstWrong,
  type Kept,
  type MessageFormat,
  type Named,
  roomsOf,
  type Wrong,
} from './message-checks.ts';
import { failed, partsOf, readRows, rowError } from './rows.ts';

/** Messages of one room that are added with one call: what the directory takes in one flush. */
const PART = 200;
/** Parts or rooms in one step: on one machine each room holds three files open until it ends. */
const CALLED = 40;
const PARTS = 10;
const AT_ONCE = 8;
/** How long one call waits for the directory. */
const INDEX_WAIT_MS = 20_000;
const ROOMS = 'rooms';
const MESSAGES = 'messages';

/** A room and the messages for it, which are parts `from` and before `to`. */
type Room = { c: number; from: number; to: number };
type State = {
  phase: 'reserve' | 'add' | 'release';
  at: number;
  rooms: number;
  parts: number;
  total: number;
  error: Json;
};

export const messagesImport = (hub: Hub, format: MessageFormat): Work => ({
  step: async (tools, state) => {
    const at = state as State | null;
    if (at === null) return begin(hub, tools, format);
    if (at.phase === 'reserve') return reserve(hub, tools, format, at);
    return at.phase === 'add' ? add(hub, tools, at) : release(hub, tools, at);
  },
  abandon: (state, error) =>
    state === null ? null : { ...(state as State), phase: 'release', at: 0, error: error as unknown as Json },
});

async function begin(hub: Hub, tools: Tools, format: MessageFormat): Promise<Step> {
  const read = readRows(hub, tools, format);
  if (read.failed) return failed(read.failed);
  const { rows } = read;
  const { app } = tools.order;
  const d1 = directoryFor(hub.env, app);
  const people = await findPeople(d1, app, 'external_id', [...new Set(rows.map(({ author }) => author))]);
  const rooms = await roomsOf(hub, d1, app, format, [...new Set(rows.map(({ room }) => room))]);
  const wrong = firstWrong(rows, people, rooms);
  if (wrong) return failed(rowError(tools, format, wrong.index, wrong.message));
  const named = (id: string): Named => ({ id, number: format.messageOf(hub, id) });
  const byRoom = new Map<number, Kept[]>();
  for (const [index, { uniqueId, room, author, at, parent, draft }] of rows.entries()) {
    const c = rooms.get(room) as number;
    const kept: Kept = {
      index,
      uniqueId,
      author,
      at,
      parent: parent === null ? null : named(parent),
      draft: draft as unknown as Json,
    };
    const held = byRoom.get(c);
    if (held) held.push(kept);
    else byRoom.set(c, [kept]);
  }
  const keep: { list: string; place: number; value: Json }[] = [];
  let parts = 0;
  for (const [place, [c, messages]] of [...byRoom].entries()) {
    // In order of their times, as the log has it; those of one moment as the file has them.
    messages.sort((a, b) => a.at - b.at || a.index - b.index);
    const from = parts;
    for (const part of partsOf(messages as unknown as Json[], PART))
      keep.push({ list: MESSAGES, place: parts++, value: part });
    keep.push({ list: ROOMS, place, value: { c, from, to: parts } satisfies Room });
  }
  const state: State = {
    phase: 'reserve',
    at: 0,
    rooms: byRoom.size,
    parts,
    total: rows.length,
    error: null,
  };
  return { state, percentage: 5, keep };
}

const jobName = ({ order }: Tools): string => String(order.job);

/** The rooms of this step, with where the next one begins. */
function roomsAt(tools: Tools, state: State): { rooms: Room[]; next: number } {
  const next = Math.min(state.rooms, state.at + CALLED);
  const rooms: Room[] = [];
  for (let place = state.at; place < next; place += 1) rooms.push(tools.kept(ROOMS, place) as Room);
  return { rooms, next };
}

function messagesFor(tools: Tools, { from, to }: Room): Kept[] {
  const messages: Kept[] = [];
  for (let part = from; part < to; part += 1)
    messages.push(...(tools.kept(MESSAGES, part) as unknown as Kept[]));
  return messages;
}

async function reserve(hub: Hub, tools: Tools, format: MessageFormat, state: State): Promise<Step> {
  const { rooms, next } = roomsAt(tools, state);
  const wrong: Wrong[] = [];
  await inTurns(rooms, async (room) => {
    const messages = messagesFor(tools, room);
    const found = await reserveRoom(hub, tools, format, room, messages);
    const bad =
      'refused' in found
        ? { index: messages[0]?.index ?? 0, message: found.refused }
        : badIn(messages, found);
    if (bad) wrong.push(bad);
  });
  wrong.sort((a, b) => a.index - b.index);
  const [first] = wrong;
  if (first) {
    const error = rowError(tools, format, first.index, first.message);
    // Those before this step, and those of it.
    return { state: { ...state, phase: 'release', at: 0, rooms: next, error: error as unknown as Json } };
  }
  const done = next === state.rooms;
  return {
    state: { ...state, phase: done ? 'add' : 'reserve', at: done ? 0 : next },
    percentage: 5 + (25 * next) / state.rooms,
  };
}

async function reserveRoom(
  hub: Hub,
  tools: Tools,
  format: MessageFormat,
  { c }: Room,
  messages: readonly Kept[],
): Promise<TakingView | { refused: string }> {
  const ids = messages.map(({ uniqueId: id }) => ({ id, number: format.messageOf(hub, id) }));
  const here = new Set(ids.map(({ id }) => id));
  const parents = messages.flatMap(({ parent }) => (parent && !here.has(parent.id) ? [parent] : []));
  try {
    const step = { step: 'reserve' as const, job: jobName(tools), ids, parents: parents as NamedMessage[] };
    const view = await call(hub, c as ConversationNumber, (stub) =>
      stub.take(tools.order.app, step, { waitMs: 0 }),
    );
    return view as TakingView;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const { code, message } = error.refusal;
    if (code === 'conflict') return { refused: `comments cannot go into its room: ${message}` };
    if (code === 'not_found') return { refused: 'RoomUniqueId is of a room that was deleted' };
    throw error;
  }
}

async function add(hub: Hub, tools: Tools, state: State): Promise<Step> {
  const app = await appByNumber(hub, tools.order.app);
  let { at } = state;
  // Parts of one room come one after the other; no step begins a room that it cannot end, but for a long one.
  const room = (place: number) => tools.kept(ROOMS, place) as Room;
  const position = placeOf(state, room);
  const end = Math.min(state.parts, at + PARTS);
  for (let { place } = position; at < end; at += 1) {
    while (room(place).to <= at) place += 1;
    const messages = tools.kept(MESSAGES, at) as unknown as Kept[];
    await addTo(hub, tools, room(place).c as ConversationNumber, messages, (draft) => masked(app, draft));
  }
  const done = at === state.parts;
  return {
    state: { ...state, phase: done ? 'release' : 'add', at: done ? 0 : at },
    percentage: 30 + (60 * at) / state.parts,
    committed: true,
  };
}

/** The room that part `at` is for: rooms lie in the order of their parts. */
function placeOf({ at, rooms }: State, room: (place: number) => Room): { place: number } {
  let [low, high] = [0, rooms - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (room(middle).to <= at) low = middle + 1;
    else high = middle;
  }
  return { place: low };
}

async function addTo(
  hub: Hub,
  tools: Tools,
  c: ConversationNumber,
  kept: readonly Kept[],
  mask: (draft: Draft) => Draft,
): Promise<void> {
  const { app } = tools.order;
  const d1 = directoryFor(hub.env, app);
  const people = await findPeople(d1, app, 'external_id', [...new Set(kept.map(({ author }) => author))]);
  // Whoever was erased since says nothing.
  const messages = kept.flatMap(({ author, at, uniqueId, parent, draft }): TakenMessage[] => {
    const person = people.get(author);
    if (!person) return [];
    const { user, card } = person;
    return [
      {
        author: { user, card },
        at,
        clientId: uniqueId,
        draft: mask(draft as unknown as Draft),
        parent: parent as NamedMessage | null,
      },
    ];
  });
  const step = { step: 'add' as const, job: jobName(tools), messages };
  await unlessGone(call(hub, c, (stub) => stub.take(app, step, { waitMs: INDEX_WAIT_MS })));
}

async function release(hub: Hub, tools: Tools, state: State): Promise<Step> {
  const { rooms, next } = roomsAt(tools, state);
  const step = { step: 'release' as const, job: jobName(tools), settle: state.error === null };
  await inTurns(rooms, ({ c }) =>
    unlessGone(
      call(hub, c as ConversationNumber, (stub) =>
        stub.take(tools.order.app, step, { waitMs: INDEX_WAIT_MS }),
      ),
    ),
  );
  if (next < state.rooms)
    return { state: { ...state, at: next }, percentage: 90 + (9 * next) / state.rooms, committed: true };
  const error = state.error as JobError | null;
  return { state, rows: error ? 0 : state.total, end: { failed: error } };
}

/** A room that is deleted meanwhile takes what was for it along. */
async function unlessGone(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof Refused) || error.refusal.code !== 'not_found') throw error;
  }
}

async function inTurns<T>(values: readonly T[], work: (value: T) => Promise<unknown>): Promise<void> {
  const rest = values.values();
  const next = async () => {
    for (const value of rest) await work(value);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, next));
}
