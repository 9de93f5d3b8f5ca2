// `/hooks/matterbridge/{bridge}/api/…`: this hub as matterbridge's api (42wim/matterbridge bridge/api/api.go;
// contracts/webhooks-bridges-widget.md C9): the four calls that its clients know, and its health.
import * as v from 'valibot';
import { isServed } from '../domain/bridges.ts';
import { Refused } from '../domain/errors.ts';
import { endpointNumber, parseDecimal } from '../domain/ids.ts';
import { readBody } from '../http/body.ts';
import { json } from '../http/respond.ts';
import { sameSecret } from '../http/secrets.ts';
import { openedBridge } from '../hub/bridges.ts';
import type { Hub } from '../hub/context.ts';
import { rationWrong } from '../hub/incoming-calls.ts';
import { LISTEN_PATH, relayOf } from '../hub/relays.ts';
import { takeIn } from './matterbridge-arrivals.ts';
import { isOf, message, wireOf } from './matterbridge-wire.ts';

/** Ten files of a megabyte, in base64. */
const MOST_BYTES = 14 * 1024 * 1024;

const PATH = /^\/hooks\/matterbridge\/(\d{1,16})\/api\/(message|messages|stream|websocket|health)\/?$/;
const METHOD = { message: 'POST', messages: 'GET', stream: 'GET', websocket: 'GET', health: 'GET' } as const;

const problem = (status: number, text: string, headers: Record<string, string> = {}): Response =>
  json({ message: text }, status, headers);

/** Every answer below /hooks/matterbridge/. Refusals are `{message}`, as that server has them. */
export async function handleMatterbridge(request: Request, hub: Hub): Promise<Response> {
  try {
    return await answer(request, hub);
  } catch (error) {
    if (error instanceof Refused) return refusalOf(error);
    console.error(JSON.stringify({ at: 'matterbridge', request: hub.requestId, error: String(error) }));
    return problem(500, 'Internal Server Error');
  }
}

async function answer(request: Request, hub: Hub): Promise<Response> {
  const [, number = '', call = ''] = PATH.exec(new URL(request.url).pathname) ?? [];
  if (call === '') return problem(404, 'Not Found');
  const method = METHOD[call as keyof typeof METHOD];
  if (request.method !== method) return problem(405, 'Method Not Allowed', { allow: method });
  const given = /^Bearer (.{1,500})$/i.exec(request.headers.get('authorization') ?? '')?.[1];
  if (given === undefined) return problem(400, 'missing key in request header');
  const parsed = parseDecimal(number);
  const found = parsed === null ? null : await openedBridge(hub, endpointNumber(parsed));
  const served = found && isServed(found.bridge) ? found : null;
  // Compared all the same: whether there is a bridge is nobody's business.
  const right = sameSecret(given, served?.bridge.credentials.token ?? '');
  if (!served || !right || served.bridge.credentials.token === undefined) {
    rationWrong(hub);
    return problem(401, 'Unauthorized');
  }
  if (!served.active) return problem(503, 'this bridge is paused');
  switch (call) {
    case 'health':
      return new Response('OK', { headers: { 'content-type': 'text/plain; charset=UTF-8' } });
    case 'messages': {
      const messages = await relayOf(hub, served.bridge.number).drain();
      return new Response(`[${messages.join(',')}]`, { headers: { 'content-type': 'application/json' } });
    }
    case 'message':
      return post(request, hub, served);
    default:
      return listen(request, hub, served.bridge, call as keyof typeof LISTEN_PATH);
  }
}

async function listen(
  request: Request,
  hub: Hub,
  { number, place }: Served['bridge'],
  how: keyof typeof LISTEN_PATH,
): Promise<Response> {
  if (how === 'websocket' && request.headers.get('upgrade')?.toLowerCase() !== 'websocket')
    return problem(426, 'Upgrade Required', { upgrade: 'websocket' });
  const headers = new Headers(how === 'websocket' ? { upgrade: 'websocket' } : {});
  // The token has done its work.
  const url = new URL(LISTEN_PATH[how], 'http://relay');
  url.searchParams.set('place', place.gateway ?? '');
  const answer = await relayOf(hub, number).fetch(new Request(url, { headers }));
  // What comes from an object cannot be written on, and the worker names its answers.
  return how === 'stream' ? new Response(answer.body, answer) : answer;
}

type Served = NonNullable<Awaited<ReturnType<typeof openedBridge>>>;

/** What is posted is in the hub when it is answered. What gets no id is given one, by which it can be changed and deleted. */
async function post(request: Request, hub: Hub, served: Served): Promise<Response> {
  const given = v.safeParse(message, await parsed(request));
  if (!given.success) return problem(400, v.summarize(given.issues).slice(0, 500));
  const { gateway = '' } = served.bridge.place;
  if (!isOf(gateway, given.output.gateway)) return problem(400, 'the gateway is not the one of this bridge');
  const said = { ...given.output, id: given.output.id || crypto.randomUUID() };
  const { done, arrived, refused } = await takeIn(hub, served, { ...said, gateway });
  if (refused) return refusalOf(refused);
  if (!done) return problem(503, 'try again', { 'retry-after': '1' });
  const known = Object.entries(said).filter(([name, value]) => value !== null && name !== 'Extra');
  const now = wireOf({ ...Object.fromEntries(known), gateway }, new Date());
  const shown = { ...now, channel: 'api', protocol: 'api', account: 'api.parlance', id: said.id };
  if (arrived?.result === 'dropped' && arrived.reason === 'empty')
    return problem(400, 'the message says nothing');
  return json(arrived?.result === 'dropped' ? { ...shown, event: 'dropped' } : shown);
}

async function parsed(request: Request): Promise<unknown> {
  const bytes = await readBody(request, MOST_BYTES);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch {
    return null;
  }
}

const STATUS: Readonly<Partial<Record<Refused['refusal']['code'], number>>> = {
  not_found: 404,
  forbidden: 403,
  invalid: 400,
  conflict: 409,
  too_large: 413,
  locked: 423,
  rate_limited: 429,
  unavailable: 503,
  unauthorized: 401,
};

function refusalOf({ refusal }: Refused): Response {
  const wait = 'retryAfterMs' in refusal ? refusal.retryAfterMs : undefined;
  const headers: Record<string, string> =
    wait === undefined ? {} : { 'retry-after': String(Math.ceil(wait / 1000)) };
  return problem(STATUS[refusal.code] ?? 500, refusal.message, headers);
}
