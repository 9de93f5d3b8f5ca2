// What an endpoint keeps and says of itself: a bound on what waits, notices, letters that were looked after
// (docs/webhooks.md, "Look after it").
import { expect, test } from 'vitest';
import { unwrap } from '../../src/domain/errors.ts';
import type { EndpointApi } from '../../src/endpoint/api.ts';
import type { Answer } from '../../src/endpoint/schedule.ts';
import { all, group } from '../conversation/harness.ts';
import { ANSWER, endpoint, feedOf } from './harness.ts';

const failing = (status: number): Answer => ({ ...ANSWER, status });
const api = ({ stub }: { stub: unknown }) => stub as unknown as EndpointApi;

const seqs = (one: Awaited<ReturnType<typeof endpoint>>) =>
  one.inside((_, storage) =>
    all<{ seq: number }>(storage, 'SELECT seq FROM delivery ORDER BY id').map((row) => row.seq),
  );

test('what waits has a bound: the oldest goes, is counted and told, and the order goes on', async () => {
  const { room } = await group(2);
  const one = await endpoint(room.app, 1, { keepMost: 100 });
  await one.answering(async () => failing(500));
  await api(one).take(feedOf(room, 1, 2, 90));
  expect(unwrap(await api(one).status())).toMatchObject({ waiting: 90, dropped: 0, droppedAt: null });
  await api(one).take(feedOf(room, 1, 92, 30));
  expect(await seqs(one)).toEqual(Array.from({ length: 100 }, (_, i) => i + 22));
  expect(unwrap(await api(one).status())).toMatchObject({
    waiting: 100,
    dropped: 20,
    droppedAt: expect.any(Number),
  });
  const { notices } = unwrap(await api(one).notices(null, 10));
  expect(notices.map(({ what, more }) => [what, more])).toEqual([['dropped', { dropped: 20 }]]);
  // The first that is left is the next that is sent.
  const due = await one.inside((_, storage) =>
    all<{ seq: number }>(storage, 'SELECT seq FROM delivery WHERE due IS NOT NULL').map(({ seq }) => seq),
  );
  expect(due).toEqual([22]);
});

test('what is older than it is kept for goes too, once a day, sent or not', async () => {
  const { room } = await group(2);
  const one = await endpoint(room.app, 1, { keepDays: 2 });
  await one.answering(async () => ANSWER);
  await api(one).take(feedOf(room, 1, 2, 5));
  // One after the other: what is changed below is not to be changed by their end.
  await expect.poll(async () => unwrap(await api(one).status()).waiting).toBe(0);
  const day = 86_400_000;
  await one.inside((_, { sql }) => {
    sql.exec('UPDATE delivery SET taken_at = taken_at - ? WHERE seq <= 4', 2 * day + 1);
    sql.exec('UPDATE delivery SET state = 0, due = ? WHERE seq = 3', Date.now() + day);
  });
  await one.inside((sender) => sender.ring());
  expect(await seqs(one)).toEqual([5, 6]);
  expect(unwrap(await api(one).status())).toMatchObject({ dropped: 1 });
});

test('notices say when it begins to fail, when it is left alone and when it is well again', async () => {
  const { room } = await group(2);
  // No second attempt before the test is over: it would be one more failure, or a last one.
  const one = await endpoint(room.app, 1, { ordered: false, schedule: [86_400] });
  let status = 500;
  await one.answering(async () => failing(status));
  await api(one).take(feedOf(room, 1, 2, 60));
  const said = async () =>
    unwrap(await api(one).notices(null, 10)).notices.map(({ what, more }) => [what, more.failures ?? null]);
  await expect.poll(said).toEqual([['failing', 50]]);
  status = 200;
  await api(one).take(feedOf(room, 1, 62, 1));
  await expect.poll(said).toEqual([
    ['recovered', expect.any(Number)],
    ['failing', 50],
  ]);
  const first = unwrap(await api(one).notices(null, 1));
  const second = unwrap(await api(one).notices(first.before, 1));
  expect([...first.notices, ...second.notices].map(({ what }) => what)).toEqual(['recovered', 'failing']);
  expect(second.before).toBeNull();
});

test('a dead letter that was looked after is in the list no more, and a call that comes twice changes nothing', async () => {
  const { room } = await group(2);
  const one = await endpoint(room.app, 1, { ordered: false, schedule: [86_400] });
  await one.answering(async () => failing(500));
  await api(one).take(feedOf(room, 1, 2, 4));
  await one.inside((_, { sql }) => {
    sql.exec('UPDATE delivery SET state = 2, due = NULL WHERE seq <= 3');
    sql.exec('UPDATE delivery SET state = 1, due = NULL WHERE seq = 4');
  });
  const whole = { filter: { type: 'message.created' } };
  expect(unwrap(await api(one).discard(whole))).toEqual({ discarded: 3, next: null });
  expect(unwrap(await api(one).discard(whole))).toEqual({ discarded: 0, next: null });
  const states = await one.inside((_, storage) =>
    all<{ state: number }>(storage, 'SELECT state FROM delivery ORDER BY id').map(({ state }) => state),
  );
  expect(states).toEqual([3, 3, 1, 3]);
  expect(unwrap(await api(one).status())).toMatchObject({ waiting: 0, dead: 0 });
});

test('replaying goes on where the call before came to its end', async () => {
  const { room } = await group(2);
  const one = await endpoint(room.app, 1, { ordered: false });
  await one.answering(() => new Promise(() => undefined));
  for (let i = 0; i < 12; i++) await api(one).take(feedOf(room, 1, i * 100 + 2, 100));
  await one.inside((_, { sql }) => {
    sql.exec('UPDATE delivery SET state = 1, due = NULL');
  });
  const filter = { state: 'delivered' } as const;
  const first = unwrap(await api(one).replay({ filter }));
  expect(first.queued).toBe(1_000);
  const second = unwrap(await api(one).replay({ filter, after: first.next as number }));
  expect(second).toEqual({ queued: 200, next: null });
});
