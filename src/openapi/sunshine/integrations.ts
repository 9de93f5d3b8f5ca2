// Integrations of the Sunshine door, their keys and their webhooks.
import type { Operation, Parameter } from '../operation.ts';
import {
  boolean,
  closed,
  type Fields,
  list,
  literal,
  nullable,
  oneOf,
  open,
  orNull,
  ref,
  says,
  string,
} from '../schema.ts';
import { idempotencyKey, ONE_PAGE, page, paged } from './shared.ts';

const TRIGGERS = [
  'client:add',
  'client:remove',
  'client:update',
  'conversation:create',
  'conversation:join',
  'conversation:leave',
  'conversation:remove',
  'conversation:message',
  'conversation:message:delivery:channel',
  'conversation:message:delivery:failure',
  'conversation:message:delivery:user',
  'conversation:postback',
  'conversation:read',
  'conversation:referral',
  'conversation:typing',
  'passthrough:messaging',
  'switchboard:acceptControl',
  'switchboard:acceptControl:failure',
  'switchboard:offerControl',
  'switchboard:offerControl:failure',
  'switchboard:passControl',
  'switchboard:passControl:failure',
  'switchboard:releaseControl',
  'user:merge',
  'user:remove',
  'user:update',
];

const flags: Fields = {
  includeFullUser: says(boolean, 'Whether events show the whole user.'),
  includeFullSource: says(boolean, 'Whether events show the whole source.'),
};
const triggers = list(ref('Trigger'), 1, TRIGGERS.length);

export const INTEGRATION_SCHEMAS: Fields = {
  IntegrationKeyId: {
    type: 'string',
    pattern: '^int_[0-9a-f]{24}$',
    description: 'The id of a key of an integration.',
  },
  Trigger: oneOf(...TRIGGERS),
  Integration: closed(
    {
      id: ref('Id'),
      type: literal('custom'),
      status: oneOf('active', 'inactive', 'error'),
      webhooks: list(ref('Webhook')),
    },
    { displayName: string(1) },
  ),
  IntegrationPost: open(
    {
      type: says(literal('custom'), 'This hub has no channels: every other type is refused.'),
      webhooks: list(ref('WebhookPost'), 1, 1),
    },
    nullable({ displayName: string(1, 100) }),
  ),
  IntegrationPatch: says(open({}, nullable({ displayName: string(1, 100) })), 'A null takes the name away.'),
  Webhook: closed(
    { id: ref('Id'), version: literal('v2'), target: ref('Address'), triggers, ...flags },
    { secret: says(string(16), 'Comes with every call in `X-API-Key`. Not shown to an account.') },
  ),
  WebhookPost: open(
    { target: says(ref('WebAddress'), 'What is called. Nothing inside the hub’s own network is.'), triggers },
    nullable(flags),
  ),
  WebhookPatch: says(
    open({}, { target: orNull(ref('WebAddress')), triggers: orNull(triggers), ...nullable(flags) }),
    'What is left out, or null, stays.',
  ),
  IntegrationKey: closed({ id: ref('IntegrationKeyId'), displayName: string() }),
  NewIntegrationKey: closed({
    id: ref('IntegrationKeyId'),
    displayName: string(),
    secret: says(string(16), 'Shown now, and never again.'),
  }),
};

const webhook = {
  id: '6c90e2b15d7f83a4c1065e9b',
  version: 'v2',
  target: 'https://bot.example.org/hook',
  triggers: ['conversation:message'],
  secret: 'an-example-that-opens-nothing',
  includeFullUser: true,
  includeFullSource: false,
};
const integration = {
  id: '5e2d7c41f09b86a3d21c74e0',
  type: 'custom',
  status: 'active',
  displayName: 'Bot',
  webhooks: [webhook],
};
const key = { id: 'int_29f1c83b5e7d04a6918c2f3b', displayName: 'Bot' };
const posted = { target: webhook.target, triggers: webhook.triggers, includeFullUser: true };

const INTEGRATIONS = '/v2/apps/{appId}/integrations';
const INTEGRATION = `${INTEGRATIONS}/{integrationId}`;
const WEBHOOKS = `${INTEGRATION}/webhooks`;
const KEYS = `${INTEGRATION}/keys`;
const OWNERS = ['account', 'app'] as const;
/** Secrets are shown. */
const INTEGRATORS = ['app', 'integration'] as const;

const one = closed({ integration: ref('Integration') });
const oneWebhook = closed({ webhook: ref('Webhook') });

const byTypes: Parameter = {
  name: 'filter',
  in: 'query',
  deep: true,
  description: 'Of which types: names with commas between them.',
  schema: { type: 'object', properties: { types: string(1) } },
};

export const INTEGRATION_OPERATIONS: readonly Operation[] = [
  {
    id: 'createIntegration',
    method: 'post',
    path: INTEGRATIONS,
    tag: 'Integrations',
    summary: 'Make an integration with its webhook',
    scopes: OWNERS,
    parameters: [idempotencyKey],
    body: {
      schema: ref('IntegrationPost'),
      example: { type: 'custom', displayName: 'Bot', webhooks: [posted] },
    },
    answer: { status: 201, says: 'The integration.', schema: one, example: { integration } },
    errors: ['conflict'],
  },
  {
    id: 'listIntegrations',
    method: 'get',
    path: INTEGRATIONS,
    tag: 'Integrations',
    summary: 'List the integrations of an app',
    description: 'The newest first.',
    scopes: OWNERS,
    parameters: [byTypes, page],
    answer: {
      status: 200,
      says: 'A page of integrations.',
      schema: paged('integrations', ref('Integration')),
      example: { integrations: [integration], ...ONE_PAGE },
    },
    errors: ['bad_request'],
  },
  {
    id: 'getIntegration',
    method: 'get',
    path: INTEGRATION,
    tag: 'Integrations',
    summary: 'Get an integration',
    scopes: OWNERS,
    answer: { status: 200, says: 'The integration.', schema: one, example: { integration } },
    errors: ['integration_not_found'],
  },
  {
    id: 'updateIntegration',
    method: 'patch',
    path: INTEGRATION,
    tag: 'Integrations',
    summary: 'Name an integration',
    scopes: OWNERS,
    body: { schema: ref('IntegrationPatch'), example: { displayName: 'Helper' }, optional: true },
    answer: { status: 200, says: 'The integration as it is now.', schema: one, example: { integration } },
    errors: ['integration_not_found'],
  },
  {
    id: 'deleteIntegration',
    method: 'delete',
    path: INTEGRATION,
    tag: 'Integrations',
    summary: 'Delete an integration',
    description: 'Its keys and its webhooks end with it. One that a switchboard links stays (400).',
    scopes: OWNERS,
    answer: { status: 200, says: 'It is gone.', schema: ref('Empty'), example: {} },
    errors: ['bad_request', 'integration_not_found'],
  },
  {
    id: 'listCustomIntegrationKeys',
    method: 'get',
    path: KEYS,
    tag: 'Integration keys',
    summary: 'List the keys of an integration',
    scopes: OWNERS,
    answer: {
      status: 200,
      says: 'Every key, without secrets.',
      schema: closed({ keys: list(ref('IntegrationKey')) }),
      example: { keys: [key] },
    },
    errors: ['integration_not_found'],
  },
  {
    id: 'createCustomIntegrationKey',
    method: 'post',
    path: KEYS,
    tag: 'Integration keys',
    summary: 'Make a key of an integration',
    scopes: OWNERS,
    parameters: [idempotencyKey],
    body: { schema: ref('KeyPost'), example: { displayName: 'Bot' } },
    answer: {
      status: 201,
      says: 'The key with its secret.',
      schema: closed({ key: ref('NewIntegrationKey') }),
      example: { key: { ...key, secret: 'an-example-that-opens-nothing' } },
    },
    errors: ['integration_not_found', 'conflict'],
  },
  {
    id: 'getCustomIntegrationKey',
    method: 'get',
    path: `${KEYS}/{keyId}`,
    tag: 'Integration keys',
    summary: 'Get a key of an integration',
    scopes: OWNERS,
    answer: {
      status: 200,
      says: 'The key, without its secret.',
      schema: closed({ key: ref('IntegrationKey') }),
      example: { key },
    },
    errors: ['integration_not_found', 'not_found'],
  },
  {
    id: 'deleteCustomIntegrationKey',
    method: 'delete',
    path: `${KEYS}/{keyId}`,
    tag: 'Integration keys',
    summary: 'End a key of an integration',
    scopes: OWNERS,
    answer: {
      status: 200,
      says: 'The key opens nothing any more, everywhere within seconds.',
      schema: ref('Empty'),
      example: {},
    },
    errors: ['integration_not_found', 'not_found'],
  },
  {
    id: 'createWebhook',
    method: 'post',
    path: WEBHOOKS,
    tag: 'Webhooks',
    summary: 'Make a webhook',
    description:
      'An app has at most ten. An integration’s own key may say `me` for its integration, and sees no other.',
    scopes: INTEGRATORS,
    parameters: [idempotencyKey],
    body: { schema: ref('WebhookPost'), example: posted },
    answer: { status: 201, says: 'The webhook.', schema: oneWebhook, example: { webhook } },
    errors: ['integration_not_found', 'conflict'],
  },
  {
    id: 'listWebhooks',
    method: 'get',
    path: WEBHOOKS,
    tag: 'Webhooks',
    summary: 'List the webhooks of an integration',
    scopes: INTEGRATORS,
    answer: {
      status: 200,
      says: 'Every webhook.',
      schema: closed({ webhooks: list(ref('Webhook')) }),
      example: { webhooks: [webhook] },
    },
    errors: ['integration_not_found'],
  },
  {
    id: 'getWebhook',
    method: 'get',
    path: `${WEBHOOKS}/{webhookId}`,
    tag: 'Webhooks',
    summary: 'Get a webhook',
    scopes: INTEGRATORS,
    answer: { status: 200, says: 'The webhook.', schema: oneWebhook, example: { webhook } },
    errors: ['integration_not_found', 'not_found'],
  },
  {
    id: 'updateWebhook',
    method: 'patch',
    path: `${WEBHOOKS}/{webhookId}`,
    tag: 'Webhooks',
    summary: 'Change a webhook',
    scopes: INTEGRATORS,
    body: { schema: ref('WebhookPatch'), example: { triggers: ['conversation:message'] }, optional: true },
    answer: { status: 200, says: 'The webhook as it is now.', schema: oneWebhook, example: { webhook } },
    errors: ['integration_not_found', 'not_found'],
  },
  {
    id: 'deleteWebhook',
    method: 'delete',
    path: `${WEBHOOKS}/{webhookId}`,
    tag: 'Webhooks',
    summary: 'Delete a webhook',
    scopes: INTEGRATORS,
    answer: { status: 200, says: 'It is called no more.', schema: ref('Empty'), example: {} },
    errors: ['integration_not_found', 'not_found'],
  },
];
