// Whom somebody knows: the people of their conversations, and who speaks there.
import { shareConversation, wroteTo } from '../directory/acquaintance.ts';
import type { UserNumber } from '../domain/ids.ts';
import type { Caller, Hub } from './context.ts';
import { ask } from './directory.ts';

/** Whether this person is in a conversation with the caller now, or is the caller. Everybody, for app credentials. */
export async function knows(hub: Hub, { app, user }: Caller, other: UserNumber): Promise<boolean> {
  if (!user || user.number === other) return true;
  return ask(hub, app.number, (d1) => shareConversation(d1, user.number, other));
}

/** Whether this voice of another network, which is nobody's member, speaks in the caller's conversations. */
export async function hears(hub: Hub, { app, user }: Caller, author: UserNumber): Promise<boolean> {
  if (!user) return true;
  return ask(hub, app.number, (d1) => wroteTo(d1, author, user.number));
}
