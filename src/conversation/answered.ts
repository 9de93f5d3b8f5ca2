// What somebody of the team sees of a customer's conversation that they are not in: they have no place of their own there, so
// what was answered is read to them, whoever did, and the rest is new until somebody does (domain/answers.ts).
import { throughTeam } from '../domain/access.ts';
import { isNoAnswer, lastAnswer, NOBODY_THERE } from '../domain/answers.ts';
import { forbidden, type Refusal } from '../domain/errors.ts';
import type { Ordinal, Seq } from '../domain/ids.ts';
import type { Actor, Member } from '../domain/model.ts';
import type { Core } from './core.ts';
import { type EntryRow, isDeleted } from './rows.ts';

/** Whether the caller is here as one of the team alone. */
export const watches = ({ log }: Core, actor: Actor, me: Member | undefined): boolean =>
  me?.standing !== 'active' && throughTeam(log.facts, actor);

/** The last answer, as lists have it. `newest`: the newest message. */
export function answeredMark({ log, roster }: Core, newest: EntryRow | null): { seq: Seq; n: Ordinal } {
  const spoken = [...roster.recent].map(([user, { seq, n }]) => ({
    user,
    role: roster.get(user)?.card.role,
    seq,
    n,
  }));
  const author = newest?.author ?? null;
  const unasked = newest?.client_id?.startsWith(NOBODY_THERE) === true;
  const isNone = newest !== null && isNoAnswer(roster.get(author)?.card.role, isDeleted(newest), unasked);
  return lastAnswer(spoken, { customer: log.facts.defaultOf, except: isNone ? author : null });
}

/** For what needs a place of one's own. */
export const placeless = (): Refusal =>
  forbidden('You are not in this conversation: the whole team sees it. Who answers is in it.');
