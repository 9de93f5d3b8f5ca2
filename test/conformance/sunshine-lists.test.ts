// Lists of a whole app's conversations at the Sunshine door, and how far people and the business have read. The vendor lists a
// person's alone, and knows no place that somebody has read to; this hub adds both.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MadeUser } from '../support/operator.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { clientOf, refusal } from './sunshine-client.ts';
import { type SunshineWorld, sunshineWorldOf } from './sunshine-world.ts';

let hub: TestHub;
let world: SunshineWorld;
let ann: MadeUser;
let ben: MadeUser;
let agent: MadeUser;
/** Conversations of the app, the newest first. */
let all: string[];

const user = (who: MadeUser) => ({ type: 'user', userId: who.sunshineId });
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

beforeAll(async () => {
  hub = await startTestHub();
  world = await sunshineWorldOf(hub);
  ann = await world.person('ann');
  ben = await world.person('ben');
  agent = await world.person('agent', 'agent');
  all = [
    await world.open('personal', [ann], { metadata: { tier: 'gold', ticket: 4711 } }),
    await world.open('sdkGroup', [ann, ben], { metadata: { tier: 'tin', urgent: true } }),
    await world.open('sdkGroup', [ben]),
    await world.open('personal', [ben], { metadata: { tier: 'gold', 'odd "key" ü]': 'x' } }),
  ].reverse();
});
afterAll(async () => {
  await world?.hangUp();
  await hub?.stop();
});

interface Listed {
  id: string;
  createdAt: string;
}
const list = async (query: string, as?: MadeUser): Promise<string[]> => {
  const { conversations } = await world.make('GET', `/conversations?${query}`, undefined, { as });
  return conversations.map((each: Listed) => each.id);
};
const json = (filter: object) => `filter=${encodeURIComponent(JSON.stringify(filter))}`;

describe('the app’s list', () => {
  test('holds every conversation, newest first, and pages in both directions', async () => {
    expect(await list('')).toEqual(all);
    const { conversations, meta, links } = await world.make('GET', '/conversations?page[size]=3');
    expect(conversations.map((each: Listed) => each.id)).toEqual(all.slice(0, 3));
    expect(meta).toEqual({ hasMore: true, afterCursor: all[2] });
    const second = await (
      await fetch(links.next, {
        headers: {
          authorization: `Basic ${btoa(`${world.app.sunshine.keyId}:${world.app.sunshine.secret}`)}`,
        },
      })
    ).json();
    expect(second).toMatchObject({
      conversations: [{ id: all[3] }],
      meta: { hasMore: false, beforeCursor: all[3] },
    });
    expect(await list(`page[before]=${all[3]}&page[size]=2`)).toEqual(all.slice(1, 3));
  });

  test('holds a group that began with nobody in it', async () => {
    const id = await world.open('sdkGroup', []);
    expect(await list('page[size]=2')).toEqual([id, all[0]]);
    expect(await list('filter[type]=sdkGroup&page[size]=1')).toEqual([id]);
    await world.make('DELETE', `/conversations/${id}`);
    expect(await list('')).toEqual(all);
  });

  test('is the app’s: a person’s token stays with their own', async () => {
    expect(await list('', ann)).toEqual([all[2], all[3]]);
    expect(await list('filter[type]=personal', ann)).toEqual([all[3]]);
    expect(
      await world.call('GET', `/conversations?filter[userId]=${ben.sunshineId}`, undefined, { as: ann }),
    ).toMatchObject(refusal(404, 'user_not_found', 'User not found'));
  });

  test('is filtered by metadata, type, state and dates, in every encoding', async () => {
    const [four, three, two, one] = all as [string, string, string, string];
    const gold = [four, one];
    const client = clientOf(world.app.sunshine);
    for (const query of [
      'filter[metadata][tier]=gold',
      'filter[metadata.tier]=gold',
      json({ metadata: { tier: 'gold' } }),
    ])
      expect(await list(query)).toEqual(gold);
    const { body } = await client.call('listConversations', world.app.sunshine.appId, {
      'metadata.tier': 'gold',
    });
    expect(body.conversations.map((each: Listed) => each.id)).toEqual(gold);
    expect(await list('filter[metadata][tier]=gold&filter[metadata][ticket]=4711')).toEqual([one]);
    expect(await list(json({ metadata: { ticket: 4711 } }))).toEqual([one]);
    expect(await list(json({ metadata: { ticket: '4711' } }))).toEqual([]);
    expect(await list('filter[metadata][urgent]=true')).toEqual([two]);
    expect(await list(json({ metadata: { 'odd "key" ü]': 'x' } }))).toEqual([four]);
    expect(await list('filter[type]=sdkGroup')).toEqual([three, two]);
    expect(await list(json({ type: 'personal', userExternalId: ann.externalId }))).toEqual([one]);
    const { conversation } = await world.make('GET', `/conversations/${two}`);
    expect(await list(`filter[createdAfter]=${conversation.createdAt}`)).toEqual(
      all.slice(0, all.indexOf(two)),
    );
    expect(await list(json({ createdBefore: conversation.createdAt }))).toEqual(
      all.slice(all.indexOf(two) + 1),
    );
    expect(await list('filter[state]=closed')).toEqual([]);
    await world.operate('PATCH', `/conversations/${world.numberOf(two)}`, { state: 'closed' });
    const closed = await world.make('GET', '/conversations?filter[state]=closed');
    expect(closed.conversations).toMatchObject([{ id: two, state: 'closed' }]);
    expect(await list('filter[state]=open')).toEqual(all.filter((id) => id !== two));
    // Metadata that changed is found by what it is now.
    await world.make('PATCH', `/conversations/${one}`, { metadata: { tier: 'tin' } });
    expect(await list('filter[metadata][tier]=gold')).toEqual([four]);
    expect(await list('filter[metadata][tier]=tin')).toEqual([two, one]);
  });

  test('is filtered by the last activity', async () => {
    const { conversation } = await world.make('GET', `/conversations/${all[0]}`);
    await world.say(all[2] as string, 'something new');
    const { conversation: active } = await world.make('GET', `/conversations/${all[2]}`);
    expect(active.lastUpdatedAt > conversation.lastUpdatedAt).toBe(true);
    expect(await list(`filter[lastUpdatedAfter]=${conversation.lastUpdatedAt}`)).toEqual([all[2]]);
    expect(await list(`filter[lastUpdatedBefore]=${active.lastUpdatedAt}`)).toEqual(
      all.filter((id) => id !== all[2]),
    );
  });
});

describe('reads', () => {
  const participants = async (c: string) =>
    (await world.make('GET', `/conversations/${c}/participants`)).participants;
  const act = (c: string, body: object, as?: MadeUser) =>
    world.call('POST', `/conversations/${c}/activity`, body, { as });

  test('reach up to a message, by its id or its place, and only rise', async () => {
    const c = await world.open('sdkGroup', [ann, ben]);
    const ids: string[] = [];
    for (const word of ['one', 'two', 'three']) ids.push(await world.say(c, word, ben));
    const read = { type: 'conversation:read' };
    const annIn = async () =>
      (await participants(c)).find((each: { userId: string }) => each.userId === ann.sunshineId);
    expect(await annIn()).toMatchObject({ unreadCount: 3, lastReadSeq: 1 });
    expect(await annIn()).not.toHaveProperty('lastReadMessageId');
    await act(c, { ...read, author: user(ann), messageId: ids[1] });
    const two = {
      unreadCount: 1,
      lastReadSeq: 3,
      lastReadMessageId: ids[1],
      lastRead: expect.stringMatching(TIME),
    };
    expect(await annIn()).toMatchObject(two);
    await act(c, { ...read, author: user(ann), seq: 2 });
    expect(await annIn()).toMatchObject(two);
    await act(c, { ...read, author: { type: 'user' }, seq: 1_000 }, ann);
    expect(await annIn()).toMatchObject({ unreadCount: 0, lastReadSeq: 4, lastReadMessageId: ids[2] });
    const bad = (more: object) => act(c, { ...read, author: user(ann), ...more });
    expect(await bad({ messageId: ids[0], seq: 1 })).toMatchObject(
      refusal(400, 'bad_request', 'messageId and seq cannot be used together'),
    );
    expect(await bad({ messageId: '029c31f25a21b47effd7be90' })).toMatchObject(
      refusal(404, 'not_found', 'Resource not found'),
    );
    expect(await bad({ type: 'typing:start', author: { type: 'business' }, seq: 1 })).toMatchObject(
      refusal(400, 'bad_request', "messageId and seq are only supported for 'conversation:read'"),
    );
  });

  test('of the business leave a mark in the conversation and in lists, whoever read', async () => {
    const listed = async (c: string) =>
      (await world.make('GET', '/conversations')).conversations.find((each: Listed) => each.id === c);
    for (const read of [
      (c: string) => act(c, { author: { type: 'business' }, type: 'conversation:read' }),
      async (c: string) => (await world.connect(agent)).ask({ t: 'read', c: world.numberOf(c) }),
    ]) {
      const c = await world.open('personal', [ann]);
      await world.say(c, 'hello?', ann);
      expect(await listed(c)).not.toHaveProperty('businessLastRead');
      await read(c);
      const { conversation } = await world.make('GET', `/conversations/${c}`);
      expect(conversation.businessLastRead).toMatch(TIME);
      await expect
        .poll(async () => (await listed(c)).businessLastRead, { timeout: 20_000 })
        .toBe(conversation.businessLastRead);
      // It is no participant by that, and what comes later keeps the mark.
      expect(await participants(c)).toMatchObject([{ userId: ann.sunshineId }]);
      await world.say(c, 'more', ann);
      expect(await listed(c)).toMatchObject({ businessLastRead: conversation.businessLastRead });
    }
  });

  test('count also from whoever has answered before they say that they have read', async () => {
    const c = await world.open('personal', [ann]);
    await world.say(c, 'hello?', ann);
    await world.say(c, 'hello!');
    await act(c, { author: { type: 'business' }, type: 'conversation:read' });
    const { conversation } = await world.make('GET', `/conversations/${c}`);
    expect(conversation.businessLastRead).toMatch(TIME);
    expect(Date.parse(conversation.businessLastRead)).toBeGreaterThanOrEqual(
      Date.parse(conversation.lastUpdatedAt),
    );
    await world.say(c, 'thanks', ann);
    await act(c, { author: { type: 'user', userId: ann.sunshineId }, type: 'conversation:read' });
    expect(await participants(c)).toMatchObject([{ lastRead: expect.stringMatching(TIME), unreadCount: 0 }]);
  });

  test('and typing of the team are the business’s to the customer', async () => {
    const c = await world.open('personal', [ann]);
    const number = world.numberOf(c);
    await world.say(c, 'hello?', ann);
    const [customer, team] = [await world.connect(ann), await world.connect(agent)];
    for (const socket of [customer, team]) await socket.ask({ t: 'subscribe', c: number });
    await team.ask({ t: 'typing', c: number, on: true });
    expect(await customer.next('typing')).toEqual({
      t: 'typing',
      c: number,
      user: String(agent.number),
      on: true,
      business: true,
    });
    await team.ask({ t: 'read', c: number });
    expect(await customer.next('read')).toMatchObject({ user: String(agent.number), business: true });
    await act(c, { author: { type: 'business' }, type: 'typing:start' });
    expect(await customer.next('typing')).toMatchObject({ on: true, business: true });
    await customer.ask({ t: 'typing', c: number, on: true });
    expect(await team.next('typing', (frame) => frame.user === String(ann.number))).not.toHaveProperty(
      'business',
    );
  });
});

test('whoever a personal conversation is about takes part in it, also somebody of the team', async () => {
  const c = await world.open('personal', [agent]);
  const { participants } = await world.make('GET', `/conversations/${c}/participants`);
  expect(participants).toMatchObject([{ userId: agent.sunshineId }]);
});
