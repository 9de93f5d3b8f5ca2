// Keys, cookies and tokens open what they were made for and nothing else: not another app's door, not another door of
// the same app, not another person's place (DESIGN.md 4, "App" and "Public credentials").
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RealtimeSocket } from '../support/realtime.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { NOWHERE, type Place, type TwoApps, twoApps } from '../support/two-apps.ts';
import { type Answer, masked } from './calls/answer.ts';
import * as realtime from './calls/realtime.ts';
import * as sunshine from './calls/sunshine.ts';
import * as tapatalk from './calls/tapatalk.ts';

let hub: TestHub;
let apps: TwoApps;

beforeAll(async () => {
  hub = await startTestHub();
  apps = await twoApps(hub);
});
afterAll(() => hub?.stop());

const aboutGroup = (place: Place): sunshine.About => ({
  place,
  talk: place.group,
  member: place.ann,
  guest: place.cat,
});

/** Every answer is like the first one. */
function expectAllLike(answers: Record<string, Answer>): void {
  const [first] = Object.values(answers);
  expect(answers).toEqual(Object.fromEntries(Object.keys(answers).map((what) => [what, first])));
}

describe('a key', () => {
  const routes = sunshine.ROUTES.map((route) => [route.operation, route] as const);

  test.each(routes)('of one app finds no other app behind %s', async (_, route) => {
    const { here, there, ids } = apps;
    const call = sunshine.callOf(route, aboutGroup(there));
    const missing = { ...call, params: { ...call.params, appId: ids.hex('app', NOWHERE.app) } };
    expectAllLike({
      'an app that does not exist': await sunshine.send(route, missing, there, here.made.sunshine),
      'the other app': await sunshine.send(route, call, there, here.made.sunshine),
    });
  });

  test('and the secret of another one are like a key that nobody has', async () => {
    const { here, there, ids } = apps;
    const [route] = sunshine.ROUTES;
    const call = sunshine.callOf(route as sunshine.Route, aboutGroup(here));
    const ask = (keyId: string, secret: string) =>
      sunshine.send(route as sunshine.Route, call, here, { keyId, secret });
    const { keyId, secret } = here.made.sunshine;
    const hex = keyId.slice('app_'.length);
    const answers = {
      'a key that nobody has': await ask(`app_${ids.hex('key', NOWHERE.key)}`, secret),
      'the secret of the other app': await ask(keyId, there.made.sunshine.secret),
      'the key of the other app': await ask(there.made.sunshine.keyId, secret),
      'another scope': await ask(`int_${hex}`, secret),
      'every app': await ask(`act_${hex}`, secret),
      'no scope': await ask(hex, secret),
      'in capitals': await ask(keyId.toUpperCase(), secret),
      'a space before': await ask(` ${keyId}`, secret),
      'a space behind the secret': await ask(keyId, `${secret} `),
      'the app for the key': await ask(`app_${here.made.sunshine.appId}`, secret),
      'the admin token': await ask(keyId, hub.adminToken),
    };
    expectAllLike(answers);
    expect(Object.values(answers)[0]).toMatchObject({ status: 401 });
  });

  test('of another door is none: those of the widget are in every web page', async () => {
    const { here } = apps;
    const { sunshine: rest, qiscus, ppmessage } = here.made;
    const secrets: Record<string, string> = {
      sunshine: rest.secret,
      // Behind the number of its key.
      qiscus: qiscus.secret.slice(24),
      ppcom: ppmessage.ppcom.apiSecret,
      ppkefu: ppmessage.ppkefu.apiSecret,
    };
    const told = await fetch(`${hub.url}/admin/apps/${here.slug}`, {
      headers: { authorization: `Bearer ${hub.adminToken}` },
    });
    const all = ((await told.json()) as { keys: { door: string; scope: string; id: string }[] }).keys;
    const keys = all.filter(({ scope }) => scope === 'app');
    expect(keys.map(({ door }) => door).sort()).toEqual(Object.keys(secrets).sort());
    const route = sunshine.ROUTES.find(({ operation }) => operation === 'getConversation') as sunshine.Route;
    const call = sunshine.callOf(route, aboutGroup(here));
    for (const { door, id } of keys) {
      const by = { keyId: id, secret: secrets[door] as string };
      const { status } = await sunshine.send(route, call, here, by);
      expect(status, door).toBe(door === 'sunshine' ? 200 : 401);
    }
  });

  test('of an app is no operator', async () => {
    const { here } = apps;
    for (const token of [here.made.sunshine.secret, here.made.sunshine.keyId, here.made.qiscus.secret]) {
      const answer = await fetch(`${hub.url}/admin/apps`, { headers: { authorization: `Bearer ${token}` } });
      expect(answer.status).toBe(401);
    }
  });
});

describe('a forum session', () => {
  let cookie: string;
  beforeAll(async () => {
    cookie = await tapatalk.signIn(apps.here, apps.here.ann);
  });

  test.each([...tapatalk.METHODS.keys()])(
    'of one app is none at the address of another: %s',
    async (name) => {
      const { here, there } = apps;
      const method = tapatalk.METHODS.get(name) as Parameters<typeof tapatalk.paramsOf>[1];
      // Who signs in or out is somebody else's matter here.
      const params = name === 'login' ? [] : tapatalk.paramsOf(name, method, aboutGroup(there));
      const [, token] = cookie.split('=');
      const socketToken = await realtime.tokenFor(hub, there.slug, there.ann.username);
      const at = there.made.tapatalk.url;
      const theirs = `parlance_${there.made.app.number}`;
      const ask = async (sent: string | null) => masked(await tapatalk.send(at, sent, name, params));
      expectAllLike({
        'no cookie': await ask(null),
        'the cookie of the other app': await ask(cookie),
        'its token under the name of this app': await ask(`${theirs}=${token}`),
        both: await ask(`${cookie}; ${theirs}=${token}`),
        'a token for sockets': await ask(`${theirs}=${socketToken}`),
        'a signature cut short': await ask(`${theirs}=${token?.slice(0, -2)}`),
        'no token': await ask(`${theirs}=deleted`),
      });
      expect(masked(await tapatalk.send(here.made.tapatalk.url, cookie, 'get_inbox_stat', []))).toMatchObject(
        {
          headers: { mobiquo_is_login: 'true' },
        },
      );
    },
  );

  test('cannot be had with the password of the other app', async () => {
    const { here, there } = apps;
    const ask = (name: string, password: string) =>
      tapatalk.send(here.made.tapatalk.url, null, 'login', [tapatalk.text(name), tapatalk.text(password)]);
    const { username, email, externalId, password } = there.ann;
    expectAllLike({
      nobody: await ask('nobody-at-all', password),
      'a wrong password': await ask(here.ann.username, password),
      'user name of the other app': await ask(username, password),
      'e-mail address of the other app': await ask(email, password),
      'external id of the other app': await ask(externalId, password),
    });
  });
});

describe('a token for sockets', () => {
  test('is not what a forum session holds, nor a key, nor one of a deleted app', async () => {
    const { here } = apps;
    const cookie = await tapatalk.signIn(here, here.ann);
    const token = await realtime.tokenFor(hub, here.slug, here.ann.username);
    const made = await hub.createApp();
    const { username } = await hub.createUser(made.app.slug, { username: 'somebody' });
    const orphan = await realtime.tokenFor(hub, made.app.slug, username);
    await fetch(`${hub.url}/admin/apps/${made.app.slug}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${hub.adminToken}` },
    });
    const ask = async (token: string) =>
      masked(await realtime.upgrade(hub, '/realtime', ['parlance.v1', `token.${token}`]));
    const [head, body] = token.split('.');
    const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
    const answers = {
      nothing: await ask('nothing'),
      'a forum session': await ask(cookie.split('=')[1] as string),
      "an app's secret": await ask(here.made.sunshine.secret),
      'the admin token': await ask(hub.adminToken),
      unsigned: await ask(`${none}.${body}.`),
      'signed by nobody': await ask(`${head}.${body}.${'A'.repeat(43)}`),
    };
    expectAllLike(answers);
    expect(answers.nothing).toMatchObject({ status: 401 });
    expect(await ask(orphan)).not.toMatchObject({ status: 101 });
    expect(await ask(token)).toMatchObject({ status: 101 });
  });

  test('of somebody of another app opens no conversation of this one', async () => {
    const { here, there } = apps;
    const token = await realtime.tokenFor(hub, there.slug, there.agent.username);
    const protocols = ['parlance.v1', `token.${token}`];
    const attach = async (c: number) => masked(await realtime.upgrade(hub, `/realtime/c/${c}`, protocols));
    expectAllLike({
      'of nothing': await attach(NOWHERE.conversation),
      'a group': await attach(here.group.number),
      'a support conversation': await attach(here.support.number),
    });
    const socket = new RealtimeSocket(there.made.realtime.url, protocols);
    await socket.next('hello');
    const ask = async (c: number) => {
      const { ref: _, c: __, ...body } = await socket.ask({ t: 'subscribe', c: String(c), since: 0 });
      return { status: 0, headers: {}, body };
    };
    expectAllLike({
      'of nothing': await ask(NOWHERE.conversation),
      'a group': await ask(here.group.number),
      'a support conversation': await ask(here.support.number),
    });
    await socket.close();
  });

  test('does not make a client the object behind the door', async () => {
    const { here } = apps;
    const token = await realtime.tokenFor(hub, here.slug, here.cat.username);
    const actor = { app: here.made.app.number, user: here.ann.number, powers: 'app', card: null, shelves: 1 };
    const headers = {
      'x-parlance-actor': JSON.stringify(actor),
      'x-parlance-claims': encodeURIComponent(
        JSON.stringify({ app: here.made.app.number, user: here.ann.number }),
      ),
    };
    const path = `/realtime/c/${here.group.number}`;
    const answer = await realtime.upgrade(hub, path, ['parlance.v1', `token.${token}`], headers);
    expect(answer).toMatchObject({ status: 404 });
  });
});
