// One running workerd with the hub in it: the only place that knows Miniflare. What is done with it is hub.ts.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Log, LogLevel, Miniflare, type MiniflareOptions, Response } from 'miniflare';
import type { Bundle } from './build.ts';
import type { DataDir } from './data-dir.ts';
import { answerNames, type Names } from './names.ts';
import { traceMapper } from './trace.ts';

/** The same as in wrangler.toml: a test compares. */
export const COMPATIBILITY_DATE = '2026-07-01';
export const COMPATIBILITY_FLAGS = ['nodejs_compat', 'no_web_socket_compression'];
export const OBJECTS = {
  CONVERSATION: 'Conversation',
  INBOX: 'Inbox',
  INDEXER: 'Indexer',
  JOB: 'Job',
  GATE: 'Gate',
  ENDPOINT: 'Endpoint',
  DESK: 'Desk',
  RELAY: 'Relay',
};
export const BUCKETS = { FILES: 'parlance-files' };

/** The path of the workerd that belongs to this Miniflare. */
const WORKERD = (createRequire(import.meta.resolve('miniflare'))('workerd') as { default: string }).default;
const RUNNER = fileURLToPath(import.meta.resolve('./workerd.sh'));

export interface RuntimeOptions {
  readonly bundle: Bundle;
  readonly dataDir: DataDir;
  /** The worker's text bindings: settings and secrets. */
  readonly vars: Record<string, string>;
  /** Where the world reaches it; absent: nowhere, only through `request`. */
  readonly listen?: { address: string; port: number };
  /** What the names of hosts stand for; absent: what this machine's resolver says. */
  readonly names?: Names;
  /** Takes what the worker prints, line by line. */
  readonly print: (line: string, stream: 'stdout' | 'stderr') => void;
  /** Called when workerd died and could not be brought back. */
  readonly onLost?: (error: Error) => void;
}

export interface Runtime {
  database(): Promise<D1Database>;
  /** A request as if from the world, also when nothing listens. */
  request(
    url: string,
    init: { method: string; headers: Record<string, string>; body: string },
  ): Promise<Reply>;
  /** Does what the platform's clock does on Cloudflare (wrangler.toml, triggers). */
  tick(now: Date): Promise<void>;
  /** Kills workerd without warning and waits until it is back. */
  crash(): Promise<void>;
  stop(): Promise<void>;
}

export interface Reply {
  readonly status: number;
  json(): Promise<unknown>;
}

/** Starts workerd. Throws when it cannot start; a port that is taken gives `ERR_ADDRESS_IN_USE`. */
export async function startRuntime(options: RuntimeOptions): Promise<Runtime> {
  const { dataDir } = options;
  const pidFile = dataDir.file('workerd.pid');
  // Miniflare reads the name of the program to run from here, and only from here. Windows has no sh: there a
  // server that is killed outright may leave workerd behind.
  if (process.platform !== 'win32') process.env.MINIFLARE_WORKERD_PATH = RUNNER;
  let onRestart: (() => void) | undefined;
  const miniflare = construct(dataDir, {
    ...workerOptions(options),
    // The entry worker is a proxy that costs nine tenths of the throughput: it serves this process alone.
    host: '127.0.0.1',
    port: 0,
    // Otherwise the start would fetch a sample of request.cf from the network.
    cf: false,
    logRequests: false,
    unsafeTriggerHandlers: true,
    log: new RuntimeLog((error) => options.onLost?.(error)),
    defaultPersistRoot: dataDir.path,
    handleRuntimeStdio: (stdout, stderr) => printLines(options, stdout, stderr),
    unsafeRuntimeEnv: { PARLANCE_WORKERD: WORKERD, PARLANCE_WORKERD_PID_FILE: pidFile },
    unsafeHandleRuntimeRestart: () => onRestart?.(),
  });
  try {
    await miniflare.ready;
  } catch (error) {
    await miniflare.dispose().catch(() => {});
    throw error;
  }
  return {
    database: () => miniflare.getD1Database('DB') as Promise<D1Database>,
    request: (url, init) => miniflare.dispatchFetch(url, init),
    tick: async (now) => {
      const { status } = await miniflare.dispatchFetch(
        `http://runtime/cdn-cgi/handler/scheduled?time=${now.getTime()}`,
      );
      if (status !== 200) throw new Error(`the scheduled work failed (${status})`);
    },
    crash: () =>
      new Promise((resolve) => {
        onRestart = resolve;
        process.kill(readPid(pidFile) as number, 'SIGKILL');
      }),
    stop: () => miniflare.dispose(),
  };
}

/** A Miniflare that leaves neither files outside the folder nor its own habits in this process. */
function construct(dataDir: DataDir, options: MiniflareOptions): Miniflare {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  const before = new Set(signals.flatMap((signal) => process.listeners(signal)));
  const temporary = process.env.TMPDIR;
  // It chooses its folder for scratch files while it is constructed. After a kill nobody would empty that of the
  // system; this one is emptied by the next start.
  process.env.TMPDIR = dataDir.file('tmp');
  mkdirSync(process.env.TMPDIR, { recursive: true });
  const miniflare = new Miniflare(options);
  if (temporary === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = temporary;
  // Its handlers end the process at once with 128 + signal; ours stop it cleanly.
  for (const signal of signals) {
    for (const listener of process.listeners(signal)) {
      if (!before.has(listener)) process.removeListener(signal, listener);
    }
  }
  return miniflare;
}

function workerOptions({ bundle, vars, listen, names = answerNames }: RuntimeOptions): MiniflareOptions {
  const objects = Object.entries(OBJECTS).map(
    ([binding, className]) => [binding, { className, useSQLite: true }] as const,
  );
  return {
    // The name is part of where objects are stored: it never changes.
    name: 'parlance',
    modules: [
      { type: 'ESModule', path: 'index.js', contents: bundle.code },
      ...bundle.texts.map(({ path, text }) => ({ type: 'Text' as const, path, contents: text })),
    ],
    compatibilityDate: COMPATIBILITY_DATE,
    compatibilityFlags: COMPATIBILITY_FLAGS,
    bindings: vars,
    durableObjects: Object.fromEntries(objects),
    d1Databases: { DB: 'parlance' },
    r2Buckets: BUCKETS,
    serviceBindings: {
      NAMES: async ({ url }) => {
        const { status, addresses } = await names(new URL(url).searchParams.get('host') ?? '');
        return new Response(JSON.stringify({ addresses }), { status });
      },
    },
    // The last word on where the worker may call, whatever a name leads to: nowhere inside, unless development says so.
    outboundService: {
      network: {
        allow: vars.WEBHOOK_ALLOW_HOSTS ? ['public', 'private'] : ['public'],
        tlsOptions: { trustBrowserCas: true },
      },
    },
    unsafeDirectSockets: listen ? [{ host: listen.address, port: listen.port }] : [],
  };
}

function printLines({ bundle, print }: RuntimeOptions, stdout: Readable, stderr: Readable): void {
  const map = traceMapper(bundle.map);
  createInterface(stdout).on('line', (line) => print(map(line), 'stdout'));
  createInterface(stderr).on('line', (line) => {
    // The addresses inside workerd of an exception whose text was the line before, and what it tells its own makers:
    // of use to nobody here.
    if (!line.startsWith('stack: ') && !line.includes('warning: NOSENTRY')) print(map(line), 'stderr');
  });
}

/** Miniflare says only to its log that a crashed workerd did not come back. */
class RuntimeLog extends Log {
  readonly #onError: (error: Error) => void;
  constructor(onError: (error: Error) => void) {
    super(LogLevel.ERROR);
    this.#onError = onError;
  }
  override error(error: Error): void {
    this.#onError(error);
  }
}

/**
 * Ends a workerd that a killed server left on this folder, and removes its scratch files. The caller holds the folder, so no other server owns it;
 * still, the number may be another program's by now.
 */
export async function cleanUp(dataDir: DataDir): Promise<void> {
  const pid = readPid(dataDir.file('workerd.pid'));
  // A kill takes effect within milliseconds; two seconds are for a machine under load.
  for (let tries = 0; tries < 200 && pid !== null && isWorkerd(pid); tries += 1) {
    if (tries === 0) process.kill(pid, 'SIGKILL');
    await delay(10);
  }
  rmSync(dataDir.file('tmp'), { recursive: true, force: true });
}

function readPid(file: string): number | null {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10) || null;
  } catch {
    return null;
  }
}

function isWorkerd(pid: number): boolean {
  if (process.platform === 'linux') {
    try {
      return readlinkSync(`/proc/${pid}/exe`).replace(' (deleted)', '').endsWith('/workerd');
    } catch {
      return false;
    }
  }
  return spawnSync('ps', ['-o', 'comm=', '-p', String(pid)], { encoding: 'utf8' }).stdout?.includes(
    'workerd',
  );
}
