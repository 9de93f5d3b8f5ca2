// Reading and writing texts that tempt a reader into looking at the same characters again and again: whether a long one
// takes longer per KB than a short one. The same families are counted, not timed, in test/text/pathological.test.ts.
import type { Markup } from '../../src/domain/model.ts';
import { read, write } from '../../src/text/convert.ts';
import type { Node } from '../../src/text/tree.ts';
import { FAMILIES, type Family } from '../../test/text/families.ts';
import type { Bench } from '../bench.ts';
import { type Line, times } from '../table.ts';

const KIB = 1024;
/** At one KiB not all of the 32 levels are open that a text may have, at eight they are. */
const LENGTHS = [KIB, 8 * KIB, 64 * KIB] as const;
/** Read in one sample: a clock tells little about one short text. */
const BYTES_AT_ONCE = 64 * KIB;
/** Per KiB: what takes less only looks whether there is anything to do. */
const NOTHING_US = 5;
const OUT: readonly Markup[] = ['plain', 'bbcode', 'markdown', 'html'];
/** Linear work, and room for caches that 64 KiB leave and 8 KiB do not. */
const BUDGET = 3;

interface Timed {
  readonly family: Family;
  readonly what: string;
  /** Microseconds of processor time per KiB at 1, 8 and 64 KiB. */
  readonly us: readonly [number, number, number];
}

export async function text(bench: Bench): Promise<Line[]> {
  bench.note('text: the slowest families of pathological input');
  const timed = FAMILIES.flatMap((family) => measured(family, bench.rounds));
  const slowest = timed.reduce((a, b) => (b.us[2] > a.us[2] ? b : a));
  const steepest = timed
    .filter(({ us }) => us[2] > NOTHING_US)
    .reduce((a, b) => (b.us[2] / b.us[1] > a.us[2] / a.us[1] ? b : a));
  if (sink === 0) throw new Error('nothing was measured');
  return [
    line('the slowest text', slowest, '1 KB', slowest.us[0], null),
    line('the text that grows most', steepest, '8 KB', steepest.us[1], BUDGET),
  ];
}

function line(what: string, slow: Timed, at: string, theirs: number, budget: number | null): Line {
  const ratio = slow.us[2] / theirs;
  return {
    what: `${what}: ${slow.family.markup}, ${slow.family.name}, ${slow.what}`,
    against: `at ${at} ${theirs.toFixed(0)} us/KB`,
    ours: `at 64 KB ${slow.us[2].toFixed(0)} us/KB`,
    ratio: times(ratio),
    budget: budget === null ? '' : `<= ${budget}x`,
    met: budget === null ? null : ratio <= budget,
  };
}

/** Reading a family, and writing it in each markup: the best of the rounds, in which whatever else the machine does was least. */
function measured(family: Family, rounds: number): Timed[] {
  const { markup } = family;
  const texts = LENGTHS.map((length) => family.make(length));
  const trees = texts.map((source) => read(source, markup));
  const jobs: [what: string, run: (at: number) => unknown][] = [
    ['read', (at) => read(texts[at] as string, markup)],
    ...OUT.map((to): [string, (at: number) => unknown] => [
      `written in ${to}`,
      (at) => write(trees[at] as Node[], to),
    ]),
  ];
  return jobs.map(([what, run]) => {
    const us: [number, number, number] = [Infinity, Infinity, Infinity];
    for (let round = 0; round < rounds; round++) {
      texts.forEach(({ length }, at) => {
        const runs = Math.ceil(BYTES_AT_ONCE / length);
        us[at] = Math.min(us[at] as number, usOf(() => run(at), runs) / (length / KIB));
      });
    }
    return { family, what, us };
  });
}

/** Microseconds of processor time that one of `runs` runs takes. */
function usOf(run: () => unknown, runs: number): number {
  const before = process.cpuUsage();
  for (let i = 0; i < runs; i++) sink += run() === undefined ? 0 : 1;
  const { user, system } = process.cpuUsage(before);
  return (user + system) / runs;
}

/** Results end here, so that no engine may skip the work. */
let sink = 0;
