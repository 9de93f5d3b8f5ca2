// Coming, going, and how far each member has read.
import { refuseJoin, refuseRemove } from '../domain/access.ts';
import { forbidden, notFound, type Refusal, Refused } from '../domain/errors.ts';
import type { LogTime, Seq, UserNumber } from '../domain/ids.ts';
import { type Actor, type Card, type Draft, type Member, SERVICE_ROLES } from '../domain/model.ts';
import { answeredMark, placeless, watches } from './answered.ts';
import type { Mark } from './api.ts';
import { conceal } from './boxes.ts';
import { append, type Core, change, demand, type Person, readerOf } from './core.ts';
import { clearedFrame, deliveredFrame, readFrame } from './frames.ts';
import { joinPeople } from './joining.ts';
import { lastByOthers, ordinalAt } from './ordinals.ts';
import { postOne } from './posting.ts';
import { kindCode, newMember } from './rows.ts';
import { seqAtTime } from './times.ts';
import { give } from './updating.ts';

const MESSAGE = kindCode('message');

/** Messages looked through for the last one of somebody else, when a member marks the conversation unread. */
const LOOK_BACK = 1_000;

/** Adds people, all or nothing; who is there already stays as they are. The reason is the inviter's next message. */
export function join(core: Core, actor: Actor, people: readonly Person[], reason: Draft | null): void {
  const { log, roster } = core;
  const me = roster.get(actor.user);
  change(core, (rows) => {
    for (const { user, card } of people) {
      const member = roster.get(user);
      demand(refuseJoin(log.facts, actor, me, { user, member, name: card.name }));
    }
    joinPeople(core, actor, people, rows);
    if (!reason) return;
    const posted = postOne(core, { actor, author: null, draft: reason }, rows);
    if (!posted.ok) throw new Refused(posted.refusal);
  });
}

/** leave: may be invited again. bar: left for ever. remove: taken out by somebody else. */
export type LeaveMode = 'leave' | 'bar' | 'remove';

export function leave(core: Core, actor: Actor, user: UserNumber, mode: LeaveMode): void {
  const { log, roster } = core;
  const me = roster.get(actor.user);
  if (actor.user === user && mode !== 'remove') readerOf(core, actor);
  else demand(refuseRemove(log.facts, actor, me));
  const member = roster.get(user);
  if (member?.standing !== 'active') {
    if (mode === 'bar' && actor.user === user && watches(core, actor, me)) throw new Refused(placeless());
    throw new Refused(notFound('member', 'User is not a member of the conversation'));
  }
  if (log.facts.kind === 'direct' && mode === 'remove') {
    throw new Refused(forbidden('Nobody can be removed from a conversation of two.'));
  }
  change(core, (rows) => {
    const removed = mode === 'remove' && actor.user !== user;
    const barred = mode === 'bar';
    rows.push(
      append(core, {
        kind: 'leave',
        author: actor.user,
        body: { users: [user], ...(removed ? { removed } : {}), ...(barred ? { barred } : {}) },
      }),
    );
    const standing = barred ? 'barred' : 'left';
    roster.put({ ...member, standing, removedBy: removed ? actor.user : null });
    // The assignee is a member: who goes gives it back.
    if (log.facts.assignee === user) give(core, actor, null, rows);
  });
}

/** Moves one of a member's marks. */
export function mark(core: Core, actor: Actor, what: Mark): void {
  switch (what.kind) {
    case 'read':
      return markRead(core, actor, upToOf(core, what), what.user, what.card);
    case 'delivered':
      return markDelivered(core, actor, upToOf(core, what) ?? 0, what.user);
    case 'unread':
      return markUnread(core, actor, what.from ?? null);
    case 'hide':
      return hide(core, actor);
    case 'progress':
      return progress(core, actor, what.to);
    case 'clear':
      return clear(core, actor);
    case 'conceal':
      return conceal(core, actor, what.message, what.box);
  }
}

const upToOf = ({ log }: Core, { upTo, time }: { upTo: Seq | null; time?: LogTime }): Seq | null =>
  time === undefined ? upTo : seqAtTime(log, time);

/** The active member whose mark moves: the caller, or the one that an app credential names. */
function markedMember(core: Core, actor: Actor, user: UserNumber | null): Member {
  readerOf(core, actor);
  if (user !== null && user !== actor.user && actor.powers !== 'app') {
    throw new Refused(forbidden('You cannot do this for somebody else.'));
  }
  const member = core.roster.get(user ?? actor.user);
  // The app's voice reads where it has spoken, without being a member (Sunshine businessLastRead).
  const reads = member?.standing === 'active' || (member?.standing === 'outside' && actor.powers === 'app');
  if (!member || !reads) throw new Refused(notFound('member', 'User is not a member of the conversation'));
  return member;
}

/**
 * Who reads: as with every mark; or the business without being in, by the app's voice that an app credential names or by
 * anybody of the team in a support conversation. Their mark is kept beside the members'.
 */
function reader(core: Core, actor: Actor, user: UserNumber | null, card: Card | undefined): Member {
  const { log, roster } = core;
  const number = user ?? actor.user;
  const known = roster.get(number);
  if (known?.standing === 'active' || number === null) return markedMember(core, actor, user);
  const isVoice = actor.powers === 'app' && card !== undefined && SERVICE_ROLES.has(card.role);
  const isTeam = actor.powers === 'team' && number === actor.user && log.facts.kind === 'support';
  if (!isVoice && !isTeam) return markedMember(core, actor, user);
  const shown = card ?? actor.card;
  return known ?? (shown ? newMember(number, shown, 'outside') : markedMember(core, actor, user));
}

/**
 * Read up to `upTo` (absent: everything). Only rises; others see the new mark. One row, none when nothing moved. Whom an app
 * credential says to have read has read now, also where they had just answered and their mark is there by that.
 */
export function markRead(
  core: Core,
  actor: Actor,
  upTo: Seq | null,
  user: UserNumber | null,
  card?: Card,
): void {
  const { log, roster, fanout } = core;
  const member = reader(core, actor, user, card);
  const seq = Math.min(upTo ?? log.last.seq, log.last.seq);
  const from = actor.powers === 'app' ? member.readSeq : roster.mark(member.user).seq;
  if (seq <= from) return;
  const n = ordinalAt(log, seq);
  const now = core.now();
  change(core, () => {
    const deliveredSeq = Math.max(member.deliveredSeq, seq);
    roster.put({
      ...member,
      readSeq: seq,
      readN: n,
      readAt: now,
      ownAfter: 0,
      deliveredSeq,
      deliveredAt: now,
    });
  });
  fanout.signal(readFrame(log.facts, member.user, seq, member.card.role));
  core.hooks.signal({ kind: 'read', seq }, member.user);
}

/** Received up to `upTo` by one of the member's devices. Only rises. */
function markDelivered(core: Core, actor: Actor, upTo: Seq, user: UserNumber | null): void {
  const { log, roster, fanout } = core;
  const member = markedMember(core, actor, user);
  const seq = Math.min(upTo, log.last.seq);
  if (seq <= member.deliveredSeq) return;
  change(core, () => roster.put({ ...member, deliveredSeq: seq, deliveredAt: core.now() }));
  fanout.signal(deliveredFrame(log.facts.number, member.user, seq));
}

/** Puts the mark before the message at `from`, or before the last one of somebody else; without one nothing changes. */
function markUnread(core: Core, actor: Actor, from: Seq | null): void {
  const { log, roster } = core;
  if (watches(core, actor, roster.get(actor.user))) return demand(refuseUnread(core));
  const member = markedMember(core, actor, null);
  const target = from === null ? lastByOthers(log, member.user, LOOK_BACK) : log.row(from);
  if (target?.kind !== MESSAGE || roster.mark(member.user).seq < target.seq) return;
  change(core, () =>
    roster.put({ ...member, readSeq: target.seq - 1, readN: target.n - 1, ownAfter: log.last.seq }),
  );
}

/** To one of the team who is not in it a conversation is unread as long as nobody has answered. */
function refuseUnread(core: Core): Refusal | null {
  const { log } = core;
  const newest = log.lastMessage.seq > 0 ? log.row(log.lastMessage.seq) : null;
  return log.livingAfter(answeredMark(core, newest).n) > 0 ? null : placeless();
}

/** Out of the lists of a member, or of one of the team in a support conversation, until a later message. */
function hide(core: Core, actor: Actor): void {
  const member = reader(core, actor, null, undefined);
  const hiddenSeq = Math.max(1, core.log.lastMessage.seq);
  if (member.hiddenSeq === hiddenSeq) return;
  change(core, () => core.roster.put({ ...member, hiddenSeq }));
}

/**
 * Closes the conversation for this member, or opens it again; whoever closes it is in it, or of the team in a support
 * conversation. Nobody is told, and no message costs a row for it: a later one is simply behind the mark.
 */
function progress(core: Core, actor: Actor, to: 'OPEN' | 'CLOSE'): void {
  const member = reader(core, actor, null, undefined);
  const hiddenSeq = to === 'CLOSE' ? Math.max(1, core.log.lastMessage.seq) : 0;
  if (member.hiddenSeq === hiddenSeq && member.progress === to) return;
  change(core, () => core.roster.put({ ...member, hiddenSeq, progress: to }));
}

/** Everything so far goes out of the member's sight, and is read with that; their other clients are told. */
function clear(core: Core, actor: Actor): void {
  const { log, roster, fanout } = core;
  const member = markedMember(core, actor, null);
  const { seq, n } = log.last;
  if (member.clearedSeq >= log.lastMessage.seq) return;
  const now = core.now();
  const read = { readSeq: seq, readN: n, readAt: now, ownAfter: 0, deliveredSeq: seq, deliveredAt: now };
  change(core, () => roster.put({ ...member, ...read, clearedSeq: seq }));
  fanout.signal(clearedFrame(log.facts.number, seq), { only: member.user });
}
