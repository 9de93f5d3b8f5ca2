// Documents of the corpus, damaged byte by byte, read by the XML-RPC codec. How long, how often and again: fuzz.ts.
import { afterAll, expect } from 'vitest';
import { CORPUS } from '../xmlrpc/corpus/all.ts';
import { bytesOf } from '../xmlrpc/corpus/case.ts';
import { CodecPromises, type Doc } from './codec.ts';
import { fuzz, without } from './fuzz.ts';
import type { Random } from './random.ts';

/** Small documents: what goes wrong in a large one goes wrong in a small one too, and a million must pass. */
const SEED_MAX = 1000;
const LENGTH_MAX = 3000;
const SMALL = CORPUS.flatMap(([, cases]) => cases).filter(({ doc }) => doc.length <= SEED_MAX);
const SEEDS = SMALL.map(({ doc }) => doc);
const SOUND = SMALL.filter(({ want, charset }) => !('fault' in want) && !charset).map(({ doc }) => doc);

const PIECES = [
  '<value>',
  '</value>',
  '<value/>',
  '<int>1</int>',
  '<i8>',
  '<string>',
  '</string>',
  '<array><data>',
  '</data></array>',
  '<struct><member><name>',
  '</name>',
  '</member></struct>',
  '<nil/>',
  '<![CDATA[',
  ']]>',
  '<!--',
  '-->',
  '--',
  '<?',
  '?>',
  '<?xml version="1.0" encoding="iso-8859-1"?>',
  '<!DOCTYPE m [<!ENTITY x "y">]>',
  '&x;',
  '&amp;',
  '&#',
  '&#x10FFFF;',
  '&#xD800;',
  '&#13;',
  '&#0;',
  ' xmlns:a="b"',
  ' a="b"',
  '__proto__',
  'constructor',
  '99999999999999999999',
  '-',
  '+',
  'e308',
  '\r\n',
  '\0',
  '\ufeff',
  '\ufffe',
  '😀',
  '</params></methodCall>',
].map(bytesOf);
const CHARSETS = ['utf-8', 'us-ascii', 'iso-8859-1', '"UTF-8"', 'utf-16', 'x'];

const concat = (...parts: readonly Uint8Array[]): Uint8Array => {
  const out = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
};

const LESS = 0x3c;
const GREATER = 0x3e;
const TYPED = bytesOf(' 01234567890+-.:TZAQ=/aez\n\t;&"\'');

/** Behind the next tag: where text is. */
function behindTag(doc: Uint8Array, from: number): number {
  const at = doc.indexOf(GREATER, from);
  return at < 0 ? doc.length : at + 1;
}

/** The document with one thing done to it. */
function damaged(doc: Uint8Array, random: Random): Uint8Array {
  const at = random.oneIn(2) ? random.below(doc.length + 1) : behindTag(doc, random.below(doc.length + 1));
  const end = Math.min(doc.length, at + random.below(random.oneIn(4) ? 200 : 8));
  const [front, middle, back] = [doc.subarray(0, at), doc.subarray(at, end), doc.subarray(end)];
  switch (random.below(14)) {
    case 0:
      return concat(front, back);
    case 1:
      return concat(front, middle, middle, back);
    case 2:
    case 3:
      return concat(front, random.pick(PIECES), doc.subarray(at));
    case 4:
      return concat(front, random.pick(PIECES), back);
    case 5: {
      const other = random.pick(SEEDS);
      const from = random.below(other.length);
      return concat(front, other.subarray(from, from + random.below(80)), back);
    }
    case 6: {
      // The head of one document, the tail of another.
      const other = random.pick(SEEDS);
      return concat(front, other.subarray(random.below(other.length)));
    }
    case 7:
      return concat(front, ...Array.from({ length: random.below(40) }, () => middle), back);
    case 8: {
      const copy = doc.slice();
      if (at < copy.length) copy[at] = (copy[at] as number) ^ (1 << random.below(8));
      return copy;
    }
    case 9: {
      const copy = doc.slice();
      if (at < copy.length) copy[at] = random.below(256);
      return copy;
    }
    default: {
      // Another character, or one more: what is most often still a document.
      const spot = behindTag(doc, at);
      const length = spot < doc.length && doc[spot] !== LESS && random.oneIn(2) ? 1 : 0;
      const char = Uint8Array.of(TYPED[random.below(TYPED.length)] as number);
      return concat(doc.subarray(0, spot), char, doc.subarray(spot + length));
    }
  }
}

function make(random: Random): Doc {
  let bytes = random.pick(random.oneIn(4) ? SEEDS : SOUND);
  do bytes = damaged(bytes, random).subarray(0, LENGTH_MAX);
  while (random.oneIn(2));
  return { bytes, charset: random.oneIn(10) ? random.pick(CHARSETS) : undefined };
}

const promises = new CodecPromises();
afterAll(() => promises.end());

fuzz<Doc>('damaged documents', {
  share: 450_000,
  make,
  check: (doc) => {
    promises.check(doc);
  },
  *smaller({ bytes, charset }) {
    for (const less of without(bytes, concat)) yield { bytes: less, charset };
  },
  show: ({ bytes, charset }) => `${JSON.stringify(Buffer.from(bytes).toString('latin1'))} charset ${charset}`,
  after: (count) => {
    // Neither all broken beyond reading nor all well: both sides of the reader are tried.
    expect(promises.read).toBeGreaterThan(count / 20);
    expect(promises.refused).toBeGreaterThan(count / 2);
  },
});
