// Texts in every markup, damaged character by character, read and written in every other. How long, how often and again:
// fuzz.ts.
import { expect } from 'vitest';
import { SIGNS, WORDS } from '../text/arbitrary.ts';
import { fuzz, without } from './fuzz.ts';
import type { Random } from './random.ts';
import { checkForum, checkText, MARKUPS, type Sample } from './text.ts';
import { SAMPLES } from './text-samples.ts';

const LENGTH_MAX = 300;
/** Every so many texts, the forum door's forms of it too. */
const FORUM_EVERY = 4;
const EVERY_SAMPLE = Object.values(SAMPLES).flat();

/** The text with one thing done to it. */
function damaged(source: string, random: Random): string {
  const at = random.below(source.length + 1);
  const end = Math.min(source.length, at + random.below(random.oneIn(4) ? 40 : 4));
  const [front, middle, back] = [source.slice(0, at), source.slice(at, end), source.slice(end)];
  switch (random.below(9)) {
    case 0:
      return front + back;
    case 1:
      return front + middle + middle + back;
    case 2:
      return front + random.pick(SIGNS) + source.slice(at);
    case 3:
      return front + random.pick(SIGNS) + back;
    case 4:
      return front + random.pick(WORDS) + source.slice(at);
    case 5: {
      const other = random.pick(EVERY_SAMPLE);
      const from = random.below(other.length);
      return front + other.slice(from, from + random.below(30)) + back;
    }
    case 6:
      return front + middle.repeat(random.below(12)) + back;
    case 7:
      return front + String.fromCharCode(random.below(random.oneIn(2) ? 128 : 65_536)) + back;
    default: {
      // Two places change places.
      const to = end + random.below(source.length - end + 1);
      return front + source.slice(end, to) + middle + source.slice(to);
    }
  }
}

function make(random: Random): Sample {
  const from = random.pick(MARKUPS);
  let source = random.pick(random.oneIn(5) ? EVERY_SAMPLE : SAMPLES[from]);
  for (let times = random.below(5); times > 0; times--) source = damaged(source, random);
  return { source: source.slice(0, LENGTH_MAX), from, to: random.pick(MARKUPS) };
}

let marked = 0;
fuzz<Sample>('damaged texts', {
  share: 100_000,
  make,
  check: (sample, random) => {
    const tree = checkText(sample);
    if (tree.some(({ type }) => type !== 'text' && type !== 'break')) marked++;
    if (random.oneIn(FORUM_EVERY)) checkForum(sample, tree);
  },
  *smaller(sample) {
    for (const source of without(sample.source, (front, back) => front + back)) yield { ...sample, source };
  },
  show: ({ source, from, to }) => `${from} to ${to}: ${JSON.stringify(source)}`,
  after: (count) => expect(marked).toBeGreaterThan(count / 4),
});
