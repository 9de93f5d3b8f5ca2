// Long texts in pieces: nothing is lost, nothing is too long, what was open is closed and goes on.
import { expect, test } from 'vitest';
import { read, write } from '../../src/text/convert.ts';
import { split } from '../../src/text/split.ts';
import { type Node, textOf } from '../../src/text/tree.ts';

const markdown = (nodes: readonly Node[]) => write(nodes, 'markdown');
const plain = (text: string) => text.replace(/\s+/g, '');
const pieces = (source: string, most: number) =>
  split(read(source, 'markdown'), markdown, most).map(markdown);

const WORDS = Array.from({ length: 400 }, (_, i) => `word${i}`).join(' ');
const CODE = Array.from({ length: 200 }, (_, i) => `  line(${i});`).join('\n');

test.each([
  ['words', WORDS],
  ['bold words', `**${WORDS}**`],
  ['a link with many words', `[${WORDS}](https://example.org/)`],
  ['code', `\`\`\`\n${CODE}\n\`\`\``],
  [
    'a quote',
    WORDS.match(/.{1,60}( |$)/g)
      ?.map((line) => `> ${line.trim()}`)
      .join('\n') as string,
  ],
  ['a list', Array.from({ length: 120 }, (_, i) => `${i + 7}. item ${i} of it`).join('\n')],
  ['no blank anywhere', 'x'.repeat(3_000)],
  ['characters of two units', '🦜'.repeat(1_500)],
  ['markup that needs escaping', '*_[`~>'.repeat(300)],
  ['all of it', `${WORDS}\n\n\`\`\`\n${CODE}\n\`\`\`\n\n- **a**\n- ${WORDS}\n\n> ${WORDS}`],
])('%s: whole in pieces that fit', (_name, source) => {
  for (const most of [60, 100, 333, 1_950]) {
    const nodes = read(source, 'markdown');
    const parts = split(nodes, markdown, most);
    for (const part of parts) expect(markdown(part).length).toBeLessThanOrEqual(most);
    for (const part of parts) expect(markdown(part).isWellFormed()).toBe(true);
    expect(plain(parts.map(textOf).join(' '))).toBe(plain(textOf(nodes)));
  }
});

test('code is closed and opened again, at the end of a line', () => {
  const parts = pieces(`\`\`\`\n${CODE}\n\`\`\``, 400);
  expect(parts.length).toBeGreaterThan(3);
  for (const part of parts) expect(part).toMatch(/^```\n( {2}line\(\d+\);\n)+```$/);
});

test('items go on with their numbers', () => {
  const items = Array.from({ length: 40 }, (_, i) => `${i + 1}. some words in an item`).join('\n');
  const [first = '', second = ''] = pieces(items, 300);
  const last = Number(/(\d+)\. [^\n]*$/.exec(first)?.[1]);
  expect(last).toBeGreaterThan(3);
  expect(second).toMatch(new RegExp(`^${last + 1}\\. `));
});

test('a sentence or a line ends a piece rather than a word, a word rather than half of one', () => {
  expect(pieces('One two three. Four five six seven eight.', 24)[0]).toBe('One two three.');
  expect(pieces('one two three four five six', 12)).toEqual(['one two', 'three four', 'five six']);
});

test('what fits is left alone, and nothing is nothing', () => {
  expect(pieces('short', 100)).toEqual(['short']);
  expect(split([], markdown, 100)).toEqual([]);
});

test('a long text costs as much for each character as a short one', () => {
  const cost = (length: number) => {
    let written = 0;
    const counting = (nodes: readonly Node[]) => {
      const out = markdown(nodes);
      written += out.length;
      return out;
    };
    split(read(Array.from({ length }, (_, i) => `some words ${i}`).join('\n'), 'plain'), counting, 500);
    return written / length;
  };
  expect(cost(8_000) / cost(500)).toBeLessThan(1.5);
});
