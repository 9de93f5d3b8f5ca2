// What a request asks for: the method's name, its parameters and the form of the answer, out of XML, JSON, a form or a
// query (contracts/tapatalk.md 3). What the parameters mean is the method table's.
import { decodeCall } from '../../xmlrpc/decode.ts';
import { refuse } from './errors.ts';
import { checkCount, type Method } from './method.ts';
import { type Fields, type Given, givenTo } from './named.ts';
import { bodyOf, charsetOf } from './transport.ts';
import { JSON_TWIN, type Wire, XML } from './wire.ts';

export interface Asked {
  readonly name: string;
  readonly wire: Wire;
  /** Throws where the method takes other parameters. */
  given(method: Method): Given;
}

/** One JSON object, or a form: texts without base64. */
const NAMED_BYTES = 100 * 1024;

type MediaType = 'form' | 'multipart' | 'json' | 'other';

function mediaTypeOf(request: Request): MediaType {
  const [type = ''] = (request.headers.get('content-type') ?? '').split(';');
  switch (type.trim().toLowerCase()) {
    case 'application/x-www-form-urlencoded':
      return 'form';
    case 'multipart/form-data':
      return 'multipart';
    case 'application/json':
      return 'json';
    default:
      return 'other';
  }
}

/**
 * A call of mobiquo.php: XML whatever its Content-Type says, because clients say anything; or, where what was sent does
 * not begin like XML, what its type says it is. Throws the codec's faults and Refused.
 */
export async function askedInXml(request: Request): Promise<Asked> {
  const bytes = await bodyOf(request);
  const type = mediaTypeOf(request);
  if (type !== 'other' && !beginsLikeXml(bytes)) {
    const fields = await fieldsOf(request, bytes, type);
    // A form that names no method is a call in XML that went wrong.
    if (type === 'json' || fields.has('method_name')) return askedFor(fields);
  }
  const { method, params } = decodeCall(bytes, charsetOf(request));
  return {
    name: method,
    wire: XML,
    given: (found) => {
      checkCount(found, params.length);
      return { params };
    },
  };
}

/** A call of tapatalk.php: its method and parameters are fields of the query and of the body, the query's first. */
export async function askedByName(request: Request): Promise<Asked> {
  const fields = new Map<string, unknown>();
  if (request.method === 'POST') {
    const bytes = await bodyOf(request, NAMED_BYTES);
    const type = mediaTypeOf(request);
    if (type === 'other' && bytes.length > 0) {
      throw refuse('The body must be JSON or a form, and its Content-Type must say so.');
    }
    if (type !== 'other')
      for (const [name, value] of await fieldsOf(request, bytes, type)) fields.set(name, value);
  }
  const query = gathered(pairsOf(new URL(request.url).search.slice(1)));
  for (const [name, value] of query) fields.set(name, value);
  return askedFor(fields);
}

function askedFor(fields: Fields): Asked {
  const name = fields.get('method_name');
  if (typeof name !== 'string' || name === '') throw refuse('Name the method: "method_name".');
  return { name, wire: wireOf(fields.get('format')), given: (method) => givenTo(method, fields) };
}

/** The plugins' third format, PHP's serialize, is never offered. */
function wireOf(format: unknown): Wire {
  if (format === undefined || format === '' || format === 'json') return JSON_TWIN;
  if (format === 'xmlrpc') return XML;
  throw refuse('Unknown format: "json" or "xmlrpc".');
}

function beginsLikeXml(bytes: Uint8Array): boolean {
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (bytes[at] === 0x20 || bytes[at] === 0x09 || bytes[at] === 0x0a || bytes[at] === 0x0d) at += 1;
  return bytes[at] === 0x3c;
}

async function fieldsOf(
  request: Request,
  bytes: Uint8Array,
  type: Exclude<MediaType, 'other'>,
): Promise<Fields> {
  if (type === 'multipart') return multipart(bytes, request.headers.get('content-type') ?? '');
  const text = textOf(bytes);
  return type === 'form' ? gathered(pairsOf(text.trim())) : jsonObject(text);
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    throw refuse('The body is not valid UTF-8.');
  }
}

function jsonObject(text: string): Fields {
  let value: unknown;
  try {
    value = text.trim() === '' ? {} : JSON.parse(text);
  } catch {
    throw refuse('The body is not valid JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw refuse('The body must be a JSON object.');
  return new Map(Object.entries(value));
}

async function multipart(bytes: Uint8Array, type: string): Promise<Fields> {
  let form: FormData;
  try {
    form = await new Response(bytes as Uint8Array<ArrayBuffer>, {
      headers: { 'content-type': type },
    }).formData();
  } catch {
    throw refuse('The body is not a valid form.');
  }
  const pairs: [string, string][] = [];
  for (const [name, value] of form as unknown as Iterable<[string, unknown]>) {
    if (typeof value !== 'string') throw refuse('A call holds no files.');
    pairs.push([name, value]);
  }
  return gathered(pairs);
}

/** `a=b&c=d` with its escapes resolved. URLSearchParams would let bytes pass that are no UTF-8. */
function pairsOf(text: string): [string, string][] {
  const decoded = (part: string): string => {
    try {
      return decodeURIComponent(part.replaceAll('+', ' '));
    } catch {
      throw refuse('The escapes of the form are not valid UTF-8.');
    }
  };
  return text
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const at = pair.indexOf('=');
      return at < 0 ? [decoded(pair), ''] : [decoded(pair.slice(0, at)), decoded(pair.slice(at + 1))];
    });
}

/** One field for each name: a list where it comes more than once, or is written `name[]`. */
function gathered(pairs: readonly (readonly [string, string])[]): Map<string, unknown> {
  const fields = new Map<string, string | string[]>();
  for (const [written, value] of pairs) {
    const listed = written.endsWith('[]');
    const name = listed ? written.slice(0, -2) : written;
    const known = fields.get(name);
    if (known === undefined) fields.set(name, listed ? [value] : value);
    else if (Array.isArray(known)) known.push(value);
    else fields.set(name, [known, value]);
  }
  return fields;
}
