// The demonstration: one conversation of a visitor with a forum's member, and what it takes to take part in it through
// every door for an hour. Only on a hub that nobody but its own machine reaches.
import { SignJWT } from 'jose';
import { notFound, Refused } from '../domain/errors.ts';
import type { ConversationNumber } from '../domain/ids.ts';
import { appBySlug, appCaller, userCaller } from './apps.ts';
import type { App, Hub, User } from './context.ts';
import { openConversation } from './conversations.ts';
import { appKeys, keyIdOf } from './keys.ts';
import { listForUser } from './lists.ts';
import { joinConversation } from './members.ts';
import { post } from './messages.ts';
import { userByAnyName } from './people.ts';
import { issueToken } from './sessions.ts';
import { beginVisit } from './visits.ts';

/** As the standalone server makes them on its first start. */
const SLUG = 'demo';
const MEMBER = 'alice';
const SECONDS = 3_600;
const GREETING = 'Hi! I am Alice, and I write in the forum. What you answer in the chat I read here.';

export interface Demonstration {
  app: App;
  conversation: ConversationNumber;
  member: User;
  /** By which the same browser is the same visitor next time. */
  visitor: string;
  /** The member's, for each door. */
  tokens: { forum: string; realtime: string; rest: string };
}

/** Not found: this hub has no such app or no such person in it. */
export async function beginDemonstration(hub: Hub, visitor: string | undefined): Promise<Demonstration> {
  const app = await appBySlug(hub, SLUG);
  const member = await userByAnyName(hub, app, MEMBER);
  const visit = await beginVisit(hub, app, { visitor });
  const conversation = await conversationOf(hub, app, visit.user, member);
  const [forum, realtime, rest] = await Promise.all([
    issueToken(hub, member, 'session', { seconds: SECONDS }),
    issueToken(hub, member, 'realtime', { seconds: SECONDS }),
    restToken(hub, app, member),
  ]);
  const tokens = { forum: forum.token, realtime: realtime.token, rest };
  return { app, conversation, member, visitor: visit.visitor ?? '', tokens };
}

/** The visitor's newest conversation, or a new one, with the member in it. */
async function conversationOf(hub: Hub, app: App, visitor: User, member: User): Promise<ConversationNumber> {
  const caller = userCaller(app, visitor, 'realtime');
  const { rows } = await listForUser(hub, caller, { start: 0, count: 1 });
  const known = rows[0]?.facts.number;
  if (known !== undefined) return known;
  const { view } = await openConversation(hub, caller, {
    kind: 'support',
    title: 'A first conversation',
    members: [],
  });
  const { number } = view.facts;
  const operator = appCaller(app, 'operator');
  await joinConversation(hub, operator, number, [member.number]);
  const words = { door: 'tapatalk', type: 'text', text: GREETING, markup: 'plain' } as const;
  await post(hub, operator, number, words, { author: member.number });
  return number;
}

/** As the app's own server would sign one (contracts/sunshine.md 4). */
async function restToken(hub: Hub, app: App, member: User): Promise<string> {
  const key = (await appKeys(hub, app.number, 'sunshine')).at(-1);
  if (!key) throw new Refused(notFound('app'));
  return new SignJWT({ scope: 'user', external_id: member.externalId })
    .setProtectedHeader({ alg: 'HS256', kid: keyIdOf(hub, 'app', key.number) })
    .setExpirationTime(Math.floor(Date.now() / 1000) + SECONDS)
    .sign(new TextEncoder().encode(key.secret));
}
