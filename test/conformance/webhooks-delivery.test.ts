// How deliveries go, case by case (docs/webhooks.md): what is sent, when it is sent again, what is given up and brought back,
// who is told of what, and that nothing leaks.
import { createHmac } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyWebhook } from '../../docs/verify-webhook.js';
import { type Received, says } from '../support/receiver.ts';
import { type Json, startWorld, verified, type World } from './webhooks-world.ts';

let world: World;
let talk: string;

beforeAll(async () => {
  world = await startWorld();
  talk = await world.group('x-ann', 'x-ben');
});
afterAll(() => world?.stop());

const ONE = { events: ['message.created'] };
const textOf = ({ body }: Received): string => JSON.parse(body.toString()).data.message.text;
const idOf = ({ headers }: Received) => headers['webhook-id'];
const delivered = (count: number) => (status: Json) =>
  status.status.waiting === 0 && status.status.recent.attempts >= count;

test('every event comes whole, in its own words', async () => {
  const hook = await world.hook();
  const id = await world.group('x-ann', 'x-ben');
  const message = await world.post(id, 'Hello', 'x-ann');
  await world.sunshine('PATCH', `/conversations/${id}`, { displayName: 'A talk' });
  await world.sunshine('POST', `/conversations/${id}/leave`, { userExternalId: 'x-ben' });
  await world.sunshine('DELETE', `/conversations/${id}/messages/${message}`);
  await world.sunshine('DELETE', `/conversations/${id}`);
  await hook.until((calls) => calls.length >= 7);
  const when = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  const number = expect.stringMatching(/^\d+$/);
  const person = (name: string) => ({
    id: number,
    externalId: `x-${name}`,
    username: name,
    name: name.toUpperCase(),
    avatar: null,
    role: 'member',
  });
  const conversation = (more: object = {}) => ({
    id: number,
    kind: 'group',
    title: null,
    description: null,
    icon: null,
    state: 'open',
    locked: false,
    public: false,
    uniqueId: null,
    assignee: null,
    metadata: null,
    memberCount: 2,
    createdAt: when,
    ...more,
  });
  const said = (type: string, seq: number, more: object, about: object = {}) => ({
    type,
    timestamp: when,
    data: { app: 'hooked', conversation: conversation(about), seq, ...more },
  });
  const titled = { title: 'A talk' };
  expect(hook.said).toEqual([
    said('conversation.created', 1, { author: null }),
    said('member.joined', 1, { author: null, members: [person('ann'), person('ben')] }),
    said('message.created', 2, {
      author: person('ann'),
      message: {
        id: number,
        seq: 2,
        at: when,
        door: 'sunshine',
        type: 'text',
        text: 'Hello',
        markup: 'plain',
        title: null,
        payload: null,
        attachments: [],
        replyTo: null,
        metadata: null,
        editedAt: null,
        deleted: false,
      },
    }),
    said('conversation.updated', 3, { author: null, changed: ['title'] }, titled),
    said(
      'member.left',
      4,
      { author: null, members: [person('ben')], removed: true, barred: false },
      { ...titled, memberCount: 1 },
    ),
    said(
      'message.deleted',
      5,
      { author: null, message: { id: number, seq: 2 }, through: false },
      { ...titled, memberCount: 1 },
    ),
    said('conversation.deleted', 6, {}, { ...titled, memberCount: 1 }),
  ]);
  for (const [i, call] of hook.calls.entries()) {
    await verified(call, hook.secret);
    expect(call.headers).toMatchObject({
      'content-type': 'application/json',
      'user-agent': expect.stringMatching(/^Parlance\//),
      'webhook-id': expect.stringMatching(/^evt_\d+_[0-9a-f]+_\d+(_created)?$/),
      'x-hub-attempt': '1',
      'x-hub-seq': String(hook.said[i].data.seq),
    });
    expect(call.headers['x-hub-replay']).toBeUndefined();
  }
  expect(new Set(hook.calls.map(idOf)).size).toBe(7);
  await hook.operate('DELETE');
});

test('what fails is sent again: the same id and bytes, a fresh time, and what follows waits for it', async () => {
  const hook = await world.hook(ONE);
  const statuses = [500, 302, 404, 200];
  hook.answer = (call, response) => {
    const status = textOf(call) === 'first' ? statuses[Number(call.headers['x-hub-attempt']) - 1] : 200;
    says(status ?? 200, 'why not', { location: `${world.receiver.url}/elsewhere` })(call, response);
  };
  await world.post(talk, 'first');
  await world.post(talk, 'second');
  await hook.until((calls) => calls.length >= 5);
  expect(hook.calls.map(textOf)).toEqual(['first', 'first', 'first', 'first', 'second']);
  const [first, ...more] = hook.calls as [Received, ...Received[]];
  for (const [i, call] of more.slice(0, 3).entries()) {
    expect(idOf(call)).toBe(idOf(first));
    expect(call.body.equals(first.body)).toBe(true);
    expect(call.headers['x-hub-attempt']).toBe(String(i + 2));
    await verified(call, hook.secret);
  }
  // A redirect is a failure, and nobody went there.
  expect(world.receiver.calls.some(({ path }) => path === '/elsewhere')).toBe(false);
  await hook.settled(delivered(5));
  const [newest, oldest] = await hook.deliveries();
  expect(oldest).toMatchObject({ state: 'delivered', attempts: 4, status: 200, type: 'message.created' });
  expect(newest).toMatchObject({ state: 'delivered', attempts: 1 });
  const { body } = await hook.operate('GET', `/deliveries/${oldest.id}`);
  expect(body.delivery.body).toBe(first.body.toString());
  expect(body.delivery.log.map(({ attempt, status }: Json) => [attempt, status])).toEqual([
    [1, 500],
    [2, 302],
    [3, 404],
    [4, 200],
  ]);
  await hook.operate('DELETE');
});

test('after its last attempt a delivery is dead, the next one goes, and it comes back when asked', async () => {
  const hook = await world.hook({ ...ONE, delivery: { schedule: [1] } });
  hook.answer = (call, response) => says(textOf(call) === 'bad' ? 400 : 200, 'never')(call, response);
  await world.post(talk, 'bad');
  await world.post(talk, 'good');
  await hook.until((calls) => calls.length >= 3);
  expect(hook.calls.map(textOf)).toEqual(['bad', 'bad', 'good']);
  const { status } = await hook.settled(delivered(3));
  expect(status.dead).toBe(1);
  const [dead] = await hook.deliveries('?state=dead');
  expect(dead.reason).toMatch(/status 400 after the last attempt/);
  expect((await hook.operate('GET', `/deliveries/${dead.id}`)).body.delivery.log[1].excerpt).toBe(null);
  hook.answer = says(200);
  const replayed = await hook.operate('POST', '/replay', { state: 'dead' });
  expect(replayed.body).toEqual({ queued: 1, next: null });
  const calls = await hook.until((all) => all.length >= 4);
  const [first, again] = [calls[0], calls[3]] as [Received, Received];
  expect(again.headers).toMatchObject({ 'x-hub-replay': 'true', 'x-hub-attempt': '3' });
  expect([idOf(again), again.body.equals(first.body)]).toEqual([idOf(first), true]);
  await hook.settled((each) => each.status.dead === 0 && each.status.waiting === 0);
  // All of it again, in order.
  await hook.operate('POST', '/replay', { type: 'message.created' });
  await hook.until((all) => all.length >= 6);
  expect(hook.calls.slice(4).map(textOf)).toEqual(['bad', 'good']);
  await hook.operate('DELETE');
});

test('what waits can be discarded, and the next one goes', async () => {
  const hook = await world.hook(ONE);
  // It is not answered: tries that failed would come to their end while this looks.
  hook.answer = (call, response) => textOf(call) !== 'stuck' && says(200)(call, response);
  await world.post(talk, 'stuck');
  await hook.until((calls) => calls.length >= 1);
  await world.post(talk, 'free');
  await hook.settled(({ status }) => status.waiting === 2);
  const [free, stuck] = await hook.deliveries('?state=waiting');
  expect((await hook.operate('POST', '/discard', { ids: [stuck.id] })).body.discarded).toBe(1);
  await hook.until((calls) => calls.some((call) => textOf(call) === 'free'));
  await hook.settled((each) => each.status.waiting === 0);
  expect(await hook.deliveries('?state=discarded')).toMatchObject([{ id: stuck.id, reason: 'discarded' }]);
  expect(free.dueAt).toBeNull();
  await hook.operate('DELETE');
});

test('410 disables at once; what happens is kept, and goes out in order when it is enabled', async () => {
  const hook = await world.hook(ONE, says(410));
  await world.post(talk, 'one');
  await hook.until((calls) => calls.length >= 1);
  const off = await hook.settled(({ endpoint }) => endpoint.state === 'disabled');
  expect(off.endpoint.reason).toBe('it answered 410');
  await world.post(talk, 'two');
  await hook.settled(({ status }) => status.waiting === 2);
  expect(hook.calls).toHaveLength(1);
  hook.answer = says(204);
  expect((await hook.operate('POST', '/enable', {})).body.endpoint.state).toBe('active');
  await hook.until((calls) => calls.length >= 3);
  expect(hook.calls.map(textOf)).toEqual(['one', 'one', 'two']);
  // Switched off by hand it is the same.
  await hook.operate('POST', '/disable');
  await world.post(talk, 'three');
  await hook.settled(({ status }) => status.waiting === 1);
  await hook.operate('POST', '/enable', { since: '2026-01-01T00:00:00Z' });
  await hook.until((calls) => calls.length >= 4);
  await hook.operate('DELETE');
});

test('404 to the last attempt disables too', async () => {
  const hook = await world.hook({ ...ONE, delivery: { schedule: [1] } }, says(404));
  await world.post(talk, 'lost');
  const { endpoint, status } = await hook.settled((each) => each.endpoint.state === 'disabled');
  expect([endpoint.reason, status.dead]).toEqual(['it answered 404 to the last attempt', 1]);
  await hook.operate('DELETE');
});

test('an endpoint that ended hears no more', async () => {
  const hook = await world.hook(ONE, says(500));
  await world.post(talk, 'unheard');
  await hook.until((calls) => calls.length >= 1);
  await hook.operate('DELETE');
  const before = hook.calls.length;
  const other = await world.hook(ONE);
  await world.post(talk, 'later');
  await other.until((calls) => calls.length >= 1);
  expect(hook.calls.length).toBeLessThanOrEqual(before + 1);
  expect((await hook.operate('GET')).status).toBe(404);
  await other.operate('DELETE');
});

describe('secrets', () => {
  test('overlap in a rotation, until the older ones are revoked', async () => {
    const hook = await world.hook(ONE);
    const first = hook.secret;
    const { body } = await hook.operate('POST', '/rotate', {});
    expect(body.endpoint.secrets.map(({ id }: Json) => id)).toEqual([2, 1]);
    await world.post(talk, 'both');
    const [both] = await hook.until((calls) => calls.length >= 1);
    for (const secret of [first, body.secret]) await verified(both as Received, secret);
    const newest = both?.headers['webhook-signature']?.split(' ')[0] as string;
    const alone = { ...(both as Received), headers: { ...both?.headers, 'webhook-signature': newest } };
    await verified(alone, body.secret);
    await hook.operate('POST', '/revoke');
    await world.post(talk, 'one');
    const calls = await hook.until((all) => all.length >= 2);
    await verified(calls[1] as Received, body.secret);
    await expect(verified(calls[1] as Received, first)).rejects.toMatchObject({ code: 'no_match' });
    expect(JSON.stringify((await hook.operate('GET')).body)).not.toContain(body.secret);
    await hook.operate('DELETE');
  });

  test('may be public keys, at an address that stays the same', async () => {
    const hook = await world.hook({ ...ONE, delivery: { ed25519: true } });
    const { endpoint } = await hook.status();
    const keys = async () => ((await (await fetch(endpoint.publicKeys)).json()) as Json).keys as Json[];
    const [before] = await keys();
    await hook.operate('POST', '/rotate', {});
    const both = await keys();
    expect(both.map(({ id, validUntil }) => [id, validUntil === null])).toEqual([
      ['2', true],
      ['1', false],
    ]);
    expect(both[1].publicKey).toBe(before.publicKey);
    await world.post(talk, 'signed');
    const [call] = (await hook.until((calls) => calls.length >= 1)) as [Received];
    for (const { publicKey } of both)
      await verifyWebhook({ secrets: [publicKey], headers: call.headers, body: call.body });
    await hook.operate('DELETE');
    expect((await fetch(endpoint.publicKeys)).status).toBe(404);
  });

  test('of receivers that exist already sign as those expect; headers go along, and are shown to nobody', async () => {
    const secret = 'a-secret-of-theirs';
    const headers = { authorization: 'Bearer of-theirs', 'x-team': 'sales' };
    const hook = await world.hook({ ...ONE, secret, headers, delivery: { signature: 'github' } });
    await world.post(talk, 'theirs');
    const [call] = (await hook.until((calls) => calls.length >= 1)) as [Received];
    const proof = createHmac('sha256', secret).update(call.body).digest('hex');
    expect(call.headers).toMatchObject({ ...headers, 'x-hub-signature-256': `sha256=${proof}` });
    const shown = JSON.stringify((await hook.operate('GET')).body);
    expect(shown).toContain('x-team');
    for (const hidden of ['of-theirs', 'sales', secret]) expect(shown).not.toContain(hidden);
    await hook.operate('DELETE');
  });
});

describe('who is told', () => {
  test('is who asked for it: by event, conversation, kind, door and tag', async () => {
    const tagged = await world.sunshine('POST', '/conversations', {
      type: 'sdkGroup',
      participants: [{ userExternalId: 'x-ann' }],
      metadata: { team: 'sales' },
    });
    const hooks = {
      family: await world.hook({ events: ['conversation.*'] }),
      tag: await world.hook({ ...ONE, delivery: { tags: { team: 'sales' } } }),
      kind: await world.hook({ ...ONE, delivery: { kinds: ['support'] } }),
      door: await world.hook({ ...ONE, delivery: { doors: ['tapatalk'] } }),
      all: await world.hook(ONE),
    };
    await world.post(talk, 'untagged');
    await world.post(tagged.conversation.id, 'tagged');
    const support = await world.sunshine('POST', '/conversations', {
      type: 'personal',
      participants: [{ userExternalId: 'x-ben' }],
    });
    await world.post(support.conversation.id, 'support', 'x-ben');
    await hooks.all.until((calls) => calls.length >= 3);
    await hooks.kind.until((calls) => calls.length >= 1);
    await hooks.family.until((calls) => calls.length >= 1);
    // What is told of two conversations comes in any order.
    const inTagged = hooks.all.said.find(({ data }) => data.message.text === 'tagged').data.conversation.id;
    const one = await world.hook({ ...ONE, delivery: { conversations: [Number(inTagged)] } });
    await world.post(talk, 'not this');
    await world.post(tagged.conversation.id, 'this');
    await one.until((calls) => calls.length >= 1);
    await hooks.tag.until((calls) => calls.length >= 2);
    await hooks.all.until((calls) => calls.length >= 5);
    const told = Object.fromEntries(
      Object.entries(hooks).map(([name, hook]) => [
        name,
        hook.said.map(({ data }) => data.message?.text ?? null).sort(),
      ]),
    );
    expect(told).toEqual({
      family: [null],
      tag: ['tagged', 'this'],
      kind: ['support'],
      door: [],
      all: ['not this', 'support', 'tagged', 'this', 'untagged'],
    });
    expect(one.calls.map(textOf)).toEqual(['this']);
    for (const hook of [...Object.values(hooks), one]) await hook.operate('DELETE');
  });

  test('of typing and reading is only who asked by name, and once', async () => {
    const plain = await world.hook();
    const asking = await world.hook({ events: ['signal.*', 'message.created'] });
    const id = await world.group('x-ann', 'x-ben');
    const activity = (author: object, type: string) =>
      world.sunshine('POST', `/conversations/${id}/activity`, { author, type });
    const types = () => new Set(asking.said.map(({ type }) => type));
    const talked = async () => {
      await world.post(id, 'read me', 'x-ann');
      await activity({ type: 'business' }, 'typing:start');
      await activity({ type: 'user', userExternalId: 'x-ben' }, 'conversation:read');
    };
    await talked();
    // Once or never: a conversation that goes right behind its answer may take with it what was on its way. It is done again then.
    if (process.env.EVICT_EVERY)
      await expect.poll(() => types().size === 3 || talked(), { interval: 500 }).toBe(true);
    await asking.until(() => types().size === 3);
    const signals = asking.said.filter(({ type }) => type.startsWith('signal.'));
    const said = signals.map(({ type, data }) => [type, data.member.role, data.on ?? data.seq]);
    const seq = process.env.EVICT_EVERY ? expect.any(Number) : 2;
    expect(said).toContainEqual(['signal.read', 'member', seq]);
    expect(said).toContainEqual(['signal.typing', 'business', true]);
    if (!process.env.EVICT_EVERY) expect(said).toHaveLength(2);
    expect(plain.said.some(({ type }) => type.startsWith('signal.'))).toBe(false);
    await plain.operate('DELETE');
    await asking.operate('DELETE');
  });

  test('is nobody of another app, and nobody before they asked', async () => {
    const made = await world.hub.createApp('apart');
    await world.hub.createUser('apart', { username: 'eve', externalId: 'x-eve' });
    const hook = await world.hook();
    const participants = [{ userExternalId: 'x-eve' }];
    const theirs = await world.sunshine('POST', '/conversations', { type: 'sdkGroup', participants }, made);
    await world.sunshine(
      'POST',
      `/conversations/${theirs.conversation.id}/messages`,
      { author: { type: 'business' }, content: { type: 'text', text: 'theirs' } },
      made,
    );
    await world.post(talk, 'ours');
    await hook.until((calls) => calls.length >= 1);
    expect(hook.calls.map(textOf)).toEqual(['ours']);
    const foreign = await world.operate('GET', `/endpoints/${hook.number}`, undefined, 'apart');
    expect(foreign.status).toBe(404);
    await hook.operate('DELETE');
  });
});

test('in parallel, what fails holds up nothing', async () => {
  const hook = await world.hook({ ...ONE, delivery: { ordered: false } });
  hook.answer = (call, response) => says(textOf(call) === 'slow' ? 500 : 200)(call, response);
  await world.post(talk, 'slow');
  for (const text of ['a', 'b', 'c']) await world.post(talk, text);
  await hook.until((calls) => ['a', 'b', 'c'].every((text) => calls.some((call) => textOf(call) === text)));
  // The ten tries of the first one last half a second: it may be given up by now.
  await hook.settled(({ status }) => status.waiting + status.dead === 1);
  await hook.operate('DELETE');
});

test('answers without end, bombs and half answers wedge nothing', async () => {
  const hook = await world.hook(ONE);
  const bomb = gzipSync(Buffer.alloc(20 * 1024 * 1024));
  const answers = [
    says(200, 'x'.repeat(3_000_000), { 'content-type': 'text/plain' }),
    (_: Received, response: Json) => {
      response.writeHead(500, { 'content-type': 'text/plain', 'content-encoding': 'gzip' });
      response.end(bomb);
    },
    (_: Received, response: Json) => {
      response.writeHead(200, { 'content-length': '10' });
      response.write('half');
      setTimeout(() => response.destroy(), 20);
    },
    says(200, '<script>alert(1)</script>', { 'content-type': 'text/html' }),
  ];
  hook.answer = (call, response) =>
    answers[textOf(call) === 'one' ? 0 : Number(call.headers['x-hub-attempt'])]?.(call, response);
  await world.post(talk, 'one');
  await world.post(talk, 'two');
  await hook.until((calls) => calls.length >= 4);
  await hook.settled(delivered(4));
  const [two, one] = await hook.deliveries();
  const logOf = async (id: number) => (await hook.operate('GET', `/deliveries/${id}`)).body.delivery.log;
  expect((await logOf(one.id))[0].excerpt).toHaveLength(16 * 1024);
  expect((await logOf(two.id)).map(({ status }: Json) => status)).toEqual([500, null, 200]);
  await hook.operate('DELETE');
});

test('a receiver can be tried, and something real sent elsewhere once', async () => {
  const hook = await world.hook(ONE);
  const { body } = await hook.operate('POST', '/test');
  expect(body.attempt).toMatchObject({ status: 200, reason: null });
  expect(hook.said[0]).toMatchObject({ type: 'endpoint.test', data: { app: 'hooked' } });
  await verified(hook.calls[0] as Received, hook.secret);
  expect(hook.calls[0]?.headers['x-hub-replay']).toBeUndefined();
  await world.post(talk, 'real');
  await hook.until((calls) => calls.length >= 2);
  const [delivery] = await hook.deliveries();
  const to = `${world.receiver.url}/once`;
  expect((await hook.operate('POST', `/deliveries/${delivery.id}/send`, { to })).body.attempt.status).toBe(
    200,
  );
  const once = world.receiver.calls.find(({ path }) => path === '/once') as Received;
  expect(once.body.equals((hook.calls[1] as Received).body)).toBe(true);
  expect(once.headers['x-hub-replay']).toBe('true');
  const inside = await hook.operate('POST', `/deliveries/${delivery.id}/send`, { to: 'https://10.0.0.1/' });
  expect(inside.body.attempt).toMatchObject({ status: null, reason: expect.stringMatching(/private/) });
  await hook.operate('DELETE');
});

test('the journal is read page by page, while more comes in', async () => {
  const hook = await world.hook(ONE);
  for (let i = 0; i < 7; i++) await world.post(talk, `${i}`);
  await hook.settled(delivered(7));
  const page = async (query: string) => (await hook.operate('GET', `/deliveries${query}`)).body;
  const first = await page('?limit=3');
  await world.post(talk, 'meanwhile');
  const second = await page(`?limit=3&before=${first.before}`);
  const third = await page(`?limit=3&before=${second.before}`);
  const seqs = [first, second, third].flatMap(({ deliveries }) => deliveries.map(({ seq }: Json) => seq));
  expect(seqs).toEqual([...seqs].sort((a, b) => b - a));
  expect([seqs.length, third.before]).toEqual([7, null]);
  const none = await page('?status=500');
  expect(none).toEqual({ deliveries: [], before: null });
  expect((await hook.operate('GET', '/deliveries?limit=1000')).status).toBe(400);
  expect((await hook.operate('GET', '/deliveries?nothing=1')).status).toBe(400);
  await hook.operate('DELETE');
});

test('what somebody said is erased from the journal with them', async () => {
  await world.hub.createUser('hooked', { username: 'gone', externalId: 'x-gone' });
  const hook = await world.hook(ONE);
  const id = await world.group('x-gone', 'x-ann');
  await world.post(id, 'words of somebody', 'x-gone');
  await hook.settled(delivered(1));
  expect((await world.operate('DELETE', '/users/gone', {})).status).toBe(200);
  const [delivery] = await hook.deliveries();
  const read = async () => (await hook.operate('GET', `/deliveries/${delivery.id}`)).body.delivery.body;
  await expect.poll(read).toBeNull();
  await hook.operate('DELETE');
});

test.each([
  ['http', 'http://hooks.example.org/'],
  ['an IP address', 'https://93.184.216.34/'],
  ['a private address', 'https://10.0.0.1/'],
  ['a name of inside', 'https://localhost/'],
  ['another port', 'https://hooks.example.org:22/'],
  ['credentials', 'https://a:b@hooks.example.org/'],
  ['no address', 'hooks'],
])('%s is refused as an address', async (_, url) => {
  const { status, body } = await world.operate('POST', '/endpoints', { url });
  expect([status, body.error.fields]).toEqual([400, [{ path: 'url', message: expect.stringMatching(/\S/) }]]);
});

test("an integration hears in the vendor's form, with the secret as its key", async () => {
  const target = `${world.receiver.url}/vendor`;
  const made = await world.sunshine('POST', '/integrations', {
    type: 'custom',
    displayName: 'Bot',
    webhooks: [
      {
        target,
        triggers: ['create', 'join', 'message', 'read', 'remove'].map((what) => `conversation:${what}`),
        includeFullUser: true,
      },
    ],
  });
  const [webhook] = made.integration.webhooks;
  // Begun with nobody in it: whoever comes first joins like everybody after them.
  const { id } = (await world.sunshine('POST', '/conversations', { type: 'sdkGroup' })).conversation;
  await world.sunshine('POST', `/conversations/${id}/join`, { userExternalId: 'x-ann' });
  await world.post(id, 'Hello', 'x-ann');
  await world.sunshine('POST', `/conversations/${id}/activity`, {
    author: { type: 'user', userExternalId: 'x-ann' },
    type: 'conversation:read',
  });
  await world.sunshine('DELETE', `/conversations/${id}`);
  const calls = () => world.receiver.calls.filter(({ path }) => path === '/vendor');
  // Receivers know a repetition by its id.
  const events = () => {
    const all = calls().flatMap(({ body }) => JSON.parse(body.toString()).events as Json[]);
    return [...new Map(all.map((event) => [event.id, event])).values()];
  };
  await world.receiver.until(() => events().some(({ type }) => type === 'conversation:remove'));
  for (const { headers, body } of calls()) {
    expect(headers['x-api-key']).toBe(webhook.secret);
    expect(JSON.parse(body.toString())).toMatchObject({
      app: { id: world.app.sunshine.appId },
      webhook: { id: webhook.id, version: 'v2' },
    });
  }
  const entries = events().filter(({ type }) => type !== 'conversation:read');
  expect(entries.map(({ type }) => type)).toEqual([
    'conversation:create',
    'conversation:join',
    'conversation:message',
    'conversation:remove',
  ]);
  expect(entries[2]).toMatchObject({
    id: expect.stringMatching(/^[0-9a-f]{24}$/),
    createdAt: expect.stringMatching(/Z$/),
    payload: {
      conversation: { id, type: 'sdkGroup' },
      message: {
        author: { type: 'user', user: { externalId: 'x-ann', profile: expect.any(Object) } },
        content: { type: 'text', text: 'Hello' },
      },
    },
  });
  await world.sunshine('DELETE', `/integrations/${made.integration.id}`);
});

test('an integration hears of people too', async () => {
  const target = `${world.receiver.url}/people`;
  const made = await world.sunshine('POST', '/integrations', {
    type: 'custom',
    displayName: 'People',
    webhooks: [{ target, triggers: ['user:update', 'user:remove', 'user:merge'], includeFullUser: true }],
  });
  await world.hub.createUser('hooked', { username: 'passing', externalId: 'x-passing' });
  await world.sunshine('PATCH', '/users/x-passing', { profile: { givenName: 'Pat' } });
  const big = 'x'.repeat(3_000);
  for (const [externalId, zendeskId] of [
    ['x-one', 'z1'],
    ['x-two', 'z2'],
  ]) {
    const metadata = { [`${zendeskId}`]: big, both: zendeskId };
    await world.sunshine('POST', '/users', { externalId, zendeskId, metadata });
  }
  await world.sunshine('POST', '/users/z1/sync', { survivingZendeskId: 'z2' });
  await world.sunshine('DELETE', '/users/x-passing');
  const events = () => {
    const calls = world.receiver.calls.filter(({ path }) => path === '/people');
    const all = calls.flatMap(({ body }) => JSON.parse(body.toString()).events as Json[]);
    return [...new Map(all.map((event) => [event.id, event])).values()];
  };
  await world.receiver.until(() => events().length >= 3);
  expect(events()).toMatchObject([
    { type: 'user:update', payload: { user: { externalId: 'x-passing', profile: { givenName: 'Pat' } } } },
    {
      type: 'user:merge',
      payload: {
        mergedUsers: {
          surviving: { externalId: 'x-two', zendeskId: 'z2', metadata: { both: 'z2', z2: big } },
          discarded: { externalId: 'x-one', zendeskId: 'z1' },
        },
        discardedMetadata: { z1: big },
        reason: 'api',
      },
    },
    { type: 'user:remove', payload: { user: { externalId: 'x-passing' } } },
  ]);
  await world.sunshine('DELETE', `/integrations/${made.integration.id}`);
});
