// What becomes of any text and any query in the index: a text is found by its own words, and no query is an error.

import { expect, test } from 'vitest';
import { indexWords, matchExpression, scopeOf } from '../../src/domain/words.ts';
import { d1 } from '../conversation/harness.ts';
import { fc } from '../fuzz/made-up.ts';

/** Texts of letters and signs of many scripts, and of anything that Unicode has. */
const SAMPLE = [
  ...'abzÀéßİıЖйЯعمשलनमस्तेไทยชาว日本語東京カタｶﾅ漢한글한ភាសา🚀👩‍👩‍👧 \t\n.,-_"\'*():^{}#@+&|~',
  '\u0301',
  '\u200d',
  '\u0000',
  '\uFEFF',
  '\u00AD',
];
const text = fc.oneof(
  fc.array(fc.constantFrom(...SAMPLE), { maxLength: 40 }).map((chars) => chars.join('')),
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
);

const found = async (expression: string): Promise<number[]> => {
  const rows = await d1
    .prepare('SELECT rowid AS id FROM entry_fts WHERE entry_fts MATCH ?1')
    .bind(expression)
    .all<{ id: number }>();
  return rows.results.map((row) => row.id);
};

test('any text is found by its own words, in the app that it was said in alone', async () => {
  const texts = fc.sample(text, { numRuns: 300, seed: 42 });
  await d1.batch(
    texts.map((said, i) =>
      d1
        .prepare('INSERT INTO entry_fts (rowid, words, scope) VALUES (?1, ?2, ?3)')
        .bind(i + 1, indexWords(said), scopeOf(1)),
    ),
  );
  let searched = 0;
  for (const [i, said] of texts.entries()) {
    const expression = matchExpression(said, scopeOf(1));
    if (expression === null) continue;
    searched += 1;
    expect({ said, found: await found(expression) }).toEqual({
      said,
      found: expect.arrayContaining([i + 1]),
    });
    expect(await found(matchExpression(said, scopeOf(2)) as string)).toEqual([]);
  }
  expect(searched).toBeGreaterThan(200);
});

test('no query is an error of the index, or asks for more than its words', async () => {
  const hostile = fc.oneof(
    text,
    fc.constantFrom(
      '"',
      '""',
      '*',
      'a*',
      'NEAR(a b)',
      'words:a',
      '^a',
      'a NOT b',
      '{a} : b',
      '-a',
      "' OR 1=1",
    ),
  );
  const queries = fc.sample(
    fc.array(hostile, { maxLength: 4 }).map((parts) => parts.join(' ')),
    { numRuns: 300, seed: 7 },
  );
  for (const query of queries) {
    const expression = matchExpression(query, scopeOf(2));
    if (expression !== null) expect({ query, found: await found(expression) }).toEqual({ query, found: [] });
  }
});
