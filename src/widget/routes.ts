// /widget.js, the frame that it opens, and who its visitor is (docs/widget.md). What these texts hold is made beforehand
// (build.ts) from loader/, frame/, emoji/, sound/ and locales/; what is said in the frame goes over realtime/.
import { type IRequest, Router } from 'itty-router';
import * as v from 'valibot';
import { invalid, notFound, Refused } from '../domain/errors.ts';
import { readBody } from '../http/body.ts';
import { json } from '../http/respond.ts';
import { appBySlug } from '../hub/apps.ts';
import type { App, Hub } from '../hub/context.ts';
import { beginVisit } from '../hub/visits.ts';
import emoji from './built/emoji.txt';
import framePage from './built/frame.html';
import framePolicy from './built/frame-policy.txt';
import loader from './built/loader.txt';
import localesText from './built/locales.txt';
import sound from './built/sound.txt';
import { refusedCall } from './errors.ts';
import { configFor, hoursOf, launcherFor } from './look.ts';

const BODY_BYTES = 16 * 1024;
/** As long as a page need not ask again whether the loader has changed. */
const FRESH_SECONDS = 300;

/** What the frame may load when it is needed. */
const LATER = ['/widget/emoji.js', '/widget/sound.js'];

const locales = JSON.parse(localesText) as Record<string, object>;

const router = Router<IRequest & Request, [Hub]>()
  .get('/widget.js', () => script(loader))
  .get('/widget/emoji.js', () => script(emoji))
  .get('/widget/sound.js', () => script(sound))
  .get('/widget/locales/:name', (request) => words(request.params.name ?? ''))
  .get('/widget/:app/look', async (request, hub) => look(await appIn(request, hub)))
  .get('/widget/:app/hours', async (request, hub) =>
    json(hoursOf(await appIn(request, hub), Date.now()), 200, { 'cache-control': 'no-store' }),
  )
  .get('/widget/:app', async (request, hub) =>
    page(hub, await appIn(request, hub), new URL(request.url).origin),
  )
  .post('/widget/:app/session', session);

/** Everything below /widget. */
export async function handleWidget(request: Request, hub: Hub): Promise<Response> {
  try {
    const answer = await router.fetch(request as IRequest & Request, hub);
    if (!answer) throw new Refused(notFound('route', 'Not found'));
    return answer;
  } catch (error) {
    return refusedCall(error, hub.requestId);
  }
}

const appIn = (request: IRequest, hub: Hub): Promise<App> => appBySlug(hub, request.params.app ?? '');

/** For any page: it holds no secret, and says nothing of who asks. */
const script = (text: string): Response =>
  new Response(text, {
    headers: {
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': `public, max-age=${FRESH_SECONDS}`,
      'access-control-allow-origin': '*',
      'cross-origin-resource-policy': 'cross-origin',
      'x-content-type-options': 'nosniff',
    },
  });

function words(name: string): Response {
  const found = Object.hasOwn(locales, name) ? locales[name] : undefined;
  if (!found) throw new Refused(notFound('route', 'Not found'));
  return json(found, 200, { 'cache-control': `public, max-age=${FRESH_SECONDS}` });
}

/** For any page, as the launcher itself. */
const look = (app: App): Response =>
  json(launcherFor(app, Date.now()), 200, {
    'cache-control': `public, max-age=${FRESH_SECONDS}`,
    'access-control-allow-origin': '*',
  });

/** The frame, for pages of this hub and of the app's origins alone. */
function page(hub: Hub, app: App, at: string): Response {
  const socket = hub.origin.replace(/^http/, 'ws');
  // Its own script stands in it; the picker of emoji and the sound come when they are needed.
  const scripts = new Set([hub.origin, at].flatMap((origin) => LATER.map((path) => origin + path)));
  const policy = [
    framePolicy.replace('script-src', `script-src ${[...scripts].join(' ')}`),
    `connect-src 'self' ${socket}`,
    `frame-ancestors ${["'self'", ...app.origins].join(' ')}`,
  ].join('; ');
  // A text in a page: what could end the element it stands in is escaped.
  const config = JSON.stringify(configFor(app, Object.keys(locales), Date.now())).replace(/</g, '\\u003c');
  return new Response(
    framePage.replace('"{config}"', () => config),
    {
      headers: {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': policy,
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
        // For pages that are isolated from others (COEP): what is not made for it they do not load.
        'cross-origin-embedder-policy': 'require-corp',
        'cross-origin-resource-policy': 'cross-origin',
        'cache-control': 'no-cache',
      },
    },
  );
}

const SessionBody = v.strictObject({
  user: v.optional(v.pipe(v.string(), v.maxLength(8_192))),
  visitor: v.optional(v.pipe(v.string(), v.maxLength(8_192))),
  key: v.optional(v.pipe(v.string(), v.regex(/^[\w-]{20,100}$/))),
});

/**
 * Who the visitor is: `{user?}` a token that the page's server signed, `{visitor?}` the one of an earlier visit, else somebody new,
 * the same for the same `{key?}`, which the browser has made up by chance.
 */
async function session(request: IRequest & Request, hub: Hub): Promise<Response> {
  const app = await appIn(request, hub);
  // Only the frame itself asks: a page that may not show it may not have its visitors either.
  const origin = request.headers.get('origin');
  if (origin !== null && origin !== new URL(request.url).origin && origin !== hub.origin)
    throw new Refused({ code: 'forbidden', message: 'Only the chat itself may ask this.' });
  const { user, token, expiresAt, visitor } = await beginVisit(hub, app, await bodyOf(request));
  return json(
    {
      token,
      expiresAt: new Date(expiresAt).toISOString(),
      now: new Date().toISOString(),
      visitor,
      user: { id: String(user.number), name: user.name, avatar: user.avatar },
    },
    200,
    { 'cache-control': 'no-store' },
  );
}

async function bodyOf(request: Request): Promise<v.InferOutput<typeof SessionBody>> {
  const bytes = await readBody(request, BODY_BYTES);
  let value: unknown = {};
  try {
    if (bytes.byteLength > 0)
      value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch {
    throw new Refused(invalid('The body is not valid JSON.'));
  }
  const parsed = v.safeParse(SessionBody, value);
  if (!parsed.success || Array.isArray(value))
    throw new Refused(
      invalid('The body is {"user"?, "visitor"?, "key"?}: tokens, and 20 to 100 letters by chance.'),
    );
  return parsed.output;
}
