// The operator's tools: rebuild the directory from the logs, a log from the archive, and see where the readers stand.

import type { RestoredMember, RestoreStep } from '../conversation/api.ts';
import type { Person } from '../conversation/core.ts';
import { newEpoch } from '../conversation/lifetime.ts';
import {
  type ArchiveRow,
  archivedEntries,
  blocksOf,
  countArchived,
  findConversation,
  highestNumber,
  type ListedConversation,
  positionsOf,
  setEpoch,
} from '../directory/conversations.ts';
import { directoryFor } from '../directory/door.ts';
import { readConcealed } from '../domain/concealed.ts';
import { invalid, notFound, ok, Refused, refused } from '../domain/errors.ts';
import {
  BLOCK_SIZE,
  type ConversationNumber,
  conversationNumber,
  type Seq,
  type UserNumber,
} from '../domain/ids.ts';
import type { Card } from '../domain/model.ts';
import { businessRead } from '../domain/reads.ts';
import { cardOf } from '../domain/user.ts';
import { tellBlockers } from './blocks.ts';
import { call } from './calls.ts';
import type { App, Hub } from './context.ts';
import { ask } from './directory.ts';
import { userByNumber, usersByNumbers } from './people.ts';

/** Conversations worked on at a time, and archived entries and people carried in one step. */
const AT_ONCE = 4;
const STEP_ENTRIES = 500;
const STEP_PEOPLE = 1_000;
/** Numbers looked at past the highest known one: a lost directory may have lost its last rows. */
const BEYOND = 100;

/** Numbers looked at in one call, unless it says how many; and how long it goes on beginning with more of them. */
const REINDEX_NUMBERS = 200;
const REINDEX_MS = 20_000;

export interface Reindexed {
  conversations: number;
  entries: number;
  /** Numbers whose conversation did not tell everything in time. */
  failed: number[];
  /** Where to go on; null: there is nothing beyond. */
  next: number | null;
}

/**
 * Sends the logs of the app to the directory again, whatever that holds: `limit` numbers of conversations, the hub's,
 * beginning with `from`. Idempotent, and as long as it gives a `next`, to be called again from there.
 */
export async function reindexApp(
  hub: Hub,
  app: App,
  { from = 1, limit = REINDEX_NUMBERS }: { from?: number; limit?: number } = {},
): Promise<Reindexed> {
  const known = await highestNumber(directoryFor(hub.env, app.number));
  const total: Reindexed = { conversations: 0, entries: 0, failed: [], next: null };
  const started = Date.now();
  // Who calls again was told to: up to there, there was something.
  let highest = Math.max(known, from - 1);
  let end = Number.POSITIVE_INFINITY;
  for (let at = from; at <= highest + BEYOND; ) {
    if (at >= from + limit || Date.now() - started > REINDEX_MS) end = Math.min(end, at);
    // The stretch beyond the last one is walked to its end, or a small limit would never come to it.
    if (highest >= end) return { ...total, next: at };
    const count = Math.min(AT_ONCE, at < from + limit ? from + limit - at : AT_ONCE);
    const numbers = Array.from({ length: count }, (_, i) => conversationNumber(at + i));
    const found = await Promise.all(numbers.map((n) => reindexOne(hub, app, n, total)));
    // Where the directory's own count was lost, the objects tell how far the numbers go.
    for (const [i, exists] of found.entries()) if (exists) highest = Math.max(highest, at + i);
    at += count;
  }
  return total;
}

/** Null: it does not say. */
const isBorn = (hub: Hub, c: ConversationNumber): Promise<boolean | null> =>
  call(hub, c, async (stub) => ok((await stub.lag()).born)).catch(() => null);

/** True when there is a conversation of this number, be it of another app or deleted. */
async function reindexOne(hub: Hub, app: App, c: ConversationNumber, total: Reindexed): Promise<boolean> {
  try {
    const { entries } = await call(hub, c, (stub) => stub.reindex(app.number));
    total.conversations += 1;
    total.entries += entries;
    return true;
  } catch (error) {
    const missing = error instanceof Refused && error.refusal.code === 'not_found';
    const born = missing ? await isBorn(hub, c) : null;
    // One that does not answer may be of this app; the others go on.
    if (born === null) total.failed.push(c);
    return born ?? true;
  }
}

/**
 * Rebuilds one log from the archive under a new epoch; clients start anew. What is told meanwhile stays. Refused as
 * invalid, with nothing changed, when the archive has gaps, or ends before the log and tells another story; the log goes
 * on serving until the last step, so this may be cut short.
 */
export async function restoreConversation(
  hub: Hub,
  app: App,
  c: ConversationNumber,
): Promise<{ entries: number }> {
  const d1 = directoryFor(hub.env, app.number);
  const found = await findConversation(d1, app.number, c);
  if (!found) throw new Refused(notFound('conversation'));
  const { row, birth } = found;
  if (!app.settings.archive) throw new Refused(invalid('This app keeps no archive to restore from.'));
  const blocks = await blocksOf(d1, c);
  const { title, description, icon, options, metadata, state, locked, group, assignee, control } = row.facts;
  const facts = {
    title,
    description,
    icon,
    options,
    metadata,
    state,
    locked,
    public: row.facts.public,
    group,
    assignee,
    control,
  };
  // Asked before anything is gathered; what is written meanwhile may be there already.
  if (row.lastSeq === 0 || (await countArchived(d1, blocks)) < row.lastSeq)
    throw new Refused(invalid('The archive holds no whole copy of this conversation.'));
  const step = (what: RestoreStep) => call(hub, c, (stub) => stub.restore(what));
  const epoch = newEpoch();
  await step({ step: 'begin', birth, facts, blocks, entries: row.lastSeq, epoch });
  let entries = 0;
  for (const block of blocks) {
    for (let from = block * BLOCK_SIZE; ; ) {
      const rows = await archivedEntries(d1, from, (block + 1) * BLOCK_SIZE - 1, STEP_ENTRIES);
      const last = rows.at(-1);
      if (!last) break;
      await step({ step: 'entries', entries: rows.map(restoredEntry) });
      entries += rows.length;
      from = last.id + 1;
    }
  }
  const { people, outside } = await peopleOf(hub, app, c, row);
  for (let from = 0; from < people.length; from += STEP_PEOPLE)
    await step({ step: 'people', people: people.slice(from, from + STEP_PEOPLE), outside: [] });
  await step({ step: 'people', people: [], outside });
  await step({ step: 'end', epoch });
  // Block lists are no part of the log.
  if (birth.kind === 'direct')
    await tellBlockers(
      hub,
      app,
      c,
      people.map(({ user }) => user),
    );
  await ask(hub, app.number, (d1) => setEpoch(d1, birth, epoch));
  return { entries };
}

const restoredEntry = (r: ArchiveRow) => ({
  id: r.id,
  author: r.author as UserNumber | null,
  at: r.at,
  kind: r.kind,
  markup: r.markup,
  text: r.text,
  extra: r.extra,
  clientId: r.client_id,
  print: r.print,
});

async function peopleOf(
  hub: Hub,
  app: App,
  c: ConversationNumber,
  { people: shown, businessReadAt }: Pick<ListedConversation, 'people' | 'businessReadAt'>,
) {
  const positions = await positionsOf(directoryFor(hub.env, app.number), c);
  const numbers = positions.map((p) => p.user as UserNumber);
  const users = await usersByNumbers(hub, app, numbers);
  const card = (user: UserNumber): Card => {
    const known = users.get(user);
    return known ? cardOf(known) : (shown.find((p) => p.user === user)?.card ?? GONE);
  };
  const people = positions.map((p): RestoredMember => {
    const user = p.user as UserNumber;
    return {
      user,
      card: card(user),
      standing: p.standing as RestoredMember['standing'],
      joinedAt: Number(p.joined_at),
      readSeq: Number(p.read_seq),
      readN: Number(p.read_n),
      readAt: Number(p.read_at),
      ownAfter: Number(p.own_after),
      deliveredSeq: Number(p.delivered_seq),
      deliveredAt: Number(p.delivered_at),
      hiddenSeq: Number(p.hidden_seq),
      clearedSeq: Number(p.cleared_seq),
      progress: p.progress as RestoredMember['progress'],
      muted: p.muted !== 0,
      invitedBy: p.invited_by as UserNumber | null,
      removedBy: p.removed_by as UserNumber | null,
      concealed: readConcealed(String(p.concealed)),
      rev: Number(p.rev),
    };
  });
  const members = new Set(numbers);
  const outside: (Person & { readAt?: number })[] = shown.filter((p) => !members.has(p.user));
  // Whoever of the team read without being a member has no row there: the app's own voice stands for them.
  if (businessReadAt > businessRead(people)) {
    const voice = cardOf(await userByNumber(hub, app, app.businessUser));
    const others = outside.filter(({ user }) => user !== app.businessUser);
    return {
      people,
      outside: [...others, { user: app.businessUser, card: voice, readAt: businessReadAt }],
    };
  }
  return { people, outside };
}

/** Somebody whose account is gone and whom the list row does not show. */
const GONE: Card = { externalId: '', username: '', name: '', avatar: null, role: 'member' };

interface IndexerHealth {
  waiting: number;
  /** Of their texts, about; beyond 16 million, conversations are told to come back later. */
  waitingChars: number;
  lastSuccessAt: number;
  lastError: string | null;
  parked: number;
}

/** Where the directory's reader stands; a conversation's own readers on request. */
export async function indexHealth(hub: Hub): Promise<IndexerHealth> {
  const indexer = hub.env.INDEXER.getByName('d1') as unknown as { health(): Promise<IndexerHealth> };
  return indexer.health();
}

/** Where the readers of one conversation stand. Not found: of another app, never begun, deleted. */
export function conversationLag(
  hub: Hub,
  app: App,
  c: ConversationNumber,
): Promise<{ born: true; lastSeq: Seq; indexed: Seq; delivered: Seq }> {
  return call(hub, c, async (stub) => {
    const { app: owner, lastSeq, indexed, delivered } = await stub.lag();
    return owner === app.number
      ? ok({ born: true, lastSeq, indexed, delivered })
      : refused(notFound('conversation'));
  });
}
