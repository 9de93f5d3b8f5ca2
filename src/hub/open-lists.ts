// Conversations that somebody has open, each as it is now: the directory says which, the conversations themselves the rest.
import { heldOf, type OpenConversation, type OpenList, openOf, openOfApp } from '../directory/open-lists.ts';
import { forbidden, Refused } from '../domain/errors.ts';
import { type ConversationNumber, userNumber } from '../domain/ids.ts';
import { type ConversationView, type Member, TEAM_ROLES } from '../domain/model.ts';
import { progressOf } from '../domain/progress.ts';
import type { Caller, Hub } from './context.ts';
import { viewConversation } from './conversations.ts';
import { ask } from './directory.ts';

export type { HeldConversation, OpenConversation, OpenList } from '../directory/open-lists.ts';

/** Objects asked at a time. */
const AT_ONCE = 8;
/** Conversations of a person that are looked through for one that may be used again. */
const HELD_MOST = 200;

/** A conversation as somebody's list of open ones shows it. */
export interface OpenRow {
  view: ConversationView;
  /** The reader's own place; null: they see it without being in it. */
  me: Member | null;
}

/**
 * The caller's, newest message first; for the team also what nobody is assigned to, where everybody gets visitors. `all`: also
 * the old ones of somebody who is in very many.
 */
export function openFor(hub: Hub, caller: Caller, { all = false } = {}): Promise<OpenList> {
  const { app, user } = caller;
  if (!user) throw new Refused(forbidden('This call needs a person.'));
  const watches = TEAM_ROLES.has(user.role) && caller.powers === 'team' && app.settings.routePolicy === 'ALL';
  return ask(hub, app.number, (d1) => openOf(d1, app.number, user.number, { watches, all }));
}

/** The app's, newest message first, at most `limit`: of a person of the team support conversations alone. */
export function openInApp(hub: Hub, caller: Caller, limit: number): Promise<OpenConversation[]> {
  if (caller.powers === 'member') throw new Refused(forbidden('Only the team can do this.'));
  const supportOnly = caller.powers !== 'app';
  return ask(hub, caller.app.number, (d1) => openOfApp(d1, caller.app.number, { supportOnly, limit }));
}

/** Each as it is now, in order; without those that are gone, not the caller's any more, or put away since. */
export async function viewsOf(
  hub: Hub,
  caller: Caller,
  numbers: readonly ConversationNumber[],
): Promise<OpenRow[]> {
  const rows: OpenRow[] = [];
  for (let i = 0; i < numbers.length; i += AT_ONCE) {
    const part = numbers.slice(i, i + AT_ONCE).map((number) => viewOrNull(hub, caller, number));
    for (const view of await Promise.all(part))
      if (view && stateOf(view, view.me) === 'OPEN') rows.push({ view, me: view.me });
  }
  return rows;
}

async function viewOrNull(hub: Hub, caller: Caller, c: ConversationNumber): Promise<ConversationView | null> {
  try {
    return await viewConversation(hub, caller, c);
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'not_found') return null;
    throw error;
  }
}

/** How far a conversation is for one member (null: for nobody in particular). */
export const stateOf = (view: ConversationView, member: Member | null): Member['progress'] =>
  progressOf(member, view.lastMessage?.seq ?? 0);

/** Conversations of one kind that the caller is in, the newest first. */
export const heldBy = (hub: Hub, { app, user }: Caller, kind: 'support' | 'group') =>
  ask(hub, app.number, (d1) => heldOf(d1, user?.number ?? userNumber(0), kind, HELD_MOST));
