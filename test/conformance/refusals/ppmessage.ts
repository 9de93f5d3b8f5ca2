// What the PPMessage door must refuse, made from its route table: the form of the request, the token and its level, the
// app, and every parameter of every operation, spoiled one at a time (contracts/ppmessage.md 1, 2 and 4).
import { ERRORS, type ErrorName } from '../../../src/dialects/ppmessage/errors.ts';
import type { Field, Kind } from '../../../src/dialects/ppmessage/fields.ts';
import { NOWHERE } from '../../support/two-apps.ts';
import { type Answer, answerOf, type Json } from '../calls/answer.ts';
import { type About, callOf, fieldsOf, type Level, ROUTES, type Route } from '../calls/ppmessage.ts';
import { keyToken } from '../ppmessage-client.ts';
import { type Attempt, NO_OBJECT, type Scene } from './attempt.ts';
import { faultsOf } from './ppmessage-faults.ts';

const headers = {
  'access-control-allow-headers': 'Content-Type, Authorization',
  'access-control-allow-methods': 'POST, GET, OPTIONS',
  'access-control-allow-origin': '*',
  'access-control-max-age': '1728000',
  'content-type': 'application/json; charset=utf-8',
};

const refusal = (error: ErrorName, uri: string, status = 200) => {
  const [error_code, error_string] = ERRORS[error];
  return { status, headers, body: { error_code, error_string, uri } };
};

/** ann's conversation with the team; nobody has a device or a group here. */
const aboutOf = ({ here, apps: { ids } }: Scene): About => ({
  user: here.ann.uuid,
  conversation: ids.uuid('conversation', here.support.number),
  message: ids.uuid('message', here.support.message.number),
  device: ids.uuid('device', NOWHERE.desk),
  agent: here.agent.uuid,
  agentEmail: here.agent.email,
  doomed: here.cat.uuid,
  doomedPassword: here.cat.password,
  group: ids.uuid('group', NOWHERE.desk),
  doomedGroup: ids.uuid('group', NOWHERE.desk),
});

const tokens = new Map<string, Promise<string>>();
function tokenOf({ here }: Scene, level: Level): Promise<string> {
  const kind = level === 'PPCOM' ? 'PPCOM' : 'PPKEFU';
  const name = `${here.slug} ${kind}`;
  const known = tokens.get(name) ?? keyToken(here.made, kind);
  tokens.set(name, known);
  return known;
}

/** A key of the app's own acts for everybody, so that what is refused is what is spoiled. */
const usualLevel = ({ levels }: Route): Level => (levels.includes('PPKEFU') ? 'PPKEFU' : 'PPCOM');

interface Wire {
  method?: string;
  authorization?: string | null;
  type?: string;
  raw?: string | Uint8Array<ArrayBuffer>;
}

async function send(route: Route, scene: Scene, body: Json, wire: Wire = {}, level?: Level): Promise<Answer> {
  const { method = 'POST', type = 'application/json', raw } = wire;
  const token = await tokenOf(scene, level ?? usualLevel(route));
  const by = wire.authorization === undefined ? `OAuth ${token}` : wire.authorization;
  const response = await fetch(`${scene.here.made.ppmessage.baseUrl}/api/${route.name}`, {
    method,
    headers: { 'content-type': type, ...(by !== null && { authorization: by }) },
    ...(method === 'GET' ? {} : { body: raw ?? JSON.stringify(body) }),
  });
  return answerOf(response);
}

const whole = (route: Route, scene: Scene): Json => ({
  app_uuid: scene.here.made.ppmessage.appUuid,
  ...callOf(route, aboutOf(scene)),
});

const attempt = (
  route: Route,
  what: string,
  error: ErrorName,
  make: (scene: Scene) => Promise<Answer>,
): Attempt => ({ name: `${route.name}: ${what}`, refusal: refusal(error, `/${route.name}`), make });

const spoiled = (
  route: Route,
  what: string,
  error: ErrorName,
  spoil: (body: Json, scene: Scene) => Json,
): Attempt => attempt(route, what, error, (scene) => send(route, scene, spoil(whole(route, scene), scene)));

/** One reader has all requests: each route shows that it uses it. */
const SHOWN_AT = 'PP_GET_USER_INFO';

function requests(route: Route): Attempt[] {
  const wire = (what: string, error: ErrorName, how: Wire): Attempt =>
    attempt(route, what, error, (scene) => send(route, scene, whole(route, scene), how));
  const few = [
    wire('by GET', 'NO_JSON', { method: 'GET' }),
    wire('no token', 'NO_ACCESS_TOKEN', { authorization: null }),
    wire('a wrong token', 'WRONG_ACCESS_TOKEN', { authorization: 'OAuth a-wrong-token-of-a-test' }),
  ];
  if (route.name !== SHOWN_AT) return few;
  const bodies = Object.entries(NO_OBJECT).map(([what, raw]) => wire(`a body: ${what}`, 'NO_JSON', { raw }));
  return [
    ...few,
    ...bodies,
    wire('as a form', 'NO_JSON', { type: 'application/x-www-form-urlencoded', raw: 'a=b' }),
    wire('another scheme', 'NO_ACCESS_TOKEN', { authorization: 'Bearer a-wrong-token-of-a-test' }),
    wire('three words', 'NO_ACCESS_TOKEN', { authorization: 'OAuth a-wrong-token-of-a-test b' }),
    wire('an empty token', 'NO_ACCESS_TOKEN', { authorization: 'OAuth ' }),
    wire('a body over the cap', 'INVALID_PARA', { raw: JSON.stringify({ a: 'x'.repeat(200_000) }) }),
    attempt(route, "a person's token of another door", 'WRONG_ACCESS_TOKEN', (scene) => {
      const authorization = `OAuth ${scene.tokens.get(scene.here.ann)}`;
      return send(route, scene, whole(route, scene), { authorization });
    }),
  ];
}

/** A key's token of the other level; the third party's is its twin's (ppmessage-calls.test.ts). */
function levels(route: Route): Attempt[] {
  const refused = (['PPCOM', 'PPKEFU'] as const).filter((level) => !route.levels.includes(level));
  const wrong = refused.map((level) =>
    attempt(route, `at ${level}`, 'WRONG_ACCESS_TOKEN', (scene) =>
      send(route, scene, whole(route, scene), {}, level),
    ),
  );
  const appless = spoiled(route, 'without the app', 'WRONG_ACCESS_TOKEN', ({ app_uuid: _, ...rest }) => rest);
  return [
    ...wrong,
    ...(route.ofApp ? [appless] : []),
    spoiled(route, 'of the other app', 'WRONG_ACCESS_TOKEN', (body, { apps }) => ({
      ...body,
      app_uuid: apps.there.made.ppmessage.appUuid,
    })),
  ];
}

/** What ids of nothing are answered with; null: they name nothing, and that is all right. */
const NOTHING: Partial<Record<Kind, ErrorName | null>> = {
  user: 'NO_USER',
  users: 'NO_USER',
  conversation: 'NO_CONVERSATION',
  group: 'NO_ORG_GROUP',
};
const NOTHING_AT: Record<string, ErrorName | null> = {
  'PP_UPDATE_USER user_uuid': 'GENERIC_UPDATE',
  'PP_UPDATE_DEVICE device_uuid': 'GENERIC_UPDATE',
  'PP_GET_USER_DETAIL user_uuid': 'NO_OBJECT',
  'GET_YVOBJECT_DETAIL uuid': 'NO_OBJECT',
  'PP_GET_API_INFO user_uuid': 'NOT_ADMIN',
  'PP_GET_CONVERSATION_USER_LIST conversation_uuid': null,
  'PP_PAGE_USER_CONVERSATION max_uuid': null,
  'PP_PAGE_USER_CONVERSATION min_uuid': null,
  // Of a group that there is not, nobody is asked for.
  'PP_ADD_ORG_GROUP_USER user_list': 'NO_USER',
  'PP_REMOVE_ORG_GROUP_USER user_list': 'NO_ORG_GROUP',
  // Its group is one of nothing already.
  'PP_CREATE_CONVERSATION member_list': 'NO_ORG_GROUP',
  'PP_UPDATE_CONVERSATION_MEMBER member_list': 'NO_ORG_GROUP',
  'PP_UPDATE_CONVERSATION_MEMBER conversation_uuid': 'NO_ORG_GROUP',
  'PP_SEND_MESSAGE from_uuid': 'NO_USER',
  'PP_SEND_MESSAGE conversation_uuid': 'NO_CONVERSATION',
};

/** Calls that a visitor's token makes for nobody yet: whom it does not act for, it does not act for. */
const isVisitors = (route: Route): boolean => route.levels.length === 1 && route.levels[0] === 'PPCOM';

function nothingAt(route: Route, name: string, kind: Kind): ErrorName | null {
  if (isVisitors(route)) return kind === 'user' ? 'WRONG_ACCESS_TOKEN' : null;
  const special = NOTHING_AT[`${route.name} ${name}`];
  return special === undefined ? (NOTHING[kind] ?? null) : special;
}

/** Ids of nothing, of the other app, of another kind of thing, and no ids: alike. */
const IDS: Record<string, (scene: Scene) => string> = {
  'of nothing': ({ apps: { ids } }) => ids.uuid('user', NOWHERE.user),
  'of the other app': ({ apps: { there } }) => there.ann.uuid,
  'a conversation of the other app': ({ apps: { ids, there } }) =>
    ids.uuid('conversation', there.support.number),
  'an id of another door': ({ here }) => here.ann.sunshineId,
  'no id': () => "'; --",
};

function parameter(route: Route, name: string, field: Field<unknown>): Attempt[] {
  const { kind } = field;
  const attempts = faultsOf(name, field).map(({ what, error, spoil }) => spoiled(route, what, error, spoil));
  if (name === 'message_body') return attempts;
  const error = nothingAt(route, name, kind);
  for (const [what, id] of error === null ? [] : Object.entries(IDS)) {
    const put = (scene: Scene): Json => (kind === 'users' ? [id(scene)] : id(scene));
    attempts.push(
      spoiled(route, `${name} ${what}`, error as ErrorName, (body, scene) => ({
        ...body,
        [name]: put(scene),
      })),
    );
  }
  return attempts;
}

/** Every refusal that can be made of the table alone. */
export const ppmessageAttempts: readonly Attempt[] = ROUTES.flatMap((route) => [
  ...requests(route),
  ...levels(route),
  ...fieldsOf(route).flatMap(([name, field]) => parameter(route, name, field)),
]);

const routeOf = (name: string): Route => ROUTES.find((each) => each.name === name) as Route;
const at = (name: string, what: string, error: ErrorName, change: (scene: Scene) => Json): Attempt =>
  spoiled(routeOf(name), what, error, (body, scene) => ({ ...body, ...change(scene) }));

/** What is well formed, and may not be. */
export const ppmessageRefusals: readonly Attempt[] = [
  {
    name: 'a call that there is not',
    refusal: refusal('NO_ACTION', '/PP_NOTHING', 404),
    make: (scene) => send({ ...routeOf(SHOWN_AT), name: 'PP_NOTHING' }, scene, {}),
  },
  at('PP_CREATE_USER', 'an address that is taken', 'EX_USER', ({ here }) => ({ user_email: here.ann.email })),
  at('PP_CREATE_USER', 'no address', 'INVALID_PARA', () => ({ user_email: 'nobody' })),
  at('PP_CREATE_USER', 'a password as it is typed', 'INVALID_PARA', () => ({
    user_password: 'a wrong password of a test',
  })),
  at('PP_REMOVE_USER', 'by a wrong password', 'MIS_ERR', () => ({ user_password: '0'.repeat(40) })),
  at('PP_UPDATE_USER', 'by a wrong password', 'MIS_ERR', () => ({
    old_password: '0'.repeat(40),
    new_password: '1'.repeat(40),
  })),
  at('PP_CREATE_CONVERSATION', 'S2S with nobody', 'NO_PARA', () => ({ member_list: null })),
  at('PP_UPDATE_CONVERSATION_MEMBER', 'people without an action', 'NO_PARA', () => ({ action: null })),
  at('PP_PAGE_HISTORY_MESSAGE', 'two anchors', 'PAGE_MAX_MIN', (scene) => ({
    max_uuid: aboutOf(scene).message,
    min_uuid: aboutOf(scene).message,
  })),
  at('PP_SEND_MESSAGE', 'by somebody outside', 'NO_CONVERSATION', ({ here }) => ({
    from_uuid: here.cat.uuid,
  })),
  at('PP_SEND_MESSAGE', 'of the system', 'MESSAGE', () => ({ message_type: 'SYS' })),
  at('PP_SEND_MESSAGE', 'of a kind that nobody sends', 'MESSAGE', () => ({ message_subtype: 'EVENT' })),
  at('PP_SEND_MESSAGE', 'an id of our own layout', 'MESSAGE', (scene) => ({ uuid: aboutOf(scene).message })),
  at('PP_SEND_MESSAGE', 'nothing', 'MESSAGE', () => ({ message_body: ' ' })),
  at('PP_SEND_MESSAGE', 'a file that there is not', 'NO_FILE', () => ({
    message_subtype: 'FILE',
    message_body: '{"fid":"1.2.3"}',
  })),
  at('PP_SEND_MESSAGE', 'a picture that is no JSON', 'MESSAGE', () => ({
    message_subtype: 'IMAGE',
    message_body: '{',
  })),
  at('PP_ADD_ORG_GROUP_USER', 'who is not of the team', 'NO_APP_USER', ({ here }) => ({
    user_list: [here.ann.uuid],
  })),
];
