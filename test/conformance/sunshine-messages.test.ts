// Messages of Sunshine Conversations v2, driven by the vendor's own client.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { operatorOf } from '../support/operator.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import {
  basic,
  type Client,
  type Credentials,
  clientOf,
  lockConversation,
  masked,
  type Outcome,
  refusal,
} from './sunshine-client.ts';

let server: TestHub;
let sunshine: Credentials;
let client: Client;
let app: string;
const names: Record<string, string> = {};

const ok = (body: unknown): Outcome => ({ status: 'ok', body });
const shown = (outcome: Outcome): Outcome => ({ ...outcome, body: masked(outcome.body, names) });
const call = (operation: string, ...args: unknown[]) => client.call(operation, app, ...args);
const MISSING = '029c31f25a21b47effd7be90';
const business = { type: 'business' };
const user = () => ({ type: 'user', userId: names.alice });

/** A message as a masked answer shows it. */
const message = (author: object, content: object, more = {}) => ({
  id: 'id',
  received: 'time',
  author,
  content,
  source: { type: 'api:conversations' },
  ...more,
});
const alice = { type: 'user', userId: 'alice', displayName: 'Alice' };

async function makeConversation(type: string, ...people: string[]): Promise<string> {
  const participants = people.map((userId) => ({ userId, subscribeSDKClient: false }));
  return (await call('createConversation', { type, participants })).body.conversation.id;
}
const post = (conversation: string | undefined, author: object, content: object, more = {}) =>
  call('postMessage', conversation, { author, content, ...more });
const list = async (conversation: string, page?: object) =>
  (await call('listMessages', conversation, { page })).body;
const texts = (page: { messages: { content: { text: string } }[] }) =>
  page.messages.map((each) => each.content.text);

beforeAll(async () => {
  server = await startTestHub({ env: { LIMITS: 'on' } });
  sunshine = (await operatorOf(server.url, server.adminToken).createApp('ours')).sunshine;
  client = clientOf(sunshine);
  app = sunshine.appId;
  for (const name of ['alice', 'bob']) {
    const givenName = name === 'alice' ? 'Alice' : 'Bob';
    names[name] = (await call('createUser', { externalId: name, profile: { givenName } })).body.user.id;
  }
  names.personal = await makeConversation('personal', names.alice as string);
});
afterAll(() => server?.stop());

test('a message of the business, and one of a user by each id, are answered and listed whole', async () => {
  const metadata = { lang: 'en', n: 1, ok: true };
  const named = { ...business, displayName: 'Support', avatarUrl: 'https://a.example/s.png' };
  const said = [
    await post(names.personal, named, { type: 'text', text: 'Hello!' }, { metadata }),
    await post(names.personal, user(), { type: 'text', text: 'Hi 👋' }),
    await post(names.personal, { type: 'user', userExternalId: 'alice' }, { type: 'text', text: 'Me again' }),
    await post(
      names.personal,
      business,
      { type: 'text', text: 'Silent' },
      { destination: { integrationType: 'none' } },
    ),
  ];
  const wanted = [
    message(named, { type: 'text', text: 'Hello!' }, { metadata }),
    message(alice, { type: 'text', text: 'Hi 👋' }),
    message(alice, { type: 'text', text: 'Me again' }),
    message(business, { type: 'text', text: 'Silent' }),
  ];
  expect(said.map(shown)).toEqual(wanted.map((each) => ok({ messages: [each] })));
  const listed = await list(names.personal as string);
  expect(masked(listed, names)).toEqual({ messages: wanted, meta: { hasMore: false }, links: {} });
  expect(listed.messages).toEqual(said.map((each) => each.body.messages[0]));
});

const postback = { type: 'postback', text: 'Select', payload: 'TACOS' };
const link = { type: 'link', text: 'More info', uri: 'https://example.org' };
const items = [
  {
    title: 'Tacos',
    description: 'Today!',
    mediaUrl: 'https://example.org/i.jpg',
    size: 'compact',
    actions: [postback, link],
  },
];
const CONTENTS: [string, object, object][] = [
  ['text with buttons', { type: 'text', text: 'Pick', actions: [postback, link], payload: 'p' }, {}],
  [
    'image',
    { type: 'image', text: 'Look', mediaUrl: 'https://example.org/i.jpg', altText: 'A' },
    { mediaType: 'image/jpeg' },
  ],
  [
    'file',
    { type: 'file', mediaUrl: 'https://example.org/FAQ.pdf' },
    { altText: 'FAQ.pdf', mediaType: 'application/pdf' },
  ],
  [
    'carousel',
    { type: 'carousel', items, displaySettings: { imageAspectRatio: 'square' } },
    { text: '1. Tacos\nToday!\nMore info: https://example.org' },
  ],
  [
    'list',
    { type: 'list', items, actions: [link] },
    { text: '1. Tacos\nToday!\nMore info: https://example.org' },
  ],
  [
    'location',
    { type: 'location', coordinates: { lat: 45.5, long: -73.6 }, location: { name: 'Here' } },
    { text: 'Location shared:\nhttps://maps.google.com/maps?q=45.5,-73.6' },
  ],
  [
    'form',
    {
      type: 'form',
      blockChatInput: true,
      fields: [{ type: 'text', name: 'n', label: 'Name?', placeholder: '…', minSize: 1, maxSize: 30 }],
    },
    { submitted: false },
  ],
  ['template', { type: 'template', template: { name: 'hello', language: { code: 'en' } } }, {}],
];
test.each(CONTENTS)('a %s comes back whole', async (_, content, added) => {
  const conversation = await makeConversation('sdkGroup', names.alice as string);
  const answered = await call('postMessage', conversation, { author: business, content });
  expect(answered.status).toBe('ok');
  // The client's models know not every field of every content: whole answers are compared over plain HTTP.
  const reply = await fetch(`${client.raw.basePath}/v2/apps/${app}/conversations/${conversation}/messages`, {
    headers: { authorization: basic(sunshine) },
  });
  const { messages } = (await reply.json()) as { messages: { content: object }[] };
  expect(messages.map((each) => each.content)).toEqual([{ ...content, ...added }]);
});

test('a text with markup is answered as HTML and as plain text', async () => {
  const content = async (body: object) =>
    (await post(names.personal, business, { type: 'text', ...body })).body.messages[0].content;
  const raw = async (body: object) => {
    await content(body);
    return (await list(names.personal as string)).messages.at(-1).content;
  };
  expect(await raw({ htmlText: '<b>bold</b> words' })).toMatchObject({ type: 'text', text: 'bold words' });
  expect(await raw({ markdownText: '**bold** words' })).toMatchObject({ type: 'text', text: 'bold words' });
  expect(await raw({ text: 'own words', htmlText: '<b>bold</b>' })).toMatchObject({
    type: 'text',
    text: 'own words',
  });
});

test('a quoted message is shown in the answer and in the list', async () => {
  const conversation = await makeConversation('sdkGroup', names.alice as string);
  const first = (await post(conversation, user(), { type: 'text', text: 'first' })).body.messages[0];
  const quotedMessage = { type: 'message', message: { id: first.id } };
  const second = (await post(conversation, business, { type: 'text', text: 'second' }, { quotedMessage }))
    .body.messages[0];
  expect(second.quotedMessage).toEqual({ type: 'message', message: first });
  expect((await list(conversation)).messages).toEqual([first, second]);
  const elsewhere = {
    type: 'message',
    message: { id: (await list(names.personal as string)).messages[0].id },
  };
  expect(
    await post(conversation, business, { type: 'text', text: 'x' }, { quotedMessage: elsewhere }),
  ).toEqual(refusal(404, 'not_found', 'Resource not found'));
});

test('pages hold 100 messages, ascending, and walk back from the last; no message is lost or shown twice', async () => {
  const conversation = await makeConversation('sdkGroup', names.alice as string);
  const wanted = Array.from({ length: 230 }, (_, i) => `m${i}`);
  for (const text of wanted) await post(conversation, business, { type: 'text', text });
  const last = await list(conversation, { size: 7 });
  expect(texts(last)).toEqual(wanted.slice(130));
  expect(last.meta).toEqual({ hasMore: true, beforeCursor: last.messages[0].id });
  const middle = await list(conversation, { before: last.meta.beforeCursor });
  expect(texts(middle)).toEqual(wanted.slice(30, 130));
  expect(middle.meta).toEqual({
    hasMore: true,
    beforeCursor: middle.messages[0].id,
    afterCursor: middle.messages[99].id,
  });
  const first = await list(conversation, { before: middle.meta.beforeCursor });
  expect(texts(first)).toEqual(wanted.slice(0, 30));
  expect(first.meta).toEqual({ hasMore: false, afterCursor: first.messages[29].id });
  const onward = await list(conversation, { after: first.meta.afterCursor });
  expect(texts(onward)).toEqual(wanted.slice(30, 130));
  expect(onward.meta).toMatchObject({ hasMore: true });
  expect(texts(await list(conversation, { after: onward.meta.afterCursor }))).toEqual(wanted.slice(130));
  expect(await list(conversation, { after: last.messages[99].id })).toEqual({
    messages: [],
    meta: { hasMore: false },
    links: {},
  });
});

test('deleted messages are left out of pages, which stay full, and of what is unread', async () => {
  const conversation = await makeConversation('sdkGroup', names.alice as string);
  const posted: { id: string }[] = [];
  for (let i = 0; i < 103; i++)
    posted.push((await post(conversation, business, { type: 'text', text: `m${i}` })).body.messages[0]);
  const unread = async () => (await call('listParticipants', conversation)).body.participants[0].unreadCount;
  expect(await unread()).toBe(103);
  expect(await call('deleteMessage', conversation, posted[102]?.id)).toEqual(ok('{}'));
  expect(await call('deleteMessage', conversation, posted[102]?.id)).toEqual(ok('{}'));
  expect(await unread()).toBe(102);
  const page = await list(conversation);
  expect(page.messages).toEqual(posted.slice(2, 102));
  // A cursor outlives its message.
  expect((await list(conversation, { before: posted[102]?.id })).messages).toEqual(posted.slice(2, 102));
  expect(await call('deleteAllMessages', conversation)).toEqual(ok('{}'));
  expect(await list(conversation)).toEqual({ messages: [], meta: { hasMore: false }, links: {} });
  expect(await unread()).toBe(0);
});

test('refused posts say why and leave no message', async () => {
  const conversation = await makeConversation('sdkGroup', names.alice as string);
  const text = { type: 'text', text: 'x' };
  const bad = (...titles: string[]) => refusal(400, 'bad_request', ...titles);
  const cases: [unknown, Outcome][] = [
    [{}, bad("should have required property 'author'", "should have required property 'content'")],
    [
      { author: business, content: { type: 'text', text: '😀'.repeat(4097) } },
      bad('content.text should NOT be longer than 4096 characters'),
    ],
    [
      { author: business, content: { type: 'formResponse', fields: [] } },
      bad('content.type should be equal to one of the allowed values'),
    ],
    [
      { author: business, content: text, metadata: { a: 'x'.repeat(4096) } },
      bad('Message metadata is limited to 4096 bytes in size.'),
    ],
    [
      { author: business, content: text, destination: { integrationType: 'none' } },
      bad('destination is only supported in personal conversations'),
    ],
    [{ author: { type: 'user' }, content: text }, bad('author should match exactly one schema in oneOf')],
    [
      { author: { type: 'user', userId: MISSING }, content: text },
      refusal(404, 'user_not_found', 'User not found'),
    ],
    [{ author: { type: 'user', userId: names.bob }, content: text }, refusal(403, 'forbidden', 'Forbidden')],
  ];
  for (const [body, outcome] of cases) expect(await call('postMessage', conversation, body)).toEqual(outcome);
  expect((await list(conversation)).messages).toEqual([]);
  expect(await call('postMessage', MISSING, { author: business, content: text })).toEqual(
    refusal(404, 'conversation_not_found', 'Conversation not found'),
  );
  expect(await call('listMessages', MISSING)).toEqual(refusal(404, 'not_found', 'Resource not found'));
  expect(await call('listMessages', conversation, { page: { before: MISSING } })).toEqual(
    bad('Invalid page query parameters'),
  );
  expect(await call('deleteMessage', conversation, MISSING)).toEqual(
    refusal(404, 'not_found', 'Resource not found'),
  );
  for (const operation of ['deleteAllMessages', 'deleteMessage', 'postActivity']) {
    const last = operation === 'postActivity' ? { author: business, type: 'typing:start' } : MISSING;
    expect(await call(operation, MISSING, last)).toEqual(
      refusal(404, 'conversation_not_found', 'Conversation not found'),
    );
  }
});

test('a locked conversation takes no messages, and is read as before', async () => {
  const conversation = await makeConversation('sdkGroup', names.alice as string);
  const said = (await post(conversation, business, { type: 'text', text: 'last words' })).body.messages;
  await lockConversation(server, 'ours', conversation);
  const refused = await post(conversation, business, { type: 'text', text: 'one more' });
  expect(refused).toEqual(refusal(423, 'locked', 'This conversation is closed. Nobody can post in it.'));
  expect((await list(conversation)).messages).toEqual(said);
});

test('the longest text there is comes back', async () => {
  const content = { type: 'text', text: '😀'.repeat(4096) };
  expect((await post(names.personal, business, content)).body.messages[0].content).toEqual(content);
});
