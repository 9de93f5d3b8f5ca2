// One WebSocket as an object of ours holds it: who it speaks for, the upgrade, close codes. No wire frames.
import type { Holder } from '../domain/gate.ts';

/** The subprotocol that the server picks (DESIGN.md 9). */
export const SUBPROTOCOL = 'parlance.v1';

/** Close codes of docs/realtime.md. Codes below 4000 are RFC 6455's. */
export const CLOSE = {
  normal: 1000,
  /** Frames that cannot be read, again and again. */
  policy: 1008,
  tooLarge: 1009,
  /** The server restarts or makes room: come back later, `bye` says when. */
  restart: 1012,
  /** The token has expired or was revoked: come back with another one. */
  unauthorized: 4401,
  /** No longer a member of the conversation that the socket was attached to. */
  left: 4403,
  /** The client does not read what it is sent. */
  notReading: 4408,
  /** The person opened more sockets than one may have; this was the oldest. */
  tooMany: 4409,
} as const;

/** Who a socket speaks for: what its token said, checked by the worker before the upgrade was passed on. */
export interface Claims extends Holder {
  /** Where the client reached us: "https://chat.example". */
  origin: string;
}

const HEADER = 'x-parlance-claims';

/** The request as an object gets it. Whatever a client wrote in our header is overwritten. */
export function withClaims(request: Request, claims: Claims): Request {
  const headers = new Headers(request.headers);
  // A header holds Latin-1; names are any script.
  headers.set(HEADER, encodeURIComponent(JSON.stringify(claims)));
  // The token has done its work, and an object needs neither cookies nor what else came along.
  headers.delete('sec-websocket-protocol');
  headers.delete('cookie');
  return new Request(request, { headers });
}

/** Null when the request did not come through `withClaims`. Only the worker can reach an object. */
export function claimsOf(request: Request): Claims | null {
  const text = request.headers.get(HEADER);
  return text === null ? null : (JSON.parse(decodeURIComponent(text)) as Claims);
}

/** The answer that completes the upgrade of `client`. */
export const upgraded = (client: WebSocket, subprotocol: string | null = SUBPROTOCOL): Response =>
  new Response(null, {
    status: 101,
    webSocket: client,
    headers: subprotocol === null ? {} : { 'sec-websocket-protocol': subprotocol },
  });

/** The platform closes with a reason of at most 123 bytes and without the codes that only a transport may use. */
const SENDABLE = (code: number): boolean =>
  (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006) ||
  (code >= 3000 && code <= 4999);

/**
 * Closes our side, whatever state it is in. Must also be called when the other side closed or failed: else each client
 * that leaves keeps a file descriptor (contracts/prototype-measurements.md 0.6).
 */
export function closeQuietly(socket: Pick<WebSocket, 'close'>, code: number, reason = ''): void {
  try {
    socket.close(SENDABLE(code) ? code : CLOSE.normal, reason);
  } catch {
    // Closed already.
  }
}

/** False when the socket is gone: its close event follows or has been. */
export function sendQuietly(socket: Pick<WebSocket, 'send'>, frame: string | Uint8Array): boolean {
  try {
    socket.send(frame);
    return true;
  } catch {
    return false;
  }
}
