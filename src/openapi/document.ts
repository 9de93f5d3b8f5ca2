// The whole description as one OpenAPI 3.1 document, put together from what the areas say. Serving it is
// reference/routes.ts.
import { VERSION } from '../version.ts';
import type { Door, Operation } from './operation.ts';
import { OPERATOR, OPERATOR_SCHEMAS, OPERATOR_SECURITY, OPERATOR_TAGS } from './operator/door.ts';
import { ORIGIN } from './origin.ts';
import type { Plain } from './schema.ts';
import { SUNSHINE, SUNSHINE_SCHEMAS, SUNSHINE_SECURITY } from './sunshine/door.ts';

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
        'The REST door of a conversation hub: code written for Sunshine Conversations v2 works here with another base address. What only this hub has is marked `x-parlance`. The operator’s own API is in it too.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: ORIGIN }],
    tags: [...TAGS, ...OPERATOR_TAGS],
    paths: { ...pathsOf(SUNSHINE), ...pathsOf(OPERATOR) },
    components: {
      schemas: { ...SUNSHINE_SCHEMAS, ...OPERATOR_SCHEMAS },
      securitySchemes: { ...SUNSHINE_SECURITY, ...OPERATOR_SECURITY },
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

function pathsOf(door: Door): Record<string, Node> {
  const paths: Record<string, Node> = {};
  for (const operation of door.operations) {
    const item = paths[operation.path] ?? withParameters(door, operation.path);
    paths[operation.path] = { ...item, [operation.method]: render(door, operation) };
  }
  return paths;
}

function withParameters(door: Door, path: string): Node {
  const names = Array.from(path.matchAll(/\{(\w+)\}/g), (match) => match[1] as string);
  if (names.length === 0) return {};
  return {
    parameters: names.map((name) => {
      const known = door.parameters[name];
      if (!known) throw new Error(`say what {${name}} of ${path} is in the door.ts of src/openapi`);
      return { name, in: 'path', required: true, ...known };
    }),
  };
}

function render(door: Door, operation: Operation): Node {
  const { id, tag, summary, description, parameters = [], body, answer, own } = operation;
  return {
    operationId: id,
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    ...(own && { 'x-parlance': true }),
    security: door.security(operation),
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
          [body.type ?? JSON_TYPE]: {
            schema: body.schema,
            ...(body.example !== undefined && { example: body.example }),
          },
        },
      },
    }),
    responses: {
      [String(answer.status)]: {
        description: answer.says,
        content: { [answer.type ?? JSON_TYPE]: { schema: answer.schema, example: answer.example } },
      },
      ...failures(door, operation),
    },
  };
}

const JSON_TYPE = 'application/json';

/** Answers of refusal by status. */
function failures(door: Door, operation: Operation): Node {
  const byStatus = Map.groupBy(door.errorsOf(operation), (name) => known(door, name).status);
  return Object.fromEntries(
    [...byStatus]
      .sort(([a], [b]) => a - b)
      .map(([status, all]) => [String(status), failure(door, status, all)]),
  );
}

function known({ errors }: Door, name: string) {
  const error = errors[name];
  if (!error) throw new Error(`say what the error ${name} is in an errors.ts of src/openapi`);
  return error;
}

function failure(door: Door, status: number, names: readonly string[]): Node {
  const headers = Object.entries(door.headers(status)).map(([header, name]): [string, Node] => [
    header,
    { $ref: `#/components/headers/${name}` },
  ]);
  return {
    description: [...new Set(names.map((name) => known(door, name).when))].join(' '),
    ...(headers.length > 0 && { headers: Object.fromEntries(headers) }),
    content: { [JSON_TYPE]: { schema: door.refusal(status, names) } },
  };
}
