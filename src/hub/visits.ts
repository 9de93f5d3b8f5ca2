// Visitors of pages that have the chat widget: who they are, from one visit to the next, and the token that their browser
// asks with. Nothing is made for somebody who only looks: a visit begins when something is said.
import { createHash } from 'node:crypto';
import { findUser } from '../directory/people.ts';
import { Refused } from '../domain/errors.ts';
import type { App, Hub, User } from './context.ts';
import { ask } from './directory.ts';
import { verifyKeyToken } from './key-tokens.ts';
import { createUser } from './people.ts';
import { issueToken, refuseDeactivated, verifyToken } from './sessions.ts';

/** A browser's token; it asks for a new one before the end. */
const SECONDS = 3_600;
/** Visitors that one address makes at once, and how long each one after them takes to come back: an office, no flood. */
const NEWCOMERS = 60;
const REFILL_MS = 20_000;
/** So long after a browser has become a visitor by a key of its own the same key is the same visitor: tabs that begin at one moment, answers that are lost. */
const KEY_MS = 2 * 86_400_000;
/** Of a person's tokens, until all of them are taken back. */
const FIRST_VERSION = 1;
/** Beginning of the external id of visitors whom nobody but their browser knows. */
export const VISITOR = 'visitor:';

export interface Visit {
  user: User;
  /** For realtime and the calls beside it. */
  token: string;
  /** ms since 1970. */
  expiresAt: number;
  /** By which the same browser is the same visitor next time, for 30 days from now; null: the page says who it is. */
  visitor: string | null;
}

/**
 * The person of a token that the page's own server signed (`user`: HS256 by a key of the app, scope `user`), made if they
 * are new; else of the visitor token of an earlier visit; else a new visitor, one for each `key` that a browser has made up.
 * Unauthorized: the page's token is wrong; an earlier visitor's that is no good any more is passed over. Rate limited: one
 * address makes too many.
 */
export async function beginVisit(
  hub: Hub,
  app: App,
  given: { user?: string; visitor?: string; key?: string },
): Promise<Visit> {
  if (given.user !== undefined) return visitOf(hub, await signedUser(hub, app, given.user), false);
  const known = given.visitor === undefined ? null : await returning(hub, app, given.visitor);
  return visitOf(hub, known ?? (await newcomer(hub, app, given.key)), true);
}

async function visitOf(hub: Hub, user: User, anonymous: boolean): Promise<Visit> {
  refuseDeactivated(user);
  const [call, visitor] = await Promise.all([
    issueToken(hub, user, 'realtime', { seconds: SECONDS }),
    anonymous ? issueToken(hub, user, 'visitor') : null,
  ]);
  return { user, ...call, visitor: visitor?.token ?? null };
}

async function signedUser(hub: Hub, app: App, token: string): Promise<User> {
  const said = await verifyKeyToken(hub, 'sunshine', token);
  if (said.scope !== 'user' || said.externalId === null || said.app?.number !== app.number)
    throw new Refused({ code: 'unauthorized', message: 'The token is of nobody in this app.' });
  const { externalId } = said;
  const find = () => ask(hub, app.number, (d1) => findUser(d1, app.number, { externalId }));
  const known = await find();
  if (known) return known;
  try {
    return await createUser(hub, app, { externalId });
  } catch (error) {
    return otherOf(error, find);
  }
}

async function returning(hub: Hub, app: App, token: string): Promise<User | null> {
  try {
    const { caller } = await verifyToken(hub, token, 'visitor');
    return caller.app.number === app.number ? caller.user : null;
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'unauthorized') return null;
    throw error;
  }
}

async function newcomer(hub: Hub, app: App, key: string | undefined): Promise<User> {
  // Whoever reads the id cannot be the visitor by it.
  const print = key && createHash('sha256').update(`${app.number} ${key}`).digest('base64url');
  const externalId = VISITOR + (print ?? crypto.randomUUID());
  const find = () => ask(hub, app.number, (d1) => findUser(d1, app.number, { externalId }));
  const known = print ? await find() : null;
  // An old key is nobody's any more, nor is one whose visitor was signed out everywhere.
  if (known && (known.tokenVersion > FIRST_VERSION || Date.now() - known.createdAt > KEY_MS))
    return newcomer(hub, app, undefined);
  if (known) return known;
  ration(hub);
  try {
    return await createUser(hub, app, { externalId, name: 'Visitor', role: 'visitor' });
  } catch (error) {
    return otherOf(error, find);
  }
}

/** Who was made meanwhile by another call, where that is what the error says. */
async function otherOf(error: unknown, find: () => Promise<User | null>): Promise<User> {
  const other = error instanceof Refused && error.refusal.code === 'conflict' ? await find() : null;
  if (!other) throw error;
  return other;
}

function ration(hub: Hub): void {
  if (hub.settings.limits === 'off') return;
  const address = hub.clientAddress() ?? '';
  const { visited } = hub.isolate;
  const now = Date.now();
  const retryAfterMs = visited.wait(address, REFILL_MS, NEWCOMERS * REFILL_MS, now);
  if (retryAfterMs > 0) {
    const message = 'Too many visitors at once. Please try again in a moment.';
    throw new Refused({ code: 'rate_limited', message, retryAfterMs });
  }
  visited.take(address, REFILL_MS, now);
}
