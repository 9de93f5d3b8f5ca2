// From names to people, and the people that an answer must hold. What they look like on the wire is render.ts.
import type { UserNumber } from '../../domain/ids.ts';
import { cardOf } from '../../domain/user.ts';
import type { App } from '../../hub/context.ts';
import type { ConversationRow } from '../../hub/lists.ts';
import { usersByNames, usersByNumbers } from '../../hub/people.ts';
import { refuse } from './errors.ts';
import type { Call, SignedCall } from './method.ts';
import { lastPosterOf, type Person, starterOf, voiceOf } from './render.ts';

/** Names in one call: more would be a mailing. */
const MAX_NAMES = 100;

/**
 * The people that the caller named, without the caller. All or nothing: one unknown name refuses the call and is in the
 * text, so that nobody believes to have written to somebody who got nothing (contracts/tapatalk.md 4.1).
 */
export async function peopleNamed(call: SignedCall, given: readonly string[]): Promise<UserNumber[]> {
  const names = [...new Set(given.map((name) => name.trim()))].filter((name) => name !== '');
  if (names.length > MAX_NAMES) throw refuse(`At most ${MAX_NAMES} people can be named at once.`);
  const found = await usersByNames(call.hub, call.app, names);
  const unknown = names.filter((_, i) => !found[i]);
  if (unknown.length > 0)
    throw refuse(`There is nobody called ${unknown.map((name) => `“${name}”`).join(', ')}.`);
  const people = new Set<UserNumber>();
  for (const user of found) if (user && user.number !== call.caller.user.number) people.add(user.number);
  if (people.size === 0) throw refuse('Please name at least one other person.');
  return [...people];
}

/**
 * `known` by user number, with everybody in `needed` who is not among them: an app that meets a poster without a name
 * crashes (contracts/tapatalk.md 3.1).
 */
export async function withEverybody(
  call: Call,
  known: Iterable<Person>,
  needed: Iterable<UserNumber>,
): Promise<Map<UserNumber, Person>> {
  const people = new Map<UserNumber, Person>();
  for (const person of known) people.set(person.user, person);
  const voice = voiceOf(call.app);
  const missing = [...new Set(needed)].filter((user) => !people.has(user));
  // The voice is known without the directory, so that reading goes on while that is away.
  const asked = missing.filter((user) => user !== voice.user);
  const users = asked.length > 0 ? await usersByNumbers(call.hub, call.app, asked) : null;
  for (const user of missing) {
    const found = users?.get(user);
    people.set(user, found ? { user, card: cardOf(found), standing: 'outside' } : { ...voice, user });
  }
  return people;
}

/** Somebody that {@link withEverybody} was asked for. */
export function personOf(people: ReadonlyMap<UserNumber, Person>, user: UserNumber): Person {
  const person = people.get(user);
  if (!person) throw new Error(`user ${user} was not looked up`);
  return person;
}

/** Whom a list row names by id: who opened the conversation and who spoke last. */
export const speakersOf = (app: App, row: ConversationRow): UserNumber[] => [
  starterOf(app, row),
  lastPosterOf(app, row),
];

/** Everybody in a list row, and its speakers if they are not among them. `everybody` holds at least those. */
export function peopleOfRow(
  app: App,
  row: ConversationRow,
  everybody: ReadonlyMap<UserNumber, Person>,
): Person[] {
  const listed = new Set(row.people.map((person) => person.user));
  const added = new Set(speakersOf(app, row).filter((user) => !listed.has(user)));
  // Another row may have lent the person: standing is a matter of one conversation.
  const speakers = [...added].map((user) => ({ ...personOf(everybody, user), standing: 'outside' as const }));
  return [...row.people, ...speakers];
}
