// The operator API as a part of the document.
import type { Door, Operation, Parameter } from '../operation.ts';
import {
  closed,
  type Fields,
  integer,
  list,
  literal,
  oneOf,
  type Plain,
  ref,
  type Schema,
  says,
  string,
} from '../schema.ts';
import { ACCOUNT_KEY_OPERATIONS, ACCOUNT_KEY_SCHEMAS } from './account-keys.ts';
import { OPERATOR_APP_OPERATIONS, OPERATOR_APP_SCHEMAS } from './apps.ts';
import { OPERATOR_BRIDGE_OPERATIONS, OPERATOR_BRIDGE_SCHEMAS } from './bridges.ts';
import { OPERATOR_ENDPOINT_SCHEMAS } from './endpoint-schemas.ts';
import { OPERATOR_ENDPOINT_OPERATIONS } from './endpoints.ts';
import { OPERATOR_ERRORS } from './errors.ts';
import { OPERATOR_HOOK_OPERATIONS, OPERATOR_HOOK_SCHEMAS } from './hooks.ts';
import { OPERATOR_PEOPLE_OPERATIONS, OPERATOR_PEOPLE_SCHEMAS } from './people.ts';
import { RECOVERY_OPERATIONS, RECOVERY_SCHEMAS } from './recovery.ts';

const REPEATABLE: Parameter = {
  ...{ name: 'Idempotency-Key', in: 'header' },
  description: 'Makes repeating the call safe for twelve hours: under one key it is made once.',
  schema: string(1, 200),
};

const OPERATIONS: readonly Operation[] = [
  ...OPERATOR_APP_OPERATIONS,
  ...ACCOUNT_KEY_OPERATIONS,
  ...OPERATOR_PEOPLE_OPERATIONS,
  ...OPERATOR_ENDPOINT_OPERATIONS,
  ...OPERATOR_HOOK_OPERATIONS,
  ...OPERATOR_BRIDGE_OPERATIONS,
  ...RECOVERY_OPERATIONS,
];

/** Every operation that is described; a test holds them against the route table. A POST may be repeated, but a stream. */
export const OPERATOR_OPERATIONS: readonly Operation[] = OPERATIONS.map((operation) =>
  operation.method !== 'post' || operation.answer.type
    ? operation
    : {
        ...operation,
        parameters: [...(operation.parameters ?? []), REPEATABLE],
        errors: [...new Set([...operation.errors, 'conflict'])],
      },
);

export const OPERATOR_TAGS = [
  { name: 'Operator: apps', description: 'Who runs the hub makes apps, with credentials for every door.' },
  { name: 'Operator: people', description: 'People of an app, by hand and by the thousand.' },
  { name: 'Operator: conversations', description: 'What an operator does to conversations.' },
  { name: 'Operator: endpoints', description: 'Who is told what happens, and what they were sent.' },
  { name: 'Operator: incoming hooks', description: 'Where other networks tell what happened there.' },
  { name: 'Operator: bridges', description: 'Conversations that other networks take part in.' },
  { name: 'Operator: recovery', description: 'How far readers are, and bringing back what was lost.' },
  { name: 'Health', description: 'For whoever watches the hub.' },
];

const errorOf = (code: Schema): Schema =>
  closed(
    { code, message: string(1), requestId: says(string(1), 'What the log has of this call.') },
    {
      line: says(integer(1), 'Of an import: the first bad line.'),
      fields: list(closed({ path: string(), message: string(1) }), 1),
    },
  );

export const OPERATOR_SCHEMAS: Fields = {
  ...OPERATOR_APP_SCHEMAS,
  ...ACCOUNT_KEY_SCHEMAS,
  ...OPERATOR_PEOPLE_SCHEMAS,
  ...OPERATOR_ENDPOINT_SCHEMAS,
  ...OPERATOR_HOOK_SCHEMAS,
  ...RECOVERY_SCHEMAS,
  ...OPERATOR_BRIDGE_SCHEMAS,
  OperatorError: errorOf(oneOf(...Object.keys(OPERATOR_ERRORS))),
  ...Object.fromEntries(
    Object.values(OPERATOR_ERRORS).map(({ code }) => [
      `refusal.${code}`,
      closed({ error: errorOf(literal(code)) }),
    ]),
  ),
};

/** What the parameters of paths name. */
const PATH_PARAMETERS: Door['parameters'] = {
  slug: { description: 'The app.', schema: string(1) },
  username: { description: 'The person, by user name, external id or number.', schema: string(1) },
  number: {
    description: 'The number of the conversation.',
    schema: { type: 'string', pattern: '^[1-9][0-9]*$' },
  },
  hook: {
    description: 'The number of the incoming hook.',
    schema: { type: 'string', pattern: '^[1-9][0-9]*$' },
  },
  endpoint: {
    description: 'The number of the endpoint.',
    schema: { type: 'string', pattern: '^[1-9][0-9]*$' },
  },
  delivery: { description: 'The id of the delivery.', schema: { type: 'string', pattern: '^[1-9][0-9]*$' } },
  key: { description: 'The key.', schema: string(1) },
  bridge: {
    description: 'The number of the bridge.',
    schema: { type: 'string', pattern: '^[1-9][0-9]*$' },
  },
  copy: { description: 'The id of what was kept out.', schema: { type: 'string', pattern: '^[1-9][0-9]*$' } },
};

/** Names of every error of an operation. */
function errorsOf({ scopes, path, body, parameters, errors }: Operation): string[] {
  if (scopes !== 'admin') return [];
  return [
    ...new Set([
      ...(body || parameters || path.includes('{') ? ['invalid'] : []),
      'unauthorized',
      ...(path.includes('{') ? ['not_found'] : []),
      ...(body ? ['too_large'] : []),
      ...errors,
      'unavailable',
    ]),
  ];
}

export const OPERATOR_SECURITY: Readonly<Record<string, Plain>> = {
  operator: {
    type: 'http',
    scheme: 'bearer',
    description: 'The hub’s `ADMIN_TOKEN`.',
  },
};

export const OPERATOR: Door = {
  operations: OPERATOR_OPERATIONS,
  parameters: PATH_PARAMETERS,
  errors: OPERATOR_ERRORS,
  errorsOf,
  security: ({ scopes }) => (scopes === 'admin' ? [{ operator: [] }] : []),
  // Each status has one code here.
  refusal: (_status, names) => ref(`refusal.${names[0]}`),
  headers: (status): Record<string, string> => (status === 503 ? { 'Retry-After': 'RetryAfter' } : {}),
};
