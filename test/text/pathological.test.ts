// Every family of families.ts, read and written from 1 to 64 KiB: the work for each character stays the same. Work is
// counted (work.ts), never timed. `npm run bench -- text` prints how long they take.
import { describe, expect, test } from 'vitest';
import type { Markup } from '../../src/domain/model.ts';
import { read, write } from '../../src/text/convert.ts';
import type { Node } from '../../src/text/tree.ts';
import { countSteps } from '../xmlrpc/steps.ts';
import { FAMILIES, type Family } from './families.ts';
import { blockCounter } from './work.ts';

const KIB = 1024;
const MARKUPS: readonly Markup[] = ['plain', 'bbcode', 'markdown', 'html'];
/** What a text may cost more per character than one of an eighth of its length; work that grows with the square: 8 times. */
const GROWTH = 1.25;
/** Until all 32 levels are open, which takes a KiB or two, each level more makes a character dearer. */
const GROWTH_OF_LEVELS = 5;
/** Never beyond this, at any length. */
const MOST_BLOCKS = 120;
const MOST_STEPS = 200;
/** Other markups than its own are written up to here: what would grow beyond has grown by then. */
const OTHERS_MOST = 8 * KIB;
/** Less than this is a look at whether there is anything to do. */
const NOTHING = 5;

interface Job {
  readonly name: string;
  readonly run: () => void;
  /** Of the markup that the family is made for. */
  readonly own: boolean;
}

/** Reading the text in its markup, and writing what was read in each. */
function jobsOf({ markup }: Family, text: string): Job[] {
  let tree: readonly Node[] = [];
  return [
    {
      name: `read ${markup}`,
      own: true,
      run: () => {
        tree = read(text, markup);
      },
    },
    ...MARKUPS.map((to) => ({ name: `write ${to}`, own: to === markup, run: () => void write(tree, to) })),
  ];
}

/** For each job, its work per character at each length. */
function costsOf(family: Family, lengths: readonly number[], count: (run: () => void) => number) {
  const costs = new Map<string, number[]>();
  for (const length of lengths) {
    const text = family.make(length);
    for (const { name, run, own } of jobsOf(family, text)) {
      if (!own && length > OTHERS_MOST) continue;
      costs.set(name, [...(costs.get(name) ?? []), count(run) / text.length]);
    }
  }
  return costs;
}

/** Each length costs as much per character as the one before, but for the levels that the shortest lacks; none costs much. */
function expectEven(costs: Map<string, number[]>, most: number): void {
  for (const [name, each] of costs) {
    expect(Math.max(...each), name).toBeLessThanOrEqual(most);
    each.slice(1).forEach((cost, at) => {
      const growth = at === 0 ? GROWTH_OF_LEVELS : GROWTH;
      if (cost > NOTHING) expect(cost, name).toBeLessThanOrEqual((each[at] as number) * growth);
    });
  }
}

test('there are at least 60 families, each with a name of its own', () => {
  const names = FAMILIES.map(({ markup, name }) => `${markup}: ${name}`);
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThanOrEqual(60);
});

describe.each(MARKUPS)('%s', (markup) => {
  const families = FAMILIES.filter((family) => family.markup === markup);

  test.each(families)('$name: characters and items that are gone over', (family) => {
    expectEven(costsOf(family, [KIB, 8 * KIB], countSteps), MOST_STEPS);
  });
  test.each(families)('$name: blocks of code that are run', (family) => {
    expectEven(costsOf(family, [KIB, 8 * KIB, 64 * KIB], blockCounter()), MOST_BLOCKS);
  });
  test.each(families)('$name: read as another markup', (family) => {
    for (const other of MARKUPS) {
      const costs = [KIB, 8 * KIB].map((length) => {
        const text = family.make(length);
        const meter = { steps: 0 };
        read(text, other, meter);
        return meter.steps / text.length;
      });
      expectEven(new Map([[other, costs]]), MOST_STEPS);
    }
  });
});
