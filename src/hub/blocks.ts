// Whom a person does not want to hear from. A block keeps somebody from beginning anything with them, and from saying anything in
// the conversation of the two; what is said in groups that both are in goes on. The directory has the lists; a conversation of
// two is told of its own two people, so that nothing here stands on the path of a post.
import { blockUser as addBlocked, blockersOf, unblockUser as removeBlocked } from '../directory/blocks.ts';
import { directsOf, pairOf } from '../directory/conversations.ts';
import { findUsers } from '../directory/people.ts';
import { forbidden, invalid, notFound, Refused } from '../domain/errors.ts';
import type { ConversationNumber, UserNumber } from '../domain/ids.ts';
import { appCaller } from './apps.ts';
import { call } from './calls.ts';
import { type App, actorOf, type Caller, type Hub, type User } from './context.ts';
import { ask } from './directory.ts';
import { rememberUser, userByNumber } from './people.ts';

/** People that one person can block: the list travels with every look at their record. */
export const MOST_BLOCKED = 500;
/** Of somebody who was merged: those who had blocked them and are looked for. */
const MOST_BLOCKERS = 1_000;
/** A conversation that has a number is born a moment later. */
const BIRTH_TRIES = 4;
const BIRTH_PAUSE_MS = 100;

/**
 * Puts `other` on the caller's block list, or takes them off it; twice is once. Not found: nobody of this app. Invalid:
 * oneself, or the list is full. Unavailable: the conversation of the two does not answer; the list has changed.
 */
export async function setBlocked(hub: Hub, caller: Caller, other: UserNumber, on: boolean): Promise<User> {
  const { app, user } = caller;
  if (!user) throw new Refused(forbidden('This call needs a person.'));
  if (user.number === other) throw new Refused(invalid('You cannot ignore yourself.'));
  // Who is gone may still be taken off the list.
  if (on) await userByNumber(hub, app, other);
  const changed = await ask(hub, app.number, (d1) =>
    on
      ? addBlocked(d1, app.number, user.number, other, MOST_BLOCKED)
      : removeBlocked(d1, app.number, user.number, other),
  );
  if (!changed) throw new Refused(notFound('user'));
  if (on && !changed.blocked.includes(other)) {
    throw new Refused(invalid(`At most ${MOST_BLOCKED} people can be ignored.`));
  }
  rememberUser(hub, changed);
  const pair = pairOf(user.number, other);
  const directs = await ask(hub, app.number, (d1) => directsOf(d1, app.number, [pair]));
  for (const { number } of directs) await tell(hub, app, number, [user.number], on);
  return changed;
}

/** One that was deleted, or never born, needs nothing. */
async function tell(hub: Hub, app: App, c: ConversationNumber, by: UserNumber[], on: boolean): Promise<void> {
  const actor = actorOf(appCaller(app, 'operator'));
  for (let attempt = 1; ; attempt++) {
    try {
      await call(hub, c, (stub) => stub.block(actor, by, on));
      return;
    } catch (error) {
      if (!(error instanceof Refused) || error.refusal.code !== 'not_found') throw error;
      if (attempt >= BIRTH_TRIES) return;
    }
    await new Promise((resolve) => setTimeout(resolve, BIRTH_PAUSE_MS));
  }
}

/** Those of these two who have blocked the other, as the directory has it now. */
export async function blockersAmong(hub: Hub, app: App, pair: readonly UserNumber[]): Promise<UserNumber[]> {
  const users = await ask(hub, app.number, (d1) => findUsers(d1, app.number, pair));
  return users
    .filter(({ number, blocked }) => pair.some((each) => each !== number && blocked.includes(each)))
    .map(({ number }) => number);
}

/** A conversation of two that knows nothing of the lists yet is told of them. */
export async function tellBlockers(
  hub: Hub,
  app: App,
  c: ConversationNumber,
  pair: readonly UserNumber[],
): Promise<void> {
  const by = await blockersAmong(hub, app, pair);
  if (by.length > 0) await tell(hub, app, c, by, true);
}

/** Somebody has another one's blocks from now on, and is blocked by whoever had blocked that one. */
export async function tellBlocksOf(hub: Hub, app: App, user: UserNumber): Promise<void> {
  const [self] = await ask(hub, app.number, (d1) => findUsers(d1, app.number, [user]));
  const blockers = await ask(hub, app.number, (d1) => blockersOf(d1, app.number, user, MOST_BLOCKERS));
  const by = new Map<string, UserNumber[]>();
  const add = (other: UserNumber, blocker: UserNumber) => {
    const pair = pairOf(user, other);
    by.set(pair, [...(by.get(pair) ?? []), blocker]);
  };
  for (const other of self?.blocked ?? []) add(other, user);
  for (const other of blockers) add(other, other);
  if (by.size === 0) return;
  const directs = await ask(hub, app.number, (d1) => directsOf(d1, app.number, [...by.keys()]));
  for (const { number, pair } of directs) await tell(hub, app, number, by.get(pair) ?? [], true);
}

/**
 * Whether the caller may begin something with this person. App credentials and the team reach everybody: they are who
 * answers for the app.
 */
export const reaches = ({ user, powers }: Caller, other: User): boolean =>
  !user || powers !== 'member' || !other.blocked.includes(user.number);

/** Refuses, by name, when one of `people` has blocked the caller. */
export function refuseBlocked(caller: Caller, people: readonly User[]): void {
  const names = people.filter((person) => !reaches(caller, person)).map(({ name }) => `“${name}”`);
  if (names.length === 0) return;
  const verb = names.length === 1 ? 'does' : 'do';
  throw new Refused(forbidden(`${names.join(', ')} ${verb} not take messages from you.`));
}
