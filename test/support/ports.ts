// Ports for hubs that are stopped and come back: their own must be free again then. One that the kernel gives to whoever asks
// for any may be somebody else's by that time.
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below what the kernel gives away (Linux: from 32,768 on). */
const FIRST = 16_384;
/** Each process that runs tests has so many for itself. */
const OWN = 2_048;
const PROCESSES = 8;

const first = FIRST + OWN * (Number(process.env.VITEST_POOL_ID ?? 0) % PROCESSES);
/** Not always the same: another run on this machine has its own. */
let next = Math.floor(Math.random() * OWN);

/** A port that nobody listens on, and that no other test is given. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < OWN; tries++) {
    const port = first + (next++ % OWN);
    if (await isFree(port)) return port;
  }
  throw new Error(`no port from ${first} to ${first + OWN - 1} is free`);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen({ host: '127.0.0.1', port, exclusive: true });
  try {
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
