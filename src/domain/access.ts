// Who may do what in one conversation, and who finds whom. Pure: of a conversation its object asks, and that answer is the
// only one.
import { forbidden, invalid, notFound, type Refusal } from './errors.ts';
import { type Actor, type ConversationFacts, type Member, type Role, TEAM_ROLES } from './model.ts';

type Facts = Pick<ConversationFacts, 'kind' | 'locked' | 'public'>;

const isActive = (member: Pick<Member, 'standing'> | undefined): boolean => member?.standing === 'active';

/** The team reads and answers any support conversation of its app (DESIGN.md 4, "The team"). */
export const throughTeam = (facts: Pick<Facts, 'kind'>, actor: Pick<Actor, 'powers'>): boolean =>
  actor.powers === 'team' && facts.kind === 'support';

/** Null: may read. A stranger gets the answer of a missing conversation. */
export function refuseRead(facts: Facts, actor: Actor, me: Member | undefined): Refusal | null {
  return actor.powers === 'app' || isActive(me) || throughTeam(facts, actor)
    ? null
    : notFound('conversation');
}

export function refusePost(facts: Facts, actor: Actor, me: Member | undefined): Refusal | null {
  const refusal = refuseRead(facts, actor, me);
  if (refusal) return refusal;
  return facts.locked
    ? { code: 'locked', message: 'This conversation is closed. Nobody can post in it.' }
    : null;
}

/** Only its author, or an app credential, changes a message; the team may remove one in its support conversations. */
export function refuseChange(
  facts: Facts,
  actor: Actor,
  me: Member | undefined,
  author: number | null,
  change: 'edit' | 'delete',
): Refusal | null {
  const refusal = refuseRead(facts, actor, me);
  if (refusal) return refusal;
  if (actor.powers === 'app' || (actor.user !== null && actor.user === author)) return null;
  if (change === 'delete' && throughTeam(facts, actor)) return null;
  return forbidden('Only its author can do this to a message.');
}

/**
 * Null: may add `target`. Any active member of a group invites; a direct conversation is frozen; a person who left
 * for ever comes back only by themselves or by an app credential.
 */
export function refuseJoin(
  facts: Facts,
  actor: Actor,
  me: Member | undefined,
  target: { user: number; member: Member | undefined; name: string },
): Refusal | null {
  if (facts.kind === 'direct') return forbidden('Nobody can be added to a conversation of two.');
  if (actor.powers === 'app') return null;
  const self = actor.user === target.user;
  if (self && isActive(me)) return null;
  if (self && me && !me.removedBy && (me.standing === 'left' || me.standing === 'barred')) return null;
  if (self && facts.public)
    return me?.removedBy ? forbidden('You were removed from this conversation.') : null;
  const refusal = refuseRead(facts, actor, me);
  if (refusal) return refusal;
  if (facts.kind === 'support' && actor.powers !== 'team') {
    return forbidden('You cannot invite people to this conversation.');
  }
  if (target.member?.standing === 'barred') {
    return forbidden(`${target.name} has left this conversation and cannot be invited again.`);
  }
  return null;
}

/** Taking somebody else out: an app credential, or the team in support conversations. */
export function refuseRemove(facts: Facts, actor: Actor, me: Member | undefined): Refusal | null {
  if (actor.powers === 'app' || throughTeam(facts, actor)) return null;
  return refuseRead(facts, actor, me) ?? forbidden('You cannot remove people from this conversation.');
}

/** Title, icon, metadata, lock: an app credential or the team. */
export function refuseUpdate(facts: Facts, actor: Actor, me: Member | undefined): Refusal | null {
  return refuseRemove(facts, actor, me) === null
    ? null
    : (refuseRead(facts, actor, me) ?? forbidden('You cannot change this conversation.'));
}

/**
 * Null: may give the conversation to `target`, who comes in by it: an app credential or the team, to somebody of the
 * team. Who left for ever comes back by an app credential or themselves alone.
 */
export function refuseAssign(
  facts: Facts,
  actor: Actor,
  me: Member | undefined,
  target: { user: number; member: Member | undefined; name: string; role: Role },
): Refusal | null {
  const refusal = refuseUpdate(facts, actor, me);
  if (refusal) return refusal;
  if (!TEAM_ROLES.has(target.role)) return invalid('Only somebody of the team can be assigned.');
  if (facts.kind === 'direct') return forbidden('Nobody can be assigned to a conversation of two.');
  return isActive(target.member) ? null : refuseJoin(facts, actor, me, target);
}

/** Whether this caller could invite anybody at all (forum apps show a button). */
export const mayInvite = (
  facts: Facts,
  actor: Pick<Actor, 'powers'>,
  me: Pick<Member, 'standing'> | undefined,
): boolean =>
  facts.kind !== 'direct' && (actor.powers !== 'member' || (facts.kind === 'group' && isActive(me)));

const MEMBERS_AND_TEAM: ReadonlySet<Role> = new Set<Role>(['member', ...TEAM_ROLES]);

/**
 * Roles that people search finds (DESIGN.md 4): nobody finds visitors, ghosts and voices, and a visitor, whose
 * credentials may be public, finds the team alone.
 */
export const findableBy = (viewer: Role): ReadonlySet<Role> =>
  viewer === 'visitor' ? TEAM_ROLES : MEMBERS_AND_TEAM;

/** Whether somebody may look another person of the app up: who can be found, oneself, and for the team visitors too. */
export const maySee = (
  viewer: { number: number; role: Role },
  other: { number: number; role: Role },
): boolean =>
  viewer.number === other.number ||
  findableBy(viewer.role).has(other.role) ||
  (TEAM_ROLES.has(viewer.role) && other.role === 'visitor');
