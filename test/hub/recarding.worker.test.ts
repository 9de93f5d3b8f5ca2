// Somebody looks different: their conversations follow, the first ones at once, the rest behind, and after a break by a sweep.
import { expect, test } from 'vitest';
import type { ConversationNumber, UserNumber } from '../../src/domain/ids.ts';
import { appByNumber, appCaller, userCaller } from '../../src/hub/apps.ts';
import { type App, hubOf } from '../../src/hub/context.ts';
import { openConversation, viewConversation } from '../../src/hub/conversations.ts';
import { leaveConversation } from '../../src/hub/members.ts';
import { createUser, updateUser } from '../../src/hub/people.ts';
import { sweepRecards } from '../../src/hub/recarding.ts';
import { bindings, d1, draft, fresh, makeApp } from '../conversation/harness.ts';

const deferred: Promise<unknown>[] = [];
const hub = hubOf(bindings, 'https://hub.example', (work) => void deferred.push(work));

/** Somebody called Old in so many groups. */
async function known(groups: number) {
  const app = await appByNumber(hub, await makeApp());
  const bob = await createUser(hub, app, {
    username: fresh('bob'),
    name: 'Old',
    avatar: 'https://a.example/old.png',
  });
  const ann = await createUser(hub, app, { username: fresh('ann') });
  const opening = { kind: 'group' as const, members: [ann.number], first: draft('hello') };
  const numbers: ConversationNumber[] = [];
  for (let i = 0; i < groups; i += 10) {
    const some = Array.from({ length: Math.min(10, groups - i) }, () =>
      openConversation(hub, userCaller(app, bob, 'tapatalk'), opening),
    );
    numbers.push(...(await Promise.all(some)).map(({ view }) => view.facts.number));
  }
  return { app, bob, numbers: numbers.sort((a, b) => a - b) };
}

const cardIn = async (app: App, c: ConversationNumber, user: UserNumber) =>
  (await viewConversation(hub, appCaller(app, 'operator'), c)).members.find((member) => member.user === user)
    ?.card;
const listed = async (c: ConversationNumber) =>
  (await d1.prepare('SELECT people FROM conversation WHERE number = ?1').bind(c).first<{ people: string }>())
    ?.people;
const due = async (user: UserNumber) =>
  (
    await d1
      .prepare('SELECT recard_from AS at FROM user WHERE number = ?1')
      .bind(user)
      .first<{ at: number | null }>()
  )?.at;

test('the first conversations follow before the answer, the rest behind it, also those that were left', async () => {
  const { app, bob, numbers } = await known(60);
  const left = numbers[0] as ConversationNumber;
  await leaveConversation(hub, userCaller(app, bob, 'tapatalk'), left, bob.number, 'leave');
  await updateUser(hub, app, bob.number, { name: 'New', avatar: null });
  for (const c of numbers.slice(0, 50)) {
    expect(await cardIn(app, c, bob.number)).toMatchObject({ name: 'New', avatar: null });
    expect(await listed(c)).not.toContain('Old');
  }
  expect(await due(bob.number)).not.toBe(1);
  await Promise.all(deferred);
  for (const c of numbers) expect(await cardIn(app, c, bob.number)).toMatchObject({ name: 'New' });
  expect(await due(bob.number)).toBeNull();
});

test('what shows nothing new tells nobody', async () => {
  const { app, bob, numbers } = await known(1);
  const [c] = numbers as [ConversationNumber];
  const { lastSeq } = await viewConversation(hub, appCaller(app, 'operator'), c);
  await updateUser(hub, app, bob.number, { name: 'Old', metadata: { a: 1 } });
  expect((await viewConversation(hub, appCaller(app, 'operator'), c)).lastSeq).toBe(lastSeq);
  expect(await due(bob.number)).toBeNull();
});

test('what broke off is gone on with by a sweep', async () => {
  const { app, bob, numbers } = await known(3);
  await d1
    .prepare("UPDATE user SET name = 'New', recard_from = ?2 WHERE number = ?1")
    .bind(bob.number, numbers[1])
    .run();
  await sweepRecards(hub);
  const names = await Promise.all(numbers.map(async (c) => (await cardIn(app, c, bob.number))?.name));
  expect(names).toEqual(['Old', 'New', 'New']);
  expect(await due(bob.number)).toBeNull();
});
