// The SQL of one flush: many conversations' news in one D1 batch. Every statement is guarded by the log position that
// the directory holds, and the summary that moves it comes last: the same flush again writes nothing
// (contracts/prototype-measurements.md 0.9 and 1).
import { BLOCK_SIZE, type Seq } from '../domain/ids.ts';
import { lifeOf, type Projection } from '../domain/projection.ts';
import { indexWords, scopeOf } from '../domain/words.ts';
import { resetStatements } from './forget.ts';

/** What an app lets the directory keep. */
export interface Keeps {
  archive: boolean;
  search: boolean;
}

/** Every row begins so: the conversation, the seq that brings it, the life of its number, the seq it goes on from. */
const headOf = (p: Projection, seq: Seq) => [p.conversation, seq, lifeOf(p), p.from];
const LIFE = "app || ':' || nonce = j.value->>2";

/**
 * Nothing that the directory has already, nothing after a gap (a rollback of D1, or a flush done late, after a reset),
 * nothing of a conversation that was deleted, and nothing into another life of its number.
 */
const GUARD = `j.value->>1 > (SELECT last_seq FROM conversation
  WHERE number = j.value->>0 AND deleted_at IS NULL AND ${LIFE} AND last_seq >= j.value->>3)`;
/** The block of message numbers may be another conversation's too. */
const ROW_GUARD = `${GUARD} AND (j.value->>4 / ${BLOCK_SIZE} = j.value->>0 OR EXISTS (
  SELECT 1 FROM conversation WHERE number = j.value->>4 / ${BLOCK_SIZE} AND block_of = j.value->>0))`;

const INSERT_ENTRIES = `
  INSERT INTO entry (id, author, at, kind, markup, text, extra, client_id, print)
  SELECT j.value->>4, j.value->>5, j.value->>6, j.value->>7, j.value->>8, j.value->>9, j.value->>10, j.value->>11,
    j.value->>12
  FROM json_each(?1) j WHERE ${ROW_GUARD} ON CONFLICT (id) DO NOTHING`;

/** The index takes a row twice without a word: what it has already is left out. */
const INSERT_WORDS = `
  INSERT INTO entry_fts (rowid, words, scope)
  SELECT j.value->>4, j.value->>5, j.value->>6 FROM json_each(?1) j
  WHERE ${ROW_GUARD} AND NOT EXISTS (SELECT 1 FROM entry_fts WHERE rowid = cast(j.value->>4 AS INTEGER))`;

const REWRITE_ENTRIES = `
  UPDATE entry SET markup = j.value->>5, text = j.value->>6, extra = j.value->>7
  FROM json_each(?1) j WHERE entry.id = j.value->>4 AND ${ROW_GUARD}`;

const DELETE_WORDS = `
  DELETE FROM entry_fts WHERE rowid IN (SELECT cast(j.value->>4 AS INTEGER) FROM json_each(?1) j WHERE ${ROW_GUARD})`;

const CLEAR_ENTRIES = `
  UPDATE entry SET markup = 'plain', text = '', extra = '{"door":"operator","type":"text","deleted":true}'
  FROM json_each(?1) j WHERE entry.id BETWEEN j.value->>4 AND j.value->>5 AND entry.kind = 0 AND ${ROW_GUARD}`;

const CLEAR_WORDS = `
  DELETE FROM entry_fts WHERE rowid IN (
    SELECT entry.id FROM json_each(?1) j JOIN entry ON entry.id BETWEEN j.value->>4 AND j.value->>5
    WHERE entry.kind = 0 AND ${ROW_GUARD})`;

/** A person's messages in the range, as the log has them once they were erased (REDACTED of the conversation). */
const REDACT_ENTRIES = `
  UPDATE entry SET author = NULL, print = NULL, markup = 'plain', text = '',
    extra = '{"door":"operator","type":"text","redacted":true,"deleted":true}'
  FROM json_each(?1) j
  WHERE entry.id BETWEEN j.value->>4 AND j.value->>5 AND entry.kind = 0 AND entry.author = j.value->>6 AND ${ROW_GUARD}`;

const REDACT_WORDS = `
  DELETE FROM entry_fts WHERE rowid IN (
    SELECT entry.id FROM json_each(?1) j JOIN entry ON entry.id BETWEEN j.value->>4 AND j.value->>5
    WHERE entry.kind = 0 AND entry.author = j.value->>6 AND ${ROW_GUARD})`;

/** A person's messages in the range are another's. */
const MERGE_ENTRIES = `
  UPDATE entry SET author = j.value->>7 FROM json_each(?1) j
  WHERE entry.id BETWEEN j.value->>4 AND j.value->>5 AND entry.kind = 0 AND entry.author = j.value->>6 AND ${ROW_GUARD}`;

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
  'sent',
  'concealed',
] as const;

const UPSERT_MEMBERS = `
  INSERT INTO membership (conversation, user, ${MEMBER_COLUMNS.join(', ')})
  SELECT j.value->>0, ${Array.from({ length: MEMBER_COLUMNS.length + 1 }, (_, i) => `j.value->>${i + 4}`).join(', ')}
  FROM json_each(?1) j
  WHERE EXISTS (SELECT 1 FROM conversation WHERE number = j.value->>0 AND deleted_at IS NULL AND ${LIFE})
  ON CONFLICT (user, conversation) DO UPDATE SET ${MEMBER_COLUMNS.map((c) => `${c} = excluded.${c}`).join(', ')}
  WHERE membership.rev < excluded.rev`;

/** Of the files that were claimed for a message of this conversation (files.ts): they are in it. */
const BIND_FILES = `
  UPDATE file SET state = 'bound', message = j.value->>3, due_at = NULL
  FROM json_each(?1) j
  WHERE file.number = j.value->>2 AND file.conversation = j.value->>0 AND file.app = j.value->>1
    AND file.state = 'claimed'`;

/** Nobody has them any more: the sweeper takes their bytes. */
const FREE_FILES = `
  UPDATE file SET state = 'doomed', message = NULL, due_at = j.value->>3
  FROM json_each(?1) j
  WHERE file.number = j.value->>2 AND file.conversation = j.value->>0 AND file.app = j.value->>1
    AND file.state IN ('claimed', 'bound')`;

const SUMMARY_COLUMNS = [
  'title',
  'description',
  'icon',
  'options',
  'metadata',
  'assignee',
  'control',
  'group_number',
  'state',
  'locked',
  'public',
  'epoch',
  'blocks',
  'last_message_seq',
  'last_at',
  'last_log_time',
  'message_count',
  'last_author',
  'preview',
  'recent',
  'people',
  'member_count',
  'gone',
  'last_seq',
] as const;
const BUSINESS_READ = SUMMARY_COLUMNS.length + 4;

const UPDATE_SUMMARIES = `
  UPDATE conversation SET ${SUMMARY_COLUMNS.map((c, i) => `${c} = j.value->>${i + 4}`).join(', ')},
    business_read_at = max(business_read_at, j.value->>${BUSINESS_READ})
  FROM json_each(?1) j
  WHERE conversation.number = j.value->>0 AND conversation.deleted_at IS NULL AND conversation.${LIFE}
    AND conversation.last_seq < j.value->>1 AND conversation.last_seq >= j.value->>3
  RETURNING conversation.number AS told`;

/** Of conversations whose log did not grow. */
const RAISE_BUSINESS_READS = `
  UPDATE conversation SET business_read_at = j.value->>4 FROM json_each(?1) j
  WHERE conversation.number = j.value->>0 AND conversation.deleted_at IS NULL AND conversation.${LIFE}
    AND conversation.business_read_at < j.value->>4`;

/** Whose news the batch could not take, and why; nobody, as a rule. */
const FIND_UNTOLD = `
  SELECT j.value->>0 AS number, c.number IS NULL AS lost
  FROM json_each(?1) j LEFT JOIN conversation c ON c.number = j.value->>0 AND c.${LIFE}
  WHERE c.number IS NULL OR (c.deleted_at IS NULL AND c.last_seq < j.value->>1)`;

/** A conversation whose news was not taken: its number is another's now or lost, or rows before it are missing. */
export interface Untold {
  number: number;
  lost: 0 | 1;
}

/**
 * The statements of one flush, in order; those that move a summary answer with the number of each conversation whose
 * news was taken (`told`). `keeps` tells what each app wants kept, `resetAt` is the name of a reset that begins here.
 */
export function flushStatements(
  db: D1Database,
  projections: readonly Projection[],
  keeps: (app: number) => Keeps,
  resetAt = 0,
): D1PreparedStatement[] {
  const statements: D1PreparedStatement[] = [];
  const add = (sql: string, rows: readonly unknown[]) => {
    for (const value of boundValues(rows)) statements.push(db.prepare(sql).bind(value));
  };
  for (const p of projections) if (p.reset) statements.push(...resetStatements(db, p, resetAt));

  const archiving = projections.filter((p) => keeps(p.app).archive);
  const searching = projections.filter((p) => keeps(p.app).search);
  add(INSERT_ENTRIES, archiving.flatMap(entryRows));
  add(INSERT_WORDS, searching.flatMap(wordRows));
  add(
    REWRITE_ENTRIES,
    archiving.flatMap((p) => p.rewritten.map((r) => [...headOf(p, r.by), r.id, r.markup, r.text, r.extra])),
  );
  const rewritten = searching.flatMap((p) => p.rewritten.map((r) => [...headOf(p, r.by), r.id]));
  add(DELETE_WORDS, rewritten);
  add(INSERT_WORDS, searching.flatMap(rewrittenWordRows));
  const cleared = projections.flatMap((p) => p.cleared.map((r) => [...headOf(p, r.by), r.from, r.to]));
  add(CLEAR_WORDS, cleared);
  add(CLEAR_ENTRIES, cleared);
  const redacted = projections.flatMap((p) =>
    (p.redacted ?? []).map((r) => [...headOf(p, r.by), r.from, r.to, r.user]),
  );
  add(REDACT_WORDS, redacted);
  add(REDACT_ENTRIES, redacted);
  add(
    MERGE_ENTRIES,
    projections.flatMap((p) =>
      (p.merged ?? []).map((r) => [...headOf(p, r.by), r.from, r.to, r.user, r.into]),
    ),
  );
  const now = Date.now();
  add(
    BIND_FILES,
    projections.flatMap((p) => p.bound?.map((b) => [p.conversation, p.app, b.file, b.message]) ?? []),
  );
  add(
    FREE_FILES,
    projections.flatMap((p) => p.freed?.map((file) => [p.conversation, p.app, file, now]) ?? []),
  );
  add(UPSERT_MEMBERS, projections.flatMap(memberRows));
  add(
    RAISE_BUSINESS_READS,
    projections.flatMap((p) => (p.businessReadAt ? [[...headOf(p, 0), p.businessReadAt]] : [])),
  );
  add(UPDATE_SUMMARIES, projections.flatMap(summaryRow));
  return statements;
}

/** Which of these conversations' news was not taken, for those that no summary answered for. */
export const untoldStatement = (db: D1Database, projections: readonly Projection[]): D1PreparedStatement =>
  db.prepare(FIND_UNTOLD).bind(JSON.stringify(projections.map((p) => headOf(p, p.summary?.lastSeq ?? 0))));

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

/** Words of one message that are found: a few signs are written as whole sentences when they are taken apart. */
const WORDS_CHARS = 400_000;
const wordsIn = (text: string): string => indexWords(text).slice(0, WORDS_CHARS);

const entryRows = (p: Projection) =>
  p.entries.map((e) => [
    ...headOf(p, e.seq),
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
    e.words === null ? [] : [[...headOf(p, e.seq), e.id, wordsIn(e.words), scopeOf(p.app)]],
  );

const rewrittenWordRows = (p: Projection) =>
  p.rewritten.flatMap((r) =>
    r.words === null ? [] : [[...headOf(p, r.by), r.id, wordsIn(r.words), scopeOf(p.app)]],
  );

const memberRows = (p: Projection) =>
  p.members.map((m) => [
    ...headOf(p, 0),
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
    m.sent,
    m.concealed,
  ]);

function summaryRow(p: Projection): unknown[][] {
  const { summary: s } = p;
  if (!s) return [];
  return [
    [
      ...headOf(p, s.lastSeq),
      s.title,
      s.description,
      s.icon,
      s.options,
      s.metadata,
      s.assignee,
      s.control,
      s.group,
      s.state,
      s.locked ? 1 : 0,
      s.public ? 1 : 0,
      s.epoch,
      s.blocks,
      s.lastMessageSeq,
      s.lastAt,
      s.lastLogTime,
      s.messageCount,
      s.lastAuthor,
      s.preview,
      s.recent,
      s.people,
      s.memberCount,
      s.gone,
      s.lastSeq,
      s.businessReadAt,
    ],
  ];
}
