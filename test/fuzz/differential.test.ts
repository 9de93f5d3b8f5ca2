// The XML-RPC codec beside two readers that this project did not write: xmlrpc-parser on documents that it reads right
// (contracts/tapatalk.md 5.5), and Python's xmlrpc.client, where python3 is there, on documents of every kind.

import { describe, expect, test } from 'vitest';
import { XmlRpcResponse } from 'xmlrpc-parser';
import { decodeCall, decodeResponse, type MethodCall } from '../../src/xmlrpc/decode.ts';
import { XmlRpcFault } from '../../src/xmlrpc/fault.ts';
import type { InValue } from '../../src/xmlrpc/value.ts';
import { requireClient } from '../support/clients.ts';
import { bytesOf } from '../xmlrpc/corpus/case.ts';
import { comparable, pythonLoads, tagged } from '../xmlrpc/python.ts';
import { anyAnswer, anyCall, untyped } from '../xmlrpc/subset.ts';
import { COUNT_SCALE } from './fuzz.ts';
import { fc } from './made-up.ts';
import { Random, seedOf } from './random.ts';
import { SEED } from './seed.ts';
import { Grammar } from './xmlrpc-grammar.ts';
import { bytesOfSample, nearly } from './xmlrpc-samples.ts';

const again = `again with FUZZ_SEED=${SEED}`;
const scaled = (count: number, most: number): number =>
  Math.min(most, Math.max(1, Math.round(count * COUNT_SCALE)));
/** Each of its documents waits for a timer: many wait at once. */
const AT_ONCE = 500;

describe('xmlrpc-parser', () => {
  const theirs = (xml: string) => new XmlRpcResponse().parse(xml);
  const each = async (documents: readonly string[], check: (xml: string) => Promise<void>) => {
    for (let at = 0; at < documents.length; at += AT_ONCE) {
      await Promise.all(documents.slice(at, at + AT_ONCE).map(check));
    }
  };

  test('reads calls as we do', async () => {
    await each(fc.sample(anyCall, { seed: SEED, numRuns: scaled(4000, 100_000) }), async (xml) => {
      const { method, params } = decodeCall(bytesOf(xml));
      const told = await theirs(xml);
      expect({ method: told.method, params: told.params }, `${again}: ${xml}`).toEqual({
        method,
        params: params.map(untyped),
      });
    });
  }, 600_000);

  test('reads answers as we do', async () => {
    await each(fc.sample(anyAnswer, { seed: SEED, numRuns: scaled(4000, 100_000) }), async (xml) => {
      const ours = decodeResponse(bytesOf(xml));
      const told = await theirs(xml);
      expect(told.params, `${again}: ${xml}`).toEqual([untyped(ours.fault ? null : ours.value)]);
    });
  }, 600_000);
});

const here = requireClient('python3');

describe.runIf(here)("Python's xmlrpc.client", () => {
  const samples = Array.from({ length: scaled(4000, 50_000) }, (_, index) => {
    const random = new Random(seedOf(SEED + 1, index));
    const right = new Grammar(random).call();
    return index % 2 === 0 ? right : nearly(right, random);
  }).map(bytesOfSample);

  test('reads what we read, and the same in it', () => {
    let both = 0;
    const odd: string[] = [];
    const outcomes = pythonLoads(samples);
    samples.forEach((bytes, at) => {
      const theirs = outcomes[at];
      const ours = read(bytes);
      if (!ours || !theirs) return;
      const text = `${again}: ${JSON.stringify(Buffer.from(bytes).toString('latin1'))}`;
      if (!('value' in theirs)) {
        if (!isLenient(bytes)) odd.push(`Python refuses ${text}`);
        return;
      }
      both++;
      const [mine, other] = [
        JSON.stringify(tagged(ours.params as InValue)),
        JSON.stringify(comparable(theirs.value)),
      ];
      if (mine !== other) odd.push(`we read ${mine}, Python reads ${other} in ${text}`);
    });
    expect(odd.slice(0, 3)).toEqual([]);
    expect(both).toBeGreaterThan(samples.length / 4);
  }, 600_000);
});

function read(bytes: Uint8Array): MethodCall | undefined {
  try {
    return decodeCall(bytes);
  } catch (error) {
    if (error instanceof XmlRpcFault) return undefined;
    throw error;
  }
}

/** What we take and Python does not (test/xmlrpc/corpus/scalars.ts): booleans in words or white space, base64 without padding. */
function isLenient(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes).toString('latin1');
  if (/<boolean[^>]*>(?![01]<)/.test(text)) return true;
  return [...text.matchAll(/<base64[^>]*>([^<&]*)(<\/)?/g)].some(
    ([, content, next]) => next === undefined || (content as string).replace(/\s/g, '').length % 4 > 0,
  );
}
