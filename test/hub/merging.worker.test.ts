// Two people of an app become one: what D1 decides, what moves with the account, and that every conversation follows,
// also after a break.
import { expect, test } from 'vitest';
import type { ConversationNumber, UserNumber } from '../../src/domain/ids.ts';
import { mergeMetadata } from '../../src/domain/merging.ts';
import type { JsonObject } from '../../src/domain/model.ts';
import { appByNumber, appCaller, userCaller } from '../../src/hub/apps.ts';
import { type App, hubOf, type User } from '../../src/hub/context.ts';
import { openConversation, viewConversation } from '../../src/hub/conversations.ts';
import { erasePerson } from '../../src/hub/erasing.ts';
import { mergePeople, sweepMerges } from '../../src/hub/merging.ts';
import { createUser, updateUser, userByExternalId, userByNumber } from '../../src/hub/people.ts';
import { bindings, d1, draft, fresh, makeApp } from '../conversation/harness.ts';

const deferred: Promise<unknown>[] = [];
const hub = hubOf(bindings, 'https://hub.example', (work) => void deferred.push(work));
const LATER_MS = 16 * 60_000;

const newApp = async () => appByNumber(hub, await makeApp());
const person = (app: App, more: object = {}) =>
  createUser(hub, app, { username: fresh('p'), externalId: fresh('x'), ...more });
const open = async (app: App, by: User, members: User[], kind: 'direct' | 'group' = 'group') =>
  (
    await openConversation(hub, userCaller(app, by, 'tapatalk'), {
      kind,
      members: members.map(({ number }) => number),
      first: draft(`hello of ${by.username}`),
    })
  ).view.facts.number;
const inside = async (app: App, c: ConversationNumber) => {
  const { facts, members, lastMessage } = await viewConversation(hub, appCaller(app, 'operator'), c);
  const active = members.filter(({ standing }) => standing === 'active').map(({ user }) => user);
  return {
    kind: facts.kind,
    defaultOf: facts.defaultOf,
    creator: facts.creator,
    active: active.sort((a, b) => a - b),
    author: lastMessage?.author,
  };
};
const rowOf = (c: ConversationNumber) =>
  d1.prepare('SELECT kind, pair, default_of FROM conversation WHERE number = ?1').bind(c).first();
const userRow = (user: UserNumber) =>
  d1.prepare('SELECT * FROM user WHERE number = ?1').bind(user).first<Record<string, unknown>>();
const pairOf = (a: User, b: User) => [a.number, b.number].sort((x, y) => x - y).join(':');

test('what the survivor has wins, the other fills what is missing; nobody can be the other any more', async () => {
  const app = await newApp();
  const [ann, far] = [await person(app), await person(app)];
  const gone = await person(app, {
    name: 'Gone',
    email: `${fresh('g')}@example.com`,
    avatar: 'https://a.example/g.png',
    locale: 'fr',
    metadata: { both: 'theirs', own: 1 },
    profile: { surname: 'G', zendeskId: fresh('z') },
  });
  const into = await person(app, { locale: 'de', metadata: { both: 'mine' }, profile: { givenName: 'S' } });
  await d1.batch([
    d1
      .prepare('UPDATE user SET blocked = ?2 WHERE number = ?1')
      .bind(gone.number, `[${far.number},${into.number}]`),
    d1
      .prepare('UPDATE user SET blocked = ?2 WHERE number = ?1')
      .bind(ann.number, `[${gone.number},${far.number}]`),
    d1
      .prepare(
        "INSERT INTO device (app, user, platform, client_id, info, created_at, last_seen_at) VALUES (?1, ?2, 'web', 'd', '{}', 1, 1)",
      )
      .bind(app.number, gone.number),
  ]);
  expect(await mergePeople(hub, app, gone, into)).toBe(true);
  const now = await userByNumber(hub, app, into.number);
  expect(now).toMatchObject({
    externalId: into.externalId,
    username: into.username,
    email: gone.email,
    avatar: gone.avatar,
    locale: 'de',
    metadata: { both: 'mine', own: 1 },
    profile: { givenName: 'S', surname: 'G' },
    blocked: [far.number],
    tokenVersion: into.tokenVersion,
  });
  expect((await userRow(ann.number))?.blocked).toBe(`[${into.number},${far.number}]`);
  expect((await d1.prepare('SELECT user FROM device WHERE app = ?1').bind(app.number).first())?.user).toBe(
    into.number,
  );
  const row = await userRow(gone.number);
  expect(row).toMatchObject({
    external_id: null,
    username_key: null,
    email_key: null,
    profile: '{}',
    merged_into: into.number,
  });
  expect(row?.token_version).toBe(gone.tokenVersion + 1);
  for (const asked of [userByNumber(hub, app, gone.number), userByExternalId(hub, app, gone.externalId)])
    await expect(asked).rejects.toMatchObject({ refusal: { code: 'not_found' } });
  // Their external id is free, and somebody new.
  expect((await person(app, { externalId: gone.externalId })).number).not.toBe(into.number);
});

test('metadata that does not fit is left out, whole keys at a time', () => {
  const big = 'ü'.repeat(1_500);
  const { metadata, discarded } = mergeMetadata({ a: big }, { a: 1, b: big, c: 'small' } as JsonObject);
  expect([Object.keys(metadata), Object.keys(discarded)]).toEqual([['a', 'c'], ['b']]);
});

test('of two direct conversations with one person the survivor stays the pair, the other is a group; so is their own', async () => {
  const app = await newApp();
  const [gone, into, xen, yan] = await Promise.all([person(app), person(app), person(app), person(app)]);
  const [theirs, mine] = [await open(app, gone, [xen], 'direct'), await open(app, into, [xen], 'direct')];
  const [only, own] = [await open(app, gone, [yan], 'direct'), await open(app, gone, [into], 'direct')];
  await mergePeople(hub, app, gone, into);
  const two = (other: User) => [into.number, other.number].sort((a, b) => a - b);
  expect(await inside(app, theirs)).toMatchObject({
    kind: 'group',
    active: two(xen),
    author: into.number,
    creator: into.number,
  });
  expect(await inside(app, mine)).toMatchObject({ kind: 'direct', active: two(xen) });
  expect(await inside(app, only)).toMatchObject({ kind: 'direct', active: two(yan), author: into.number });
  expect(await inside(app, own)).toMatchObject({ kind: 'group', active: [into.number] });
  expect(await Promise.all([theirs, mine, only, own].map(rowOf))).toMatchObject([
    { kind: 'group', pair: null },
    { kind: 'direct', pair: pairOf(into, xen) },
    { kind: 'direct', pair: pairOf(into, yan) },
    { kind: 'group', pair: null },
  ]);
  expect(await open(app, yan, [into], 'direct')).toBe(only);
  expect(await open(app, xen, [into], 'direct')).toBe(mine);
});

test("exactly one default conversation stays: the survivor's, else the other's", async () => {
  const app = await newApp();
  const support = async (user: User) =>
    (
      await openConversation(hub, appCaller(app, 'sunshine'), {
        kind: 'support',
        members: [user.number],
      })
    ).view.facts.number;
  const [a, b, c] = await Promise.all([person(app), person(app), person(app)]);
  const [ofA, ofB] = [await support(a), await support(b)];
  await mergePeople(hub, app, a, c);
  expect([(await inside(app, ofA)).defaultOf, (await rowOf(ofA))?.default_of]).toEqual([c.number, c.number]);
  await mergePeople(hub, app, c, b);
  expect([(await inside(app, ofA)).defaultOf, (await rowOf(ofA))?.default_of]).toEqual([null, null]);
  expect([(await inside(app, ofB)).defaultOf, (await inside(app, ofB)).active]).toEqual([
    b.number,
    [b.number],
  ]);
  expect((await inside(app, ofA)).active).toEqual([b.number]);
});

test('each into the other at once is one merge; the same twice is one', async () => {
  const app = await newApp();
  for (const pick of [(a: User, b: User) => [b, a], (a: User, b: User) => [a, b]] as const) {
    const [a, b, c] = [await person(app), await person(app), await person(app)];
    const [ofA, ofB] = [await open(app, a, [c]), await open(app, b, [c])];
    const [from, into] = pick(a, b) as [User, User];
    const done = await Promise.all([mergePeople(hub, app, a, b), mergePeople(hub, app, from, into)]);
    expect(done.filter(Boolean)).toHaveLength(1);
    const rows = await Promise.all([userRow(a.number), userRow(b.number)]);
    const left = rows.find((row) => row?.deleted_at === null);
    expect(rows.filter((row) => row?.deleted_at === null)).toHaveLength(1);
    for (const c1 of [ofA, ofB]) expect((await inside(app, c1)).active).toContain(left?.number);
  }
});

test('beyond the first 50 conversations the rest follows behind, and after a break a sweep goes on', async () => {
  const app = await newApp();
  const [gone, into, ann] = [await person(app), await person(app), await person(app)];
  const numbers: ConversationNumber[] = [];
  for (let i = 0; i < 52; i += 13)
    numbers.push(...(await Promise.all(Array.from({ length: 13 }, () => open(app, gone, [ann])))));
  // The worker is gone as soon as it has answered.
  const broken = hubOf(bindings, 'https://hub.example', () => undefined);
  const conversation = bindings.CONVERSATION;
  const failing = numbers[3] as ConversationNumber;
  broken.env = {
    ...bindings,
    CONVERSATION: {
      getByName: (name: string) => {
        if (name === String(failing)) throw new Error('this object is away');
        return conversation.getByName(name);
      },
    } as unknown as typeof conversation,
  };
  await mergePeople(broken, app, gone, into);
  expect((await inside(app, failing)).active).toContain(gone.number);
  const swept = await sweepMerges(hub, Date.now());
  expect(swept).toBeGreaterThan(0);
  const two = [into.number, ann.number].sort((a, b) => a - b);
  for (const c of numbers) expect((await inside(app, c)).active).toEqual(two);
  // Looked through once more when nobody remembers the old record, and that is all.
  expect((await userRow(gone.number))?.merge_from).toBe(1);
  await sweepMerges(hub, Date.now() + LATER_MS);
  expect((await userRow(gone.number))?.merge_from).toBeNull();
});

test('whoever was merged before follows further, and an erased survivor takes their words along', async () => {
  const app = await newApp();
  const [a, b, c, d] = [await person(app), await person(app), await person(app), await person(app)];
  const room = await open(app, a, [d]);
  await mergePeople(hub, app, a, b);
  await mergePeople(hub, app, b, c);
  await sweepMerges(hub, Date.now() + 1_000);
  expect(await inside(app, room)).toMatchObject({ author: c.number });
  await erasePerson(hub, app, c.number, {});
  await sweepMerges(hub, Date.now() + LATER_MS);
  expect(await inside(app, room)).toMatchObject({ active: [d.number], author: null });
});

test('only members are merged, and nothing changes', async () => {
  const app = await newApp();
  const [member, agent] = [await person(app), await person(app, { role: 'agent' })];
  for (const [from, into] of [
    [member, agent],
    [agent, member],
  ] as const)
    await expect(mergePeople(hub, app, from, into)).rejects.toMatchObject({ refusal: { code: 'forbidden' } });
  // Also where they became one since they were looked up.
  await updateUser(hub, app, member.number, { role: 'agent' });
  expect(await mergePeople(hub, app, member, await person(app))).toBe(false);
  expect((await userRow(member.number))?.deleted_at).toBeNull();
});
