// Parameters as clients send them: every encoding reads as the same values, and what cannot be read is refused.
import { expect, test } from 'vitest';
import {
  address,
  blob,
  choice,
  flag,
  given,
  integer,
  may,
  newName,
  object,
  text,
  users,
} from '../../../src/dialects/qiscus/fields.ts';
import { readParams } from '../../../src/dialects/qiscus/params.ts';
import { Refused } from '../../../src/domain/errors.ts';

const URL_ = 'https://hub.example/api/v2/rest/x';
const FORM = 'application/x-www-form-urlencoded';

const read = (body: string | null, type = FORM, query = '') =>
  readParams(
    new Request(
      `${URL_}${query}`,
      body === null ? {} : { method: 'POST', headers: { 'content-type': type }, body },
    ),
    new URL(`${URL_}${query}`),
  );

const LISTS: [string, string | null, string, string][] = [
  ['name[]', 'emails[]=a&emails[]=b', FORM, ''],
  ['name[i]', 'emails[0]=a&emails[1]=b', FORM, ''],
  ['name[][i]', 'emails[][0]=a&emails[][1]=b', FORM, ''],
  ['name[][]', 'emails[][]=a&emails[][]=b', FORM, ''],
  ['the name again', 'emails=a&emails=b', FORM, ''],
  ['escaped', 'emails%5B%5D=a&emails%5B%5D=b', FORM, ''],
  ['JSON', '{"emails": ["a", "b"]}', 'application/json; charset=utf-8', ''],
  ['JSON without its type', ' {"emails": ["a", "b", null, ""]}', 'text/plain', ''],
  ['a query', null, FORM, '?emails[]=a&emails[]=b'],
  ['a query and a body', 'emails[]=b&emails[]=a', FORM, '?emails=a'],
  ['both names at once', 'emails[]=a&emails=b&emails[]=a', FORM, ''],
  [
    'parts',
    '--b\r\ncontent-disposition: form-data; name="emails[]"\r\n\r\na\r\n--b\r\ncontent-disposition: form-data; name="emails[]"\r\n\r\nb\r\n--b--\r\n',
    'multipart/form-data; boundary=b',
    '',
  ],
];
test('one value where a list is meant, and none', async () => {
  for (const form of ['emails=a', 'emails[]=a', 'emails%5B%5D%5B0%5D=a'])
    expect(given({ emails: users(5) }, await read(form))).toEqual({ emails: ['a'] });
  // A client of a browser writes the name alone, one of Node with the sign behind it.
  for (const form of ['extras', 'extras=', 'word=x&extras'])
    expect(given({ extras: object() }, await read(form))).toEqual({ extras: null });
});

test.each(LISTS)('a list as %s', async (_, body, type, query) => {
  expect(given({ emails: users(5) }, await read(body, type, query))).toEqual({ emails: ['a', 'b'] });
});

const FIELDS = {
  n: may(integer(0, 9)),
  on: flag(),
  payload: object(),
  word: may(text(5)),
  options: blob(20),
  kind: may(choice(['a', 'b'])),
};
const NOTHING = {
  n: undefined,
  on: false,
  payload: null,
  word: undefined,
  options: undefined,
  kind: undefined,
};

const VALUES: [string, string, object][] = [
  ['numbers as texts', '{"n": "7"}', { n: 7 }],
  ['texts as numbers', '{"word": 12}', { word: '12' }],
  ['a value as a list of one', '{"word": ["x"]}', { word: 'x' }],
  ['booleans', '{"on": true}', { on: true }],
  ['booleans as texts', '{"on": "True"}', { on: true }],
  ['booleans as numbers', '{"on": 1}', { on: true }],
  ['no as a number', '{"on": "0"}', {}],
  ['an object', '{"payload": {"a": 1}}', { payload: { a: 1 } }],
  ['an object as text', '{"payload": "{\\"a\\": 1}"}', { payload: { a: 1 } }],
  ['an object as the text null', '{"payload": "null"}', {}],
  ['what PHP makes of nothing', '{"payload": []}', {}],
  ['empty and null', '{"payload": "", "word": null, "n": "", "kind": ""}', {}],
  ['free data as an object', '{"options": {"a": 1}}', { options: '{"a":1}' }],
  ['free data as text', '{"options": "as it is"}', { options: 'as it is' }],
  ['free data emptied', '{"options": ""}', { options: '' }],
  ['characters beyond 16 bits, each once', '{"word": "😀😀😀😀😀"}', { word: '😀😀😀😀😀' }],
  ['names that objects have of their own', '{"__proto__": 1, "constructor": 2, "word": "x"}', { word: 'x' }],
];
test.each(VALUES)('%s', async (_, body, values) => {
  expect(given(FIELDS, await read(body, 'application/json'))).toEqual({ ...NOTHING, ...values });
});

test('every wrong parameter is told, each with a sentence', async () => {
  const raw = await read(
    JSON.stringify({ n: '10', on: 'x', payload: '{', word: 'toolong', options: 'x'.repeat(21), kind: 'c' }),
    'application/json',
  );
  const read_ = () => given({ ...FIELDS, email: newName(), url: address() }, raw);
  try {
    read_();
    expect.unreachable();
  } catch (error) {
    expect((error as Refused).refusal).toEqual({
      code: 'invalid',
      message: 'Validation error',
      fields: [
        { path: 'n', message: 'must be a whole number from 0 to 9' },
        { path: 'on', message: 'must be true or false' },
        { path: 'payload', message: 'is not valid JSON' },
        { path: 'word', message: 'is longer than 5 characters' },
        { path: 'options', message: 'is longer than 20 characters' },
        { path: 'kind', message: 'must be one of a, b' },
        { path: 'email', message: 'is required' },
        { path: 'url', message: 'is required' },
      ],
    });
  }
});

test.each([
  ['half of an object', '{"a":', 'application/json'],
  ['a list', '[1]', 'application/json'],
  ['parts that end early', '--b\r\n', 'multipart/form-data; boundary=b'],
])('a body that cannot be read: %s', async (_, body, type) => {
  await expect(read(body, type)).rejects.toThrow(Refused);
});

test('a body over the cap is refused before it is read', async () => {
  await expect(read(`a=${'x'.repeat(100 * 1024)}`)).rejects.toMatchObject({ refusal: { code: 'too_large' } });
});
