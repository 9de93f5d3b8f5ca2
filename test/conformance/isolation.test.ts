// Nothing crosses an app, and nobody sees a conversation that they are not in: whatever a call may name, a foreign name
// is answered as one that nothing has (DESIGN.md 4). The cases come from the route tables of the doors, so that a new
// route is tested or stops the tests. Keys, cookies and tokens of one app at another's door: isolation-keys.test.ts.
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asApp, makeDesk } from '../support/desk.ts';
import { RealtimeSocket } from '../support/realtime.ts';
import { sampled } from '../support/sampled.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { openTalk, type Person, type Place, type TwoApps, twoApps } from '../support/two-apps.ts';
import { formOf, png, sendForm } from '../support/uploads.ts';
import type { Answer, Json } from './calls/answer.ts';
import * as operator from './calls/operator.ts';
import * as qiscus from './calls/qiscus.ts';
import * as sdk from './calls/qiscus-sdk.ts';
import * as realtime from './calls/realtime.ts';
import * as sunshine from './calls/sunshine.ts';
import { DESK_OPERATIONS, USED_UP } from './calls/sunshine-desk.ts';
import * as tapatalk from './calls/tapatalk.ts';
import { expectAlike, sunshineForms } from './isolation/forms.ts';
import { namedBy, operatorForms, operatorPlaces } from './isolation/operator.ts';
import {
  CHANNELS_THERE,
  COMMENT_THERE,
  EXPORT_THERE,
  qiscusForms,
  namePlaces as qiscusPlaces,
} from './isolation/qiscus.ts';
import { frameForms, framePlaces, withValue } from './isolation/realtime.ts';
import { idPlaces, ownValue, wholePaths } from './isolation/sunshine.ts';
import { forumForms, namePlaces, valueAt } from './isolation/tapatalk.ts';
import { qiscusClient } from './qiscus-client.ts';

type About = sunshine.About;

let hub: TestHub;
let apps: TwoApps;
/** All that the other app shows of itself, before anybody came near it. */
let thereBefore: Json;

beforeAll(async () => {
  hub = await startTestHub({ env: operator.SAMPLE_RECEIVER });
  apps = await twoApps(hub);
  // What is written behind answers is there when two looks see the same.
  let again = await lookOf(apps.there);
  do {
    thereBefore = again;
    again = await lookOf(apps.there);
  } while (!isDeepStrictEqual(again, thereBefore));
});
afterAll(() => hub?.stop());

/** A talk that every refused call may be about. */
function known(): About {
  const { here } = apps;
  return { place: here, talk: here.group, member: here.ann, guest: here.cat };
}

/** A talk of its own for a call that works, among people whom no other test asks about. */
async function fresh(): Promise<About> {
  const { here, ids } = apps;
  const { dan, eve, fay } = here;
  return { place: here, talk: await openTalk(here.made, ids, [dan, eve]), member: dan, guest: fay };
}

let doomed = 0;
/** The same, for a call that ends a person: somebody whom nobody else needs. */
async function withNewcomer(): Promise<About> {
  const { here, ids } = apps;
  const username = `doomed-${++doomed}`;
  const known = { username, email: `${username}@example.org`, displayName: username };
  const made = await hub.createUser(here.slug, { ...known, externalId: `external-${username}` });
  const member = { ...known, ...made, password: '' };
  const talk = await openTalk(here.made, ids, [member, here.eve]);
  return { place: here, talk, member, guest: here.fay };
}

const DESK = new Set(Object.keys(DESK_OPERATIONS));
let desk: About | null = null;

/** The same in an app of its own, for calls about integrations: an app has few of all that. */
async function atDesk(operation: string): Promise<About> {
  if (desk && !USED_UP.has(operation)) return desk;
  const { here, ids } = apps;
  const made = await hub.createApp();
  const username = 'dan';
  const user = await hub.createUser(made.app.slug, {
    username,
    email: 'dan@example.org',
    displayName: 'Dan',
  });
  const member = { ...user, password: '', email: 'dan@example.org', displayName: 'Dan' };
  const place = { ...here, made, slug: made.app.slug, desk: await makeDesk(made) };
  if (operation === 'createSwitchboard')
    await asApp(made, 'DELETE', `switchboards/${place.desk.switchboardId}`);
  const about = { place, talk: await openTalk(made, ids, [member]), member, guest: member };
  // One that the switchboard links stays.
  if (operation === 'deleteIntegration')
    place.desk = { ...place.desk, integrationId: place.desk.freeIntegrationId };
  if (operation === 'acceptControl')
    await asApp(made, 'POST', `conversations/${about.talk.id}/offerControl`, {
      switchboardIntegration: 'human',
    });
  if (!USED_UP.has(operation)) desk = about;
  return about;
}

function ownOf({ operation }: sunshine.Route): Promise<About> {
  if (DESK.has(operation)) return atDesk(operation);
  return operation.startsWith('deleteUser') ? withNewcomer() : fresh();
}

/** What an app's own key sees: people, their conversations, every message, every participant. */
async function lookOf(place: Place): Promise<Json> {
  const { made, group, others, support, desk: _, ...rest } = place;
  const ask = async (path: string) => {
    const { basePath, appId } = made.sunshine;
    const by = sunshine.authorizationOf(made.sunshine);
    const response = await fetch(`${basePath}/v2/apps/${appId}/${path}`, { headers: { authorization: by } });
    return [path, response.status, await response.json()];
  };
  const talks = [group, others, support].flatMap(({ id }) =>
    ['', '/messages', '/participants'].map((part) => `conversations/${id}${part}`),
  );
  const people = Object.values(rest).flatMap((each) => (typeof each === 'object' ? [each.sunshineId] : []));
  const theirs = people.flatMap((id) => [`users/${id}`, `conversations?filter[userId]=${id}`]);
  const seen: Json[] = [];
  for (const path of [...talks, ...theirs]) seen.push(await ask(path));
  return seen;
}

describe('Sunshine', () => {
  const places = idPlaces().map((place) => [`${place.route.operation} ${place.at}`, place] as const);

  test.each(sampled(places))('%s: a foreign id is like a missing one', async (_, place) => {
    const { route, kind } = place;
    const about = known();
    await expectAlike(sunshineForms(apps, kind, about.talk, about.member), async (value) => {
      const answer = await sunshine.send(route, place.put(sunshine.callOf(route, about), value), about.place);
      // Who is new has an id of their own.
      if (kind === 'new external id') answer.body.user.id = 'new';
      return answer;
    });
    const own = await ownOf(route);
    if (kind === 'device' || route.params.some((name) => /^(client|device)Id$/.test(name)))
      own.deviceId = await sunshine.deviceFor(own);
    if (route.params.includes('zendeskId')) own.zendeskId = await sunshine.linkFor(own);
    if (route.operation === 'deleteAttachment') own.mediaUrl = await sunshine.uploadFor(own);
    const value = ownValue(place, apps, own);
    const works = sunshine.callOf(route, own);
    const answer = await sunshine.send(route, value === null ? works : place.put(works, value), own.place);
    expect(answer, 'an id of its own').toMatchObject({ status: sunshine.operationOf(route).success });
  });

  const paths = sunshine.ROUTES.filter(({ params }) => params.length > 1);
  test.each(paths.map((route) => [route.operation, route] as const))(
    '%s: a whole path of the other app is like one of nothing',
    async (_, route) => {
      const about = known();
      const calls = wholePaths(route, apps, about);
      const forms = Object.fromEntries(Object.keys(calls).map((what) => [what, what]));
      await expectAlike([forms], (what) => sunshine.send(route, calls[what] as sunshine.Call, about.place));
    },
  );
});

describe('Qiscus', () => {
  beforeAll(async () => {
    const there = qiscusClient(apps.there.made);
    for (const unique_id of CHANNELS_THERE) await there.post('get_or_create_channel', { unique_id });
    EXPORT_THERE.id = await qiscus.exportFor(apps.there);
  });

  const places = qiscusPlaces().map(
    (place) => [`${place.route.method} ${place.route.operation} ${place.at}`, place] as const,
  );
  test.each(sampled(places))('%s: a foreign name is like a missing one', async (_, place) => {
    const { route, kind } = place;
    const about = known();
    await expectAlike(qiscusForms(apps, kind, about), async (value) =>
      qiscus.withoutNews(
        await qiscus.send(route, place.put(qiscus.callOf(route, about), value), about.place),
      ),
    );
    const own = await fresh();
    if (kind === 'export') own.exportId = await qiscus.exportFor(own.place);
    const answer = await qiscus.send(route, qiscus.callOf(route, own), own.place);
    expect(answer, 'a name of its own').toMatchObject({ status: 200 });
  });
});

describe('the Qiscus client SDK', () => {
  beforeAll(async () => {
    const there = qiscusClient(apps.there.made);
    for (const unique_id of CHANNELS_THERE) await there.post('get_or_create_channel', { unique_id });
    const { comments } = await there.get('load_comments', { room_id: apps.there.group.number });
    COMMENT_THERE.id = comments[0].id;
  });

  const routes = sdk.SDK_ROUTES.filter(({ operation }) => !sdk.MADE_FIRST.has(operation));
  const places = qiscusPlaces(routes).map(
    (place) => [`${place.route.method} ${place.route.operation} ${place.at}`, place] as const,
  );
  test.each(sampled(places))('%s: a foreign name is like a missing one', async (_, place) => {
    const { route, kind } = place;
    const about = known();
    await expectAlike(qiscusForms(apps, kind, about), async (value) =>
      qiscus.withoutNews(
        await sdk.send(route, place.put(sdk.callOf(route, about), value), about.place, about.member),
      ),
    );
    const own = await fresh();
    const answer = await sdk.send(route, sdk.callOf(route, own), own.place, own.member);
    expect(answer, 'a name of its own').toMatchObject({ status: 200 });
  });

  test("another app's token is no token", async () => {
    const { here, there } = apps;
    const token = await sdk.tokenOf(there, there.ann);
    for (const route of sdk.SDK_ROUTES.filter(({ by }) => by === 'token')) {
      const by = { 'qiscus-sdk-app-id': here.slug, 'qiscus-sdk-token': token };
      const answer = await qiscus.send(route, {}, here, { by });
      expect([route.operation, answer.status]).toEqual([route.operation, 401]);
    }
  });
});

describe('the forum', () => {
  const cookies = new Map<string, string>();
  beforeAll(async () => {
    const { here } = apps;
    for (const person of [here.ann, here.dan, here.eve, here.agent]) {
      cookies.set(person.username, await tapatalk.signIn(here, person));
    }
  });

  const uploadOf = async (person: Person): Promise<string> => {
    const { url } = apps.here.made.tapatalk;
    const form = formOf(png(1, 1));
    return (await sendForm(url, cookies.get(person.username) ?? null, form)).attachment_id;
  };
  const places = namePlaces().map((place) => [`${place.method} ${place.at}`, place] as const);
  const call = (by: string, place: (typeof places)[number][1], about: About, value?: string) => {
    const method = tapatalk.METHODS.get(place.method) as Parameters<typeof tapatalk.paramsOf>[1];
    const params = tapatalk.paramsOf(place.method, method, about);
    if (value !== undefined) params[place.index] = valueAt(place, value, about.place);
    return tapatalk.send(about.place.made.tapatalk.url, cookies.get(by) ?? null, place.method, params);
  };

  test.each(sampled(places))('%s: a foreign name is like a missing one', async (_, place) => {
    const about = known();
    const { ann, dan, eve } = about.place;
    await expectAlike(
      forumForms(apps, place.kind, about.talk),
      (value) => call(ann.username, place, about, value),
      // Of a list, each is named.
      (value) => value.split(','),
    );
    // What dan has said, only somebody else can report.
    const by = place.method === 'report_pm' ? eve : dan;
    const own = { ...(await fresh()), ...(place.kind === 'upload' && { upload: await uploadOf(dan) }) };
    expect(await call(by.username, place, own), 'a name of its own').toSatisfy(tapatalk.succeeded);
  });

  test.each(sampled(places))('%s: a foreign name is like a missing one, in JSON too', async (_, place) => {
    const about = known();
    const url = about.place.made.tapatalk.url;
    const method = tapatalk.METHODS.get(place.method) as Parameters<typeof tapatalk.paramsOf>[1];
    await expectAlike(
      forumForms(apps, place.kind, about.talk),
      (value) => {
        const params = tapatalk.paramsOf(place.method, method, about);
        params[place.index] = valueAt(place, value, about.place);
        const cookie = cookies.get(about.place.ann.username) ?? null;
        return tapatalk.sendNamed(url, cookie, place.method, tapatalk.fieldsOf(method, params));
      },
      (value) => value.split(','),
    );
  });

  const ofTalks = places.filter(([, { kind }]) => kind.startsWith('conversation'));
  test.each(ofTalks)("%s: an agent's right to all support ends with the app", async (_, place) => {
    const { here } = apps;
    const about = { ...known(), talk: here.support, member: here.agent };
    const forms = forumForms(apps, place.kind, about.talk);
    await expectAlike(
      forms,
      (value) => call(here.agent.username, place, about, value),
      (value) => value.split(','),
    );
  });

  test('a message and its conversation, both foreign, are like both missing', async () => {
    const { here, there } = apps;
    const pairs = {
      nowhere: [900_000_003, 900_000_003 * 2 ** 21 + 2],
      'in the other app': [there.group.number, there.group.message.number],
      'where she is not': [here.others.number, here.others.message.number],
    };
    const cookie = cookies.get(here.ann.username) ?? null;
    await expectAlike(
      [Object.fromEntries(Object.entries(pairs).map(([what, ids]) => [what, ids.join()]))],
      (ids) =>
        tapatalk.send(
          here.made.tapatalk.url,
          cookie,
          'get_quote_conversation',
          ids.split(',').map(tapatalk.id),
        ),
    );
  });

  const appForms = () =>
    operatorForms(apps, { kind: 'app', at: 'slug', in: 'path', route: operator.ROUTES[0] as never });
  const withSlug = tapatalk.ROUTES.filter(({ path }) => path.includes(':slug'));
  const inXml = withSlug.filter(({ operation }) => operation === 'call');
  const inForms = withSlug.filter(({ operation }) => operation === 'form');
  test.each(inForms)('$path: a deleted app is like none', async ({ path }) => {
    const at = (slug: string) => `${hub.url}${path.replace(':slug', encodeURIComponent(slug))}`;
    const ask = async (slug: string): Promise<Answer> => {
      const { status, signedIn, ...body } = await sendForm(at(slug), null, formOf('x'));
      return { status, headers: { signedIn: String(signedIn) }, body };
    };
    await expectAlike(appForms(), ask);
    expect((await ask(apps.here.slug)).body, 'its own slug').toMatchObject({ result_reason: 1 });
  });

  const inJson = withSlug.filter(({ operation }) => operation === 'namedCall');
  test.each(inXml)('$path: a deleted app is like none', async ({ path }) => {
    const { here } = apps;
    const at = (slug: string) => `${hub.url}${path.replace(':slug', encodeURIComponent(slug))}`;
    await expectAlike(appForms(), (slug) => tapatalk.send(at(slug), null, 'get_config', []));
    const config = await tapatalk.send(at(here.slug), null, 'get_config', []);
    expect(config.body, 'its own slug').toMatchObject({ is_open: true });
  });

  test.each(inJson)('$method $path: a deleted app is like none', async ({ method, path }) => {
    const at = (slug: string) => `${hub.url}${path.replace(':slug', encodeURIComponent(slug))}`;
    const ask = async (slug: string): Promise<Answer> => {
      const response = await fetch(`${at(slug)}?method_name=get_config`, { method });
      return { status: response.status, headers: {}, body: await response.json() };
    };
    await expectAlike(appForms(), ask);
    expect((await ask(apps.here.slug)).body, 'its own slug').toMatchObject({ is_open: true });
  });
});

describe('realtime', () => {
  const sockets = new Map<string, RealtimeSocket>();
  const open = async (place: Place, username: string): Promise<RealtimeSocket> => {
    const token = await realtime.tokenFor(hub, place.slug, username);
    const socket = new RealtimeSocket(place.made.realtime.url, ['parlance.v1', `token.${token}`]);
    await socket.next('hello');
    return socket;
  };
  beforeAll(async () => {
    const { here, there } = apps;
    for (const { username } of [here.ann, here.dan]) sockets.set(username, await open(here, username));
    sockets.set(there.ann.username, await open(there, there.ann.username));
  });
  afterAll(() => Promise.all([...sockets.values()].map((socket) => socket.close())));

  const ask = async (by: string, frame: Json): Promise<Answer> => {
    const { ref: _, ...body } = await (sockets.get(by) as RealtimeSocket).ask(frame);
    return { status: 0, headers: {}, body };
  };

  test.each(framePlaces())('$t $at: a foreign id is like a missing one', async (place) => {
    const { t, kind } = place;
    const about = known();
    const { ann, dan } = about.place;
    await expectAlike(
      frameForms(apps, kind, about.talk),
      (value) => ask(ann.username, withValue(realtime.frameOf(t, about), place, value)),
      // Which conversation the frame was about comes back.
      () => [String(about.talk.number)],
    );
    const works = realtime.frameOf(t, await fresh());
    expect((await ask(dan.username, works)).body, 'an id of its own').toMatchObject({ t: 'ack' });
  });

  test.each(realtime.FRAME_KINDS)('$t: nothing of it reaches into the other app', async ({ t }) => {
    const { here, there } = apps;
    const frames = {
      nowhere: { c: '900000003', id: String(900_000_003 * 2 ** 21 + 2) },
      'in the other app': { c: String(here.group.number), id: String(here.group.message.number) },
    };
    await expectAlike([{ nowhere: 'nowhere', 'in the other app': 'in the other app' }], async (what) => {
      const ids = frames[what as keyof typeof frames];
      const { fields } = realtime.FRAME_KINDS.find((kind) => kind.t === t) as realtime.FrameKind;
      const put = Object.fromEntries(Object.entries(ids).filter(([name]) => fields.includes(name)));
      const answer = await ask(there.ann.username, { ...realtime.frameOf(t, known()), ...put });
      return { ...answer, body: { ...answer.body, c: '<given>' } };
    });
  });

  test('a socket of one conversation opens for its members alone', async () => {
    const { here } = apps;
    const token = await realtime.tokenFor(hub, here.slug, here.ann.username);
    const attach = (c: string) =>
      realtime.upgrade(hub, `/realtime/c/${encodeURIComponent(c)}`, ['parlance.v1', `token.${token}`]);
    await expectAlike(frameForms(apps, 'conversation', here.group), attach);
    expect(await attach(String(here.group.number)), 'one that she is in').toMatchObject({ status: 101 });
  });

  test('who asked in vain hears nothing of what is said there', async () => {
    const { here, there, ids } = apps;
    const deaf = sockets.get(here.ann.username) as RealtimeSocket;
    for (const talk of [here.others, there.group, there.support]) {
      expect(await ask(here.ann.username, { t: 'subscribe', c: String(talk.number) })).toMatchObject({
        body: { t: 'error', code: 'not_found' },
      });
    }
    await ask(here.ann.username, { t: 'subscribe' });
    // A conversation of the same people, so that both sockets' Inbox has delivered when it is heard of.
    const heard = await openTalk(here.made, ids, [here.ben, here.ann]);
    await deaf.event(heard.number, 2);
    const others = deaf.frames.filter(({ c }) => c !== undefined && Number(c) !== heard.number);
    const events = others.filter(({ t }) => t === 'events' || t === 'typing' || t === 'presence');
    expect(events.filter(({ c }) => Number(c) !== here.group.number)).toEqual([]);
  });
});

describe('the operator', () => {
  const freshApp = async (route: operator.Route): Promise<operator.About> => {
    const made = await hub.createApp();
    const user = await hub.createUser(made.app.slug, { username: 'somebody' });
    const people = [{ ...user, password: '', email: '', displayName: '' }] as const;
    const talk = await openTalk(made, apps.ids, people);
    const hubs = await operator.hubsOwn(hub, route, made.app.slug, talk.number);
    // What an endpoint is told first.
    if (hubs.delivery) await openTalk(made, apps.ids, people);
    return { slug: made.app.slug, username: user.username, number: talk.number, ...hubs };
  };

  const places = operatorPlaces().map(
    (place) => [`${operator.nameOf(place.route)} ${place.at}`, place] as const,
  );
  test.each(sampled(places))('%s: a foreign name is like a missing one', async (_, place) => {
    const { here } = apps;
    const { route, at } = place;
    const { body, success } = operator.operationOf(route);
    const endpoint = apps.ids.parseHex('webhook', here.desk.webhookId) as number;
    const people = { slug: here.slug, username: here.ann.username, number: here.group.number };
    const links = { hook: here.hook, bridge: here.bridge, copy: 1 };
    const about = { ...people, key: 'none', endpoint, delivery: 1, ...links };
    await expectAlike(operatorForms(apps, place), async (value) => {
      const params = operator.paramsOf(route, about);
      const sent = body?.of(about);
      if (place.in === 'path') params[at] = value;
      else sent[at] = namedBy(place, value);
      const answer = await operator.send(hub, route, params, sent);
      if (place.kind !== 'new person') return answer;
      // Who is new has numbers and names of their own.
      return answer.body.user ? { ...answer, body: Object.keys(answer.body.user) } : answer;
    });
    const own = await freshApp(route);
    const answer = await operator.send(hub, route, operator.paramsOf(route, own), body?.of(own));
    expect(answer, 'a name of its own').toMatchObject({ status: success });
  });
});

test('the other app is as it was', async () => {
  // More than once: an answer leaves out whose devices somebody has where that takes too long.
  await expect.poll(() => lookOf(apps.there), { timeout: 60_000 }).toEqual(thereBefore);
});
