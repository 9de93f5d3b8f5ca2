// Users as v2.1 alone asks for them: their tokens, who has something unread, everybody, who may not come in
// (contracts/qiscus.md 6). What both versions have is ../users.ts.
import type { JsonObject } from '../../../domain/model.ts';
import type { User } from '../../../hub/context.ts';
import { setActive } from '../../../hub/deactivating.ts';
import { everybodyOf, type Spoken, unreadCountOf, unreadPeople } from '../../../hub/everybody.ts';
import { issueToken } from '../../../hub/sessions.ts';
import { type Call, operation, peopleOf, personOf } from '../call.ts';
import { flag, integer, may, refuseField, text, user, users } from '../fields.ts';
import { eachInTurn } from '../rooms.ts';
import { tokenText } from '../tokens.ts';
import { resetUserToken } from '../users.ts';
import { renamed } from './renaming.ts';
import { personShown } from './shapes.ts';

const PAGE = 20;
const MOST = 100;
const MOST_PAGES = 1_000_000;

/** A new token: they are signed, and none is kept. Forbidden: the user is deactivated. */
export const getUserToken = operation({ user_id: user() }, async (call, given) => {
  const person = await personOf(call, given.user_id);
  return { token: tokenText((await issueToken(call.hub, person, 'qiscus')).token) };
});

/** The same for v2's call, which ends the older ones first. */
export const resetToken = renamed(resetUserToken, { user_id: 'user_email' }, ({ user: account }) => {
  const { token = '' } = (account ?? {}) as JsonObject;
  return { token };
});

const during = { start_time: may(text(32)), end_time: may(text(32)) };

/** `YYYY-MM-DD hh:mm:ss` of UTC, or a day of it; ms since 1970. */
function timeOf(name: string, given: string | undefined, otherwise: number): number {
  if (given === undefined) return otherwise;
  const [, day, clock = '00:00:00'] = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d))?$/.exec(given) ?? [];
  const time = Date.parse(`${day}T${clock}Z`);
  // Of no such day JavaScript makes another one.
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== day)
    throw refuseField(name, 'must be a time: yyyy-mm-dd hh:mm:ss');
  return time;
}

/** Everything that was ever said has a time before this. */
const FAR = 8.64e15;

export const spokenDuring = (given: {
  start_time?: string | undefined;
  end_time?: string | undefined;
}): Spoken => ({
  from: timeOf('start_time', given.start_time, 0),
  to: timeOf('end_time', given.end_time, FAR),
});

/** Who has something unread in rooms that were spoken in then. */
export const getUnreadUsers = operation(
  { page: may(integer(1, MOST_PAGES)), limit: may(integer(1, MOST)), ...during },
  async ({ hub, app }, given) => {
    const { page = 1, limit = MOST } = given;
    const window = { start: (page - 1) * limit, count: limit };
    const people = await unreadPeople(hub, app, spokenDuring(given), window);
    return { user_ids: people.map(({ externalId }) => externalId) };
  },
);

/** How much each of these has unread in rooms that were spoken in then. */
export const getUserUnreadCount = operation({ user_ids: users(MOST), ...during }, async (call, given) => {
  const when = spokenDuring(given);
  const people = await peopleOf(call, given.user_ids);
  const counts = await eachInTurn(people, async (person) => ({
    unread_count: await unreadCountOf(call.hub, call.app, person, when),
    user_id: person.externalId,
  }));
  return { user_unread_count: counts };
});

/** Columns by which users can be ordered; numbers rise with the time that somebody was made at. */
const ORDERS = { created_at: 'number', id: 'number', name: 'name', username: 'name' } as const;
const ORDER = /^(\w+)(?:\s+(asc|desc))?(?:\s+nulls\s+(?:first|last))?$/i;

function orderOf(given: string): { by: 'number' | 'name'; descending: boolean } {
  const [, column = '', way = 'asc'] = ORDER.exec(given.trim()) ?? [];
  const by = Object.hasOwn(ORDERS, column) ? ORDERS[column as keyof typeof ORDERS] : null;
  if (!by)
    throw refuseField('order_query', `must be one of ${Object.keys(ORDERS).join(', ')}, with asc or desc`);
  return { by, descending: way.toLowerCase() === 'desc' };
}

/** Everybody, the newest first; with `show_all` also who is deactivated. */
export const getUserList = operation(
  {
    page: may(integer(1, MOST_PAGES)),
    limit: may(integer(1, MOST)),
    show_all: flag(),
    order_query: may(text()),
  },
  async ({ hub, app }, given) => {
    const { page = 1, limit = PAGE, show_all: withDeactivated } = given;
    const order = orderOf(given.order_query ?? 'created_at desc');
    const window = { ...order, start: (page - 1) * limit, count: limit, withDeactivated };
    const { total, people } = await everybodyOf(hub, app, window);
    return {
      meta: { total_data: total, total_page: Math.ceil(total / limit) },
      users: people.map(listed),
    };
  },
);

function listed(person: User): JsonObject {
  const made = new Date(person.createdAt).toISOString();
  return {
    ...personShown(person),
    created_at: made,
    email: person.externalId,
    id: person.number,
    name: person.name,
    // When a user was changed is not kept.
    updated_at: made,
  };
}

const switching = (active: boolean, message: string) =>
  operation({ user_ids: users(MOST) }, async (call: Call, given) => {
    const people = await peopleOf(call, given.user_ids);
    await eachInTurn(people, (person) => setActive(call.hub, call.app, person, active));
    return { message };
  });

/** They may not come in any more, at any door, until they are let in again. */
export const deactivateUsers = switching(false, 'Users are deactivated');
export const reactivateUsers = switching(true, 'Users are reactivated');
