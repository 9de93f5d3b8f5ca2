// Where the hub may be made to call: addresses that an operator or a person gives must lead out, not back in.
import { isLoopback } from '../domain/settings.ts';

/** Blocks that lead to no host of the internet: IANA's special-purpose registries for IPv4 and IPv6 (RFC 6890). */
const INSIDE_V4: readonly [base: string, bits: number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];
/** Of IPv6 only global unicast leads out, less what stands for something else there (6to4, Teredo, documentation). */
const GLOBAL_V6 = /^[23][0-9a-f]{3}:/;
const NOT_GLOBAL_V6 = /^(2002:|2001:0{0,3}[01]?[0-9a-f]{0,2}:|2001:0?db8:|2001::|3fff:)/;

/** Names that mean this machine or this network. */
const INSIDE_NAMES = /(^|\.)(localhost|local|internal|intranet|lan|home|corp|home\.arpa|onion)$/;

/**
 * Why the hub must not call this address; null: it may. https only. `allowed` are exact `host:port` for development:
 * those may be inside, and on the loopback plain http too. A name that leads inside is caught where it is resolved.
 */
export function refuseAddress(url: URL, allowed: readonly string[]): string | null {
  const host = url.hostname.toLowerCase().replace(/\.$/, '');
  const port = url.port || (url.protocol === 'http:' ? '80' : '443');
  const excused = allowed.includes(`${host}:${port}`);
  if (url.username || url.password) return 'holds credentials';
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && excused && isLoopback(host)))
    return 'must begin with https://';
  return excused || !isInside(host) ? null : 'leads to a private address';
}

/** A host as URL writes it: numbers in their plain form, IPv6 in brackets. */
function isInside(host: string): boolean {
  if (/^[\d.]+$/.test(host)) return INSIDE_V4.some(([base, bits]) => sameBlock(host, base, bits));
  const v6 = /^\[(.*)\]$/.exec(host)?.[1];
  if (v6 !== undefined) return !GLOBAL_V6.test(v6) || NOT_GLOBAL_V6.test(v6);
  return !host.includes('.') || INSIDE_NAMES.test(host);
}

function sameBlock(host: string, base: string, bits: number): boolean {
  const size = 2 ** (32 - bits);
  return Math.floor(numberOf(host) / size) === Math.floor(numberOf(base) / size);
}

const numberOf = (v4: string): number => v4.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
