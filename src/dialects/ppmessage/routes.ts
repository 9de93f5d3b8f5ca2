// The one way each request takes: authenticate, parse, call the hub, render (contracts/ppmessage.md 1). Which calls there
// are is table.ts; tokens are asked for in tokens.ts.
import { Refused } from '../../domain/errors.ts';
import type { JsonObject } from '../../domain/model.ts';
import { readBody, readOver } from '../../http/body.ts';
import { json } from '../../http/respond.ts';
import type { Hub } from '../../hub/context.ts';
import { accessOf } from './auth.ts';
import { preflight, shown } from './cors.ts';
import { ERRORS, type ErrorName, Failure, failedOf } from './errors.ts';
import { appUuid } from './ids.ts';
import { type Route, routeNamed } from './table.ts';

/** DESIGN.md 6. */
const BODY_BYTES = 100 * 1024;

/** Answers one call below `/api/`: always 200 with a code, except where there is no such call. */
export async function handlePPMessage(request: Request, hub: Hub): Promise<Response> {
  if (request.method === 'OPTIONS') return preflight();
  const name = new URL(request.url).pathname.replace(/^\/+api\/+/, '').replace(/\/$/, '');
  const route = routeNamed(name);
  const uri = `/${route?.name ?? name}`;
  try {
    if (!route) return shown(answerOf('NO_ACTION', uri, {}, 404));
    const { error_code, ...made } = await answer(route, request, hub);
    const error = Object.entries(ERRORS).find(([, [code]]) => code === error_code)?.[0] ?? 'NO_ERR';
    return shown(answerOf(error as ErrorName, uri, made));
  } catch (error) {
    const { error: what, retryAfterMs } = failedOf(error, hub.requestId);
    const response = answerOf(what, uri, {});
    if (retryAfterMs !== null)
      response.headers.set('retry-after', String(Math.max(1, Math.ceil(retryAfterMs / 1000))));
    return shown(response);
  } finally {
    // Nobody read the body: its sender would not see the answer.
    if (request.body && !request.body.locked) await readOver(request.body.getReader());
  }
}

function answerOf(error: ErrorName, uri: string, made: JsonObject, status = 200): Response {
  const [error_code, error_string] = ERRORS[error];
  return json({ ...made, error_code, error_string, uri }, status);
}

async function answer({ levels, ofApp, does }: Route, request: Request, hub: Hub): Promise<JsonObject> {
  const body = await readJson(request);
  const access = await accessOf(hub, tokenOf(request));
  if (!levels.includes(access.level)) throw new Failure('WRONG_ACCESS_TOKEN');
  const named = body.app_uuid ?? null;
  // Also where a call does not need it: what is named is meant.
  if ((ofApp || named !== null) && named !== appUuid(hub, access.app.number))
    throw new Failure('WRONG_ACCESS_TOKEN');
  return does.run({ hub, app: access.app, access, body });
}

/** Failure 1: not a POST of a JSON object. */
async function readJson(request: Request): Promise<JsonObject> {
  const type = request.headers.get('content-type') ?? '';
  if (request.method !== 'POST' || !type.toLowerCase().includes('application/json'))
    throw new Failure('NO_JSON');
  try {
    const bytes = await readBody(request, BODY_BYTES);
    const value: unknown = JSON.parse(
      new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes),
    );
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  } catch (error) {
    if (error instanceof Refused) throw error;
  }
  throw new Failure('NO_JSON');
}

/** `Authorization: OAuth <token>`. Failure 3: anything else. */
export function tokenOf({ headers }: Pick<Request, 'headers'>): string {
  const [, token] = /^oauth ([^\s]+)$/i.exec((headers.get('authorization') ?? '').trim()) ?? [];
  if (token === undefined) throw new Failure('NO_ACCESS_TOKEN');
  return token;
}
