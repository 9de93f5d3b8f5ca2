// Documents made by the grammar of XML-RPC, right and nearly right, read by its codec. How long, how often and again:
// fuzz.ts.
import { afterAll, expect } from 'vitest';
import { decodeCall } from '../../src/xmlrpc/decode.ts';
import { XmlRpcFault } from '../../src/xmlrpc/fault.ts';
import type { InValue } from '../../src/xmlrpc/value.ts';
import { bytesOf } from '../xmlrpc/corpus/case.ts';
import { CodecPromises, same } from './codec.ts';
import { fuzz, without } from './fuzz.ts';
import { Grammar, type Sample } from './xmlrpc-grammar.ts';
import { bytesOfSample, nearly } from './xmlrpc-samples.ts';

const promises = new CodecPromises();
afterAll(() => promises.end());

const show = ({ pieces }: Pick<Sample, 'pieces'>) => JSON.stringify(pieces.join(''));

fuzz<Sample>('documents that are right say what they say', {
  share: 150_000,
  make: (random) => new Grammar(random).call(),
  check: (sample) => {
    const call = promises.check({ bytes: bytesOfSample(sample), charset: undefined });
    if (!call) throw new Error('refused');
    if (!same(call.params, sample.params as readonly InValue[])) {
      throw new Error(
        `read as ${JSON.stringify(call.params, (_, v) => (typeof v === 'bigint' ? `${v}n` : v))}`,
      );
    }
  },
  show,
});

type Pieces = Pick<Sample, 'pieces' | 'latin1'>;
const smaller = function* ({ pieces, latin1 }: Pieces): Generator<Pieces> {
  for (const less of without(pieces, (front, back) => [...front, ...back])) yield { pieces: less, latin1 };
};

let read = 0;
fuzz<Pieces>('documents that are nearly right', {
  share: 150_000,
  make: (random) => nearly(new Grammar(random).call(), random),
  check: (sample) => {
    if (promises.check({ bytes: bytesOfSample(sample), charset: undefined })) read++;
  },
  smaller,
  show,
  after: (count) => {
    expect(read).toBeGreaterThan(count / 20);
    expect(read).toBeLessThan(count * 0.9);
  },
});

/** A piece behind which markup is markup: a tag, or something between tags. */
const isMarkup = (piece: string) => piece.startsWith('<') && !piece.startsWith('<?xml ');

fuzz<Pieces>('a document type is refused wherever it stands', {
  share: 50_000,
  make: (random) => {
    const { pieces, latin1 } = new Grammar(random).call();
    const places = pieces.flatMap((piece, at) => (isMarkup(piece) ? [at] : []));
    const at = random.pick(places) + random.below(2);
    const what = random.pick([
      '<!DOCTYPE m>',
      '<!DOCTYPE m [<!ENTITY x "y">]>',
      '<!ENTITY x "y">',
      '<!doctype m>',
    ]);
    return { pieces: [...pieces.slice(0, at), what, ...pieces.slice(at)], latin1 };
  },
  check: (sample) => {
    try {
      decodeCall(bytesOfSample(sample));
    } catch (error) {
      if (error instanceof XmlRpcFault && error.code === -32700) return;
      throw error;
    }
    throw new Error('a document type was read over');
  },
  show,
});

const LENGTH = 6000;

interface Pumped {
  readonly front: string;
  readonly piece: string;
  readonly back: string;
}

const pumped = ({ front, piece, back }: Pumped): Uint8Array =>
  bytesOf(front + piece.repeat(Math.ceil(LENGTH / piece.length)) + back);

// The shape of every document that ever made a reader slow: one piece over and over, where another one was.
fuzz<Pumped>('a piece over and over', {
  share: 8000,
  make: (random) => {
    const { pieces } = new Grammar(random).call();
    const at = random.below(pieces.length);
    const whole = pieces.slice(at, at + 1 + random.below(4)).join('') || '<value>';
    const cut = random.below(whole.length);
    const piece = random.oneIn(2) ? whole : whole.slice(cut, cut + 1 + random.below(6));
    const end = at + random.below(2);
    return { front: pieces.slice(0, at).join(''), piece, back: pieces.slice(end).join('') };
  },
  check: (sample) => {
    promises.check({ bytes: pumped(sample), charset: undefined });
  },
  show: (sample) => JSON.stringify(sample),
});
