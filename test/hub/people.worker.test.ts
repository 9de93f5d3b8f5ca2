// Holders of tokens: who they are to an isolate that remembers something else, and what a new role does to them.
import { env } from 'cloudflare:workers';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Refused } from '../../src/domain/errors.ts';
import type { UserNumber } from '../../src/domain/ids.ts';
import type { Env } from '../../src/env.ts';
import { appByNumber, userCaller } from '../../src/hub/apps.ts';
import { hubOf } from '../../src/hub/context.ts';
import { openConversation } from '../../src/hub/conversations.ts';
import { createUser, updateUser, userByNumber } from '../../src/hub/people.ts';
import { issueToken, verifyToken } from '../../src/hub/sessions.ts';
import { signIn } from '../../src/hub/sign-in.ts';
import { d1, draft, fresh, makeApp } from '../conversation/harness.ts';

const hub = hubOf(env as unknown as Env, 'http://hub.test', () => {});

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'fine',
    (error: unknown) => (error instanceof Refused ? error.refusal.code : error),
  );

async function person() {
  const app = await appByNumber(hub, await makeApp());
  return { app, user: await createUser(hub, app, { username: fresh('person') }) };
}

test('a person who was asked for before they were is signed in all the same', async () => {
  const { app, user } = await person();
  const { token } = await issueToken(hub, user, 'realtime');
  hub.isolate.users.put(`${app.number} number ${user.number}`, null);
  const { caller } = await verifyToken(hub, token, 'realtime');
  expect(caller.user?.username).toBe(user.username);
});

test('a token fits into a cookie whatever its holder is called, and an avatar that does not is still theirs', async () => {
  const app = await appByNumber(hub, await makeApp());
  const avatar = `https://a.example/${'x'.repeat(2_030)}`;
  const externalId = fresh('x').padEnd(1_024, 'x');
  const names = { username: fresh('u').padEnd(64, 'u'), name: 'n'.repeat(128) };
  const user = await createUser(hub, app, { externalId, avatar, ...names });
  const { token } = await issueToken(hub, user, 'session');
  expect(token.length).toBeLessThan(4_000);
  // As an isolate that never saw them.
  hub.isolate.users.forget(`${app.number} number ${user.number}`);
  const { caller } = await verifyToken(hub, token, 'session');
  expect(caller.user).toMatchObject({ externalId, avatar, ...names });
});

test('a person who is gone is refused', async () => {
  const { app, user } = await person();
  const { token } = await issueToken(hub, user, 'realtime');
  await d1.prepare('UPDATE user SET deleted_at = 1 WHERE number = ?1').bind(user.number).run();
  hub.isolate.users.put(`${app.number} number ${user.number}`, null);
  expect(await codeOf(verifyToken(hub, token, 'realtime'))).toBe('unauthorized');
});

test('another role ends the tokens of the old one; other changes, and the same role, end none', async () => {
  const { app, user } = await person();
  const { token } = await issueToken(hub, user, 'realtime');
  await updateUser(hub, app, user.number, { name: 'Another', role: 'member' });
  expect(await codeOf(verifyToken(hub, token, 'realtime'))).toBe('fine');
  const agent = await updateUser(hub, app, user.number, { role: 'agent' });
  expect(await codeOf(verifyToken(hub, token, 'realtime'))).toBe('unauthorized');
  for (const known of [agent, await userByNumber(hub, app, user.number)]) {
    const again = await issueToken(hub, known, 'realtime');
    const { caller } = await verifyToken(hub, again.token, 'realtime');
    expect(caller.powers).toBe('team');
  }
});

test('who names the claim of a conversation of others learns its number and kind alone', async () => {
  const { app, user: ann } = await person();
  const ben = await createUser(hub, app, { username: fresh('person') });
  const eve = await createUser(hub, app, { username: fresh('person') });
  const as = (user: typeof ann) => userCaller(app, user, 'qiscus');
  const open = (by: typeof ann, members: UserNumber[]) =>
    openConversation(hub, as(by), {
      kind: 'group',
      title: 'Secret plans',
      members,
      uniqueId: 'room',
      first: draft('for Ben alone'),
    });
  const made = await open(ann, [ben.number]);
  expect(made.view.memberCount).toBe(2);

  const seen = await open(eve, []);
  expect([seen.created, seen.posted]).toEqual([false, null]);
  expect(seen.view.facts).toMatchObject({ number: made.view.facts.number, kind: 'group' });
  expect(JSON.stringify(seen)).not.toMatch(new RegExp(`Secret|for Ben|${ann.username}|${ben.username}`));

  const again = await open(ben, []);
  // For somebody who is in it, what they began it with is one more message.
  expect(again).toMatchObject({ created: false, posted: { n: 2 } });
  expect(again.view).toMatchObject({ facts: { title: 'Secret plans' }, memberCount: 2 });
  expect(again.view).not.toHaveProperty('unreadByUser');
});

test("guesses at a password are refused in time, in the door's words; LIMITS=off lifts it", async () => {
  const { app, user } = await person();
  await updateUser(hub, app, user.number, { password: 'right' });
  const limited = { ...hub, settings: { ...hub.settings, limits: 'on' as const } };
  const codes = [];
  // A slow machine takes longer for these than a guess takes to come back.
  vi.spyOn(Date, 'now').mockReturnValue(Date.now());
  onTestFinished(() => void vi.restoreAllMocks());
  for (let i = 0; i < 12; i++) codes.push(await codeOf(signIn(limited, app, user.username, `wrong ${i}`)));
  expect(codes).toEqual([...Array(10).fill('unauthorized'), 'rate_limited', 'rate_limited']);
  expect(await codeOf(signIn(limited, app, user.username.toUpperCase(), 'right'))).toBe('rate_limited');
  const lifted = { ...hub, settings: { ...hub.settings, limits: 'off' as const } };
  expect(await codeOf(signIn(lifted, app, user.username, 'right'))).toBe('fine');
});
