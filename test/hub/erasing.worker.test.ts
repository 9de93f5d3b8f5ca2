// Erasing a person: their account at once, their conversations in slices, and nothing of anybody else.
import { describe, expect, test } from 'vitest';
import { conversationsFrom } from '../../src/directory/erasing.ts';
import { Refused } from '../../src/domain/errors.ts';
import type { ConversationNumber, UserNumber } from '../../src/domain/ids.ts';
import { appByNumber, appCaller, userCaller } from '../../src/hub/apps.ts';
import { type App, hubOf, type User } from '../../src/hub/context.ts';
import { openConversation, viewConversation } from '../../src/hub/conversations.ts';
import { erasePerson } from '../../src/hub/erasing.ts';
import { messagesBySeq, post } from '../../src/hub/messages.ts';
import { createUser } from '../../src/hub/people.ts';
import { issueToken, verifyToken } from '../../src/hub/sessions.ts';
import { signIn } from '../../src/hub/sign-in.ts';
import { bindings, d1, draft, fresh, makeApp } from '../conversation/harness.ts';
import { meteredD1 } from '../conversation/meter.ts';

const hub = hubOf(bindings, 'https://hub.example', () => {});
const SECRET = 'quagga';

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'fine',
    (error: unknown) => (error instanceof Refused ? error.refusal.code : error),
  );

const names = () => ({
  username: fresh('Bob'),
  externalId: fresh('external-'),
  email: `${fresh('bob')}@example.org`,
  password: 'a password of a test',
  name: fresh('Robert '),
  avatar: `https://example.org/${fresh('face')}.png`,
  metadata: { tells: SECRET },
  profile: { surname: SECRET },
});

/** An app in which bob has a group, a conversation of two and a support conversation, and said something in each. */
async function lived(role: 'member' | 'agent' = 'member') {
  const app = await appByNumber(hub, await makeApp());
  const given = names();
  const bob = await createUser(hub, app, { ...given, role });
  const ann = await createUser(hub, app, { username: fresh('ann') });
  const talk = async (opening: Parameters<typeof openConversation>[2], by: User = ann) =>
    (await openConversation(hub, userCaller(app, by, 'tapatalk'), { first: draft('hello'), ...opening })).view
      .facts.number;
  const group = await talk({ kind: 'group', members: [bob.number] });
  const direct = await talk({ kind: 'direct', members: [bob.number] });
  const own = await talk({ kind: 'support', members: [] }, bob);
  for (const c of [group, direct, own])
    await post(hub, userCaller(app, bob, 'tapatalk'), c, draft(`${SECRET} ${c}`));
  return { app, bob, ann, given, group, direct, own };
}

const texts = async (app: App, c: ConversationNumber) =>
  (await messagesBySeq(hub, appCaller(app, 'operator'), c, { limit: 50 })).messages.map(
    ({ message }) => message.text,
  );

/** What D1 has of the app, as text. */
async function held(app: App, user: UserNumber, conversations: number[]): Promise<string> {
  const list = JSON.stringify(conversations);
  const found = await Promise.all([
    d1.prepare('SELECT * FROM user WHERE app = ?1 AND number = ?2').bind(app.number, user).all(),
    d1
      .prepare('SELECT * FROM conversation WHERE number IN (SELECT value FROM json_each(?1))')
      .bind(list)
      .all(),
    d1.prepare('SELECT e.* FROM json_each(?1) j JOIN entry e ON e.id >> 21 = j.value').bind(list).all(),
  ]);
  return JSON.stringify(found.map(({ results }) => results));
}

describe('erasing a person', () => {
  test('frees their names, ends their tokens, and leaves no word of theirs', async () => {
    const { app, bob, given, group, direct, own } = await lived();
    const { token } = await issueToken(hub, bob, 'realtime');
    const erased = await erasePerson(hub, app, given.username, {});
    expect(erased).toEqual({ user: bob.number, redacted: 3, deleted: 0, failed: [], next: null });
    expect(await codeOf(verifyToken(hub, token, 'realtime'))).toBe('unauthorized');
    expect(await codeOf(signIn(hub, app, given.username, given.password))).toBe('unauthorized');
    const rest = await held(app, bob.number, [group, direct, own]);
    for (const trace of [SECRET, given.username, given.externalId, given.email, given.name, given.avatar])
      expect(rest).not.toContain(trace);
    expect(await texts(app, group)).toEqual(['hello']);
    const again = await createUser(hub, app, given);
    expect(again.number).not.toBe(bob.number);
  });

  test('deletes conversations of two and their own support ones where the call says so', async () => {
    const { app, given, group, direct, own } = await lived();
    const erased = await erasePerson(hub, app, given.externalId, { conversations: 'delete' });
    expect(erased).toMatchObject({ redacted: 1, deleted: 2, failed: [], next: null });
    const look = (c: ConversationNumber) => codeOf(viewConversation(hub, appCaller(app, 'operator'), c));
    expect(await Promise.all([group, direct, own].map(look))).toEqual(['fine', 'not_found', 'not_found']);
  });

  test('goes on under their number, also when somebody else took their name meanwhile', async () => {
    const { app, bob, given, group, direct, own } = await lived();
    const first = await erasePerson(hub, app, given.username, { limit: 1 });
    expect(first).toMatchObject({ user: bob.number, redacted: 1, next: group + 1 });
    expect(await texts(app, direct)).toContain(`${SECRET} ${direct}`);
    const namesake = await createUser(hub, app, given);
    expect(await codeOf(erasePerson(hub, app, given.username, { from: first.next ?? 0 }))).toBe('not_found');
    expect(await codeOf(erasePerson(hub, app, String(namesake.number), { from: first.next ?? 0 }))).toBe(
      'not_found',
    );
    const rest = await erasePerson(hub, app, String(bob.number), { from: first.next ?? 0, limit: 2 });
    expect(rest).toMatchObject({ user: bob.number, redacted: 2 });
    for (const c of [group, direct, own]) expect(JSON.stringify(await texts(app, c))).not.toContain(SECRET);
    expect((await signIn(hub, app, given.username, given.password)).number).toBe(namesake.number);
  });

  test('may be done again', async () => {
    const { app, bob, given, group } = await lived();
    await erasePerson(hub, app, given.username, {});
    const before = await viewConversation(hub, appCaller(app, 'operator'), group);
    expect(await erasePerson(hub, app, String(bob.number), {})).toMatchObject({ redacted: 3, failed: [] });
    expect(await viewConversation(hub, appCaller(app, 'operator'), group)).toEqual(before);
  });

  test("of somebody of the team leaves the customers' conversations, and finds what they said as no member", async () => {
    const { app, bob, ann, given } = await lived('agent');
    const customers = await openConversation(hub, userCaller(app, ann, 'tapatalk'), {
      kind: 'support',
      members: [],
      first: draft('help'),
    });
    const c = customers.view.facts.number;
    await post(hub, appCaller(app, 'sunshine'), c, draft(`${SECRET} as no member`), { author: bob.number });
    expect(await erasePerson(hub, app, given.username, { conversations: 'delete' })).toMatchObject({
      failed: [],
    });
    expect(await texts(app, c)).toEqual(['help']);
    expect(JSON.stringify(await held(app, bob.number, [c]))).not.toContain(SECRET);
  });

  test('is refused for the voices of the app, and for nobody', async () => {
    const { app } = await lived();
    const voice = await createUser(hub, app, { username: fresh('voice'), role: 'business' });
    expect(await codeOf(erasePerson(hub, app, voice.username, {}))).toBe('forbidden');
    expect(await codeOf(erasePerson(hub, app, 'nobody-at-all', {}))).toBe('not_found');
    const { given } = await lived();
    expect(await codeOf(erasePerson(hub, app, given.username, {}))).toBe('not_found');
  });
});

test('finding their next conversations reads two rows for each, and one for each of the whole app', async () => {
  const { app, bob } = await lived();
  const { db, meter } = meteredD1();
  expect(await conversationsFrom(db, app.number, bob.number, 1, 2)).toHaveLength(2);
  expect(meter.read).toBeLessThanOrEqual(2 * 2);
  meter.reset();
  expect(await conversationsFrom(db, app.number, null, 1, 2)).toHaveLength(2);
  expect(meter.read).toBeLessThanOrEqual(2 * 2);
});
