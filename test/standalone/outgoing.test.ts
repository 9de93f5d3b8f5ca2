// Where the worker can connect to on one machine, whatever an address looks like: the name is resolved first.
import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bundle, bundleWorker } from '../../src/standalone/build.ts';
import { openDataDir } from '../../src/standalone/data-dir.ts';
import { startRuntime } from '../../src/standalone/runtime.ts';

let inside: Server;
let port: number;
let bundle: Bundle;

beforeAll(async () => {
  inside = createServer((_, response) => response.end('inside')).listen(0, '127.0.0.1');
  await once(inside, 'listening');
  port = (inside.address() as AddressInfo).port;
  bundle = await bundleWorker({ entry: join(import.meta.dirname, 'calls-out.ts') });
});
afterAll(() => {
  inside.closeAllConnections();
  inside.close();
});

const call = (to: string, vars: Record<string, string>) => ask(`to=${encodeURIComponent(to)}`, vars);

async function ask(query: string, vars: Record<string, string>): Promise<unknown> {
  const folder = mkdtempSync(join(tmpdir(), 'parlance-test-'));
  const dataDir = openDataDir(folder);
  const runtime = await startRuntime({ bundle, dataDir, vars, print: () => {} });
  try {
    const url = `http://hub.test/?${query}`;
    return await (await runtime.request(url, { method: 'POST', headers: {}, body: '' })).json();
  } finally {
    await runtime.stop();
    dataDir.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

test('a name that leads to this machine is not called, unless development says that some may be', async () => {
  const to = `http://localhost:${port}/`;
  expect(await call(to, {})).toEqual({ said: null });
  expect(await call(to, { WEBHOOK_ALLOW_HOSTS: `localhost:${port}` })).toEqual({ said: 'inside' });
});

test('a name is looked up by the machine, before anything is sent there', async () => {
  const { addresses } = (await ask('name=localhost', {})) as { addresses: string[] };
  expect(['127.0.0.1', '::1']).toContain(addresses[0]);
  // A machine whose resolver does not answer cannot say that nobody has a name.
  const code = await lookup('nobody.invalid').catch(({ code }: NodeJS.ErrnoException) => code);
  const known = code === 'ENOTFOUND' || code === 'ENODATA';
  expect(await ask('name=nobody.invalid', {})).toEqual(known ? { addresses: [] } : { said: null });
});
