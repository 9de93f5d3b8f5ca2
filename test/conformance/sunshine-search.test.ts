// Search at the Sunshine door, an addition of this hub: what is found, by whom, page by page.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MadeUser } from '../support/operator.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { refusal } from './sunshine-client.ts';
import { type SunshineWorld, sunshineWorldOf } from './sunshine-world.ts';

let hub: TestHub;
let world: SunshineWorld;
let ann: MadeUser;
let ben: MadeUser;
let together: string;
let alone: string;

const BAD = refusal(400, 'bad_request', 'Invalid query parameters');
const BAD_PAGE = refusal(400, 'bad_request', 'Invalid page query parameters');

beforeAll(async () => {
  hub = await startTestHub();
  world = await sunshineWorldOf(hub);
  ann = await world.person('ann');
  ben = await world.person('ben');
  together = await world.open('sdkGroup', [ann, ben]);
  alone = await world.open('personal', [ben]);
});
afterAll(async () => {
  await world?.hangUp();
  await hub?.stop();
});

interface Found {
  id: string;
  conversationId: string;
  content: { text: string };
}
const search = (query: string, as?: MadeUser) =>
  world.call('GET', `/messages/search?${query}`, undefined, { as });
const texts = async (query: string, as?: MadeUser): Promise<string[]> => {
  const { body } = await search(query, as);
  return body.messages.map((each: Found) => each.content.text);
};

test('finds the words of the app, of a person, of a conversation; a person finds in theirs alone', async () => {
  await world.say(together, 'The Kraken sleeps', ann);
  const id = await world.say(alone, 'Release the kraken!', ben);
  const { body, status } = await search('q=KRAKEN');
  expect(status).toBe(200);
  const { message } = await world.make('GET', `/conversations/${alone}/messages/${id}`);
  expect(body).toMatchObject({ meta: { hasMore: false }, links: {} });
  expect(body.messages[0]).toEqual({ conversationId: alone, ...message });
  expect(await texts('q=kraken')).toEqual(['Release the kraken!', 'The Kraken sleeps']);
  expect(await texts('q=the kraken sleeps')).toEqual(['The Kraken sleeps']);
  expect(await texts(`q=kraken&filter[userId]=${ann.sunshineId}`)).toEqual(['The Kraken sleeps']);
  expect(await texts(`q=kraken&filter=${JSON.stringify({ userExternalId: ann.externalId })}`)).toEqual([
    'The Kraken sleeps',
  ]);
  expect(await texts(`q=kraken&filter[conversationId]=${alone}`)).toEqual(['Release the kraken!']);
  expect(await texts(`q=kraken&filter[conversationId]=${alone}&filter[userId]=${ann.sunshineId}`)).toEqual(
    [],
  );
  expect(await texts('q=kraken', ann)).toEqual(['The Kraken sleeps']);
  expect(await texts('q=kraken', ben)).toEqual(['Release the kraken!', 'The Kraken sleeps']);
  expect(await search(`q=kraken&filter[userId]=${ben.sunshineId}`, ann)).toMatchObject(
    refusal(404, 'user_not_found', 'User not found'),
  );
  expect(await search(`q=kraken&filter[conversationId]=${alone}`, ann)).toMatchObject(
    refusal(404, 'conversation_not_found', 'Conversation not found'),
  );
});

test('finds what a message says now, and no deleted one', async () => {
  const id = await world.say(together, 'a walrus', ann);
  const path = `/conversations/${together}/messages/${id}`;
  await world.make('PATCH', path, { content: { type: 'text', text: 'a narwhal' } });
  expect(await texts('q=walrus')).toEqual([]);
  expect(await texts('q=narwhal')).toEqual(['a narwhal']);
  await world.make('DELETE', path);
  expect(await texts('q=narwhal')).toEqual([]);
});

test('goes on page by page, each message once', async () => {
  for (let i = 0; i < 7; i++) await world.say(i % 2 ? together : alone, `pelican ${i}`);
  const found: string[] = [];
  let query = 'q=pelican&page[size]=3';
  for (let page = 0; page < 3; page++) {
    const { body } = await search(query);
    found.push(...body.messages.map((each: Found) => each.content.text));
    expect(body.meta.hasMore).toBe(page < 2);
    if (page < 2) query = new URL(body.links.next).search.slice(1);
  }
  expect(found).toEqual([
    'pelican 6',
    'pelican 4',
    'pelican 2',
    'pelican 0',
    'pelican 5',
    'pelican 3',
    'pelican 1',
  ]);
});

test('shows card numbers masked, as they were stored', async () => {
  await world.operate('PATCH', '', { settings: { maskCards: true } });
  await world.say(together, 'my albatross card is 4111 1111 1111 1111', ann);
  expect(await texts('q=albatross')).toEqual(['my albatross card is **** **** **** 1111']);
});

test('refuses what is no search', async () => {
  for (const query of ['', 'q=', 'q=%20', `q=${'x'.repeat(257)}`, 'q=x&filter[nothing]=x', 'q=x&filter=x'])
    expect([query, await search(query)]).toMatchObject([query, BAD]);
  for (const query of ['q=x&page[after]=x', 'q=x&page[before]=1.2.3', 'q=x&page[size]=51'])
    expect([query, await search(query)]).toMatchObject([query, BAD_PAGE]);
  expect(await texts('q=!!!')).toEqual([]);
});

test('says so where an app keeps nothing to search in', async () => {
  await world.operate('PATCH', '', { settings: { search: false } });
  await expect.poll(async () => (await search('q=kraken')).status, { timeout: 30_000 }).toBe(403);
});
