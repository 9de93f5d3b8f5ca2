// `/`: to programs what this is and where to look; to people, on a hub that only its own machine reaches, the page that
// shows it (page/). What the page needs to take part, POST /demo gives it.
import { notFound, Refused } from '../domain/errors.ts';
import { type ConversationNumber, parseConversation } from '../domain/ids.ts';
import { isLoopback } from '../domain/settings.ts';
import { readBody } from '../http/body.ts';
import { sessionCookieName } from '../http/cookies.ts';
import { json } from '../http/respond.ts';
import type { Hub } from '../hub/context.ts';
import { beginDemonstration } from '../hub/demo.ts';
import { VERSION } from '../version.ts';
import pageHtml from './built/demo.html';
import pagePolicy from './built/demo-policy.txt';

const BODY_BYTES = 16 * 1024;

/** What proxies add to what they pass on. */
const FORWARDED = [
  'forwarded',
  'via',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
];

/**
 * Whether nobody but the machine itself reaches this hub, and asks here; on Cloudflare there is no HOST. A hub behind a proxy
 * listens on the loopback too, and a page elsewhere can have its own name lead there: whoever asks in another name, or was
 * passed on, is not of this machine.
 */
function isAlone({ env, settings }: Hub, { headers, url }: Request): boolean {
  const { host, publicUrl, clientAddressHeader } = settings;
  const names = [host, new URL(url).hostname, ...(publicUrl === null ? [] : [new URL(publicUrl).hostname])];
  const passedOn = [...FORWARDED, ...(clientAddressHeader === null ? [] : [clientAddressHeader])];
  return env.HOST !== undefined && names.every(isLoopback) && !passedOn.some((name) => headers.has(name));
}

export async function handleDemo(request: Request, hub: Hub): Promise<Response> {
  const { pathname } = new URL(request.url);
  if (pathname === '/demo') return demonstration(request, hub);
  const wantsPage = request.headers.get('accept')?.includes('text/html') ?? false;
  return wantsPage && isAlone(hub, request) ? page(hub) : brief(hub);
}

const brief = (hub: Hub): Response =>
  json(
    { name: 'Parlance', version: VERSION, health: `${hub.origin}/health`, docs: `${hub.origin}/docs` },
    200,
    { vary: 'accept' },
  );

function page(hub: Hub): Response {
  const socket = hub.origin.replace(/^http/, 'ws');
  // The widget's own script comes as it does to every page.
  const policy = pagePolicy.replace('script-src ', "script-src 'self' ");
  return new Response(pageHtml, {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `${policy}; connect-src 'self' ${socket}`,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-cache',
      vary: 'accept',
    },
  });
}

/** `{visitor?, conversation?}` -> what the page speaks to each door with, for an hour; the forum's session as its cookie. */
async function demonstration(request: Request, hub: Hub): Promise<Response> {
  const own = new URL(request.url).origin;
  try {
    // Pages of others must not take part in their visitors' names.
    if (!isAlone(hub, request) || request.method !== 'POST' || request.headers.get('origin') !== own)
      throw new Refused(notFound('route', 'Not found'));
    const { app, conversation, member, visitor, tokens } = await beginDemonstration(
      hub,
      ...(await wishesIn(request)),
    );
    return json(
      {
        visitor,
        conversation: { number: conversation, id: hub.ids.hex('conversation', conversation) },
        member: { name: member.name, externalId: member.externalId },
        forum: `/forum/${app.slug}/mobiquo/mobiquo.php`,
        rest: { appId: hub.ids.hex('app', app.number), token: tokens.rest },
        realtime: { token: tokens.realtime, visitor: tokens.visitor },
      },
      200,
      {
        'cache-control': 'no-store',
        'set-cookie': `${sessionCookieName(app.number)}=${tokens.forum}; Path=/; HttpOnly; SameSite=Strict`,
      },
    );
  } catch (error) {
    if (error instanceof Refused) {
      const { code, message } = error.refusal;
      return json(
        { error: { code, message } },
        code === 'not_found' ? 404 : code === 'rate_limited' ? 429 : 503,
      );
    }
    throw error;
  }
}

/** The visitor's token, and the number of the conversation that they are in; what is neither is passed over. */
async function wishesIn(request: Request): Promise<[visitor?: string, conversation?: ConversationNumber]> {
  try {
    const body = JSON.parse(new TextDecoder().decode(await readBody(request, BODY_BYTES))) as {
      visitor?: unknown;
      conversation?: unknown;
    };
    const visitor = typeof body.visitor === 'string' ? body.visitor : undefined;
    return [visitor, parseConversation(String(body.conversation)) ?? undefined];
  } catch {
    return [];
  }
}
