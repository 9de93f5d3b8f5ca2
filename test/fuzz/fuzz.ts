// Runs a promise over many made-up inputs. A whole run has a million of them, shared out among the files of this folder.
//
//   FUZZ_INPUTS=20000000   how many inputs a whole run has; each test takes its share
//   FUZZ_SEED=12345        another seed (seed.ts)
//   FUZZ_AT=678            only the input of that number, in the tests that are run
//
// A failure prints the seed, the number of the input, and the smallest input found that breaks the same promise.
import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'vitest';
import { Random, seedOf } from './random.ts';
import { SEED, whole } from './seed.ts';

const MILLION = 1_000_000;
const INPUTS = whole('FUZZ_INPUTS') ?? MILLION;
const AT = whole('FUZZ_AT');
/** How much longer than usual this run is. */
export const COUNT_SCALE = INPUTS / MILLION;

/** The runner of the tests wants to hear of a file now and then. */
const INPUTS_PER_TURN = 2000;
/** A million inputs take about a minute; a slow machine and a longer run get their time. */
const MS_PER_INPUT = 2;
const LEAST_MS = 180_000;
const SHRINK_TRIES = 3000;

export interface Fuzz<Input> {
  /** How many of a million inputs are this test's. */
  readonly share: number;
  /** The time that one may take on a slow machine, before the test is given up. */
  readonly msPerInput?: number;
  readonly make: (random: Random, index: number) => Input;
  /** Throws where a promise is broken. */
  readonly check: (input: Input, random: Random) => void;
  /** Smaller inputs to try when `check` throws, the smallest first. */
  readonly smaller?: (input: Input) => Iterable<Input>;
  readonly show: (input: Input) => string;
  /** After the last input: whether the inputs were what they are meant to be. Not called for FUZZ_AT. */
  readonly after?: (count: number) => void;
}

/** A test of `share` inputs. */
export function fuzz<Input>(name: string, run: Fuzz<Input>): void {
  const count = Math.max(1, Math.round((INPUTS * run.share) / MILLION));
  const once = (index: number) => {
    const seed = seedOf(SEED, index);
    const input = run.make(new Random(seed), index);
    const check = (tried: Input) => run.check(tried, new Random(seed ^ 0x5bd1e995));
    const error = quickly(() => check(input));
    if (error !== undefined) throw failure(name, index, smallest(input, error, check, run.smaller), run.show);
  };
  test(
    `${name} (${count} inputs)`,
    async () => {
      if (AT !== undefined) return once(AT);
      for (let index = 0; index < count; index++) {
        if (index % INPUTS_PER_TURN === 0) await turn();
        once(index);
      }
      run.after?.(count);
    },
    Math.max(LEAST_MS, count * (run.msPerInput ?? MS_PER_INPUT)),
  );
}

/** What `run` throws. Most inputs are refused by an error, and writing its stack down takes longer than the rest. */
function quickly(run: () => void): unknown {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    run();
    return undefined;
  } catch (error) {
    return error;
  } finally {
    Error.stackTraceLimit = limit;
  }
}

interface Found<Input> {
  readonly input: Input;
  readonly error: unknown;
}

/** The smallest input found that fails as this one does: with an error of the same kind. */
function smallest<Input>(
  input: Input,
  error: unknown,
  check: (input: Input) => void,
  smaller: Fuzz<Input>['smaller'],
): Found<Input> {
  let found: Found<Input> = { input, error };
  let tries = 0;
  for (let better = true; better && smaller; ) {
    better = false;
    for (const tried of smaller(found.input)) {
      if (++tries > SHRINK_TRIES) return found;
      try {
        check(tried);
      } catch (thrown) {
        if (kindOf(thrown) !== kindOf(error)) continue;
        found = { input: tried, error: thrown };
        better = true;
        break;
      }
    }
  }
  return found;
}

const kindOf = (error: unknown): string =>
  error instanceof Error ? `${error.name} ${error.message.slice(0, 20)}` : typeof error;

function failure<Input>(
  name: string,
  index: number,
  { input, error }: Found<Input>,
  show: (input: Input) => string,
): Error {
  const what = error instanceof Error ? error.message : String(error);
  const again = `FUZZ_SEED=${SEED} FUZZ_AT=${index}`;
  return new Error(`${what}\n\nfound by "${name}" with ${again}, made smaller:\n${show(input)}`, {
    cause: error,
  });
}

/** A list or a text with a half, a quarter… of it left out, the largest pieces first. */
export function* without<T extends { readonly length: number; slice(from: number, to?: number): T }>(
  whole: T,
  join: (front: T, back: T) => T,
): Generator<T> {
  for (let size = Math.ceil(whole.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < whole.length; at += size) yield join(whole.slice(0, at), whole.slice(at + size));
  }
}
