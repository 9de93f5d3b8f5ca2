// Who changed a message at the remote side: somebody there, or this hub, whose own change comes back as news of one. Written down
// before each call that changes something, so that news which wins the race is known. What was sent is links.ts.
import { wordsHash } from './links.ts';

/** Networks tell again what could not be told for so long: Discourse the last time after 1 + 5 + 25 + 125 minutes. */
const KEPT_MS = 3 * 3_600_000;
/** What was changed there is kept until the change has come round, at most so long. */
const HEARD_MS = 3_600_000;

/**
 * written: what this hub wrote there and has not come back. told: the newest news of each message, and whether what was last
 * written is newer than what was last taken from there. overheard: what was taken, the newest of it last, until this hub writes something else.
 */
const TABLES = `
  DROP TABLE IF EXISTS heard;
  CREATE TABLE IF NOT EXISTS written (
    remote TEXT NOT NULL, print TEXT NOT NULL, words TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (remote, print)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS told (
    remote TEXT PRIMARY KEY, version INTEGER, print TEXT NOT NULL, ahead INTEGER NOT NULL, at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS overheard (
    id INTEGER PRIMARY KEY, remote TEXT NOT NULL, words TEXT NOT NULL, at INTEGER NOT NULL
  ) STRICT;
`;
export const REWORDING_TABLES = ['written', 'told', 'overheard'] as const;

/** Hashes: of its words in their markup, '' where that is not known, and of the words alone. */
export interface Print {
  print: string;
  words: string;
}

interface Told {
  version: number | null;
  print: string;
  ahead: number;
}

export class Rewordings {
  private readonly sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.sql = sql;
    sql.exec(TABLES);
  }

  /** Before the call that makes it say so. */
  writes(remote: string, { print, words }: Print, now: number): void {
    for (const table of ['written', 'told'])
      this.sql.exec(`DELETE FROM ${table} WHERE at < ?1`, now - KEPT_MS);
    this.sql.exec('INSERT OR REPLACE INTO written VALUES (?1, ?2, ?3, ?4)', remote, print, words, now);
    this.sql.exec(
      `INSERT INTO told VALUES (?1, NULL, '', 1, ?2) ON CONFLICT (remote) DO UPDATE SET ahead = 1, at = ?2`,
      remote,
      now,
    );
    // What was taken from there before has to be said there again.
    this.sql.exec('DELETE FROM overheard WHERE remote = ?1', remote);
  }

  /**
   * Whether somebody there has made it say this. `sent`: what it says there for all that is known; null: not known. `version`
   * rises with each change there; null: not told. Not theirs are what this hub wrote there, as often as it did, what comes after
   * something newer, and what changes nothing. But where a change of theirs is the last that is known, all of these are: they are
   * told again because they did not arrive, or theirs was lost there to one of ours that came later, and both sides have to say the same.
   */
  isTheirs(remote: string, now: Print, sent: Print | null, version: number | null, at: number): boolean {
    const known = this.told(remote);
    if (version !== null && known !== null && version < (known.version ?? version)) return false;
    const echo = this.written(remote, now);
    const print = now.print || now.words;
    const again = version !== null && version === known?.version && print === known.print;
    const theirs = echo === null && !again && !isSame(now, sent) ? true : known?.ahead === 0;
    if (echo !== null) this.sql.exec('DELETE FROM written WHERE remote = ?1 AND at <= ?2', remote, echo);
    this.sql.exec(
      'INSERT OR REPLACE INTO told VALUES (?1, ?2, ?3, ?4, ?5)',
      remote,
      version ?? known?.version ?? null,
      print,
      theirs ? 0 : 1,
      at,
    );
    return theirs;
  }

  private told(remote: string): Told | null {
    return (
      this.sql
        .exec<Told & Record<string, SqlStorageValue>>(
          'SELECT version, print, ahead FROM told WHERE remote = ?1',
          remote,
        )
        .toArray()[0] ?? null
    );
  }

  /** When this was written there, ms since 1970; null: it was not. Tidied by the network it is still the same words. */
  private written(remote: string, { print, words }: Print): number | null {
    const found = this.sql
      .exec<{ at: number | null }>(
        `SELECT max(at) AS at FROM written WHERE remote = ?1 AND ((print = ?2 AND ?2 > '') OR (words = ?3 AND ?3 > ''))`,
        remote,
        print,
        words,
      )
      .one();
    return found.at;
  }

  /** The remote side says so now ('': it is deleted there): what follows from that here needs no call (L1). */
  heard(remote: string, words: string, now: number): void {
    this.sql.exec(
      'DELETE FROM overheard WHERE at < ?1 OR (remote = ?2 AND ?3)',
      now - HEARD_MS,
      remote,
      words === '',
    );
    this.sql.exec(
      'INSERT INTO overheard (remote, words, at) VALUES (?1, ?2, ?3)',
      remote,
      words === '' ? '' : wordsHash(words),
      now,
    );
  }

  /**
   * Whether the remote side itself said so, and this hub nothing since. What it said before that is forgotten; asked again by who was
   * cut off, the answer is the same. Of a deletion only once: it may be taken back there.
   */
  saidThere(remote: string, words: string): boolean {
    const { id } = this.sql
      .exec<{ id: number | null }>(
        'SELECT min(id) AS id FROM overheard WHERE remote = ?1 AND words = ?2',
        remote,
        words === '' ? '' : wordsHash(words),
      )
      .one();
    if (id === null) return false;
    const through = words === '' ? id : id - 1;
    this.sql.exec('DELETE FROM overheard WHERE remote = ?1 AND id <= ?2', remote, through);
    return true;
  }

  /** Hashes tell whether a guess is right. */
  forget(): void {
    for (const table of REWORDING_TABLES) this.sql.exec(`DELETE FROM ${table}`);
  }
}

/** Their markup is compared where both have one. */
const isSame = (now: Print, sent: Print | null): boolean =>
  sent !== null &&
  (now.print !== '' && sent.print !== '' ? now.print === sent.print : now.words === sent.words);
