// Erasing a person (DESIGN.md 4, "Erasure"): the account at once, then their conversations, some at a time.
import { conversationsFrom, eraseAccount, findErased, type Held } from '../directory/erasing.ts';
import { forbidden, notFound, Refused } from '../domain/errors.ts';
import { type ConversationNumber, parseUser, type UserNumber } from '../domain/ids.ts';
import type { Role } from '../domain/model.ts';
import { appCaller } from './apps.ts';
import { call } from './calls.ts';
import { type App, actorOf, type Hub, type User } from './context.ts';
import { forgetAtDesk } from './desk.ts';
import { ask } from './directory.ts';
import { tellEnded } from './ending.ts';
import { hasListeners, tellOfPeople } from './news.ts';
import { userByAnyName, userByNumber } from './people.ts';

/** Conversations worked on at a time, in one call unless it says how many, and how long it goes on beginning with more. */
const AT_ONCE = 4;
const CONVERSATIONS = 200;
const ERASE_MS = 20_000;

export interface Erasure {
  /** What becomes of conversations of two and of the person's own support conversations. Groups are redacted. */
  conversations?: 'redact' | 'delete';
  /**
   * Every conversation of the app is asked, not only those that the person was in. Done anyway for those whom an app
   * credential may let speak where they are no member.
   */
  everywhere?: boolean;
  /** The number of a conversation to go on with; 1: from the beginning again. */
  from?: number;
  limit?: number;
}

export interface Erased {
  user: UserNumber;
  redacted: number;
  deleted: number;
  /** Conversations that did not answer. */
  failed: number[];
  /** Where to go on, under the person's number; null: that was all. */
  next: number | null;
}

/**
 * Erases a person: names, profile, password, tokens and sockets at once, so that nobody can act as them; then what they
 * said. As long as it gives a `next`, to be called again from there. Not found: nobody of this name, or, to go on, nobody
 * of this number who was erased. Forbidden: one of the app's own voices.
 */
export async function erasePerson(
  hub: Hub,
  app: App,
  who: string | UserNumber,
  how: Erasure,
): Promise<Erased> {
  const person = await begin(hub, app, who, how.from !== undefined);
  const { conversations = 'redact', from = 1, limit = CONVERSATIONS } = how;
  // These may have written without ever being a member; a directory of authors there is not.
  const everywhere = how.everywhere === true || !PLAIN_ROLES.has(person.role);
  const total: Erased = { user: person.number, redacted: 0, deleted: 0, failed: [], next: null };
  const started = Date.now();
  let at = from;
  for (let done = 0; ; ) {
    const count = Math.min(AT_ONCE, limit - done);
    if (count === 0 || Date.now() - started > ERASE_MS) return { ...total, next: at };
    const user = everywhere ? null : person.number;
    const held = await ask(hub, app.number, (d1) => conversationsFrom(d1, app.number, user, at, count));
    await Promise.all(held.map((each) => eraseIn(hub, app, person, each, conversations, total)));
    const last = held.at(-1);
    if (!last || held.length < count) return total;
    at = last.number + 1;
    done += held.length;
  }
}

const PLAIN_ROLES: ReadonlySet<Role> = new Set<Role>(['visitor', 'member']);
const VOICES: ReadonlySet<Role> = new Set<Role>(['system', 'business']);

type Person = Pick<User, 'number' | 'role'>;

/** The same, with its slices one after the other: the first before this resolves, the rest behind the answer. */
export async function eraseWhole(
  hub: Hub,
  app: App,
  user: UserNumber,
  how: Omit<Erasure, 'from'>,
): Promise<void> {
  const { next } = await erasePerson(hub, app, user, how);
  if (next !== null) hub.defer(eraseRest(hub, app, user, how, next));
}

async function eraseRest(
  hub: Hub,
  app: App,
  user: UserNumber,
  how: Omit<Erasure, 'from'>,
  from: number,
): Promise<void> {
  for (let at: number | null = from; at !== null; )
    at = (await erasePerson(hub, app, user, { ...how, from: at })).next;
}

/** Who it is, with their account erased: now, or by the call that this one goes on from. */
async function begin(hub: Hub, app: App, who: string | UserNumber, further: boolean): Promise<Person> {
  const number = typeof who === 'number' ? who : parseUser(who);
  const before = async (): Promise<Person | null> =>
    number === null ? null : ask(hub, app.number, (d1) => findErased(d1, app.number, number));
  // Their names are free: somebody else may have them by now.
  const erased = further ? await before() : null;
  if (erased) return erased;
  if (further) throw new Refused(notFound('user'));
  const user = await living(hub, app, who);
  if (!user) {
    const again = await before();
    if (again) return again;
    throw new Refused(notFound('user'));
  }
  if (VOICES.has(user.role)) throw new Refused(forbidden('The voices of an app cannot be erased.'));
  const at = Date.now();
  const shown = hasListeners(app) ? user : null;
  const ended = await ask(hub, app.number, (d1) => eraseAccount(d1, app.number, user.number, at, shown));
  if (ended) await tellEnded(hub, app, user, ended.tokenVersion, at);
  if (ended) hub.defer(forgetAtDesk(hub, app, user.number));
  if (ended) tellOfPeople(hub, app, ended.told);
  return user;
}

async function living(hub: Hub, app: App, who: string | UserNumber): Promise<User | null> {
  try {
    return await (typeof who === 'number' ? userByNumber(hub, app, who) : userByAnyName(hub, app, who));
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'not_found') return null;
    throw error;
  }
}

async function eraseIn(
  hub: Hub,
  app: App,
  { number, role }: Person,
  { number: c, kind }: Held,
  wish: 'redact' | 'delete',
  total: Erased,
): Promise<void> {
  // The team's part in a support conversation is somebody else's conversation.
  const own = kind === 'direct' || (kind === 'support' && PLAIN_ROLES.has(role));
  try {
    if (own && wish === 'delete') {
      await deleteOne(hub, app, c, number);
      total.deleted += 1;
    } else {
      await redactAuthor(hub, app, c, number);
      total.redacted += 1;
    }
  } catch (error) {
    const gone = error instanceof Refused && error.refusal.code === 'not_found';
    if (!gone) total.failed.push(c);
  }
}

const deleteOne = (hub: Hub, app: App, c: ConversationNumber, erased: UserNumber): Promise<null> =>
  call(hub, c, (stub) =>
    stub.destroy(actorOf(appCaller(app, 'operator')), { waitMs: hub.settings.indexWaitJoinMs, erased }),
  );

/** Author and text of everything that this person said in one conversation go, and they are out. Twice is once. */
export async function redactAuthor(
  hub: Hub,
  app: App,
  c: ConversationNumber,
  user: UserNumber,
): Promise<void> {
  const options = { waitMs: hub.settings.indexWaitJoinMs };
  await call(hub, c, (stub) => stub.redact(actorOf(appCaller(app, 'operator')), user, options));
}
