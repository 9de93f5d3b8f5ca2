// Who is shown of a conversation's people: some of them with a view, and all of them page by page.
import { concealedAfter } from '../domain/concealed.ts';
import type { MessageNumber, Seq, UserNumber } from '../domain/ids.ts';
import {
  type Actor,
  type ConversationView,
  type Member,
  type ReadMark,
  type Role,
  SERVICE_ROLES,
} from '../domain/model.ts';
import { isService } from '../domain/reads.ts';
import { type Core, readerOf } from './core.ts';
import type { Log } from './log.ts';
import { kindCode } from './rows.ts';

const MESSAGE = kindCode('message');
/** A conversation's first entry: whom it began with. */
const FIRST_JOIN = 1;

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
  if (roster.members.size <= VIEW_PEOPLE)
    return [...roster.members.values()].filter(({ user }) => !log.merged.has(user));
  const shown = new Set<UserNumber>();
  const show = (users: Iterable<UserNumber | null>): void => {
    for (const user of users) {
      if (shown.size === VIEW_PEOPLE) return;
      if (user !== null && roster.members.has(user) && !log.merged.has(user)) shown.add(user);
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

/** How far those of `people` who are in now have read. One row read for each place that one of them stands at. */
export function readOf({ log, roster }: Core, people: readonly Member[]): Record<number, ReadMark> {
  const marks: Record<number, ReadMark> = {};
  const messages = new Map<Seq, MessageNumber | null>();
  for (const { user, standing } of people) {
    if (standing !== 'active') continue;
    const { seq } = roster.mark(user);
    if (!messages.has(seq)) messages.set(seq, newestMessage(log, seq));
    marks[user] = { seq, message: messages.get(seq) ?? null };
  }
  return marks;
}

function newestMessage(log: Log, through: Seq): MessageNumber | null {
  const row = through >= log.lastMessage.seq ? null : log.row(through);
  const seq = row ? (row.kind === MESSAGE ? row.seq : row.prev) : through > 0 ? log.lastMessage.seq : 0;
  return seq > 0 ? log.idOf(seq) : null;
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

export interface PeoplePage
  extends Pick<ConversationView, 'facts' | 'memberCount' | 'unreadByUser' | 'readByUser'> {
  /** By user number, rising. */
  members: Member[];
  /** More lies further in the walking direction. */
  hasMore: boolean;
}

/**
 * Who is the customer of a support conversation: nobody who answers for the app, unless it is about one of them, who opened it
 * for themselves or was made one of the team since.
 */
function customersOf({ log, roster }: Core): (user: UserNumber, role: Role) => boolean {
  const began = roster.byNumber().filter((member) => member.joinedSeq === FIRST_JOIN);
  const isTheirs = began.every((member) => isService(member));
  const own = new Set(isTheirs ? began.map(({ user }) => user) : []);
  return (user, role) => !SERVICE_ROLES.has(role) || user === log.facts.defaultOf || own.has(user);
}

/** A page of everybody who is or was a member, and every author. Unread counts for app credentials only. */
export function pageOfPeople(core: Core, actor: Actor, window: PeopleWindow): PeoplePage {
  readerOf(core, actor);
  const { roster, log } = core;
  const { after = 0, before = Number.POSITIVE_INFINITY } = window;
  const limit = Math.min(window.limit, PAGE_PEOPLE);
  const withoutTeam = window.withoutTeam === true && log.facts.kind === 'support';
  const isCustomer = customersOf(core);
  const inRange = roster
    .byNumber()
    .filter(
      ({ user, standing, card }) =>
        user > after &&
        user < before &&
        !log.merged.has(user) &&
        !(window.activeOnly && standing !== 'active') &&
        (!withoutTeam || isCustomer(user, card.role)),
    );
  const members = window.before === undefined ? inRange.slice(0, limit) : inRange.slice(-limit);
  return {
    facts: log.facts,
    memberCount: roster.active().length,
    members,
    hasMore: inRange.length > members.length,
    ...(actor.powers === 'app'
      ? { unreadByUser: unreadOf(core, members), readByUser: readOf(core, members) }
      : {}),
  };
}
