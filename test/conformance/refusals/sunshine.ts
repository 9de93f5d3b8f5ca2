// What the Sunshine door must refuse, made from its route table: the credential, the path, the query and the body of
// every operation, spoiled one at a time. The form is contracts/sunshine.md 1 and 3.
import { expect } from 'vitest';
import { BLOCK_SIZE, type ConversationNumber, type UserNumber } from '../../../src/domain/ids.ts';
import { NOWHERE, type Talk, type TwoApps } from '../../support/two-apps.ts';
import { type Answer, answerOf, type Json } from '../calls/answer.ts';
import { authorizationOf, type Call, callOf, operationOf, ROUTES, type Route } from '../calls/sunshine.ts';
import { NOTHING_REQUIRED_AT_DESK } from '../calls/sunshine-desk.ts';
import { type IdPlace, idPlaces } from '../isolation/sunshine.ts';
import { type Attempt, NO_OBJECT, type Scene, streamed, wrongTypes } from './attempt.ts';

/** The cap of contracts/sunshine.md 1. */
const CAP_BYTES = 100 * 1024;

/** An answer of refusal, whole but for the words of the title. */
const refusal = (status: number, code: string, title: unknown = expect.any(String)) => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: { errors: [{ code, title }] },
});

/** Several errors only with 400. */
const badRequest = {
  status: 400,
  headers: { 'content-type': 'application/json; charset=utf-8' },
  body: { errors: expect.toSatisfy((errors: Json[]) => errors.length > 0 && errors.every(isBadRequest)) },
};
const isBadRequest = ({ code, title, ...rest }: Json): boolean =>
  code === 'bad_request' && typeof title === 'string' && title !== '' && Object.keys(rest).length === 0;

const unauthorized = {
  ...refusal(401, 'unauthorized', 'Authorization is required'),
  headers: {
    'content-type': 'application/json; charset=utf-8',
    'www-authenticate': 'Basic realm="Parlance", charset="UTF-8"',
  },
};

interface Raw {
  authorization?: string | null;
  method?: string;
  body?: BodyInit;
  headers?: Record<string, string>;
}

/** The call with a body, a method and a credential that the ordinary ones cannot have. */
async function sendRaw(scene: Scene, route: Route, call: Call, raw: Raw): Promise<Answer> {
  const { made } = scene.here;
  const path = route.path.replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(call.params[name] ?? ''),
  );
  const query = new URLSearchParams(call.query).toString();
  const body = raw.body ?? (call.body === undefined ? undefined : JSON.stringify(call.body));
  const form = body === undefined ? operationOf(route).form?.() : undefined;
  const by = raw.authorization === undefined ? authorizationOf(made.sunshine) : raw.authorization;
  const response = await fetch(`${made.sunshine.basePath}${path}${query && `?${query}`}`, {
    method: raw.method ?? route.method,
    headers: { ...(by !== null && { authorization: by }), ...raw.headers },
    ...(body !== undefined && { body, duplex: 'half' }),
    ...(form && { body: form }),
  });
  return answerOf(response);
}

const spoiled = (
  route: Route,
  what: string,
  answer: Json,
  spoil: (call: Call, scene: Scene) => { call?: Call; raw?: Raw },
): Attempt => ({
  name: `${route.operation}: ${what}`,
  refusal: answer,
  make: (scene) => {
    const works = callOf(route, scene.about);
    const { call = works, raw = {} } = spoil(works, scene);
    return sendRaw(scene, route, call, raw);
  },
});

function credentials(route: Route): Attempt[] {
  const wrong: Record<string, (scene: Scene) => string | null> = {
    'no credential': () => null,
    'an empty one': () => 'Basic Og==',
    'one that is no Basic': ({ here }) => `Bearer ${here.made.sunshine.secret}`,
    'a wrong secret': ({ here }) =>
      authorizationOf({ ...here.made.sunshine, secret: 'a-wrong-secret-of-a-test' }),
  };
  return Object.entries(wrong).map(([what, authorization]) =>
    spoiled(route, what, unauthorized, (_, scene) => ({ raw: { authorization: authorization(scene) } })),
  );
}

/** What an id that nothing has is answered with, by what it should have named. */
const MISSING: Partial<Record<IdPlace['kind'], Json>> = {
  app: refusal(404, 'app_not_found', 'App not found'),
  conversation: refusal(404, 'conversation_not_found', 'Conversation not found'),
  message: refusal(404, 'not_found', 'Resource not found'),
  user: refusal(404, 'user_not_found', 'User not found'),
  'external id': refusal(404, 'user_not_found', 'User not found'),
  'user or external id': refusal(404, 'user_not_found', 'User not found'),
  device: refusal(404, 'device_not_found', 'Device not found'),
  membership: refusal(404, 'not_found', 'User is not a member of the conversation'),
  integration: refusal(404, 'integration_not_found', 'Integration not found'),
  webhook: refusal(404, 'not_found', 'Resource not found'),
  'integration to link': refusal(404, 'integration_not_found', 'Integration not found'),
  'integration key': refusal(404, 'not_found', 'Resource not found'),
  switchboard: refusal(404, 'switchboard_not_found', 'Switchboard not found'),
  'switchboard integration': refusal(
    404,
    'switchboard_integration_not_found',
    'SwitchboardIntegration not found',
  ),
};

function nowhere({ ids }: TwoApps, kind: IdPlace['kind'], talk: Talk): string {
  switch (kind) {
    case 'app':
      return ids.hex('app', NOWHERE.app);
    case 'conversation':
      return ids.hex('conversation', NOWHERE.conversation);
    case 'message':
      return ids.hex('message', talk.number * BLOCK_SIZE + 1_000);
    case 'membership':
      return ids.membershipHex(talk.number as ConversationNumber, NOWHERE.user as UserNumber);
    case 'device':
      return ids.hex('device', NOWHERE.user);
    case 'external id':
      return 'nobody-at-all';
    case 'integration':
    case 'webhook':
      return ids.hex(kind, NOWHERE.desk);
    case 'integration to link':
      return ids.hex('integration', NOWHERE.desk);
    case 'switchboard':
      return ids.hex('switchboard', NOWHERE.desk);
    case 'switchboard integration':
      return ids.hex('line', NOWHERE.desk);
    case 'integration key':
      return `int_${ids.hex('key', NOWHERE.key)}`;
    default:
      return ids.hex('user', NOWHERE.user);
  }
}

const unknownNames = (route: Route): Attempt[] =>
  idPlaces([route]).flatMap((place) => {
    const { kind, at } = place;
    const missing = MISSING[kind];
    if (!missing) return [];
    // The one operation that the document words otherwise.
    const answer =
      route.operation === 'listMessages' && kind === 'conversation'
        ? refusal(404, 'not_found', 'Resource not found')
        : at === ':clientId'
          ? refusal(404, 'client_not_found', 'Client not found')
          : missing;
    return [
      spoiled(route, `${at} of nothing`, answer, (call, { apps, about }) => ({
        call: place.put(call, nowhere(apps, kind, about.talk)),
      })),
    ];
  });

/** Operations that take a body in which nothing is required. */
const NOTHING_REQUIRED = new Set([
  'syncUser',
  'updateApp',
  'updateConversation',
  'updateMessage',
  'updateUser',
  ...NOTHING_REQUIRED_AT_DESK,
]);

function bodies(route: Route): Attempt[] {
  if (!operationOf(route).body) return [];
  const tooLarge = refusal(413, 'payload_too_large', 'Request entity too large');
  const long = JSON.stringify({ displayName: 'x'.repeat(CAP_BYTES) });
  const sample = callOf(route, SOMEWHERE).body;
  const required = {
    ...NO_OBJECT,
    ...(!NOTHING_REQUIRED.has(route.operation) && { nothing: '', empty: '{}' }),
  };
  return [
    ...Object.entries(required).map(([what, body]) =>
      spoiled(route, `a body: ${what}`, badRequest, () => ({ raw: { body } })),
    ),
    spoiled(route, 'a body over the cap', tooLarge, () => ({ raw: { body: long } })),
    spoiled(route, 'a stream over the cap', tooLarge, () => ({ raw: { body: streamed(CAP_BYTES) } })),
    spoiled(route, 'a body that says it is over the cap', tooLarge, () => ({
      raw: { body: ' '.repeat(CAP_BYTES + 1) },
    })),
    ...wrongTypes(sample).flatMap(([what, body], index) =>
      FLAT.test(what)
        ? []
        : spoiled(route, what, badRequest, (call) => ({
            call: { ...call, body: wrongTypes(call.body)[index]?.[1] ?? body },
          })),
    ),
  ];
}

/** Custom data is flat, and any value in it that is no list or object is as good as another. */
const FLAT = /^metadata\.\w+ as a (text|number|boolean)$/;

/** Stands where the names of attempts are made, before there is a hub: ids do not matter there. */
const SOMEWHERE = {
  place: {
    made: { sunshine: { appId: '' } },
    desk: {
      integrationId: '',
      webhookId: '',
      key: { keyId: '' },
      freeIntegrationId: 'x',
      switchboardId: '',
      lineId: 'x',
      otherLineId: 'x',
    },
  },
  talk: { number: 1, id: '', message: { number: 1, id: '' } },
  member: { sunshineId: 'x' },
  guest: { sunshineId: 'y' },
} as Parameters<typeof callOf>[1];

const QUERIES: Record<string, Record<string, string>> = {
  'page[size]=0': { 'page[size]': '0' },
  'page[size]=101': { 'page[size]': '101' },
  'page[size]=ten': { 'page[size]': 'ten' },
  'page that is no object': { page: '[1]' },
  'page that is no JSON': { page: '{' },
  'page[after] that is no id': { 'page[after]': 'x' },
  'both cursors': { 'page[after]': 'x', 'page[before]': 'y' },
};

function queries(route: Route): Attempt[] {
  const { query } = operationOf(route);
  if (!query?.names.some((name) => name.startsWith('page['))) return [];
  const pages = Object.entries(QUERIES)
    // Messages come in pages of one size, whatever is asked.
    .filter(([what]) => !(route.operation === 'listMessages' && what.startsWith('page[size]')))
    .map(([what, asked]) =>
      spoiled(route, what, refusal(400, 'bad_request', 'Invalid page query parameters'), (call) => ({
        call: { ...call, query: { ...call.query, ...asked } },
      })),
    );
  if (!query.names.includes('filter[userId]')) return pages;
  const filters: Record<string, Record<string, string>> = {
    'a filter of another name': { 'filter[nothing]': 'x' },
    'a date that is none': { 'filter[createdAfter]': 'yesterday' },
    'a type that is none': { 'filter[type]': 'group' },
    'an empty filter': { 'filter[userId]': '' },
    'two filters': { 'filter[userId]': 'x', 'filter[userExternalId]': 'y' },
    'a filter that is no text': { filter: '{"userId":7}' },
    'a filter that is no JSON': { filter: '{' },
  };
  const refused = refusal(400, 'bad_request', 'Invalid query parameters');
  return [
    ...pages,
    ...Object.entries(filters).map(([what, asked]) =>
      spoiled(route, what, refused, (call) => ({ call: { ...call, query: asked } })),
    ),
  ];
}

const methods = (route: Route): Attempt[] =>
  ['PUT', 'OPTIONS'].map((method) =>
    spoiled(route, `by ${method}`, refusal(404, 'not_found', 'Resource not found'), () => ({
      raw: { method },
    })),
  );

/** Every refusal that can be made of the table alone. */
export const sunshineAttempts: readonly Attempt[] = ROUTES.flatMap((route) => [
  ...credentials(route),
  ...unknownNames(route),
  ...queries(route),
  ...bodies(route),
  ...methods(route),
]);

const routeOf = (operation: string): Route => {
  const route = ROUTES.find((each) => each.operation === operation);
  if (!route) throw new Error(`no operation ${operation}`);
  return route;
};
const about = (call: Call, talk: Talk): Call => ({
  ...call,
  params: { ...call.params, conversationId: talk.id },
});

function uploads(): Attempt[] {
  const upload = routeOf('uploadAttachment');
  const remove = routeOf('deleteAttachment');
  const notFound = refusal(404, 'not_found', 'Attachment not found');
  const form = (part: string, bytes: string, name = 'a.txt'): FormData => {
    const made = new FormData();
    made.set(part, new File([bytes], name));
    return made;
  };
  const queried: Record<string, [query: Record<string, string>, title: string]> = {
    'no access': [{}, "should have required property 'access'"],
    'private access': [{ access: 'private' }, 'access should be equal to one of the allowed values'],
    'for a person': [{ access: 'public', for: 'user' }, 'for should be equal to one of the allowed values'],
  };
  const sent: Record<string, [body: BodyInit, title: string]> = {
    'no form': ['{}', 'The request body should be multipart/form-data'],
    'a form without a file': [form('content', 'x'), "should have required property 'source'"],
    'an empty file': [form('source', ''), 'The file is empty.'],
    'a program': [
      form('source', 'MZ\x90\x00'.repeat(50), 'a.exe'),
      'Files of this kind cannot be uploaded here.',
    ],
  };
  const addresses: Record<string, (scene: Scene) => string> = {
    'of nothing': ({ here }) => `${here.made.sunshine.basePath}/files/nothing`,
    'with a made-up key': ({ here }) => `${here.made.sunshine.basePath}/files/1/1.${'a'.repeat(22)}/a.png`,
  };
  const badhost = 'https://badhost.com/image.png';
  return [
    ...Object.entries(queried).map(([what, [query, title]]) =>
      spoiled(upload, what, refusal(400, 'bad_request', title), (call) => ({ call: { ...call, query } })),
    ),
    ...Object.entries(sent).map(([what, [body, title]]) =>
      spoiled(upload, what, refusal(400, 'bad_request', title), () => ({ raw: { body } })),
    ),
    spoiled(
      remove,
      'an address elsewhere',
      refusal(400, 'bad_request', `Unsupported media URL for attachment deletion: ${badhost}`),
      (call) => ({ call: { ...call, body: { mediaUrl: badhost } } }),
    ),
    ...Object.entries(addresses).flatMap(([what, of]) => [
      spoiled(remove, `an address ${what}`, notFound, (call, scene) => ({
        call: { ...call, body: { mediaUrl: of(scene) } },
      })),
      spoiled(routeOf('postMessage'), `a picture at an address ${what}`, notFound, (call, scene) => ({
        call: { ...call, body: { ...call.body, content: { type: 'image', mediaUrl: of(scene) } } },
      })),
    ]),
  ];
}

/** What is well formed, and may not be. */
export const sunshineRefusals: readonly Attempt[] = [
  spoiled(routeOf('postMessage'), 'in a locked conversation', refusal(423, 'locked'), (call, { locked }) => {
    const { quotedMessage: _, ...body } = call.body;
    return { call: { ...about(call, locked), body } };
  }),
  spoiled(
    routeOf('postMessage'),
    'by somebody outside',
    refusal(403, 'forbidden', 'Forbidden'),
    (call, { about }) => ({
      call: { ...call, body: { ...call.body, author: { type: 'user', userId: about.guest.sunshineId } } },
    }),
  ),
  spoiled(
    routeOf('createUser'),
    'a taken external id',
    refusal(409, 'conflict', 'User already exists'),
    (call, { here }) => ({
      call: { ...call, body: { ...call.body, externalId: here.ann.externalId } },
    }),
  ),
  spoiled(
    routeOf('deleteConversation'),
    'the default one',
    refusal(400, 'bad_request'),
    (call, { here }) => ({
      call: about(call, here.support),
    }),
  ),
  spoiled(routeOf('joinConversation'), 'a personal one', refusal(400, 'bad_request'), (call, { here }) => ({
    call: about(call, here.support),
  })),
  spoiled(routeOf('leaveConversation'), 'by no member', MISSING.membership, (call, { about }) => ({
    call: { ...call, body: { userId: about.guest.sunshineId } },
  })),
  spoiled(routeOf('createConversation'), 'a personal one of two', badRequest, (call, { here }) => ({
    call: {
      ...call,
      body: {
        type: 'personal',
        participants: [here.ann, here.ben].map(({ sunshineId }) => ({ userId: sunshineId })),
      },
    },
  })),
  spoiled(routeOf('createConversation'), 'one of eleven', badRequest, (call, { here }) => ({
    call: {
      ...call,
      body: { type: 'sdkGroup', participants: Array(11).fill({ userId: here.ann.sunshineId }) },
    },
  })),
  spoiled(routeOf('updateConversation'), 'metadata over 4 KB', badRequest, (call) => ({
    call: { ...call, body: { metadata: { x: 'x'.repeat(4_096) } } },
  })),
  spoiled(routeOf('updateUser'), 'metadata over 4 KB with what is there', badRequest, (call) => ({
    call: { ...call, body: { metadata: { x: 'x'.repeat(4_096) } } },
  })),
  ...uploads(),
  ...['/v2/', '/v2/nothing', '/v2/apps/x/nothing', '/v2/apps/%ff/users/x'].map((path) => ({
    name: `no operation: ${path}`,
    refusal: refusal(404, 'not_found', 'Resource not found'),
    make: async ({ here }: Scene) => answerOf(await fetch(`${here.made.sunshine.basePath}${path}`)),
  })),
];
