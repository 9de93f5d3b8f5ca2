// Whether the directory says what the log says: every entry once, every word once, the summary, every position.
import { expect } from 'vitest';
import { type EntryRow, kindName, type MemberRow } from '../../src/conversation/rows.ts';
import { indexWords } from '../../src/domain/words.ts';
import { all, d1, type Room, summary } from '../conversation/harness.ts';

interface Stored {
  id: number;
  text: string | null;
  markup: string | null;
  extra: object;
  author: number | null;
  at: number;
  kind: number;
  client_id: string | null;
  print: string | null;
}

interface LogState {
  rows: EntryRow[];
  members: MemberRow[];
  ids: number[];
  facts: Record<string, unknown>;
  epoch: string;
  gone: [number, number][];
  blocks: number[];
}

const logOf = (room: Room): Promise<LogState> =>
  room.inside(({ core }, { storage }) => {
    if (!core) throw new Error('not born');
    const rows = all<EntryRow>(storage, 'SELECT * FROM entry ORDER BY seq');
    const { facts, epoch, gone, blocks } = core.log;
    return {
      rows,
      members: all<MemberRow>(storage, "SELECT * FROM member WHERE standing <> 'outside' ORDER BY user"),
      ids: rows.map((row) => core.log.idOf(row.seq)),
      facts: { ...facts },
      epoch,
      gone: gone.newest(core.log.last.n, 100).map(([a, b]) => [a, b]),
      blocks: [...blocks],
    };
  });

/** Runs `statement` for each block of message numbers of the conversation; its two holes are the block's bounds. */
async function inBlocks<T>(blocks: readonly number[], statement: string): Promise<T[]> {
  const rows: T[] = [];
  for (const block of blocks) {
    const from = block * 2 ** 21;
    const found = await d1
      .prepare(statement)
      .bind(from, from + 2 ** 21 - 1)
      .all<T>();
    rows.push(...found.results);
  }
  return rows;
}

/** Fails unless D1 holds exactly what the conversation's log and members say. `archive: false`: no entries, no words. */
export async function expectSame(room: Room, { archive = true } = {}): Promise<void> {
  const log = await logOf(room);
  await expectEntries(archive ? log : { ...log, rows: [], ids: [] });
  await expectWords(archive ? log : { ...log, rows: [], ids: [] });
  await expectSummary(room, log);
  await expectPositions(room, log);
}

async function expectEntries({ rows, ids, blocks }: LogState): Promise<void> {
  const expected = rows.map((row, i): Stored => {
    const { author, at, kind, client_id, print } = row;
    const body = JSON.parse(row.body);
    const base = { id: ids[i] as number, author, at, kind, client_id, print };
    if (kindName(kind) !== 'message') return { ...base, text: null, markup: null, extra: body };
    const { text, markup, ...extra } = body;
    return { ...base, text, markup, extra };
  });
  const found = await inBlocks<Omit<Stored, 'extra'> & { extra: string }>(
    blocks,
    'SELECT * FROM entry WHERE id BETWEEN ?1 AND ?2 ORDER BY id',
  );
  expect(found.map((row) => ({ ...row, extra: JSON.parse(row.extra) }))).toEqual(expected);
}

/** Which words stand at which place of which message. */
async function expectWords({ rows, ids, blocks }: LogState): Promise<void> {
  await d1.prepare('CREATE VIRTUAL TABLE IF NOT EXISTS vocab USING fts5vocab(entry_fts, instance)').run();
  const found = await inBlocks<{ term: string; doc: number; place: number }>(
    blocks,
    `SELECT term, doc, "offset" AS place FROM vocab
     WHERE col = 'words' AND doc >= cast(?1 AS INTEGER) AND doc <= cast(?2 AS INTEGER) ORDER BY doc, "offset"`,
  );
  const expected = rows.flatMap((row, i) => {
    const { text = '', deleted, title = '' } = JSON.parse(row.body);
    if (row.kind !== 0 || deleted) return [];
    const words = indexWords(`${title} ${text}`).match(/[\p{L}\p{N}\p{M}\p{Co}]+/gu) ?? [];
    return words.map((_, place) => ({ doc: ids[i] as number, place }));
  });
  expect(found.map(({ doc, place }) => ({ doc, place }))).toEqual(expected);
}

async function expectSummary(room: Room, { rows, facts, gone, epoch, members }: LogState): Promise<void> {
  const messages = rows.filter((row) => row.kind === 0);
  const last = messages.at(-1);
  const said = last ? JSON.parse(last.body) : null;
  const { title, state, locked, icon, description } = facts;
  const found = await summary(room);
  expect(found).toMatchObject({
    title,
    state,
    icon,
    description,
    epoch,
    locked: locked ? 1 : 0,
    last_seq: rows.length,
    last_message_seq: last?.seq ?? 0,
    message_count: messages.length,
    last_author: last?.author ?? null,
    member_count: members.filter((m) => m.standing === 'active').length,
    deleted_at: null,
  });
  expect(JSON.parse(found.gone as string)).toEqual(gone);
  expect(found.preview).toBe(said && !said.deleted ? said.text : '');
}

async function expectPositions(room: Room, { members }: LogState): Promise<void> {
  const found = await d1
    .prepare('SELECT * FROM membership WHERE conversation = ?1 ORDER BY user')
    .bind(room.number)
    .all<Record<string, unknown>>();
  const { results } = found;
  const columns = Object.keys(results[0] ?? {}).filter((column) => column !== 'conversation');
  const pick = (row: object) =>
    Object.fromEntries(columns.map((column) => [column, (row as Record<string, unknown>)[column]]));
  expect(results.map(pick)).toEqual(members.map(pick));
}
