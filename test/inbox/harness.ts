// Runs an Inbox in a workerd of its own, with real sockets, and scripts the conversations behind it.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { Miniflare } from 'miniflare';
import { expect } from 'vitest';
import type { Delivery } from '../../src/domain/delivery.ts';
import type { Claims } from '../../src/sockets/socket.ts';
import '../support/connections.ts';
import { RealtimeSocket } from '../support/realtime.ts';

export interface Shelf {
  /** Calls a method of the Inbox, as conversations and the hub do. */
  call<T>(method: string, ...args: unknown[]): Promise<T>;
  /** Calls the scripted conversations. */
  logs<T>(method: string, ...args: unknown[]): Promise<T>;
  /** A client, once the server greeted it. */
  connect(user: number, claims?: Partial<Claims>): Promise<RealtimeSocket>;
  /** The status that an upgrade is refused with. */
  knock(user: number, claims?: Partial<Claims>): Promise<number>;
  /** Once nothing has happened for a while, and what must survive was written down. */
  rested(): Promise<void>;
  /** Puts the object to sleep as the platform does: memory gone, sockets open. */
  hibernate(): Promise<void>;
  /** Origin of the worker in front, without a trailing slash. */
  url: string;
  stop(): Promise<void>;
}

/** `name` is the Inbox's own: each test file has one shelf to itself. `evictEvery`: see sockets/evictor.ts. */
export async function startShelf(name = '1:0', evictEvery = 0): Promise<Shelf> {
  const bundle = await build({
    entryPoints: [fileURLToPath(import.meta.resolve('./shelf-worker.ts'))],
    bundle: true,
    format: 'esm',
    target: 'es2024',
    write: false,
    external: ['cloudflare:*', 'node:*'],
  });
  const miniflare = new Miniflare({
    name: 'shelf',
    modules: true,
    script: bundle.outputFiles[0]?.text as string,
    compatibilityDate: '2026-07-01',
    compatibilityFlags: ['nodejs_compat', 'no_web_socket_compression'],
    durableObjects: {
      INBOX: { className: 'Shelf', useSQLite: true },
      LOGS: { className: 'Logs', useSQLite: true },
    },
    bindings: { EVICT_EVERY: String(evictEvery) },
    // Sockets reach workerd itself: a proxy in front would agree to compression on its own.
    unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
    cf: false,
  });
  await miniflare.ready;
  const url = (await miniflare.unsafeGetDirectURL()).origin;
  const post = async (on: string, method: string, args: unknown[]) => {
    const response = await fetch(`${url}/call?shelf=${name}`, {
      method: 'POST',
      body: JSON.stringify({ on, method, args }),
    });
    if (!response.ok) throw new Error(`${method}: ${await response.text()}`);
    return ((await response.json()) as { value: never }).value;
  };
  const addressOf = (user: number, claims: Partial<Claims>): string => {
    const said = encodeURIComponent(JSON.stringify({ ...claimsOf(user), ...claims }));
    return `${url.replace('http', 'ws')}/ws?shelf=${name}&claims=${said}`;
  };
  let opening: Promise<void> = Promise.resolve();
  return {
    url,
    call: (method, ...args) => post('inbox', method, args),
    logs: (method, ...args) => post('logs', method, args),
    connect: (user, claims = {}) => {
      const address = addressOf(user, claims);
      // One after the other: workerd never lets go of an object that got several upgrades at once.
      const opened = opening.then(() => open(address));
      opening = opened.then(
        () => undefined,
        () => undefined,
      );
      return opened;
    },
    knock: (user, claims = {}) => new RealtimeSocket(addressOf(user, claims), ['parlance.v1']).refusal(),
    rested: async () => {
      await expect.poll(() => post('inbox', 'rests', [])).toBe(true);
    },
    hibernate: async () => {
      // The rest comes first, as on the platform: that one takes 10 s.
      await expect.poll(() => post('inbox', 'rests', [])).toBe(true);
      await miniflare.unsafeEvictDurableObject('shelf', 'Shelf', { name, webSockets: 'hibernate' });
    },
    stop: () => miniflare.dispose(),
  };
}

async function open(address: string): Promise<RealtimeSocket> {
  const socket = new RealtimeSocket(address, ['parlance.v1']);
  await socket.next('hello');
  // Nor of a hibernatable socket whose first frame is its close.
  await socket.settled();
  return socket;
}

const claimsOf = (user: number): object => ({
  app: 1,
  user,
  powers: 'member',
  card: { externalId: `x${user}`, username: `u${user}`, name: `User ${user}`, avatar: null, role: 'member' },
  session: `s${user}`,
  version: 1,
  expiresAt: Math.floor(Date.now() / 1000) + 3_600,
  origin: 'https://chat.example',
});

/** Event `seq` of a scripted conversation. */
export const eventAt = (seq: number, at = new Date().toISOString()): string =>
  JSON.stringify({ seq, kind: 'message', at, text: `m${seq}` });

export const eventsFrom = (from: number, to: number): string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => eventAt(from + i));

/** A delivery of events `from` to `to` of conversation `c`. */
export const delivery = (
  c: number,
  from: number,
  to: number,
  users: number[],
  more: Partial<Delivery> = {},
) => ({
  app: 1,
  c,
  epoch: 'e1',
  from,
  events: eventsFrom(from, to),
  users,
  team: false,
  ...more,
});
