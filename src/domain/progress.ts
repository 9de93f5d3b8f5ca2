// How far a conversation is for one member: NEW until somebody speaks, OPEN, CLOSE until somebody speaks again. Compared by
// seq with what the member has put away, so that a message costs no row for it. Pure.
import type { Member } from './model.ts';

/** `last`: seq of the last message; 0: there is none. */
export const progressOf = (
  member: Pick<Member, 'hiddenSeq' | 'progress'> | null,
  last: number,
): Member['progress'] => {
  if (member && member.hiddenSeq > 0 && last <= member.hiddenSeq) return 'CLOSE';
  return last > 0 || member?.progress === 'OPEN' ? 'OPEN' : 'NEW';
};
