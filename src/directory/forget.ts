// The SQL that takes out what the directory holds of a conversation: for good, or to be told anew. Always so many rows
// at a time: D1 does one thing after the other, and a conversation of a million entries must not hold up every app.
import { BLOCK_SIZE } from '../domain/ids.ts';
import { lifeOf, type Projection } from '../domain/projection.ts';
import { createKeyOf, IMPORTED } from './import-conversations.ts';

/** Rows that one statement takes out. */
export const FORGET_ROWS = 1_000;
/** Ids that one statement goes through to clear or erase. */
const SWEEP_IDS = 1_000;

/** Only of this life of the number: after a rollback of D1 it may be another conversation's, of another app. */
const OURS = "EXISTS (SELECT 1 FROM conversation WHERE number = ?1 AND app || ':' || nonce = ?2)";
const OUR_BLOCK = '(?5 = ?1 OR EXISTS (SELECT 1 FROM conversation WHERE number = ?5 AND block_of = ?1))';

interface Range {
  from: number;
  to: number;
}

const rangesOf = (p: Projection): Range[] => {
  if (p.deleted) return p.cleared;
  const blocks = JSON.parse(p.summary?.blocks ?? '[]') as number[];
  return blocks.map((block) => ({ from: block * BLOCK_SIZE, to: (block + 1) * BLOCK_SIZE - 1 }));
};

/** Takes out up to FORGET_ROWS of each kind; nothing when they are another conversation's. */
function trimStatements(db: D1Database, p: Projection): D1PreparedStatement[] {
  const entries = rangesOf(p).flatMap(({ from, to }) => {
    const inRange = (table: string, id: string) =>
      db
        .prepare(
          `DELETE FROM ${table} WHERE ${id} IN (SELECT ${id} FROM ${table}
           WHERE ${id} BETWEEN cast(?3 AS INTEGER) AND cast(?4 AS INTEGER) ORDER BY ${id} LIMIT ${FORGET_ROWS})
           AND ${OURS} AND ${OUR_BLOCK}`,
        )
        .bind(p.conversation, lifeOf(p), from, to, Math.floor(from / BLOCK_SIZE));
    return [inRange('entry_fts', 'rowid'), inRange('entry', 'id')];
  });
  const members = db
    .prepare(
      `DELETE FROM membership WHERE conversation = ?1 AND ${OURS}
       AND user IN (SELECT user FROM membership WHERE conversation = ?1 LIMIT ${FORGET_ROWS})`,
    )
    .bind(p.conversation, lifeOf(p));
  return [...entries, members];
}

/** Files of the messages: the sweeper takes them (files.ts). Also of an app without an archive. */
function freeFiles(db: D1Database, p: Projection): D1PreparedStatement[] {
  return rangesOf(p).map(({ from, to }) =>
    db
      .prepare(
        `UPDATE file SET state = 'doomed', message = NULL, due_at = ?6 WHERE number IN (SELECT number FROM file
         WHERE message BETWEEN cast(?3 AS INTEGER) AND cast(?4 AS INTEGER) LIMIT ${FORGET_ROWS})
         AND ${OURS} AND ${OUR_BLOCK}`,
      )
      .bind(p.conversation, lifeOf(p), from, to, Math.floor(from / BLOCK_SIZE), Date.now()),
  );
}

/** One row, `more`: 1 when more than `beyond` rows of a kind are there. Of a number that is not ours: 0. */
function moreStatement(db: D1Database, p: Projection, beyond: number): D1PreparedStatement {
  const ranges = JSON.stringify(rangesOf(p).map(({ from, to }) => [from, to, Math.floor(from / BLOCK_SIZE)]));
  const inRange = (table: string, id: string) =>
    `SELECT 1 FROM json_each(?3) r WHERE EXISTS (SELECT 1 FROM ${table}
     WHERE ${id} BETWEEN cast(r.value->>0 AS INTEGER) AND cast(r.value->>1 AS INTEGER) LIMIT 1 OFFSET ${beyond})
     AND ${OUR_BLOCK.replaceAll('?5', '(r.value->>2)')}`;
  return db
    .prepare(
      `SELECT ${OURS} AND (EXISTS (${inRange('entry', 'id')}) OR EXISTS (${inRange('entry_fts', 'rowid')})${
        p.deleted ? ` OR EXISTS (${inRange('file', 'message')})` : ''
      }
         OR EXISTS (SELECT 1 FROM membership WHERE conversation = ?1 LIMIT 1 OFFSET ${beyond})) AS more`,
    )
    .bind(p.conversation, lifeOf(p), ranges);
}

/** Says whether a reset has more to take out than its flush may (`more` of the last answer). */
export const sizeStatement = (db: D1Database, p: Projection): D1PreparedStatement =>
  moreStatement(db, p, FORGET_ROWS);

/** One step of a deletion: the number is taken first, so that nothing late comes back. Again while the last says `more`. */
export const deleteStatements = (db: D1Database, p: Projection): D1PreparedStatement[] => [
  tombstone(db, p),
  ...trimStatements(db, p),
  ...freeFiles(db, p),
  moreStatement(db, p, 0),
];

/** One step of a reset, before the flush that tells everything anew. Again while the last says `more`. */
export const trimBeforeReset = (db: D1Database, p: Projection, at: number): D1PreparedStatement[] => [
  ...resetStatements(db, p, at),
  sizeStatement(db, p),
];

/**
 * The beginning of a flush that tells everything anew; `at`, rising, names this reset. A batch that D1 does late, after
 * a newer reset has begun, fails as a whole: it would empty what was told since.
 */
export const resetStatements = (db: D1Database, p: Projection, at: number): D1PreparedStatement[] => [
  db
    .prepare(
      'SELECT iif(reset_at > ?2, abs(-9223372036854775807 - 1), 0) AS late FROM conversation WHERE number = ?1',
    )
    .bind(p.conversation, at),
  blank(db, p, at),
  ...furtherBlocks(db, p),
  ...trimStatements(db, p),
];

/** The number stays taken, also where the directory had lost it. It sinks below everything that walks by time. */
const tombstone = (db: D1Database, { app, conversation, nonce }: Projection) =>
  db
    .prepare(
      `INSERT INTO conversation (number, app, nonce, kind, door, created_at, last_at, deleted_at)
       VALUES (?1, ?2, ?3, 'group', 'operator', ?4, ?4, ?4)
       ON CONFLICT (number) DO UPDATE SET deleted_at = coalesce(deleted_at, ?4), unique_id = NULL, pair = NULL,
       default_of = NULL, create_key = iif(${IMPORTED}, create_key, NULL), title = NULL, description = NULL,
       icon = NULL, metadata = NULL, preview = '', people = '[]', recent = '{}', last_at = 0
       WHERE app = ?2 AND nonce = ?3`,
    )
    .bind(conversation, app, nonce, Date.now());

/** A row that was lost comes back; one that is there starts again from the beginning of the log. */
function blank(db: D1Database, p: Projection, at: number): D1PreparedStatement {
  const s = p.summary;
  return db
    .prepare(
      `INSERT INTO conversation (number, app, nonce, kind, creator, door, created_at, last_at, unique_id, pair, default_of,
         create_key, reset_at)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ${unheld('unique_id', 8)}, ${unheld('pair', 9)},
         ${unheld('default_of', 10)}, ${unheld('create_key', 12)}, ?11)
       ON CONFLICT (number) DO UPDATE SET last_seq = 0, reset_at = ?11 WHERE app = ?2 AND nonce = ?3`,
    )
    .bind(
      p.conversation,
      p.app,
      p.nonce,
      s?.kind ?? 'group',
      s?.creator ?? null,
      s?.door ?? 'operator',
      s?.createdAt ?? 0,
      p.claims?.uniqueId ?? null,
      p.claims?.pair ?? null,
      p.claims?.defaultOf ?? null,
      at,
      p.claims?.importKey ? createKeyOf(p.claims.importKey) : null,
    );
}

/** A claim, unless another conversation has taken it since. */
const unheld = (column: string, hole: number): string =>
  `iif(EXISTS (SELECT 1 FROM conversation WHERE app = ?2 AND ${column} = ?${hole} AND number <> ?1), NULL, ?${hole})`;

/** The blocks of message numbers beyond the first stand as rows of their own. */
const furtherBlocks = (db: D1Database, p: Projection): D1PreparedStatement[] =>
  rangesOf(p).flatMap(({ from }) => {
    const block = from / BLOCK_SIZE;
    if (block === p.conversation) return [];
    return db
      .prepare(
        `INSERT INTO conversation (number, app, nonce, kind, block_of, door, created_at, last_at, deleted_at)
         VALUES (?1, 0, '', 'block', ?2, 'operator', ?3, ?3, ?3) ON CONFLICT (number) DO NOTHING`,
      )
      .bind(block, p.conversation, p.summary?.createdAt ?? 0);
  });

/** What is taken from very many messages at once. */
type Sweep = Pick<Projection, 'cleared' | 'redacted' | 'merged'>;

/**
 * A clearing, an erasure or a merge among very many messages, cut up: `steps` to flush one after the other, then `rest` with its
 * newest ids. Those stay in the flush itself: an older flush that D1 does late may bring them until then.
 */
export function cutSweeps(p: Projection): { steps: Sweep[]; rest: Projection } {
  const cleared = p.cleared.map(cutRange);
  const redacted = (p.redacted ?? []).map(cutRange);
  const merged = (p.merged ?? []).map(cutRange);
  const steps = [
    ...cleared.flatMap(({ parts }) => parts.map((part) => ({ cleared: [part], redacted: [], merged: [] }))),
    ...redacted.flatMap(({ parts }) => parts.map((part) => ({ cleared: [], redacted: [part], merged: [] }))),
    ...merged.flatMap(({ parts }) => parts.map((part) => ({ cleared: [], redacted: [], merged: [part] }))),
  ];
  const rest = {
    cleared: cleared.map(({ kept }) => kept),
    redacted: redacted.map(({ kept }) => kept),
    merged: merged.map(({ kept }) => kept),
  };
  return { steps, rest: { ...p, ...rest } };
}

/** The newest SWEEP_IDS of a range, and what lies before them in parts of that size. */
function cutRange<R extends Projection['cleared'][number]>(range: R): { parts: R[]; kept: R } {
  const first = Math.max(range.from, range.to - SWEEP_IDS + 1) as R['from'];
  const parts: R[] = [];
  for (let from: number = range.from; from < first; from += SWEEP_IDS) {
    const to = Math.min(first, from + SWEEP_IDS) - 1;
    parts.push({ ...range, from: from as R['from'], to: to as R['to'] });
  }
  return { parts, kept: { ...range, from: first } };
}
