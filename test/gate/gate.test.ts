// How long a connection may speak for nobody, by a Gate in a workerd of its own. What travels through a Gate is shown at the
// doors that have one (conformance/qiscus-mqtt*.test.ts).
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { Miniflare } from 'miniflare';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import '../support/connections.ts';

let miniflare: Miniflare;
let address: string;

/** Long enough to say something first, on a machine that is busy with other things. */
const PATIENT_MS = 60_000;
const SHORT_MS = 300;
/** How long whoever connects or speaks from now on may be alone. */
const alone = (ms: number) => fetch(`${address.replace('ws', 'http')}/?alone=${ms}`);

/** `evictEvery` 1: its memory goes after each call. */
beforeAll(async () => {
  const bundle = await build({
    entryPoints: [fileURLToPath(import.meta.resolve('./gate-worker.ts'))],
    bundle: true,
    format: 'esm',
    target: 'es2024',
    write: false,
    external: ['cloudflare:*', 'node:*'],
  });
  miniflare = new Miniflare({
    modules: true,
    script: bundle.outputFiles[0]?.text as string,
    compatibilityDate: '2026-07-01',
    compatibilityFlags: ['nodejs_compat'],
    durableObjects: {
      GATE: { className: 'Gate', useSQLite: true },
      INBOX: { className: 'Inbox', useSQLite: true },
    },
    bindings: { EVICT_EVERY: '1' },
    unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
    cf: false,
  });
  await miniflare.ready;
  address = (await miniflare.unsafeGetDirectURL()).origin.replace('http', 'ws');
});
afterAll(() => miniflare?.dispose());

async function connect(): Promise<{
  said(word: string): Promise<string>;
  ended: Promise<unknown[]>;
  /** The server has said that it ends: where nothing was ever said, workerd ends the transport ten seconds later. */
  isEnding(): boolean;
  end(): void;
}> {
  const socket = new WebSocket(address);
  const ended = once(socket, 'close').then(([code, reason]) => [code, String(reason)]);
  await once(socket, 'open');
  return {
    said: async (word) => {
      const answer = once(socket, 'message').then(([data]) => String(data));
      socket.send(word);
      return Promise.race([answer, ended.then((end) => `ended: ${end}`)]);
    },
    ended,
    isEnding: () => socket.readyState >= WebSocket.CLOSING,
    end: () => socket.terminate(),
  };
}

const ALONE = [1008, 'nobody signed in'];

test('who never signs in is let go, also who goes on talking; who signed in stays', async () => {
  await alone(PATIENT_MS);
  const [talking, here] = await Promise.all([connect(), connect()]);
  expect(await here.said('in')).toBe('somebody');
  expect(await talking.said('hello')).toBe('nobody');
  await alone(SHORT_MS);
  const silent = await connect();
  expect(await talking.said('hello')).toBe('nobody');
  expect(await talking.ended).toEqual(ALONE);
  await expect.poll(silent.isEnding).toBe(true);
  // By now it has been open for longer than anybody may be alone, and knows that.
  for (let i = 0; i < 3; i++) expect(await here.said('hello')).toBe('somebody');
  for (const one of [silent, here]) one.end();
});

test('who signs out may sign in again, and is let go otherwise', async () => {
  await alone(PATIENT_MS);
  const [back, away] = await Promise.all([connect(), connect()]);
  for (const one of [back, away]) {
    expect(await one.said('in')).toBe('somebody');
    expect(await one.said('out')).toBe('nobody');
  }
  expect(await back.said('in')).toBe('somebody');
  await alone(SHORT_MS);
  expect(await away.said('hello')).toBe('nobody');
  expect(await away.ended).toEqual(ALONE);
  for (let i = 0; i < 3; i++) expect(await back.said('hello')).toBe('somebody');
  back.end();
});
