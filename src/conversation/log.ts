// The ordered log of one conversation: appending, the facts, the readers' cursors. Its rows in the object's SQLite are
// table.ts, finding messages by their ordinal is ordinals.ts; who may do what, and who is told, is decided elsewhere.
import type { LogTime, MessageNumber } from '../domain/ids.ts';
import { BLOCK_SIZE, messageNumber, type Ordinal, type Seq, seqOf, type UserNumber } from '../domain/ids.ts';
import type { Birth, ConversationFacts, Entry, Message, MessageEntry } from '../domain/model.ts';
import { entryOf } from './entries.ts';
import { factsOf } from './facts.ts';
import { Gone } from './gone.ts';
import { type Body, compact, type EntryRow, type Head, kindCode } from './rows.ts';
import { chainEntries } from './schema.ts';
import { LogTable } from './table.ts';
import type { Taking } from './taking.ts';

const MESSAGE = kindCode('message');

/** Where the readers stand when a row is inserted: stored with it, so that a cursor is never a row of its own. */
export interface Cursors {
  indexed: Seq;
  delivered: Seq;
}

/** Reader cursors where no entry has carried them for a while. */
interface Kept extends Cursors {
  rewind: boolean;
}
/** Entries a reader may be ahead of what is written down: what a wake does again at most. */
const KEEP_EVERY = 256;

export class Log extends LogTable {
  readonly birth: Birth;
  facts!: ConversationFacts;
  epoch!: string;
  /** Blocks of message numbers, the conversation's own number first. */
  blocks!: number[];
  gone!: Gone;
  /** People who turned out to be others, and who (merging.ts). */
  merged!: Map<UserNumber, UserNumber>;
  last!: { seq: Seq; at: number; n: Ordinal; indexed: Seq; delivered: Seq; behind: number };
  /** Messages from elsewhere are being put in (taking.ts); null: none are. */
  taking: Taking | null = null;
  /** Seq, time (ms) and log time of the newest message, its author and the newest one of anybody else; seq 0 when there is none. */
  lastMessage!: { seq: Seq; at: number; logTime: LogTime; author: UserNumber | null; other: Seq };
  /** Of a conversation of two: who takes no messages from the other (blocking.ts). */
  blockers: UserNumber[] = [];
  /** Who has written what since the log began here; for callers who know nobody's head. */
  private readonly heads = new Map<UserNumber, Head>();
  /** Entries in one block of message numbers; less than BLOCK_SIZE only where a test says so. */
  readonly blockEntries: number;

  constructor(sql: SqlStorage, birth: Birth, blockEntries: number = BLOCK_SIZE) {
    super(sql);
    this.birth = birth;
    this.blockEntries = blockEntries;
    this.load();
  }

  /** Takes everything that memory holds from storage again. */
  load(): void {
    const { sql, birth } = this;
    this.facts = this.getMeta<ConversationFacts>('facts') ?? factsOf(birth);
    this.epoch = this.getMeta<string>('epoch') ?? '';
    this.blocks = this.getMeta<number[]>('blocks') ?? [birth.number];
    this.gone = new Gone(sql);
    this.merged = new Map(this.getMeta<[UserNumber, UserNumber][]>('merged') ?? []);
    this.taking = this.getMeta<Taking>('taking');
    this.blockers = this.facts.kind === 'direct' ? (this.getMeta<UserNumber[]>('blockers') ?? []) : [];
    const row = this.newest();
    this.last = row ? placeIn(row) : { seq: 0, at: 0, n: 0, indexed: 0, delivered: 0, behind: 0 };
    const kept = this.getMeta<Kept>('readers');
    this.rewinding = kept?.rewind ?? false;
    if (kept && this.rewinding) this.last.indexed = kept.indexed;
    else if (kept) this.last.indexed = Math.max(this.last.indexed, kept.indexed);
    if (kept) this.last.delivered = Math.max(this.last.delivered, kept.delivered);
    this.lastMessage = { seq: 0, at: birth.createdAt, logTime: 0, author: null, other: 0 };
    const newest = row && (row.kind === MESSAGE ? row : row.prev > 0 ? this.row(row.prev) : null);
    if (newest) this.lastMessage = placeOf(newest);
  }

  /** The directory is being told everything again from the beginning; true also after a wake in the middle of it. */
  rewinding = false;

  /**
   * A reader got to `seq`. Entries carry the cursors, so this is written down only when the log has not said so for a
   * while: a sparse conversation wakes, posts before its readers are done, and sleeps. In a busy one the next entry
   * will say it.
   */
  keep(reader: keyof Cursors, seq: Seq): void {
    if (seq < this.last.seq || seq - this.last[reader] < KEEP_EVERY) return;
    this.last[reader] = seq;
    this.keepReaders();
  }

  /** Begins or ends a rewind of the directory's reader. */
  rewind(on: boolean, indexed: Seq): void {
    this.rewinding = on;
    this.last.indexed = indexed;
    this.keepReaders();
  }

  private keepReaders(): void {
    const { indexed, delivered } = this.last;
    this.setMeta('readers', { indexed, delivered, rewind: this.rewinding } satisfies Kept);
  }

  /** Makes a new conversation in an empty object; call inside the transaction of its first entries. */
  static begin(sql: SqlStorage, birth: Birth, epoch: string, blockEntries?: number): Log {
    const log = new Log(sql, birth, blockEntries);
    log.setMeta('birth', birth);
    log.epoch = epoch;
    log.setMeta('epoch', epoch);
    log.setMeta('facts', log.facts);
    return log;
  }

  /**
   * Appends one entry and gives its row. `nowMs` is the clock; the log time never repeats nor falls (DESIGN.md 3).
   * One row written, two with a client id, two for an entry that is not a message. `head`: what its author wrote before;
   * absent only in a log that begins here. `behind`: entries, with this one, that endpoints have yet to be told of.
   */
  append(
    entry: Body & { author: UserNumber | null },
    nowMs: number,
    cursors: Cursors,
    client?: { id: string; print: string },
    head?: Head,
    behind = 0,
  ): EntryRow {
    const seq = this.last.seq + 1;
    const isMessage = entry.kind === 'message';
    const row: EntryRow = {
      seq,
      at: Math.max(this.last.at + 1, nowMs * 1000 + ((this.birth.number as number) % 1000)),
      kind: kindCode(entry.kind),
      n: this.last.n + (isMessage ? 1 : 0),
      prev: this.lastMessage.seq,
      author: entry.author,
      client_id: client?.id ?? null,
      print: client?.print ?? null,
      indexed: cursors.indexed,
      delivered: cursors.delivered,
      body: JSON.stringify(compact(entry.body)),
      ...(isMessage ? this.chained(entry.author, head) : { own: 0, mine: 0, other: 0 }),
      behind,
    };
    this.insert(row);
    this.advance(row);
    return row;
  }

  private chained(author: UserNumber | null, head?: Head): Pick<EntryRow, 'own' | 'mine' | 'other'> {
    const { lastMessage } = this;
    const other = author !== null && author === lastMessage.author ? lastMessage.other : lastMessage.seq;
    if (author === null) return { own: 0, mine: 0, other };
    const { own, seq } = head ?? this.heads.get(author) ?? NOTHING;
    if (!head) this.heads.set(author, { own: own + 1, seq: this.last.seq + 1 });
    return { own: own + 1, mine: seq, other };
  }

  private advance(row: EntryRow): void {
    this.last = placeIn(row);
    if (row.kind === MESSAGE) this.lastMessage = placeOf(row);
  }

  /** Another time for an entry that is no message; the caller answers for the order. */
  retime(seq: Seq, at: number): void {
    this.sql.exec('UPDATE entry SET at = ? WHERE seq = ?', at, seq);
    if (seq === this.last.seq) this.last.at = at;
  }

  take(taking: Taking | null): void {
    this.taking = taking;
    if (taking) this.setMeta('taking', taking);
    else this.sql.exec("DELETE FROM meta WHERE key = 'taking'");
  }

  markGone(from: Ordinal, to: Ordinal): void {
    this.gone.add(from, to);
  }

  /** Messages after the `n`-th one that were not deleted: unread, for who has read that far (DESIGN.md 4). */
  livingAfter(n: Ordinal): number {
    return this.gone.living(n + 1, this.last.n);
  }

  /** `from` is `into` from now on. */
  alias(from: UserNumber, into: UserNumber): void {
    if (this.merged.get(from) === into) return;
    this.merged.set(from, into);
    this.setMeta('merged', [...this.merged]);
  }

  /** People who turned out to be `user`. */
  aliasesOf(user: UserNumber): UserNumber[] {
    return [...this.merged].flatMap(([from, into]) => (into === user ? [from] : []));
  }

  /** Messages changed their author: gives the author's new head. Writes a row for each of theirs. */
  reattribute(from: UserNumber, into: UserNumber): Head | null {
    const { sql } = this;
    const moved = sql.exec(
      'UPDATE entry SET author = ? WHERE kind = 0 AND author = ? RETURNING seq',
      into,
      from,
    );
    if (moved.toArray().length === 0) return null;
    sql.exec(chainEntries(into));
    const newest = this.lastMessage.seq > 0 ? this.row(this.lastMessage.seq) : null;
    if (newest) this.lastMessage = placeOf(newest);
    this.heads.delete(from);
    this.heads.delete(into);
    return sql
      .exec<{ own: number; seq: Seq }>(
        'SELECT max(own) AS own, max(seq) AS seq FROM entry WHERE kind = 0 AND author = ?',
        into,
      )
      .one();
  }

  change(changes: Partial<ConversationFacts>): void {
    this.facts = { ...this.facts, ...changes };
    this.setMeta('facts', this.facts);
  }

  /** Entries that still fit into the blocks this conversation holds. */
  get room(): number {
    return this.blocks.length * this.blockEntries - 1 - this.last.seq;
  }

  addBlock(block: number): void {
    this.blocks = [...this.blocks, block];
    this.setMeta('blocks', this.blocks);
  }

  idOf(seq: Seq): MessageNumber {
    return messageNumber(this.blocks, seq, this.blockEntries);
  }

  seqOf(id: MessageNumber): Seq | null {
    return seqOf(this.blocks, id, this.blockEntries);
  }

  /** See entries.ts. */
  entryOf(row: EntryRow): Entry {
    return entryOf(this, row);
  }

  messageEntry(row: EntryRow): MessageEntry {
    return this.entryOf(row) as MessageEntry;
  }
}

const NOTHING: Head = { own: 0, seq: 0 };

const placeIn = ({ seq, at, n, indexed, delivered, behind }: EntryRow) => ({
  ...{ seq, at, n, indexed, delivered, behind },
});

const placeOf = ({ seq, at, author, other }: EntryRow) => ({
  seq,
  at: Math.floor(at / 1000),
  logTime: at,
  author,
  other,
});

/** What a message says once it was deleted: its place stays, its words go. */
export const emptied = (message: Omit<Message, 'clientId'>): Omit<Message, 'clientId'> => ({
  door: message.door,
  type: message.type,
  text: '',
  markup: 'plain',
  deleted: true,
});
