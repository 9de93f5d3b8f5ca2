// What a page of search may read from D1 (DESIGN.md 10): 100,000 messages in each of two apps, words of every frequency.
import { beforeAll, describe, expect, test } from 'vitest';
import { searchEntries } from '../../src/directory/search.ts';
import type { UserNumber } from '../../src/domain/ids.ts';
import { d1 } from '../conversation/harness.ts';
import { meteredD1 } from '../conversation/meter.ts';
import { type Crowd, fillArchive, makeCrowd, memberOf } from './crowd.ts';

const BUDGET_ROWS = 2_500;
/** Every n-th message holds the word. */
const WORDS = { every: 1, common: 2, often: 19, middling: 97, seldom: 1_009, rare: 30_011 };

let crowd: Crowd;
const { db, meter } = meteredD1();

beforeAll(async () => {
  crowd = await makeCrowd(20_000);
  const words = Object.entries(WORDS).map(([word, n]) => `iif(i % ${n} = 0, '${word} ', '')`);
  await fillArchive(crowd, words.join(' || '));
});

/** Everything that walking the pages finds, and what the dearest page read. */
async function walk(user: UserNumber | null, query: string, pages: number, size = 20) {
  const found: number[] = [];
  let dearest = 0;
  let cursor: string | null | undefined;
  for (let page = 0; page < pages && cursor !== null; page++) {
    meter.reset();
    const result = await searchEntries(db, crowd.app, user, { query, size, cursor });
    found.push(...result.rows.map((row) => row.id));
    dearest = Math.max(dearest, meter.read);
    cursor = result.cursor;
  }
  return { found, dearest, ended: cursor === null };
}

describe.each([1, 10, 100, 500, 1_000, 10_000])('a person in %i conversations', (held) => {
  let user: UserNumber;
  beforeAll(async () => {
    user = await memberOf(crowd, held);
  });

  test.each(Object.keys(WORDS))('reads at most 2,500 rows for a page of "%s"', async (word) => {
    for (const size of [20, 50]) {
      const { dearest, found } = await walk(user, word, size === 20 ? 4 : 2, size);
      expect(dearest).toBeLessThanOrEqual(BUDGET_ROWS);
      expect(new Set(found).size).toBe(found.length);
    }
  });
});

describe('the pages of a search', () => {
  /** Everything in the person's conversations that holds the word, asked for without any bound. */
  async function expected(user: UserNumber, word: string): Promise<number[]> {
    const rows = await d1
      .prepare(
        `SELECT f.rowid AS id FROM entry_fts f JOIN membership m ON m.conversation = f.rowid / 2097152
         WHERE entry_fts MATCH ?1 AND m.user = ?2 AND m.standing = 'active'`,
      )
      .bind(`words:"${word}"`, user)
      .all<{ id: number }>();
    return rows.results.map((row) => row.id).sort((a, b) => a - b);
  }

  test.each([
    [10, 'every', 7],
    [100, 'often', 20],
    [500, 'middling', 10],
    [1_000, 'often', 20],
    [10_000, 'seldom', 13],
    [10_000, 'middling', 100],
  ])('of a person in %i conversations hold every "%s" once, %i to a page', async (held, word, size) => {
    const user = await memberOf(crowd, held);
    const { found, ended } = await walk(user, word, 400, size);
    expect(ended).toBe(true);
    expect(found.sort((a, b) => a - b)).toEqual(await expected(user, word));
  });

  test.each([
    [10, 'every'],
    [200, 'often'],
    [2_000, 'often'],
    [10_000, 'seldom'],
  ])('of a person who left every other one of %i conversations hold no "%s" of those', async (held, word) => {
    const user = await memberOf(crowd, held);
    const whole = (await expected(user, word)).length;
    await d1
      .prepare("UPDATE membership SET standing = 'left' WHERE user = ?1 AND (conversation - ?2) / ?3 % 2 = 0")
      .bind(user, crowd.first, 2 * Math.floor(crowd.conversations / held))
      .run();
    const left = await expected(user, word);
    expect(left.length).toBeLessThan(whole);
    expect((await walk(user, word, 100, 50)).found.toSorted((a, b) => a - b)).toEqual(left);
  });

  test("of the app's own credential hold everything of the app once", async () => {
    const { found, ended } = await walk(null, 'rare', 10, 2);
    const own = await d1
      .prepare('SELECT rowid AS id FROM entry_fts WHERE entry_fts MATCH ?1')
      .bind(`scope:"a${crowd.app}" AND words:"rare"`)
      .all<{ id: number }>();
    expect(ended).toBe(true);
    expect(found.toSorted((a, b) => a - b)).toEqual(own.results.map((row) => row.id));
    const common = await walk(null, 'often', 3, 50);
    expect(common.dearest).toBeLessThanOrEqual(BUDGET_ROWS);
    expect(new Set(common.found).size).toBe(150);
  });

  test('come in the order of lists', async () => {
    const user = await memberOf(crowd, 100);
    const { found } = await walk(user, 'every', 25, 20);
    const last = await d1
      .prepare('SELECT number, last_at FROM conversation WHERE app = ?1')
      .bind(crowd.app)
      .all<{ number: number; last_at: number }>();
    const lastAt = new Map(last.results.map((row) => [row.number, row.last_at]));
    const place = (id: number) => lastAt.get(Math.floor(id / 2 ** 21)) as number;
    expect(found).toEqual(found.toSorted((a, b) => place(b) - place(a) || b - a));
  });
});
