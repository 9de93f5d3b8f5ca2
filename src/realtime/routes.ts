// The upgrade: who may open a socket, from which page, and to which object it goes. What is said on it is protocol.ts, what
// is asked beside it calls.ts.
import { invalid, notFound, Refused, unavailable } from '../domain/errors.ts';
import { type ConversationNumber, parseConversation } from '../domain/ids.ts';
import { cardOf } from '../domain/user.ts';
import type { Hub } from '../hub/context.ts';
import { noteDevice } from '../hub/devices.ts';
import { conversationFetch, inboxStub } from '../hub/realtime.ts';
import { SIGNED_OUT, verifyToken } from '../hub/sessions.ts';
import { SUBPROTOCOL, withClaims } from '../sockets/socket.ts';
import { refused } from './answers.ts';
import { handleCall, isCall } from './calls.ts';
import { refuseForeignPage } from './pages.ts';

const TOKEN_PREFIX = 'token.';

/**
 * GET /realtime, and GET /realtime/c/:number for a socket of one conversation: upgrades, or says in JSON why not. And the
 * calls beside a socket (calls.ts).
 */
export async function handleRealtime(request: Request, hub: Hub): Promise<Response> {
  if (isCall(new URL(request.url).pathname)) return handleCall(request, hub);
  try {
    return await upgrade(request, hub);
  } catch (error) {
    return refused(error, hub.requestId);
  }
}

async function upgrade(request: Request, hub: Hub): Promise<Response> {
  const url = new URL(request.url);
  const target = targetOf(url.pathname);
  if (request.headers.get('upgrade')?.toLowerCase() !== 'websocket') {
    throw new Refused(invalid('This address takes WebSocket upgrades only.'));
  }
  const token = tokenOf(request);
  const { caller, claims } = await verifyToken(hub, token, 'realtime');
  const { app, user, powers } = caller;
  if (!user || powers === 'app')
    throw new Refused({ code: 'unauthorized', message: 'The token is of no person.' });
  refuseForeignPage(request, hub, app);
  const said = { ...claims, card: cardOf(user), powers, origin: hub.origin };
  if (target !== 'inbox') {
    const attach = withClaims(attachRequest(request, url), said);
    return objectAnswer(await conversationFetch(hub, caller, target, attach));
  }
  const opened = objectAnswer(
    await inboxStub(hub, app, user.number).fetch(withClaims(stripped(request), said)),
  );
  noteDevice({ hub, app, door: 'realtime' }, user, request.headers.get('user-agent'));
  return opened;
}

function targetOf(path: string): 'inbox' | ConversationNumber {
  if (/^\/realtime\/?$/.test(path)) return 'inbox';
  const c = parseConversation(/^\/realtime\/c\/([^/]+)\/?$/.exec(path)?.[1] ?? '');
  if (c === null) throw new Refused(notFound('route', 'Not found'));
  return c;
}

/** The token among the offered subprotocols: never in the address, where logs would keep it. */
function tokenOf(request: Request): string {
  const offered = (request.headers.get('sec-websocket-protocol') ?? '').split(',').map((name) => name.trim());
  const token = offered.find((name) => name.startsWith(TOKEN_PREFIX))?.slice(TOKEN_PREFIX.length);
  if (!token) {
    throw new Refused({
      code: 'unauthorized',
      message: `Offer the subprotocol "${TOKEN_PREFIX}" with your token.`,
    });
  }
  // The server may only pick what was offered: without it the client would have to fail the connection.
  if (!offered.includes(SUBPROTOCOL)) throw new Refused(invalid(`Offer the subprotocol "${SUBPROTOCOL}".`));
  return token;
}

/** Without what a client must not say to an object, and without offers of compression (docs/realtime.md, Limits). */
function stripped(request: Request): Request {
  const headers = new Headers(request.headers);
  for (const name of [...headers.keys()]) if (name.startsWith('x-parlance-')) headers.delete(name);
  headers.delete('sec-websocket-extensions');
  headers.delete('sec-websocket-protocol');
  headers.delete('cookie');
  return new Request(request, { headers });
}

/** A socket of one conversation says its position in the address: it never sends frames. */
function attachRequest(request: Request, url: URL): Request {
  const attach = stripped(request);
  const since = url.searchParams.get('since');
  const epoch = url.searchParams.get('epoch');
  if (since !== null) {
    if (!/^\d{1,15}$/.test(since)) throw new Refused(invalid('since must be a whole number.'));
    attach.headers.set('x-parlance-since', since);
    if (epoch !== null) attach.headers.set('x-parlance-epoch', epoch.slice(0, 64));
  }
  return attach;
}

/** An object refuses without words: it is not there for the caller, or has no room. */
function objectAnswer(response: Response): Response {
  if (response.webSocket) return response;
  // It heard of a sign-out before this isolate did.
  if (response.status === 401) throw new Refused(SIGNED_OUT);
  throw new Refused(
    response.status === 404 ? notFound('conversation') : unavailable(`object said ${response.status}`),
  );
}
