// A hub for tests that drive it from outside, over the network: inside the test's own process, or in one of its own
// as `npm start` runs it, for tests of that process (the project `process`): such a start takes four times as long.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Hub, startHub } from '../../src/standalone/hub.ts';
import { READY } from '../../src/standalone/page.ts';

import { type Operator, operatorOf } from './operator.ts';
import { freePort } from './ports.ts';
import { copyPreparedData, preparedBundle } from './prepared.ts';
import { quickFolder } from './quick-folder.ts';

const START = join(import.meta.dirname, '../../src/standalone/start.ts');

/** A start takes about a second, and ten where much else is done. */
const START_TIMEOUT_MS = 60_000;

export interface TestHub extends Operator {
  /** An origin without a slash at the end. Stays the same over restarts. */
  readonly url: string;
  readonly adminToken: string;
  readonly dataDir: string;
  /** All that the worker has printed since the hub's last start, line by line. */
  printed(): string;
  /** Does what is due at this time, as the platform's clock would. */
  tick(now: Date): Promise<void>;
  /** Kills the runtime without warning and waits until it serves again. */
  kill9(): Promise<void>;
  /** Stops it; the data stays. */
  pause(): Promise<void>;
  /** Starts it again on the same port and data, after `pause`. */
  resume(): Promise<void>;
  /** Stops it if it runs, and removes its data. */
  stop(): Promise<void>;
}

/**
 * A hub on a free port with the data of a first start; `entry`: the source of another worker than ours. Rate limits are off
 * unless `env` says otherwise: tests make many calls.
 */
export async function startTestHub({
  env = {},
  entry,
}: {
  env?: Record<string, string>;
  entry?: string;
} = {}): Promise<TestHub> {
  const dataDir = quickFolder();
  copyPreparedData(dataDir);
  const settings: Record<string, string> = {
    PORT: String(await freePort()),
    LIMITS: 'off',
    PASSWORD_COST,
    ...(entry === undefined && SEEN_AT_ONCE),
    ...evicting(),
    ...env,
    DATA_DIR: dataDir,
  };
  const printed: string[] = [];
  const start = () =>
    startHub({
      env: settings,
      entry,
      ...(entry === undefined && { bundle: preparedBundle() }),
      // Nobody outside is asked for the names in examples: whether and when they answered would be chance.
      names: async () => ({ status: 503, addresses: [] }),
      print: (line) => {
        printed.push(line);
        // It stands beside the test that made the hub print it.
        console.log(line);
      },
    });
  let hub: Hub | null = await start();
  const { url, adminToken } = hub;
  const running = (): Hub => {
    if (!hub) throw new Error('the hub is paused');
    return hub;
  };
  const pause = async (): Promise<void> => {
    await hub?.stop();
    hub = null;
  };
  return {
    ...operatorOf(url, adminToken),
    url,
    adminToken,
    dataDir,
    printed: () => printed.join('\n'),
    tick: (now) => running().tick(now),
    kill9: () => running().kill9(),
    pause,
    resume: async () => {
      printed.length = 0;
      hub = await start();
    },
    stop: async () => {
      await pause();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** What a hash costs is no promise of the hundreds of tests in which somebody signs in; test/hub/passwords.test.ts has it. */
const PASSWORD_COST = '4';

/**
 * A list that is read behind a call shows what that call did, and an endpoint has been told of it: a busy machine needs longer for
 * that than callers are made to wait. What becomes of calls that wait in vain is told by tests with a worker of their own, whose
 * directory can be made to fail: there callers wait as long as anywhere.
 */
const SEEN_AT_ONCE = { INDEX_WAIT_MS: '20000', INDEX_WAIT_JOIN_MS: '20000' };

/** The project `evicted` asks for it (vitest.config.ts). */
const evicting = (): Record<string, string> =>
  process.env.EVICT_EVERY ? { EVICT_EVERY: process.env.EVICT_EVERY } : {};

export interface TestServer extends Operator {
  /** An origin without a slash at the end. Stays the same over restarts. */
  readonly url: string;
  readonly adminToken: string;
  readonly dataDir: string;
  /** All that the server has printed since its last start. */
  output(): { stdout: string; stderr: string };
  /** SIGTERM, or the signal given; answers the exit code (null: a signal ended it). The data stays. */
  stop(signal?: 'SIGTERM' | 'SIGINT'): Promise<number | null>;
  /** Ends it without warning. `runtime` kills workerd alone and waits until the server has brought it back. */
  kill9(victim?: 'server' | 'runtime'): Promise<void>;
  /** Starts it again on the same port and data, after `stop` or `kill9`. */
  restart(env?: Record<string, string>): Promise<void>;
  /** Stops it if it runs, and removes the data. For `afterAll`. */
  remove(): Promise<void>;
}

/** A server that did not come up: what it printed and how it ended. */
export class StartFailure extends Error {
  readonly code: number | null;
  readonly stderr: string;
  constructor(code: number | null, stderr: string) {
    super(`The server did not start (exit code ${code}):\n${stderr}`);
    this.code = code;
    this.stderr = stderr;
  }
}

/**
 * Starts a server on a free port with empty data and answers when it serves. `env`: settings by name; `DATA_DIR`
 * among them is used as it is and not removed. Throws a `StartFailure` when it ends instead.
 */
export async function startServer({ env = {} }: { env?: Record<string, string> } = {}): Promise<TestServer> {
  const dataDir = env.DATA_DIR ?? mkdtempSync(join(tmpdir(), 'parlance-test-'));
  const PORT = env.PORT ?? String(await freePort());
  const settings: Record<string, string> = { ...evicting(), ...env, PORT, DATA_DIR: dataDir };
  const removeData = () => env.DATA_DIR ?? rmSync(dataDir, { recursive: true, force: true });
  let running = await launch(settings).catch((error: unknown) => {
    removeData();
    throw error;
  });
  const { url } = running;
  const adminToken = env.ADMIN_TOKEN ?? secretsIn(dataDir).adminToken;
  return {
    ...operatorOf(url, adminToken),
    url,
    adminToken,
    dataDir,
    output: () => running.output,
    stop: (signal = 'SIGTERM') => end(running.child, signal),
    kill9: async (victim = 'server') => {
      if (victim === 'server') {
        await end(running.child, 'SIGKILL');
      } else {
        process.kill(Number(readFileSync(join(dataDir, 'workerd.pid'), 'utf8')), 'SIGKILL');
        await healthy(url);
      }
    },
    restart: async (changes = {}) => {
      running = await launch({ ...settings, ...changes });
    },
    remove: async () => {
      await end(running.child, 'SIGTERM');
      removeData();
    },
  };
}

interface Running {
  readonly child: ChildProcess;
  readonly output: { stdout: string; stderr: string };
  readonly url: string;
}

async function launch(settings: Record<string, string>): Promise<Running> {
  const child = spawn(process.execPath, [START], {
    // Nothing else of this environment: a PORT or LIMITS outside is not the test's. The last entry makes the server
    // end with the test, should that be killed.
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...settings, npm_lifecycle_event: 'test' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const ready = new Promise<string>((resolve) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output.stdout += text;
      const url = READY.exec(output.stdout)?.[1];
      if (url !== undefined) resolve(url);
    });
  });
  const ended = once(child, 'close').then(([code]) => {
    throw new StartFailure(code as number | null, output.stderr);
  });
  const started = new AbortController();
  const late = delay(START_TIMEOUT_MS, undefined, { ref: false, signal: started.signal }).then(async () => {
    await end(child, 'SIGKILL');
    throw new StartFailure(null, `${output.stderr}\nnot ready after ${START_TIMEOUT_MS} ms`);
  });
  // Whichever comes second has nobody left to tell.
  for (const loser of [ended, late]) loser.catch(() => {});
  const url = await Promise.race([ready, ended, late]);
  started.abort();
  return { child, output, url };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
  return child.exitCode;
}

async function healthy(url: string): Promise<void> {
  for (let waited = 0; waited < START_TIMEOUT_MS; waited += 20) {
    const answer = await fetch(`${url}/health`).catch(() => null);
    if (answer?.status === 200) return;
    await delay(20);
  }
  throw new Error(`${url} did not come back within ${START_TIMEOUT_MS} ms`);
}

function secretsIn(dataDir: string): { adminToken: string; hubSecret: string } {
  return JSON.parse(readFileSync(join(dataDir, 'secrets.json'), 'utf8'));
}
