// The forum door: its addresses, its methods by their wire names, and the order in which a call is handled.
import { Router } from 'itty-router';
import { Refused } from '../../domain/errors.ts';
import { appBySlug, appOfHost } from '../../hub/apps.ts';
import type { App, Hub } from '../../hub/context.ts';
import { touch } from '../../hub/presence.ts';
import { verifyToken } from '../../hub/sessions.ts';
import { decodeCall } from '../../xmlrpc/decode.ts';
import { encodeResponse } from '../../xmlrpc/encode.ts';
import { XmlRpcFault } from '../../xmlrpc/fault.ts';
import { TextRefused } from '../../xmlrpc/read.ts';
import { configOf } from './config.ts';
import {
  getConversation,
  getConversations,
  getQuoteConversation,
  inviteParticipant,
  newConversation,
  replyConversation,
} from './conversations.ts';
import { errorDocument } from './errors.ts';
import { ignoreUser } from './ignoring.ts';
import { deleteConversation, getInboxStat, markConversationRead, markConversationUnread } from './marks.ts';
import { anyone, checkCount, type Method, type Session, SessionChange, signedIn } from './method.ts';
import { flag, id, ids, integer, optional, text, texts } from './params.ts';
import { login, logoutUser } from './session.ts';
import {
  aboutPage,
  answer,
  bodyOf,
  charsetOf,
  notThere,
  refuseForeignPage,
  sessionTokenOf,
} from './transport.ts';

/** Every method by its name on the wire, with the parameters that the seed and contracts/tapatalk.md 1 give it. */
export const METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['get_config', anyone([], async ({ app }) => configOf(app, (method) => METHODS.has(method)))],
  ['login', anyone([text('login_name'), optional(text('password'))], login, { ignoresRest: true })],
  ['logout_user', anyone([], logoutUser)],

  ['get_inbox_stat', signedIn([], getInboxStat, { ignoresRest: true })],
  [
    'new_conversation',
    signedIn(
      [
        texts('user_name'),
        text('subject'),
        text('text_body'),
        optional(ids('attachment_id_array')),
        optional(id('group_id')),
      ],
      newConversation,
    ),
  ],
  [
    'reply_conversation',
    signedIn(
      [
        id('conversation_id'),
        text('text_body'),
        optional(text('subject')),
        optional(ids('attachment_id_array')),
        optional(id('group_id')),
      ],
      replyConversation,
    ),
  ],
  [
    'invite_participant',
    signedIn(
      [texts('user_name'), id('conversation_id'), optional(text('invite_reason_text'))],
      inviteParticipant,
    ),
  ],
  [
    'get_conversations',
    signedIn([optional(integer('start_num')), optional(integer('last_num'))], getConversations),
  ],
  [
    'get_conversation',
    signedIn(
      [
        id('conv_id'),
        optional(integer('start_num')),
        optional(integer('last_num')),
        optional(flag('return_html')),
      ],
      getConversation,
    ),
  ],
  ['get_quote_conversation', signedIn([id('conv_id'), id('msg_id')], getQuoteConversation)],
  ['delete_conversation', signedIn([id('conv_id'), integer('mode')], deleteConversation)],
  ['mark_conversation_unread', signedIn([optional(id('conv_id'))], markConversationUnread)],
  ['mark_conversation_read', signedIn([optional(id('conv_id'))], markConversationRead)],

  ['ignore_user', signedIn([id('user_id'), optional(integer('mode'))], ignoreUser)],
]);

/** Every address of the door. Other files of the folder that clients may ask for are not there (yet): 404. */
export const ROUTES = [
  { method: 'POST', path: '/forum/:slug/mobiquo/mobiquo.php', operation: 'call', params: ['slug'] },
  { method: 'POST', path: '/mobiquo/mobiquo.php', operation: 'call', params: [] },
] as const;

/** A request that the router has matched; parameters as they stand in the address. */
type Routed = Request & { readonly params: Readonly<Record<string, string | undefined>> };

const router = Router<Routed, [Hub], Response>();
for (const { path } of ROUTES) {
  router.post(path, answerCall);
  // Nothing is refused with a status: clients give up on anything but 200.
  router.all(path, () => aboutPage());
}

/** Answers a request to the forum door: 200 for whatever is a route, else 404. */
export async function handleTapatalk(request: Request, hub: Hub): Promise<Response> {
  const answered: Response | undefined = await router.fetch(withSingleSlashes(request) as Routed, hub);
  return answered ?? notThere();
}

/** Clients put "/mobiquo" behind an address that ends in a slash already. */
function withSingleSlashes(request: Request): Request {
  const url = new URL(request.url);
  if (!url.pathname.includes('//')) return request;
  url.pathname = url.pathname.replace(/\/{2,}/g, '/');
  return new Request(url, request);
}

/** Whose call, from which page, what it says, what the hub makes of it: in this order, whichever method it is. */
async function answerCall(request: Routed, hub: Hub): Promise<Response> {
  const { requestId } = hub;
  let session: Session | null = null;
  try {
    const app = await appOf(request, hub);
    session = await sessionOf(request, hub, app);
    refuseForeignPage(request, hub, app);
    const { method: name, params } = decodeCall(await bodyOf(request), charsetOf(request));
    const method = METHODS.get(name);
    if (!method) throw new XmlRpcFault(-32601, `unknown method: ${name}`);
    checkCount(method, params.length);
    if (session) touch(hub, session.caller);
    const made = await method.run({ hub, app, session }, params);
    if (made instanceof SessionChange) {
      const cookies = [made.cookie];
      return answer(encodeResponse(made.value), { signedIn: made.signedIn, cookies });
    }
    return answer(encodeResponse(made), { signedIn: session !== null });
  } catch (error) {
    logFailure(error, requestId);
    return answer(errorDocument(error, requestId), { signedIn: session !== null });
  }
}

/** The app of the path, else of the host name: the query never counts, clients drop it (contracts/tapatalk.md 3). */
function appOf(request: Routed, hub: Hub): Promise<App> {
  const { slug } = request.params;
  return slug === undefined ? appOfHost(hub, new URL(request.url).host) : appBySlug(hub, decoded(slug));
}

/** A part of the path with its escapes resolved; escapes that make no sense name no app either. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The session that the request's cookie proves. A cookie that proves nothing (any more) is like none. */
async function sessionOf(request: Routed, hub: Hub, app: App): Promise<Session | null> {
  const token = sessionTokenOf(request, app);
  if (token === null) return null;
  try {
    const { caller } = await verifyToken(hub, token, 'session');
    const { user } = caller;
    if (!user || caller.app.number !== app.number) return null;
    return { caller: { ...caller, user, door: 'tapatalk' }, token };
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'unauthorized') return null;
    throw error;
  }
}

/** For the log: failures of the hub whole, refusals only where they hide something from the caller. */
function logFailure(error: unknown, requestId: string): void {
  if (error instanceof XmlRpcFault || error instanceof TextRefused) return;
  if (error instanceof Refused) {
    const { code, detail } = error.refusal;
    if (detail) console.warn(JSON.stringify({ at: 'tapatalk', requestId, code, detail }));
    return;
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  console.error(JSON.stringify({ at: 'tapatalk', requestId, detail }));
}
