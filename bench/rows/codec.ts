// The XML-RPC codec beside two packages: DESIGN.md 10. How it is measured: ../codec.ts.
import type { Bench } from '../bench.ts';
import { benchCodec } from '../codec.ts';
import type { Line } from '../table.ts';

export async function codec(bench: Bench): Promise<Line[]> {
  bench.note('XML-RPC codec');
  const rows = await benchCodec();
  return rows.map(({ what, against, oursUs, theirsUs, ratio, budget }) => ({
    what,
    against: `${against} ${theirsUs.toFixed(1)} us`,
    ours: `${oursUs.toFixed(1)} us`,
    ratio: `${ratio.toFixed(1)}x`,
    budget: `>= ${budget}x`,
    met: ratio >= budget,
  }));
}
