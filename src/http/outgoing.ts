// Where the hub may be made to call: addresses that an operator or a person gives must lead out, not back in.
// What a name stands for is asked in resolve.ts; the blocks themselves are blocks.ts.
import { foldHost } from '../domain/hosts.ts';
import { isLoopback } from '../domain/settings.ts';
import { isInsideIp, isIpHost, leadsInside } from './blocks.ts';
import { looksLike } from './look-alikes.ts';
import type { Resolver } from './resolve.ts';

/** Names that mean this machine or this network. */
const INSIDE_NAMES =
  /(^|\.)(localhost|localdomain|local|internal|intranet|private|lan|home|corp|home\.arpa|onion)$/;
/** Where webhooks are received; other ports are other services. */
const PORTS = new Set(['443', '8443']);
const MOST_CHARS = 2_048;

/** What a check of an address takes into account. */
export interface Surroundings {
  /** Exact `host:port`, for development: those may be inside, on any port, and on the loopback plain http too. */
  allowed: readonly string[];
  /** Host names that lead to this hub itself. */
  own: readonly string[];
}

/**
 * Why the hub must not call this address; null: it may. https only. `allowed` are exact `host:port` for development:
 * those may be inside, and on the loopback plain http too. A name that leads inside is caught where it is resolved.
 */
export function refuseAddress(url: URL, allowed: readonly string[]): string | null {
  const host = hostOf(url);
  const excused = isAllowed(url, allowed);
  if (url.username || url.password) return 'holds credentials';
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && excused && isLoopback(host)))
    return 'must begin with https://';
  return excused || !isInside(host) ? null : 'leads to a private address';
}

/**
 * The same for a webhook (contracts/webhooks-bridges-widget.md W21, W22), more strictly: a name, never an IP address in
 * any notation; the ports of https; and neither this hub nor what looks like it. `text` as whoever gave it wrote it.
 */
export function refuseWebhook(text: string, { allowed, own }: Surroundings): string | null {
  if (text.length > MOST_CHARS) return `has more than ${MOST_CHARS} characters`;
  // URL leaves these out or reads them as something else, and who reads the address afterwards does not.
  if (hasOddCharacters(text) || !URL.canParse(text)) return 'is not an address';
  const url = new URL(text);
  const problem = refuseAddress(url, allowed);
  if (problem || isAllowed(url, allowed)) return problem;
  const host = hostOf(url);
  if (isIpHost(host)) return 'must name a host, not an IP address';
  if (host.split('.').some((label) => label === '')) return 'is not an address';
  if (!PORTS.has(portOf(url))) return `must use port ${[...PORTS].join(' or ')}`;
  if (own.some((name) => isWithin(host, foldHost(name)))) return 'leads back to this hub';
  if (own.some((name) => looksLike(host, foldHost(name)))) return 'looks like the address of this hub';
  return null;
}

/** Resolved: `addresses` of the name, every one outside. */
export type Resolved =
  | { ok: true }
  /** `inside`: never call it. Otherwise the name could not be resolved now. */
  | { ok: false; inside: boolean; reason: string };

/** Asks what a checked address leads to: refused if any of its addresses is inside (W22). Never throws. */
export async function resolvesOutside(
  url: URL,
  allowed: readonly string[],
  resolver: Resolver,
): Promise<Resolved> {
  if (isAllowed(url, allowed)) return { ok: true };
  let addresses: readonly string[];
  try {
    addresses = await resolver(hostOf(url));
  } catch {
    return { ok: false, inside: false, reason: 'the name could not be resolved' };
  }
  if (addresses.length === 0) return { ok: false, inside: false, reason: 'the name does not resolve' };
  if (addresses.some(leadsInside))
    return { ok: false, inside: true, reason: 'the name leads to a private address' };
  return { ok: true };
}

const hostOf = (url: URL): string => url.hostname.toLowerCase().replace(/\.$/, '');
const portOf = (url: URL): string => url.port || (url.protocol === 'http:' ? '80' : '443');
const isAllowed = (url: URL, allowed: readonly string[]): boolean =>
  allowed.includes(`${hostOf(url)}:${portOf(url)}`);

/** A host as URL writes it: numbers in their plain form, IPv6 in brackets. */
const isInside = (host: string): boolean =>
  isIpHost(host) ? isInsideIp(host) : !host.includes('.') || INSIDE_NAMES.test(host);

/** Blanks, control characters and backslashes. */
const hasOddCharacters = (text: string): boolean =>
  [...text].some((char) => char <= ' ' || char === '\\' || char === '\x7f');

/**
 * The hub's own host, or one below it. On workers.dev also what else the same account serves there: calls between its
 * workers never leave the platform.
 */
function isWithin(host: string, own: string): boolean {
  const account = /[^.]+\.workers\.dev$/.exec(own)?.[0] ?? own;
  return host === account || host.endsWith(`.${account}`);
}
