// A small forum client over our own codec: fast enough for thousands of calls. Clients that this project did not write
// drive the same door in test/conformance/.
import { decodeResponse } from '../../src/xmlrpc/decode.ts';
import { encodeCall } from '../../src/xmlrpc/encode.ts';
import { array, base64, type InValue, int, type OutValue, string } from '../../src/xmlrpc/value.ts';
import { canonicalBytes } from '../support/canonical.ts';

/** Text goes as base64, ids as `<string>`, numbers as `<int>`. */
export const text = (value: string): OutValue => base64(value);
export const id = (value: string): OutValue => string(value);
export const number = (value: number): OutValue => int(value);
export const texts = (values: readonly string[]): OutValue => array(values.map((value) => base64(value)));

// biome-ignore lint/suspicious/noExplicitAny: a test reads whatever member the protocol documents.
export type Told = any;

const decoder = new TextDecoder();

/** An answer as plain JSON: base64 read as text, structs as objects. */
export function told(value: InValue): Told {
  if (value instanceof Uint8Array) return decoder.decode(value);
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([name, member]) => [name, told(member)]));
  if (Array.isArray(value)) return value.map(told);
  return value;
}

export class ForumClient {
  private readonly url: string;
  private cookie = '';

  constructor(url: string) {
    this.url = url;
  }

  async call(method: string, ...params: OutValue[]): Promise<Told> {
    const answer = await fetch(this.url, {
      method: 'POST',
      headers: { 'content-type': 'text/xml', ...(this.cookie ? { cookie: this.cookie } : {}) },
      body: encodeCall(method, params),
    });
    for (const line of answer.headers.getSetCookie()) this.cookie = line.split(';')[0] ?? '';
    const read = decodeResponse(canonicalBytes(new Uint8Array(await answer.arrayBuffer())));
    if (read.fault) throw new Error(`${method}: fault ${read.fault.code} ${read.fault.text}`);
    return told(read.value);
  }

  async login(name: string, password: string): Promise<void> {
    const { result, result_text } = await this.call('login', text(name), text(password));
    if (result !== true) throw new Error(`login: ${result_text}`);
  }
}
