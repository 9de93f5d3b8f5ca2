// Every call of a test has a connection of its own. workerd closes one that was idle for five seconds, and nothing can
// set that (docs/settings.md): on a busy machine a client reuses one in that very moment, and its call is cut off, which
// says nothing of the promise under test. Set up for every test that drives a server (vitest.config.ts).
import http from 'node:http';

http.globalAgent = new http.Agent({ keepAlive: false });

/** Where Node's `fetch` looks for the pool that makes its connections: the interface of npm `undici`, which it is built from. */
const POOL = Symbol.for('undici.globalDispatcher.1');
type Pool = new (options: { pipelining: number }) => object;
const globals = globalThis as unknown as Record<symbol, object | undefined>;

// It is made with the first use of what belongs to `fetch`.
new Response();
const pool = globals[POOL];
if (!pool) throw new Error('fetch keeps its pool of connections elsewhere: calls may be cut off under load');
// Zero calls in a pipeline: each connection is closed after its answer.
globals[POOL] = new (pool.constructor as Pool)({ pipelining: 0 });
