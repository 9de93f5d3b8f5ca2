// A receiver of webhooks on this machine: keeps every call, and answers as the test says.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

export interface Received {
  method: string;
  path: string;
  headers: Record<string, string>;
  /** The very bytes. */
  body: Buffer;
  at: number;
}

export type Answering = (call: Received, response: ServerResponse) => void;

export interface Receiver {
  /** `host:port`, for WEBHOOK_ALLOW_HOSTS. */
  readonly host: string;
  readonly url: string;
  readonly calls: Received[];
  /** Calls that have not been answered. */
  readonly open: number;
  answer: Answering;
  /** A connection that shall become a WebSocket; nobody takes it where no test does. */
  upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Resolves when `done` says so of the calls so far; throws after `ms`. */
  until(done: (calls: Received[]) => boolean, ms?: number): Promise<Received[]>;
  close(): void;
}

export const says =
  (status: number, body = '', headers: Record<string, string> = {}): Answering =>
  (_, response) => {
    response.writeHead(status, headers);
    response.end(body);
  };

export async function startReceiver(): Promise<Receiver> {
  const calls: Received[] = [];
  let open = 0;
  const lookers = new Set<() => void>();
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    open += 1;
    response.once('close', () => {
      open -= 1;
    });
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return; // cut off on the way
    }
    const headers = request.headers as Record<string, string>;
    const call = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers,
      body: Buffer.concat(chunks),
      at: Date.now(),
    };
    calls.push(call);
    receiver.answer(call, response);
    for (const look of [...lookers]) look();
  };
  // It ends no connection by itself: the hub could be about to use it again, and that call would be cut off.
  const settings = { keepAliveTimeout: 0 };
  const server = createServer(settings, (request, response) => void serve(request, response));
  server.listen(0, '127.0.0.1');
  server.on('upgrade', (request, socket, head) => receiver.upgrade(request, socket, head));
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const receiver: Receiver = {
    host,
    url: `http://${host}`,
    calls,
    get open() {
      return open;
    },
    answer: says(200),
    upgrade: (_request, socket) => socket.destroy(),
    until: (done, ms = 60_000) =>
      new Promise((resolve, reject) => {
        const end = () => {
          clearTimeout(late);
          lookers.delete(look);
        };
        const late = setTimeout(() => {
          end();
          reject(new Error(`not within ${ms} ms: ${calls.length} calls`));
        }, ms);
        const look = () => {
          try {
            if (!done(calls)) return;
            end();
            resolve(calls);
          } catch (error) {
            end();
            reject(error);
          }
        };
        lookers.add(look);
        look();
      }),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return receiver;
}
