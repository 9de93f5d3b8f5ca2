// How an endpoint is looked after (docs/webhooks.md, "Look after it"): a receiver that proves itself, one that does not look,
// what others are told of it, a delivery as a command line.
import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HOOK_EVENTS, HOOK_NOTICES, HOOK_PEOPLE, HOOK_SIGNALS } from '../../src/domain/hook-options.ts';
import { eventSchemas } from '../../src/openapi/events.ts';
import { type Answering, type Received, says } from '../support/receiver.ts';
import { type Json, startWorld, verified, type World } from './webhooks-world.ts';

let world: World;
let talk: string;

beforeAll(async () => {
  world = await startWorld();
  talk = await world.group('x-ann', 'x-ben');
});
afterAll(() => world?.stop());

const ONE = { events: ['message.created'] };
const said = ({ body }: Received): Json => JSON.parse(body.toString());
const JSON_TYPE = { 'content-type': 'application/json' };

describe('who is to echo a challenge', () => {
  const echo =
    (form: (word: string) => [string, Record<string, string>]): Answering =>
    (call, response) => {
      const { type, data } = said(call);
      if (type !== 'endpoint.challenge') return says(200)(call, response);
      const [text, headers] = form(data.challenge);
      return says(200, text, headers)(call, response);
    };
  const asText = echo((word) => [word, { 'content-type': 'text/plain' }]);
  const asJson = echo((word) => [JSON.stringify({ challenge: word }), JSON_TYPE]);
  const asked = { ...ONE, delivery: { challenge: true } };

  test('is told nothing before, and everything that happened meanwhile then', async () => {
    const hook = await world.hook(asked);
    const { endpoint } = await hook.status();
    expect([endpoint.state, endpoint.reason]).toEqual(['disabled', 'it has not echoed the challenge']);
    await verified(hook.calls[0] as Received, hook.secret);
    await world.post(talk, 'meanwhile');
    await hook.settled(({ status }) => status.waiting === 1);
    const refused = await hook.operate('POST', '/enable', {});
    expect([refused.status, refused.body.error.fields]).toEqual([
      400,
      [{ path: 'url', message: 'must echo the challenge: it answered something else' }],
    ]);
    hook.answer = says(500);
    expect((await hook.operate('POST', '/enable', {})).body.error.fields[0].message).toMatch(
      /it answered 500/,
    );
    expect(hook.said.some(({ type }) => type === 'message.created')).toBe(false);
    hook.answer = asText;
    expect((await hook.operate('POST', '/enable', {})).body.endpoint.state).toBe('active');
    await hook.until(() => hook.said.some(({ type }) => type === 'message.created'));
    const words = hook.said.filter(({ type }) => type === 'endpoint.challenge');
    expect(new Set(words.map(({ data }) => data.challenge)).size).toBe(words.length);
    await hook.operate('DELETE');
  });

  test('is told at once where it does, and is asked again when it moves', async () => {
    const hook = await world.hook(ONE, asJson);
    const { body } = await hook.operate('PATCH', '', { delivery: { challenge: true } });
    expect(body.endpoint).toMatchObject({ state: 'active', delivery: { challenge: true } });
    expect(hook.said.map(({ type }) => type)).toEqual(['endpoint.challenge']);
    const moved = await hook.operate('PATCH', '', { url: `${world.receiver.url}/deaf` });
    expect(moved.body.endpoint.state).toBe('disabled');
    const back = await hook.operate('PATCH', '', { url: `${world.receiver.url}${hook.path}` });
    expect(back.body.endpoint.state).toBe('active');
    expect(hook.calls).toHaveLength(2);
    await hook.operate('DELETE');
  });

  test('speaks the format parlance', async () => {
    const url = `${world.receiver.url}/slack`;
    const draft = { url, format: 'slack', delivery: { challenge: true, probe: true } };
    const { status, body } = await world.operate('POST', '/endpoints', draft);
    expect([status, body.error.fields.map(({ path }: Json) => path)]).toEqual([
      400,
      ['delivery.challenge', 'delivery.probe'],
    ]);
  });
});

test('others hear how an endpoint is doing, and its notices tell', async () => {
  const watching = await world.hook({ events: ['endpoint.*'] });
  const everything = await world.hook();
  const hook = await world.hook({ ...ONE, delivery: { schedule: [1] } }, says(404));
  await world.post(talk, 'nobody there');
  await watching.until(() => watching.said.length >= 2);
  const about = { app: 'hooked', endpoint: hook.number };
  const when = expect.stringMatching(/Z$/);
  const reason = 'it answered 404 to the last attempt';
  expect(watching.said).toEqual([
    {
      ...{ type: 'endpoint.exhausted', timestamp: when },
      data: { ...about, delivery: 1, reason: 'status 404 after the last attempt' },
    },
    { type: 'endpoint.disabled', timestamp: when, data: { ...about, reason } },
  ]);
  for (const call of watching.calls) await verified(call, watching.secret);
  hook.answer = says(200);
  await hook.operate('POST', '/enable', {});
  await watching.until(() => watching.said.length >= 3);
  const { body } = await hook.operate('GET', '/notices?limit=2');
  expect(body).toEqual({
    notices: [
      { id: 3, at: when, what: 'enabled', about: {} },
      { id: 2, at: when, what: 'disabled', about: { reason } },
    ],
    before: 2,
  });
  expect((await hook.operate('GET', '/notices?before=2')).body.notices).toMatchObject([
    { what: 'exhausted' },
  ]);
  // Who asked for every entry did not ask for this.
  expect(everything.said.some(({ type }) => type.startsWith('endpoint.'))).toBe(false);
  for (const each of [watching, everything, hook]) await each.operate('DELETE');
});

test('a call that is repeated under one key is made once, by however many at the same time', async () => {
  const url = `${world.receiver.url}/repeated`;
  const make = (key: string, more: object = {}) =>
    world.operate('POST', '/endpoints', { url, ...more }, 'hooked', { 'idempotency-key': key });
  const count = async () =>
    (await world.operate('GET', '/endpoints')).body.endpoints.filter((one: Json) => one.url === url).length;
  const [first, ...others] = await Promise.all(Array.from({ length: 5 }, () => make('a-key')));
  expect(first?.status).toBe(201);
  for (const other of [...others, await make('a-key')]) expect(other).toEqual(first);
  expect(await count()).toBe(1);
  const other = await make('a-key', { name: 'Another' });
  expect([other.status, other.body.error.code]).toEqual([409, 'conflict']);
  // What was refused may be tried again, and another key is another call.
  const refused = await make('b-key', { secret: 'short' });
  expect([refused.status, (await make('b-key', { secret: 'short' })).status]).toEqual([400, 400]);
  expect((await make('b-key')).status).toBe(201);
  expect(await count()).toBe(2);
  const long = await make('x'.repeat(201));
  expect([long.status, long.body.error.fields[0].path]).toEqual([400, 'Idempotency-Key']);
});

test('an answer that drips without end is given up after the time an answer may take', async () => {
  const hook = await world.hook({ ...ONE, delivery: { timeoutSeconds: 3 } });
  hook.answer = (call, response) => {
    if (call.headers['x-hub-attempt'] !== '1') return says(200)(call, response);
    response.writeHead(200, { 'content-type': 'text/plain' });
    const drip = setInterval(() => response.write('.'), 50);
    response.once('close', () => clearInterval(drip));
  };
  await world.post(talk, 'slowly');
  await hook.until((calls) => calls.length >= 2);
  await hook.settled(({ status }) => status.waiting === 0 && status.recent.attempts >= 2);
  const [{ id }] = await hook.deliveries();
  const { log } = (await hook.operate('GET', `/deliveries/${id}`)).body.delivery;
  expect(log.map(({ status, reason }: Json) => [status, reason])).toEqual([
    [null, 'no answer within 3000 ms'],
    [200, null],
  ]);
  await hook.operate('DELETE');
});

test('every type of event has a schema at an address of its own', async () => {
  const at = `${world.hub.url}/webhooks/schemas/v1`;
  const { schemas } = (await (await fetch(at)).json()) as Json;
  expect(schemas).toEqual(Object.keys(eventSchemas()).map((type) => `${at}/${type}.json`));
  for (const type of [...HOOK_EVENTS, ...HOOK_SIGNALS, ...HOOK_PEOPLE, ...HOOK_NOTICES])
    expect(schemas).toContain(`${at}/${type}.json`);
  const answer = await fetch(`${at}/message.created.json`);
  const [type, open] = ['content-type', 'access-control-allow-origin'].map((name) =>
    answer.headers.get(name),
  );
  expect([type, open]).toEqual(['application/schema+json; charset=utf-8', '*']);
  const schema = await answer.json();
  expect(schema).toMatchObject({ $id: answer.url, title: 'message.created' });
  expect(JSON.stringify(schema)).not.toContain('parlance.invalid');
  expect((await fetch(`${at}/message.nothing.json`)).status).toBe(404);
  expect((await fetch(`${at}/toString.json`)).status).toBe(404);
});

test('a receiver that takes a wrong signature is told on', async () => {
  const hook = await world.hook(ONE);
  const { body } = await hook.operate('POST', '/test', { forged: true });
  expect(body.attempt.status).toBe(200);
  const [forged] = hook.calls as [Received];
  await expect(verified(forged, hook.secret)).rejects.toMatchObject({ code: 'no_match' });
  expect((await hook.operate('GET', '/notices')).body.notices).toMatchObject([
    { what: 'forgeable', about: { status: 200 } },
  ]);
  hook.answer = says(401);
  await hook.operate('POST', '/test', { forged: true });
  expect((await hook.operate('GET', '/notices')).body.notices).toHaveLength(1);
  await hook.operate('DELETE');
});

test('a delivery is a command line that makes the same call, without what is secret', async () => {
  const headers = { 'x-team': "o'sales", authorization: 'Bearer of-theirs' };
  const hook = await world.hook({ ...ONE, headers });
  await world.post(talk, `it's "quoted" $HOME \`id\` \\ and\nso on 👋`);
  await hook.until((calls) => calls.length >= 1);
  const [{ id }] = await hook.deliveries();
  const { curl, body } = (await hook.operate('GET', `/deliveries/${id}`)).body.delivery;
  for (const hidden of ['of-theirs', "o'sales", hook.secret]) expect(curl).not.toContain(hidden);
  // What a shell makes of it, whatever program it is.
  const shell = `curl() { for word; do printf '%s\\0' "$word"; done; }\n${curl}`;
  const env = { ...process.env, X_TEAM: headers['x-team'], AUTHORIZATION: headers.authorization };
  const words = spawnSync('sh', ['-c', shell], { encoding: 'utf8', env }).stdout.split('\0').slice(0, -1);
  const after = (flag: string) => words.flatMap((word, i) => (words[i - 1] === flag ? [word] : []));
  expect([words.at(-1), after('-X'), after('--data-binary')]).toEqual([
    `${world.receiver.url}${hook.path}`,
    ['POST'],
    [body],
  ]);
  const sent = Object.fromEntries(after('-H').map((line) => line.split(/: (.*)/s).slice(0, 2)));
  expect(sent).toMatchObject({ ...headers, 'content-type': 'application/json', 'x-hub-attempt': '1' });
  expect(sent['webhook-id']).toBe((hook.calls[0] as Received).headers['webhook-id']);
  await verified({ headers: sent, body: Buffer.from(body) } as Received, hook.secret);
  const token = await world.hook({ ...ONE, delivery: { signature: 'token' } });
  await world.post(talk, 'with a token');
  await token.until((calls) => calls.length >= 1);
  const [first] = await token.deliveries();
  const shown = (await token.operate('GET', `/deliveries/${first.id}`)).body.delivery.curl;
  expect(shown).toContain(`'x-hub-token: '"$X_HUB_TOKEN"`);
  expect(shown).not.toContain(token.secret);
  for (const each of [hook, token]) await each.operate('DELETE');
});
