// What becomes of people is written down for the endpoints that ask in the batch of the change itself, and taken once
// (docs/webhooks.md): also where whoever made the change was gone before it told anybody.

import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { eraseAccount } from '../../src/directory/erasing.ts';
import { insertHook } from '../../src/directory/hooks.ts';
import { mergeAccounts, mergeRows } from '../../src/directory/merging.ts';
import { findUser, updateUserTelling } from '../../src/directory/people.ts';
import type { AppNumber, EndpointNumber, UserNumber } from '../../src/domain/ids.ts';
import type { User } from '../../src/domain/user.ts';
import type { Sender } from '../../src/endpoint/sender.ts';
import type { Env } from '../../src/env.ts';
import { hubOf } from '../../src/hub/context.ts';
import { sweepNews } from '../../src/hub/news.ts';
import { createUser } from '../../src/hub/people.ts';
import { createApp } from '../../src/hub/provisioning.ts';
import { all, bindings, d1 } from '../conversation/harness.ts';
import { ANSWER } from '../endpoint/harness.ts';

const hub = hubOf(env as unknown as Env, 'http://hub.test', () => {});

async function listening(app: AppNumber, events: string[], format: 'parlance' | 'sunshine' = 'parlance') {
  const made = await insertHook(
    d1,
    app,
    {
      ...{ format, url: 'https://hooks.example.org/', events, options: {}, secret: '', name: null },
      ...{ delivery: {}, headers: null, origin: 'https://hub.example.org', state: 'active', reason: null },
    },
    10,
    1,
  );
  return made?.number as EndpointNumber;
}

const inside = <T>(
  number: EndpointNumber,
  work: (sender: Sender<never>, storage: DurableObjectStorage) => T,
) =>
  runInDurableObject(bindings.ENDPOINT.getByName(String(number)), (instance, { storage }) =>
    work((instance as unknown as { sender: Sender<never> }).sender, storage),
  );

const told = (number: EndpointNumber) =>
  inside(number, (_, storage) =>
    all<{ body: string; type: string }>(storage, 'SELECT type, body FROM delivery ORDER BY id').map(
      ({ type, body }) => ({ type, ...(body === null ? {} : JSON.parse(body).data) }),
    ),
  );
const left = async () => (await d1.prepare('SELECT count(*) AS n FROM news').first<{ n: number }>())?.n;
const NOW = Date.now();
const LATER = NOW + 60_000;

test('a change, a merge and an erasure are heard of once, in order, though nobody told', async () => {
  const { app } = await createApp(hub, 'news', 'News');
  const asking = await listening(app.number, ['user.*', 'message.created']);
  const vendor = await listening(app.number, ['user:update', 'user:remove'], 'sunshine');
  const others = await listening(app.number, ['*']);
  for (const number of [asking, vendor, others])
    await inside(number, (sender) => {
      Object.assign((sender as unknown as { port: object }).port, { send: async () => ANSWER });
    });
  const [ann, ben] = [
    await createUser(hub, app, { externalId: 'x-ann', name: 'Ann', metadata: { a: 1 } }),
    await createUser(hub, app, { externalId: 'x-ben', name: 'Ben' }),
  ];
  const numberOf = ({ number }: User): UserNumber => number;
  const done = await updateUserTelling(d1, app.number, ann.number, { name: 'Anna' }, NOW + 1_000);
  expect([done?.user.name, done?.told]).toEqual(['Anna', [asking, vendor]]);
  // Whoever made the change is gone here, and has told nobody.
  expect(await sweepNews(hub, LATER)).toBe(2);
  const anna = { externalId: 'x-ann', name: 'Anna', metadata: { a: 1 }, role: 'member', email: null };
  expect(await told(asking)).toMatchObject([{ type: 'user.updated', user: anna }]);
  const state = () => inside(asking, (_, storage) => all(storage, 'SELECT state FROM delivery'));
  await expect.poll(state).toEqual([{ state: 1 }]);
  const rows = await mergeRows(d1, app.number, [ann, ben].map(numberOf));
  const [from, into] = [ben, ann].map(({ number }) => rows.find((row) => row.number === number));
  if (!from || !into) throw new Error('nobody');
  const result = { ...into, nameKey: 'anna', recard: false };
  const merged = await mergeAccounts(d1, app.number, [from, into], result, NOW + 2_000, {
    discarded: ben,
    lost: {},
  });
  expect(merged?.told).toEqual([asking]);
  const before = (await findUser(d1, app.number, { number: ann.number })) as User;
  const erased = await eraseAccount(d1, app.number, ann.number, NOW + 3_000, before);
  expect(erased?.told).toEqual([asking, vendor]);
  expect(await left()).toBe(3);

  expect(await sweepNews(hub, LATER)).toBe(2);
  expect(await left()).toBe(0);
  const [id, gone] = [String(ann.number), { id: String(ben.number), externalId: 'x-ben' }];
  expect(await told(asking)).toEqual([
    // What was sent of somebody is erased from the journal with them.
    { type: 'user.updated' },
    { type: 'user.merged', app: 'news', user: expect.objectContaining({ id, ...anna }), discarded: gone },
    { type: 'user.removed', app: 'news', user: { id, externalId: 'x-ann' } },
  ]);
  expect((await told(vendor)).map(({ type }) => type)).toEqual(['user:update', 'user:remove']);
  expect(await told(others)).toEqual([]);
  expect(await sweepNews(hub, LATER)).toBe(0);
});

test('a change that fails tells nothing, and one where nobody asks writes nothing', async () => {
  const { app } = await createApp(hub, 'quiet', 'Quiet');
  const ann = await createUser(hub, app, { externalId: 'x-ann', name: 'Ann' });
  expect((await updateUserTelling(d1, app.number, ann.number, { name: 'A' }, NOW))?.told).toEqual([]);
  await listening(app.number, ['user.updated']);
  expect(await updateUserTelling(d1, app.number, 900_000 as UserNumber, { name: 'A' }, NOW)).toBeNull();
  expect(await eraseAccount(d1, app.number, 900_000 as UserNumber, NOW, ann)).toBeNull();
  expect(await left()).toBe(0);
});

test('news for an endpoint that has ended is let go', async () => {
  const { app } = await createApp(hub, 'ended', 'Ended');
  const asking = await listening(app.number, ['user.*']);
  const ann = await createUser(hub, app, { externalId: 'x-ann', name: 'Ann' });
  await updateUserTelling(d1, app.number, ann.number, { name: 'A' }, NOW);
  await d1.prepare('UPDATE endpoint SET deleted_at = 1 WHERE number = ?').bind(asking).run();
  await sweepNews(hub, LATER);
  expect(await left()).toBe(0);
});
