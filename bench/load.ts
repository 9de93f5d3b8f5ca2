// The load client, a process of its own so that it takes no time of a server's thread: n requests in flight over n
// kept-alive connections, every latency measured from the write to the last byte of the answer. Started by run.ts.
import { serveJobs } from './child.ts';
import { Connection } from './http.ts';

/** One round of load. It ends when both `least` and `seconds` are reached, or after `mostSeconds`. */
export interface LoadJob {
  readonly port: number;
  /** Requests as rawRequest makes them, sent in turn, over and over. */
  readonly requests: readonly string[];
  readonly inFlight: number;
  readonly least: number;
  readonly seconds: number;
  readonly mostSeconds: number;
  /** What every answer must be; another one ends the round with an error. */
  readonly expect: { readonly status: number; readonly text?: string };
}

export interface LoadResult {
  /** From the first request to the last answer. */
  readonly seconds: number;
  /** ms, in the order of the answers; its length is the number of requests. */
  readonly latencies: Float64Array;
}

/** An answer that has not come after this long never will. */
const PATIENCE_MS = 30_000;

async function run(job: LoadJob): Promise<LoadResult> {
  const requests = job.requests.map((text) => Buffer.from(text));
  const connections = await Promise.all(
    Array.from({ length: job.inFlight }, () => Connection.open(job.port)),
  );
  const latencies: number[] = [];
  let sent = 0;
  const start = performance.now();
  const over = (): boolean => {
    const seconds = (performance.now() - start) / 1000;
    return (seconds >= job.seconds && latencies.length >= job.least) || seconds >= job.mostSeconds;
  };
  const work = async (connection: Connection): Promise<void> => {
    while (!over()) {
      const request = requests[sent++ % requests.length] as Buffer;
      const asked = performance.now();
      const { status, body } = await connection.ask(request);
      latencies.push(performance.now() - asked);
      if (status !== job.expect.status || (job.expect.text && !body.includes(job.expect.text))) {
        throw new Error(`answered ${status} ${body.slice(0, 300)}`);
      }
    }
  };
  const late = setTimeout(
    () => {
      for (const connection of connections) connection.close();
    },
    job.mostSeconds * 1000 + PATIENCE_MS,
  );
  try {
    await Promise.all(connections.map(work));
    return { seconds: (performance.now() - start) / 1000, latencies: Float64Array.from(latencies) };
  } finally {
    clearTimeout(late);
    for (const connection of connections) connection.close();
  }
}

if (import.meta.main) serveJobs(run);
