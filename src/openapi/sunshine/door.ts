// The Sunshine door as a part of the document: its operations, its schemas, its credentials, its errors.
import type { Catalogue, Door, KnownError, Operation } from '../operation.ts';
import { closed, type Fields, list, literal, type Plain, type Schema } from '../schema.ts';
import { APP_OPERATIONS, APP_SCHEMAS } from './apps.ts';
import { ATTACHMENT_OPERATIONS, ATTACHMENT_SCHEMAS } from './attachments.ts';
import { CLIENT_OPERATIONS, CLIENT_SCHEMAS } from './clients.ts';
import { CONTENT_SCHEMAS } from './contents.ts';
import { CONVERSATION_OPERATIONS, CONVERSATION_SCHEMAS } from './conversations.ts';
import { SUNSHINE_ERRORS } from './errors.ts';
import { INTEGRATION_OPERATIONS, INTEGRATION_SCHEMAS } from './integrations.ts';
import { MESSAGE_OPERATIONS, MESSAGE_SCHEMAS } from './messages.ts';
import { PARTICIPANT_OPERATIONS, PARTICIPANT_SCHEMAS } from './participants.ts';
import { SEARCH_OPERATIONS, SEARCH_SCHEMAS } from './search.ts';
import { SHARED } from './shared.ts';
import { SWITCHBOARD_OPERATIONS, SWITCHBOARD_SCHEMAS } from './switchboards.ts';
import { USER_OPERATIONS, USER_SCHEMAS } from './users.ts';

/** Every operation of the door; a test holds them against its route table. */
export const SUNSHINE_OPERATIONS: readonly Operation[] = [
  ...CONVERSATION_OPERATIONS,
  ...MESSAGE_OPERATIONS,
  ...SEARCH_OPERATIONS,
  ...PARTICIPANT_OPERATIONS,
  ...USER_OPERATIONS,
  ...CLIENT_OPERATIONS,
  ...ATTACHMENT_OPERATIONS,
  ...APP_OPERATIONS,
  ...INTEGRATION_OPERATIONS,
  ...SWITCHBOARD_OPERATIONS,
];

/** What an error says, and nothing else. */
const errorSchema = ({ code, title }: KnownError): Schema =>
  closed({ code: literal(code), title: typeof title === 'string' ? literal(title) : title });

export const SUNSHINE_SCHEMAS: Fields = {
  ...SHARED,
  ...CONVERSATION_SCHEMAS,
  ...MESSAGE_SCHEMAS,
  ...SEARCH_SCHEMAS,
  ...CONTENT_SCHEMAS,
  ...PARTICIPANT_SCHEMAS,
  ...USER_SCHEMAS,
  ...CLIENT_SCHEMAS,
  ...ATTACHMENT_SCHEMAS,
  ...APP_SCHEMAS,
  ...INTEGRATION_SCHEMAS,
  ...SWITCHBOARD_SCHEMAS,
  ...Object.fromEntries(
    Object.entries(SUNSHINE_ERRORS as Catalogue).map(([name, error]) => [
      `error.${name}`,
      errorSchema(error),
    ]),
  ),
};

const ID = { $ref: '#/components/schemas/Id' };

/** What the parameters of paths name. */
const PATH_PARAMETERS: Readonly<Record<string, { description: string; schema: Schema }>> = {
  appId: { description: 'The app.', schema: ID },
  conversationId: { description: 'The conversation.', schema: ID },
  messageId: { description: 'The message.', schema: ID },
  userIdOrExternalId: {
    description: 'The user, by the id that the hub gave or by externalId.',
    schema: { type: 'string', minLength: 1 },
  },
  keyId: { description: 'The key.', schema: { type: 'string', pattern: '^(app|int)_[0-9a-f]{24}$' } },
  integrationId: {
    description: 'The integration; an integration’s own key may say `me`.',
    schema: { type: 'string', pattern: '^([0-9a-f]{24}|me)$' },
  },
  zendeskId: {
    description: 'The user, by their id in Zendesk Support.',
    schema: { type: 'string', minLength: 1 },
  },
  clientId: { description: 'The client.', schema: ID },
  deviceId: { description: 'The device.', schema: ID },
  webhookId: { description: 'The webhook.', schema: ID },
  switchboardId: { description: 'The switchboard.', schema: ID },
  switchboardIntegrationId: { description: 'The switchboard integration.', schema: ID },
};

/** Ways to say who calls; scopes are named beside them at each operation. */
export const SUNSHINE_SECURITY: Readonly<Record<string, Plain>> = {
  basic: {
    type: 'http',
    scheme: 'basic',
    description:
      'Key id and secret. A key of an app has the scope `app`, a key of an account `account`, a key of an integration `integration`.',
  },
  token: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      'A token signed with a key’s secret (HS256, `kid` the key’s id): `{"scope": "app"}`, the scope of the key; or, an addition of this hub, `{"scope": "user", "external_id": "…"}` for one user, who then acts as themselves.',
  },
};

/** Names of every error of an operation, with what any call with credentials, an app or a body can give. */
function errorsOf({ scopes, path, body, errors }: Operation): string[] {
  const names = [
    ...(body ? ['bad_request', 'payload_too_large'] : []),
    'unauthorized',
    // A user's own token is good, and for few operations.
    'forbidden',
    ...(path.includes('{appId}') ? ['app_not_found'] : []),
    // The person of such a token may be gone.
    ...(scopes.includes('user') ? ['user_not_found'] : []),
    ...errors,
    'service_unavailable',
  ];
  return [...new Set(names)];
}

/** Key and secret never are one user's. */
const scopesOf = ({ scopes }: Operation, scheme: string): string[] =>
  scopes === 'admin' ? [] : scopes.filter((scope) => scheme === 'token' || scope !== 'user');

export const SUNSHINE: Door = {
  operations: SUNSHINE_OPERATIONS,
  parameters: PATH_PARAMETERS,
  errors: SUNSHINE_ERRORS,
  errorsOf,
  security: (operation) => ['basic', 'token'].map((scheme) => ({ [scheme]: scopesOf(operation, scheme) })),
  refusal: (status, names) => {
    const refs = names.map((name): Schema => ({ $ref: `#/components/schemas/error.${name}` }));
    const items = refs.length === 1 ? (refs[0] as Schema) : { anyOf: refs };
    // Several only with 400 (contracts/sunshine.md 1).
    return closed({ errors: list(items, 1, status === 400 ? 20 : 1) });
  },
  headers: (status) => ({
    ...(status === 401 && { 'WWW-Authenticate': 'Challenge' }),
    ...((status === 429 || status === 503) && { 'Retry-After': 'RetryAfter' }),
  }),
};
