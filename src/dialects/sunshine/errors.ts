// The one place where a refusal becomes Sunshine's error form, and where valibot's issues become refusals.
// Which call refuses what is decided elsewhere.
import type * as v from 'valibot';
import { type FieldProblem, invalid, type Refusal, Refused, type Subject } from '../../domain/errors.ts';
import { json } from '../../http/respond.ts';

/** One entry of `{"errors":[…]}`; several only with 400 (contracts/sunshine.md 1). */
interface WireError {
  code: string;
  title: string;
}

/** Code and title of a thing that is not there (contracts/sunshine.md 3, error catalogue). */
const MISSING: Record<Subject, WireError> = {
  app: { code: 'app_not_found', title: 'App not found' },
  user: { code: 'user_not_found', title: 'User not found' },
  conversation: { code: 'conversation_not_found', title: 'Conversation not found' },
  member: { code: 'not_found', title: 'User is not a member of the conversation' },
  message: { code: 'not_found', title: 'Resource not found' },
  file: { code: 'not_found', title: 'Attachment not found' },
  client: { code: 'client_not_found', title: 'Client not found' },
  device: { code: 'device_not_found', title: 'Device not found' },
  key: { code: 'not_found', title: 'Resource not found' },
  job: { code: 'not_found', title: 'Not Found' },
  route: { code: 'not_found', title: 'Resource not found' },
  integration: { code: 'integration_not_found', title: 'Integration not found' },
  endpoint: { code: 'not_found', title: 'Resource not found' },
  hook: { code: 'not_found', title: 'Resource not found' },
  switchboard: { code: 'switchboard_not_found', title: 'Switchboard not found' },
  line: { code: 'switchboard_integration_not_found', title: 'SwitchboardIntegration not found' },
  group: { code: 'not_found', title: 'Resource not found' },
  'default line': {
    code: 'switchboard_integration_not_found',
    title: 'Enabled switchboard must have an associated default switchboardIntegration',
  },
};

/** More problems than this help nobody and would echo a hostile body back at length. */
const MOST_ERRORS = 20;

/**
 * Any failure of a call as Sunshine's answer. What is not a refusal is a fault of ours: it goes to the log under the
 * request's id, and the caller learns nothing of it but that it happened.
 */
export function renderError(error: unknown, requestId: string): Response {
  if (error instanceof Refused) return renderRefusal(error.refusal);
  console.error(JSON.stringify({ level: 'error', requestId, dialect: 'sunshine', error: describe(error) }));
  return answer(500, [{ code: 'internal_error', title: 'Internal server error' }]);
}

function renderRefusal(refusal: Refusal): Response {
  switch (refusal.code) {
    case 'invalid':
      if (refusal.tooMany === 'line')
        return answer(400, [{ code: 'too_many_switchboard_integrations', title: refusal.message }]);
      return answer(400, badRequests(refusal.message, refusal.fields));
    case 'unauthorized':
      // RFC 9110 15.5.2 wants the scheme named with every 401.
      return answer(401, [{ code: 'unauthorized', title: 'Authorization is required' }], {
        'www-authenticate': 'Basic realm="Parlance", charset="UTF-8"',
      });
    case 'forbidden':
      return answer(403, [{ code: 'forbidden', title: 'Forbidden' }]);
    case 'not_found':
      return answer(404, [MISSING[refusal.subject]]);
    case 'conflict':
      return answer(409, [
        { code: 'conflict', title: refusal.subject === 'user' ? 'User already exists' : refusal.message },
      ]);
    case 'too_large':
      // The vendor publishes no body for 413 (contracts/sunshine.md 11).
      return answer(413, [{ code: 'payload_too_large', title: 'Request entity too large' }]);
    case 'locked':
      return answer(423, [{ code: 'locked', title: refusal.message }]);
    case 'rate_limited':
      return answer(429, [{ code: 'too_many_requests', title: 'Too many requests' }], {
        'retry-after': seconds(refusal.retryAfterMs),
      });
    case 'unavailable':
      return answer(503, [{ code: 'service_unavailable', title: refusal.message }], {
        'retry-after': seconds(refusal.retryAfterMs ?? 1000),
      });
  }
}

const seconds = (ms: number): string => String(Math.max(1, Math.ceil(ms / 1000)));

const answer = (status: number, errors: WireError[], headers?: Record<string, string>): Response =>
  json({ errors }, status, headers);

function badRequests(message: string, fields: FieldProblem[] | undefined): WireError[] {
  const titles = fields?.length ? fields.slice(0, MOST_ERRORS).map(titleOf) : [message];
  return titles.map((title) => ({ code: 'bad_request', title }));
}

/** ajv's errors read "path should …" with no path at the top; a whole sentence of ours stands alone. */
const titleOf = ({ path, message }: FieldProblem): string =>
  path && message.startsWith('should ') ? `${path} ${message}` : message;

const describe = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : String(error);

/** A refusal of the input with one title that has no path: `refuse('Invalid page query parameters')`. */
export const refuse = (title: string): Refused => new Refused(invalid(title));

/**
 * Issues of a valibot schema as a refusal. The words are those of ajv 6, which the vendor's titles show
 * ("should have required property 'displayName'"; contracts/sunshine.md 2), so that code which matches them works.
 */
export function refuseIssues(issues: readonly v.BaseIssue<unknown>[]): Refused {
  return new Refused(invalid('The request is not valid.', issues.map(problemOf)));
}

function problemOf(issue: v.BaseIssue<unknown>): FieldProblem {
  const keys = (issue.path ?? []).map((item) => (item as { key?: unknown }).key as string | number);
  const last = keys.at(-1);
  if (issue.kind === 'schema' && issue.received === 'undefined' && last !== undefined) {
    return { path: pathOf(keys.slice(0, -1)), message: `should have required property '${last}'` };
  }
  return { path: pathOf(keys), message: issue.kind === 'schema' ? typeProblem(issue, last) : issue.message };
}

/** ajv's names of the types that the schemas ask for. */
const TYPE_NAMES: Record<string, string> = {
  string: 'string',
  number: 'number',
  boolean: 'boolean',
  array: 'array',
  object: 'object',
  record: 'object',
  union: 'string,number,boolean',
};

function typeProblem(issue: v.BaseIssue<unknown>, last: string | number | undefined): string {
  if (issue.type === 'picklist' || issue.type === 'literal')
    return 'should be equal to one of the allowed values';
  // A variant complains about its discriminator, or about not being an object at all.
  if (issue.type === 'variant') {
    return issue.expected === 'Object' || last === undefined
      ? 'should be object'
      : 'should be equal to one of the allowed values';
  }
  const name = TYPE_NAMES[issue.type];
  return name ? `should be ${name}` : issue.message;
}

/** `participants[0].userId`: names joined by dots, positions in brackets. */
function pathOf(keys: readonly (string | number)[]): string {
  let path = '';
  for (const key of keys) path += typeof key === 'number' ? `[${key}]` : path ? `.${key}` : key;
  return path;
}
