// How often incoming hooks may be called, what is counted of it, and what a message that arrives costs (W30).
import { afterEach, expect, test, vi } from 'vitest';
import type { Env } from '../../src/env.ts';
import { appByNumber } from '../../src/hub/apps.ts';
import { hubOf } from '../../src/hub/context.ts';
import { addIncoming, hookAddress, type IncomingDraft, incomingOf } from '../../src/hub/incoming.ts';
import { handleIncoming } from '../../src/incoming/routes.ts';
import { bindings, d1, group } from '../conversation/harness.ts';
import { meteredD1, meterRoom } from '../conversation/meter.ts';

/** Time stands still: a slow machine takes longer for some calls than one comes back in. */
const stopped = () => vi.spyOn(Date, 'now').mockReturnValue(Date.now());
afterEach(() => void vi.restoreAllMocks());

const waiting: Promise<unknown>[] = [];
const hubAt = (address = '192.0.2.1', env: Env = bindings) =>
  // As on Cloudflare, where addresses are known.
  hubOf(
    { ...env, HOST: undefined },
    'http://hub.test',
    (work) => waiting.push(work),
    new Headers({ 'cf-connecting-ip': address }),
  );

/** A hook into a conversation of one person, and calls of it from an address. */
async function place(draft: Partial<IncomingDraft> = {}) {
  const { room } = await group(1);
  const app = await appByNumber(hubAt(), room.app);
  const made = await addIncoming(hubAt(), app, { shape: 'slack', conversation: room.number, ...draft });
  const url = hookAddress(hubAt(), made.hook, made.token);
  const send = (body: object, { path = '', at = '192.0.2.1', env = bindings } = {}) =>
    handleIncoming(new Request(url + path, { method: 'POST', body: JSON.stringify(body) }), hubAt(at, env));
  const hook = () => incomingOf(hubAt(), app, made.hook.number);
  return { room, app, send, hook };
}

test('a hook takes so many calls in a minute, and says in its network’s form when it takes more', async () => {
  const slack = await place({ options: { perMinute: 3 } });
  const discord = await place({ shape: 'discord', options: { perMinute: 2 } });
  stopped();
  for (let i = 0; i < 3; i++) expect((await slack.send({ text: 'x' })).status).toBe(200);
  const refused = await slack.send({ text: 'x' });
  expect([refused.status, await refused.text()]).toEqual([429, 'rate_limited']);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(Number(refused.headers.get('retry-after'))).toBeLessThanOrEqual(20);

  const left = [];
  for (let i = 0; i < 2; i++)
    left.push((await discord.send({ content: 'x' })).headers.get('x-ratelimit-remaining'));
  expect(left).toEqual(['1', '0']);
  const limited = await discord.send({ content: 'x' });
  expect(limited.status).toBe(429);
  const body = (await limited.json()) as { retry_after: number; global: boolean };
  expect(body).toMatchObject({ message: 'You are being rate limited.', global: false });
  expect(body.retry_after).toBeGreaterThan(20);
});

test('wrong tokens from one address are slowed down, and right ones from there are not', async () => {
  const { send } = await place();
  stopped();
  const wrong = () => send({ text: 'x' }, { path: 'x', at: '192.0.2.7' });
  const statuses = [];
  for (let i = 0; i < 31; i++) statuses.push((await wrong()).status);
  expect(statuses).toEqual([...Array(30).fill(404), 429]);
  expect((await send({ text: 'x' }, { at: '192.0.2.7' })).status).toBe(200);
  expect((await send({ text: 'x' }, { path: 'x', at: '192.0.2.8' })).status).toBe(404);
});

test('what came is counted exactly, and written down once in a while', async () => {
  const { send, hook } = await place();
  const { db, meter } = meteredD1();
  const env = { ...bindings, DB: db } as Env;
  for (let i = 0; i < 5; i++) await send({ text: `text ${i}` }, { env });
  await send({ text: 'x' }, { path: 'x', env });
  await Promise.all(waiting.splice(0));
  expect(await hook()).toMatchObject({ arrived: 5, refused: 1 });
  expect(meter.statements.filter((text) => text.includes('incoming_hook SET arrived'))).toHaveLength(1);
});

test('a message of somebody known costs two rows of its conversation, and none of the directory but the index’s', async () => {
  const { send, room } = await place();
  const { db, meter } = meteredD1();
  const env = { ...bindings, DB: db } as Env;
  const say = (text: string) => send({ text, username: 'Ann' }, { env });
  // The first one makes the person, and lets the hook and the app be remembered.
  await say('first');
  await Promise.all(waiting.splice(0));
  const rows = await meterRoom(room);
  meter.reset();
  rows.reset();
  expect((await say('second')).status).toBe(200);
  expect(rows.written).toBe(2);
  expect(meter.written).toBe(0);
  expect(meter.read).toBe(0);
});

test('a hook that is switched off, one of another shape and one that never was are looked up alike', async () => {
  const { app } = await place();
  const made = await addIncoming(hubAt(), app, { shape: 'slack', open: {} });
  await d1
    .prepare("UPDATE incoming_hook SET state = 'disabled' WHERE number = ?1")
    .bind(made.hook.number)
    .run();
  hubAt().isolate.incoming.forget(String(made.hook.number));
  const url = hookAddress(hubAt(), made.hook, made.token);
  const answers = await Promise.all(
    [url, url.replace('/slack/', '/discord/'), url.replace(/\/\d+\//, '/999999/'), `${url}x`].map(
      async (to) => {
        const { db, meter } = meteredD1();
        const env = { ...bindings, DB: db } as Env;
        hubAt().isolate.incoming.forget(String(made.hook.number));
        const response = await handleIncoming(
          new Request(to.replace('/discord/', '/slack/'), { method: 'POST', body: '{"text":"x"}' }),
          hubAt('192.0.2.9', env),
        );
        // The count of it is written down behind the answer.
        const asked = meter.statements.filter((text) => text.startsWith('SELECT'));
        return [response.status, await response.text(), asked];
      },
    ),
  );
  expect(answers[0]).toEqual([404, 'no_service', [expect.stringContaining('FROM incoming_hook')]]);
  for (const answer of answers) expect(answer).toEqual(answers[0]);
});
