// GET and POST /ppauth/auth: the page on which somebody lets another program act for them, and the code that it gets
// (contracts/ppmessage.md 3). The code is signed, lives half a minute and is good once.
import { jwtVerify, SignJWT } from 'jose';
import { Refused } from '../../domain/errors.ts';
import { keyNumber, userNumber } from '../../domain/ids.ts';
import { readBody } from '../../http/body.ts';
import { newSecret } from '../../http/secrets.ts';
import { keyAt } from '../../hub/api-tokens.ts';
import { type App, derivedKey, type Hub, type User } from '../../hub/context.ts';
import { userByNumber } from '../../hub/people.ts';
import { useUp } from '../../hub/sessions.ts';
import { signIn } from '../../hub/sign-in.ts';
import { KEY_DOORS } from './auth.ts';

const CODE_SECONDS = 30;
const BODY_BYTES = 16 * 1024;
const PARAMETERS = ['client_id', 'redirect_uri', 'state', 'scope'] as const;

const signingKey = (hub: Hub): Uint8Array => derivedKey(hub.settings.hubSecret, 'ppauth codes');

interface Wanted {
  app: App;
  clientId: string;
  redirectUri: string;
  state: string;
}

/** Shows the page, and answers its form by leading back with a code. */
export async function handleConsent(request: Request, hub: Hub): Promise<Response> {
  try {
    if (request.method === 'GET') {
      const { searchParams } = new URL(request.url);
      const isCode = searchParams.get('response_type') === 'code';
      const wanted = isCode ? await wantedBy(hub, searchParams) : null;
      return wanted ? page(wanted, '') : failed('This address does not say which program asks.');
    }
    if (request.method !== 'POST') return failed('This page takes a form only.', 405);
    const form = new URLSearchParams(new TextDecoder().decode(await readBody(request, BODY_BYTES)));
    const wanted = await wantedBy(hub, form);
    if (!wanted) return failed('This form does not say which program asks.');
    return await signedIn(hub, wanted, form);
  } catch (error) {
    const known = error instanceof Refused ? error.refusal.code : null;
    if (known === null)
      console.error(JSON.stringify({ at: 'ppauth', requestId: hub.requestId, error: String(error) }));
    return failed(
      'This does not work right now. Please try again in a moment.',
      known === 'rate_limited' ? 429 : 503,
    );
  }
}

/** Null: no key of an app, or an address that the app's owner has not allowed: a code must reach nobody else. */
async function wantedBy(hub: Hub, given: URLSearchParams): Promise<Wanted | null> {
  const [clientId, redirectUri, state] = PARAMETERS.map((name) => given.get(name) ?? '');
  const number = hub.ids.parseUuid('key', clientId as string);
  if (number === null || !URL.canParse(redirectUri as string)) return null;
  try {
    const doors = [KEY_DOORS.PPKEFU, KEY_DOORS.THIRD_PARTY_KEFU];
    const { app } = await keyAt(hub, doors, keyNumber(number), null);
    if (!app.origins.includes(new URL(redirectUri as string).origin)) return null;
    return { app, clientId: clientId as string, redirectUri: redirectUri as string, state: state as string };
  } catch (error) {
    if (error instanceof Refused && error.refusal.code !== 'unavailable') return null;
    throw error;
  }
}

async function signedIn(hub: Hub, wanted: Wanted, form: URLSearchParams): Promise<Response> {
  let user: User;
  try {
    user = await signIn(hub, wanted.app, form.get('user_email') ?? '', form.get('user_password') ?? '');
  } catch (error) {
    if (!(error instanceof Refused) || error.refusal.code === 'unavailable') throw error;
    return page(wanted, error.refusal.message, error.refusal.code === 'rate_limited' ? 429 : 401);
  }
  const code = await new SignJWT({ app: wanted.app.number, client: wanted.clientId, to: wanted.redirectUri })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(String(user.number))
    .setJti(newSecret(12))
    .setExpirationTime(Math.floor(Date.now() / 1000) + CODE_SECONDS)
    .sign(signingKey(hub));
  const back = new URL(wanted.redirectUri);
  back.searchParams.set('code', code);
  back.searchParams.set('state', wanted.state);
  return new Response(null, { status: 303, headers: { location: back.href, 'cache-control': 'no-store' } });
}

/** Who let the program in, once. Null: the code is none, is over, was used, or another program's or address's. */
export async function userOfCode(
  hub: Hub,
  app: App,
  { code, clientId }: { code: string; clientId: string },
  redirectUri: string | null,
): Promise<User | null> {
  const payload = await jwtVerify(code, signingKey(hub), { algorithms: ['HS256'] }).then(
    (read) => read.payload,
    () => null,
  );
  const isTheirs = payload?.app === app.number && payload.client === clientId;
  if (!payload || !isTheirs || (redirectUri !== null && payload.to !== redirectUri)) return null;
  const user = await userByNumber(hub, app, userNumber(Number(payload.sub)));
  return (await useUp(hub, user, `code ${payload.jti}`)) ? user : null;
}

const SAFE = {
  'content-type': 'text/html; charset=utf-8',
  // The form leads away from here, to an address that was checked.
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

function page({ app, clientId, redirectUri, state }: Wanted, problem: string, status = 200): Response {
  const kept = Object.entries({ client_id: clientId, redirect_uri: redirectUri, state })
    .map(([name, value]) => `<input type="hidden" name="${name}" value="${escaped(value)}">`)
    .join('');
  return html(
    `<h1>${escaped(app.name)}</h1>
<p>Sign in to let the program at ${escaped(new URL(redirectUri).origin)} act for you.</p>
${problem && `<p role="alert">${escaped(problem)}</p>`}
<form method="post" action="/ppauth/auth">${kept}
<p><label>User name or e-mail<br><input name="user_email" autocomplete="username" required></label></p>
<p><label>Password<br><input name="user_password" type="password" autocomplete="current-password" required></label></p>
<p><button>Sign in</button></p></form>`,
    status,
  );
}

const failed = (sentence: string, status = 400): Response => html(`<p role="alert">${sentence}</p>`, status);

const html = (body: string, status: number): Response =>
  new Response(
    `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Sign in</title><style>body{font:16px system-ui;max-width:24em;margin:3em auto;padding:0 1em}</style>${body}</html>`,
    { status, headers: SAFE },
  );
