// Two people of this conversation turned out to be one: the survivor takes the other's place and messages. Who that is, the
// directory decides.
import { forbidden } from '../domain/errors.ts';
import type { Seq, UserNumber } from '../domain/ids.ts';
import type { Actor, ConversationFacts, Member } from '../domain/model.ts';
import { block } from './blocking.ts';
import { append, type Core, change, demand, type Person, reread } from './core.ts';
import type { EntryRow } from './rows.ts';
import { give } from './updating.ts';

export interface Merging {
  /** Who was merged, and whom they were merged into before that, in this order. */
  from: UserNumber[];
  into: Person;
  /** What the directory has decided: a second conversation of the same two is a group from then on. */
  kind: ConversationFacts['kind'];
  /** Whose default conversation this is. */
  defaultOf: UserNumber | null;
}

/**
 * The survivor is in where the other was, with the further positions of both, and is the author of what they said; the
 * other has left. A join, a leave and a merge entry tell it to every reader. App credentials only. Twice is once, and a
 * late call of an older merge, whose survivor was merged since, does nothing.
 */
export function merge(core: Core, actor: Actor, { from, into, kind, defaultOf }: Merging): void {
  demand(actor.powers === 'app' ? null : forbidden('Only the app can do this.'));
  const { log } = core;
  if (log.merged.has(into.user)) return;
  change(core, (rows) => {
    for (const user of from) fold(core, actor, user, into, rows);
    if (log.blockers.some((user) => from.includes(user))) {
      block(core, actor, [into.user], true);
      block(core, actor, from, false);
    }
    const creator =
      log.facts.creator !== null && from.includes(log.facts.creator) ? into.user : log.facts.creator;
    const { facts } = log;
    if (facts.kind !== kind || facts.defaultOf !== defaultOf || facts.creator !== creator)
      log.change({ kind, defaultOf, creator });
  });
}

function fold(core: Core, actor: Actor, user: UserNumber, into: Person, rows: EntryRow[]): void {
  const { log, roster } = core;
  const old = roster.get(user);
  const known = log.merged.get(user);
  // Somebody who was asked before this may have brought them in again.
  if (!old || (known === into.user && old.standing !== 'active')) return log.alias(user, into.user);
  const survivor = roster.get(into.user);
  const place = placeOf(core, old, survivor, into);
  const tell = (kind: 'join' | 'leave', who: UserNumber) =>
    rows.push(append(core, { kind, author: actor.user, body: { users: [who] } }));
  if (place.standing === 'active' && survivor?.standing !== 'active') tell('join', into.user);
  if (old.standing === 'active') tell('leave', user);
  const head = log.reattribute(user, into.user);
  if (head) reread(core);
  roster.fold(user, into.user, head);
  log.alias(user, into.user);
  roster.put(place);
  // Events of before name them by their number: it shows who they are.
  const standing = old.standing === 'active' ? 'left' : old.standing;
  roster.put({ ...old, card: into.card, standing, removedBy: null, concealed: null });
  renameInviter(core, user, into.user);
  if (log.facts.assignee === user) give(core, actor, into, rows);
  rows.push(append(core, { kind: 'merge', author: actor.user, body: { user, into: into.user } }));
}

/** Where the survivor stands from now on. */
function placeOf(core: Core, old: Member, survivor: Member | undefined, { user, card }: Person): Member {
  if (!survivor || survivor.standing === 'outside') return { ...old, user, card };
  if (survivor.standing !== 'active') return { ...(old.standing === 'active' ? old : survivor), user, card };
  return { ...(old.standing === 'active' ? both(core, old, survivor) : survivor), card };
}

/** Of two places in one conversation: read as far as either, hidden and muted as both, nothing out of sight. */
function both({ log, roster }: Core, a: Member, b: Member): Member {
  const [further, other] = roster.mark(a.user).seq > roster.mark(b.user).seq ? [a, b] : [b, a];
  const read = roster.mark(further.user);
  const spoke = Math.max(roster.recent.get(a.user)?.seq ?? 0, roster.recent.get(b.user)?.seq ?? 0);
  const newest = log.lastMessage.seq;
  const isHidden = ({ hiddenSeq }: Member) => hiddenSeq > 0 && hiddenSeq >= newest;
  const first = a.joinedSeq < b.joinedSeq ? a : b;
  return {
    ...b,
    joinedSeq: first.joinedSeq,
    joinedAt: first.joinedAt,
    invitedBy: first.invitedBy,
    readSeq: read.seq,
    readN: read.n,
    readAt: Math.max(further.readAt, other.readAt),
    // Who marked the conversation unread behind their own message has it unread still.
    ownAfter: spoke > read.seq ? spoke : 0,
    deliveredSeq: Math.max(a.deliveredSeq, b.deliveredSeq),
    deliveredAt: Math.max(a.deliveredAt, b.deliveredAt),
    hiddenSeq: isHidden(a) && isHidden(b) ? Math.max(a.hiddenSeq, b.hiddenSeq) : 0,
    clearedSeq: Math.min(a.clearedSeq, b.clearedSeq) as Seq,
    muted: a.muted && b.muted,
    concealed: null,
  };
}

function renameInviter({ roster }: Core, from: UserNumber, into: UserNumber): void {
  for (const member of roster.members.values()) {
    const { invitedBy, removedBy } = member;
    if (invitedBy !== from && removedBy !== from) continue;
    roster.put({
      ...member,
      invitedBy: invitedBy === from ? into : invitedBy,
      removedBy: removedBy === from ? into : removedBy,
    });
  }
}
