// A call of every route of the operator API, filled in so that it works.
import type * as v from 'valibot';
import * as bridges from '../../../src/operator/bridge-schemas.ts';
import * as endpoints from '../../../src/operator/endpoint-schemas.ts';
import {
  CONVERSATION_BYTES,
  ImportedConversation,
  ImportedPerson,
  PERSON_BYTES,
} from '../../../src/operator/import-schemas.ts';
import * as incoming from '../../../src/operator/incoming-schemas.ts';
import { operatorRoutes } from '../../../src/operator/routes.ts';
import * as schemas from '../../../src/operator/schemas.ts';
import { type Answer, answerOf, type Json } from './answer.ts';

/** What a call is about; each test makes it anew where the call changes it. */
export interface About {
  slug: string;
  username: string;
  number: number;
  /** A key of an account, where a route names one. */
  key?: string;
  /** An endpoint of the app, and something that it was to be sent. */
  endpoint?: number;
  delivery?: number;
  /** An incoming hook of the app. */
  hook?: number;
  bridge?: number;
  /** What the bridge kept out. */
  copy?: number;
}

interface Operation {
  success: 200 | 201;
  body?: { schema: v.GenericSchema; of(about: About): Json };
  /** The body is such a document in each line, of at most so many bytes, and so is the answer. */
  lineBytes?: number;
}

let made = 0;

/** By method and path. */
const OPERATIONS: Record<string, Operation> = {
  'POST /admin/apps': {
    success: 201,
    body: { schema: schemas.NewApp, of: () => ({ slug: `made-${++made}`, name: 'An app' }) },
  },
  'GET /admin/apps': { success: 200 },
  'GET /admin/apps/:slug': { success: 200 },
  'PATCH /admin/apps/:slug': {
    success: 200,
    body: {
      schema: schemas.AppPatch,
      of: () => ({
        name: 'Renamed',
        hosts: [`forum-${++made}.example.org`],
        origins: ['https://forum.example.org'],
        settings: { legacyStrings: true, inboxShards: 1 },
        widget: { colour: '#7a1fa2', launcher: 'FLAT', greeting: 'ONCE' },
        apple: { mspId: 'msp-1', businessId: 'business-1', secret: 'c2VjcmV0' },
        rotate: ['qiscus'],
      }),
    },
  },
  'DELETE /admin/apps/:slug': { success: 200 },
  'POST /admin/apps/:slug/users': {
    success: 201,
    body: {
      schema: schemas.NewUser,
      of: () => ({
        username: `person-${++made}`,
        password: 'a password for one test',
        externalId: `external-person-${made}`,
        email: `person-${made}@example.org`,
        displayName: 'A person',
        avatarUrl: 'https://example.org/a.png',
        role: 'member',
      }),
    },
  },
  'POST /admin/apps/:slug/users/import': {
    success: 200,
    lineBytes: PERSON_BYTES,
    body: {
      schema: ImportedPerson,
      of: () => ({
        username: `member-${++made}`,
        externalId: `external-member-${made}`,
        email: `member-${made}@example.org`,
        displayName: 'A member',
        avatarUrl: 'https://example.org/a.png',
        locale: 'en',
        role: 'member',
        metadata: {},
        passwordHash: '$2y$05$d9itSgBkD/jUZwVCEgOzxevnn6z90YmpQ0OczoOKGZOMFGouBUuBW',
        createdAt: '2009-01-31T12:00:00Z',
      }),
    },
  },
  'GET /admin/apps/:slug/users/:username': { success: 200 },
  'POST /admin/apps/:slug/users/:username/token': {
    success: 200,
    body: { schema: schemas.NewToken, of: () => ({ seconds: 60 }) },
  },
  'DELETE /admin/apps/:slug/users/:username': {
    success: 200,
    body: {
      schema: schemas.Erasure,
      of: () => ({ conversations: 'delete', everywhere: false, limit: 10 }),
    },
  },
  'DELETE /admin/apps/:slug/users/:username/tokens': { success: 200 },
  'POST /admin/apps/:slug/conversations/import': {
    success: 200,
    lineBytes: CONVERSATION_BYTES,
    body: {
      schema: ImportedConversation,
      of: ({ username }) => ({
        key: `key-${++made}`,
        title: 'An old talk',
        creator: { username },
        createdAt: '2009-01-31T12:00:00Z',
        locked: false,
        members: [{ username, readUpTo: 1, left: '2009-01-31T12:00:00Z', barred: false }],
        messages: [
          {
            author: { name: 'Somebody gone' },
            date: '2009-01-31T12:00:00Z',
            text: 'Old words',
            markup: 'plain',
            title: 'A heading',
          },
        ],
      }),
    },
  },
  'PATCH /admin/apps/:slug/conversations/:number': {
    success: 200,
    body: {
      schema: schemas.ConversationPatch,
      of: () => ({ title: 'Renamed', locked: false, state: 'open', assignee: null }),
    },
  },
  'POST /admin/apps/:slug/conversations/:number/members': {
    success: 200,
    body: { schema: schemas.NewMembers, of: ({ username }) => ({ users: [username || 'somebody'] }) },
  },
  'POST /admin/apps/:slug/conversations/:number/restore': { success: 200 },
  'GET /admin/apps/:slug/conversations/:number/lag': { success: 200 },
  'POST /admin/apps/:slug/reindex': { success: 200 },
  'POST /admin/apps/:slug/endpoints': {
    success: 201,
    body: {
      schema: endpoints.NewEndpoint,
      of: () => ({
        url: 'https://hooks.example.org/in',
        format: 'parlance',
        events: ['message.*', 'conversation.created'],
        name: 'Our bot',
        options: { thin: false },
        delivery: {
          signature: 'standard',
          ed25519: true,
          ordered: true,
          concurrency: 4,
          perSecond: 20,
          timeoutSeconds: 10,
          schedule: [5, 60],
          conversations: [1],
          kinds: ['group'],
          doors: ['tapatalk'],
          tags: { team: 'sales' },
          challenge: false,
          probe: false,
          keepDays: 7,
          keepMost: 1000,
        },
        headers: { 'x-team': 'sales' },
        secret: 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=',
      }),
    },
  },
  'POST /admin/apps/:slug/bridges': {
    success: 201,
    body: {
      schema: bridges.NewBridge,
      of: ({ number }) => ({
        network: 'discord',
        conversation: number,
        name: 'A bridge',
        url: `https://hooks.example.org/api/webhooks/${++made}/token`,
        credentials: {},
        place: { thread: '12' },
        self: ['7'],
        incoming: null,
        options: { announceEdits: true, digest: false },
        perSecond: 2,
      }),
    },
  },
  'GET /admin/apps/:slug/bridges': { success: 200 },
  'GET /admin/apps/:slug/bridges/:bridge': { success: 200 },
  'PATCH /admin/apps/:slug/bridges/:bridge': {
    success: 200,
    body: {
      schema: bridges.BridgePatch,
      of: () => ({
        name: null,
        url: `https://hooks.example.org/api/webhooks/${++made}/token`,
        credentials: {},
        place: {},
        self: ['8'],
        incoming: null,
        options: {},
        perSecond: null,
      }),
    },
  },
  'DELETE /admin/apps/:slug/bridges/:bridge': { success: 200 },
  'POST /admin/apps/:slug/bridges/:bridge/pause': { success: 200 },
  'POST /admin/apps/:slug/bridges/:bridge/resume': { success: 200 },
  'POST /admin/apps/:slug/bridges/:bridge/test': { success: 200 },
  'DELETE /admin/apps/:slug/bridges/:bridge/copies': { success: 200 },
  'POST /admin/apps/:slug/bridges/:bridge/copies/:copy/release': { success: 200 },
  'GET /admin/apps/:slug/endpoints': { success: 200 },
  'GET /admin/apps/:slug/endpoints/:endpoint': { success: 200 },
  'PATCH /admin/apps/:slug/endpoints/:endpoint': {
    success: 200,
    body: {
      schema: endpoints.EndpointPatch,
      of: () => ({
        url: 'https://hooks.example.org/other',
        events: ['*'],
        name: null,
        options: { thin: true },
        delivery: { ordered: false },
        headers: {},
      }),
    },
  },
  'DELETE /admin/apps/:slug/endpoints/:endpoint': { success: 200 },
  'POST /admin/apps/:slug/endpoints/:endpoint/rotate': {
    success: 200,
    body: {
      schema: endpoints.Rotation,
      of: () => ({
        secret: 'whsec_ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA=',
        overlapSeconds: 60,
      }),
    },
  },
  'POST /admin/apps/:slug/endpoints/:endpoint/revoke': { success: 200 },
  'POST /admin/apps/:slug/endpoints/:endpoint/enable': {
    success: 200,
    body: { schema: endpoints.Enabling, of: () => ({ since: '2026-01-31T12:00:00Z' }) },
  },
  'POST /admin/apps/:slug/endpoints/:endpoint/disable': { success: 200 },
  'POST /admin/apps/:slug/endpoints/:endpoint/test': {
    success: 200,
    body: { schema: endpoints.Testing, of: () => ({ forged: true }) },
  },
  'GET /admin/apps/:slug/endpoints/:endpoint/deliveries': { success: 200 },
  'GET /admin/apps/:slug/endpoints/:endpoint/notices': { success: 200 },
  'POST /admin/apps/:slug/endpoints/:endpoint/replay': {
    success: 200,
    body: { schema: endpoints.DeliveryChoice, of: () => ({ ids: [1] }) },
  },
  'POST /admin/apps/:slug/endpoints/:endpoint/discard': {
    success: 200,
    body: {
      schema: endpoints.DeliveryChoice,
      of: () => ({
        state: 'waiting',
        type: 'message.created',
        conversation: 1,
        status: 500,
        from: '2026-01-31T12:00:00Z',
        to: '2027-01-31T12:00:00Z',
        after: 1,
      }),
    },
  },
  'GET /admin/apps/:slug/endpoints/:endpoint/deliveries/:delivery': { success: 200 },
  'POST /admin/apps/:slug/endpoints/:endpoint/deliveries/:delivery/send': {
    success: 200,
    body: { schema: endpoints.Sending, of: () => ({ to: 'https://hooks.example.org/once' }) },
  },
  'GET /admin/keys': { success: 200 },
  'POST /admin/apps/:slug/hooks': {
    success: 201,
    body: {
      schema: incoming.NewIncoming,
      of: () => ({
        shape: 'discourse',
        name: 'The forum',
        open: { title: 'Forum: {title}', members: [], public: false, metadata: {} },
        options: { label: 'Forum', perMinute: 60, ignore: ['system'], privateMessages: false },
        secret: 'a-secret-of-the-forum',
      }),
    },
  },
  'GET /admin/apps/:slug/hooks': { success: 200 },
  'GET /admin/apps/:slug/hooks/:hook': { success: 200 },
  'PATCH /admin/apps/:slug/hooks/:hook': {
    success: 200,
    body: {
      schema: incoming.IncomingPatch,
      of: () => ({
        name: 'The forum',
        open: { title: '{title}', members: [] },
        options: { markup: 'markdown', channels: true },
        state: 'disabled',
      }),
    },
  },
  'DELETE /admin/apps/:slug/hooks/:hook': { success: 200 },
  'POST /admin/apps/:slug/hooks/:hook/rotate': {
    success: 200,
    body: { schema: incoming.IncomingRotation, of: () => ({ address: true, secret: false }) },
  },
  'POST /admin/keys': { success: 201, body: { schema: schemas.NewKey, of: () => ({ name: 'Our account' }) } },
  'DELETE /admin/keys/:key': { success: 200 },
  'GET /admin/health': { success: 200 },
};

export interface Route {
  readonly method: string;
  readonly path: string;
  readonly params: readonly string[];
}

/** Every route of the API but the one that catches the rest. */
export const ROUTES: readonly Route[] = operatorRoutes
  .filter(({ path }) => !path.endsWith('*'))
  .map((route) => ({
    ...route,
    params: Array.from(route.path.matchAll(/:(\w+)/g), ([, name = '']) => name),
  }));

export const nameOf = ({ method, path }: Route): string => `${method} ${path}`;

/** What this file knows of a route. Throws where that is nothing. */
export function operationOf(route: Route): Operation {
  const known = OPERATIONS[nameOf(route)];
  if (!known) throw new Error(`say how to call ${nameOf(route)} in calls/operator.ts`);
  return known;
}

/** Parameters of a path that works. */
export function paramsOf(route: Route, about: About): Record<string, string> {
  return Object.fromEntries(
    route.params.map((name) => {
      if (!(name in about)) throw new Error(`say what :${name} of ${nameOf(route)} is in a call that works`);
      return [name, String(about[name as keyof About])];
    }),
  );
}

/**
 * Settings of a hub that these calls go to: the address in them is nobody's, is not looked up for each of a thousand calls, and
 * is not tried again while a test looks.
 */
export const SAMPLE_RECEIVER = {
  WEBHOOK_ALLOW_HOSTS: 'hooks.example.org:443',
  WEBHOOK_RETRY_SECONDS: '3600',
  WEBHOOK_TIMEOUT_MS: '500',
};

/** What `route` names beside people and conversations; an endpoint is told of what happens from then on. */
export async function hubsOwn(
  hub: { url: string; adminToken: string },
  route: Route,
  slug: string,
  conversation: number,
): Promise<Pick<About, 'key' | 'endpoint' | 'delivery' | 'bridge' | 'copy' | 'hook'>> {
  if (route.params.includes('bridge')) {
    const url = 'https://hooks.example.org/api/webhooks/1/token';
    const path = `/admin/apps/${slug}/bridges`;
    const linked = await send(hub, { method: 'POST', path }, {}, { network: 'discord', conversation, url });
    const copy = route.params.includes('copy') && { copy: await keptOut(hub, slug, conversation) };
    return { bridge: linked.body.bridge.number, ...copy };
  }
  if (route.params.includes('endpoint')) {
    const path = `/admin/apps/${slug}/endpoints`;
    const made = await send(hub, { method: 'POST', path }, {}, { url: 'https://hooks.example.org/' });
    return { endpoint: made.body.endpoint.number, delivery: 1 };
  }
  if (route.params.includes('hook')) {
    const path = `/admin/apps/${slug}/hooks`;
    const made = await send(hub, { method: 'POST', path }, {}, { shape: 'slack', open: {} });
    return { hook: made.body.hook.number };
  }
  if (!route.params.includes('key')) return {};
  const made = await send(hub, { method: 'POST', path: '/admin/keys' }, {}, { name: 'Made for a test' });
  return { key: made.body.key.id };
}

/** The same is said twice at once by two people: the second one's is kept out, as the first copy of the bridge. */
async function keptOut(
  hub: { url: string; adminToken: string },
  slug: string,
  conversation: number,
): Promise<number> {
  const path = `/admin/apps/${slug}/hooks`;
  const made = await send(hub, { method: 'POST', path }, {}, { shape: 'slack', conversation });
  for (const username of ['Ann', 'Ben']) {
    const body = JSON.stringify({ text: 'the very same words at once', username });
    await fetch(made.body.url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  }
  return 1;
}

export async function send(
  hub: { url: string; adminToken: string },
  route: Pick<Route, 'method' | 'path'>,
  params: Record<string, string>,
  body?: Json,
): Promise<Answer> {
  const path = route.path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
  return answerOf(
    await fetch(`${hub.url}${path}`, {
      method: route.method,
      headers: { authorization: `Bearer ${hub.adminToken}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    }),
  );
}
