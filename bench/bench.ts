// What every row gets: how long to measure, the load client, the two ways to ask for a round of load.
import type { Child } from './child.ts';
import { type Figures, figuresOf, interleaved } from './figures.ts';
import type { LoadJob, LoadResult } from './load.ts';
import type { Line } from './table.ts';

export interface Bench {
  readonly rounds: number;
  /** Length of a round; it goes on until it has `least` requests too. */
  readonly seconds: number;
  readonly least: number;
  readonly quick: boolean;
  /** The worker to measure in place of src/index.ts. */
  readonly entry: string | undefined;
  readonly load: Child<LoadJob, LoadResult>;
  /** Says what is being measured now. */
  note(text: string): void;
}

/** A named part of the bench: measures and gives its lines. */
export type Row = (bench: Bench) => Promise<Line[]>;

/** Whom a round of load goes to, and what with. */
export type Target = Pick<LoadJob, 'port' | 'requests' | 'expect'>;

/** A round may take this many times its length to get its requests together. */
const PATIENCE = 4;
/** Before the rounds that count: code is compiled, caches are full. */
const WARM_UP_SECONDS = 0.7;

/** Rounds of load to each target in turn, `inFlight` at a time. */
export async function compare<Name extends string>(
  bench: Bench,
  inFlight: number,
  targets: Readonly<Record<Name, Target>>,
): Promise<Record<Name, Figures>> {
  const { rounds, seconds, load } = bench;
  const names = Object.keys(targets) as Name[];
  const job = (name: Name): LoadJob => ({
    ...targets[name],
    inFlight,
    least: Math.ceil(bench.least / rounds),
    seconds,
    mostSeconds: seconds * PATIENCE,
  });
  for (const name of names) {
    await load.ask({ ...job(name), least: 0, seconds: WARM_UP_SECONDS, mostSeconds: WARM_UP_SECONDS });
  }
  const contestants = Object.fromEntries(names.map((name) => [name, () => load.ask(job(name))]));
  const results = await interleaved(rounds, contestants as Record<Name, () => Promise<LoadResult>>);
  return Object.fromEntries(names.map((name) => [name, figuresOf(results[name])])) as Record<Name, Figures>;
}
