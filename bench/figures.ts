// Rounds, medians and percentiles. No I/O.
import type { LoadResult } from './load.ts';

/** What the rounds of one contestant come to. */
export interface Figures {
  /** Median of the rounds' requests per second. */
  readonly perSecond: number;
  readonly rates: readonly number[];
  /** ms over the requests of all rounds. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  readonly count: number;
}

export function figuresOf(rounds: readonly LoadResult[]): Figures {
  const all = rounds.flatMap(({ latencies }) => [...latencies]).sort((a, b) => a - b);
  const rates = rounds.map(({ latencies, seconds }) => latencies.length / seconds);
  return {
    perSecond: median(rates),
    rates,
    p50: quantile(all, 0.5),
    p99: quantile(all, 0.99),
    max: all.at(-1) ?? Number.NaN,
    count: all.length,
  };
}

/** The median of the rounds' own ratios: what slows the machine down for a while slows both sides of a round. */
export function ratioOf(ours: Figures, theirs: Figures): number {
  return median(ours.rates.map((rate, i) => rate / (theirs.rates[i] ?? Number.NaN)));
}

export function median(values: readonly number[]): number {
  return quantile(
    [...values].sort((a, b) => a - b),
    0.5,
  );
}

/** Of sorted values: the smallest that `q` of them do not exceed. */
export function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)] ?? Number.NaN;
}

/** Runs every contestant once per round, in turn, and gives each one's rounds. */
export async function interleaved<Name extends string, Result>(
  rounds: number,
  contestants: Readonly<Record<Name, () => Promise<Result>>>,
): Promise<Record<Name, Result[]>> {
  const names = Object.keys(contestants) as Name[];
  const results = Object.fromEntries(names.map((name) => [name, [] as Result[]])) as Record<Name, Result[]>;
  for (let round = 0; round < rounds; round++) {
    for (const name of names) results[name].push(await contestants[name]());
  }
  return results;
}
