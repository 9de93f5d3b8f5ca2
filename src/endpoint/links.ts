// What a bridge has sent, part by part, and what it is called there (contracts/webhooks-bridges-widget.md L2). A part is
// written down before it is sent: whatever is cut off goes on with what is missing, and an echo is known before the answer.
import { createHash } from 'node:crypto';
import { COPY_MS, sameWords } from '../domain/bridges.ts';
import type { Seq } from '../domain/ids.ts';
import { type Frame, linesOf, printOf, withoutHead, withoutTail } from '../text/framed.ts';

/** pending: its call is under way, or was cut off. going: it is being removed. */
export const PENDING = 0;
export const MADE = 1;
export const GOING = 2;
export const GONE = 3;

/** The part that stands for the whole message: written when the message is taken in, before any of its parts. */
export const WHOLE = '';

/** Messages that a look for an echo or a copy goes back. */
const LOOKED_AT = 200;
/** An answer may take so long; what is pending for longer is not what came back now. */
const ECHO_MS = 300_000;

const TABLES = `
  CREATE TABLE IF NOT EXISTS link (
    seq INTEGER NOT NULL,
    part TEXT NOT NULL,
    state INTEGER NOT NULL,
    remote TEXT,
    content TEXT NOT NULL,
    words TEXT NOT NULL,
    name TEXT NOT NULL,
    source TEXT NOT NULL,
    author INTEGER,
    at INTEGER NOT NULL,
    version INTEGER NOT NULL,
    back TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (seq, part)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX IF NOT EXISTS link_remote ON link (remote) WHERE remote IS NOT NULL;
`;

export interface Link {
  seq: Seq;
  part: string;
  state: number;
  remote: string | null;
  /** Hash of what was sent. */
  content: string;
  /** Hash of what a reader there sees; '' where it has no words. */
  words: string;
  /** The author's as it is shown there. */
  name: string;
  /** Which hook or bridge it came in through; '' where it was said here. */
  source: string;
  author: number | null;
  /** ms since 1970. */
  at: number;
  /** The entry that was last sent. */
  version: Seq;
  /** JSON: {@link Back}; '': nothing is known of it. */
  back: string;
}

/** What comes back where this is told of, as hashes (text/framed.ts). */
export interface Back {
  print: string;
  head: Edge;
  tail: Edge;
}
export interface Edge {
  lines: number;
  print: string;
}

type Row = Link & Record<string, SqlStorageValue>;

/** 22 characters for a text; '' for none. */
export const hashOf = (text: string): string =>
  text === '' ? '' : createHash('sha256').update(text).digest('base64url').slice(0, 22);
export const wordsHash = (words: string): string => hashOf(sameWords(words));

/** What comes in where a text is told of by the network that it was sent to: Markdown. */
export interface ComesBack extends Frame {
  whole: string;
}

export type NewLink = Pick<Link, 'seq' | 'part' | 'name' | 'source' | 'author' | 'at' | 'version'> & {
  content: string;
  words: string;
  back?: ComesBack | null;
};

const edgeOf = (text: string): Edge => ({ lines: linesOf(text), print: hashOf(printOf(text)) });

export const remembered = ({ whole, head, tail }: ComesBack): Back => ({
  print: hashOf(printOf(whole)),
  head: edgeOf(head),
  tail: edgeOf(tail),
});

export const backOf = ({ back }: Pick<Link, 'back'>): Back | null =>
  back === '' ? null : (JSON.parse(back) as Back);

/**
 * What came back without what the bridge had put around it. `named`: it stands there under our own name, and begins with its
 * author's, also where somebody changed more than the words.
 */
export function bare(text: string, link: Pick<Link, 'back' | 'name'>, named: boolean): string {
  const back = backOf(link);
  const is = (edge: Edge) => (given: string) => hashOf(printOf(given)) === edge.print;
  const isName = (line: string) => line.startsWith('**') && printOf(line) === printOf(`**${link.name}:**`);
  const headless = back && withoutHead(text, back.head.lines, is(back.head));
  const words = headless ?? (named ? withoutHead(text, 1, isName) : null) ?? text;
  return (back && withoutTail(words, back.tail.lines, is(back.tail))) ?? words;
}

/** Those of an endpoint that is no bridge are never made. */
export class Links {
  private readonly sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.sql = sql;
    sql.exec(TABLES);
    // Of a bridge that was made before this was remembered.
    if (sql.exec("SELECT 1 FROM pragma_table_info('link') WHERE name = 'back'").toArray().length === 0)
      sql.exec("ALTER TABLE link ADD COLUMN back TEXT NOT NULL DEFAULT ''");
  }

  /** Before its call. What is known of the part stays, its id there above all. */
  pend({ seq, part, content, words, name, source, author, at, version, back = null }: NewLink): void {
    this.sql.exec(
      `INSERT INTO link (seq, part, state, content, words, name, source, author, at, version, back)
       VALUES (?1, ?2, 0, ?3, ?4, ?5, ?9, ?6, ?7, ?8, ?10)
       ON CONFLICT (seq, part) DO UPDATE
       SET state = 0, content = ?3, words = ?4, name = ?5, at = ?7, version = ?8, back = ?10`,
      seq,
      part,
      hashOf(content),
      wordsHash(words),
      name,
      author,
      at,
      version,
      source,
      back === null ? '' : JSON.stringify(remembered(back)),
    );
  }

  /** An echo has told what it is called there, before its answer or without one. */
  adopt(seq: Seq, part: string, remote: string): void {
    this.sql.exec(
      'UPDATE OR IGNORE link SET remote = ?3 WHERE seq = ?1 AND part = ?2 AND remote IS NULL',
      seq,
      part,
      remote,
    );
  }

  /** The remote side has changed it. `print`: of what it says there now; '': not known. */
  reworded(seq: Seq, part: string, words: string, print: string): void {
    this.sql.exec(
      `UPDATE link SET content = '', words = ?3,
         back = CASE back WHEN '' THEN '' ELSE json_set(back, '$.print', ?4) END
       WHERE seq = ?1 AND part = ?2`,
      seq,
      part,
      wordsHash(words),
      print,
    );
  }

  /** Its call succeeded. What an echo has told of its id stands where the answer tells none. */
  made(seq: Seq, part: string, remote: string | null): void {
    if (remote !== null) this.sql.exec('UPDATE link SET remote = NULL WHERE remote = ?1', remote);
    this.sql.exec(
      'UPDATE link SET state = 1, remote = coalesce(?3, remote) WHERE seq = ?1 AND part = ?2',
      seq,
      part,
      remote,
    );
  }

  moved(seq: Seq, part: string, state: number): void {
    this.sql.exec('UPDATE link SET state = ?3 WHERE seq = ?1 AND part = ?2', seq, part, state);
  }

  one(seq: Seq, part: string): Link | null {
    return (
      this.sql.exec<Row>('SELECT * FROM link WHERE seq = ?1 AND part = ?2', seq, part).toArray()[0] ?? null
    );
  }

  /** Whether more of its message stands there than this part, files that it shows aside. */
  isOneOfSeveral({ seq, part }: Pick<Link, 'seq' | 'part'>): boolean {
    return this.of(seq).some(
      (one) =>
        one.part !== part &&
        one.state < GOING &&
        !one.part.includes(':') &&
        !(one.words === '' && one.content),
    );
  }

  /** The parts of a message, in order of their keys; without the one that stands for it. */
  of(seq: Seq): Link[] {
    return this.sql.exec<Row>("SELECT * FROM link WHERE seq = ?1 AND part > ''", seq).toArray();
  }

  byRemote(remote: string): Link | null {
    return this.sql.exec<Row>('SELECT * FROM link WHERE remote = ?1', remote).toArray()[0] ?? null;
  }

  /** Parts that are still there of all messages up to `seq`, or of one author; the newest first, at most `limit`. */
  standing(which: { through: Seq } | { author: number }, limit: number): Link[] {
    const [condition, value] =
      'through' in which ? ['seq <= ?1', which.through] : ['author = ?1', which.author];
    return this.sql
      .exec<Row>(
        `SELECT * FROM link WHERE ${condition} AND part > '' AND state < 3 AND remote IS NOT NULL ORDER BY seq DESC LIMIT ?2`,
        value,
        limit,
      )
      .toArray();
  }

  /** The same person by another number. */
  merge(user: number, into: number): void {
    this.sql.exec('UPDATE link SET author = ?2 WHERE author = ?1', user, into);
  }

  /** Forgets what somebody, or everybody, said: hashes tell whether a guess is right. */
  erase(author: number | null): void {
    this.sql.exec(
      "UPDATE link SET content = '', words = '', name = '', back = '' WHERE ?1 IS NULL OR author = ?1",
      author,
    );
  }

  /** The newest part that says one of these, not longer ago than what is pending can be. */
  saying(hashes: readonly string[], now: number): Link[] {
    const known = hashes.filter((hash) => hash !== '');
    if (known.length === 0) return [];
    return this.sql
      .exec<Row>('SELECT * FROM link ORDER BY seq DESC LIMIT ?1', LOOKED_AT)
      .toArray()
      .filter(
        ({ words, at, state }) =>
          known.includes(words) && now - at <= (state === PENDING ? ECHO_MS : COPY_MS),
      );
  }

  forget(): void {
    this.sql.exec('DELETE FROM link');
  }
}
