// Parameters of a call, however its client sends them: in the query, as a form, in parts, as JSON, and several of these at
// once (contracts/qiscus.md 3). What a parameter must look like is fields.ts.
import { invalid, Refused } from '../../domain/errors.ts';
import { readBody } from '../../http/body.ts';

/** A body of any encoding (DESIGN.md 6: JSON of 100 KB; the others are as large). */
export const BODY_BYTES = 100 * 1024;

/** Values by the plain name of their parameter, in the order they came in. An array in JSON is one value. */
export type Raw = ReadonlyMap<string, readonly unknown[]>;

/** `name`, `name[]`, `name[0]`, `name[][]`, `name[][0]`: one parameter (contracts/qiscus.md 3). */
const NAME = /^([^[\]]+)(?:\[\d*\])*$/;

/**
 * Everything that the request says: query first, so that it wins over a body where one value is wanted. A GET may have a
 * body too. Refused: invalid where the body cannot be read, too_large.
 */
export async function readParams(request: Request, url: URL): Promise<Raw> {
  const raw = new Map<string, unknown[]>();
  const add = (key: string, value: unknown): void => {
    const name = NAME.exec(key)?.[1];
    if (name === undefined) return;
    const known = raw.get(name);
    if (known) known.push(value);
    else raw.set(name, [value]);
  };
  for (const [key, value] of url.searchParams) add(key, value);
  if (!request.body) return raw;
  const bytes = await readBody(request, BODY_BYTES);
  if (bytes.byteLength === 0) return raw;
  for (const [key, value] of await entriesOf(bytes, request.headers.get('content-type') ?? ''))
    add(key, value);
  return raw;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

async function entriesOf(bytes: Uint8Array, type: string): Promise<Iterable<[string, unknown]>> {
  if (/^multipart\/form-data\b/i.test(type)) return parts(bytes, type);
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw new Refused(invalid('The body is not in UTF-8.'));
  }
  // A client that names no type, or a wrong one, is told by its first sign.
  const isJson = /\bjson\b/i.test(type) || (!/urlencoded/i.test(type) && /^\s*[{[]/.test(text));
  return isJson ? members(text) : new URLSearchParams(text);
}

function members(text: string): [string, unknown][] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refused(invalid('The body is not valid JSON.'));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Refused(invalid('The body must be a JSON object.'));
  }
  return Object.entries(value);
}

/** The body is small and whole already, so the platform's own reader will do; files come through uploads. */
async function parts(bytes: Uint8Array, type: string): Promise<[string, unknown][]> {
  try {
    const form = await new Response(bytes as Uint8Array<ArrayBuffer>, {
      headers: { 'content-type': type },
    }).formData();
    return [...form];
  } catch {
    throw new Refused(invalid('The form cannot be read.'));
  }
}
