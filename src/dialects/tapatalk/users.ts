// People as a forum shows them: one person's page, and the three lists that a "To:" field picks from. Pages count from 1
// (contracts/tapatalk.md 1.13, 1.14). Who finds whom is the domain's rule.
import { findableBy, maySee } from '../../domain/access.ts';
import { notFound, Refused } from '../../domain/errors.ts';
import type { UserNumber } from '../../domain/ids.ts';
import { reaches } from '../../hub/blocks.ts';
import type { User } from '../../hub/context.ts';
import { listForUser } from '../../hub/lists.ts';
import { userByNumber, usersByNames, usersByNumbers } from '../../hub/people.ts';
import { searchPeople } from '../../hub/people-lists.ts';
import { onlineUsers, presentPeople } from '../../hub/presence.ts';
import { array, base64, bool, dateTime, int, type OutStruct, string, struct } from '../../xmlrpc/value.ts';
import { refuse } from './errors.ts';
import { userOf } from './ids.ts';
import type { SignedCall } from './method.ts';
import { pageWindow } from './paging.ts';
import { userType } from './render.ts';

/** Conversations whose people are recommended: the newest ones. */
const RECENT_CONVERSATIONS = 50;
/** What `area` may say. There are no boards and topics here, so nobody is in one. */
const AREAS: ReadonlySet<string> = new Set(['', 'forum', 'topic']);

/** One person; the id counts where both are given, the caller where neither is. Not found: nobody whom they may see. */
export async function getUserInfo(call: SignedCall, name = '', id = ''): Promise<OutStruct> {
  const { hub, app, caller } = call;
  const user = await personAsked(call, name.trim(), id);
  if (!maySee(caller.user, user)) throw new Refused(notFound('user'));
  const self = user.number === caller.user.number;
  const online = self || (await onlineUsers(hub, app, [user.number])).has(user.number);
  const accepts = !self && reaches(caller, user);
  const lastSeen = online ? Date.now() : user.lastActiveAt;
  return struct({
    result: bool(true),
    user_id: string(String(user.number)),
    username: base64(user.name),
    // Plugins differ in this name.
    user_name: base64(user.name),
    user_type: base64(userType(user.role)),
    icon_url: string(user.avatar ?? ''),
    display_text: base64(''),
    post_count: int(0),
    reg_time: dateTime(user.createdAt),
    timestamp_reg: timestamp(user.createdAt),
    last_activity_time: lastSeen === null ? undefined : dateTime(lastSeen),
    timestamp: lastSeen === null ? undefined : timestamp(lastSeen),
    is_online: bool(online),
    current_action: base64(''),
    accept_pm: bool(accepts),
    can_send_pm: bool(accepts),
    is_ignored: bool(caller.user.blocked.includes(user.number)),
    can_ban: bool(false),
    is_ban: bool(false),
    // Nobody follows anybody here.
    i_follow_u: bool(false),
    u_follow_me: bool(false),
    accept_follow: bool(false),
    following_count: int(0),
    follower: int(0),
    custom_fields_list: array([]),
  });
}

async function personAsked({ hub, app, caller }: SignedCall, name: string, id: string): Promise<User> {
  if (id !== '') return userByNumber(hub, app, userOf(id));
  if (name === '') return caller.user;
  const [user] = await usersByNames(hub, app, [name]);
  if (!user) throw new Refused(notFound('user'));
  return user;
}

/** By the beginning of either name, without case; the caller is not among them. */
export async function searchUser(
  call: SignedCall,
  keywords: string,
  page?: number,
  size?: number,
): Promise<OutStruct> {
  const { total, people } = await searchPeople(call.hub, call.caller, keywords, pageWindow(page, size));
  return peopleList(call, total, people);
}

/**
 * Whom the caller has had to do with: the people of their newest conversations, in that order. The plugins' mode 2, those
 * who do not use the app yet, asks for what nobody keeps here.
 */
export async function getRecommendedUser(
  call: SignedCall,
  page?: number,
  size?: number,
  mode = 1,
): Promise<OutStruct> {
  if (mode !== 0 && mode !== 1) throw refuse('Unknown mode: 1 is the only one.');
  const { hub, app, caller } = call;
  const { rows } = await listForUser(hub, caller, { start: 0, count: RECENT_CONVERSATIONS });
  const finds = findableBy(caller.user.role);
  const known = new Set<UserNumber>();
  for (const { people } of rows) {
    for (const { user, card, standing } of people) {
      if (user !== caller.user.number && standing !== 'outside' && finds.has(card.role)) known.add(user);
    }
  }
  const { start, count } = pageWindow(page, size);
  const shown = [...known].slice(start, start + count);
  const users = await usersByNumbers(hub, app, shown);
  return peopleList(
    call,
    known.size,
    shown.flatMap((number) => users.get(number) ?? []),
  );
}

/** Who is there. Visitors are counted as guests and not named. */
export async function getOnlineUsers(
  call: SignedCall,
  page?: number,
  size?: number,
  id = '',
  area = '',
): Promise<OutStruct> {
  if (!AREAS.has(area)) throw refuse('Unknown area: "forum" or "topic".');
  const { people, visitors } =
    id === '' ? await presentPeople(call.hub, call.caller) : { people: [], visitors: 0 };
  const { start, count } = pageWindow(page, size);
  return struct({
    member_count: int(people.length),
    guest_count: int(visitors),
    list: array(await items(call, people.slice(start, start + count))),
  });
}

async function peopleList(call: SignedCall, total: number, people: readonly User[]): Promise<OutStruct> {
  return struct({ total: int(total), list: array(await items(call, people)) });
}

/**
 * A picker sends back the name that it showed. So a display name that would not lead to its bearer, because somebody else
 * has it too, gives way to the user name.
 */
async function items({ hub, app }: SignedCall, people: readonly User[]): Promise<OutStruct[]> {
  const found = await usersByNames(
    hub,
    app,
    people.map(({ name }) => name),
  );
  return people.map((user, i) => item(user, found[i]?.number === user.number ? user.name : user.username));
}

const item = (user: User, name: string): OutStruct =>
  struct({
    user_id: string(String(user.number)),
    username: base64(name),
    user_name: base64(name),
    user_type: base64(userType(user.role)),
    icon_url: string(user.avatar ?? ''),
    display_text: base64(''),
  });

const timestamp = (ms: number) => string(String(Math.floor(ms / 1000)));
