// People by the thousand: what a line overwrites, where the first bad one stops it, what it costs, and what becomes of
// the passwords and tokens of those it changes.
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { BadLine, Refused } from '../../src/domain/errors.ts';
import type { Env } from '../../src/env.ts';
import { appByNumber } from '../../src/hub/apps.ts';
import { hubOf } from '../../src/hub/context.ts';
import { type ImportedPerson, importPeople } from '../../src/hub/import-people.ts';
import { hashesMade, sha1Hex } from '../../src/hub/passwords.ts';
import { createUser, userByExternalId } from '../../src/hub/people.ts';
import { issueToken, verifyToken } from '../../src/hub/sessions.ts';
import { signIn, signInSha1 } from '../../src/hub/sign-in.ts';
import { d1, makeApp } from '../conversation/harness.ts';
import { meteredD1 } from '../conversation/meter.ts';

const deferred: Promise<unknown>[] = [];
const metered = meteredD1();
const hub = hubOf({ ...(env as unknown as Env), DB: metered.db } as Env, 'http://hub.test', (work) => {
  deferred.push(work);
});
const newApp = async () => appByNumber(hub, await makeApp());
type App = Awaited<ReturnType<typeof newApp>>;

/** Imports the people, a line each; how it ended, and what was counted. */
async function run(app: App, people: readonly ImportedPerson[], chars = 100) {
  async function* lines() {
    for (const [index, value] of people.entries()) yield { line: index + 1, chars, value };
  }
  const steps: number[] = [];
  let counts: Readonly<Record<string, number>> = {};
  try {
    for (const progress = importPeople(hub, app, lines()); ; ) {
      const { done, value } = await progress.next();
      if (done) return { counts, steps, next: value, bad: null };
      steps.push(value.line);
      counts = value.counts;
    }
  } catch (error) {
    if (!(error instanceof BadLine)) throw error;
    const { refusal, line } = error;
    const fields = 'fields' in refusal ? refusal.fields?.map(({ path }) => path) : [];
    return { counts, steps, next: null, bad: { line, code: refusal.code, fields } };
  }
}

const crowd = (count: number, more: Partial<ImportedPerson> = {}): ImportedPerson[] =>
  Array.from({ length: count }, (_, i) => ({
    externalId: `u${i}`,
    username: `User ${i}`,
    email: `u${i}@example.org`,
    ...more,
  }));

const countOf = async (app: App) =>
  (await d1.prepare('SELECT count(*) AS n FROM user WHERE app = ?1').bind(app.number).first<{ n: number }>())
    ?.n;
const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'fine',
    (error: unknown) => (error instanceof Refused ? error.refusal.code : error),
  );

test('what a line says overwrites, what it does not say stays, and null unsets', async () => {
  const app = await newApp();
  const whole = {
    externalId: '7',
    username: 'Ann',
    email: 'ann@example.org',
    name: 'Ann A.',
    avatar: 'https://example.org/a.png',
    locale: 'en',
    role: 'member' as const,
    metadata: { posts: 5, from: { city: 'Oslo' } },
    createdAt: 1_000,
  };
  expect((await run(app, [whole])).counts).toEqual({ created: 1, updated: 0, unchanged: 0 });
  const { createdAt, ...told } = whole;
  expect(await userByExternalId(hub, app, '7')).toMatchObject({ ...told, createdAt, hasPassword: false });
  expect((await run(app, [{ externalId: '7' }, whole])).counts).toMatchObject({ created: 0, unchanged: 2 });
  expect((await run(app, [{ externalId: '7', email: null, username: 'Anna' }])).counts.updated).toBe(1);
  expect(await userByExternalId(hub, app, '7')).toMatchObject({ ...told, username: 'Anna', email: null });
  // The names that she gave up are free, also for somebody in the same lines.
  const given = [
    { externalId: '7', username: 'Anne' },
    { externalId: '8', username: 'ANNA', email: 'Ann@Example.org' },
  ];
  expect((await run(app, given)).counts).toEqual({ created: 1, updated: 1, unchanged: 0 });
});

test('a line again and again in one file is done in order', async () => {
  const app = await newApp();
  const twice = ['A', 'B', 'C'].map((username) => ({ externalId: '1', username }));
  expect((await run(app, twice)).counts).toEqual({ created: 1, updated: 2, unchanged: 0 });
  expect((await userByExternalId(hub, app, '1')).username).toBe('C');
});

test.each([0, 1, 499, 500, 777, 1_199])(
  'line %i with a taken name is named; all before it are there, none after',
  async (at) => {
    const app = await newApp();
    await createUser(hub, app, { externalId: 'owner', username: 'Taken', email: 'taken@example.org' });
    const people = crowd(1_200);
    const put = (bad: ImportedPerson) => people.with(at, bad);
    for (const [bad, field] of [
      [{ externalId: 'x', username: 'taken' }, 'username'],
      [{ externalId: 'x', username: 'fine', email: 'TAKEN@example.org' }, 'email'],
    ] as const) {
      const { bad: found } = await run(app, put(bad));
      expect(found).toEqual({ line: at + 1, code: 'conflict', fields: [field] });
      expect(await countOf(app)).toBe(at + 1);
    }
    expect(await run(app, put({ externalId: 'x' }))).toMatchObject({
      bad: { line: at + 1, code: 'invalid', fields: ['username'] },
      counts: at === 0 ? {} : { created: 0, unchanged: at },
    });
  },
);

test('a name twice in one file: the second line is the bad one', async () => {
  const app = await newApp();
  const people = crowd(600).with(598, { externalId: 'x', username: 'USER 3' });
  expect((await run(app, people)).bad).toEqual({ line: 599, code: 'conflict', fields: ['username'] });
});

test('500 lines are one batch of two statements, three where they say roles; lines that say what is so write nothing', async () => {
  const app = await newApp();
  const { meter } = metered;
  meter.reset();
  const { steps } = await run(app, crowd(1_000));
  expect(steps).toEqual([500, 1_000]);
  expect(meter.statements).toHaveLength(4);
  // The row and four index entries each, and the counter of numbers.
  expect(meter.written).toBeLessThanOrEqual(5 * 1_000 + 2);
  meter.reset();
  expect((await run(app, crowd(1_000))).counts.unchanged).toBe(1_000);
  expect(meter.written).toBe(0);
  const read = meter.read;
  meter.reset();
  await run(app, crowd(500, { role: 'member' }));
  expect([meter.statements.length, meter.written]).toEqual([3, 0]);
  expect(read).toBeLessThanOrEqual(15 * 1_000);
  // As much among twenty times as many.
  await run(app, crowd(20_000));
  meter.reset();
  await run(app, crowd(1_000));
  expect(Math.abs(meter.read - read)).toBeLessThanOrEqual(10);
});

test('a call ends after so many groups as a Worker may ask D1 about, and says where to go on', async () => {
  const app = await newApp();
  const { meter } = metered;
  meter.reset();
  // A person again in every other line: groups of one or two.
  const people = crowd(500).flatMap((person) => [person, { externalId: 'same', username: 'same' }]);
  const { next, counts } = await run(app, people);
  expect(meter.statements.length).toBeLessThanOrEqual(800);
  expect(next).toBeGreaterThan(200);
  expect(Object.values(counts).reduce((sum, n) => sum + n)).toBe((next as number) - 1);
  const large = await run(app, crowd(30), 200_000);
  expect(large.steps).toEqual(Array.from({ length: 15 }, (_, i) => 2 * (i + 1)));
});

test('another role ends the tokens of the old one; everything else ends none', async () => {
  const app = await newApp();
  await run(app, crowd(3));
  const user = await userByExternalId(hub, app, 'u1');
  const { token } = await issueToken(hub, user, 'realtime');
  await run(app, [{ externalId: 'u1', name: 'Another', role: 'member', passwordHash: null }]);
  expect(await codeOf(verifyToken(hub, token, 'realtime'))).toBe('fine');
  await run(app, [{ externalId: 'u1', role: 'agent' }]);
  expect(await codeOf(verifyToken(hub, token, 'realtime'))).toBe('unauthorized');
  const agent = await userByExternalId(hub, app, 'u1');
  const again = await issueToken(hub, agent, 'realtime');
  expect((await verifyToken(hub, again.token, 'realtime')).caller.powers).toBe('team');
});

test("another system's hash lets its owner in, is replaced by the hub's own, and by SHA-1 only then", async () => {
  const app = await newApp();
  const hashes = {
    bcrypt: ['correct horse', '$2y$05$d9itSgBkD/jUZwVCEgOzxevnn6z90YmpQ0OczoOKGZOMFGouBUuBW'],
    phpass: ['test12345', '$P$9IQRaTwmfeRo7ud9Fh4E2PdI0S3r.L0'],
  } as const;
  for (const [username, [password, passwordHash]] of Object.entries(hashes)) {
    await run(app, [{ externalId: `x-${username}`, username, passwordHash }]);
    const stored = () =>
      d1
        .prepare('SELECT password FROM user WHERE app = ?1 AND username = ?2')
        .bind(app.number, username)
        .first('password');
    expect(await codeOf(signInSha1(hub, app, username, sha1Hex(password)))).toBe('forbidden');
    expect(await codeOf(signIn(hub, app, username, `${password}!`))).toBe('unauthorized');
    expect(await stored()).toBe(passwordHash);

    const before = hashesMade();
    expect(await codeOf(signIn(hub, app, username, password))).toBe('fine');
    await Promise.all(deferred);
    expect(hashesMade() - before).toBe(2);
    expect(await stored()).toMatch(/^scrypt\$/);
    for (const way of [
      signIn(hub, app, username, password),
      signInSha1(hub, app, username, sha1Hex(password)),
    ])
      expect(await codeOf(way)).toBe('fine');
    expect(await codeOf(signIn(hub, app, username, `${password}!`))).toBe('unauthorized');
  }
});
