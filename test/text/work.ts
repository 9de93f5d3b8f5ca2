// Counts the work of src/text and src/xmlrpc: how often each block of code runs, by V8's own counters. The code needs no
// counter of its own, so none can be forgotten in it, and none is paid for. What built-in methods go over is steps.ts.
import { Session } from 'node:inspector';
import { setFlagsFromString } from 'node:v8';

// Optimized code leaves the counters out.
for (const flag of ['--no-opt', '--no-maglev']) setFlagsFromString(flag);

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly { readonly ranges: readonly { readonly count: number }[] }[];
  }[];
}

const session = new Session();

function ask(method: string, params: object = {}): unknown {
  let answer: unknown;
  session.post(method, params, (error: Error | null, result: unknown) => {
    if (error) throw error;
    answer = result;
  });
  return answer;
}

let started = false;

/**
 * Counts blocks of code: each turn of a loop is at least one, and a count is the same at every run. Between two runs that
 * one counter counts, nobody else may call src.
 */
export function blockCounter(): (run: () => void) => number {
  if (!started) {
    session.connect();
    ask('Profiler.enable');
    ask('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
    started = true;
  }
  ask('Profiler.takePreciseCoverage'); // what ran before this does not count
  return (run) => {
    run();
    // Taken and begun anew at once: asking twice for each count would take longer than what is counted.
    const { result } = ask('Profiler.takePreciseCoverage') as Coverage;
    return result
      .filter(({ url }) => /\/src\/(?:text|xmlrpc)\//.test(url))
      .flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges))
      .reduce((sum, { count }) => sum + count, 0);
  };
}
