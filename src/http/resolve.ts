// What addresses a host name stands for: over https on Cloudflare, whose workers have no resolver of their own; by the
// machine's own resolver where the hub runs on one.
import * as v from 'valibot';
import type { Env } from '../env.ts';
import { collect } from './body.ts';

/** All addresses of a name; none: nobody has it. Throws when that cannot be said now. */
export type Resolver = (host: string) => Promise<readonly string[]>;

/** An answer is asked for before each call: who waits longer than this for a name would wait for the call too. */
const TIMEOUT_MS = 3_000;
const DNS_OVER_HTTPS = 'https://cloudflare-dns.com/dns-query';
const ANSWER_BYTES = 64 * 1024;
const A = 1;
const AAAA = 28;
/** RFC 1035 4.1.1 */
const NO_ERROR = 0;
const NO_SUCH_NAME = 3;

const DNS_ANSWER = v.object({
  Status: v.number(),
  Answer: v.optional(v.array(v.object({ type: v.number(), data: v.string() }))),
});
const ADDRESSES = v.object({ addresses: v.array(v.string()) });

type Fetch = (
  url: string,
  init: { headers: Record<string, string>; signal: AbortSignal },
) => Promise<Response>;

/** Asks a server that answers in `application/dns-json`, for both kinds of addresses, names that lead to others included. */
export const overHttps =
  (fetching: Fetch, server = DNS_OVER_HTTPS): Resolver =>
  async (host) => {
    const ask = async (kind: number): Promise<string[]> => {
      const url = `${server}?name=${encodeURIComponent(host)}&type=${kind}`;
      const { Status, Answer = [] } = v.parse(DNS_ANSWER, await jsonOf(fetching, url));
      if (Status === NO_SUCH_NAME) return [];
      if (Status !== NO_ERROR) throw new Error(`the resolver answered ${Status}`);
      return Answer.filter(({ type }) => type === kind).map(({ data }) => data);
    };
    return (await Promise.all([ask(A), ask(AAAA)])).flat();
  };

/** Asks the machine that the hub runs on (standalone/names.ts). */
const ofTheMachine =
  (service: Fetcher): Resolver =>
  async (host) => {
    const url = `http://names/?host=${encodeURIComponent(host)}`;
    return v.parse(ADDRESSES, await jsonOf((to, init) => service.fetch(to, init), url)).addresses;
  };

async function jsonOf(fetching: Fetch, url: string): Promise<unknown> {
  const headers = { accept: 'application/dns-json' };
  const response = await fetching(url, { headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
  const bytes = response.body ? await collect(response.body, ANSWER_BYTES) : new Uint8Array(0);
  if (response.status !== 200) throw new Error(`the resolver answered ${response.status}`);
  return JSON.parse(new TextDecoder().decode(bytes));
}

/** The resolver of wherever this runs. */
export const resolverOf = (env: Env): Resolver =>
  env.NAMES ? ofTheMachine(env.NAMES) : overHttps((url, init) => fetch(url, init));
