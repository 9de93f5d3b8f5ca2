// Whatever a door refuses, it refuses in the right form, tells nothing of its inside, and changes nothing: all that is
// stored is the same before and after (DESIGN.md 6). The calls come from the route tables; what each is, is beside this
// file in refusals/.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { HUB_SECRET } from '../support/prepared.ts';
import { RealtimeSocket } from '../support/realtime.ts';
import { sampled } from '../support/sampled.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { type Dump, dumpOf, hasRung } from '../support/storage.ts';
import { openTalk, type Person, type Place, twoApps } from '../support/two-apps.ts';
import type { Json } from './calls/answer.ts';
import { SAMPLE_RECEIVER } from './calls/operator.ts';
import { frameOf, tokenFor } from './calls/realtime.ts';
import { signIn } from './calls/tapatalk.ts';
import type { Attempt, Scene } from './refusals/attempt.ts';
import { operatorAttempts, operatorRefusals } from './refusals/operator.ts';
import { ppmessageAttempts, ppmessageRefusals } from './refusals/ppmessage.ts';
import { qiscusAttempts, qiscusRefusals } from './refusals/qiscus.ts';
import { frameAttempts, frameRefusals, upgradeRefusals } from './refusals/realtime.ts';
import { sunshineAttempts, sunshineRefusals } from './refusals/sunshine.ts';
import { forumAttempts, forumRefusals } from './refusals/tapatalk.ts';
import { twinAttempts, twinRefusals } from './refusals/tapatalk-json.ts';

const ADMIN_TOKEN = 'the-admin-token-of-a-test-of-refusals';

let server: TestHub;
let scene: Scene;
let before: Dump;
/** What must never be in an answer or in a line of the log. */
let secrets: string[];
const sockets = new Map<Person, RealtimeSocket>();

beforeAll(async () => {
  server = await startTestHub({ env: { ADMIN_TOKEN, ...SAMPLE_RECEIVER } });
  scene = await makeScene();
  await wake();
  // Once more from the disk: what a start does to the objects that it wakes is done when the first look is taken.
  await restartAndWake();
  await server.pause();
  before = dumpOf(server.dataDir);
  await restartAndWake();
  const { here } = scene;
  for (const person of [here.ann, here.ben, here.cat]) sockets.set(person, await openSocket(here, person));
});
afterAll(async () => {
  for (const socket of sockets.values()) socket.socket.terminate();
  await server?.stop();
});

async function makeScene(): Promise<Scene> {
  const apps = await twoApps(server);
  const { here, there } = apps;
  const locked = await openTalk(here.made, apps.ids, [here.ann, here.ben]);
  await operate('PATCH', `/apps/${here.slug}/conversations/${locked.number}`, { locked: true });
  await operate('PATCH', `/apps/${there.slug}`, { hosts: ['taken.example.org'] });
  const about = { place: here, talk: here.group, member: here.ann, guest: here.fay };
  const socket = await openSocket(here, here.ann);
  await socket.ask({ ...frameOf('send', about), clientId: 'taken' });
  await socket.close();
  const cookies = new Map<Person, string>();
  const tokens = new Map<Person, string>();
  for (const person of [here.ann, here.cat]) {
    cookies.set(person, await signIn(here, person));
    tokens.set(person, await tokenFor(server, here.slug, person.username));
  }
  secrets = [ADMIN_TOKEN, HUB_SECRET, ...[here, there].flatMap(secretsOf), ...tokens.values()];
  for (const cookie of cookies.values()) secrets.push(cookie.split('=')[1] as string);
  const socketOf = (person: Person) => sockets.get(person) as RealtimeSocket;
  return { server, apps, about, locked, cookies, tokens, socketOf, here };
}

const secretsOf = ({ made, ann, ben, cat, agent }: Place): string[] => [
  made.sunshine.secret,
  made.qiscus.secret,
  made.ppmessage.ppcom.apiSecret,
  made.ppmessage.ppkefu.apiSecret,
  ...[ann, ben, cat, agent].map(({ password }) => password),
];

/** What callers send instead: it is somebody's secret too, with one letter wrong. */
const WRONG_SECRETS = ['a-wrong-secret-of-a-test', 'a-wrong-token-of-a-test', 'a wrong password of a test'];

async function operate(method: string, path: string, body?: object): Promise<unknown> {
  const reply = await fetch(`${server.url}/admin${path}`, {
    method,
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`);
  return reply.json();
}

/**
 * Every conversation, bridge and endpoint is awake, the directory has everything that it is to have, and nothing is on its way
 * to an endpoint: while something is, an alarm is set that would ring among the tests.
 */
async function restartAndWake(): Promise<void> {
  await server.pause();
  await server.resume();
  await wake();
}

async function wake(): Promise<void> {
  const { here, there } = scene.apps;
  for (const place of [here, there]) {
    const talks = [place.group, place.others, place.support, ...(place === here ? [scene.locked] : [])];
    for (const { number } of talks) await indexed(place.slug, number);
    await operate('GET', `/apps/${place.slug}/bridges/${place.bridge}`);
    const { endpoints } = (await operate('GET', `/apps/${place.slug}/endpoints`)) as Json;
    expect(endpoints.length).toBeGreaterThan(2);
    for (const { number } of endpoints) await tried(place.slug, number);
  }
}

async function tried(slug: string, endpoint: number): Promise<void> {
  await until(`endpoint ${endpoint} has had its deliveries`, async () => {
    const page = (await operate('GET', `/apps/${slug}/endpoints/${endpoint}/deliveries`)) as Json;
    return page.deliveries.every(({ attempts }: Json) => attempts > 0);
  });
}

async function indexed(slug: string, number: number): Promise<void> {
  await until(`conversation ${number} is in the directory`, async () => {
    const lag = (await operate('GET', `/apps/${slug}/conversations/${number}/lag`)) as Record<string, number>;
    return lag.indexed === lag.lastSeq;
  });
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 1_000; tries++) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`it never came to be that ${what}`);
}

async function openSocket(place: Place, person: Person): Promise<RealtimeSocket> {
  const token = await tokenFor(server, place.slug, person.username);
  const socket = new RealtimeSocket(place.made.realtime.url, ['parlance.v1', `token.${token}`]);
  await socket.next('hello');
  secrets?.push(token);
  return socket;
}

/** Signs of a fault of ours: SQL, a stack, a path. */
const INSIDE =
  /SQLITE|D1_ERROR|\bSELECT\b|INSERT INTO|^\s+at \S+|\bat async\b|node_modules|\.ts:\d|\/src\/|index\.js:\d/m;

describe.each([
  ['Sunshine', sunshineAttempts, sunshineRefusals],
  ['the forum', forumAttempts, forumRefusals],
  ['the forum in JSON', twinAttempts, twinRefusals],
  ['Qiscus', qiscusAttempts, qiscusRefusals],
  ['PPMessage', ppmessageAttempts, ppmessageRefusals],
  ['the operator API', operatorAttempts, operatorRefusals],
  ['realtime frames', frameAttempts, frameRefusals],
  ['realtime upgrades', [], upgradeRefusals],
] satisfies [string, readonly Attempt[], readonly Attempt[]][])('%s', (_, generated, further) => {
  const attempts = [...generated, ...further].map((attempt) => [attempt.name, attempt] as const);
  test.each(sampled(attempts))('%s', async (_, { make, refusal }) => {
    const answer = await make(scene);
    expect(answer).toEqual(refusal);
    const said = JSON.stringify(answer);
    expect(said).not.toMatch(INSIDE);
    for (const secret of [...secrets, ...WRONG_SECRETS]) expect(said).not.toContain(secret);
  });
});

test('an address of no door says that nothing is there', async () => {
  for (const path of ['/nothing', '/v3/apps', '/health/x', '/forum/demo', '/adminx', '//', '/%ff']) {
    const answer = await fetch(`${server.url}${path}`);
    expect([path, answer.status, await answer.json()]).toEqual([
      path,
      404,
      { error: { code: 'not_found', message: 'Not found' } },
    ]);
  }
});

test('afterwards all that is stored is as it was, and the log tells no secret and nothing of the inside', async () => {
  for (const socket of sockets.values()) await socket.close();
  await server.pause();
  const after = dumpOf(server.dataDir);
  expect(Object.keys(after)).toEqual(Object.keys(before));
  for (const [table, rows] of Object.entries(before))
    if (!hasRung(table, rows, after[table])) expect([table, after[table]]).toEqual([table, rows]);
  expect(Object.values(before).flat().length).toBeGreaterThan(100);

  const log = server.printed();
  expect(log).not.toMatch(INSIDE);
  for (const secret of [...secrets, ...WRONG_SECRETS]) expect(log).not.toContain(secret);
});
