import { expect, test } from 'vitest';
import { conversationFilterOf } from '../../../src/dialects/sunshine/list-filter.ts';
import { pageEnvelope, pageRequest, placeOf } from '../../../src/dialects/sunshine/query.ts';

const CURSOR = 'aaaaaaaaaaaaaaaaaaaaaaaa';
const read = (text: string) => (text.length === 24 ? text : null);
const query = (text: string) => new URLSearchParams(text);
const page = (text: string) => pageRequest(query(text), read);
const both = (name: string, fields: Record<string, unknown>): string[] => [
  Object.entries(fields)
    .map(([key, value]) => `${encodeURIComponent(`${name}[${key}]`)}=${encodeURIComponent(String(value))}`)
    .join('&'),
  Object.entries(fields)
    .map(([key, value]) => `${name}[${key}]=${value}`)
    .join('&'),
  `${name}=${encodeURIComponent(JSON.stringify(fields))}`,
];

test.each(both('page', { after: CURSOR, size: 7 }))('a page is read from %s', (text) => {
  expect(page(text)).toEqual({ after: CURSOR, before: undefined, size: 7 });
});

test('a page has 25 records unless asked otherwise', () => {
  expect(page('')).toEqual({ after: undefined, before: undefined, size: 25 });
});

test.each([
  'page[size]=0',
  'page[size]=101',
  'page[size]=many',
  'page[size]=1.5',
  'page={"size":1.5}',
  'page={"size":true}',
  'page[after]=short',
  'page[after]=',
  'page={"after":5}',
  `page[after]=${CURSOR}&page[before]=${CURSOR}`,
  'page=5',
  'page=[]',
  'page={',
])('%s is refused as the vendor words it', (text) => {
  expect(() => page(text)).toThrow('Invalid page query parameters');
});

test('a list with one page size ignores page[size], which some clients always send', () => {
  expect(pageRequest(query('page[size]=9999'), read, 100).size).toBe(100);
});

test('a null in a JSON-valued page is a field left out', () => {
  expect(page('page={"after":null,"before":null,"size":null}')).toEqual({ size: 25 });
});

const filter = (text: string) => conversationFilterOf(query(text));
const tagged = (values: unknown[]) => ({ user: null, only: { metadata: new Map([['tier', values]]) } });

const FILTERS: [string, object][] = [
  ...both('filter', { userId: 'u 1' }).map((text): [string, object] => [
    text,
    { user: { userId: 'u 1', userExternalId: undefined }, only: null },
  ]),
  ...both('filter', { userExternalId: 'ext/1' }).map((text): [string, object] => [
    text,
    { user: { userId: undefined, userExternalId: 'ext/1' }, only: null },
  ]),
  [
    'filter={"userId":"u","userExternalId":null}',
    { user: { userId: 'u', userExternalId: null }, only: null },
  ],
  ...both('filter', { type: 'personal', state: 'closed' }).map((text): [string, object] => [
    text,
    { user: null, only: { kinds: ['support'], state: 'closed' } },
  ]),
  ...both('filter', { createdAfter: '2026-01-02T03:04:05.678Z', lastUpdatedBefore: '2026-01-02T03:04Z' }).map(
    (text): [string, object] => [
      text,
      { user: null, only: { createdAfter: 1767323045678, activeBefore: 1767323040000 } },
    ],
  ),
  ['', { user: null, only: null }],
  ['filter={}', { user: null, only: null }],
  ['filter[metadata][tier]=gold', tagged(['gold'])],
  ['filter[metadata.tier]=4', tagged(['4', 4])],
  ['filter[metadata][tier]=true', tagged(['true', true])],
  ['filter={"metadata":{"tier":4}}', tagged([4])],
];
test.each(FILTERS)('the filter of "%s"', (text, expected) => {
  expect(filter(text)).toEqual(expected);
});

test.each([
  'filter[userId]=',
  'filter[userId]=a&filter[userExternalId]=b',
  'filter={"userId":"a","userExternalId":"b"}',
  'filter={"userId":5}',
  'filter=a',
  'filter[nothing]=a',
  'filter[createdAfter]=yesterday',
  'filter[createdAfter]=2026-01-02',
  'filter={"createdAfter":1767323045678}',
  'filter[createdAfter]=2026-13-45T00:00:00Z',
  'filter[type]=group',
  'filter[state]=',
  'filter[metadata]=gold',
  'filter={"metadata":{"tier":["gold"]}}',
  'filter={"metadata":["gold"]}',
])('"%s" is no filter of conversations', (text) => {
  expect(() => filter(text)).toThrow('Invalid query parameters');
});

const ends = { first: 'f', last: 'l' };

test('a page has a cursor where there is more, and back to the record that it was reached from', () => {
  expect(placeOf({ size: 1 }, false, ends)).toEqual({ hasMore: false });
  expect(placeOf({ size: 1 }, true, ends)).toEqual({ hasMore: true, afterCursor: 'l' });
  expect(placeOf({ size: 1, after: 1 }, false, ends)).toEqual({ hasMore: false, beforeCursor: 'f' });
  expect(placeOf({ size: 1, after: 1 }, true, ends)).toEqual({
    hasMore: true,
    afterCursor: 'l',
    beforeCursor: 'f',
  });
  expect(placeOf({ size: 1, before: 1 }, false, ends)).toEqual({ hasMore: false, afterCursor: 'l' });
  expect(placeOf({ size: 1, before: 1 }, true, ends)).toEqual({
    hasMore: true,
    afterCursor: 'l',
    beforeCursor: 'f',
  });
  expect(placeOf({ size: 1, before: 1 }, false, null)).toEqual({ hasMore: false });
});

test('a list that walks back from its end has more before it', () => {
  expect(placeOf({ size: 1 }, true, ends, 'before')).toEqual({ hasMore: true, beforeCursor: 'f' });
  expect(placeOf({ size: 1, after: 1 }, true, ends, 'before')).toEqual({
    hasMore: true,
    afterCursor: 'l',
    beforeCursor: 'f',
  });
});

test('links are absolute, keep the filter and the size, and replace the cursor', () => {
  const hub = { origin: 'https://hub.example' };
  const url = new URL(
    `http://inside/v2/apps/a/conversations?filter[userId]=u%2F1&page[size]=2&page[after]=${CURSOR}`,
  );
  expect(pageEnvelope(hub, url, { hasMore: true, afterCursor: 'l', beforeCursor: 'f' })).toEqual({
    meta: { hasMore: true, afterCursor: 'l', beforeCursor: 'f' },
    links: {
      prev: 'https://hub.example/v2/apps/a/conversations?filter%5BuserId%5D=u%2F1&page%5Bbefore%5D=f&page%5Bsize%5D=2',
      next: 'https://hub.example/v2/apps/a/conversations?filter%5BuserId%5D=u%2F1&page%5Bafter%5D=l&page%5Bsize%5D=2',
    },
  });
  expect(pageEnvelope(hub, url, { hasMore: false })).toEqual({ meta: { hasMore: false }, links: {} });
});
