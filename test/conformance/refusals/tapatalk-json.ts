// What the JSON twin of the forum door must refuse, made from the method table as the XML calls are: every refusal has
// one form, and a GET changes nothing (docs/forum-json.md).
import { expect } from 'vitest';
import type { Method } from '../../../src/dialects/tapatalk/method.ts';
import { nameOf } from '../../../src/dialects/tapatalk/named.ts';
import { answerOf, type Json } from '../calls/answer.ts';
import { fieldsOf, METHODS, paramsOf, sendNamed, twinOf } from '../calls/tapatalk.ts';
import type { Attempt, Scene } from './attempt.ts';
import { NO_OBJECT } from './attempt.ts';

const NOT_SIGNED_IN = 'You are not logged in or you do not have permission to do this action.';

const headersOf = (signedIn: boolean) => ({
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
  mobiquo_is_login: String(signedIn),
  vary: 'Origin',
  'x-content-type-options': 'nosniff',
});

/** A refusal, whole; `reason` null: what could not be understood has none. */
const no = (reason: number | null, signedIn: boolean, says: Json = expect.stringMatching(/\S/)) => ({
  status: 200,
  headers: headersOf(signedIn),
  body: { result: false, result_text: says, error: says, ...(reason !== null && { reason }) },
});

type By = 'ann' | null;
const cookieOf = ({ cookies, here }: Scene, by: By): string | null =>
  by === null ? null : (cookies.get(here[by]) ?? null);

const methods: [name: string, method: Method, by: By][] = [...METHODS].map(([name, method]) => [
  name,
  method,
  method.needsLogin ? 'ann' : null,
]);

const attempt = (
  name: string,
  what: string,
  by: By,
  refusal: Json,
  change: (fields: Json) => Json,
  headers: Record<string, string> = {},
): Attempt => ({
  name: `${name}: ${what}`,
  refusal,
  make: (scene) => {
    const method = METHODS.get(name) as Method;
    const works = fieldsOf(method, paramsOf(name, method, scene.about));
    return sendNamed(scene.here.made.tapatalk.url, cookieOf(scene, by), name, change(works), headers);
  },
});

const without = (fields: Json, name: string): Json => {
  const { [name]: _, ...rest } = fields;
  return rest;
};

/** Values that no parameter of a kind takes. */
const WRONG: Record<Method['parameters'][number]['kind'], Json[]> = {
  text: [{ a: 1 }, 7, true, ['x']],
  texts: [{ a: 1 }, [7], [['x']], true],
  id: [{ a: 1 }, true, ['1'], 1.5],
  ids: [{ a: 1 }, [['1']], true],
  integer: ['many', 1.5, true, []],
  flag: ['perhaps', 2, { a: 1 }],
};

const perMethod = methods.flatMap(([name, method, by]): Attempt[] => {
  const signedIn = by !== null;
  const parameters = method.parameters.map((parameter) => ({ ...parameter, field: nameOf(parameter) }));
  return [
    ...(method.needsLogin
      ? [attempt(name, 'without a session', null, no(1, false, NOT_SIGNED_IN), (all) => all)]
      : []),
    ...parameters
      .filter(({ optional }) => !optional)
      .map(({ field }) =>
        attempt(name, `without ${field}`, by, no(-1, signedIn, `Parameter "${field}" is missing.`), (all) =>
          without(all, field),
        ),
      ),
    ...parameters.flatMap(({ field, kind }) =>
      WRONG[kind].map((value) =>
        attempt(
          name,
          `${field} as ${JSON.stringify(value)}`,
          by,
          no(null, signedIn, expect.stringContaining(`parameter ${field}`)),
          (all) => ({ ...all, [field]: value }),
        ),
      ),
    ),
    attempt(name, 'from a page of another origin', by, no(2, signedIn, NOT_SIGNED_IN), (all) => all, {
      origin: 'https://elsewhere.example.org',
    }),
    attempt(
      name,
      'from a page of another site that sends no origin',
      by,
      no(2, signedIn, NOT_SIGNED_IN),
      (all) => all,
      {
        'sec-fetch-site': 'cross-site',
      },
    ),
    ...(method.reads ? [] : [byGet(name, method, by)]),
  ];
});

/** A link, a picture, a page that is fetched ahead: whatever makes a browser ask must change nothing. */
function byGet(name: string, method: Method, by: By): Attempt {
  return {
    name: `${name}: by GET`,
    refusal: no(-1, by !== null, 'This call changes something: send it by POST.'),
    make: async (scene) => {
      const fields = fieldsOf(method, paramsOf(name, method, scene.about)) as Record<string, Json>;
      const query = new URLSearchParams({ method_name: name });
      for (const [field, value] of Object.entries(fields)) {
        if (Array.isArray(value)) for (const item of value) query.append(`${field}[]`, item);
        else query.set(field, String(value));
      }
      const cookie = cookieOf(scene, by);
      const url = `${twinOf(scene.here.made.tapatalk.url)}?${query}`;
      return answerOf(await fetch(url, { headers: cookie ? { cookie } : {} }));
    },
  };
}

const post = (
  name: string,
  refusal: Json,
  body: BodyInit,
  headers: Record<string, string>,
  query = '',
): Attempt => ({
  name,
  refusal,
  make: async ({ here }) =>
    answerOf(await fetch(`${twinOf(here.made.tapatalk.url)}${query}`, { method: 'POST', body, headers })),
});

const JSON_TYPE = { 'content-type': 'application/json' };
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };

const files = new FormData();
files.set('method_name', 'get_config');
files.set('file', new Blob(['x']), 'x.txt');

export const twinAttempts: readonly Attempt[] = perMethod;

export const twinRefusals: readonly Attempt[] = [
  ...Object.entries(NO_OBJECT).map(([what, body]) =>
    post(`a body that is ${what}`, no(-1, false), body, JSON_TYPE, '?method_name=get_config'),
  ),
  post(
    'an unknown method',
    no(null, false, 'unknown method: no_such_method'),
    '{}',
    JSON_TYPE,
    '?method_name=no_such_method',
  ),
  post('a method of objects', no(null, false), '{}', JSON_TYPE, '?method_name=constructor'),
  post('many calls in one', no(null, false), '{}', JSON_TYPE, '?method_name=system.multicall'),
  post('no method', no(-1, false, 'Name the method: "method_name".'), '{}', JSON_TYPE),
  post('a body of no type', no(-1, false), '{"method_name":"get_config"}', { 'content-type': 'text/plain' }),
  post('XML', no(-1, false), '<methodCall></methodCall>', { 'content-type': 'text/xml' }),
  post(
    'over the cap',
    no(-1, false, 'The request is larger than 100 KiB.'),
    `{"x":"${'x'.repeat(102_400)}"}`,
    JSON_TYPE,
  ),
  post('a form with escapes of no UTF-8', no(-1, false), 'method_name=get_config&x=%ff', FORM_TYPE),
  post(
    'PHP serialize',
    no(-1, false, 'Unknown format: "json" or "xmlrpc".'),
    'method_name=get_config&format=serialize',
    FORM_TYPE,
  ),
  post('a multipart form without its boundary', no(-1, false), 'x', {
    'content-type': 'multipart/form-data',
  }),
  post('a file in a call', no(-1, false, 'A call holds no files.'), files, {}),
  attempt(
    'login',
    'a wrong password',
    null,
    no(1, false, 'The user name or the password is wrong.'),
    (all) => ({
      ...all,
      password: 'a wrong password of a test',
    }),
  ),
];
