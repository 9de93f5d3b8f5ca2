// Conversations that an app keeps no longer: which go, which stay, and what finding them costs.
import { describe, expect, test } from 'vitest';
import { findExpired } from '../../src/directory/expired.ts';
import { Refused } from '../../src/domain/errors.ts';
import type { ConversationNumber } from '../../src/domain/ids.ts';
import { appByNumber, appCaller, userCaller } from '../../src/hub/apps.ts';
import { type App, hubOf, type User } from '../../src/hub/context.ts';
import { openConversation, viewConversation } from '../../src/hub/conversations.ts';
import { post } from '../../src/hub/messages.ts';
import { createUser } from '../../src/hub/people.ts';
import { updateApp } from '../../src/hub/provisioning.ts';
import { expireConversations } from '../../src/hub/retention.ts';
import { bindings, d1, draft, fresh, makeApp } from '../conversation/harness.ts';
import { meteredD1 } from '../conversation/meter.ts';

const hub = hubOf(bindings, 'https://hub.example', () => {});
const DAY_SECONDS = 86_400;
const inDays = (days: number): number => Date.now() + days * DAY_SECONDS * 1000;

async function appKeeping(retentionSeconds: number): Promise<{ app: App; ann: User }> {
  const made = await appByNumber(hub, await makeApp());
  const app = await updateApp(hub, made, { settings: { retentionSeconds } });
  return { app, ann: await createUser(hub, app, { username: fresh('ann') }) };
}

const open = async (app: App, by: User): Promise<ConversationNumber> =>
  (
    await openConversation(hub, userCaller(app, by, 'tapatalk'), {
      kind: 'group',
      members: [],
      first: draft('hello'),
    })
  ).view.facts.number;

const isThere = async (app: App, c: ConversationNumber): Promise<boolean> => {
  try {
    await viewConversation(hub, appCaller(app, 'operator'), c);
    return true;
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'not_found') return false;
    throw error;
  }
};

describe('a conversation', () => {
  test('goes when its time after the last message is over, and not before', async () => {
    const { app, ann } = await appKeeping(DAY_SECONDS);
    const c = await open(app, ann);
    await expireConversations(hub, inDays(0.9));
    expect(await isThere(app, c)).toBe(true);
    await expireConversations(hub, inDays(1.1));
    expect(await isThere(app, c)).toBe(false);
  });

  test('of an app that keeps everything stays', async () => {
    const [{ app, ann }, other] = [await appKeeping(0), await appKeeping(DAY_SECONDS)];
    const [kept, gone] = [await open(app, ann), await open(other.app, other.ann)];
    await expireConversations(hub, inDays(1_000));
    expect([await isThere(app, kept), await isThere(other.app, gone)]).toEqual([true, false]);
  });

  test('with a message that the directory has not heard of stays', async () => {
    const { app, ann } = await appKeeping(DAY_SECONDS);
    const c = await open(app, ann);
    await post(hub, userCaller(app, ann, 'tapatalk'), c, draft('still here'));
    await d1.prepare('UPDATE conversation SET last_at = 1 WHERE number = ?1').bind(c).run();
    await expireConversations(hub, inDays(0));
    expect(await isThere(app, c)).toBe(true);
  });
});

test('a number that was never opened does not hold up the others', async () => {
  const { app, ann } = await appKeeping(DAY_SECONDS);
  await d1
    .prepare(
      `INSERT INTO conversation (app, nonce, kind, door, created_at, last_at)
       SELECT ?1, 'never opened', 'group', 'tapatalk', 1, 1 FROM json_each(?2)`,
    )
    .bind(app.number, JSON.stringify(Array.from({ length: 120 }, (_, i) => i)))
    .run();
  const c = await open(app, ann);
  await expireConversations(hub, inDays(2));
  expect(await isThere(app, c)).toBe(false);
});

test('finding the next ones reads about a row for each, however many were deleted', async () => {
  const { app, ann } = await appKeeping(DAY_SECONDS);
  const all: ConversationNumber[] = [];
  for (let i = 0; i < 12; i++) all.push(await open(app, ann));
  const cost = async (limit: number) => {
    const { db, meter } = meteredD1();
    const found = await findExpired(db, app.number, inDays(1), null, limit);
    return { found: found.length, read: meter.read };
  };
  // And one more: the index has two halves, and which goes on is known by what is next in it.
  expect(await cost(4)).toEqual({ found: 4, read: 5 });
  await expireConversations(hub, inDays(2));
  const c = await open(app, ann);
  expect(await cost(4)).toEqual({ found: 1, read: 2 });
  expect(await isThere(app, c)).toBe(true);
});
