// What endpoints are promised (docs/webhooks.md), over the network, by a receiver that answers in every way there is.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Received } from '../support/receiver.ts';
import { type Hook, startWorld, verified, type World } from './webhooks-world.ts';

const CONVERSATIONS = 20;
/** The second run, in which every call costs an object its memory, does with fewer. */
const MESSAGES = process.env.EVICT_EVERY ? 10 : 50;
const ENDPOINTS = 10;
/** Of all answers. */
const FAILURES = 0.3;

let world: World;

beforeAll(async () => {
  // Also where every other test leaves objects in memory, some are thrown out in the middle of their work.
  world = await startWorld({ EVICT_EVERY: process.env.EVICT_EVERY ?? '97', WEBHOOK_TIMEOUT_MS: '3000' });
});
afterAll(() => world?.stop());

/** The same numbers in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test('everything arrives, in order, whatever receivers do and whatever becomes of objects', async () => {
  const random = seeded(20_260_701);
  /** What was answered with a success, by endpoint and conversation: the seqs, in order. */
  const taken = new Map<string, number[]>();
  const bodies = new Map<string, string>();
  const wrong: string[] = [];
  let failed = 0;
  let seen = 0;
  const keyOf = ({ path }: Received, conversation: string) => `${path} ${conversation}`;
  const last = new Map<string, number>();
  const hooks: Hook[] = [];
  for (let i = 0; i < ENDPOINTS; i++) {
    const hook = await world.hook({
      events: ['message.created'],
      delivery: { concurrency: 10, perSecond: 1_000 },
    });
    hooks.push(hook);
    hook.answer = (call, response) => {
      seen += 1;
      const id = `${call.path} ${call.headers['webhook-id']}`;
      const text = call.body.toString();
      if ((bodies.get(id) ?? text) !== text) wrong.push(`other bytes: ${id}`);
      bodies.set(id, text);
      const key = keyOf(call, JSON.parse(text).data.conversation.id);
      const seq = Number(call.headers['x-hub-seq']);
      if (seq < (last.get(key) ?? 0)) wrong.push(`${key}: ${seq} after ${last.get(key)}`);
      last.set(key, Math.max(last.get(key) ?? 0, seq));
      const chance = random();
      if (chance < FAILURES) {
        failed += 1;
        if (chance < 0.01) return; // no answer at all
        if (chance < 0.08) return response.destroy();
        if (chance < 0.12) {
          response.writeHead(200, { 'content-length': '100' });
          response.write('half');
          return setTimeout(() => response.destroy(), 5);
        }
        response.writeHead(chance < 0.2 ? 503 : 500);
        return response.end('no');
      }
      const list = taken.get(key) ?? [];
      taken.set(key, list);
      if (list.at(-1) !== seq) list.push(seq);
      response.writeHead(200);
      return response.end();
    };
  }
  const began = Date.now();
  const conversations = await Promise.all(Array.from({ length: CONVERSATIONS }, () => world.group('x-ann')));
  await Promise.all(
    conversations.map(async (id) => {
      for (let i = 0; i < MESSAGES; i++) await world.post(id, `message ${i}`, 'x-ann');
    }),
  );
  const posted = Date.now();
  const arrived = () => [...taken.values()].reduce((sum, { length }) => sum + length, 0);
  await world.receiver.until(() => arrived() >= CONVERSATIONS * MESSAGES * ENDPOINTS, 400_000);
  console.log(
    `posted in ${posted - began} ms, all arrived in ${Date.now() - began} ms; ${seen} calls, ${failed} failed`,
  );
  expect(wrong).toEqual([]);
  expect(taken.size).toBe(CONVERSATIONS * ENDPOINTS);
  for (const seqs of taken.values()) {
    const first = seqs[0] as number;
    expect(seqs).toEqual(Array.from({ length: MESSAGES }, (_, i) => first + i));
  }
  for (const hook of hooks) {
    await verified(hook.calls.at(-1) as Received, hook.secret);
    await hook.operate('DELETE');
  }
  expect(failed / seen).toBeGreaterThan(FAILURES - 0.05);
}, 480_000);

/** How long the one that hangs is waited for. */
const HUNG_MS = 60_000;

test("an endpoint that hangs takes nobody else's place", async () => {
  // No call is given up while this looks: its receiver could see the next one before the end of that.
  const patient = await startWorld({ WEBHOOK_TIMEOUT_MS: String(HUNG_MS) });
  try {
    await hangs(patient);
  } finally {
    await patient.stop();
  }
}, 240_000);

async function hangs(world: World): Promise<void> {
  let most = 0;
  let open = 0;
  const hung = await world.hook({ events: ['message.created'], delivery: { concurrency: 5 } });
  hung.answer = (_, response) => {
    open += 1;
    most = Math.max(most, open);
    response.once('close', () => {
      open -= 1;
    });
  };
  const well = await world.hook({ events: ['message.created'], delivery: { perSecond: 1_000 } });
  const conversations = await Promise.all(Array.from({ length: 10 }, () => world.group('x-ann')));
  await Promise.all(conversations.map((id) => world.post(id, 'first')));
  await hung.until(() => open > 0);
  const began = Date.now();
  for (let i = 0; i < 4; i++) await Promise.all(conversations.map((id) => world.post(id, `more ${i}`)));
  await well.until((calls) => calls.length >= 50, 2 * HUNG_MS);
  // None of them waited until one that hangs was given up.
  const times = well.calls.slice(10).map(({ at }) => at - began);
  expect(Math.max(...times)).toBeLessThan(HUNG_MS);
  // One object each: what hangs is counted at its own place, and never above what it may have. One that is thrown out after
  // each call begins its calls again, and the receiver may see them before the end of the old ones: there at the end.
  await expect.poll(() => open, { timeout: HUNG_MS / 2 }).toBe(5);
  if (!process.env.EVICT_EVERY) expect(most).toBe(5);
  await hung.settled(({ status }) => status.waiting === 50);
}
