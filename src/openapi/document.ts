// The whole description as one OpenAPI 3.1 document, put together from what the areas say. Serving it is
// reference/routes.ts.
import { VERSION } from '../version.ts';
import type { KnownError, Operation } from './operation.ts';
import { ORIGIN } from './origin.ts';
import { list, type Plain, type Schema } from './schema.ts';
import {
  errorsOf,
  SUNSHINE_OPERATIONS,
  SUNSHINE_PATH_PARAMETERS,
  SUNSHINE_SCHEMAS,
  SUNSHINE_SECURITY,
} from './sunshine/door.ts';
import { SUNSHINE_ERRORS } from './sunshine/errors.ts';

interface Node {
  [key: string]: Plain | Node;
}

const TAGS: readonly { name: string; description: string }[] = [
  { name: 'Conversations', description: 'Between a customer and the business, or among people.' },
  { name: 'Messages', description: 'What is said.' },
  { name: 'Participants', description: 'Who takes part.' },
  { name: 'Activity', description: 'Reading and typing.' },
  { name: 'Users', description: 'The people of an app.' },
  { name: 'Clients', description: 'What people use the hub with.' },
  { name: 'Attachments', description: 'Files for messages.' },
  { name: 'Apps', description: 'What an account provisions, and an app’s own record.' },
  { name: 'App keys', description: 'Credentials of apps.' },
  { name: 'Integrations', description: 'Bots and back ends that act for an app.' },
  { name: 'Integration keys', description: 'Credentials of integrations.' },
  { name: 'Webhooks', description: 'Where an integration hears what happens.' },
  { name: 'Switchboards', description: 'Which integration speaks for the business.' },
  { name: 'Switchboard integrations', description: 'What a switchboard links, and in which order.' },
];

/** The document as a JSON value. */
export function document(): Node {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Parlance',
      version: VERSION,
      summary: 'One conversation, every dialect.',
      description:
        'The REST door of a conversation hub: code written for Sunshine Conversations v2 works here with another base address. What only this hub has is marked `x-parlance`.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: ORIGIN }],
    tags: TAGS,
    paths: pathsOf(SUNSHINE_OPERATIONS),
    components: {
      schemas: SUNSHINE_SCHEMAS,
      securitySchemes: SUNSHINE_SECURITY,
      headers: {
        RetryAfter: {
          description: 'Seconds to wait before the next try.',
          required: true,
          schema: { type: 'string', pattern: '^[1-9][0-9]*$' },
        },
        Challenge: {
          description: 'How to say who calls.',
          required: true,
          schema: { type: 'string', pattern: '^Basic ' },
        },
      },
    },
  };
}

function pathsOf(operations: readonly Operation[]): Node {
  const paths: Record<string, Node> = {};
  for (const operation of operations) {
    const item = paths[operation.path] ?? withParameters(operation.path);
    paths[operation.path] = { ...item, [operation.method]: render(operation) };
  }
  return paths;
}

function withParameters(path: string): Node {
  const names = Array.from(path.matchAll(/\{(\w+)\}/g), (match) => match[1] as string);
  if (names.length === 0) return {};
  return {
    parameters: names.map((name) => {
      const known = SUNSHINE_PATH_PARAMETERS[name];
      if (!known) throw new Error(`say what {${name}} is in src/openapi/sunshine/door.ts`);
      return { name, in: 'path', required: true, ...known };
    }),
  };
}

function render(operation: Operation): Node {
  const { id, tag, summary, description, parameters = [], body, answer, own } = operation;
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    ...(own && { 'x-parlance': true }),
    security: ['basic', 'token'].map((scheme) => ({ [scheme]: scopesOf(operation, scheme) })),
    ...(parameters.length > 0 && {
      parameters: parameters.map(({ own: added, deep, ...parameter }) => ({
        ...parameter,
        ...(deep && { style: 'deepObject', explode: true }),
        ...(added && { 'x-parlance': true }),
      })),
    }),
    ...(body && {
      requestBody: {
        required: !body.optional,
        content: {
          [body.type ?? 'application/json']: {
            schema: body.schema,
            ...(body.example !== undefined && { example: body.example }),
          },
        },
      },
    }),
    responses: {
      [String(answer.status)]: {
        description: answer.says,
        content: { 'application/json': { schema: answer.schema, example: answer.example } },
      },
      ...failures(errorsOf(operation)),
    },
  };
}

/** Key and secret never are one user's. */
const scopesOf = ({ scopes }: Operation, scheme: string): string[] =>
  scopes === 'admin' ? [] : scopes.filter((scope) => scheme === 'token' || scope !== 'user');

/** Answers of refusal by status. Several errors are only with 400. */
function failures(names: readonly string[]): Node {
  const byStatus = Map.groupBy(names, (name) => known(name).status);
  return Object.fromEntries(
    [...byStatus].sort(([a], [b]) => a - b).map(([status, all]) => [String(status), failure(status, all)]),
  );
}

function known(name: string): KnownError {
  const error = (SUNSHINE_ERRORS as Record<string, KnownError>)[name];
  if (!error) throw new Error(`say what the error ${name} is in src/openapi/sunshine/errors.ts`);
  return error;
}

function failure(status: number, names: readonly string[]): Node {
  const refs = names.map((name): Schema => ({ $ref: `#/components/schemas/error.${name}` }));
  const items = refs.length === 1 ? (refs[0] as Schema) : { anyOf: refs };
  const header: Node | null =
    status === 401
      ? { 'WWW-Authenticate': { $ref: '#/components/headers/Challenge' } }
      : status === 429 || status === 503
        ? { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } }
        : null;
  return {
    description: [...new Set(names.map((name) => known(name).when))].join(' '),
    ...(header && { headers: header }),
    content: {
      'application/json': {
        schema: {
          type: 'object',
          required: ['errors'],
          properties: { errors: list(items, 1, status === 400 ? 20 : 1) },
          additionalProperties: false,
        },
      },
    },
  };
}
