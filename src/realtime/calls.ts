// What a client asks beside its socket, over HTTP and with the same token: its conversations, what was said before, a new
// conversation, and files for messages to come (docs/realtime.md, "Calls"). Bodies and queries are call-forms.ts.
import { type IRequest, Router } from 'itty-router';
import { invalid, notFound, Refused } from '../domain/errors.ts';
import { type ConversationNumber, parseConversation } from '../domain/ids.ts';
import { json } from '../http/respond.ts';
import type { Caller, Hub } from '../hub/context.ts';
import { openConversation } from '../hub/conversations.ts';
import { removeFile, uploadFile } from '../hub/files.ts';
import { demandTeam, listForUser } from '../hub/lists.ts';
import { touch } from '../hub/presence.ts';
import { history } from '../hub/realtime.ts';
import { verifyToken } from '../hub/sessions.ts';
import { refused } from './answers.ts';
import { listed, opened, uploaded } from './call-answers.ts';
import { NewConversation, onceOf, pageOf, readJson, windowOf, withTeam } from './call-forms.ts';
import { parseFile } from './fields.ts';
import { refuseForeignPage, shownTo } from './pages.ts';
import { attachingOf, draftOf } from './saying.ts';

/** One call: who asks, and what. */
type Handler = (request: IRequest & Request, hub: Hub, caller: Caller) => Promise<Response>;

export interface CallRoute {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly handler: Handler;
}

/** Every call; tests make their cases from it. */
export const CALLS: readonly CallRoute[] = [
  { method: 'GET', path: '/realtime/conversations', handler: conversations },
  { method: 'POST', path: '/realtime/conversations', handler: open },
  { method: 'GET', path: '/realtime/conversations/:c/messages', handler: messages },
  { method: 'POST', path: '/realtime/files', handler: upload },
  { method: 'DELETE', path: '/realtime/files/:file', handler: takeBack },
];

const router = Router<IRequest & Request, [Hub, Caller]>();
for (const { method, path, handler } of CALLS) {
  if (method === 'GET') router.get(path, handler);
  else if (method === 'POST') router.post(path, handler);
  else router.delete(path, handler);
}

/** Whether a path is one of these, whatever its method. */
export const isCall = (path: string): boolean => /^\/realtime\/(conversations|files)(\/|$)/.test(path);

/** Answers in JSON, errors too. A browser that asks whether its page may call is told yes: the token decides. */
export async function handleCall(request: Request, hub: Hub): Promise<Response> {
  if (request.method === 'OPTIONS') return shownTo(request, new Response(null, { status: 204 }));
  return shownTo(request, await answerOf(request, hub).catch((error) => refused(error, hub.requestId)));
}

async function answerOf(request: Request, hub: Hub): Promise<Response> {
  const caller = await callerOf(request, hub);
  touch(hub, caller);
  const answer = await router.fetch(request as IRequest & Request, hub, caller);
  if (!answer) throw new Refused(notFound('route', 'Not found'));
  return answer;
}

async function callerOf(request: Request, hub: Hub): Promise<Caller> {
  const token = /^bearer +([\w.-]+) *$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  if (!token)
    throw new Refused({ code: 'unauthorized', message: 'Send your token: Authorization: Bearer …' });
  const { caller } = await verifyToken(hub, token, 'realtime');
  refuseForeignPage(request, hub, caller.app);
  return caller;
}

/** One's own; asked for, also the team's: not by themselves, because a page's chat takes what this lists for its visitor's. */
async function conversations(request: Request, hub: Hub, caller: Caller): Promise<Response> {
  const team = withTeam(request);
  if (team) demandTeam(caller);
  return json(listed(await listForUser(hub, caller, { ...pageOf(request), team })));
}

/** A customer's conversation with the team unless the body says otherwise; with an Idempotency-Key once, however often it is asked for. */
async function open(request: Request, hub: Hub, caller: Caller): Promise<Response> {
  const body = await readJson(request, NewConversation);
  const { kind, with: members, title, metadata, message, default: inDefault } = body;
  const once = onceOf(request, caller, body);
  if (once && inDefault) throw new Refused(invalid('With "default" there is no Idempotency-Key.'));
  const attaching = message && attachingOf(message);
  // What is tried again would claim its files anew.
  if (once && attaching)
    throw new Refused(invalid('With an Idempotency-Key open it first, then send the files.'));
  const first = message && draftOf(message);
  const opening = { kind, members, title, metadata, first, attaching, once, inDefault };
  const made = await openConversation(hub, caller, opening);
  return json(opened(made), made.created ? 201 : 200);
}

async function messages(request: IRequest & Request, hub: Hub, caller: Caller): Promise<Response> {
  return json(await history(hub, caller, conversationIn(request), windowOf(request)));
}

/** The body is the file; `name` in the query is what its sender calls it. */
async function upload(request: Request, hub: Hub, caller: Caller): Promise<Response> {
  const name = new URL(request.url).searchParams.get('name') ?? '';
  const expected = Number(request.headers.get('content-length')) || null;
  const bytes = request.body ?? new Blob([]).stream();
  return json(uploaded(hub, await uploadFile(hub, caller, bytes, { name, expected })), 201);
}

async function takeBack(request: IRequest & Request, hub: Hub, caller: Caller): Promise<Response> {
  const number = parseFile(request.params.file ?? '');
  if (number === null) throw new Refused(notFound('file'));
  await removeFile(hub, caller, number);
  return json({});
}

function conversationIn(request: IRequest): ConversationNumber {
  const c = parseConversation(request.params.c ?? '');
  if (c === null) throw new Refused(notFound('conversation'));
  return c;
}
