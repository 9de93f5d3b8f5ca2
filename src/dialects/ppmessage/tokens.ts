// POST /ppauth/token: what a key, or a person with their password, gets a token for (contracts/ppmessage.md 3). What tokens
// let their holders do is auth.ts; the page on which people let another program in is consent.ts.
import { Refused } from '../../domain/errors.ts';
import { keyNumber } from '../../domain/ids.ts';
import { readBody } from '../../http/body.ts';
import { json } from '../../http/respond.ts';
import { issueApiToken, keyAt } from '../../hub/api-tokens.ts';
import type { Hub } from '../../hub/context.ts';
import { issueToken } from '../../hub/sessions.ts';
import { signInSha1 } from '../../hub/sign-in.ts';
import { AUDIENCES, KEY_DOORS, type Level } from './auth.ts';
import { userOfCode } from './consent.ts';
import { preflight, shown } from './cors.ts';

const BODY_BYTES = 16 * 1024;
const SHA1 = /^[0-9a-f]{40}$/i;
const EVERY_LEVEL = Object.values(KEY_DOORS);
/** Doors of keys with which people sign in. */
const PEOPLES = [KEY_DOORS.PPKEFU, KEY_DOORS.THIRD_PARTY_KEFU];
/** What a code's token is said to live, in the client's own spelling. */
const CODE_TOKEN_SECONDS = 86_400;

/** Answers the call. A key that is none is 400; a wrong password is 200 with code -1. */
export async function handleToken(request: Request, hub: Hub): Promise<Response> {
  if (request.method === 'OPTIONS') return preflight();
  try {
    return shown(request.method === 'POST' ? await grant(request, hub) : badRequest('invalid_request', 405));
  } catch (error) {
    return shown(refusal(error, hub));
  }
}

async function grant(request: Request, hub: Hub): Promise<Response> {
  const form = await readForm(request);
  if (!form) return badRequest('invalid_request');
  const number = hub.ids.parseUuid('key', form.get('client_id') ?? '');
  if (number === null) return badRequest('invalid_client');
  const secret = form.get('client_secret');
  switch (form.get('grant_type')) {
    case 'client_credentials': {
      const { app, door } = await keyAt(hub, EVERY_LEVEL, keyNumber(number), secret ?? '');
      const access_token = await issueApiToken(hub, { app, door, key: keyNumber(number) });
      return json({ access_token, token_type: 'Bearer' });
    }
    case 'password': {
      // Clients in which people sign in need not have the secret; one that is sent is checked.
      const { app, door } = await keyAt(hub, PEOPLES, keyNumber(number), secret || null);
      const [email, password] = [form.get('user_email'), form.get('user_password')];
      if (!email || !password || !SHA1.test(password)) return json({ error_code: -1 });
      const user = await signInSha1(hub, app, email, password).catch((error: unknown) => {
        if (error instanceof Refused && ['unauthorized', 'forbidden'].includes(error.refusal.code))
          return null;
        throw error;
      });
      if (!user) return json({ error_code: -1 });
      const { token: access_token } = await issueToken(hub, user, AUDIENCES[levelAt(door)]);
      const user_uuid = hub.ids.uuid('user', user.number);
      return json({ error_code: 0, access_token, user_uuid, token_type: 'Bearer' });
    }
    case 'authorization_code': {
      const { app, door } = await keyAt(hub, PEOPLES, keyNumber(number), secret ?? '');
      const code = form.get('code') ?? '';
      const user = await userOfCode(
        hub,
        app,
        { code, clientId: form.get('client_id') ?? '' },
        form.get('redirect_uri'),
      );
      if (!user) return badRequest('invalid_grant');
      const { token } = await issueToken(hub, user, AUDIENCES[levelAt(door)], {
        seconds: CODE_TOKEN_SECONDS,
      });
      return json({ access_token: token, token_type: 'Bearer', exipired_in: CODE_TOKEN_SECONDS });
    }
    default:
      return badRequest('unsupported_grant_type');
  }
}

const levelAt = (door: string): Exclude<Level, 'PPCOM'> =>
  door === KEY_DOORS.PPKEFU ? 'PPKEFU' : 'THIRD_PARTY_KEFU';

/** A form, or JSON. Null: neither. */
async function readForm(request: Request): Promise<{ get(name: string): string | null } | null> {
  const bytes = await readBody(request, BODY_BYTES);
  const type = (request.headers.get('content-type') ?? '').toLowerCase();
  const text = new TextDecoder().decode(bytes);
  if (!type.includes('json')) return new URLSearchParams(text);
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return null;
    const fields = new Map(Object.entries(value));
    return {
      get: (name) => {
        const field: unknown = fields.get(name);
        return typeof field === 'string' ? field : null;
      },
    };
  } catch {
    return null;
  }
}

/** In the words of RFC 6749 5.2. */
const badRequest = (error: string, status = 400): Response => json({ error }, status);

function refusal(error: unknown, hub: Hub): Response {
  const { refusal: known } = error instanceof Refused ? error : { refusal: null };
  switch (known?.code) {
    case 'unauthorized':
    case 'not_found':
      return badRequest('invalid_client');
    case 'rate_limited':
    case 'unavailable': {
      const seconds = Math.ceil((known.retryAfterMs ?? 1000) / 1000);
      const status = known.code === 'unavailable' ? 503 : 429;
      return json({ error: 'temporarily_unavailable', error_description: known.message }, status, {
        'retry-after': String(seconds),
      });
    }
    case 'too_large':
      return badRequest('invalid_request', 413);
    default:
      console.error(JSON.stringify({ at: 'ppauth', requestId: hub.requestId, detail: String(error) }));
      return json({ error: 'server_error' }, 500);
  }
}
