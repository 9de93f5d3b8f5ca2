// A file of rooms: all of them are made, or none. Read, looked up, given their numbers with one batch, then opened some at a
// time: each with its people, as of the day it was made.
import type { ImportedLog } from '../../conversation/api.ts';
import { directoryFor, takenColumn } from '../../directory/door.ts';
import {
  type FileRoom,
  insertRooms,
  takenPairs,
  takenUniqueIds,
  unnamedConversations,
} from '../../directory/file-imports.ts';
import { type Allotted, type Found, findImported, findPeople } from '../../directory/import-conversations.ts';
import type { ConversationNumber } from '../../domain/ids.ts';
import type { Json } from '../../domain/model.ts';
import type { Step, Tools, Work } from '../../jobs/api.ts';
import { appByNumber } from '../apps.ts';
import { tellBlockers } from '../blocks.ts';
import { call } from '../calls.ts';
import type { Hub } from '../context.ts';
import { failed, firstTwice, partsOf, type RowFormat, readRows, rowError } from './rows.ts';

/** A room as a row says it. */
export interface RoomRow {
  uniqueId: string;
  kind: 'direct' | 'group';
  title: string | null;
  icon: string | null;
  options: string | null;
  public: boolean;
  creator: string;
  /** External ids. Of a direct one: two, the creator's among them. */
  members: string[];
  /** ms since 1970; null: it does not say. */
  createdAt: number | null;
}

export interface RoomFormat extends RowFormat<RoomRow> {
  door: string;
  /** The conversation that a unique id of the hub's making names; null: it is of somebody else's. */
  conversationOf(hub: Hub, uniqueId: string): ConversationNumber | null;
}

/** Rooms opened in one step, and at a time: on one machine each holds three files open until the step ends. */
const OPENED = 40;
const AT_ONCE = 8;
/** How long one waits for the directory. */
const INDEX_WAIT_MS = 20_000;
const LIST = 'rooms';
const STATEMENT_CHARS = 400_000;

type Kept = { room: FileRoom; members: string[] };

type State = { parts: number; total: number; phase: 'put' | 'open'; part: number };

export const roomsImport = (hub: Hub, format: RoomFormat): Work => ({
  step: async (tools, state) => {
    const at = state as State | null;
    if (at === null) return begin(hub, tools, format);
    return at.phase === 'put' ? put(hub, tools, format, at) : open(hub, tools, at);
  },
});

async function begin(hub: Hub, tools: Tools, format: RoomFormat): Promise<Step> {
  const read = readRows(hub, tools, format);
  if (read.failed) return failed(read.failed);
  const { app, job } = tools.order;
  const emails = new Set(read.rows.flatMap(({ creator, members }) => [creator, ...members]));
  const people = await findPeople(directoryFor(hub.env, app), app, 'external_id', [...emails]);
  const bad = read.rows.findIndex((row) => strangerIn(row, people) !== null);
  const wrong =
    bad >= 0 ? { index: bad, message: strangerIn(read.rows[bad] as RoomRow, people) as string } : null;
  const rooms = wrong ? [] : read.rows.map((row, i) => kept(row, people, `${job}:${i}`, tools, format));
  const refused = wrong ?? (await lookUp(hub, tools, format, rooms));
  if (refused) return failed(rowError(tools, format, refused.index, refused.message));
  const parts = [...partsOf(rooms as unknown as Json[], OPENED)];
  return {
    state: { parts: parts.length, total: rooms.length, phase: 'put', part: 0 },
    percentage: 5,
    keep: parts.map((value, place) => ({ list: LIST, place, value })),
  };
}

function strangerIn({ creator, members }: RoomRow, people: ReadonlyMap<string, Found>): string | null {
  if (!people.has(creator)) return `CreatorEmail is nobody's: ${creator}`;
  const stranger = members.find((member) => !people.has(member));
  return stranger === undefined ? null : `ParticipantEmails has somebody who does not exist: ${stranger}`;
}

function kept(
  row: RoomRow,
  people: ReadonlyMap<string, Found>,
  importKey: string,
  tools: Tools,
  { door }: RoomFormat,
): Kept {
  const numberOf = (externalId: string) => (people.get(externalId) as Found).user;
  const members = [...new Set(row.members)];
  const pair = members.map((member) => numberOf(member) as number).sort((a, b) => a - b);
  return {
    members,
    room: {
      importKey,
      nonce: crypto.randomUUID(),
      kind: row.kind,
      creator: numberOf(row.creator),
      door,
      createdAt: row.createdAt ?? tools.now(),
      public: row.public ? 1 : 0,
      title: row.title,
      icon: row.icon,
      options: row.options,
      uniqueId: row.uniqueId,
      pair: row.kind === 'direct' ? pair.join(':') : null,
    },
  };
}

/** The first room that there is already. */
async function lookUp(
  hub: Hub,
  { order }: Tools,
  format: RoomFormat,
  rooms: readonly Kept[],
): Promise<{ index: number; message: string } | null> {
  const { app } = order;
  const d1 = directoryFor(hub.env, app);
  const ids = rooms.map(({ room }) => room.uniqueId);
  const pairs = rooms.map(({ room }) => room.pair);
  const own = ids.map((id) => format.conversationOf(hub, id));
  const [twice, pairTwice] = [firstTwice(ids), firstTwice(pairs)];
  const known = await takenUniqueIds(d1, app, ids);
  const paired = await takenPairs(
    d1,
    app,
    pairs.flatMap((pair) => pair ?? []),
  );
  const unnamed = await unnamedConversations(
    d1,
    app,
    own.flatMap((number) => number ?? []),
  );
  for (const [index, { room }] of rooms.entries()) {
    const number = own[index] ?? null;
    if (index === twice) return { index, message: 'UniqueId stands in an earlier row too' };
    if (known.has(room.uniqueId) || (number !== null && unnamed.has(number)))
      return { index, message: 'UniqueId belongs to a room that exists already' };
    if (index === pairTwice)
      return { index, message: 'ParticipantEmails are the two of an earlier single room' };
    if (room.pair !== null && paired.has(room.pair))
      return { index, message: 'ParticipantEmails are the two of a single room that exists already' };
  }
  return null;
}

function roomsIn(tools: Tools, state: State): Kept[] {
  const rooms: Kept[] = [];
  for (let part = 0; part < state.parts; part += 1)
    rooms.push(...(tools.kept(LIST, part) as unknown as Kept[]));
  return rooms;
}

async function put(hub: Hub, tools: Tools, format: RoomFormat, state: State): Promise<Step> {
  const { app } = tools.order;
  const rooms = roomsIn(tools, state);
  try {
    const rows = rooms.map(({ room }) => room);
    await insertRooms(directoryFor(hub.env, app), app, [...partsOf(rows, rows.length, STATEMENT_CHARS)]);
  } catch (error) {
    if (takenColumn(error) === null) throw error;
    const wrong = await lookUp(hub, tools, format, rooms);
    if (!wrong) throw error;
    return failed(rowError(tools, format, wrong.index, wrong.message));
  }
  return { state: { ...state, phase: 'open' }, percentage: 15, committed: true };
}

async function open(hub: Hub, tools: Tools, state: State): Promise<Step> {
  const { app } = tools.order;
  const d1 = directoryFor(hub.env, app);
  const rooms = tools.kept(LIST, state.part) as unknown as Kept[];
  const people = await findPeople(d1, app, 'external_id', [
    ...new Set(rooms.flatMap(({ members }) => members)),
  ]);
  const allotted = await findImported(
    d1,
    app,
    rooms.map(({ room }) => room.importKey),
  );
  const of = await appByNumber(hub, app);
  const rest = rooms.values();
  const work = async () => {
    for (const { room, members } of rest) {
      const place = allotted.get(room.importKey);
      // Somebody who was erased since is not in it; a conversation that was deleted since stays so.
      const inside = members.flatMap((member) => people.get(member) ?? []);
      if (!place || place.done) continue;
      await takeIn(hub, place, inside, of.settings.inboxShards);
      if (room.kind === 'direct')
        await tellBlockers(
          hub,
          of,
          place.birth.number,
          inside.map(({ user }) => user),
        );
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const part = state.part + 1;
  return {
    state: { ...state, part },
    percentage: 15 + (84 * part) / state.parts,
    ...(part === state.parts ? { rows: state.total, end: { failed: null } } : {}),
  };
}

async function takeIn(
  hub: Hub,
  { birth }: Allotted,
  inside: readonly Found[],
  shelves: number,
): Promise<void> {
  const people = inside.map((person) => ({ ...person, standing: 'active' as const, leftAt: null, readN: 0 }));
  const log: ImportedLog = { birth, locked: false, people, outside: [], messages: [], shelves };
  await call(hub, birth.number, (stub) => stub.takeIn(log, { waitMs: INDEX_WAIT_MS }));
  hub.isolate.given.saw(birth.number);
}
