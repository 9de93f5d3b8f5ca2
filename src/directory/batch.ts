// The SQL of one flush: many conversations' news in one D1 batch. Every statement is guarded by the log position that
// the directory holds, and the summary that moves it comes last: the same flush again writes nothing
// (contracts/prototype-measurements.md 0.9 and 1).
import type { Projection } from '../domain/projection.ts';
import { indexWords, scopeOf } from '../domain/words.ts';

/** What an app lets the directory keep. */
export interface Keeps {
  archive: boolean;
  search: boolean;
}

/** Nothing that the directory has already, and nothing of a conversation that was deleted meanwhile. */
const GUARD =
  'j.value->>1 > (SELECT last_seq FROM conversation WHERE number = j.value->>0 AND deleted_at IS NULL)';

const INSERT_ENTRIES = `
  INSERT INTO entry (id, author, at, kind, markup, text, extra, client_id, print)
  SELECT j.value->>2, j.value->>3, j.value->>4, j.value->>5, j.value->>6, j.value->>7, j.value->>8, j.value->>9, j.value->>10
  FROM json_each(?1) j WHERE ${GUARD} ON CONFLICT (id) DO NOTHING`;

/** The index takes a row twice without a word: what it has already is left out. */
const INSERT_WORDS = `
  INSERT INTO entry_fts (rowid, words, scope)
  SELECT j.value->>2, j.value->>3, j.value->>4 FROM json_each(?1) j
  WHERE ${GUARD} AND NOT EXISTS (SELECT 1 FROM entry_fts WHERE rowid = cast(j.value->>2 AS INTEGER))`;

const REWRITE_ENTRIES = `
  UPDATE entry SET markup = j.value->>3, text = j.value->>4, extra = j.value->>5
  FROM json_each(?1) j WHERE entry.id = j.value->>2 AND ${GUARD}`;

const DELETE_WORDS = `
  DELETE FROM entry_fts WHERE rowid IN (SELECT cast(j.value->>2 AS INTEGER) FROM json_each(?1) j WHERE ${GUARD})`;

const CLEAR_ENTRIES = `
  UPDATE entry SET markup = 'plain', text = '', extra = '{"door":"operator","type":"text","deleted":true}'
  FROM json_each(?1) j WHERE entry.id BETWEEN j.value->>2 AND j.value->>3 AND entry.kind = 0 AND ${GUARD}`;

const CLEAR_WORDS = `
  DELETE FROM entry_fts WHERE rowid IN (
    SELECT entry.id FROM json_each(?1) j JOIN entry ON entry.id BETWEEN j.value->>2 AND j.value->>3 WHERE entry.kind = 0 AND ${GUARD})`;

const MEMBER_COLUMNS = [
  'rev',
  'standing',
  'joined_at',
  'read_seq',
  'read_n',
  'read_at',
  'own_after',
  'delivered_seq',
  'delivered_at',
  'hidden_seq',
  'cleared_seq',
  'progress',
  'muted',
  'invited_by',
  'removed_by',
] as const;

const UPSERT_MEMBERS = `
  INSERT INTO membership (conversation, user, ${MEMBER_COLUMNS.join(', ')})
  SELECT ${Array.from({ length: MEMBER_COLUMNS.length + 2 }, (_, i) => `j.value->>${i}`).join(', ')}
  FROM json_each(?1) j
  WHERE EXISTS (SELECT 1 FROM conversation WHERE number = j.value->>0 AND deleted_at IS NULL)
  ON CONFLICT (user, conversation) DO UPDATE SET ${MEMBER_COLUMNS.map((c) => `${c} = excluded.${c}`).join(', ')}
  WHERE membership.rev < excluded.rev`;

const SUMMARY_COLUMNS = [
  'title',
  'description',
  'icon',
  'options',
  'metadata',
  'assignee',
  'group_number',
  'state',
  'locked',
  'public',
  'epoch',
  'blocks',
  'last_message_seq',
  'last_at',
  'message_count',
  'last_author',
  'preview',
  'recent',
  'people',
  'member_count',
  'gone',
  'last_seq',
] as const;

const UPDATE_SUMMARIES = `
  UPDATE conversation SET ${SUMMARY_COLUMNS.map((c, i) => `${c} = j.value->>${i + 1}`).join(', ')}
  FROM json_each(?1) j
  WHERE conversation.number = j.value->>0 AND conversation.deleted_at IS NULL AND conversation.last_seq < j.value->>${SUMMARY_COLUMNS.length}`;

/** The statements of one flush, in order. `keeps` tells what each app wants kept. */
export function flushStatements(
  db: D1Database,
  projections: readonly Projection[],
  keeps: (app: number) => Keeps,
): D1PreparedStatement[] {
  const statements: D1PreparedStatement[] = [];
  const add = (sql: string, rows: readonly unknown[]) => {
    for (const value of boundValues(rows)) statements.push(db.prepare(sql).bind(value));
  };
  const living = projections.filter((p) => !p.deleted);
  for (const p of projections) if (p.deleted || p.reset) statements.push(...forgetStatements(db, p));

  const archiving = living.filter((p) => keeps(p.app).archive);
  const searching = living.filter((p) => keeps(p.app).search);
  add(INSERT_ENTRIES, archiving.flatMap(entryRows));
  add(INSERT_WORDS, searching.flatMap(wordRows));
  add(
    REWRITE_ENTRIES,
    archiving.flatMap((p) => p.rewritten.map((r) => [p.conversation, r.by, r.id, r.markup, r.text, r.extra])),
  );
  const rewritten = searching.flatMap((p) => p.rewritten.map((r) => [p.conversation, r.by, r.id]));
  add(DELETE_WORDS, rewritten);
  add(INSERT_WORDS, searching.flatMap(rewrittenWordRows));
  const cleared = living.flatMap((p) => p.cleared.map((r) => [p.conversation, r.by, r.from, r.to]));
  add(CLEAR_WORDS, cleared);
  add(CLEAR_ENTRIES, cleared);
  add(UPSERT_MEMBERS, living.flatMap(memberRows));
  add(UPDATE_SUMMARIES, living.flatMap(summaryRow));
  return statements;
}

/** Rows and characters in one bound value: D1 takes 2 MB, and a character is at most three bytes. */
const VALUE_ROWS = 500;
const VALUE_CHARS = 300_000;

/** The rows as JSON arrays, in order, each of a size that D1 takes in one bound value. A row is never cut. */
function* boundValues(rows: readonly unknown[]): Generator<string> {
  let texts: string[] = [];
  let chars = 0;
  for (const row of rows) {
    const text = JSON.stringify(row);
    if (texts.length > 0 && (texts.length === VALUE_ROWS || chars + text.length > VALUE_CHARS)) {
      yield `[${texts.join()}]`;
      [texts, chars] = [[], 0];
    }
    texts.push(text);
    chars += text.length;
  }
  if (texts.length > 0) yield `[${texts.join()}]`;
}

/** Characters of a member's row as JSON, about. */
const MEMBER_CHARS = 150;

/** Characters of a projection that end up in bound values, about. */
export const weightOf = ({ entries, rewritten, members, summary: s }: Projection): number => {
  let chars = members.length * MEMBER_CHARS;
  for (const text of [s?.people, s?.gone, s?.recent, s?.metadata, s?.title, s?.description, s?.options])
    chars += text?.length ?? 0;
  for (const { text, extra, words } of [...entries, ...rewritten])
    chars += (text?.length ?? 0) + extra.length + (words?.length ?? 0);
  return chars;
};

const entryRows = (p: Projection) =>
  p.entries.map((e) => [
    p.conversation,
    e.seq,
    e.id,
    e.author,
    e.at,
    e.kind,
    e.markup,
    e.text,
    e.extra,
    e.clientId,
    e.print,
  ]);

const wordRows = (p: Projection) =>
  p.entries.flatMap((e) =>
    e.words === null ? [] : [[p.conversation, e.seq, e.id, indexWords(e.words), scopeOf(p.app)]],
  );

const rewrittenWordRows = (p: Projection) =>
  p.rewritten.flatMap((r) =>
    r.words === null ? [] : [[p.conversation, r.by, r.id, indexWords(r.words), scopeOf(p.app)]],
  );

const memberRows = (p: Projection) =>
  p.members.map((m) => [
    p.conversation,
    m.user,
    m.rev,
    m.standing,
    m.joinedAt,
    m.readSeq,
    m.readN,
    m.readAt,
    m.ownAfter,
    m.deliveredSeq,
    m.deliveredAt,
    m.hiddenSeq,
    m.clearedSeq,
    m.progress,
    m.muted ? 1 : 0,
    m.invitedBy,
    m.removedBy,
  ]);

function summaryRow({ conversation, summary: s }: Projection): unknown[][] {
  if (!s) return [];
  return [
    [
      conversation,
      s.title,
      s.description,
      s.icon,
      s.options,
      s.metadata,
      s.assignee,
      s.group,
      s.state,
      s.locked ? 1 : 0,
      s.public ? 1 : 0,
      s.epoch,
      s.blocks,
      s.lastMessageSeq,
      s.lastAt,
      s.messageCount,
      s.lastAuthor,
      s.preview,
      s.recent,
      s.people,
      s.memberCount,
      s.gone,
      s.lastSeq,
    ],
  ];
}

/** Takes out what the directory holds of a conversation: for good (its number stays taken), or to be told anew. */
export function forgetStatements(db: D1Database, p: Projection): D1PreparedStatement[] {
  const blocks: { from: number; to: number }[] = p.deleted ? p.cleared : blockRanges(p);
  const statements = blocks.flatMap(({ from, to }) => [
    db
      .prepare('DELETE FROM entry_fts WHERE rowid IN (SELECT id FROM entry WHERE id BETWEEN ?1 AND ?2)')
      .bind(from, to),
    db.prepare('DELETE FROM entry WHERE id BETWEEN ?1 AND ?2').bind(from, to),
  ]);
  statements.push(db.prepare('DELETE FROM membership WHERE conversation = ?1').bind(p.conversation));
  if (p.deleted) statements.push(tombstone(db, p));
  else statements.push(blank(db, p), ...furtherBlocks(db, p));
  return statements;
}

/** The number stays taken, also where the directory had lost it. */
const tombstone = (db: D1Database, { app, conversation }: Projection) =>
  db
    .prepare(
      `INSERT INTO conversation (number, app, nonce, kind, door, created_at, last_at, deleted_at)
       VALUES (?1, ?2, '', 'group', 'operator', ?3, ?3, ?3)
       ON CONFLICT (number) DO UPDATE SET deleted_at = coalesce(deleted_at, ?3), unique_id = NULL, pair = NULL,
       default_of = NULL, create_key = NULL, title = NULL, description = NULL, icon = NULL, metadata = NULL,
       preview = '', people = '[]', recent = '{}'`,
    )
    .bind(conversation, app, Date.now());

/** A row that was lost comes back; one that is there starts again from the beginning of the log. */
function blank(db: D1Database, p: Projection): D1PreparedStatement {
  const s = p.summary;
  return db
    .prepare(
      `INSERT INTO conversation (number, app, nonce, kind, creator, door, created_at, last_at, unique_id, pair, default_of)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ${unheld('unique_id', 8)}, ${unheld('pair', 9)}, ${unheld('default_of', 10)})
       ON CONFLICT (number) DO UPDATE SET last_seq = 0`,
    )
    .bind(
      p.conversation,
      p.app,
      s?.nonce ?? '',
      s?.kind ?? 'group',
      s?.creator ?? null,
      s?.door ?? 'operator',
      s?.createdAt ?? 0,
      p.claims?.uniqueId ?? null,
      p.claims?.pair ?? null,
      p.claims?.defaultOf ?? null,
    );
}

/** A claim, unless another conversation has taken it since. */
const unheld = (column: string, hole: number): string =>
  `iif(EXISTS (SELECT 1 FROM conversation WHERE app = ?2 AND ${column} = ?${hole} AND number <> ?1), NULL, ?${hole})`;

/** The blocks of message numbers beyond the first stand as rows of their own. */
const furtherBlocks = (db: D1Database, p: Projection): D1PreparedStatement[] =>
  blockRanges(p).flatMap(({ from }) => {
    const block = from / 2 ** 21;
    if (block === p.conversation) return [];
    return db
      .prepare(
        `INSERT INTO conversation (number, app, nonce, kind, block_of, door, created_at, last_at, deleted_at)
         VALUES (?1, 0, '', 'block', ?2, 'operator', ?3, ?3, ?3) ON CONFLICT (number) DO NOTHING`,
      )
      .bind(block, p.conversation, p.summary?.createdAt ?? 0);
  });

function blockRanges(p: Projection): { from: number; to: number }[] {
  const blocks = JSON.parse(p.summary?.blocks ?? '[]') as number[];
  return blocks.map((block) => ({ from: block * 2 ** 21, to: (block + 1) * 2 ** 21 - 1 }));
}
