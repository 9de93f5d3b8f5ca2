// The demonstration: one conversation of a visitor with somebody who answers in the forum, and what it takes to take part in it through
// every door for an hour. Only on a hub that nobody but its own machine reaches.
import { SignJWT } from 'jose';
import { notFound, Refused } from '../domain/errors.ts';
import type { ConversationNumber } from '../domain/ids.ts';
import { TEAM_ROLES } from '../domain/model.ts';
import { appBySlug, appCaller, userCaller } from './apps.ts';
import type { App, Caller, Hub, User } from './context.ts';
import { openConversation, viewConversation } from './conversations.ts';
import { appKeys, keyIdOf } from './keys.ts';
import { listForUser } from './lists.ts';
import { post } from './messages.ts';
import { updateUser, userByAnyName } from './people.ts';
import { issueToken } from './sessions.ts';
import { beginVisit } from './visits.ts';

/** As the standalone server makes them on its first start. */
const SLUG = 'demo';
const MEMBER = 'alice';
const SECONDS = 3_600;
const GREETING = 'Hi! What you write in the chat, Alice reads in the forum, and answers from there.';

export interface Demonstration {
  app: App;
  conversation: ConversationNumber;
  member: User;
  /** By which the same browser is the same visitor next time. */
  visitor: string;
  /** The member's, for each door, and the visitor's, to be told of what they begin. */
  tokens: { forum: string; realtime: string; rest: string; visitor: string };
}

/**
 * `wanted`: the conversation to take part in, where the visitor is in it; else it is their newest. Not found: this hub has no
 * such app or no such person in it.
 */
export async function beginDemonstration(
  hub: Hub,
  visitor: string | undefined,
  wanted?: ConversationNumber,
): Promise<Demonstration> {
  const app = await appBySlug(hub, SLUG);
  const member = await moderator(hub, app);
  const visit = await beginVisit(hub, app, { visitor });
  const conversation = await conversationOf(hub, userCaller(app, visit.user, 'realtime'), wanted);
  const [forum, realtime, rest] = await Promise.all([
    issueToken(hub, member, 'session', { seconds: SECONDS }),
    issueToken(hub, member, 'realtime', { seconds: SECONDS }),
    restToken(hub, app, member),
  ]);
  const tokens = { forum: forum.token, realtime: realtime.token, rest, visitor: visit.token };
  return { app, conversation, member, visitor: visit.visitor ?? '', tokens };
}

/** Of the team, so that visitors' conversations are in her list; data of older versions has her as a plain member. */
async function moderator(hub: Hub, app: App): Promise<User> {
  const person = await userByAnyName(hub, app, MEMBER);
  return TEAM_ROLES.has(person.role) ? person : updateUser(hub, app, person.number, { role: 'agent' });
}

/** That one, or the visitor's newest, or a new one, in which the app has said a word: nobody is in it but the visitor. */
async function conversationOf(
  hub: Hub,
  caller: Caller,
  wanted: ConversationNumber | undefined,
): Promise<ConversationNumber> {
  const { app } = caller;
  if (wanted !== undefined && (await isIn(hub, caller, wanted))) return wanted;
  const { rows } = await listForUser(hub, caller, { start: 0, count: 1 });
  const known = rows[0]?.facts.number;
  if (known !== undefined) return known;
  const { view } = await openConversation(hub, caller, {
    kind: 'support',
    title: 'A first conversation',
    members: [],
  });
  const { number } = view.facts;
  const words = { door: 'operator', type: 'text', text: GREETING, markup: 'plain' } as const;
  await post(hub, appCaller(app, 'operator'), number, words, { author: app.businessUser });
  return number;
}

/** Asks the conversation itself: one that has just begun no list may have yet. */
const isIn = (hub: Hub, caller: Caller, c: ConversationNumber): Promise<boolean> =>
  viewConversation(hub, caller, c).then(
    ({ me }) => me !== null,
    (error: unknown) => {
      if (error instanceof Refused && error.refusal.code === 'not_found') return false;
      throw error;
    },
  );

/** As the app's own server would sign one (contracts/sunshine.md 4). */
async function restToken(hub: Hub, app: App, member: User): Promise<string> {
  const key = (await appKeys(hub, app.number, 'sunshine')).at(-1);
  if (!key) throw new Refused(notFound('app'));
  return new SignJWT({ scope: 'user', external_id: member.externalId })
    .setProtectedHeader({ alg: 'HS256', kid: keyIdOf(hub, 'app', key.number) })
    .setExpirationTime(Math.floor(Date.now() / 1000) + SECONDS)
    .sign(new TextEncoder().encode(key.secret));
}
