// Texts made by the grammar of each markup, right and nearly right; and pieces said thousands of times over, between a front
// and a back: the shape of every text that ever made a reader slow. How long, how often and again: fuzz.ts.
import type { Markup } from '../../src/domain/model.ts';
import { read, write } from '../../src/text/convert.ts';
import { type Node, textOf } from '../../src/text/tree.ts';
import { SIGNS } from '../text/arbitrary.ts';
import { countSteps } from '../xmlrpc/steps.ts';
import { fuzz, without } from './fuzz.ts';
import type { Random } from './random.ts';
import { checkText, MARKUPS, type Sample } from './text.ts';
import { type Made, TextGrammar } from './text-grammar.ts';
import { SAMPLES } from './text-samples.ts';

type Pieces = Omit<Sample, 'source'> & Made;

const sampleOf = ({ pieces, from, to }: Pieces): Sample => ({ source: pieces.join(''), from, to });
const show = (pieces: Pieces): string =>
  `${pieces.from} to ${pieces.to}: ${JSON.stringify(pieces.pieces.join(''))}`;

function made(random: Random): Pieces {
  const from = random.pick(MARKUPS);
  return { ...new TextGrammar(random).text(from), from, to: random.pick(MARKUPS) };
}

fuzz<Pieces>('texts that are right: every word is read, in order', {
  share: 45_000,
  make: made,
  check: (pieces) => {
    const tree = checkText(sampleOf(pieces));
    const seen = textOf(tree).match(/w\d+x/g) ?? [];
    if (seen.join() !== pieces.words.join()) throw new Error(`read ${seen} of ${pieces.words}`);
  },
  show,
});

fuzz<Pieces>('texts that are nearly right', {
  share: 45_000,
  make: (random) => {
    const whole = made(random);
    const other = made(random).pieces;
    const pieces = [...whole.pieces];
    const at = random.below(pieces.length + 1);
    if (random.oneIn(2)) pieces.splice(at, random.below(3));
    else pieces.splice(at, random.below(2), random.pick(other.length > 0 ? other : SIGNS));
    return { ...whole, pieces };
  },
  check: (pieces) => {
    checkText(sampleOf(pieces));
  },
  *smaller(whole) {
    for (const pieces of without(whole.pieces, (front, back) => [...front, ...back]))
      yield { ...whole, pieces };
  },
  show,
});

const LENGTH = 6000;
/** Of the families in test/text/pathological.test.ts none takes more. */
const STEPS_PER_CHARACTER = 200;

interface Pumped {
  readonly front: string;
  readonly piece: string;
  readonly back: string;
  readonly from: Markup;
  readonly to: Markup;
}

const textOfPumped = ({ front, piece, back }: Pumped): string =>
  front + piece.repeat(Math.ceil(LENGTH / piece.length)) + back;

fuzz<Pumped>('a piece over and over', {
  share: 2000,
  msPerInput: 200,
  make: (random) => {
    const from = random.pick(MARKUPS);
    const cut = (most: number): string => {
      const source = random.oneIn(2) ? random.pick(SIGNS) : random.pick(SAMPLES[from]);
      const at = random.below(source.length);
      return source.slice(at, at + 1 + random.below(most));
    };
    const piece = random.some(3, () => cut(8)).join('') || cut(8);
    return {
      front: random.some(2, () => cut(20)).join(''),
      piece,
      back: cut(20),
      from,
      to: random.pick(MARKUPS),
    };
  },
  check: (pumped) => {
    const source = textOfPumped(pumped);
    let tree: readonly Node[] = [];
    const reading = countSteps(() => {
      tree = read(source, pumped.from);
    });
    const writing = countSteps(() => write(tree, pumped.to));
    const steps = Math.max(reading, writing) / source.length;
    if (steps > STEPS_PER_CHARACTER) throw new Error(`slow: ${steps.toFixed()} steps for each character`);
  },
  show: (pumped) => JSON.stringify(pumped),
});
