// What every operation of this dialect gets: the caller, the app, the parsed address; how it reads a body, and
// the empty answer.
// Routes are in routes.ts, credentials in auth.ts.
import * as v from 'valibot';
import { forbidden, notFound, Refused } from '../../domain/errors.ts';
import {
  type ConversationNumber,
  conversationNumber,
  integrationNumber,
  type UserNumber,
  userNumber,
} from '../../domain/ids.ts';
import { readBody } from '../../http/body.ts';
import { json } from '../../http/respond.ts';
import type { App, Caller, Hub, User } from '../../hub/context.ts';
import { type Integration, integrationOf } from '../../hub/integrations.ts';
import { userByExternalId, userByNumber } from '../../hub/people.ts';
import type { Scope } from './auth.ts';
import { refuse, refuseIssues } from './errors.ts';
import type { OneUser } from './fields.ts';
import type { StoredProfile } from './render.ts';
import type { AuthorBody } from './schemas.ts';

/** JSON bodies (contracts/sunshine.md 1: "100 kb"). */
export const BODY_BYTES = 100 * 1024;

export interface Call {
  hub: Hub;
  app: App;
  /** A credential of the app, as a rule; or the person of a `user` token, who acts as themselves. */
  caller: Caller;
  /** What the credentials are for. */
  scope: Scope;
  request: Request;
  url: URL;
  /** Segments of the path by name, decoded. */
  params: Record<string, string>;
}

/** A call of an account, or one that names no app. */
export interface AccountCall {
  hub: Hub;
  /** The app that the path names, else the one of the credentials; null for an account's. */
  app: App | null;
  request: Request;
  url: URL;
  params: Record<string, string>;
}

/** The body, checked. Its content type does not matter: some clients send one with every call and some none. */
export async function bodyOf<Body extends v.GenericSchema>(
  call: Pick<Call, 'request'>,
  schema: Body,
): Promise<v.InferOutput<Body>> {
  const bytes = await readBody(call.request, BODY_BYTES);
  const result = v.safeParse(schema, parseJson(bytes));
  if (!result.success) throw refuseIssues(result.issues);
  return result.output;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

function parseJson(bytes: Uint8Array): unknown {
  // An absent body is an empty one: the schema then says what is missing.
  if (bytes.byteLength === 0) return {};
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch {
    throw refuse('The request body is not valid JSON');
  }
}

/** `{}`: what a call without a result answers, with 200 and never 204 (contracts/sunshine.md 1). */
export const done = (): Response => json({});

/** The conversation that the path names; a foreign, missing or malformed id gets the same answer. */
export function conversationOf(call: Call): ConversationNumber {
  const n = call.hub.ids.parseHex('conversation', call.params.conversationId ?? '');
  if (n === null) throw new Refused(notFound('conversation'));
  return conversationNumber(n);
}

/** The integration that the path names. */
export async function integrationOfPath({ hub, app, params }: Call): Promise<Integration> {
  const n = hub.ids.parseHex('integration', params.integrationId ?? '');
  if (n === null) throw new Refused(notFound('integration'));
  return integrationOf(hub, app, integrationNumber(n));
}

/** The person that a body or a filter names by exactly one id. */
export function userOf(call: Call, { userId, userExternalId, brandId }: OneBrandedUser): Promise<User> {
  if (typeof userExternalId === 'string') return userOfBrand(call, userExternalId, brandId);
  return userById(call, userId ?? '');
}

/** A brand is said beside an external id, for people of one brand alone (contracts/sunshine.md 3). */
export type OneBrandedUser = OneUser & { brandId?: string | null };

/** External ids are unique in the app, whatever the brand: one that is said must be the person's. */
async function userOfBrand(call: Call, externalId: string, brandId?: string | null): Promise<User> {
  const user = await userByExternalId(call.hub, call.app, externalId);
  if (brandId && (user.profile as StoredProfile).brandId !== brandId) throw new Refused(notFound('user'));
  return user;
}

/** The brand that a call says beside an external id or an address; null: none. */
export const brandOf = ({ url }: Pick<Call, 'url'>): string | null => url.searchParams.get('brandId') || null;

/** The person that a path names by id or externalId: our ids hold a check, so no other text reads as one. */
export function userOfPath(call: Call): Promise<User> {
  const name = call.params.userIdOrExternalId ?? '';
  if (call.hub.ids.parseHex('user', name) !== null) return userById(call, name);
  return userOfBrand(call, name, brandOf(call));
}

async function userById(call: Call, id: string): Promise<User> {
  return userByNumber(call.hub, call.app, userNumberOf(call, id));
}

/** The caller as the author that a body names: with a token of their own nobody speaks for others, or under another name. */
export function selfOf(call: Call, self: User, author: AuthorBody): UserNumber {
  if (author.type === 'business') throw new Refused(forbidden('A person acts as themselves.'));
  const { userId, userExternalId, brandId, displayName, avatarUrl } = author;
  const isSelf =
    (typeof userId !== 'string' || call.hub.ids.parseHex('user', userId) === self.number) &&
    (typeof userExternalId !== 'string' || userExternalId === self.externalId) &&
    (!brandId || brandId === (self.profile as StoredProfile).brandId);
  if (!isSelf) throw new Refused(forbidden('A person acts as themselves.'));
  if (displayName || avatarUrl)
    throw refuse('author.displayName and author.avatarUrl are not for tokens of scope user');
  return self.number;
}

/** The number in a user id; whether anybody has it is the hub's to say. */
export function userNumberOf(call: Call, id: string): UserNumber {
  const n = call.hub.ids.parseHex('user', id);
  if (n === null) throw new Refused(notFound('user'));
  return userNumber(n);
}
