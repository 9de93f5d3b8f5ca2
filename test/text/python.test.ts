// HTML that we write, in the eyes of a reader that this project did not write: Python's html.parser, where python3 is there.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Markup } from '../../src/domain/model.ts';
import { read } from '../../src/text/convert.ts';
import { writeHtml } from '../../src/text/html-write.ts';
import { type Node, textOf } from '../../src/text/tree.ts';
import { fc } from '../fuzz/made-up.ts';
import { SEED } from '../fuzz/seed.ts';
import { requireClient } from '../support/clients.ts';
import { trees, tricky } from './arbitrary.ts';
import { addressesOf, everyNode } from './judge.ts';

interface Seen {
  readonly tags: readonly (readonly [
    name: string,
    attributes: readonly (readonly [string, string | null])[],
  ])[];
  readonly text: string;
  readonly other: readonly string[];
}

function seenByPython(pages: readonly string[]): Seen[] {
  const run = spawnSync('python3', [join(import.meta.dirname, 'tags.py')], {
    // What it cannot say in UTF-8 would stop it, not be escaped.
    input: JSON.stringify(pages.map((page) => page.toWellFormed())),
    encoding: 'utf8',
    timeout: 100_000,
    maxBuffer: 1 << 28,
  });
  if (run.status !== 0) throw new Error(`python3 failed: ${run.stderr}`);
  return JSON.parse(run.stdout) as Seen[];
}

/** The tags of a tree, but for line ends. */
const TAGS_OF: Readonly<Record<Node['type'], readonly string[]>> = {
  text: [],
  break: [],
  bold: ['b'],
  italic: ['i'],
  underline: ['u'],
  strike: ['s'],
  spoiler: ['span'],
  mention: [],
  colour: ['span'],
  link: ['a'],
  image: ['img'],
  code: ['code'],
  codeBlock: ['pre', 'code'],
  quote: ['blockquote'],
  list: [],
};

function tagsOf(tree: readonly Node[]): string[] {
  return [...everyNode(tree)]
    .flatMap((node) => {
      if (node.type === 'list') return [node.start === null ? 'ul' : 'ol', ...node.items.map(() => 'li')];
      return node.type === 'quote' && node.author !== null ? ['blockquote', 'cite'] : TAGS_OF[node.type];
    })
    .sort();
}

const inked = (text: string): string => text.toWellFormed().replace(/[\s\0\ufffd]+/g, '');
const attributes = (seen: Seen, ...names: string[]) =>
  seen.tags.flatMap(([, all]) => all.filter(([name]) => names.includes(name)).map(([, value]) => value));

const here = requireClient('python3');

describe.runIf(here)("Python's html.parser", () => {
  const expectSame = (all: readonly (readonly Node[])[]) => {
    const seen = seenByPython(all.map((tree) => writeHtml(tree)));
    expect(seen).toHaveLength(all.length);
    all.forEach((tree, at) => {
      const page = seen[at] as Seen;
      const html = `FUZZ_SEED=${SEED}: ${writeHtml(tree)}`;
      expect(page.other, html).toEqual([]);
      expect(page.tags.flatMap(([name]) => (name === 'br' ? [] : [name])).sort(), html).toEqual(tagsOf(tree));
      expect(attributes(page, 'href', 'src'), html).toEqual(addressesOf(tree).map(String));
      const named = [...new Set(page.tags.flatMap(([, all]) => all.map(([name]) => name)))];
      expect(['alt', 'class', 'href', 'rel', 'src', 'start', 'style'], html).toEqual(
        expect.arrayContaining(named),
      );
      // An author stands on a line of their own; with us a colon follows.
      const authors = [...everyNode(tree)].some((node) => node.type === 'quote' && node.author !== null);
      if (!authors) expect(inked(page.text), html).toBe(inked(textOf(tree)));
    });
  };

  test('finds the tags, addresses and words of the tree and nothing else', () => {
    expectSame(fc.sample(trees(tricky), { seed: SEED, numRuns: 1500 }));
  });
  test.each(['plain', 'bbcode', 'markdown', 'html'] as const)('the same of texts in %s', (markup: Markup) => {
    expectSame(fc.sample(tricky, { seed: SEED, numRuns: 1000 }).map((source) => read(source, markup)));
  });
});
