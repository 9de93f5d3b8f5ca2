// What was pushed to a device and has not arrived there, as far as anybody knows: derived from the log and from what the
// device acknowledged, so that a push writes nothing. Connections are the doors'.
import type { Pushed } from '../desk/api.ts';
import { newestUnassigned } from '../directory/unassigned.ts';
import type { ConversationNumber, DeviceNumber, Seq, UserNumber } from '../domain/ids.ts';
import type { Card, ConversationFacts, MessageEntry } from '../domain/model.ts';
import type { App, Caller, Hub, User } from './context.ts';
import { acknowledge, pushedTo } from './desk.ts';
import { ask } from './directory.ts';
import { listForUser } from './lists.ts';
import { markDelivered } from './members.ts';
import { type MessagePage, messagesBySeq } from './messages.ts';

/** Conversations that are looked at, newest first; and messages of one. Who missed more reads the history. */
const CONVERSATIONS = 50;
const MESSAGES = 100;
const AT_ONCE = 6;

/** One message for one device, in the conversation that it stands in. */
export interface Push {
  facts: ConversationFacts;
  entry: MessageEntry;
  /** Of its author. */
  card: Card | null;
}

/** Somebody with the device that they are connected with. */
export interface Listener {
  caller: Caller & { user: User };
  device: DeviceNumber;
}

/**
 * The messages of a page that a device is to have: what others said, and the person's own from elsewhere. Nothing of a
 * conversation that is not the person's, unless the whole team watches it.
 */
export function pushesOf({ caller, device }: Listener, { view, messages }: MessagePage): Push[] {
  const { facts } = view;
  const isMember = view.me?.standing === 'active';
  if (!isMember && !isWatched(caller.app, facts)) return [];
  return messages
    .filter(
      ({ author, message }) =>
        !message.deleted && (author !== caller.user.number || message.device !== device),
    )
    .map((entry) => ({ facts, entry, card: cardIn(view.members, entry.author) }));
}

const cardIn = (members: MessagePage['view']['members'], user: UserNumber | null): Card | null =>
  members.find((member) => member.user === user)?.card ?? null;

/** Policy ALL: what nobody was given is everybody's of the team (DESIGN.md 4, "The team"). */
const isWatched = (app: App, { kind, assignee }: ConversationFacts): boolean =>
  app.settings.routePolicy === 'ALL' && kind === 'support' && assignee === null;

/**
 * What did not arrive at the device as far as it said, the oldest first: of the last {@link MESSAGES}. `known`: what it
 * said, where that was asked already. Nothing of before it first came.
 */
export async function unacknowledged(hub: Hub, listener: Listener, known?: Pushed): Promise<Push[]> {
  const { caller, device } = listener;
  const pushed = known ?? (await pushedTo(hub, caller.app, caller.user.number, device));
  if (!pushed) return [];
  const seqs = new Map(pushed.marks.map(({ conversation, seqs }) => [conversation, seqs]));
  const due = (await newsFor(hub, listener, pushed.since)).filter(
    ({ number, lastSeq }) => lastSeq > (seqs.get(number)?.at(-1) ?? 0) || (seqs.get(number)?.length ?? 0) > 1,
  );
  const found: Push[] = [];
  for (let i = 0; i < due.length; i += AT_ONCE) {
    const some = due
      .slice(i, i + AT_ONCE)
      .map(({ number }) => missingIn(hub, listener, number, pushed.since, seqs.get(number) ?? [0]));
    found.push(...(await Promise.all(some)).flat());
  }
  return found.sort((a, b) => a.entry.at - b.entry.at).slice(-MESSAGES);
}

interface News {
  number: ConversationNumber;
  lastSeq: Seq;
}

/** Conversations in which something was said since (ms), the newest first. */
async function newsFor(hub: Hub, { caller }: Listener, since: number): Promise<News[]> {
  const { app, powers } = caller;
  const { rows } = await listForUser(hub, caller, { start: 0, count: CONVERSATIONS });
  const own = rows
    .filter(({ lastMessageAt }) => lastMessageAt >= since)
    .map(({ facts, lastSeq }) => ({ number: facts.number, lastSeq }));
  if (powers !== 'team' || app.settings.routePolicy !== 'ALL') return own;
  const watched = await ask(hub, app.number, (d1) => newestUnassigned(d1, app.number, since, CONVERSATIONS));
  const known = new Set(own.map(({ number }) => number));
  return [...own, ...watched.filter(({ number }) => !known.has(number))];
}

async function missingIn(
  hub: Hub,
  listener: Listener,
  c: ConversationNumber,
  since: number,
  [floor = 0, ...seen]: readonly Seq[],
): Promise<Push[]> {
  const arrived = new Set(seen);
  // Left meanwhile, or deleted.
  const page = await messagesBySeq(hub, listener.caller, c, { limit: MESSAGES }).catch(() => null);
  const pushes = page ? pushesOf(listener, page) : [];
  return pushes.filter(({ entry: { seq, at } }) => seq > floor && !arrived.has(seq) && at >= since * 1000);
}

/** One of a device's messages, as its client names it when it has arrived. */
export interface Arrived {
  device: DeviceNumber;
  conversation: ConversationNumber;
  seq: Seq;
}

/**
 * These arrived, at devices of the person: those of other people's count for nothing. Others see the conversation as
 * delivered, behind the answer.
 */
export async function arrived(
  hub: Hub,
  caller: Caller & { user: User },
  all: readonly Arrived[],
): Promise<number> {
  const devices = new Map<DeviceNumber, Arrived[]>();
  for (const one of all) devices.set(one.device, [...(devices.get(one.device) ?? []), one]);
  const last = new Map<ConversationNumber, Seq>();
  let count = 0;
  for (const [device, some] of devices) {
    const seen = some.map(({ conversation, seq }) => ({ conversation, seq }));
    if (!(await acknowledge(hub, caller.app, caller.user.number, device, seen))) continue;
    count += some.length;
    for (const { conversation, seq } of some)
      last.set(conversation, Math.max(last.get(conversation) ?? 0, seq));
  }
  for (const [c, seq] of last) hub.defer(markDelivered(hub, caller, c, seq).catch(() => undefined));
  return count;
}
