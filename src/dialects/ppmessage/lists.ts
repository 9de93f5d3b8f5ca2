// Lists of conversations (contracts/ppmessage.md 6): those that somebody has open, page by page or whole, and the app's.
import type { ConversationNumber, UserNumber } from '../../domain/ids.ts';
import type { JsonObject } from '../../domain/model.ts';
import type { App, Caller, Hub, User } from '../../hub/context.ts';
import { viewConversation } from '../../hub/conversations.ts';
import {
  type OpenConversation,
  type OpenList,
  type OpenRow,
  openFor,
  openInApp,
  viewsOf,
} from '../../hub/open-lists.ts';
import { usersByNumbers } from '../../hub/people.ts';
import { teamOf } from '../../hub/team.ts';
import { actingUser, type Call, callers, isKey, isTeam, operation } from './call.ts';
import { conversation, may, number, user } from './fields.ts';
import { iconOf } from './icons.ts';
import { secondsOf } from './ids.ts';
import { conversationNamed } from './members.ts';
import { isAnonymous, messageRow } from './message-body.ts';
import { conversationData, conversationRow, nameFor, ownerOf } from './render-conversations.ts';
import { emailOf, fourColumns, userRow } from './render-users.ts';
import { standingsOf } from './standing.ts';
import { type StoredProfile, statusOf } from './user-columns.ts';

/** Conversations of a list that has no pages: each costs a call to where it is kept. */
const MOST_LISTED = 100;
const PAGE_SHOWN = 30;
const MOST_PAGE = 100;

interface Around {
  people: ReadonlyMap<UserNumber, User>;
  team: readonly User[];
}

/** Everybody whose conversations these are. */
async function around({ hub, app }: Call, rows: readonly OpenRow[]): Promise<Around> {
  const owners = rows.flatMap(({ view }) => ownerOf(view) ?? []);
  const [people, team] = await Promise.all([usersByNumbers(hub, app, owners), teamOf(hub, app)]);
  return { people, team };
}

const ownerIn = ({ people }: Around, { view }: OpenRow): User | null =>
  people.get(ownerOf(view) ?? (0 as UserNumber)) ?? null;

export const conversationInfo = operation(
  { conversation_uuid: conversation(), user_uuid: user() },
  async (call, { conversation_uuid, user_uuid }) => {
    const { hub, app } = call;
    const caller = await actingUser(call, user_uuid);
    const view = await viewConversation(hub, caller, conversationNamed(conversation_uuid));
    const shown = nameFor(hub, view, caller.user.number, await teamOf(hub, app));
    return {
      ...conversationRow(hub, app, view),
      conversation_data: conversationData(hub, app, view, caller.user.number, view.me, shown),
    };
  },
);

/** The app's, to its server; to the team its customers'; to everybody else their own. */
export const appConversationList = operation({}, async (call) => {
  const { hub, app } = call;
  const rows = await appRows(call);
  const all = await around(call, rows);
  const owners = [...all.people.values()];
  const standing = await standingsOf(hub, app, owners);
  const whole = isKey(call) || isTeam(call);
  const own = new Set((await callers(call)).map((caller) => caller.user?.number));
  return {
    list: rows.map((row) => {
      const owner = ownerIn(all, row);
      const isOwn = owner !== null && own.has(owner.number);
      return {
        ...conversationRow(hub, app, row.view),
        create_user: owner && userRow(hub, app, owner, standing(owner), { whole: whole || isOwn }),
        latest_message: latest(hub, app, row),
        message_total_count: row.view.messageCount,
      };
    }),
  };
});

async function appRows(call: Call): Promise<OpenRow[]> {
  const { hub } = call;
  const all = await callers(call);
  const found = new Map<ConversationNumber, { at: number; row: OpenRow }>();
  for (const caller of all) {
    const own = caller.user ? (await openFor(hub, caller)).rows : [];
    const others = caller.powers === 'member' ? [] : await openInApp(hub, caller, MOST_LISTED);
    const lastAt = new Map([...own, ...others].map((each) => [each.number, each.lastAt]));
    const newest = [...lastAt].sort(([m, a], [n, b]) => b - a || n - m).slice(0, MOST_LISTED);
    for (const row of await viewsOf(
      hub,
      caller,
      newest.map(([each]) => each),
    )) {
      const each = row.view.facts.number;
      found.set(each, { at: lastAt.get(each) as number, row });
    }
  }
  return [...found.values()]
    .sort((a, b) => b.at - a.at || b.row.view.facts.number - a.row.view.facts.number)
    .slice(0, MOST_LISTED)
    .map(({ row }) => row);
}

const latest = (hub: Hub, app: App, { view }: OpenRow): JsonObject | null =>
  view.lastMessage && messageRow(hub, app, view.facts, view.lastMessage);

/** A row of somebody's own list, under their names. */
function ownRow(hub: Hub, app: App, reader: UserNumber, row: OpenRow, team: readonly User[]): JsonObject {
  const shown = nameFor(hub, row.view, reader, team);
  return {
    ...conversationRow(hub, app, row.view, shown),
    conversation_data: conversationData(hub, app, row.view, reader, row.me, shown),
  };
}

export const userConversationList = operation({ user_uuid: user() }, async (call, { user_uuid }) => {
  const { hub, app } = call;
  const caller = await actingUser(call, user_uuid);
  const open = (await openFor(hub, caller)).rows.slice(0, MOST_LISTED);
  const rows = await viewsOf(
    hub,
    caller,
    open.map((each) => each.number),
  );
  const all = await around(call, rows);
  return {
    list: rows.map((row) => ({
      ...ownRow(hub, app, caller.user.number, row, all.team),
      from_user: creatorOf(call, caller, ownerIn(all, row)),
      latest_message: latest(hub, app, row),
    })),
  };
});

function creatorOf({ hub, app }: Call, caller: Caller, owner: User | null): JsonObject | null {
  if (!owner) return null;
  const whole = caller.powers !== 'member' || owner.number === caller.user?.number;
  const { givenName = null, surname = null } = owner.profile as StoredProfile;
  const email = emailOf(hub, app, owner, whole);
  const uuid = hub.ids.uuid('user', owner.number);
  return {
    uuid,
    user_name: isAnonymous(owner) ? owner.name : email,
    user_email: email,
    user_firstname: whole ? givenName : null,
    user_lastname: whole ? surname : null,
    user_fullname: owner.name,
    user_icon: iconOf(hub, owner.number, owner.avatar),
    user_status: statusOf(owner, isAnonymous(owner)),
    createtime: secondsOf(owner.createdAt),
    updatetime: secondsOf(Math.max(owner.createdAt, owner.lastActiveAt ?? 0)),
  };
}

/** Columns of the last message that the paged list has. */
const LATEST = [
  'message_body',
  'body',
  'message_subtype',
  'message_type',
  'conversation_type',
  'from_uuid',
  'from_type',
  'uuid',
  'createtime',
  'updatetime',
] as const;

export const pageUserConversation = operation(
  {
    user_uuid: user(),
    page_offset: may(number()),
    page_size: may(number()),
    max_uuid: may(conversation()),
    min_uuid: may(conversation()),
  },
  async (call, given) => {
    const { hub, app, body } = call;
    const caller = await actingUser(call, given.user_uuid);
    const size = sizeOf(given.page_size, PAGE_SHOWN);
    const offset = Math.max(0, given.page_offset ?? 0);
    const window = { ...given, size, offset };
    let open = await openFor(hub, caller);
    let page = pageOf(open, window);
    if (page === null) {
      open = await openFor(hub, caller, { all: true });
      page = pageOf(open, window) ?? [];
    }
    const rows = await viewsOf(
      hub,
      caller,
      page.map((each) => each.number),
    );
    const all = await around(call, rows);
    const list = rows.map((row): JsonObject => {
      const owner = ownerIn(all, row);
      const message = latest(hub, app, row);
      return {
        ...ownRow(hub, app, caller.user.number, row, all.team),
        from_user: fourColumns(hub, app, owner, owner?.number ?? null),
        latest_message: message && Object.fromEntries(LATEST.map((name) => [name, message[name] ?? null])),
      };
    });
    const isNone = open.total === 0;
    return {
      list,
      total_count: open.total,
      return_count: list.length,
      page_size: isNone ? (body.page_size ?? null) : size,
      page_offset: isNone ? (body.page_offset ?? null) : offset,
      max_uuid: body.max_uuid ?? null,
      min_uuid: body.min_uuid ?? null,
    };
  },
);

/** What is below nothing is as if it were not said (contracts/ppmessage.md 6). A page holds so much at most. */
export function sizeOf(given: number | undefined, usual: number): number {
  if (given === undefined || given < 0) return usual;
  return Math.min(given, MOST_PAGE);
}

interface Window {
  max_uuid?: ConversationNumber | null;
  min_uuid?: ConversationNumber | null;
  size: number;
  offset: number;
}

/**
 * Newest first: a page by its number; else what lies next to an anchor, on the older side or the newer one. Null: some of it is
 * older than what the list holds.
 */
export function pageOf(
  { rows, whole }: Pick<OpenList, 'rows' | 'whole'>,
  { max_uuid: older, min_uuid: newer, size, offset }: Window,
): readonly OpenConversation[] | null {
  const anchor = older !== undefined ? older : newer;
  const known = (page: readonly OpenConversation[]) => (whole || page.length === size ? page : null);
  if (anchor === undefined) return known(rows.slice(offset * size, (offset + 1) * size));
  const at = rows.findIndex((each) => each.number === anchor);
  if (at < 0) return whole || anchor === null ? [] : null;
  return older !== undefined
    ? known(rows.slice(at + 1, at + 1 + size))
    : rows.slice(Math.max(0, at - size), at);
}
