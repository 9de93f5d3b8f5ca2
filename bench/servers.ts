// The servers of a run, each on a free port with a folder of its own: the hub as `npm start` runs it, and the floor on
// the same runtime. What is asked of them is in rows/.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorker } from '../src/standalone/build.ts';
import { openDataDir } from '../src/standalone/data-dir.ts';
import type { AppCredentials } from '../src/standalone/demo.ts';
import { startHub } from '../src/standalone/hub.ts';
import { migrate } from '../src/standalone/migrate.ts';
import { claimPort } from '../src/standalone/port.ts';
import { type Runtime, startRuntime } from '../src/standalone/runtime.ts';
import { type MadeUser, type NewUser, operatorOf } from '../test/support/operator.ts';
import { atEnd, temporaryFolder } from './cleanup.ts';

const FLOOR = fileURLToPath(import.meta.resolve('./floor/worker.ts'));
export const NO_INDEX = fileURLToPath(import.meta.resolve('./entries/no-index.ts'));

export interface Server {
  readonly port: number;
  /** Process id of its workerd. */
  readonly pid: number;
  /** Stops it before the row ends; its folder stays until then. */
  stop(): Promise<void>;
}

/** Lines of a server that are shown: it may say the same thousands of times. */
const LINES_SHOWN = 5;

/** What a server says in the middle of a run is about a mistake: its figures are worth nothing then. */
class Witness {
  private lines = 0;

  readonly print = (line: string): void => {
    this.lines += 1;
    if (this.lines <= LINES_SHOWN) console.error(`  server: ${line}`);
  };

  /** Says what else happened to a server that is about to be stopped. */
  conclude(folder: string, pid: number): void {
    const more = this.lines - LINES_SHOWN;
    if (more > 0) console.error(`  server: … and ${more} more lines`);
    if (pidIn(folder) !== pid) console.error('  server: its runtime died and was started again');
  }
}

/** The floor, with a directory that holds one conversation for its /batch. */
export async function startFloor(): Promise<Server> {
  const folder = temporaryFolder();
  const dataDir = openDataDir(folder);
  const bundle = await bundleWorker({ entry: FLOOR });
  const listen = await claimPort('127.0.0.1', 0);
  const witness = new Witness();
  const { print } = witness;
  const runtime: Runtime = await startRuntime({ bundle, dataDir, vars: {}, listen, print });
  const pid = pidIn(folder);
  const stop = atEnd(async () => {
    witness.conclude(folder, pid);
    await runtime.stop();
    dataDir.close();
  });
  const database = await runtime.database();
  await migrate(database);
  await database
    .prepare(
      `INSERT INTO conversation (app, nonce, kind, door, created_at, last_at) VALUES (1, 'bench', 'group', 'sunshine', 0, 0)`,
    )
    .run();
  return { port: listen.port, pid, stop };
}

export interface Ours extends Server {
  readonly url: string;
  readonly adminToken: string;
  readonly app: AppCredentials;
  createUser(user: NewUser): Promise<MadeUser>;
  /** A realtime token of this user. */
  tokenOf(username: string): Promise<string>;
  /** A conversation with a first member, by its Sunshine id. */
  createConversation(members: readonly MadeUser[]): Promise<{ id: string }>;
  /** A person's conversations by their Sunshine ids, the newest first. */
  conversationsOf(user: MadeUser): Promise<{ id: string }[]>;
  /** A call of the app by its Sunshine credentials. Throws unless it is answered with 2xx. */
  sunshine(method: 'GET' | 'POST', path: string, body?: object): Promise<Record<string, unknown>>;
  /** The headers of such a call. */
  readonly sunshineHeaders: Readonly<Record<string, string>>;
}

/** A hub with one app. `entry`: another worker in place of src/index.ts. `more`: settings of it. */
export async function startOurs(
  entry?: string,
  dataDir = temporaryFolder(),
  more: Readonly<Record<string, string>> = {},
): Promise<Ours> {
  const witness = new Witness();
  const hub = await startHub({
    env: { HOST: '127.0.0.1', PORT: '0', LIMITS: 'off', DATA_DIR: dataDir, ...more },
    entry,
    print: witness.print,
  });
  const pid = pidIn(dataDir);
  const stop = atEnd(async () => {
    witness.conclude(dataDir, pid);
    await hub.stop();
  });
  const { url, adminToken } = hub;
  const operator = operatorOf(url, adminToken);
  const app = await operator.createApp('bench');
  const slug = app.app.slug;
  const { keyId, secret, appId } = app.sunshine;
  const sunshineHeaders = {
    authorization: `Basic ${btoa(`${keyId}:${secret}`)}`,
    'content-type': 'application/json',
  };
  const sunshine = async (method: 'GET' | 'POST', path: string, body?: object) => {
    const answer = await fetch(`${url}/v2/apps/${appId}${path}`, {
      method,
      headers: sunshineHeaders,
      body: body && JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text) as Record<string, unknown>;
  };
  return {
    port: Number(new URL(url).port),
    pid,
    url,
    adminToken,
    app,
    sunshineHeaders,
    sunshine,
    createUser: (user) => operator.createUser(slug, user),
    tokenOf: async (username) => {
      const answer = await fetch(`${url}/admin/apps/${slug}/users/${username}/token`, {
        method: 'POST',
        headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
        body: '{"seconds":86400}',
      });
      if (!answer.ok) throw new Error(`a token: ${answer.status} ${await answer.text()}`);
      return ((await answer.json()) as { token: string }).token;
    },
    createConversation: async (members) => {
      const [first, others] = [members.slice(0, 10), members.slice(10)];
      const { conversation } = (await sunshine('POST', '/conversations', {
        type: 'sdkGroup',
        participants: first.map(({ sunshineId }) => ({ userId: sunshineId })),
      })) as { conversation: { id: string } };
      for (const { sunshineId } of others) {
        await sunshine('POST', `/conversations/${conversation.id}/join`, { userId: sunshineId });
      }
      return conversation;
    },
    conversationsOf: async ({ sunshineId }) => {
      const path = `/conversations?filter%5BuserId%5D=${sunshineId}`;
      return ((await sunshine('GET', path)) as { conversations: { id: string }[] }).conversations;
    },
    stop,
  };
}

const pidIn = (folder: string): number => Number(readFileSync(join(folder, 'workerd.pid'), 'utf8'));
