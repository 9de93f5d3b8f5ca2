// Finds out whether the server can listen, before anything heavy is started.
import { once } from 'node:events';
import { createServer } from 'node:net';

const REASONS: Record<string, string> = {
  EADDRINUSE: 'is already taken by another program. Stop it, or set another PORT.',
  EACCES: 'needs privileges that this user does not have. Set a PORT above 1023.',
  EADDRNOTAVAIL: 'is not an address of this machine. Set another HOST.',
  ENOTFOUND: 'is not a host name that resolves. Set another HOST.',
};

/** `host` with brackets if it is an IPv6 address, to stand before a colon and a port. */
export const inUrl = (host: string) => (host.includes(':') ? `[${host}]` : host);

/**
 * The address and port to listen on: `host` resolved, and a free port in place of 0.
 * Throws an Error in plain words when that is not possible.
 */
export async function claimPort(host: string, port: number): Promise<{ address: string; port: number }> {
  const server = createServer();
  try {
    server.listen({ host, port, exclusive: true });
    await once(server, 'listening');
    const bound = server.address();
    if (bound === null || typeof bound === 'string') throw new Error('no address');
    return { address: bound.address, port: bound.port };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    throw new Error(`${inUrl(host)}:${port} ${REASONS[code] ?? `cannot be listened on: ${String(error)}`}`);
  } finally {
    server.close();
  }
}
