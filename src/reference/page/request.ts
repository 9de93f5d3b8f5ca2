// The request that a filled form asks for, and the same as a line for a shell. No elements, no network.
import type { Call } from './openapi.ts';

/** What the reader typed to say who they are. Kept in the memory of the page, and nowhere else. */
export type Credentials =
  | { kind: 'none' }
  | { kind: 'key'; id: string; secret: string }
  | { kind: 'token'; token: string };

export interface Filled {
  /** By the name of a parameter, or `name[key]`; empty ones are left out. */
  readonly values: ReadonlyMap<string, string>;
  readonly body: string | null;
  readonly files: ReadonlyMap<string, File>;
}

export interface Prepared {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string | FormData | null;
}

/** What goes over the wire; paths are of this hub. */
export function prepare(
  { method, path, parameters }: Call,
  { values, body, files }: Filled,
  by: Credentials,
): Prepared {
  const query = new URLSearchParams();
  const headers: Record<string, string> = {};
  let filled = path;
  for (const [name, value] of values) {
    const parameter = parameters.find((each) => name === each.name || name.startsWith(`${each.name}[`));
    if (!parameter || value === '') continue;
    if (parameter.in === 'path') filled = filled.replace(`{${name}}`, encodeURIComponent(value));
    else if (parameter.in === 'query') query.append(name, value);
    else headers[name] = value;
  }
  if (by.kind === 'key') headers.authorization = `Basic ${base64(`${by.id}:${by.secret}`)}`;
  if (by.kind === 'token') headers.authorization = `Bearer ${by.token}`;
  const asked = query.toString();
  const form = files.size > 0 ? new FormData() : null;
  for (const [name, file] of files) form?.set(name, file);
  if (body !== null && !form) headers['content-type'] = 'application/json';
  return {
    method: method.toUpperCase(),
    path: asked ? `${filled}?${asked}` : filled,
    headers,
    body: form ?? body,
  };
}

const base64 = (text: string): string =>
  btoa(Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join(''));

/** The same for a shell. Secrets are not in it: who copies it puts their own in. */
export function curlOf({ method, path, headers, body }: Prepared, origin: string, by: Credentials): string {
  const words = [`curl -X ${method}`];
  if (by.kind === 'key') words.push(`-u ${quoted(`${by.id}:SECRET`)}`);
  if (by.kind === 'token') words.push(`-H ${quoted('authorization: Bearer TOKEN')}`);
  for (const [name, value] of Object.entries(headers)) {
    if (name !== 'authorization') words.push(`-H ${quoted(`${name}: ${value}`)}`);
  }
  if (typeof body === 'string') words.push(`-d ${quoted(body)}`);
  else if (body) {
    for (const [name, file] of body) {
      words.push(`-F ${quoted(`${name}=@${typeof file === 'string' ? file : file.name}`)}`);
    }
  }
  words.push(quoted(`${origin}${path}`));
  return words.join(' \\\n  ');
}

/** One word for a POSIX shell, whatever is in it. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
