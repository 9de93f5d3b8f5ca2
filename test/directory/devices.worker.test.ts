// Devices in D1: who has which, what a second time changes, and what it costs.
import { beforeEach, expect, test } from 'vitest';
import {
  deleteDevice,
  devicesByUser,
  findDevices,
  MOST_DEVICES,
  upsertDevice as upsert,
} from '../../src/directory/devices.ts';
import { eraseAccount } from '../../src/directory/erasing.ts';
import { insertUser } from '../../src/directory/people.ts';
import type { AppNumber, UserNumber } from '../../src/domain/ids.ts';
import { d1 } from '../conversation/harness.ts';
import { meteredD1 } from '../conversation/meter.ts';

const app = 77 as AppNumber;
let made = 0;
let user: UserNumber;
const newcomer = async (): Promise<UserNumber> => {
  const name = `device-holder-${++made}`;
  const names = { externalId: name, username: name, name, email: null, avatar: null, locale: null };
  const row = { ...names, role: 'member' as const, metadata: {}, profile: {}, password: null };
  return (await insertUser(d1, app, row, 1)).number;
};
beforeEach(async () => {
  user = await newcomer();
});

const upsertDevice = async (...given: Parameters<typeof upsert>) => (await upsert(...given)).device;
const phone = { platform: 'ios', clientId: 'phone-1' };

test('the same client of a person is one device; what is left out stays, a null takes away', async () => {
  const whose = { app, user };
  const first = await upsertDevice(d1, whose, { ...phone, name: 'Phone', pushToken: 'push-1' }, 1_000);
  const again = await upsertDevice(d1, whose, { ...phone, info: { os: 'iOS' } }, 2_000);
  expect(again).toEqual({ ...first, info: { os: 'iOS' }, lastSeenAt: 2_000 });
  const without = await upsertDevice(d1, whose, { ...phone, pushToken: null }, 1_500);
  expect(without).toEqual({ ...again, pushToken: null });
  const other = await upsertDevice(d1, { app, user: await newcomer() }, phone, 3_000);
  expect(other?.number).not.toBe(first?.number);
  expect(await findDevices(d1, app, user)).toEqual([without]);
  expect(await findDevices(d1, 78 as AppNumber, user)).toEqual([]);
});

test('what was seen lately and says the same is not written again', async () => {
  const { db, meter } = meteredD1();
  const card = { ...phone, name: 'Phone', info: { os: 'iOS' } };
  const note = (now: number, change = {}) =>
    upsertDevice(db, { app, user }, { ...card, ...change }, now, now - 1_000);
  const first = await note(5_000);
  const before = meter.written;
  expect(await note(5_500)).toBeNull();
  expect(meter.written).toBe(before);
  expect((await note(6_500))?.lastSeenAt).toBe(6_500);
  expect(await note(6_600, { name: 'New name' })).toMatchObject({ number: first?.number, name: 'New name' });
});

test('a person has so many at most: the ones seen longest ago give way', async () => {
  const gone: string[] = [];
  for (let i = 0; i < MOST_DEVICES + 3; i++) {
    const done = await upsert(d1, { app, user }, { platform: 'web', clientId: `c${i}` }, 1_000 + i);
    gone.push(...done.gone.map(({ clientId }) => clientId));
  }
  expect(gone).toEqual(['c0', 'c1', 'c2']);
  const kept = await findDevices(d1, app, user);
  expect(kept).toHaveLength(MOST_DEVICES);
  expect([kept[0]?.clientId, kept.at(-1)?.clientId]).toEqual([`c${MOST_DEVICES + 2}`, 'c3']);
});

test('they are listed by person, found by index, taken back by their own person alone', async () => {
  const { db, meter } = meteredD1();
  const other = await newcomer();
  for (const [clientId, now] of [
    ['a', 2_000],
    ['b', 3_000],
  ] as const) // prettier-ignore
    await upsertDevice(db, { app, user }, { platform: 'web', clientId }, now);
  await upsertDevice(db, { app, user: other }, phone, 1_000);
  const [b, a] = await findDevices(db, app, user);
  const [theirs] = await findDevices(db, app, other);
  expect([...(await devicesByUser(db, app, [other, user]))].sort()).toEqual(
    [
      [user, [b?.number, a?.number]],
      [other, [theirs?.number]],
    ].sort(),
  );
  expect(await deleteDevice(db, app, other, b?.number as never)).toBeNull();
  expect(await deleteDevice(db, 78 as AppNumber, user, b?.number as never)).toBeNull();
  expect(await deleteDevice(db, app, user, b?.number as never)).toEqual(b);
  for (const text of new Set(meter.statements)) {
    const holes = new Set(text.match(/\?\d+/g)).size;
    const { results } = await d1
      .prepare(`EXPLAIN QUERY PLAN ${text}`)
      .bind(...Array(holes).fill(text.includes('json_each') ? '[]' : 1))
      .all<{ detail: string }>();
    expect(results.filter(({ detail }) => /^SCAN (device|user)/.test(detail))).toEqual([]);
  }
});

test('an erased person has none, and gets none', async () => {
  await upsertDevice(d1, { app, user }, phone, 1_000);
  await eraseAccount(d1, app, user, 2_000);
  expect(await findDevices(d1, app, user)).toEqual([]);
  expect(await upsertDevice(d1, { app, user }, phone, 3_000)).toBeNull();
  expect(await findDevices(d1, app, user)).toEqual([]);
});
