// The operations of Sunshine Conversations v2 that this hub speaks, and the one way each request takes:
// authenticate, parse, call the hub, render. What an operation does is in the file of its area.
import { Router } from 'itty-router';
import { forbidden, notFound, Refused } from '../../domain/errors.ts';
import { readOver } from '../../http/body.ts';
import type { Hub } from '../../hub/context.ts';
import { postActivity } from './activity.ts';
import {
  createApp,
  createAppKey,
  deleteApp,
  deleteAppKey,
  getApp,
  getAppKey,
  listAppKeys,
  listApps,
  tokenInfo,
  updateApp,
} from './apps.ts';
import { deleteAttachment, uploadAttachment } from './attachments.ts';
import { authenticate, authenticateAccount, type Scope } from './auth.ts';
import type { AccountCall, Call } from './call.ts';
import { createClient, getDevice, listClients, listDevices, removeClient } from './clients.ts';
import { acceptControl, offerControl, passControl, releaseControl } from './control.ts';
import {
  createConversation,
  deleteConversation,
  getConversation,
  listConversations,
  updateConversation,
} from './conversations.ts';
import { renderError } from './errors.ts';
import { repeatable } from './idempotency.ts';
import {
  createIntegration,
  createIntegrationKey,
  deleteIntegration,
  deleteIntegrationKey,
  getIntegration,
  getIntegrationKey,
  listIntegrationKeys,
  listIntegrations,
  updateIntegration,
} from './integrations.ts';
import { deleteAllMessages, deleteMessage, listMessages, postMessage } from './messages.ts';
import { getMessage, getMessageText, updateMessage } from './one-message.ts';
import { pageOrigin, preflight, shown } from './pages.ts';
import { joinConversation, leaveConversation, listParticipants } from './participants.ts';
import { downloadMessageRef } from './references.ts';
import { searchMessages } from './search.ts';
import {
  createSwitchboard,
  createSwitchboardIntegration,
  deleteSwitchboard,
  deleteSwitchboardIntegration,
  listSwitchboardIntegrations,
  listSwitchboards,
  updateSwitchboard,
  updateSwitchboardIntegration,
} from './switchboards.ts';
import {
  createUser,
  deletePersonalInformation,
  deleteUser,
  getUser,
  listUsers,
  syncUser,
  updateUser,
} from './users.ts';
import { createWebhook, deleteWebhook, getWebhook, listWebhooks, updateWebhook } from './webhooks.ts';

type Operation = (call: Call) => Promise<Response>;

interface Route {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: string;
  /** The operation's name in the clients that are generated from the vendor's document; of an addition its name here. */
  operation: string;
  params: readonly string[];
  /** Whose credentials may call it. */
  scopes: readonly Scope[];
  run: Operation;
}

interface AccountRoute extends Pick<Route, 'method' | 'path' | 'operation' | 'scopes'> {
  run(call: AccountCall): Promise<Response>;
}

const ACCOUNT: readonly Scope[] = ['account'];
/** An integration has no say over its app. */
const OWNERS: readonly Scope[] = ['account', 'app'];
const SERVICES: readonly Scope[] = ['account', 'app', 'integration'];
/** Webhooks are not an account's to see: their secrets are shown (contracts/sunshine.md 3). */
const INTEGRATORS: readonly Scope[] = ['app', 'integration'];
/** What a person's own token may call, in conversations that they are in. */
const PEOPLE_TOO: readonly Scope[] = [...SERVICES, 'user'];

const APP = '/v2/apps/:appId';
const USER = `${APP}/users/:userIdOrExternalId`;
const CONVERSATION = `${APP}/conversations/:conversationId`;
const MESSAGE = `${CONVERSATION}/messages/:messageId`;
const INTEGRATION = `${APP}/integrations/:integrationId`;
const SWITCHBOARD = `${APP}/switchboards/:switchboardId`;
const LINES = `${SWITCHBOARD}/switchboardIntegrations`;
const LINE = `${LINES}/:switchboardIntegrationId`;
const WEBHOOK = `${INTEGRATION}/webhooks/:webhookId`;

/** Every operation of this dialect; tests make their cases from it. */
export const ROUTES: readonly Route[] = [
  route('POST', `${APP}/conversations`, 'createConversation', createConversation),
  route('GET', `${APP}/conversations`, 'listConversations', listConversations, PEOPLE_TOO),
  route('GET', CONVERSATION, 'getConversation', getConversation, PEOPLE_TOO),
  route('PATCH', CONVERSATION, 'updateConversation', updateConversation),
  route('DELETE', CONVERSATION, 'deleteConversation', deleteConversation),
  route('POST', `${CONVERSATION}/messages`, 'postMessage', postMessage, PEOPLE_TOO),
  route('GET', `${CONVERSATION}/messages`, 'listMessages', listMessages, PEOPLE_TOO),
  route('DELETE', `${CONVERSATION}/messages`, 'deleteAllMessages', deleteAllMessages),
  route('DELETE', MESSAGE, 'deleteMessage', deleteMessage),
  route('GET', MESSAGE, 'getMessage', getMessage, PEOPLE_TOO),
  route('PATCH', MESSAGE, 'updateMessage', updateMessage, PEOPLE_TOO),
  route('GET', `${MESSAGE}/text`, 'getMessageText', getMessageText, PEOPLE_TOO),
  route('GET', `${APP}/messages/search`, 'searchMessages', searchMessages, PEOPLE_TOO),
  route('POST', `${CONVERSATION}/join`, 'joinConversation', joinConversation),
  route('POST', `${CONVERSATION}/leave`, 'leaveConversation', leaveConversation),
  route('GET', `${CONVERSATION}/participants`, 'listParticipants', listParticipants),
  route('POST', `${CONVERSATION}/activity`, 'postActivity', postActivity, PEOPLE_TOO),
  route('POST', `${CONVERSATION}/download`, 'downloadMessageRef', downloadMessageRef),
  route('POST', `${APP}/users`, 'createUser', createUser),
  route('GET', USER, 'getUser', getUser),
  route('GET', `${APP}/users`, 'listUsers', listUsers),
  route('PATCH', USER, 'updateUser', updateUser),
  route('DELETE', USER, 'deleteUser', deleteUser),
  route('DELETE', `${USER}/personalinformation`, 'deleteUserPersonalInformation', deletePersonalInformation),
  route('POST', `${APP}/users/:zendeskId/sync`, 'syncUser', syncUser),
  route('POST', `${USER}/clients`, 'createClient', createClient),
  route('GET', `${USER}/clients`, 'listClients', listClients),
  route('DELETE', `${USER}/clients/:clientId`, 'removeClient', removeClient),
  route('GET', `${USER}/devices`, 'listDevices', listDevices),
  route('GET', `${USER}/devices/:deviceId`, 'getDevice', getDevice),
  route('POST', `${APP}/attachments`, 'uploadAttachment', uploadAttachment, PEOPLE_TOO),
  route('POST', `${APP}/attachments/remove`, 'deleteAttachment', deleteAttachment, PEOPLE_TOO),
  route('GET', APP, 'getApp', getApp, OWNERS),
  route('PATCH', APP, 'updateApp', updateApp, OWNERS),
  route('POST', `${APP}/integrations`, 'createIntegration', repeatable(createIntegration), OWNERS),
  route('GET', `${APP}/integrations`, 'listIntegrations', listIntegrations, OWNERS),
  route('GET', INTEGRATION, 'getIntegration', getIntegration, OWNERS),
  route('PATCH', INTEGRATION, 'updateIntegration', updateIntegration, OWNERS),
  route('DELETE', INTEGRATION, 'deleteIntegration', deleteIntegration, OWNERS),
  route('POST', `${INTEGRATION}/webhooks`, 'createWebhook', repeatable(createWebhook), INTEGRATORS),
  route('GET', `${INTEGRATION}/webhooks`, 'listWebhooks', listWebhooks, INTEGRATORS),
  route('GET', WEBHOOK, 'getWebhook', getWebhook, INTEGRATORS),
  route('PATCH', WEBHOOK, 'updateWebhook', updateWebhook, INTEGRATORS),
  route('DELETE', WEBHOOK, 'deleteWebhook', deleteWebhook, INTEGRATORS),
  route(
    'POST',
    `${INTEGRATION}/keys`,
    'createCustomIntegrationKey',
    repeatable(createIntegrationKey),
    OWNERS,
  ),
  route('GET', `${INTEGRATION}/keys`, 'listCustomIntegrationKeys', listIntegrationKeys, OWNERS),
  route('GET', `${INTEGRATION}/keys/:keyId`, 'getCustomIntegrationKey', getIntegrationKey, OWNERS),
  route('DELETE', `${INTEGRATION}/keys/:keyId`, 'deleteCustomIntegrationKey', deleteIntegrationKey, OWNERS),
  route('POST', `${APP}/switchboards`, 'createSwitchboard', repeatable(createSwitchboard), OWNERS),
  route('GET', `${APP}/switchboards`, 'listSwitchboards', listSwitchboards, OWNERS),
  route('PATCH', SWITCHBOARD, 'updateSwitchboard', updateSwitchboard, OWNERS),
  route('DELETE', SWITCHBOARD, 'deleteSwitchboard', deleteSwitchboard, OWNERS),
  route('POST', LINES, 'createSwitchboardIntegration', repeatable(createSwitchboardIntegration), OWNERS),
  route('GET', LINES, 'listSwitchboardIntegrations', listSwitchboardIntegrations, OWNERS),
  route('PATCH', LINE, 'updateSwitchboardIntegration', updateSwitchboardIntegration, OWNERS),
  route('DELETE', LINE, 'deleteSwitchboardIntegration', deleteSwitchboardIntegration, OWNERS),
  route('POST', `${CONVERSATION}/passControl`, 'passControl', passControl),
  route('POST', `${CONVERSATION}/offerControl`, 'offerControl', offerControl),
  route('POST', `${CONVERSATION}/acceptControl`, 'acceptControl', acceptControl),
  route('POST', `${CONVERSATION}/releaseControl`, 'releaseControl', releaseControl),
];

const KEYS = `${APP}/keys`;

/** What an account does, and what is asked without naming an app; an account's credentials reach every app. */
export const ACCOUNT_ROUTES: readonly AccountRoute[] = [
  { method: 'GET', path: '/v2/apps', operation: 'listApps', scopes: ACCOUNT, run: listApps },
  { method: 'POST', path: '/v2/apps', operation: 'createApp', scopes: ACCOUNT, run: repeatable(createApp) },
  { method: 'DELETE', path: APP, operation: 'deleteApp', scopes: ACCOUNT, run: deleteApp },
  { method: 'GET', path: KEYS, operation: 'listAppKeys', scopes: ACCOUNT, run: listAppKeys },
  { method: 'POST', path: KEYS, operation: 'createAppKey', scopes: ACCOUNT, run: repeatable(createAppKey) },
  { method: 'GET', path: `${KEYS}/:keyId`, operation: 'getAppKey', scopes: ACCOUNT, run: getAppKey },
  { method: 'DELETE', path: `${KEYS}/:keyId`, operation: 'deleteAppKey', scopes: ACCOUNT, run: deleteAppKey },
  { method: 'GET', path: '/v2/tokenInfo', operation: 'tokenInfo', scopes: SERVICES, run: tokenInfo },
];

function route(
  method: Route['method'],
  path: string,
  operation: string,
  run: Operation,
  scopes: readonly Scope[] = SERVICES,
): Route {
  return {
    method,
    path,
    operation,
    params: Array.from(path.matchAll(/:(\w+)/g), (match) => match[1] as string),
    scopes,
    run,
  };
}

/** What the router needs of a request; it writes `params` and `query` on it. */
interface Asked {
  method: string;
  url: string;
  params?: Record<string, string>;
}

const router = Router<Asked, [Request, Hub, URL]>();
for (const route of ROUTES) {
  router[route.method.toLowerCase() as Lowercase<Route['method']>](route.path, (asked, request, hub, url) =>
    answer(route, asked.params ?? {}, request, hub, url),
  );
}

for (const { method, path, scopes, run } of ACCOUNT_ROUTES) {
  router[method.toLowerCase() as Lowercase<Route['method']>](path, async (asked, request, hub, url) => {
    const params = decoded(asked.params ?? {});
    const { app, scope } =
      params.appId === undefined
        ? await authenticateAccount(request, hub)
        : await authenticate(request, hub, params.appId);
    demand(scopes, scope);
    return run({ hub, app, request, url, params });
  });
}

function demand(scopes: readonly Scope[], scope: Scope): void {
  if (!scopes.includes(scope)) throw new Refused(forbidden('These credentials are not for this operation.'));
}

/** Answers one request below `/v2/`, in JSON whatever happens (a client takes any other body for an empty model). */
export async function handleSunshine(request: Request, hub: Hub): Promise<Response> {
  const url = new URL(request.url);
  const origin = await pageOrigin(request, hub, url.pathname);
  if (origin !== null && request.method === 'OPTIONS') return preflight(origin);
  const response = await answered(request, hub, url);
  return origin === null ? response : shown(response, origin);
}

async function answered(request: Request, hub: Hub, url: URL): Promise<Response> {
  try {
    // A basePath that ends in a slash gives "//v2/…" (contracts/sunshine.md 6).
    if (url.pathname.startsWith('//')) url.pathname = url.pathname.replace(/^\/+/, '/');
    const response = await router.fetch({ method: request.method, url: url.href }, request, hub, url);
    if (!(response instanceof Response)) throw new Refused(notFound('route'));
    return response;
  } catch (error) {
    await readOverForm(request);
    return renderError(error, hub.requestId);
  }
}

/** Who sends a file looks for the answer when all of it is sent: not a byte of it may have been looked at yet. */
async function readOverForm({ body, headers }: Request): Promise<void> {
  const isForm = headers.get('content-type')?.startsWith('multipart/') ?? false;
  if (isForm && body && !body.locked) await readOver(body.getReader());
}

async function answer(
  { run, scopes }: Route,
  encoded: Record<string, string>,
  request: Request,
  hub: Hub,
  url: URL,
): Promise<Response> {
  const params = decoded(encoded);
  const { app, caller, scope } = await authenticate(request, hub, params.appId ?? '');
  demand(scopes, scope);
  return run({ hub, app, caller, scope, request, url, params });
}

/** External ids may hold anything, "/" included: clients encode them, the router leaves them so. */
function decoded(encoded: Record<string, string>): Record<string, string> {
  try {
    return Object.fromEntries(
      Object.entries(encoded).map(([name, text]) => [
        name,
        text.includes('%') ? decodeURIComponent(text) : text,
      ]),
    );
  } catch {
    throw new Refused(notFound('route'));
  }
}
