// Documents as clients that this project did not write make them. Kept ones are corpus/recorded.ts.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Call } from './corpus/mobiquo.ts';

const PROGRAMS = {
  python3: ['python3', 'dumps.py'],
  'perl RPC::XML': ['perl', 'dumps.pl'],
  'php xmlrpc': ['php', 'dumps.php'],
} as const;

export type Writer = keyof typeof PROGRAMS;
export const WRITERS = Object.keys(PROGRAMS) as Writer[];

/** The calls as this client writes them. One process for all of them. */
export function documentsOf(writer: Writer, calls: readonly Call[]): string[] {
  const [program, file] = PROGRAMS[writer];
  const run = spawnSync(program, [join(import.meta.dirname, 'clients', file)], {
    input: JSON.stringify(calls),
    encoding: 'utf8',
    timeout: 100_000,
    maxBuffer: 1 << 26,
  });
  if (run.status !== 0) throw new Error(`${program} failed: ${run.stderr}`);
  return JSON.parse(run.stdout) as string[];
}
