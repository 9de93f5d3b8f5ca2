// Opening a conversation that is there already, or that broke off before it was born; and what apps let be searched.
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { describe, expect, test } from 'vitest';
import { findByClaim } from '../../src/directory/conversations.ts';
import { Refused } from '../../src/domain/errors.ts';
import type { ConversationNumber, Seq } from '../../src/domain/ids.ts';
import { businessRead } from '../../src/domain/reads.ts';
import { appByNumber, appCaller, userCaller } from '../../src/hub/apps.ts';
import { type App, type Caller, hubOf } from '../../src/hub/context.ts';
import { openConversation, viewConversation } from '../../src/hub/conversations.ts';
import { reindexApp, restoreConversation } from '../../src/hub/maintenance.ts';
import { markRead } from '../../src/hub/members.ts';
import { messagesBySeq, post } from '../../src/hub/messages.ts';
import { createUser } from '../../src/hub/people.ts';
import { updateApp } from '../../src/hub/provisioning.ts';
import { searchMessages } from '../../src/hub/search.ts';
import { quiet } from '../conversation/faults.ts';
import { bindings, d1, draft, fresh, makeApp } from '../conversation/harness.ts';

const hub = hubOf(bindings, 'https://hub.example', () => {});

const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'fine',
    (error: unknown) => (error instanceof Refused ? error.refusal.code : error),
  );

async function people() {
  const app = await appByNumber(hub, await makeApp());
  const [ann, bob, eve] = await Promise.all(
    ['ann', 'bob', 'eve'].map((name) => createUser(hub, app, { username: fresh(name) })),
  );
  if (!ann || !bob || !eve) throw new Error('not made');
  const by = (user: typeof ann): Caller => userCaller(app, user, 'tapatalk');
  return { app, ann, bob, eve, by };
}

const texts = async (app: App, c: ConversationNumber) =>
  (await messagesBySeq(hub, appCaller(app, 'operator'), c, { limit: 50 })).messages.map(
    ({ message }) => message.text,
  );

describe('the first message of a conversation that is there already', () => {
  test('is one more in it', async () => {
    const { app, ann, bob, by } = await people();
    const first = await openConversation(hub, by(ann), {
      kind: 'direct',
      members: [bob.number],
      first: draft('one'),
    });
    const again = await openConversation(hub, by(bob), {
      kind: 'direct',
      members: [ann.number],
      first: draft('two'),
    });
    expect(again).toMatchObject({ created: false, posted: { n: 2, author: { user: bob.number } } });
    expect(await texts(app, first.view.facts.number)).toEqual(['one', 'two']);
  });

  test('of somebody who may not read it is not said there', async () => {
    const { app, ann, bob, eve, by } = await people();
    const uniqueId = fresh('unique');
    const open = (who: typeof ann, text: string) =>
      openConversation(hub, by(who), { kind: 'group', members: [bob.number], uniqueId, first: draft(text) });
    const first = await open(ann, 'one');
    expect(await open(eve, 'from outside')).toMatchObject({ created: false, posted: null });
    expect(await texts(app, first.view.facts.number)).toEqual(['one']);
  });
});

describe('the default conversation of a person', () => {
  quiet();

  const open = (caller: Caller, more: object = {}) =>
    openConversation(hub, caller, { kind: 'support', members: [], first: draft('help'), ...more });
  const defaultOf = async (app: App, user: number) =>
    (await findByClaim(d1, app.number, 'defaultOf', user))?.number ?? null;

  test('is not one that was refused', async () => {
    const { app, ann, by } = await people();
    expect(await codeOf(open(by(ann), { first: draft('x', { replyTo: 7 as Seq }) }))).toBe('not_found');
    const { view } = await open(by(ann));
    expect(view.facts.defaultOf).toBe(ann.number);
    expect(await defaultOf(app, ann.number)).toBe(view.facts.number);
  });

  test('is not one whose call broke off, once that is over', async () => {
    const { app, ann, by } = await people();
    const brokeOff = (createdAt: number) =>
      d1
        .prepare(
          `INSERT INTO conversation (app, nonce, kind, door, created_at, last_at, default_of)
           VALUES (?1, ?2, 'support', 'sunshine', ?3, ?3, ?4) RETURNING number`,
        )
        .bind(app.number, crypto.randomUUID(), createdAt, ann.number)
        .first<{ number: number }>();
    const held = (await brokeOff(Date.now()))?.number;
    // Another call may be at it.
    expect((await open(by(ann))).view.facts.defaultOf).toBeNull();
    expect(await defaultOf(app, ann.number)).toBe(held);
    await d1.prepare('UPDATE conversation SET created_at = 1 WHERE number = ?1').bind(held).run();
    const { view } = await open(by(ann));
    expect(view.facts.defaultOf).toBe(ann.number);
    expect(await defaultOf(app, ann.number)).toBe(view.facts.number);
  });

  test('stays one that the directory has not heard of yet', async () => {
    const { app, ann, by } = await people();
    const first = await open(by(ann));
    const { number } = first.view.facts;
    await d1
      .prepare('UPDATE conversation SET last_seq = 0, created_at = 1 WHERE number = ?1')
      .bind(number)
      .run();
    expect((await open(by(ann))).view.facts.defaultOf).toBeNull();
    expect(await defaultOf(app, ann.number)).toBe(number);
  });
});

describe('search', () => {
  test('goes off with the archive, says so, and comes on with it', async () => {
    const { app, ann, bob, by } = await people();
    const off = await updateApp(hub, app, { settings: { archive: false } });
    expect(off.settings).toMatchObject({ archive: false, search: false });
    expect(await codeOf(updateApp(hub, off, { settings: { search: true } }))).toBe('invalid');
    expect(await codeOf(updateApp(hub, app, { settings: { archive: false, search: true } }))).toBe('invalid');
    const caller = { ...by(ann), app: off };
    expect(await codeOf(searchMessages(hub, caller, { query: 'word', size: 5 }))).toBe('forbidden');
    const on = await updateApp(hub, off, { settings: { archive: true, search: true } });
    const { view } = await openConversation(
      hub,
      { ...by(ann), app: on },
      {
        kind: 'group',
        members: [bob.number],
        first: draft('word'),
      },
    );
    const found = await searchMessages(hub, { ...caller, app: on }, { query: 'word', size: 5 });
    expect(found.rows).toHaveLength(1);
    expect(view.lastSeq).toBe(2);
  });
});

test('a restore tells the directory the new epoch at once', async () => {
  const { app, ann, bob, by } = await people();
  const { view } = await openConversation(hub, by(ann), {
    kind: 'group',
    members: [bob.number],
    first: draft('one'),
  });
  const c = view.facts.number;
  await post(hub, by(bob), c, draft('two'));
  await restoreConversation(hub, app, c);
  const { epoch } = (await messagesBySeq(hub, by(ann), c, { limit: 1 })).view;
  expect(epoch).not.toBe(view.epoch);
  expect(await d1.prepare('SELECT epoch FROM conversation WHERE number = ?1').bind(c).first()).toEqual({
    epoch,
  });
});

test('a restore of a log that is lost gives back when the business last read, though nobody of it was a member', async () => {
  const { app: bare, ann, bob, by } = await people();
  const voice = await createUser(hub, bare, { username: fresh('voice'), role: 'business' });
  const app = { ...bare, businessUser: voice.number };
  const { view } = await openConversation(hub, by(ann), {
    kind: 'group',
    members: [bob.number],
    first: draft('one'),
  });
  const c = view.facts.number;
  await markRead(hub, appCaller(app, 'sunshine'), c, undefined, { voice });
  const read = async () => {
    const { members } = await viewConversation(hub, appCaller(app, 'operator'), c);
    return businessRead(members);
  };
  const before = await read();
  expect(before).toBeGreaterThan(0);
  const stub = bindings.CONVERSATION.getByName(String(c));
  await runInDurableObject(stub, (_, { storage }) => storage.deleteAll());
  await evictDurableObject(stub);
  await restoreConversation(hub, app, c);
  expect(await read()).toBe(before);
});

describe('a reindex', () => {
  quiet();

  test('goes on past a conversation that does not answer at all, and says which', async () => {
    const { app, ann, bob, by } = await people();
    const open = () =>
      openConversation(hub, by(ann), { kind: 'group', members: [bob.number], first: draft('one') });
    const silent = (await open()).view.facts.number;
    const other = (await open()).view.facts.number;
    const { CONVERSATION } = bindings;
    const away = () => Promise.reject(new Error('broken'));
    const missing = async () => ({
      ok: false,
      refusal: { code: 'not_found', subject: 'conversation', message: '' },
    });
    const env = {
      ...bindings,
      CONVERSATION: {
        getByName: (name: string) =>
          name === String(silent) ? { reindex: missing, lag: away } : CONVERSATION.getByName(name),
      },
    };
    const broken = { ...hub, env: env as unknown as typeof bindings };
    const result = await reindexApp(broken, app, { from: silent, limit: other - silent + 1 });
    expect(result.failed).toEqual([silent]);
    expect(result.conversations).toBeGreaterThanOrEqual(1);
  });
});
