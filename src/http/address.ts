// Where a request comes from, as a header says that only the network in front of us can write. Which header that is
// depends on where the hub runs: see docs/settings.md, "Rate limits".

/**
 * The caller's address: of several, the last one, which the nearest proxy wrote. An IPv6 address counts as its network of
 * 64 bits, which is what one customer has. Null: no header, or no address in it.
 */
export function clientAddress(headers: Headers, name: string | null): string | null {
  const text = name === null ? null : headers.get(name);
  const last = text?.split(',').at(-1)?.trim() ?? '';
  // A port may stand behind it, and an IPv6 address then in brackets.
  const [, bracketed, plain] = /^(?:\[([^\]]+)\](?::\d+)?|([^[\]]+))$/.exec(last) ?? [];
  const address = bracketed ?? plain ?? '';
  if (/^[0-9.]+(:\d+)?$/.test(address)) return ipv4(address.replace(/:\d+$/, ''));
  return address.includes(':') ? network(address) : null;
}

function ipv4(text: string): string | null {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255)
    ? text
    : null;
}

/** The first four groups of an IPv6 address; an IPv4 address that is written as one is that. */
function network(text: string): string | null {
  const written = `http://[${text}]/`;
  if (!URL.canParse(written)) return null;
  const [head = '', tail = ''] = new URL(written).hostname.slice(1, -1).split('::');
  const [front, back] = [head, tail].map((part) => part.split(':').filter((group) => group !== ''));
  const groups = [...(front as string[])];
  while (groups.length + (back as string[]).length < 8) groups.push('0');
  groups.push(...(back as string[]));
  const mapped = groups.slice(0, 6).join(':') === '0:0:0:0:0:ffff';
  if (!mapped) return `${groups.slice(0, 4).join(':')}::`;
  const low = groups.slice(6).map((group) => Number.parseInt(group, 16));
  return low.flatMap((group) => [group >> 8, group & 255]).join('.');
}
