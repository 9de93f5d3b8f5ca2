// Names of hosts as they are compared: an app's own, and the one that a request came to.

/** Lower case, without the port and without the dot that ends a full name. */
export const foldHost = (host: string): string => host.toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '');

/** A host name as browsers send it (beyond ASCII: punycode); null where there is a port, a path, or no name. */
export function parseHost(text: string): string | null {
  if (!/^[^\s/\\:?#@%[\]]+$/.test(text) || !URL.canParse(`http://${text}`)) return null;
  return foldHost(new URL(`http://${text}`).hostname) || null;
}
