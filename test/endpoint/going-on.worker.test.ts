// That an endpoint goes on, in order, whatever its receiver answers and whatever becomes of its memory and its alarms
// (contracts/webhooks-bridges-widget.md 1.4).
import { expect, test } from 'vitest';
import type { EndpointApi } from '../../src/endpoint/api.ts';
import type { Outgoing } from '../../src/endpoint/port.ts';
import { type Answer, GIVE_UP_MS } from '../../src/endpoint/schedule.ts';
import { group } from '../conversation/harness.ts';
import { ANSWER, api, endpoint, feedOf, forget, inWorld, rows, within } from './harness.ts';

const failing = (status: number): Answer => ({ ...ANSWER, status });

/** The same numbers in every run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test('1,000 conversations keep their order though 30 % of answers are errors and the object is thrown out again and again', async () => {
  const { room } = await group(2);
  const one = await endpoint(room.app, 1, { concurrency: 50, perSecond: 1_000 });
  const random = seeded(20_260_801);
  const [conversations, each] = [1_000, 3];
  const taken = new Map<number, number[]>();
  const wrong: string[] = [];
  let calls = 0;
  await inWorld(one, {
    fixedMs: 1,
    send: async (_, { conversation, seq }: Outgoing) => {
      calls += 1;
      await Promise.resolve();
      const seqs = taken.get(conversation) ?? [];
      taken.set(conversation, seqs);
      // What was cut off after its receiver had it comes again; what comes after it never before.
      if (seq > (seqs.at(-1) ?? 1) + 1) wrong.push(`${conversation}: ${seq} after ${seqs.at(-1)}`);
      if (random() < 0.3) return failing(500);
      if (seqs.at(-1) !== seq) seqs.push(seq);
      return ANSWER;
    },
  });
  const feed = feedOf(room, 1, 2, each);
  const { number } = feed.facts;
  for (let from = 0; from < conversations; from += 50) {
    // From inside, for a call of its own takes longer than what it asks for.
    await within(one, async (object) => {
      const { take } = object as unknown as EndpointApi;
      for (let i = from; i < from + 50; i++)
        await take.call(object, { ...feed, facts: { ...feed.facts, number: (number + i) as typeof number } });
    });
    await within(one, forget);
  }
  const waits = () =>
    within(
      one,
      (_, { sql }) => sql.exec('SELECT 1 FROM delivery WHERE state = 0 LIMIT 1').toArray().length > 0,
    );
  // Until the time of the test is over: how long it takes is not promised.
  for (let looks = 1; await waits(); looks++) {
    if (looks % 10 === 0) await within(one, forget);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  expect(wrong).toEqual([]);
  expect(calls).toBeGreaterThan(conversations * each * 1.3);
  expect(taken.size).toBe(conversations);
  for (const seqs of taken.values()) expect(seqs).toEqual([2, 3, 4]);
});

test('a lost alarm is set again, and one that rings twice sends nothing twice', async () => {
  const { room } = await group(2);
  const one = await endpoint(room.app, 1);
  let calls = 0;
  let status = 500;
  await inWorld(one, {
    fixedMs: 60_000,
    send: async () => {
      calls += 1;
      return failing(status);
    },
  });
  await api(one).take(feedOf(room, 1, 2, 1));
  await expect.poll(() => rows(one, 'tries')).toEqual([{ tries: 1 }]);
  await within(one, async (object, storage) => {
    await storage.deleteAlarm();
    forget(object);
    expect(await storage.getAlarm()).toBeGreaterThan(Date.now());
  });
  // Its time has come; the platform may ring more than once.
  status = 200;
  await within(one, async (object, storage) => {
    storage.sql.exec('UPDATE delivery SET due = ?', Date.now() - 1);
    await Promise.all([object.sender.ring(), object.sender.ring()]);
    await object.sender.ring();
  });
  expect(calls).toBe(2);
  expect(await rows(one, 'state, attempts')).toEqual([{ state: 1, attempts: 2 }]);
});

test('sent by hand, a delivery that waits goes on in its schedule: an attempt is spent', async () => {
  const { room } = await group(2);
  const one = await endpoint(room.app, 1, { schedule: [60, 60] });
  await inWorld(one, { send: async () => failing(500) });
  await api(one).take(feedOf(room, 1, 2, 2));
  await expect
    .poll(() => rows(one, 'tries, state'))
    .toEqual([
      { tries: 1, state: 0 },
      { tries: 0, state: 0 },
    ]);
  // The second one is not its turn: sending it again does not let it pass.
  await api(one).replay({ ids: [1, 2] });
  await expect
    .poll(() => rows(one, 'tries, state'))
    .toEqual([
      { tries: 2, state: 0 },
      { tries: 0, state: 0 },
    ]);
  await api(one).replay({ ids: [1] });
  await expect
    .poll(() => rows(one, 'tries, state'))
    .toEqual([
      { tries: 3, state: 2 },
      { tries: 1, state: 0 },
    ]);
});

test('an endpoint that fails now and then is never left alone; one in which nothing succeeds for 120 hours is, also when it sleeps in between', async () => {
  const { room } = await group(2);
  const one = await endpoint(room.app, 1, { ordered: false });
  let now = Date.now();
  let status = 500;
  const left: string[] = [];
  await inWorld(one, {
    now: () => now,
    send: async () => failing(status),
    disable: async (reason) => void left.push(reason),
  });
  const after = async (ms: number, answered: number) => {
    now += ms;
    seq += 1;
    status = answered;
    await within(one, forget);
    await api(one).take(feedOf(room, 1, seq, 1));
    await expect.poll(async () => (await rows(one, 'attempts')).at(-1)?.attempts).toBe(1);
  };
  let seq = 1;
  for (let i = 0; i < 5; i++) {
    await after(GIVE_UP_MS - 60_000, 500);
    await after(1_000, 200);
  }
  expect(left).toEqual([]);
  await after(1_000, 500);
  await after(GIVE_UP_MS, 500);
  await expect.poll(() => left[0]).toBe('nothing succeeded for 120 hours');
});
