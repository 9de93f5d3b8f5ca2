// The forum door: its addresses, and the order in which a call is handled. Its methods are methods.ts.
import { Router } from 'itty-router';
import { Refused } from '../../domain/errors.ts';
import { readOver } from '../../http/body.ts';
import { sessionTokenIn } from '../../http/cookies.ts';
import { appBySlug, appOfHost } from '../../hub/apps.ts';
import type { App, Hub } from '../../hub/context.ts';
import { noteDevice } from '../../hub/devices.ts';
import { touch } from '../../hub/presence.ts';
import { verifyToken } from '../../hub/sessions.ts';
import { XmlRpcFault } from '../../xmlrpc/fault.ts';
import { TextRefused } from '../../xmlrpc/read.ts';
import type { OutValue } from '../../xmlrpc/value.ts';
import { type Asked, askedByName, askedInXml } from './asked.ts';
import { failureOf, refuse } from './errors.ts';
import { type Call, type Session, SessionChange } from './method.ts';
import { METHODS } from './methods.ts';
import {
  type Around,
  aboutPage,
  answer,
  notThere,
  pageHeaders,
  preflightAnswer,
  refuseForeignPage,
} from './transport.ts';
import { answerForm } from './uploads.ts';
import { JSON_TWIN, type Wire, XML } from './wire.ts';

/** Every address of the door. Other files of the folder that clients may ask for are not there (yet): 404. */
export const ROUTES = [
  { method: 'POST', path: '/forum/:slug/mobiquo/mobiquo.php', operation: 'call', params: ['slug'] },
  { method: 'POST', path: '/mobiquo/mobiquo.php', operation: 'call', params: [] },
  // The same methods with named parameters and answers in JSON: GET for what changes nothing.
  { method: 'GET', path: '/forum/:slug/mobiquo/tapatalk.php', operation: 'namedCall', params: ['slug'] },
  { method: 'POST', path: '/forum/:slug/mobiquo/tapatalk.php', operation: 'namedCall', params: ['slug'] },
  { method: 'GET', path: '/mobiquo/tapatalk.php', operation: 'namedCall', params: [] },
  { method: 'POST', path: '/mobiquo/tapatalk.php', operation: 'namedCall', params: [] },
  // Forms with files.
  { method: 'POST', path: '/forum/:slug/mobiquo/upload.php', operation: 'form', params: ['slug'] },
  { method: 'POST', path: '/mobiquo/upload.php', operation: 'form', params: [] },
] as const;

/** A request that the router has matched; parameters as they stand in the address. */
type Routed = Request & { readonly params: Readonly<Record<string, string | undefined>> };

/** What one file of the folder makes of a request. */
interface File {
  /** The form of its answers, until a call has said another. */
  wire(request: Request): Wire;
  run(call: Call, request: Request, use: (wire: Wire) => void): Promise<OutValue | SessionChange>;
  headers?(request: Request, hub: Hub, app: App | null): Record<string, string>;
}

/** A file that answers the methods of the table. */
const byMethod =
  (ask: (request: Request) => Promise<Asked>): File['run'] =>
  async (call, request, use) => {
    const asked = await ask(request);
    use(asked.wire);
    const method = METHODS.get(asked.name);
    if (!method) throw new XmlRpcFault(-32601, `unknown method: ${asked.name}`);
    const { params, names } = asked.given(method);
    if (call.mustNotChange && !method.reads) throw refuse('This call changes something: send it by POST.');
    if (call.session) touch(call.hub, call.session.caller);
    return method.run(call, params, names);
  };

const pageFileHeaders: File['headers'] = (request, hub, app) => ({
  ...pageHeaders(request, hub, app),
  'X-Content-Type-Options': 'nosniff',
});

const FILES: Readonly<Record<(typeof ROUTES)[number]['operation'], File>> = {
  call: { wire: () => XML, run: byMethod(askedInXml) },
  namedCall: { wire: () => JSON_TWIN, run: byMethod(askedByName), headers: pageFileHeaders },
  form: {
    // As a client says that it can read (contracts/tapatalk.md 1.15).
    wire: ({ headers }) => (/\bjson\b/i.test(headers.get('accept') ?? '') ? JSON_TWIN : XML),
    run: answerForm,
    headers: pageFileHeaders,
  },
};

const router = Router<Routed, [Hub], Response>();
for (const { method, path, operation } of ROUTES) {
  const file = FILES[operation];
  router[method === 'GET' ? 'get' : 'post'](path, (request, hub) => answerCall(request, hub, file));
}
for (const { path, operation } of ROUTES) {
  if (operation === 'namedCall') router.options(path, answerPreflight);
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
async function answerCall(request: Routed, hub: Hub, file: File): Promise<Response> {
  const { requestId } = hub;
  let wire = file.wire(request);
  let app: App | null = null;
  let session: Session | null = null;
  const around = (signedIn: boolean): Around => {
    const headers = file.headers?.(request, hub, app);
    return { type: wire.type, signedIn, ...(headers && { headers }) };
  };
  try {
    app = await appOf(request, hub);
    session = await sessionOf(request, hub, app);
    refuseForeignPage(request, hub, app);
    const mustNotChange = request.method === 'GET';
    const made = await file.run({ hub, app, session, mustNotChange }, request, (said) => {
      wire = said;
    });
    if (made instanceof SessionChange) {
      if (made.user) noteDevice({ hub, app, door: 'tapatalk' }, made.user, request.headers.get('user-agent'));
      return answer(wire.value(made.value), { ...around(made.signedIn), cookies: [made.cookie] });
    }
    return answer(wire.value(made), around(session !== null));
  } catch (error) {
    logFailure(error, requestId);
    // Not a byte of it was looked at: its sender would not see the answer.
    if (request.body && !request.body.locked) await readOver(request.body.getReader());
    return answer(wire.failure(failureOf(error, requestId)), around(session !== null));
  }
}

/** Whether a page may call, told to its browser. */
async function answerPreflight(request: Routed, hub: Hub): Promise<Response> {
  try {
    return preflightAnswer(request, hub, await appOf(request, hub));
  } catch (error) {
    logFailure(error, hub.requestId);
    return preflightAnswer(request, hub, null);
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
  const token = sessionTokenIn(request, app.number);
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
