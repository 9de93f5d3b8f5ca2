// The hub with a database that can be made to fail: the real worker and the real D1, with a switch between them.
// `POST /fault {"mode": …}` turns it; the bindings that the objects and the worker see go through it. With `"deaf": true`
// endpoints take nothing until it is turned again, or the runtime is another.

import type { Feed } from '../../src/domain/hooks.ts';
import type { Env } from '../../src/env.ts';
import worker, {
  Conversation,
  Inbox,
  Job,
  Endpoint as RealEndpoint,
  Indexer as RealIndexer,
} from '../../src/index.ts';

export { Conversation, Inbox, Job };

/** fail: refuses. hang: does not answer until the mode is another; then what hung is lost. applied: does it, and says that it failed. */
type Mode = 'ok' | 'fail' | 'hang' | 'applied';

/** One isolate holds the worker and its objects here, so they share the switch. */
let mode: Mode = 'ok';
let deaf = false;
/** Statements and batches that were asked for since the mode was set. */
let asked = 0;

const lost = () => new Error('D1_ERROR: Network connection lost.');

/** Looked for by each: a promise cannot be shared between requests. */
const LOOK_MS = 20;

async function theEnd(): Promise<never> {
  while (mode === 'hang') await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  throw lost();
}

async function through<T>(work: () => Promise<T>): Promise<T> {
  asked += 1;
  if (mode === 'fail') throw lost();
  if (mode === 'hang') await theEnd();
  const result = await work();
  if (mode === 'applied') throw lost();
  return result;
}

function faultyStatement(statement: D1PreparedStatement): D1PreparedStatement {
  return new Proxy(statement, {
    get(target, key) {
      const value = Reflect.get(target, key);
      if (key === 'bind') return (...values: unknown[]) => faultyStatement(target.bind(...values));
      if (['first', 'run', 'all', 'raw'].includes(String(key))) {
        return (...args: unknown[]) =>
          through(async () => Reflect.apply(value as () => unknown, target, args));
      }
      if (key === REAL) return target;
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** Where a wrapped statement hides the real one, for batches. */
const REAL = Symbol('real statement');

function faultyDatabase(db: D1Database): D1Database {
  return new Proxy(db, {
    get(target, key) {
      if (key === 'prepare') return (sql: string) => faultyStatement(target.prepare(sql));
      if (key === 'batch') {
        return (statements: D1PreparedStatement[]) =>
          through(() => target.batch(statements.map((s) => (s as never)[REAL] as D1PreparedStatement)));
      }
      const value = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

const faulty = (env: Env): Env => ({ ...env, DB: faultyDatabase(env.DB) });

export class Indexer extends RealIndexer {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, faulty(env));
  }
}

export class Endpoint extends RealEndpoint {
  override async take(feed: Feed): Promise<null> {
    if (deaf) throw new Error('it takes nothing');
    return super.take(feed);
  }
}

export default {
  async fetch(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
    if (new URL(request.url).pathname !== '/fault') return worker.fetch(request, faulty(env), ctx);
    ({ mode, deaf = false } = (await request.json()) as { mode: Mode; deaf?: boolean });
    const before = asked;
    asked = 0;
    return Response.json({ asked: before });
  },
};
