// Making people members: one entry for all newcomers of a call, one row each.
import type { Seq, UserNumber } from '../domain/ids.ts';
import type { Actor, Member } from '../domain/model.ts';
import { append, type Core, type Person } from './core.ts';
import { type EntryRow, newMember } from './rows.ts';

/** The join entry and rows of those who are not in yet; permission was asked before. */
export function joinPeople(core: Core, actor: Actor, people: readonly Person[], rows: EntryRow[]): void {
  const { log, roster } = core;
  const fresh = people.filter((p) => roster.get(p.user)?.standing !== 'active');
  if (fresh.length === 0) return;
  const row = append(core, { kind: 'join', author: actor.user, body: { users: fresh.map((p) => p.user) } });
  rows.push(row);
  const now = core.now();
  for (const { user, card } of fresh) {
    const known = roster.get(user) ?? newMember(user, card, 'active');
    roster.put(
      entering({ ...known, card }, row.seq, log.last.n, now, user === actor.user ? null : actor.user),
    );
  }
}

/** Newcomers see what was said before, with their read mark at their join (DESIGN.md 4). */
const entering = (member: Member, seq: Seq, n: number, now: number, by: UserNumber | null): Member => ({
  ...member,
  standing: 'active',
  joinedSeq: seq,
  joinedAt: now,
  readSeq: seq,
  readN: n,
  readAt: now,
  ownAfter: 0,
  deliveredSeq: seq,
  deliveredAt: now,
  hiddenSeq: 0,
  invitedBy: by,
  removedBy: null,
});
