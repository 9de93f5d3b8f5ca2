// Finding messages by their words, and by what they carry.
import { messagesWithFiles as withFiles } from '../directory/attached.ts';
import { type Found, type SearchWindow, searchEntries } from '../directory/search.ts';
import { forbidden, Refused } from '../domain/errors.ts';
import type { ConversationNumber, MessageNumber, UserNumber } from '../domain/ids.ts';
import type { MessageEntry } from '../domain/model.ts';
import type { Caller, Hub } from './context.ts';
import { ask } from './directory.ts';
import { type Picked, pickMessages } from './messages.ts';

/** Conversations that are asked for their messages at a time. */
const ASKED_AT_ONCE = 8;

/**
 * Newest first, only what the caller may read now: everything of the app for its credentials, or, with `of`, what that
 * person may read. Forbidden where the app keeps nothing to search in: nothing found would be a lie.
 */
export async function searchMessages(
  hub: Hub,
  caller: Caller,
  window: SearchWindow,
  of?: UserNumber,
): Promise<{ rows: Found[]; cursor: string | null }> {
  if (!caller.app.settings.search) throw new Refused(forbidden('Search is switched off here.'));
  const user = caller.powers === 'app' ? (of ?? null) : (caller.user?.number ?? null);
  const { number } = caller.app;
  return ask(hub, number, (d1) => searchEntries(d1, number, user, window));
}

/** A message that was found, and what it takes to show it. */
export interface FoundMessage {
  conversation: ConversationNumber;
  entry: MessageEntry;
  picked: Picked;
}

/**
 * The same, each message as its conversation shows it to the caller now. What was deleted since, or is out of their sight, is
 * left out: a page may hold less than its size.
 */
export async function findMessages(
  hub: Hub,
  caller: Caller,
  window: SearchWindow,
  of?: UserNumber,
): Promise<{ messages: FoundMessage[]; cursor: string | null }> {
  const { rows, cursor } = await searchMessages(hub, caller, window, of);
  const groups = [...new Set(rows.map((row) => row.conversation))].map((conversation) => ({
    conversation,
    ids: rows.filter((row) => row.conversation === conversation).map(({ id }) => ({ id })),
  }));
  const found = new Map<number, FoundMessage>();
  for (let i = 0; i < groups.length; i += ASKED_AT_ONCE) {
    const asked = groups.slice(i, i + ASKED_AT_ONCE);
    await Promise.all(
      asked.map(async ({ conversation, ids }) => {
        const picked = await pickedIn(hub, caller, conversation, ids);
        for (const entry of picked?.messages ?? [])
          if (picked && !entry.message.deleted) found.set(entry.id, { conversation, entry, picked });
      }),
    );
  }
  return { messages: rows.flatMap((row) => found.get(row.id) ?? []), cursor };
}

/** Null where the conversation is gone, or no longer the caller's. */
async function pickedIn(
  hub: Hub,
  caller: Caller,
  c: ConversationNumber,
  at: Parameters<typeof pickMessages>[3],
): Promise<Picked | null> {
  try {
    return await pickMessages(hub, caller, c, at);
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'not_found') return null;
    throw error;
  }
}

/**
 * The newest messages of one conversation that carry a file, newest first. Only numbers: who may read them is decided where
 * they are. Forbidden where the app keeps no archive.
 */
export function messagesWithFiles(
  hub: Hub,
  { app }: Caller,
  c: ConversationNumber,
  limit: number,
): Promise<MessageNumber[]> {
  if (!app.settings.archive) throw new Refused(forbidden('This app keeps no archive to look in.'));
  return ask(hub, app.number, (d1) => withFiles(d1, c, limit));
}
