// What a visitor who writes is told while nobody of the team is there (contracts/ppmessage.md 7, return_offline_message).

import { NOBODY_THERE } from '../domain/answers.ts';
import type { ConversationNumber, Seq } from '../domain/ids.ts';
import { TEAM_ROLES } from '../domain/model.ts';
import { appCaller } from './apps.ts';
import type { Caller, Hub } from './context.ts';
import { isTeamThere } from './desk.ts';
import { messagesBySeq, post } from './messages.ts';

/** Messages that are looked through for an earlier answer of this kind. */
const LOOK_BACK = 20;

/**
 * After somebody wrote, at `seq`: says in the business's name that nobody is there, if the app wants that, it is a
 * customer's conversation, and it was not said since somebody of the team last spoke.
 */
export async function answerForNobody(
  hub: Hub,
  { app, user, door }: Caller,
  c: ConversationNumber,
  seq: Seq,
): Promise<void> {
  const { returnOfflineMessage, offlineMessage: text } = app.settings;
  if (!returnOfflineMessage || text === '' || !user || TEAM_ROLES.has(user.role)) return;
  if (await isTeamThere(hub, app)) return;
  const caller = appCaller(app, door);
  const { view, messages } = await messagesBySeq(hub, caller, c, { limit: LOOK_BACK });
  if (view.facts.kind !== 'support') return;
  const answers = messages.filter(({ author }) => author !== user.number);
  const last = answers.at(-1);
  if (last?.author === app.businessUser && last.message.text === text) return;
  // Made again, it is the same message.
  const clientId = `${NOBODY_THERE}${seq}`;
  const draft = { door, text, markup: 'plain', type: 'text', clientId } as const;
  await post(hub, caller, c, draft, { author: app.businessUser });
}
