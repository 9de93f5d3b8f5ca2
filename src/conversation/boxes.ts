// A member's messages as two boxes, what others wrote and what they wrote themselves; and what they put out of their own
// sight. Walked by the pointers in the rows (schema.ts): a row or two for each message, however long the log is.
import {
  type Box,
  conceal as concealed,
  isConcealed,
  MOST_RANGES,
  rangeAround,
} from '../domain/concealed.ts';
import { invalid, notFound, Refused } from '../domain/errors.ts';
import type { MessageNumber, Ordinal, Seq, UserNumber } from '../domain/ids.ts';
import type { Actor, ConversationView, Member, MessageEntry } from '../domain/model.ts';
import { placeless, watches } from './answered.ts';
import { type Core, change, readerOf } from './core.ts';
import { emptied } from './log.ts';
import { seqOfOrdinal } from './ordinals.ts';
import { type EntryRow, kindCode, newMember } from './rows.ts';

const MESSAGE = kindCode('message');

const boxOf = (user: UserNumber, row: Pick<EntryRow, 'author'>): Box =>
  row.author === user ? 'sent' : 'inbox';

/** A message as one reader has it: what they put out of their sight reads as deleted. */
export function seenBy({ log }: Core, me: Member | undefined, row: EntryRow): MessageEntry {
  const entry = log.messageEntry(row);
  if (!me?.concealed || !isConcealed(me.concealed, boxOf(me.user, row), row.n)) return entry;
  return {
    ...entry,
    message: { ...emptied(entry.message), clientId: entry.message.clientId, concealed: true },
  };
}

export interface BoxWindow {
  box: Box;
  /** Older than this one; null: from the newest. */
  before: Seq | null;
  limit: number;
}

export interface BoxPage {
  view: ConversationView;
  /** Newest first, without what the member put out of their sight. */
  messages: MessageEntry[];
  /** Where the member's own last message is: what came before it has been answered. */
  lastOwn: Seq;
}

/**
 * A stretch of a member's box, or of one of the team in a customer's conversation. Not found for anybody else who is not in it
 * now.
 */
export function boxPage(
  core: Core,
  actor: Actor,
  { box, before, limit }: BoxWindow,
  viewOf: (about: readonly MessageEntry[]) => ConversationView,
): BoxPage {
  const me = readerIn(core, actor);
  const messages: MessageEntry[] = [];
  let row = before === null ? newest(core, me, box) : olderIn(core, me, box, rowAt(core, before));
  while (row && row.seq > me.clearedSeq) {
    const hidden = me.concealed && rangeAround(me.concealed[box].ranges, row.n);
    if (hidden) row = ordinalRow(core, hidden[0] - 1);
    else {
      messages.push(core.log.messageEntry(row));
      if (messages.length === limit) break;
      row = olderIn(core, me, box, row);
    }
  }
  return { view: viewOf(messages), messages, lastOwn: core.roster.headOf(me.user).seq };
}

function readerIn(core: Core, actor: Actor): Member {
  const me = readerOf(core, actor);
  const isFree = me === undefined || me.standing === 'outside';
  if (isFree && actor.user !== null && actor.card && watches(core, actor, me))
    return me ?? newMember(actor.user, actor.card, 'outside');
  return memberOf(core, actor);
}

function memberOf(core: Core, actor: Actor): Member {
  const me = readerOf(core, actor);
  if (me?.standing === 'active') return me;
  throw new Refused(watches(core, actor, me) ? placeless() : notFound('conversation'));
}

const rowAt = ({ log }: Core, seq: Seq): EntryRow | null => (seq > 0 ? log.row(seq) : null);

/** A message by its ordinal. Ranges of concealed ones end at a message of their own side, so this is one of it too. */
const ordinalRow = (core: Core, n: Ordinal): EntryRow | null => rowAt(core, seqOfOrdinal(core.log, n) ?? 0);

function newest(core: Core, me: Member, box: Box): EntryRow | null {
  if (box === 'sent') return rowAt(core, core.roster.headOf(me.user).seq);
  const { seq, author, other } = core.log.lastMessage;
  return rowAt(core, author === me.user ? other : seq);
}

/** The next older message of the same box. */
function olderIn(core: Core, me: Member, box: Box, row: EntryRow | null): EntryRow | null {
  if (!row) return null;
  if (box === 'sent') return rowAt(core, row.author === me.user ? row.mine : 0);
  if (row.author === me.user) return rowAt(core, row.other);
  const older = rowAt(core, row.prev);
  return older && older.author === me.user ? rowAt(core, older.other) : older;
}

/**
 * Puts a message out of the caller's own sight: for everybody else nothing changes. One row written. Not found: no such
 * message in that box (absent: in either), or it was put away before. Invalid: too many single ones are put away already.
 */
export function conceal(core: Core, actor: Actor, id: MessageNumber, wanted: Box | null): void {
  const me = memberOf(core, actor);
  const row = rowAt(core, core.log.seqOf(id) ?? 0);
  if (row?.kind !== MESSAGE || row.seq <= me.clearedSeq) throw new Refused(notFound('message'));
  const box = boxOf(me.user, row);
  if ((wanted !== null && wanted !== box) || isConcealed(me.concealed, box, row.n))
    throw new Refused(notFound('message'));
  const older = olderIn(core, me, box, row);
  const known = concealed(me.concealed, box, [(older?.n ?? 0) + 1, row.n]);
  if (known[box].ranges.length > MOST_RANGES) {
    throw new Refused(
      invalid('Too many single messages of this conversation are deleted. Delete it as a whole.'),
    );
  }
  change(core, () => core.roster.put({ ...me, concealed: known }));
}
