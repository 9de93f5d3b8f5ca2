// What the Qiscus door must refuse, made from its route table: the credential and every parameter of every operation,
// spoiled one at a time. The envelope is contracts/qiscus.md 2.
import { expect } from 'vitest';
import type { Field, Kind } from '../../../src/dialects/qiscus/fields.ts';
import { NOWHERE } from '../../support/two-apps.ts';
import { answerOf, type Json } from '../calls/answer.ts';
import {
  fieldsOf,
  isList,
  NEWER,
  NO_EXPORT,
  ROUTES,
  type Route,
  callOf as restCallOf,
  send,
  V21_ROUTES,
} from '../calls/qiscus.ts';
import * as sdk from '../calls/qiscus-sdk.ts';
import { refusal as envelope, send as sendWire, type Values } from '../qiscus-client.ts';
import { type Attempt, NO_OBJECT, type Scene } from './attempt.ts';

const CAP_BYTES = 100 * 1024;

const headers = {
  'content-type': 'application/json; charset=utf-8',
  'cache-control': 'no-store',
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'retry-after, x-request-id',
};
const refusal = (status: number, message: string, ...sentences: string[]) => ({
  status,
  headers,
  body: envelope(status, message, ...sentences),
});
/** A refusal that says something, whatever it is. */
const anyOf = (status: number, message: string) => ({
  status,
  headers,
  body: {
    status,
    error: {
      message,
      detailed_messages: expect.toSatisfy(
        (all: Json[]) => all.length > 0 && all.every((each) => typeof each === 'string' && each !== ''),
      ),
    },
  },
});
const unauthorized = refusal(401, 'Unauthorized');

/** The app's own server calls with its secret, a client SDK as ann. */
const callOf = (route: Route, about: Scene['about']): Values =>
  route.by === 'secret' ? restCallOf(route, about) : sdk.callOf(route, about);
const sendAs = (route: Route, values: Values, scene: Scene) =>
  route.by === 'secret'
    ? send(route, values, scene.here)
    : sdk.send(route, values, scene.here, scene.about.member);

const spoiled = (
  route: Route,
  what: string,
  answer: Json,
  spoil: (values: Values, scene: Scene) => Values,
): Attempt => ({
  name: `${route.method} ${route.operation}: ${what}`,
  refusal: answer,
  make: (scene) => sendAs(route, spoil(callOf(route, scene.about), scene), scene),
});

const WITHOUT: Record<Route['by'], Record<string, (scene: Scene) => Record<string, string>>> = {
  app: {
    'no app': () => ({}),
    'an app that there is not': () => ({ 'qiscus-sdk-app-id': 'no-such-app' }),
  },
  token: {
    'no token': ({ here }) => ({ 'qiscus-sdk-app-id': here.slug }),
    'a wrong token': ({ here }) => ({
      'qiscus-sdk-app-id': here.slug,
      'qiscus-sdk-token': 'a-wrong-token-of-a-test',
    }),
    'the secret for a token': ({ here }) => ({ QISCUS_SDK_TOKEN: here.made.qiscus.secret }),
    'a token of another door': ({ here, tokens, about }) => ({
      'qiscus-sdk-app-id': here.slug,
      'qiscus-sdk-token': tokens.get(about.member) ?? '',
    }),
  },
  secret: {
    'no secret': () => ({}),
    'a wrong secret': () => ({ QISCUS_SDK_SECRET: 'a-wrong-secret-of-a-test' }),
    "another app's header": ({ here, apps }) => ({
      QISCUS_SDK_SECRET: here.made.qiscus.secret,
      QISCUS_SDK_APP_ID: apps.there.slug,
    }),
    'a secret of another door': ({ here }) => ({ QISCUS_SDK_SECRET: here.made.sunshine.secret }),
  },
};

function credentials(route: Route): Attempt[] {
  return Object.entries(WITHOUT[route.by]).map(([what, by]) => ({
    name: `${route.method} ${route.operation}: ${what}`,
    refusal: unauthorized,
    // Whose call it is comes first, whatever it says.
    make: (scene) => send(route, {}, scene.here, { by: by(scene) }),
  }));
}

/** Names of nothing, and how that is said. */
const MISSING: Partial<Record<Kind, { name: string; answer: (name: string) => Json }>> = {
  user: { name: 'nobody-at-all', answer: () => anyOf(404, 'User not found') },
  users: {
    name: 'nobody-at-all',
    answer: (name) => refusal(404, 'User not found', `No such user: ${name}`),
  },
  room: { name: String(NOWHERE.conversation), answer: () => refusal(404, 'Room not found') },
  export: { name: NO_EXPORT, answer: () => refusal(404, 'Backup not found') },
};

/** Calls that answer for those who are there. */
const PASSED_OVER = new Set(['users/status', 'rooms_info', 'get_unread_count']);

/** Of two ways to name one room, the one. */
function oneRoom(values: Values, name: string): Values {
  const { room_unique_id: _, topic_id: __, room_channel_id: ___, room_id, ...rest } = values;
  if (name === 'room_channel_id') return rest;
  return name === 'room_id' ? { room_id, ...rest } : values;
}

/** Values that no parameter of a kind takes; those that are no text cannot be in a query. */
const WRONG: Partial<Record<Kind, Json[]>> = {
  words: [{}, 'x'.repeat(20_000)],
  'new name': [{}, 'x'.repeat(256), ' edges ', 'li\nnes'],
  user: [{}, 'x'.repeat(256)],
  users: [[{}], Array.from({ length: 101 }, (_, i) => `nobody-${i}`)],
  room: [{}, 'x'.repeat(256)],
  rooms: [[{}], Array.from({ length: 101 }, (_, i) => i + NOWHERE.conversation)],
  'unique id': [{}, 'x'.repeat(256)],
  'unique ids': [[{}], Array.from({ length: 101 }, (_, i) => `nothing-${i}`)],
  number: [{}, 'x', '1.5', '-1', '99999999999999999999'],
  flag: ['maybe', '2', {}],
  object: ['{', '7', '[1]', [1], 'text', JSON.stringify(nest(40))],
  choice: ['nonsense', {}],
  address: ['javascript:alert(1)', 'nothing', 'data:text/html,x', {}],
};

/** Free data: any text, any object. */
const FREE = new Set(['options', 'room_options']);

function nest(levels: number): Json {
  let value: Json = {};
  for (let i = 0; i < levels; i++) value = { a: value };
  return value;
}

function parameter(route: Route, name: string, { kind, required }: Field<unknown>): Attempt[] {
  const attempts: Attempt[] = [];
  const missing = MISSING[kind];
  if (
    missing &&
    !(route.operation === 'get_rooms_info' && name !== 'user_email') &&
    !PASSED_OVER.has(route.operation)
  ) {
    attempts.push(
      spoiled(route, `${name} of nothing`, missing.answer(missing.name), (values) => {
        const pairs = route.operation === 'get_or_create_room_with_target' && route.by === 'secret';
        const pair = pairs ? [values[name][0]] : [];
        return { ...oneRoom(values, name), [name]: isList(kind) ? [...pair, missing.name] : missing.name };
      }),
    );
  }
  if (required) {
    const answer = refusal(400, 'Validation error', `${name} is required`);
    attempts.push(
      spoiled(route, `without ${name}`, answer, ({ [name]: _, ...rest }) => rest),
      spoiled(route, `${name} empty`, answer, (values) => ({ ...values, [name]: isList(kind) ? [] : '' })),
    );
  }
  for (const wrong of FREE.has(name) ? [] : (WRONG[kind] ?? [])) {
    const isText = typeof wrong === 'string' || (Array.isArray(wrong) && wrong.length > 100);
    if (route.method === 'GET' && !isText) continue;
    const shown = JSON.stringify(wrong).slice(0, 40);
    attempts.push(
      spoiled(route, `${name} as ${shown}`, anyOf(400, 'Validation error'), (values) => ({
        ...values,
        [name]: wrong,
      })),
    );
  }
  return attempts;
}

const parameters = (route: Route): Attempt[] =>
  fieldsOf(route).flatMap(([name, field]) => parameter(route, name, field));

/** Bodies that are nothing that any encoding writes. One reader has them all: each route shows that it uses it. */
const BODIES = Object.entries(NO_OBJECT);
const READER_SHOWN_AT = 'post_comment';

function bodies(route: Route): Attempt[] {
  // A file is read as it comes, and an export's call has no parameter but its path.
  if (route.method === 'GET' || route.does.takesFile || route.operation === 'delete_export') return [];
  const raw = (what: string, body: string | Buffer, type: string, answer: Json): Attempt => ({
    name: `${route.method} ${route.operation}: ${what}`,
    refusal: answer,
    make: async ({ here, about }) => {
      const { qiscus } = here.made;
      const by =
        route.by === 'secret'
          ? { QISCUS_SDK_SECRET: qiscus.secret }
          : await sdk.credentialsOf(route, here, about.member);
      const sent = await sendWire(qiscus.baseUrl + route.path, route.method, { type, body }, by);
      const shown = Object.entries(sent.headers).filter(([name]) => name in headers);
      return { status: sent.status, headers: Object.fromEntries(shown), body: sent.body };
    },
  });
  const bad = anyOf(400, 'Validation error');
  if (route.operation !== READER_SHOWN_AT || route.by !== 'secret')
    return [raw('half of an object', '{"a":', 'application/json', bad)];
  return [
    ...BODIES.map(([what, body]) =>
      raw(`a body: ${what}`, typeof body === 'string' ? body : Buffer.from(body), 'application/json', bad),
    ),
    raw('a form that is none', 'x', 'multipart/form-data; boundary=b', bad),
    raw('parts without a boundary', '--b\r\n\r\nx\r\n--b--', 'multipart/form-data', bad),
    raw('bytes in a form', Buffer.from([0x61, 0x3d, 0xff]), 'application/x-www-form-urlencoded', bad),
    raw(
      'a body over the cap',
      JSON.stringify({ a: 'x'.repeat(CAP_BYTES) }),
      'application/json',
      refusal(413, 'Request entity too large'),
    ),
  ];
}

const methods = (route: Route): Attempt[] => [
  {
    name: `${route.operation}: by PUT`,
    refusal: refusal(404, 'Not found'),
    make: (scene) => sendAs({ ...route, method: 'PUT' as never }, callOf(route, scene.about), scene),
  },
];

/** Every refusal that can be made of the table alone. */
const TABLE = [
  ...ROUTES,
  ...NEWER,
  ...sdk.SDK_ROUTES.filter(({ operation }) => !sdk.MADE_FIRST.has(operation)),
];

export const qiscusAttempts: readonly Attempt[] = [
  ...[...ROUTES, ...V21_ROUTES, ...sdk.SDK_ROUTES].flatMap(credentials),
  ...TABLE.flatMap((route) => [...parameters(route), ...bodies(route), ...methods(route)]),
];

function routeOf(operation: string): Route {
  const route = ROUTES.find((each) => each.operation === operation);
  if (!route) throw new Error(`no operation ${operation}`);
  return route;
}

const NOT_IN = 'The author is not a participant of this conversation.';

/** Payloads that lack something, by the type of the comment, with the sentence that says so. */
const PAYLOADS: [type: string, payload: Json, ...sentences: string[]][] = [
  ['account_linking', { text: 'x', url: 'https://a.example' }, 'payload.redirect_url is required'],
  ['buttons', { text: 'x', buttons: 'x' }, 'payload.buttons must be a list'],
  [
    'buttons',
    { text: 'x', buttons: [{ label: 'a', type: 'link', payload: { url: 'javascript:1' } }] },
    'payload.buttons.0.payload.url must be an address of the web',
  ],
  [
    'card',
    { text: 'x', title: 't', description: 'd', url: 'https://a.example' },
    'payload.image is required',
  ],
  [
    'carousel',
    { cards: [7] },
    'payload.cards.0 must be an object',
    'payload.cards.0.title is required',
    'payload.cards.0.description is required',
  ],
  ['custom', { type: 'x' }, 'payload.content is required'],
  [
    'location',
    { name: 'n', address: 'a', map_url: 'https://m.example', latitude: 'north', longitude: 1 },
    'payload.latitude must be a number',
  ],
  ['contact_person', { name: 'n', value: 'v', type: 'fax' }, 'payload.type must be phone or email'],
  ['reply', { text: 'x' }, 'payload.replied_comment_id is required'],
  ['file_attachment', { caption: 'x' }, 'payload.url is required'],
];

/** What is well formed, and may not be. */
export const qiscusRefusals: readonly Attempt[] = [
  spoiled(routeOf('post_comment'), 'by somebody outside', refusal(403, NOT_IN), (values, { about }) => ({
    ...values,
    sender_email: about.guest.externalId,
  })),
  spoiled(
    routeOf('post_comment'),
    'in a closed room',
    refusal(403, 'This room is closed. Nobody can post in it.'),
    (values, { locked }) => ({ ...values, room_id: locked.number }),
  ),
  spoiled(
    routeOf('post_comment'),
    'a unique id that another comment has',
    refusal(400, 'Validation error', 'Another message already has this client id.'),
    (values) => ({ ...values, unique_temp_id: 'taken' }),
  ),
  spoiled(routeOf('post_comment'), 'a system event', anyOf(400, 'Validation error'), (values) => ({
    ...values,
    type: 'system_event',
  })),
  spoiled(
    routeOf('post_comment'),
    'text without a message',
    refusal(400, 'Validation error', 'message is required'),
    ({ message: _, payload: __, ...values }) => ({ ...values, type: 'text' }),
  ),
  spoiled(routeOf('post_comment'), 'a reply to nothing', refusal(404, 'Comment not found'), (values) => ({
    ...values,
    type: 'reply',
    payload: { text: 'x', replied_comment_id: 1 },
  })),
  ...PAYLOADS.map(([type, payload, ...sentences]) =>
    spoiled(
      routeOf('post_comment'),
      `${type}: ${sentences[0]}`,
      refusal(400, 'Validation error', ...sentences),
      ({ message: _, ...values }) => ({ ...values, type, payload }),
    ),
  ),
  spoiled(
    routeOf('login_or_register'),
    'who is there, without a password',
    refusal(400, 'Validation error', 'password is required: this user exists already'),
    ({ password: _, ...values }, { about }) => ({ ...values, email: about.member.externalId }),
  ),
  spoiled(
    routeOf('login_or_register'),
    'as a voice',
    refusal(400, 'Validation error', 'email is reserved'),
    (values) => ({ ...values, email: 'parlance:system' }),
  ),
  spoiled(
    routeOf('update_room'),
    'by somebody outside',
    refusal(403, 'This user is not a participant of the room.'),
    (values, { about }) => ({ ...values, user_email: about.guest.externalId }),
  ),
  spoiled(
    routeOf('get_or_create_room_with_target'),
    'with oneself',
    refusal(400, 'Validation error', 'emails must be two different users'),
    (values) => ({ ...values, emails: [values.emails[0], values.emails[0]] }),
  ),
  spoiled(
    routeOf('get_or_create_channel'),
    'a unique id with # in it',
    refusal(400, 'Validation error', 'unique_id must not have # or + in it'),
    (values) => ({ ...values, unique_id: 'a#b' }),
  ),
  spoiled(
    routeOf('broadcast'),
    'to the sender',
    refusal(400, 'Validation error', 'emails must not be the sender'),
    (values) => ({ ...values, emails: [...values.emails, values.sender_email] }),
  ),
  spoiled(
    routeOf('search_messages'),
    'in a room of others',
    refusal(404, 'Room not found'),
    (values, { here }) => ({ ...values, room_id: here.others.number }),
  ),
  spoiled(
    routeOf('get_total_comments_by_month'),
    'in no month',
    refusal(400, 'Validation error', 'date must be a month: yyyy-mm'),
    () => ({ date: '2026-13' }),
  ),
  spoiled(
    routeOf('post_system_event_message'),
    'without whom it was done to',
    refusal(400, 'Validation error', 'object_email is required'),
    ({ object_email: _, ...values }) => values,
  ),
  spoiled(
    routeOf('post_system_event_message'),
    'a custom one without a message',
    refusal(400, 'Validation error', 'message is required'),
    (values) => ({ ...values, system_event_type: 'custom' }),
  ),
  spoiled(routeOf('create_export'), 'of a day that is none', anyOf(400, 'Validation error'), (values) => ({
    ...values,
    start_date: '2017-02-30',
  })),
  spoiled(
    routeOf('create_export'),
    'that ends before it begins',
    refusal(400, 'Validation error', 'end_date is before start_date'),
    (values) => ({ ...values, start_date: values.end_date, end_date: values.start_date }),
  ),
  spoiled(
    routeOf('create_import'),
    'without a file',
    refusal(400, 'Validation error', 'file is required'),
    ({ file: _, ...values }) => values,
  ),
  spoiled(
    routeOf('create_import'),
    'a file that is no array',
    refusal(400, 'Validation error', 'The file is not a JSON array of rows: it does not begin with [.'),
    (values) => ({ ...values, file: '{}' }),
  ),
  ...['/api/v2/rest/', '/api/v2/rest/nothing', '/api/v2.1/rest/nothing', '/api/v2/rest/%ff'].map((path) => ({
    name: `no operation: ${path}`,
    refusal: refusal(404, 'Not found'),
    make: async ({ here }: Scene) => answerOf(await fetch(`${here.made.qiscus.baseUrl}${path}`)),
  })),
];
