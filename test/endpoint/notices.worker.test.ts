// What an endpoint says of itself as time passes (docs/webhooks.md, "Look after it"), with the object's clock moved: a
// conversation that waits, answers that are slow to begin, and the daily call with a wrong signature.
import { runInDurableObject } from 'cloudflare:test';
import { expect, test } from 'vitest';
import { unwrap } from '../../src/domain/errors.ts';
import type { HookDelivery } from '../../src/domain/hook-options.ts';
import type { Configured, Outgoing } from '../../src/endpoint/port.ts';
import type { Answer } from '../../src/endpoint/schedule.ts';
import { appByNumber } from '../../src/hub/apps.ts';
import { hubOf } from '../../src/hub/context.ts';
import { addHook } from '../../src/hub/hooks.ts';
import { bindings, group, type Room } from '../conversation/harness.ts';
import { ANSWER, api, endpoint, feedOf, forget, inWorld, rows, type World, within } from './harness.ts';

const S = 1_000;
const MINUTE = 60 * S;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** An endpoint with a clock of its own, whose receiver answers so. */
async function clocked(
  delivery: HookDelivery,
  answering: (call: Outgoing) => Partial<Answer>,
  more: World = {},
) {
  const { room } = await group(2);
  const one = await endpoint(room.app, 1, delivery);
  const began = Date.now();
  let now = began;
  await inWorld(one, {
    now: () => now,
    // No chance in when it is tried again.
    random: () => 0.5,
    send: async (_, call) => ({ ...ANSWER, ...answering(call) }),
    ...more,
  });
  return {
    ...one,
    room,
    /** Says `count` things in a conversation; everything that is due by now is tried. */
    say: async (conversation: number, count: number) => {
      const feed = feedOf(room, 1, 2, count);
      await api(one).take({ ...feed, facts: { ...feed.facts, number: conversation as never } });
      await within(one, (object) => object.alarm());
    },
    /** Goes on to so long after the beginning, and what rings then rings. */
    at: async (ms: number) => {
      now = began + ms;
      await within(one, (object) => object.alarm());
    },
    /** As long as a call takes. */
    takes: (ms: number) => {
      now += ms;
    },
    /** ms after the beginning; null: none. */
    alarm: async () => {
      const at = await within(one, (_, storage) => storage.getAlarm());
      return at === null ? null : at - began;
    },
    evict: () => within(one, forget),
    notices: async (what: string) =>
      unwrap(await api(one).notices(null, 100))
        .notices.filter((notice) => notice.what === what)
        .map(({ at, more: about }) => [at - began, about])
        .reverse(),
  };
}

const failing = () => ({ status: 500 });

test('a conversation that has waited half an hour behind its first event is told of then, once, whatever is tried when', async () => {
  const one = await clocked({}, failing);
  await one.say(77, 3);
  // Nobody waits behind this one.
  await one.say(78, 1);
  // The second attempt, and the third: the fourth comes half an hour after that.
  await one.at(5 * S);
  await one.at(305 * S);
  expect(await rows(one, 'conversation, tries')).toEqual([
    { conversation: 77, tries: 3 },
    { conversation: 77, tries: 0 },
    { conversation: 77, tries: 0 },
    { conversation: 78, tries: 3 },
  ]);
  await one.evict();
  expect(await one.alarm()).toBe(30 * MINUTE);
  await one.at(30 * MINUTE - 1);
  expect(await one.notices('blocked')).toEqual([]);
  await one.evict();
  await one.at(30 * MINUTE);
  const said = [[30 * MINUTE, { conversation: 77, delivery: 1 }]];
  expect(await one.notices('blocked')).toEqual(said);
  for (const hours of [1, 2, 3, 8, 20]) await one.at(hours * HOUR);
  expect(await one.notices('blocked')).toEqual(said);
});

test('of a day between two attempts nobody has to wait for the end to hear of it', async () => {
  const one = await clocked({ schedule: [86_400] }, failing);
  await one.say(77, 2);
  expect(await one.alarm()).toBe(30 * MINUTE);
  await one.at(30 * MINUTE);
  expect(await one.notices('blocked')).toEqual([[30 * MINUTE, { conversation: 77, delivery: 1 }]]);
  await one.at(31 * MINUTE);
  expect(await one.alarm()).toBe(DAY);
});

test('another one that waits is told of an hour later, if it still does', async () => {
  let well = 0;
  const one = await clocked({ schedule: [86_400] }, ({ conversation }) =>
    conversation === well ? {} : failing(),
  );
  await one.say(77, 2);
  for (const [conversation, minutes] of [
    [78, 10],
    [79, 11],
  ] as const) {
    await one.at(minutes * MINUTE);
    await one.say(conversation, 2);
  }
  for (const minutes of [30, 40, 41]) await one.at(minutes * MINUTE);
  expect((await one.notices('blocked')).length).toBe(1);
  expect(await one.alarm()).toBe(90 * MINUTE);
  // One of the two is well again by then.
  well = 78;
  unwrap(await api(one).replay({ ids: [3] }));
  await one.at(90 * MINUTE);
  expect(await one.notices('blocked')).toEqual([
    [30 * MINUTE, { conversation: 77, delivery: 1 }],
    [90 * MINUTE, { conversation: 79, delivery: 5 }],
  ]);
});

test('what waits for nobody, what is sent again and fails once, and an endpoint that is left alone block nothing', async () => {
  const unordered = await clocked({ ordered: false, schedule: [86_400] }, failing);
  await unordered.say(77, 3);
  await unordered.at(2 * HOUR);
  expect(await unordered.notices('blocked')).toEqual([]);

  let status = 200;
  const again = await clocked({}, () => ({ status }));
  await again.say(77, 2);
  status = 500;
  await again.at(5 * DAY);
  unwrap(await api(again).replay({ ids: [1, 2] }));
  await expect.poll(() => rows(again, 'tries')).toEqual([{ tries: 1 }, { tries: 0 }]);
  expect(await again.notices('blocked')).toEqual([]);

  let active = true;
  const off = await clocked({ schedule: [86_400] }, failing);
  await within(off, (object) => {
    const port = object.port.bind(object);
    object.port = () => ({
      ...port(),
      read: async () => ({ ...((await port().read()) as Configured), active }),
    });
    forget(object);
  });
  await off.say(77, 2);
  active = false;
  unwrap(await api(off).changed());
  await off.at(30 * MINUTE);
  expect(await off.notices('blocked')).toEqual([]);
  // Switched on, it has failed for no time at all; attempts of before do not count.
  await off.at(2 * DAY);
  active = true;
  unwrap(await api(off).changed({ resume: true }));
  await expect
    .poll(() => rows(off, 'state, tries, attempts'))
    .toMatchObject([
      { state: 0, tries: 1, attempts: 2 },
      { state: 0, tries: 0, attempts: 0 },
    ]);
  await off.at(2 * DAY + 30 * MINUTE - 1);
  expect(await off.notices('blocked')).toEqual([]);
  await off.at(2 * DAY + 30 * MINUTE);
  expect(await off.notices('blocked')).toHaveLength(1);
});

test('an answer that took more than five seconds to begin is told of, once an hour; one that never began is not', async () => {
  let answer: Partial<Answer> = {};
  const one = await clocked({ ordered: false, schedule: [86_400] }, () => answer);
  let conversation = 100;
  const answered = async (at: number, given: Partial<Answer>) => {
    await one.at(at);
    answer = given;
    await one.say(++conversation, 1);
  };
  await answered(0, { firstMs: 4_999, ms: 60_000 });
  await answered(1, { status: null, timedOut: true, reason: 'no answer within 15000 ms', ms: 15_000 });
  expect(await one.notices('slow')).toEqual([]);
  await answered(2, { firstMs: 5_001 });
  await answered(3, { status: 500, firstMs: 9_000 });
  await answered(2 + HOUR - 1, { firstMs: 9_000 });
  await answered(2 + HOUR, { status: 500, firstMs: 7_000 });
  expect(await one.notices('slow')).toEqual([
    [2, { ms: 5_001, delivery: 3 }],
    [2 + HOUR, { ms: 7_000, delivery: 6 }],
  ]);
});

test('who asked for it gets a wrong signature once a day, also where nothing is ever said and each call takes its time', async () => {
  const forged: number[] = [];
  let status = 200;
  let calls = 0;
  const one = await clocked({ probe: true }, (call) => {
    calls += 1;
    if (call.forged) forged.push(calls);
    expect([call.type, call.forged]).toEqual(['endpoint.test', true]);
    one.takes(700);
    return { status };
  });
  unwrap(await api(one).changed());
  expect(await one.alarm()).toBe(DAY);
  await one.at(DAY - 1);
  expect(calls).toBe(0);
  await one.evict();
  expect(await one.alarm()).toBe(DAY);
  await one.at(DAY);
  expect([forged, await one.notices('forgeable')]).toEqual([[1], [[DAY + 700, { status: 200 }]]]);
  // The time that a call took does not put off the next one by a day.
  for (let day = 2; day <= 4; day++) {
    status = 401;
    await one.evict();
    const next = (await one.alarm()) as number;
    await one.at(next);
    expect([next, calls]).toEqual([day * DAY, day]);
    await one.at(next + HOUR);
    expect(calls).toBe(day);
  }
  expect(await one.notices('forgeable')).toHaveLength(1);
});

test('the day of one that is made so begins when it is made; one that did not ask for it has no alarm', async () => {
  const { room } = await group(2);
  // Settings are read once for each secret.
  const env = {
    HUB_SECRET: 'YW5vdGhlci1odWItc2VjcmV0LWZvci1hLXRlc3QtMDA',
    WEBHOOK_ALLOW_HOSTS: '127.0.0.1:9',
  };
  const hub = hubOf({ ...bindings, ...env } as never, 'http://127.0.0.1', () => {});
  const app = await appByNumber(hub, room.app as Room['app']);
  const alarmOf = async (delivery: HookDelivery) => {
    const draft = {
      format: 'parlance',
      url: 'http://127.0.0.1:9/',
      events: ['*'],
      options: {},
      name: null,
    } as const;
    const { hook } = await addHook(hub, app, { ...draft, events: ['*'], delivery, headers: {} });
    const stub = bindings.ENDPOINT.getByName(String(hook.number));
    return runInDurableObject(stub, (_, { storage }) => storage.getAlarm());
  };
  const before = Date.now();
  const at = await alarmOf({ probe: true });
  expect(at).toBeGreaterThanOrEqual(before + DAY);
  expect(at).toBeLessThanOrEqual(Date.now() + DAY);
  expect(await alarmOf({})).toBeNull();
});
