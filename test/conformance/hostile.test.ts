// No text and no number, wherever a call takes one, makes a fault of ours: it is taken, or refused in the door's own form.
// The places come from the calls that work, the values from what has broken other servers.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { base64, bool, int, type OutValue, string } from '../../src/xmlrpc/value.ts';
import { text, texts } from '../model/forum.ts';
import { RealtimeSocket } from '../support/realtime.ts';
import { sampled } from '../support/sampled.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { NOWHERE, openTalk, type TwoApps, twoApps } from '../support/two-apps.ts';
import { type Answer, answerOf, type Json } from './calls/answer.ts';
import * as operator from './calls/operator.ts';
import * as ppmessage from './calls/ppmessage.ts';
import * as realtime from './calls/realtime.ts';
import * as sunshine from './calls/sunshine.ts';
import * as tapatalk from './calls/tapatalk.ts';
import { keyToken, visit } from './ppmessage-client.ts';

const TEXTS: Record<string, string> = {
  empty: '',
  'an end of text': 'a\0b',
  'half a character': 'a\ud800b',
  'right to left, and no width': '\ufeff\u202eabc\u2066\u200b',
  'a name of objects': '__proto__',
  'SQL, and a search': `'; DROP TABLE user; --"abc* NEAR(a b) OR -c:d`,
  'a path': '../%00%zz%/etc/passwd',
  markup: '<script>alert(1)</script>[url=javascript:x]&amp;]]>',
  'marks and joined characters': `e${'\u0301'.repeat(300)}${'👨‍👩‍👧‍👦'.repeat(9)}${'ﷺ'.repeat(30)}`,
  long: 'x'.repeat(20_000),
  'a number too large': '9'.repeat(400),
  'a date out of time': '-271822-04-20T00:00:00.000Z',
  'an address without end': `https://user:word@${'a'.repeat(1_900)}.example.org/`,
};
const NUMBERS = [-1, -0, 0.5, 2 ** 31, 2 ** 53, 1e308];

/** The body with one text or number in it replaced, for each of them. */
function* spoiled(body: Json): Generator<[what: string, body: Json]> {
  const visit = function* (value: Json, path: string, put: (other: Json) => Json): Generator<[string, Json]> {
    const others =
      typeof value === 'string' ? Object.entries(TEXTS) : typeof value === 'number' ? NUMBERS.entries() : [];
    for (const [what, other] of others) yield [`${path}: ${what}`, put(other)];
    if (typeof value !== 'object' || value === null) return;
    for (const [name, inner] of Object.entries(value)) {
      const holder = (other: Json) =>
        put(Array.isArray(value) ? value.with(Number(name), other) : { ...value, [name]: other });
      yield* visit(inner, `${path}.${name}`, holder);
      // The name of a field is a text of the caller too, where any name goes.
      if (path.endsWith('metadata')) {
        for (const [what, other] of Object.entries(TEXTS))
          yield [`${path}, name: ${what}`, put({ [other]: inner })];
      }
    }
  };
  yield* visit(body, '', (other) => other);
}

/** What may be there only once, in the words of the doors' bodies. */
const ONCE = ['externalId', 'clientId', 'username', 'slug'];
let tries = 0;

/** `spoiled`, where what is left as it was does not collide with the try before. */
function* spoiledOnce(works: Json): Generator<[what: string, body: Json]> {
  for (const [what, body] of spoiled(works)) {
    if (typeof body !== 'object' || body === null) continue;
    const own = ONCE.filter((name) => name in body && body[name] === works[name]);
    tries += 1;
    const { email, ...rest } = body;
    const mail = email === undefined ? {} : { email: email === works.email ? `${tries}.${email}` : email };
    yield [
      what,
      { ...rest, ...mail, ...Object.fromEntries(own.map((name) => [name, `${body[name]}-${tries}`])) },
    ];
  }
}

let hub: TestHub;
let apps: TwoApps;
beforeAll(async () => {
  hub = await startTestHub({ env: operator.SAMPLE_RECEIVER });
  apps = await twoApps(hub);
});
afterAll(() => hub?.stop());

const about = async (): Promise<sunshine.About> => {
  const { here, ids } = apps;
  return {
    place: here,
    talk: await openTalk(here.made, ids, [here.ann, here.ben]),
    member: here.ann,
    guest: here.cat,
  };
};

/** Every answer that is a fault of ours, or in no known form. */
async function faults(
  tries: Iterable<[what: string, ask: () => Promise<Answer>]>,
  isFine: (answer: Answer) => boolean,
): Promise<[string, Answer][]> {
  const found: [string, Answer][] = [];
  for (const [what, ask] of tries) {
    const answer = await ask();
    if (!isFine(answer)) found.push([what, answer]);
  }
  return found;
}

describe('Sunshine', () => {
  const routes = sunshine.ROUTES.map((route) => [route.operation, route] as const);
  const isFine = ({ status, body }: Answer): boolean =>
    status < 300 ||
    (status < 500 && body.errors.every(({ code, title }: Json) => code !== '' && title !== ''));

  test.each(sampled(routes))('%s', async (_, route) => {
    const sample = await about();
    const call = () => sunshine.callOf(route, sample);
    const tries = function* (): Generator<[string, () => Promise<Answer>]> {
      const works = call();
      for (const [what, value] of Object.entries(TEXTS)) {
        for (const name of route.params) {
          // An address without a part of it is another address.
          if (value === '' || value.length > 5_000) continue;
          const params = { ...works.params, [name]: value.toWellFormed() };
          yield [`:${name}: ${what}`, () => sunshine.send(route, { ...works, params }, sample.place)];
        }
        for (const name of sunshine.operationOf(route).query?.names ?? []) {
          const query = { ...works.query, [name]: value.slice(0, 5_000).toWellFormed() };
          yield [`${name}: ${what}`, () => sunshine.send(route, { ...works, query }, sample.place)];
        }
      }
      for (const [what, body] of spoiledOnce(works.body)) {
        yield [what, () => sunshine.send(route, { ...works, body }, sample.place)];
      }
    };
    expect(await faults(tries(), isFine)).toEqual([]);
  });
});

describe('the forum', () => {
  test.each(sampled([...tapatalk.METHODS]))('%s', async (name, method) => {
    const sample = await about();
    const { place } = sample;
    const cookie = await tapatalk.signIn(place, place.ann);
    const tries = function* (): Generator<[string, () => Promise<Answer>]> {
      // A password is hashed, whatever it is.
      const parameters = method.parameters.filter(({ name: at }) => at !== 'password');
      for (const [index, { kind, name: at }] of parameters.entries()) {
        for (const [what, value] of Object.entries(TEXTS)) {
          const as: OutValue =
            kind === 'texts' || kind === 'ids'
              ? texts([value])
              : what === 'half a character'
                ? base64(new Uint8Array([0xed, 0xa0, 0x80]))
                : text(value);
          const params = tapatalk.paramsOf(name, method, sample).map((each, i) => (i === index ? as : each));
          yield [`${at}: ${what}`, () => tapatalk.send(place.made.tapatalk.url, cookie, name, params)];
        }
      }
    };
    const isFine = ({ status, body }: Answer): boolean => status === 200 && body.fault?.code !== -32500;
    expect(await faults(tries(), isFine)).toEqual([]);
  });
});

describe('PPMessage', () => {
  const isFine = ({ status, body }: Answer): boolean => status === 200 && body.error_code !== 17;

  test.each(sampled(ppmessage.ROUTES.map((route) => [route.name, route] as const)))(
    '%s',
    async (name, route) => {
      const { here, ids } = apps;
      const { ppmessage: door } = here.made;
      const level = route.levels.includes('PPKEFU') ? 'PPKEFU' : 'PPCOM';
      const own = level === 'PPCOM' ? await visit(here.made) : null;
      const token = own?.client.token ?? (await keyToken(here.made, level));
      const nothing = ids.uuid('group', NOWHERE.desk);
      const works = ppmessage.callOf(route, {
        user: own?.uuid ?? here.ann.uuid,
        conversation: ids.uuid('conversation', here.support.number),
        message: ids.uuid('message', here.support.message.number),
        device: own?.device ?? ids.uuid('device', NOWHERE.desk),
        agent: here.agent.uuid,
        agentEmail: here.agent.email,
        doomed: here.cat.uuid,
        doomedPassword: 'not it',
        group: nothing,
        doomedGroup: nothing,
      });
      // A password is hashed, whatever it is; the names of the app are looked at by other tests.
      const { user_password: _, app_name: __, ...rest } = works;
      const tries = function* (): Generator<[string, () => Promise<Answer>]> {
        let index = 0;
        for (const [what, spoilt] of spoiled(rest)) {
          // A part of them in each field: every word stands in some field of every call.
          if (index++ % 3 !== 0) continue;
          const body = JSON.stringify({ app_uuid: door.appUuid, ...spoilt });
          const headers = { 'content-type': 'application/json', authorization: `OAuth ${token}` };
          const ask = () => fetch(`${door.baseUrl}/api/${name}`, { method: 'POST', headers, body });
          yield [what, async () => answerOf(await ask())];
        }
      };
      expect(await faults(tries(), isFine)).toEqual([]);
    },
  );
});

describe('the operator', () => {
  const routes = operator.ROUTES.map((route) => [operator.nameOf(route), route] as const);
  const isFine = ({ status, body }: Answer): boolean =>
    status < 300 || (status < 500 && body.error.code !== '');

  test.each(sampled(routes))('%s', async (_, route) => {
    const made = await hub.createApp();
    const user = await hub.createUser(made.app.slug, { username: 'somebody' });
    const people = [{ ...user, password: '', email: '', displayName: '' }] as const;
    const talk = await openTalk(made, apps.ids, people);
    const hubs = await operator.hubsOwn(hub, route, made.app.slug, talk.number);
    // What an endpoint is told first.
    if (hubs.delivery) await openTalk(made, apps.ids, people);
    const own: operator.About = {
      slug: made.app.slug,
      username: user.username,
      number: talk.number,
      ...hubs,
    };
    const tries = function* (): Generator<[string, () => Promise<Answer>]> {
      const params = operator.paramsOf(route, own);
      const body = operator.operationOf(route).body?.of(own);
      for (const name of route.params) {
        for (const [what, value] of Object.entries(TEXTS)) {
          if (value === '' || value.length > 5_000) continue;
          const other = { ...params, [name]: value.toWellFormed() };
          yield [`:${name}: ${what}`, () => operator.send(hub, route, other, body)];
        }
      }
      // A new key, and a password's hash, for every word would take minutes.
      const { rotate: _, password: __, ...rest } = body ?? {};
      for (const [what, other] of spoiledOnce(rest))
        yield [what, () => operator.send(hub, route, params, other)];
    };
    expect(await faults(tries(), isFine)).toEqual([]);
  });
});

describe('realtime', () => {
  test.each(realtime.FRAME_KINDS)('$t', async ({ t }) => {
    const sample = await about();
    const { slug, made, ann } = sample.place;
    const token = await realtime.tokenFor(hub, slug, ann.username);
    const socket = new RealtimeSocket(made.realtime.url, ['parlance.v1', `token.${token}`]);
    await socket.next('hello');
    const tries = function* (): Generator<[string, () => Promise<Answer>]> {
      for (const [what, frame] of spoiledOnce(realtime.frameOf(t, sample))) {
        const ask = async (): Promise<Answer> => {
          // Who says nothing that can be read is sent away in the end.
          await socket.ask({ t: 'unsubscribe' });
          return { status: 0, headers: {}, body: await socket.ask(frame) };
        };
        yield [what, ask];
      }
    };
    const isFine = ({ body }: Answer): boolean =>
      body.t === 'ack' || (body.t === 'error' && body.code !== 'internal' && body.code !== 'unavailable');
    expect(await faults(tries(), isFine)).toEqual([]);
    await socket.close();
  });
});

test('what was taken can be read, by everybody at every door', async () => {
  const { here } = apps;
  const cookie = await tapatalk.signIn(here, here.ann);
  const inForum = async (method: string, ...params: OutValue[]): Promise<Json> => {
    const { body } = await tapatalk.send(here.made.tapatalk.url, cookie, method, params);
    expect(body, `${method} ${params.join()}`).not.toHaveProperty('fault');
    return body;
  };
  const { conversation_count, list } = await inForum('get_conversations', int(0), int(49));
  expect(conversation_count).toBeGreaterThan(20);
  const token = await realtime.tokenFor(hub, here.slug, here.ann.username);
  const socket = new RealtimeSocket(here.made.realtime.url, ['parlance.v1', `token.${token}`]);
  await socket.next('hello');
  let messages = 0;
  for (const { conv_id } of list as { conv_id: string }[]) {
    const page = await inForum('get_conversation', string(conv_id), int(0), int(49), bool(true));
    for (const { msg_id } of page.list.slice(-3)) {
      await inForum('get_quote_conversation', string(conv_id), string(msg_id));
    }
    expect(await socket.ask({ t: 'subscribe', c: conv_id, since: 0 })).toMatchObject({ t: 'ack' });
    const talk = {
      number: Number(conv_id),
      id: apps.ids.hex('conversation', Number(conv_id)),
      message: here.group.message,
    };
    for (const operation of ['getConversation', 'listMessages', 'listParticipants']) {
      const route = sunshine.ROUTES.find((each) => each.operation === operation) as sunshine.Route;
      const call = sunshine.callOf(route, { place: here, talk, member: here.ann, guest: here.cat });
      const { status, body } = await sunshine.send(route, call, here);
      expect([conv_id, operation, status]).toEqual([conv_id, operation, 200]);
      messages += body.messages?.length ?? 0;
    }
  }
  expect(messages).toBeGreaterThan(100);
  await socket.close();
});
