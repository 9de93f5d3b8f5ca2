// In a conversation of two: which of them takes no messages from the other. The directory's block lists decide it, and whoever
// changes one tells this (hub/blocks.ts): so a post asks nobody, also while the directory is away.
import { forbidden, type Refusal } from '../domain/errors.ts';
import type { UserNumber } from '../domain/ids.ts';
import type { Actor } from '../domain/model.ts';
import { type Core, demand } from './core.ts';

/** App credentials and the team reach everybody: they are who answers for the app. */
export function refuseBlocked({ log, roster }: Core, actor: Actor): Refusal | null {
  if (log.facts.kind !== 'direct' || actor.powers !== 'member' || actor.user === null) return null;
  const blocker = log.blockers.find((user) => user !== actor.user);
  if (blocker === undefined) return null;
  return forbidden(`“${roster.get(blocker)?.card.name ?? ''}” does not take messages from you.`);
}

/** `by`: who takes none, or takes them again. App credentials only; twice is once. A row written where it is news. */
export function block({ log }: Core, actor: Actor, by: readonly UserNumber[], on: boolean): void {
  demand(actor.powers === 'app' ? null : forbidden('Only the app can do this.'));
  const others = log.blockers.filter((user) => !by.includes(user));
  const blockers = on ? [...others, ...by] : others;
  if (blockers.length === log.blockers.length && blockers.every((user) => log.blockers.includes(user)))
    return;
  log.blockers = blockers;
  log.setMeta('blockers', blockers);
}
