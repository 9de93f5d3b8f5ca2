// How soon a server answers that has thousands of conversations on disk, as a person starts it: DESIGN.md 10.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { claimPort } from '../../src/standalone/port.ts';
import type { Bench } from '../bench.ts';
import { atEnd, temporaryFolder } from '../cleanup.ts';
import { interleaved, median } from '../figures.ts';
import { Connection, rawRequest } from '../http.ts';
import { type Ours, startOurs } from '../servers.ts';
import { type Line, ms } from '../table.ts';
import { sunshinePost } from './posts.ts';

const CONVERSATIONS = 2_000;
const QUICK_CONVERSATIONS = 200;
const MOST_MS = 1_500;
/** A server that says nothing for this long will not start. */
const PATIENCE_MS = 30_000;

const START = fileURLToPath(import.meta.resolve('../../src/standalone/start.ts'));

export async function start(bench: Bench): Promise<Line[]> {
  const count = bench.quick ? QUICK_CONVERSATIONS : CONVERSATIONS;
  bench.note(`${count} conversations on disk`);
  const [few, many] = [await prepared(bench, 1), await prepared(bench, count)];
  bench.note('starts');
  const starts = await interleaved(bench.rounds, { few: () => startOnce(few), many: () => startOnce(many) });
  const answer = (list: readonly Start[]) => median(list.map(({ answerMs }) => answerMs));
  const post = (list: readonly Start[]) => median(list.map(({ postMs }) => postMs));
  const [fewMs, manyMs] = [answer(starts.few), answer(starts.many)];
  return [
    {
      what: `start with ${count} conversations on disk, first answer`,
      against: `${ms(fewMs)} ms with one`,
      ours: `${ms(manyMs)} ms`,
      ratio: `${(manyMs / fewMs).toFixed(2)}x`,
      budget: `<= ${MOST_MS} ms`,
      met: manyMs <= MOST_MS,
    },
    {
      what: `start with ${count} conversations on disk, first post answered`,
      against: `${ms(post(starts.few))} ms with one`,
      ours: `${ms(post(starts.many))} ms`,
      ratio: `${(post(starts.many) / post(starts.few)).toFixed(2)}x`,
      budget: '',
      met: null,
    },
  ];
}

interface Prepared {
  readonly path: string;
  /** A post to the oldest conversation, at this port. */
  readonly rawPost: (port: number) => string;
}

/** A folder with so many conversations, its server stopped. */
async function prepared(bench: Bench, count: number): Promise<Prepared> {
  const folder = temporaryFolder();
  const ours: Ours = await startOurs(bench.entry, folder);
  const alice = await ours.createUser({ username: 'alice', displayName: 'Alice' });
  const bob = await ours.createUser({ username: 'bob', displayName: 'Bob' });
  const { id } = await ours.createConversation([alice, bob]);
  if (count > 1) {
    const create = rawRequest({
      port: ours.port,
      path: `/v2/apps/${ours.app.sunshine.appId}/conversations`,
      headers: ours.sunshineHeaders,
      body: JSON.stringify({
        type: 'sdkGroup',
        participants: [alice, bob].map(({ sunshineId }) => ({ userId: sunshineId })),
      }),
    });
    const { port } = ours;
    const rest = { seconds: 0, mostSeconds: 120, expect: { status: 201 } };
    await bench.load.ask({ port, requests: [create], inFlight: 8, least: count - 1, ...rest });
  }
  await ours.stop();
  return {
    path: folder,
    rawPost: (port) => sunshinePost({ ...ours, port }, id, alice.sunshineId),
  };
}

interface Start {
  /** ms from starting the process to the answer of GET /health. */
  readonly answerMs: number;
  /** ms from starting the process to the answer to a post. */
  readonly postMs: number;
}

async function startOnce({ path, rawPost }: Prepared): Promise<Start> {
  const { port } = await claimPort('127.0.0.1', 0);
  const began = performance.now();
  const child = spawn(process.execPath, [START], {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, PORT: String(port), DATA_DIR: path },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const stop = atEnd(() => end(child));
  try {
    const connection = await answering(child, port, began);
    const answerMs = performance.now() - began;
    const { status, body } = await connection.ask(Buffer.from(rawPost(port)));
    if (status !== 201) throw new Error(`the first post was answered ${status} ${body}`);
    connection.close();
    return { answerMs, postMs: performance.now() - began };
  } finally {
    await stop();
  }
}

/** A connection that GET /health was answered on. */
async function answering(child: ChildProcess, port: number, began: number): Promise<Connection> {
  const health = Buffer.from(rawRequest({ method: 'GET', port, path: '/health' }));
  while (performance.now() - began < PATIENCE_MS && child.exitCode === null) {
    try {
      const connection = await Connection.open(port);
      if ((await connection.ask(health)).status === 200) return connection;
      connection.close();
    } catch {
      // Not yet.
    }
    await delay(2);
  }
  throw new Error('the server did not start');
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
