// What a person's conversations look like from outside: lists and counters, from the directory.

import { listFiltered as filtered, type ListFilter } from '../directory/filtered-lists.ts';
import type { ListedForUser, NumberWindow } from '../directory/lists.ts';
import { listByNumber as byNumber, listByTime, unreadNumbers } from '../directory/lists.ts';
import { conversationsOfTime } from '../directory/log-times.ts';
import { listWithTeam, type Unasked } from '../directory/team-lists.ts';
import { forbidden, Refused } from '../domain/errors.ts';
import type { ConversationNumber, LogTime, Seq, UserNumber } from '../domain/ids.ts';
import type { Card, ConversationFacts, Standing } from '../domain/model.ts';
import { shortContent } from '../text/forum.ts';
import type { App, Caller, Hub, User } from './context.ts';
import { ask } from './directory.ts';

export type { ListFilter } from '../directory/filtered-lists.ts';

/** One conversation in a list. */
export interface ConversationRow {
  facts: ConversationFacts;
  lastSeq: Seq;
  /** ms of the last message, or of the creation. */
  lastMessageAt: number;
  /** Log time of the last message; 0: there is none. */
  lastLogTime: LogTime;
  lastAuthor: UserNumber | null;
  messageCount: number;
  /** Plain text of the last message, at most 200 code points. */
  preview: string;
  /** Members, the last poster and authors; at most 100. */
  people: { user: UserNumber; card: Card; standing: Standing }[];
  memberCount: number;
  unread: number;
  readSeq: Seq;
  muted: boolean;
  /** False: it is the caller's as one of the team, without their being in it. */
  member: boolean;
  /** ms since 1970 of the last time that somebody who answers for the app read it; 0: never. */
  businessReadAt: number;
}

const rowOf = (row: ListedForUser): ConversationRow => ({ ...row, lastMessageAt: row.lastAt });

function personOf(caller: Caller): User {
  if (!caller.user) throw new Refused(forbidden('This call needs a person.'));
  return caller.user;
}

/**
 * By last message, newest first; hidden ones are left out. `start` counts from 0; `direct`: see listByTime. `team`: to
 * somebody of the team also the customers' conversations that are open and nobody is assigned to, under every routing policy:
 * what nobody sees would wait for ever, and what somebody was given is theirs.
 */
export async function listForUser(
  hub: Hub,
  caller: Caller,
  { start, count, direct, team }: { start: number; count: number; direct?: boolean; team?: boolean },
): Promise<{ total: number; unreadConversations: number; rows: ConversationRow[] }> {
  const { number } = personOf(caller);
  const { app } = caller;
  const list = await ask(hub, app.number, (d1) =>
    team && isTeam(caller)
      ? listWithTeam(d1, app.number, number, { start, count }, unaskedOf(app))
      : listByTime(d1, app.number, number, start, count, direct),
  );
  return { total: list.total, unreadConversations: list.unreadConversations, rows: list.rows.map(rowOf) };
}

/** Whether the caller asks as one of the team: their token says so, which ends with the role. */
export const isTeam = (caller: Caller): boolean => caller.powers === 'team';

/** Forbidden to everybody else. */
export function demandTeam(caller: Caller): void {
  if (!isTeam(caller)) throw new Refused(forbidden('Only the team can do this.'));
}

/** What the app says in its own name while nobody is there. */
export const unaskedOf = ({ settings }: App): Unasked =>
  settings.returnOfflineMessage && settings.offlineMessage !== ''
    ? shortContent(settings.offlineMessage, 'plain')
    : null;

/** One's own conversations that may have a message of this log time, the likeliest first, however old they are. */
export function listByLogTime(
  hub: Hub,
  caller: Caller,
  time: LogTime,
  limit: number,
): Promise<ConversationNumber[]> {
  const { number } = personOf(caller);
  return ask(hub, caller.app.number, (d1) => conversationsOfTime(d1, number, time, limit));
}

/** By number, newest first. `user` null: the whole app, for app credentials. */
export async function listByNumber(
  hub: Hub,
  caller: Caller,
  { user, ...window }: NumberWindow & { user: UserNumber | null },
): Promise<{ rows: ConversationRow[]; hasMore: boolean }> {
  demandOwn(caller, user);
  const list = await ask(hub, caller.app.number, (d1) => byNumber(d1, caller.app.number, user, window));
  return { rows: list.rows.map(rowOf), hasMore: list.hasMore };
}

/** A conversation that a filter let through: what it is, whoever asks. */
export type FilteredRow = Pick<
  ConversationRow,
  'facts' | 'lastSeq' | 'lastMessageAt' | 'messageCount' | 'businessReadAt'
>;

export interface FilteredList {
  rows: FilteredRow[];
  hasMore: boolean;
  /** Where the next page goes on, also from one that shows less than its size. Null: there was nothing to look at. */
  reached: ConversationNumber | null;
}

/**
 * Like `listByNumber`, of the conversations that the filter lets through. A page is full where it has a next one, but for a
 * filter that lets through next to none of thousands: it looks at a bounded number.
 */
export async function listFiltered(
  hub: Hub,
  caller: Caller,
  { user, filter, ...window }: NumberWindow & { user: UserNumber | null; filter: ListFilter },
): Promise<FilteredList> {
  demandOwn(caller, user);
  const { number: app } = caller.app;
  const list = await ask(hub, app, (d1) => filtered(d1, { app, user, filter, ...window }));
  return { ...list, rows: list.rows.map((row) => ({ ...row, lastMessageAt: row.lastAt })) };
}

function demandOwn(caller: Caller, user: UserNumber | null): void {
  if (caller.powers !== 'app' && user !== caller.user?.number)
    throw new Refused(forbidden('You can only list your own conversations.'));
}

/** `team`: as with listForUser. */
export async function inboxCounts(
  hub: Hub,
  caller: Caller,
  { team = false }: { team?: boolean } = {},
): Promise<{ unreadConversations: number; unreadMessages: number }> {
  const { number } = personOf(caller);
  const { app } = caller;
  const list = await ask(hub, app.number, (d1) =>
    team && isTeam(caller)
      ? listWithTeam(d1, app.number, number, { start: 0, count: 0 }, unaskedOf(app))
      : listByTime(d1, app.number, number, 0, 0),
  );
  return { unreadConversations: list.unreadConversations, unreadMessages: list.unreadMessages };
}

/** Every conversation of the caller with something unread. */
export async function unreadConversations(hub: Hub, caller: Caller): Promise<ConversationNumber[]> {
  const { number } = personOf(caller);
  return ask(hub, caller.app.number, (d1) => unreadNumbers(d1, number));
}
