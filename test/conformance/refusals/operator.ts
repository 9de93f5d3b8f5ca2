// What the operator API must refuse, made from its router: the token, the path and the body of every route, spoiled one
// at a time. The form is docs/operator-api.md.
import { expect } from 'vitest';
import { type Answer, answerOf, type Json } from '../calls/answer.ts';
import { type About, nameOf, operationOf, paramsOf, ROUTES, type Route } from '../calls/operator.ts';
import { type Attempt, NO_OBJECT, type Scene, streamed, wrongTypes } from './attempt.ts';

const CAP_BYTES = 100 * 1024;
/** Where the body is lines, the first one is the bad one. */
const FIRST_LINE = { line: 1 };

const refusal = (status: number, code: string, more: Json = {}) => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: { error: { code, message: expect.stringMatching(/\S/), requestId: expect.any(String), ...more } },
});

/** One or more fields, each with what is wrong with it. */
const someFields = {
  fields: expect.toSatisfy(
    (fields: Json[]) =>
      fields.length > 0 &&
      fields.every(({ path, message }) => typeof path === 'string' && /\S/.test(message)),
  ),
};

const wrongFields = refusal(400, 'invalid', someFields);

interface Raw {
  authorization?: string | null;
  method?: string;
  body?: BodyInit;
  params?: Record<string, string>;
}

async function sendRaw({ server, here, apps }: Scene, route: Route, raw: Raw): Promise<Answer> {
  const about: About = {
    slug: here.slug,
    username: here.ann.username,
    number: here.group.number,
    key: 'none',
    endpoint: apps.ids.parseHex('webhook', here.desk.webhookId) as number,
    delivery: 1,
    hook: here.hook,
    bridge: here.bridge,
    copy: 1,
  };
  const params = { ...paramsOf(route, about), ...raw.params };
  const path = route.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  const authorization = raw.authorization === undefined ? `Bearer ${server.adminToken}` : raw.authorization;
  const response = await fetch(`${server.url}${path}`, {
    method: raw.method ?? route.method,
    headers: { ...(authorization !== null && { authorization }) },
    ...(raw.body !== undefined && { body: raw.body, duplex: 'half' }),
  });
  return answerOf(response);
}

const spoiled = (route: Route, what: string, answer: Json, raw: Raw | ((scene: Scene) => Raw)): Attempt => ({
  name: `${nameOf(route)}: ${what}`,
  refusal: answer,
  make: (scene) => sendRaw(scene, route, typeof raw === 'function' ? raw(scene) : raw),
});

const unauthorized = refusal(401, 'unauthorized');
const NOT_FOUND = refusal(404, 'not_found');

/** What names nothing, by parameter. */
const UNKNOWN: Record<string, string[]> = {
  slug: ['no-such-app', '%', 'x'.repeat(500)],
  username: ['nobody-at-all', '900000002', '\0', '%2'],
  key: ['act_029c31f25a21b47effd7be90', 'app_0', 'x', '%'],
  endpoint: ['900000005', '0', '-1', 'x', '%'],
  bridge: ['900000005', '0', '-1', 'x', '%'],
  delivery: ['900000005', '0', '1e3', 'x'],
  copy: ['900000005', '0', '1e3', 'x'],
  hook: ['900000005', '0', '-1', 'x', '%'],
  number: ['900000003', '0', '-1', '1e3', 'x', '9007199254740993'],
};

function attemptsOf(route: Route): Attempt[] {
  const tokens: [string, Raw | ((scene: Scene) => Raw)][] = [
    ['no token', { authorization: null }],
    ['a wrong token', { authorization: 'Bearer a-wrong-token-of-a-test' }],
    ['a token that is no bearer', ({ server }) => ({ authorization: `Basic ${server.adminToken}` })],
    [
      'the token twice',
      ({ server }) => ({ authorization: `Bearer ${server.adminToken}${server.adminToken}` }),
    ],
  ];
  const names = route.params.flatMap((name) => {
    const values = UNKNOWN[name];
    if (!values) throw new Error(`say what :${name} of ${nameOf(route)} is that nothing has`);
    return values.map((value) => [`:${name} "${value.slice(0, 20)}"`, value, name] as const);
  });
  return [
    ...tokens.map(([what, raw]) => spoiled(route, what, unauthorized, raw)),
    ...names.map(([what, value, name]) =>
      spoiled(route, what, NOT_FOUND, { params: { [name]: value }, ...bodyOf(route) }),
    ),
    ...bodies(route),
    ...['PUT', 'OPTIONS'].map((method) => spoiled(route, `by ${method}`, NOT_FOUND, { method })),
  ];
}

const SOMEWHERE: About = { slug: '', username: '', number: 1 };

/** A body that works, so that nothing but the name is wrong. */
function bodyOf(route: Route): Raw {
  const { body } = operationOf(route);
  return body ? { body: JSON.stringify(body.of(SOMEWHERE)) } : {};
}

/** Routes whose body may be empty: nothing in it is required. */
const mayBeEmpty = ({ method, path }: Route): boolean =>
  method === 'PATCH' || method === 'DELETE' || /\/(token|rotate|enable|send|test)$/.test(path);

function bodies(route: Route): Attempt[] {
  const { body, lineBytes } = operationOf(route);
  if (!body) return [];
  const sample = body.of(SOMEWHERE);
  const cap = lineBytes ?? CAP_BYTES;
  const where = lineBytes ? FIRST_LINE : {};
  const tooLarge = refusal(413, 'too_large', where);
  const wrong = refusal(400, 'invalid', { ...someFields, ...where });
  const nothing = lineBytes
    ? [spoiled(route, 'no line', refusal(400, 'invalid'), { body: '\n\r\n' })]
    : mayBeEmpty(route)
      ? []
      : [spoiled(route, 'an empty object', wrong, { body: '{}' })];
  return [
    ...Object.entries(NO_OBJECT).map(([what, raw]) =>
      spoiled(route, `a body: ${what}`, refusal(400, 'invalid', where), { body: raw }),
    ),
    ...nothing,
    spoiled(route, 'a body over the cap', tooLarge, {
      body: JSON.stringify({ name: 'x'.repeat(cap) }),
    }),
    spoiled(route, 'a stream over the cap', tooLarge, () => ({ body: streamed(cap) })),
    spoiled(route, 'a field that there is not', wrong, {
      body: JSON.stringify({ ...sample, nothing: 1 }),
    }),
    ...wrongTypes(sample).map(([what, bad]) => spoiled(route, what, wrong, { body: JSON.stringify(bad) })),
  ];
}

export const operatorAttempts: readonly Attempt[] = ROUTES.flatMap(attemptsOf);

const routeOf = (name: string): Route => {
  const route = ROUTES.find((each) => nameOf(each) === name);
  if (!route) throw new Error(`no route ${name}`);
  return route;
};
const conflict = refusal(409, 'conflict');
const newLine = (what: string, answer: Json, body: (scene: Scene) => object): Attempt =>
  spoiled(routeOf('POST /admin/apps/:slug/users/import'), what, answer, (scene) => ({
    body: JSON.stringify({ externalId: 'somebody-new', username: 'somebody-new', ...body(scene) }),
  }));
const oldTalk = (what: string, path: string, body: (scene: Scene) => object): Attempt =>
  spoiled(
    routeOf('POST /admin/apps/:slug/conversations/import'),
    what,
    badField('invalid', path),
    (scene) => ({
      body: JSON.stringify({
        key: 'new',
        members: [{ username: scene.here.ann.username }],
        messages: [
          { author: { username: scene.here.ann.username }, date: '2009-01-31T12:00:00Z', text: 'x' },
        ],
        ...body(scene),
      }),
    }),
  );
const badField = (code: 'invalid' | 'conflict', path: string) =>
  refusal(code === 'invalid' ? 400 : 409, code, {
    ...FIRST_LINE,
    fields: [{ path, message: expect.stringMatching(/\S/) }],
  });
const newUser = (what: string, body: (scene: Scene) => object): Attempt =>
  spoiled(routeOf('POST /admin/apps/:slug/users'), what, conflict, (scene) => ({
    body: JSON.stringify({ username: 'somebody-new', ...body(scene) }),
  }));

/** What is well formed, and may not be. */
export const operatorRefusals: readonly Attempt[] = [
  spoiled(routeOf('POST /admin/apps'), 'a taken slug', conflict, ({ here }) => ({
    body: JSON.stringify({ slug: here.slug }),
  })),
  spoiled(routeOf('POST /admin/apps'), 'the slug of an app that was deleted', conflict, ({ apps }) => ({
    body: JSON.stringify({ slug: apps.goneSlug }),
  })),
  newUser('a taken user name', ({ here }) => ({ username: here.ann.username.toUpperCase() })),
  newUser('a taken external id', ({ here }) => ({ externalId: here.ann.externalId })),
  newUser('a taken e-mail address', ({ here }) => ({ email: here.ann.email.toUpperCase() })),
  newLine('a taken user name', badField('conflict', 'username'), ({ here }) => ({
    username: here.ann.username.toUpperCase(),
  })),
  newLine('a taken e-mail address', badField('conflict', 'email'), ({ here }) => ({
    email: here.ann.email.toUpperCase(),
  })),
  newLine('a taken name for somebody known', badField('conflict', 'username'), ({ here }) => ({
    externalId: here.ben.externalId,
    username: here.ann.username,
  })),
  newLine('nobody known, and no user name', badField('invalid', 'username'), () => ({ username: undefined })),
  newLine('an id of the hub itself', badField('invalid', 'externalId'), () => ({
    externalId: 'parlance:system',
  })),
  newLine('a hash that would hang the isolate', badField('invalid', 'passwordHash'), () => ({
    passwordHash: '$2y$31$d9itSgBkD/jUZwVCEgOzxevnn6z90YmpQ0OczoOKGZOMFGouBUuBW',
  })),
  oldTalk('nobody in it', 'members', () => ({ members: [] })),
  oldTalk('nothing said in it', 'messages', () => ({ messages: [] })),
  oldTalk('a person by two names', 'members.0', ({ here }) => ({
    members: [{ username: here.ann.username, externalId: here.ben.externalId }],
  })),
  oldTalk('a message to come', 'messages.0.date', ({ here }) => ({
    messages: [{ author: { username: here.ann.username }, date: '2999-01-31T12:00:00Z', text: 'x' }],
  })),
  oldTalk('a time without a zone', 'messages.0.date', ({ here }) => ({
    messages: [{ author: { username: here.ann.username }, date: '2009-01-31T12:00:00', text: 'x' }],
  })),
  oldTalk('somebody of the other app', 'members.0.username', ({ apps }) => ({
    members: [{ username: apps.there.ann.username }],
  })),
  newLine('a sign-up that is yet to come', badField('invalid', 'createdAt'), () => ({
    createdAt: '2999-01-01T00:00:00Z',
  })),
  spoiled(routeOf('PATCH /admin/apps/:slug'), "another app's host", conflict, {
    body: JSON.stringify({ name: 'Changed', hosts: ['mine.example.org', 'Taken.Example.org.'] }),
  }),
  spoiled(
    routeOf('PATCH /admin/apps/:slug/conversations/:number'),
    'an assignee who is not of the team',
    refusal(400, 'invalid'),
    ({ here }) => ({ body: JSON.stringify({ title: 'Changed', assignee: here.ben.username }) }),
  ),
  spoiled(
    routeOf('PATCH /admin/apps/:slug/conversations/:number'),
    'an assignee whom nobody knows',
    wrongFields,
    { body: JSON.stringify({ title: 'Changed', assignee: 'nobody-at-all' }) },
  ),
  spoiled(routeOf('GET /admin/health'), 'an address that is none', NOT_FOUND, { method: 'POST' }),
];
