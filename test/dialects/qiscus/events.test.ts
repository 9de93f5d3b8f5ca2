// Callbacks of the Qiscus API as whole documents (contracts/qiscus.md 8). That they arrive, signed, is
// conformance/qiscus-callback.test.ts.
import { expect, test } from 'vitest';
import { commentEvent, type Told, typeOfEvent } from '../../../src/dialects/qiscus/events.ts';
import type { Message } from '../../../src/domain/model.ts';

const here = { addressOf: ({ url }: { url: string }) => `https://hub.example${url}?sig=1` };

const card = (name: string) => ({
  externalId: `${name.toLowerCase()}@example.org`,
  username: name.toLowerCase(),
  name,
  avatar: null,
  role: 'member' as const,
});
const people = [
  { user: 1, card: { ...card('Ann'), avatar: 'https://example.org/a.png' }, standing: 'active' },
  { user: 2, card: card('Ben'), standing: 'active' },
  { user: 3, card: card('Gone'), standing: 'left' },
];
const facts = {
  number: 7,
  kind: 'group',
  title: 'Talk',
  icon: null,
  options: null,
  public: false,
  uniqueId: null,
};
const message: Message = { door: 'qiscus', type: 'text', text: 'Hi', markup: 'plain', clientId: 'temp-1' };
const AT = 1_700_000_000_123_456;

const told = (change: { message?: Partial<Message>; facts?: object } = {}): Told =>
  ({
    facts: { ...facts, ...change.facts },
    entry: {
      ...{ kind: 'message', seq: 4, at: AT, n: 2, id: 90, author: 1 },
      message: { ...message, ...change.message },
    },
    card: people[0]?.card,
    people,
    page: { view: { members: people }, timed: { before: [AT - 5], quoted: [] } },
  }) as never;

const ANN = { id: 1, id_str: '1', email: 'ann@example.org', avatar_url: 'https://example.org/a.png' };
const room = {
  ...{ id: 7, id_str: '7', topic_id: 7, topic_id_str: '7', type: 'group', name: 'Talk' },
  ...{ room_avatar: '', options: '{}', is_public_channel: false, unique_id: '7' },
  participants: [
    { ...ANN, username: 'Ann' },
    { id: 2, id_str: '2', email: 'ben@example.org', username: 'Ben', avatar_url: '' },
  ],
};
const said = {
  ...{ type: 'text', text: 'Hi', payload: {}, id: AT, id_str: String(AT) },
  ...{ comment_before_id: AT - 5, comment_before_id_str: String(AT - 5) },
  ...{ timestamp: '2023-11-14T22:13:20Z', unix_timestamp: 1_700_000_000, unique_temp_id: 'temp-1' },
  ...{ extras: {}, disable_link_preview: false },
};
const document = (type: string, change: { room?: object; message?: object } = {}) => ({
  type,
  payload: {
    from: { ...ANN, name: 'Ann' },
    room: { ...room, ...change.room },
    message: { ...said, ...change.message },
  },
});

test('a comment of a client', () => {
  expect(commentEvent(here, told())).toEqual(document('post_comment_mobile'));
});

test('a comment of the server', () => {
  const extras = { rest: true, type: 'custom', payload: { type: 'x', content: 1 }, extras: { a: 1 } };
  const shown = { type: 'custom', payload: { type: 'x', content: 1 }, extras: { a: 1 } };
  expect(commentEvent(here, told({ message: { extras } }))).toEqual(
    document('post_comment_rest', { message: shown }),
  );
});

test('a channel says nothing of who is in it', () => {
  const { participants: _, ...rest } = room;
  const { payload } = commentEvent(here, told({ facts: { public: true, uniqueId: 'news' } })) as {
    payload: { room: object };
  };
  expect(payload.room).toEqual({ ...rest, is_public_channel: true, unique_id: 'news' });
});

test('a room of two is named by its ids', () => {
  const { payload } = commentEvent(here, {
    ...told({ facts: { kind: 'direct' } }),
    people: people.slice(0, 2),
  } as never) as {
    payload: { room: { name: string; type: string } };
  };
  expect(payload.room).toMatchObject({ type: 'single', name: 'ann@example.org ben@example.org' });
});

test.each([
  ['tapatalk', 'post_comment_mobile'],
  ['realtime', 'post_comment_mobile'],
  ['ppmessage', 'post_comment_mobile'],
  ['sunshine', 'post_comment_rest'],
  ['operator', 'post_comment_rest'],
] as const)('posted at the door %s it is %s', (door, type) => {
  expect(typeOfEvent({ ...message, door, extras: { rest: door === 'tapatalk' } })).toBe(type);
});
