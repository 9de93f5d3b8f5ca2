// Blocks of IP addresses that lead to no host of the internet. What an address is asked for is outgoing.ts.

/** IANA's special-purpose registries for IPv4 (RFC 6890 and what came after), with multicast and everything above it. */
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
/**
 * Of IPv6 only global unicast leads out, less what stands for something else there: 6to4, Teredo and the rest of
 * 2001::/23, documentation. NAT64 (64:ff9b::/96), mapped addresses, SRv6 and all that is local lie outside of it.
 */
const GLOBAL_V6 = /^[23][0-9a-f]{3}:/;
const NOT_GLOBAL_V6 = /^(2002:|2001:0{0,3}[01]?[0-9a-f]{0,2}:|2001:0?db8:|2001::|3fff:)/;

/** Whether the host of an address, as URL writes it, is an IP address and none of a name. */
export const isIpHost = (host: string): boolean => /^[\d.]+$/.test(host) || host.startsWith('[');

/** Whether an IP address as URL writes it (numbers in their plain form, IPv6 in brackets) leads inside. */
export function isInsideIp(host: string): boolean {
  if (!host.startsWith('[')) return INSIDE_V4.some(([base, bits]) => sameBlock(host, base, bits));
  const v6 = host.slice(1, -1);
  return !GLOBAL_V6.test(v6) || NOT_GLOBAL_V6.test(v6);
}

/** The same for an address as a resolver writes it. What is no address at all leads inside too. */
export function leadsInside(address: string): boolean {
  const text = address.includes(':') ? `http://[${address}]/` : `http://${address}/`;
  if (!/^[0-9a-f.:]+$/i.test(address) || !URL.canParse(text)) return true;
  const { hostname } = new URL(text);
  return !isIpHost(hostname) || isInsideIp(hostname);
}

function sameBlock(host: string, base: string, bits: number): boolean {
  const size = 2 ** (32 - bits);
  return Math.floor(numberOf(host) / size) === Math.floor(numberOf(base) / size);
}

const numberOf = (v4: string): number => v4.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
