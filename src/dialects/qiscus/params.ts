// Parameters of a call, however its client sends them: in the query, as a form, in parts, as JSON, and several of these at
// once (contracts/qiscus.md 3). What a parameter must look like is fields.ts.
import { invalid, Refused } from '../../domain/errors.ts';
import { readBody } from '../../http/body.ts';
import { boundaryOf, fieldText, readMultipart } from '../../http/multipart.ts';

/** A body of any encoding (DESIGN.md 6: JSON of 100 KB; the others are as large). */
export const BODY_BYTES = 100 * 1024;

/** A list of a hundred names, each in a part, and what else a call takes. */
const MOST_PARTS = 128;

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
  const type = request.headers.get('content-type') ?? '';
  const boundary = boundaryOf(type);
  if (boundary !== null) {
    for await (const part of readMultipart(request.body, boundary, BODY_BYTES, MOST_PARTS)) {
      // A file is no parameter of any call here.
      if (part.filename === null) add(part.name, await fieldText(part, BODY_BYTES));
    }
    return raw;
  }
  const bytes = await readBody(request, BODY_BYTES);
  if (bytes.byteLength > 0) for (const [key, value] of entriesOf(bytes, type)) add(key, value);
  return raw;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

function entriesOf(bytes: Uint8Array, type: string): Iterable<[string, unknown]> {
  if (/^multipart\//i.test(type)) throw new Refused(invalid('The form cannot be read.'));
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
