// Who is shown of a conversation's people: some of them with a view, and all of them page by page.
import { concealedAfter } from '../domain/concealed.ts';
import type { UserNumber } from '../domain/ids.ts';
import { type Actor, type ConversationView, type Member, SERVICE_ROLES } from '../domain/model.ts';
import { type Core, readerOf } from './core.ts';

/** People that a view comes with: some 60 KB. Who needs them all asks page by page. */
export const VIEW_PEOPLE = 200;
/** People in one page. */
const PAGE_PEOPLE = 1_000;

/**
 * Everybody, where they are few. Of a large conversation the caller, whom the call is about (`about`) and the last
 * poster; then who answers for the app, since they may be shown as one; then other active members, as far as they fit.
 */
export function peopleOf(
  { log, roster }: Core,
  me: Member | undefined,
  about: Iterable<UserNumber | null>,
): Member[] {
  if (roster.members.size <= VIEW_PEOPLE) return [...roster.members.values()];
  const shown = new Set<UserNumber>();
  const show = (users: Iterable<UserNumber | null>): void => {
    for (const user of users) {
      if (shown.size === VIEW_PEOPLE) return;
      if (user !== null && roster.members.has(user)) shown.add(user);
    }
  };
  show([me?.user ?? null, log.row(log.lastMessage.seq)?.author ?? null]);
  show(about);
  show(roster.service());
  show(roster.active());
  return [...shown].map((user) => roster.members.get(user) as Member);
}

/** Messages behind a person's mark that were not deleted, nor put out of their sight. */
export function unreadBy({ log, roster }: Core, user: UserNumber): number {
  const { n } = roster.mark(user);
  const hidden = concealedAfter(roster.get(user)?.concealed ?? null, n);
  return hidden.reduce((count, [from, to]) => count - log.gone.living(from, to), log.livingAfter(n));
}

/** Unread messages of those of `people` who are in now. */
export function unreadOf(core: Core, people: readonly Member[]): Record<number, number> {
  const counts: Record<number, number> = {};
  for (const { user, standing } of people) if (standing === 'active') counts[user] = unreadBy(core, user);
  return counts;
}

export interface PeopleWindow {
  /** By user number, rising: after this one, or before that one. */
  after?: UserNumber;
  before?: UserNumber;
  /** At most 1,000. */
  limit: number;
  /** Without those who left, or wrote from outside. */
  activeOnly?: boolean;
  /** Of a support conversation, without those who answer for the app: the customer alone. */
  withoutTeam?: boolean;
}

export interface PeoplePage extends Pick<ConversationView, 'facts' | 'memberCount' | 'unreadByUser'> {
  /** By user number, rising. */
  members: Member[];
  /** More lies further in the walking direction. */
  hasMore: boolean;
}

/** A page of everybody who is or was a member, and every author. Unread counts for app credentials only. */
export function pageOfPeople(core: Core, actor: Actor, window: PeopleWindow): PeoplePage {
  readerOf(core, actor);
  const { roster, log } = core;
  const { after = 0, before = Number.POSITIVE_INFINITY } = window;
  const limit = Math.min(window.limit, PAGE_PEOPLE);
  const withoutTeam = window.withoutTeam === true && log.facts.kind === 'support';
  const inRange = roster
    .byNumber()
    .filter(
      ({ user, standing, card }) =>
        user > after &&
        user < before &&
        !(window.activeOnly && standing !== 'active') &&
        !(withoutTeam && SERVICE_ROLES.has(card.role)),
    );
  const members = window.before === undefined ? inRange.slice(0, limit) : inRange.slice(-limit);
  return {
    facts: log.facts,
    memberCount: roster.active().length,
    members,
    hasMore: inRange.length > members.length,
    ...(actor.powers === 'app' ? { unreadByUser: unreadOf(core, members) } : {}),
  };
}
