// The errors of the Sunshine door (contracts/sunshine.md 3, "Complete error catalogue"): code and title of each, word for
// word where the door always says the same. Which operation gives which is said beside the operation.
import type { Catalogue, KnownError } from '../operation.ts';
import type { Schema } from '../schema.ts';

const words: Schema = { type: 'string', minLength: 1 };
const missing = (code: string, title: string): KnownError => ({
  status: 404,
  code,
  title,
  when: 'It is not there, or not for these credentials: both are answered alike.',
});

export const SUNSHINE_ERRORS = {
  bad_request: {
    status: 400,
    code: 'bad_request',
    title: words,
    when: 'Something in the request is wrong: each entry names one field, or says in a sentence what does not go.',
  },
  unauthorized: {
    status: 401,
    code: 'unauthorized',
    title: 'Authorization is required',
    when: 'No credentials, or wrong, expired or revoked ones.',
  },
  forbidden: {
    status: 403,
    code: 'forbidden',
    title: 'Forbidden',
    when: 'The credentials are good, and not for this.',
  },
  app_not_found: missing('app_not_found', 'App not found'),
  user_not_found: missing('user_not_found', 'User not found'),
  conversation_not_found: missing('conversation_not_found', 'Conversation not found'),
  member_not_found: missing('not_found', 'User is not a member of the conversation'),
  not_found: missing('not_found', 'Resource not found'),
  client_not_found: missing('client_not_found', 'Client not found'),
  device_not_found: missing('device_not_found', 'Device not found'),
  attachment_not_found: missing('not_found', 'Attachment not found'),
  integration_not_found: missing('integration_not_found', 'Integration not found'),
  switchboard_not_found: missing('switchboard_not_found', 'Switchboard not found'),
  switchboard_integration_not_found: missing(
    'switchboard_integration_not_found',
    'SwitchboardIntegration not found',
  ),
  default_switchboard_integration_missing: {
    status: 404,
    code: 'switchboard_integration_not_found',
    title: 'Enabled switchboard must have an associated default switchboardIntegration',
    when: 'A switchboard would be enabled without a default.',
  },
  too_many_switchboard_integrations: {
    status: 400,
    code: 'too_many_switchboard_integrations',
    title: 'Switchboard has reached the max number of switchboard integrations (10)',
    when: 'The switchboard links as many as it may.',
  },
  user_exists: {
    status: 409,
    code: 'conflict',
    title: 'User already exists',
    when: 'The externalId is another user’s.',
  },
  conflict: {
    status: 409,
    code: 'conflict',
    title: words,
    when: 'What is there already does not allow it.',
  },
  payload_too_large: {
    status: 413,
    code: 'payload_too_large',
    title: 'Request entity too large',
    when: 'The body is larger than the door takes: 100 KB of JSON, or the app’s limit for a file.',
  },
  locked: {
    status: 423,
    code: 'locked',
    title: words,
    when: 'Nobody can post in the conversation now.',
  },
  too_many_requests: {
    status: 429,
    code: 'too_many_requests',
    title: 'Too many requests',
    when: 'Too often; `Retry-After` says when to try again.',
  },
  service_unavailable: {
    status: 503,
    code: 'service_unavailable',
    title: words,
    when: 'A part of the hub does not answer; `Retry-After` says when to try again.',
  },
} satisfies Catalogue;

export type SunshineError = keyof typeof SUNSHINE_ERRORS;
