// Entries as endpoints get them: made of the log's rows and the cards of those whom they name, so many at a time, and handed
// over with a few tries. Who is handed which of them, and when, is hooks.ts, and parting.ts where the conversation was deleted.
import type { FedEntry, Feed } from '../domain/hooks.ts';
import type { EndpointNumber, Seq, UserNumber } from '../domain/ids.ts';
import type { Card, Entry } from '../domain/model.ts';
import type { Log } from './log.ts';
import { type EntryRow, kindCode } from './rows.ts';

const MESSAGE = kindCode('message');

/** Entries in one feed, and characters in their bodies: bounds what one call carries. */
export const FEED_ENTRIES = 100;
const FEED_CHARS = 200_000;
/** Tries of one feed before it is left to a timer, and the pause before the second one; it doubles. */
const TRIES = 3;
const FIRST_PAUSE_MS = 50;

export class Feeding {
  private readonly log: Log;
  private readonly cardOf: (user: UserNumber) => Card | undefined;

  constructor(log: Log, cardOf: (user: UserNumber) => Card | undefined) {
    this.log = log;
    this.cardOf = cardOf;
  }

  /** The next ones after `cursor`, as the log has them now. */
  after(cursor: Seq): FedEntry[] {
    return cut(this.log.rowsAfter(cursor, FEED_ENTRIES).map((row) => this.fed(row)));
  }

  fed(row: EntryRow): FedEntry {
    const entry = this.log.entryOf(row);
    const named = new Set<UserNumber | null>([entry.author]);
    if (entry.kind === 'join' || entry.kind === 'leave') for (const user of entry.users) named.add(user);
    if (entry.kind === 'assign') named.add(entry.assignee);
    if (entry.kind === 'merge') named.add(entry.into);
    const about = aboutOf(entry);
    const found = about === null ? null : this.log.row(about);
    const target = found?.kind === MESSAGE ? found : null;
    if (target) named.add(target.author as UserNumber | null);
    const people = [...named].flatMap((user) => {
      const card = user === null ? undefined : this.cardOf(user);
      return user !== null && card ? [{ user, card }] : [];
    });
    return { entry, people, target: target && this.log.messageEntry(target) };
  }
}

/** Of these entries as many as one call may carry, and one at least. */
export function cut(entries: FedEntry[]): FedEntry[] {
  let chars = 0;
  const end = entries.findIndex(({ entry }, i) => {
    chars += JSON.stringify(entry).length;
    return i > 0 && chars > FEED_CHARS;
  });
  return end < 0 ? entries : entries.slice(0, end);
}

/** Whether the endpoint took it; again where it fails, some times. */
export async function hand(
  take: (endpoint: EndpointNumber, feed: Feed) => Promise<unknown>,
  endpoint: EndpointNumber,
  feed: Feed,
): Promise<boolean> {
  for (let attempt = 0; attempt < TRIES; attempt++) {
    if (attempt > 0) await pause(FIRST_PAUSE_MS * 2 ** attempt);
    try {
      await take(endpoint, feed);
      return true;
    } catch (error) {
      console.error(JSON.stringify({ at: 'hooks', endpoint, error: String(error) }));
    }
  }
  return false;
}

/** The message that an entry is about: changed, deleted or quoted by it. */
function aboutOf(entry: Entry): Seq | null {
  if (entry.kind === 'message') return entry.message.replyTo ?? null;
  if (entry.kind === 'delete') return entry.through ? null : entry.target;
  return entry.kind === 'edit' ? entry.target : null;
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
