// `npm run bench`: the hub beside what DESIGN.md 10 measures it against, in one run on this machine.
// docs/bench.md says what each row is. Nothing here is a test: the exit code is 0 unless something broke.
import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Bench, Row } from './bench.ts';
import { Child } from './child.ts';
import { cleanUp, interrupt, isInterrupted } from './cleanup.ts';
import type { LoadJob, LoadResult } from './load.ts';
import { machine } from './machine.ts';
import { codec } from './rows/codec.ts';
import { hooks } from './rows/hooks.ts';
import { moveIn } from './rows/import.ts';
import { posts } from './rows/posts.ts';
import { crowd, sockets } from './rows/sockets.ts';
import { spread } from './rows/spread.ts';
import { start } from './rows/start.ts';
import { text } from './rows/text.ts';
import { xmlrpc } from './rows/xmlrpc.ts';
import { formatTable, type Line } from './table.ts';

const ROWS: Readonly<Record<string, Row>> = {
  posts,
  spread,
  xmlrpc,
  codec,
  text,
  sockets,
  crowd,
  start,
  hooks,
  import: moveIn,
};
/** As long as all the others together: only where it is asked for. */
const ALONE: ReadonlySet<string> = new Set(['import']);

const USAGE = `npm run bench -- [--quick] [--rounds n] [--seconds n] [--entry file] [${Object.keys(ROWS).join('|')}]…`;

/** Requests behind each p99 of a whole run. */
const LEAST_REQUESTS = 10_000;

async function main(): Promise<number> {
  let chosen: { bench: Omit<Bench, 'load'>; rows: string[] };
  try {
    chosen = fromArguments();
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${USAGE}`);
    return 2;
  }
  console.log(machine());
  const lines: Line[] = [];
  let broken = false;
  for (const name of chosen.rows) {
    try {
      const load = new Child<LoadJob, LoadResult>('load.ts');
      lines.push(...(await (ROWS[name] as Row)({ ...chosen.bench, load })));
    } catch (error) {
      // Ctrl-C reaches the servers too, and may reach them first.
      await delay(100);
      if (isInterrupted()) break;
      broken = true;
      console.error(`The row "${name}" broke:`, error);
    }
    for (const failure of await cleanUp()) {
      broken = true;
      console.error(`The row "${name}" left something behind:`, failure);
    }
  }
  if (lines.length > 0) {
    console.log(`\n${formatTable(lines)}\n`);
    console.log(
      `${chosen.bench.rounds} rounds of ${chosen.bench.seconds} s; docs/bench.md says what each row is.`,
    );
  }
  return broken ? 1 : 0;
}

function fromArguments(): { bench: Omit<Bench, 'load'>; rows: string[] } {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      entry: { type: 'string' },
    },
  });
  const { quick } = values;
  for (const name of positionals) if (!(name in ROWS)) throw new Error(`There is no row "${name}".`);
  return {
    bench: {
      quick,
      rounds: positive('rounds', values.rounds) ?? (quick ? 2 : 5),
      seconds: positive('seconds', values.seconds) ?? (quick ? 1 : 3),
      least: quick ? 0 : LEAST_REQUESTS,
      entry: values.entry && resolve(values.entry),
      note: (text) => console.error(`  ${text}`),
    },
    rows: positionals.length > 0 ? positionals : Object.keys(ROWS).filter((name) => !ALONE.has(name)),
  };
}

function positive(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!(value > 0 && value <= 100)) throw new Error(`--${name} takes a number from 1 to 100.`);
  return value;
}

/** Time to stop servers after Ctrl-C; workerd ends with this process anyway. */
const STOPPING_MS = 10_000;

const signals = { SIGINT: 130, SIGTERM: 143 } as const;
let signalled: number | null = null;
for (const [signal, exitCode] of Object.entries(signals)) {
  process.on(signal, () => {
    signalled ??= exitCode;
    interrupt();
    setTimeout(() => process.exit(exitCode), STOPPING_MS).unref();
  });
}

const code = await main();
await cleanUp();
process.exit(signalled ?? code);
