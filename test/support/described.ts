// Holds one call over HTTP and its answer against the OpenAPI description, strictly: status, headers, content type, every
// field of the body. It knows nothing of the code that answers.
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { document } from '../../src/openapi/document.ts';

// biome-ignore lint/suspicious/noExplicitAny: the document is data; a test of its own holds it to OpenAPI's schema.
type Json = any;

export interface Exchange {
  readonly method: string;
  readonly url: string;
  /** The request's body when it was JSON, else undefined. */
  readonly sent?: string;
  readonly status: number;
  header(name: string): string | null;
  readonly body: string;
}

/** The document under test, with its schemas where ajv finds them. */
export const DOCUMENT: Json = structuredClone(document());

const ajv = new Ajv2020({
  strict: true,
  allErrors: false,
  strictTypes: false,
  strictRequired: false,
});
for (const word of ['x-parlance', 'discriminator', 'example', 'components', 'paths']) ajv.addKeyword(word);
ajv.addKeyword({
  keyword: 'x-max-bytes',
  type: 'object',
  validate: (most: number, value: unknown) => Buffer.byteLength(JSON.stringify(value)) <= most,
});
ajv.addKeyword({
  keyword: 'x-unique-by',
  type: 'array',
  validate: (name: string, items: Json[]) => new Set(items.map((item) => item?.[name])).size === items.length,
});
ajv.addKeyword({
  keyword: 'x-at-most',
  type: 'object',
  validate: ([least, most]: [string, string], value: Json) => !(value[least] > (value[most] ?? Infinity)),
});
ajv.addFormat('uri', (text) => URL.canParse(text));
ajv.addFormat('email', /^[\w+-]+(?:\.[\w+-]+)*@[\da-z]+(?:[.-][\da-z]+)*\.[a-z]{2,}$/iu);
ajv.addFormat('date-time', (text) => /^\d{4}-\d{2}-\d{2}T/.test(text) && !Number.isNaN(Date.parse(text)));
ajv.addSchema({ $id: 'doc', components: DOCUMENT.components, paths: DOCUMENT.paths });

const compiled = new Map<string, ValidateFunction>();

/** The check of a schema of the document, by its place there as keys from the top. */
export function checkOf(...place: string[]): ValidateFunction {
  const pointer = place
    .map((key) => encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1')))
    .join('/');
  let check = compiled.get(pointer);
  if (!check) {
    check = ajv.compile({ $ref: `doc#/${pointer}` });
    compiled.set(pointer, check);
  }
  return check;
}

export const problemsIn = ({ errors }: ValidateFunction): string =>
  (errors ?? []).map((error) => `${error.instancePath || '(top)'} ${error.message}`).join('; ');

const TEMPLATES = Object.keys(DOCUMENT.paths)
  // A word of the address is itself before it is anybody's name.
  .sort((a, b) => (a.replaceAll(/\{\w+\}/g, '~') < b.replaceAll(/\{\w+\}/g, '~') ? -1 : 1))
  .map((template) => ({ template, pattern: new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}/?$`) }));

/** The path of the document that an address is of, whether or not it knows the method; null for none. */
const templateOf = (path: string): string | null =>
  TEMPLATES.find(({ pattern }) => pattern.test(path))?.template ?? null;

/** What answers where nothing is: by the beginning of the address. */
const NOWHERE: Record<string, () => ValidateFunction> = {
  v2: () => checkOf('components', 'schemas', 'error.not_found'),
  admin: () => checkOf('components', 'schemas', 'OperatorError'),
};

function isNowhere(path: string, value: Json): boolean {
  const check = NOWHERE[path.split('/')[1] ?? '']?.();
  if (value?.error) return value.error.code === 'not_found' && check?.(value.error) === true;
  return value?.errors?.length === 1 && check?.(value.errors[0]) === true;
}

/** What of this exchange is not as described; empty for a good one. */
export function undescribed(exchange: Exchange): string[] {
  const { method, status, body } = exchange;
  const { pathname, search, searchParams } = new URL(exchange.url);
  const path = pathname.replace(/^\/{2,}/, '/');
  const call = `${method} ${path}${search} -> ${status}`;
  // A browser asking whether a page may call: CORS is of the Fetch standard, and no operation.
  if (method === 'OPTIONS' && status === 204) return body === '' ? [] : [`${call}: a preflight with a body`];
  const problems: string[] = [];
  const [type = '', charset] = (exchange.header('content-type') ?? '').split('; ');
  if (charset !== 'charset=utf-8') problems.push(`${call}: content type ${type} with ${charset}`);
  if (!exchange.header('x-request-id')) problems.push(`${call}: no x-request-id`);
  let values: unknown[];
  try {
    const texts = type === 'application/x-ndjson' ? body.trimEnd().split('\n') : [body];
    values = texts.map((text) => JSON.parse(text));
  } catch {
    return [...problems, `${call}: the body is not JSON: ${body.slice(0, 200)}`];
  }

  const template = isEncoded(path) ? templateOf(path) : null;
  const operation = template === null ? null : DOCUMENT.paths[template][method.toLowerCase()];
  if (!operation) {
    if (status === 404 && isNowhere(path, values[0])) return problems;
    return [...problems, `${call}: no such operation is described. Describe it in src/openapi/.`];
  }
  const { operationId } = operation;
  const where = `src/openapi/ (${operationId})`;
  const response = operation.responses[status];
  if (!response) {
    return [...problems, `${call}: status ${status} is not described in ${where}: ${body.slice(0, 300)}`];
  }
  const place = ['paths', template as string, method.toLowerCase()];
  if (!response.content[type])
    return [...problems, `${call}: content type ${type} is not described in ${where}`];
  const check = checkOf(...place, 'responses', String(status), 'content', type, 'schema');
  for (const value of values) {
    if (check(value)) continue;
    problems.push(
      `${call}: not as described in ${where}: ${problemsIn(check)}\n${JSON.stringify(value).slice(0, 1500)}`,
    );
  }
  for (const [name, { $ref }] of Object.entries<Json>(response.headers ?? {})) {
    const { schema } = DOCUMENT.components.headers[$ref.split('/').at(-1)];
    const given = exchange.header(name);
    if (given === null || !new RegExp(schema.pattern).test(given))
      problems.push(`${call}: ${name}: ${given}`);
  }
  if (status < 300) {
    problems.push(...undescribedRequest(call, place, operation, exchange, searchParams));
  }
  return problems;
}

/** What was sent and taken, although the description does not have it. */
function undescribedRequest(
  call: string,
  place: string[],
  operation: Json,
  { sent }: Exchange,
  query: URLSearchParams,
): string[] {
  const problems: string[] = [];
  const known = new Set((operation.parameters ?? []).map(({ name }: Json) => name));
  for (const name of query.keys()) {
    if (!known.has(name.split('[')[0])) problems.push(`${call}: parameter ${name} is not described`);
  }
  if (operation.requestBody?.content['application/json'] && sent !== undefined) {
    const check = checkOf(...place, 'requestBody', 'content', 'application/json', 'schema');
    if (!check(JSON.parse(sent || '{}'))) {
      problems.push(`${call}: a body was taken that is not as described: ${problemsIn(check)}\n${sent}`);
    }
  }
  return problems;
}

function isEncoded(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}
