// Messages of matterbridge's api (contracts/webhooks-bridges-widget.md C9), each as the hub is told it.
import { expect, test } from 'vitest';
import { heardIn, readWire, wireOf } from '../../src/bridges/matterbridge-wire.ts';

const AT = '2026-01-31T12:00:00.5Z';
const message = (more: object = {}): string =>
  JSON.stringify({
    ...wireOf({ gateway: 'g', text: 'Hi', username: 'dora', account: 'irc.x' }, new Date(AT)),
    ...more,
  });
const heard = (more: object) => heardIn(readWire(message(more)) as NonNullable<ReturnType<typeof readWire>>);

test('every field is written, in the order and with the names of matterbridge', () => {
  expect(message()).toBe(
    '{"text":"Hi","channel":"api","username":"dora","userid":"","avatar":"","account":"irc.x","event":"","protocol":"api",' +
      '"gateway":"g","parent_id":"","timestamp":"2026-01-31T12:00:00.500Z","id":"","Extra":null}',
  );
});

test('what is said', () => {
  const { event, enclosed } =
    heard({ userid: 'u1', avatar: 'https://x.example/a.png', id: 'm1', parent_id: 'm0' }) ?? {};
  expect(event).toEqual({
    ...{ kind: 'message', id: 'm1', place: 'g', parent: 'm0', files: [], at: Date.parse(AT) },
    author: { id: 'irc.x u1', name: 'dora', avatar: 'https://x.example/a.png', bot: false },
    words: { text: 'Hi', markup: 'plain' },
  });
  expect(enclosed).toEqual([]);
});

test('a message without an id is known by all that it says', () => {
  const idOf = (more: object) => (heard(more)?.event as { id: string | null } | undefined)?.id;
  expect(idOf({})).toBe(idOf({}));
  expect(
    new Set([
      idOf({}),
      idOf({ text: 'Ho' }),
      idOf({ username: 'eve' }),
      idOf({ timestamp: '2026-02-01T00:00:00Z' }),
    ]).size,
  ).toBe(4);
  expect(idOf({ timestamp: '' })).toBeNull();
});

test.each<[string, object, unknown]>([
  ['a deletion', { event: 'msg_delete', id: 'm1' }, { kind: 'delete', id: 'm1', place: 'g' }],
  ['a deletion of nobody knows what', { event: 'msg_delete' }, undefined],
  ['somebody came', { event: 'join_leave' }, undefined],
  ['somebody types', { event: 'user_typing' }, undefined],
  ['the greeting', { event: 'api_connected' }, undefined],
  ['something that is to come', { event: 'unheard_of' }, undefined],
])('%s', (_, more, event) => expect(heard(more)?.event).toEqual(event));

test.each<[string, object, object]>([
  ['an action', { event: 'user_action', text: 'waves' }, { words: { text: '_waves_', markup: 'markdown' } }],
  ['Markdown', { text: '**a** @b' }, { words: { text: '**a** @b', markup: 'markdown' } }],
  ['an answer to what is gone', { parent_id: 'msg-parent-not-found' }, { parent: null }],
  [
    'a picture that is none',
    { avatar: 'javascript:x' },
    { author: expect.objectContaining({ avatar: null }) },
  ],
  ['nobody', { username: ' ' }, { author: expect.objectContaining({ name: 'Somebody' }) }],
  ['Go’s zero time', { timestamp: '0001-01-01T00:00:00Z' }, { at: null }],
])('%s', (_, more, event) => expect(heard(more)?.event).toMatchObject(event));

test('files with their bytes, or where they are', () => {
  const data = Buffer.from('some bytes').toString('base64');
  const file = [
    { Name: 'a.txt', Data: data, Comment: 'look', URL: '' },
    { Name: 'b.txt', Data: null, Comment: '', URL: 'https://x.example/b.txt' },
    { Name: '', Data: null, Comment: '', URL: 'javascript:x' },
  ];
  const { event, enclosed = [] } = heard({ Extra: { file } }) ?? {};
  expect(event).toMatchObject({ words: { text: 'Hi\nlook' } });
  expect(enclosed.map(({ name, url }) => [name, url])).toEqual([
    ['a.txt', null],
    ['b.txt', 'https://x.example/b.txt'],
    ['file', null],
  ]);
  expect(Buffer.from(enclosed[0]?.data ?? []).toString()).toBe('some bytes');
});

test.each([
  '',
  'no',
  '[]',
  '7',
  '{"text":7}',
  '{"Extra":{"file":{}}}',
  '{"id":{}}',
  `{"id":"${'x'.repeat(501)}"}`,
])('no message: %s', (text) => expect(readWire(text)).toBeNull());
