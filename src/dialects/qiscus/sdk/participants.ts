// Who is in a room, page by page, for those who are in it (contracts/qiscus.md 9).
import { operation } from '../call.ts';
import { choice, integer, may, refuseField, room, text } from '../fields.ts';
import { everybodyIn } from '../participants.ts';
import { roomNamed } from '../rooms.ts';
import { renderMember } from './render.ts';

const MOST_PEOPLE = 10_000;
const MOST = 100;
const PAGE = 20;

/** By name; from `offset` on, or by page. */
export const roomParticipants = operation(
  {
    room_unique_id: may(room()),
    room_id: may(room()),
    page: may(integer(0, 1_000)),
    limit: may(integer(0, MOST)),
    offset: may(integer(0, MOST_PEOPLE)),
    sorting: may(choice(['asc', 'desc'])),
    user_name: may(text()),
  },
  async (call, given) => {
    const name = given.room_unique_id ?? given.room_id;
    if (name === undefined) throw refuseField('room_unique_id', 'is required');
    const { people } = await everybodyIn(call, await roomNamed(call, name));
    const wanted = (given.user_name ?? '').toLowerCase();
    const found = people
      .filter(({ card }) => card.name.toLowerCase().includes(wanted))
      .sort((a, b) => a.card.name.localeCompare(b.card.name) || a.user - b.user);
    if (given.sorting === 'desc') found.reverse();
    // Clients that count from 0, and those that leave it to us, say 0.
    const limit = given.limit || PAGE;
    const page = Math.max(1, given.page ?? 1);
    const start = given.page ? (page - 1) * limit : (given.offset ?? 0);
    return {
      meta: { current_offset: start, current_page: page, per_page: limit, total: found.length },
      participants: found.slice(start, start + limit).map((member) => renderMember(member)),
    };
  },
);
