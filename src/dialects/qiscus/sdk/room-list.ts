// The list of one's own rooms, also with some left out (contracts/qiscus.md 9). Everything else of rooms is rooms.ts.
import { type ConversationRow, listForUser } from '../../../hub/lists.ts';
import { operation } from '../call.ts';
import { choice, flag, integer, may } from '../fields.ts';
import { flagOn, infosOf } from './rooms.ts';

const MOST_ROOMS = 100;
const PAGE_ROOMS = 20;
/** Rooms that are looked through at a time where some are left out, and how often at most. */
const LOOK = 500;
const LOOKS = 20;

export interface Window {
  /** From 0. */
  start: number;
  count: number;
}

/**
 * The rows of a window of those that are wanted, from a list that has others too. `total`: how many there are, as far as
 * the list was looked through; it is looked through to its end where it has up to LOOK rows.
 */
export async function sifted<Row>(
  list: (window: Window) => Promise<{ rows: Row[] }>,
  wanted: (row: Row) => boolean,
  { start, count }: Window,
): Promise<{ total: number; rows: Row[] }> {
  const all: Row[] = [];
  for (let look = 0; look < LOOKS && all.length < start + count; look++) {
    const { rows } = await list({ start: look * LOOK, count: LOOK });
    all.push(...rows.filter(wanted));
    if (rows.length < LOOK) break;
  }
  return { total: all.length, rows: all.slice(start, start + count) };
}

/** One's own rooms, newest comment first. Pages count from 1; clients that count from 0 mean the first one too. */
export const userRooms = operation(
  {
    page: may(integer(0, 1_000_000)),
    limit: may(integer(1, MOST_ROOMS)),
    show_participants: flag(),
    show_empty: flagOn(),
    room_type: may(choice(['default', 'all', 'single', 'group', 'public_channel'])),
  },
  async (call, given) => {
    const { limit = PAGE_ROOMS, room_type: type = 'all', show_empty: empty } = given;
    const page = Math.max(1, given.page ?? 1);
    const direct =
      type === 'single' ? true : type === 'group' || type === 'public_channel' ? false : undefined;
    const sifts = !empty || type === 'group' || type === 'public_channel';
    const start = (page - 1) * limit;
    const list = (window: Window) => listForUser(call.hub, call.caller, { ...window, direct });
    const wanted = ({ facts, messageCount }: ConversationRow): boolean =>
      (empty || messageCount > 0) &&
      (type !== 'group' || !facts.public) &&
      (type !== 'public_channel' || facts.public);
    const window = { start, count: limit };
    const { total, rows } = await (sifts ? sifted(list, wanted, window) : list(window));
    const numbers = rows.map(({ facts }) => facts.number);
    return {
      meta: { current_page: page, total_room: total },
      rooms_info: await infosOf(call, numbers, given.show_participants),
    };
  },
);
