// A block list keeps somebody from beginning anything with its owner, and from saying anything in the conversation of the two; groups
// that both are in go on.
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { Refused } from '../../src/domain/errors.ts';
import type { Kind } from '../../src/domain/model.ts';
import type { Env } from '../../src/env.ts';
import { appByNumber, appCaller, userCaller } from '../../src/hub/apps.ts';
import { MOST_BLOCKED, setBlocked } from '../../src/hub/blocks.ts';
import { hubOf, type User } from '../../src/hub/context.ts';
import { openConversation } from '../../src/hub/conversations.ts';
import { restoreConversation } from '../../src/hub/maintenance.ts';
import { joinConversation } from '../../src/hub/members.ts';
import { mergePeople } from '../../src/hub/merging.ts';
import { editMessage, post } from '../../src/hub/messages.ts';
import { createUser, userByNumber } from '../../src/hub/people.ts';
import { bindings, d1, draft, fresh, makeApp } from '../conversation/harness.ts';

const hub = hubOf(env as unknown as Env, 'http://hub.test', () => {});

const stubOf = (c: number) => bindings.CONVERSATION.getByName(String(c));

const outcome = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'fine',
    (error: unknown) =>
      error instanceof Refused ? `${error.refusal.code}: ${error.refusal.message}` : error,
  );

async function company() {
  const app = await appByNumber(hub, await makeApp());
  const person = (name: string, role: 'member' | 'agent' = 'member') =>
    createUser(hub, app, { username: fresh(name), name, role });
  const [ann, ben, cat] = [await person('Ann'), await person('Ben'), await person('Cat')];
  const as = (user: User) => userCaller(app, user, 'tapatalk');
  const open = (by: User, kind: Kind, ...others: User[]) =>
    openConversation(hub, as(by), { kind, members: others.map(({ number }) => number) });
  const block = (by: User, other: User, on = true) => setBlocked(hub, as(by), other.number, on);
  return { app, person, ann, ben, cat, as, open, block };
}

test('who is blocked opens no conversation with the blocker and invites them to none, and nothing is made', async () => {
  const { app, ann, ben, cat, as, open, block } = await company();
  const { view } = await open(ann, 'group', cat);
  await block(ben, ann);
  const said = 'forbidden: “Ben” does not take messages from you.';
  const count = () => d1.prepare('SELECT count(*) AS n FROM conversation').first<{ n: number }>();
  const before = await count();
  expect(await outcome(open(ann, 'group', cat, ben))).toBe(said);
  expect(await outcome(open(ann, 'direct', ben))).toBe(said);
  expect(await count()).toEqual(before);
  const join = () => joinConversation(hub, as(ann), view.facts.number, [cat.number, ben.number]);
  expect(await outcome(join())).toBe(said);
  await block(cat, ann);
  expect(await outcome(open(ann, 'group', cat, ben))).toBe(
    'forbidden: “Cat”, “Ben” do not take messages from you.',
  );
  // The blocker writes to whom they like, and others invite them.
  expect(await outcome(open(ben, 'direct', ann))).toBe('fine');
  await block(cat, ann, false);
  await block(ben, ann, false);
  expect(await outcome(join())).toBe('fine');
  expect((await userByNumber(hub, app, ben.number)).blocked).toEqual([]);
});

test('posts in a group that both are in go on', async () => {
  const { ann, ben, as, open, block } = await company();
  const { view } = await open(ann, 'group', ben);
  await block(ben, ann);
  expect(await outcome(post(hub, as(ann), view.facts.number, draft('still here')))).toBe('fine');
});

test('who is blocked says nothing in the conversation of the two, until it is over; the blocker does', async () => {
  const { app, ann, ben, as, open, block } = await company();
  const { view } = await open(ann, 'direct', ben);
  const c = view.facts.number;
  const first = await post(hub, as(ann), c, draft('before'));
  const say = (by: User, text = 'hello') => outcome(post(hub, as(by), c, draft(text)));
  const said = 'forbidden: “Ben” does not take messages from you.';
  await block(ben, ann);
  await block(ben, ann);
  expect(await say(ann)).toBe(said);
  const words = { text: 'other words', markup: 'plain' } as const;
  expect(await outcome(editMessage(hub, as(ann), c, first.seq, { words }))).toBe(said);
  expect(await say(ben)).toBe('fine');
  expect(
    await outcome(post(hub, appCaller(app, 'sunshine'), c, draft('an app'), { author: ann.number })),
  ).toBe('fine');
  // Each for themselves, over a restart too.
  await block(ann, ben);
  expect(await say(ben)).toBe('forbidden: “Ann” does not take messages from you.');
  await block(ben, ann, false);
  await evictDurableObject(stubOf(c));
  expect([await say(ann), await say(ben)]).toEqual([
    'fine',
    'forbidden: “Ann” does not take messages from you.',
  ]);
  await block(ann, ben, false);
  expect(await say(ben)).toBe('fine');
});

test('a conversation of two that begins after a block knows of it, whoever begins it', async () => {
  const { app, ann, ben, cat, as, open, block } = await company();
  await block(ben, ann);
  await block(ben, cat);
  const opened = await open(ben, 'direct', ann);
  const forTwo = { kind: 'direct' as const, members: [ben.number, cat.number] };
  const others = await openConversation(hub, appCaller(app, 'sunshine'), forTwo);
  for (const [by, { view }] of [
    [ann, opened],
    [cat, others],
  ] as const)
    expect(await outcome(post(hub, as(by), view.facts.number, draft('hello')))).toMatch(/^forbidden/);
});

test('a conversation of two that is rebuilt from the archive, or whose people are merged, knows of it', async () => {
  const { app, person, ann, ben, cat, as, open, block } = await company();
  const { view } = await open(ann, 'direct', ben);
  const c = view.facts.number;
  await post(hub, as(ann), c, draft('before'));
  await block(ben, ann);
  await runInDurableObject(stubOf(c), (_, { storage }) =>
    storage.sql.exec("DELETE FROM meta WHERE key = 'blockers'"),
  );
  await evictDurableObject(stubOf(c));
  expect(await outcome(post(hub, as(ann), c, draft('it has forgotten')))).toBe('fine');
  await restoreConversation(hub, app, c);
  expect(await outcome(post(hub, as(ann), c, draft('and heard')))).toMatch(/^forbidden/);

  // Who blocked the one has blocked whom they are now, in a conversation that the other never had.
  const dan = await person('Dan');
  const both = (await open(cat, 'direct', dan)).view.facts.number;
  await block(cat, ann);
  await mergePeople(hub, app, ann, dan);
  expect(await outcome(post(hub, as(dan), both, draft('hello')))).toMatch(/^forbidden: “Cat”/);
  expect(await outcome(post(hub, as(dan), c, draft('hello')))).toMatch(/^forbidden: “Ben”/);
  expect(await outcome(post(hub, as(ben), c, draft('hello')))).toBe('fine');
});

test('the team and app credentials reach everybody', async () => {
  const { app, person, ann, ben, open, block } = await company();
  const agent = await person('Agent', 'agent');
  await block(ben, agent);
  expect(await outcome(open(agent, 'group', ben))).toBe('fine');
  const opening = { kind: 'group' as const, members: [ann.number, ben.number] };
  expect(await outcome(openConversation(hub, appCaller(app, 'sunshine'), opening))).toBe('fine');
});

test('a list holds each person once, as whole numbers, and is not lost to two changes at a time', async () => {
  const { app, ann, ben, cat, block } = await company();
  await Promise.all([block(ann, ben), block(ann, cat), block(ann, ben)]);
  const row = await d1.prepare('SELECT blocked FROM user WHERE number = ?').bind(ann.number).first();
  expect(JSON.parse(row?.blocked as string).sort()).toEqual([ben.number, cat.number].sort());
  expect(row?.blocked).not.toContain('.');
  await Promise.all([block(ann, ben, false), block(ann, cat, false), block(ann, ben, false)]);
  expect((await userByNumber(hub, app, ann.number)).blocked).toEqual([]);
});

test('nobody blocks themselves, somebody of another app, or more than fit; who is gone can be taken off', async () => {
  const { ann, ben, cat, block } = await company();
  const elsewhere = (await company()).ann;
  expect(await outcome(block(ann, ann))).toMatch(/^invalid/);
  expect(await outcome(block(ann, elsewhere))).toBe('not_found: User not found');
  const full = JSON.stringify(Array.from({ length: MOST_BLOCKED - 1 }, (_, i) => 1_000_000 + i));
  await d1.prepare('UPDATE user SET blocked = ?1 WHERE number = ?2').bind(full, ann.number).run();
  expect(await outcome(block(ann, ben))).toBe('fine');
  expect(await outcome(block(ann, cat))).toMatch(/^invalid/);
  expect(await outcome(block(ann, ben))).toBe('fine');
  await d1.prepare('UPDATE user SET deleted_at = 1 WHERE number = ?1').bind(ben.number).run();
  expect((await block(ann, ben, false)).blocked).not.toContain(ben.number);
});
