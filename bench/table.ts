// The table that a run prints: what was measured, beside what, and what DESIGN.md 10 asks for.
import type { Figures } from './figures.ts';

export interface Line {
  readonly what: string;
  /** The figure measured against, empty where the budget is a plain number. */
  readonly against: string;
  readonly ours: string;
  readonly ratio: string;
  /** In words; empty: published without a budget. */
  readonly budget: string;
  /** null: nothing to meet. */
  readonly met: boolean | null;
}

const HEAD = ['what', 'against', 'ours', 'ratio', 'budget', ''] as const;

export function formatTable(lines: readonly Line[]): string {
  const rows = [
    [...HEAD],
    ...lines.map(({ what, against, ours, ratio, budget, met }) => [
      what,
      against,
      ours,
      ratio,
      budget,
      met === null ? '' : met ? 'met' : 'MISSED',
    ]),
  ];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const text = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  text.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '));
  return text.join('\n');
}

export const times = (ratio: number): string => `${ratio.toFixed(2)}x`;

/** ms with as many digits as mean something. */
export const ms = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);

export const rate = (perSecond: number): string =>
  perSecond >= 10_000 ? `${(perSecond / 1000).toFixed(1)}k/s` : `${perSecond.toFixed(0)}/s`;

/** "1607/s, p50 6.30 p99 19.0 max 2083 ms". */
export const loadOf = ({ perSecond, p50, p99, max }: Figures): string =>
  `${rate(perSecond)}, p50 ${ms(p50)} p99 ${ms(p99)} max ${ms(max)} ms`;
