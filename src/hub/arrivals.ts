// What happened at another network becomes part of a conversation here: said, reworded, deleted, each once however often
// it is told. There is no table of links: a message's client id is made from its id there, so that its own log knows it.
import { createHash } from 'node:crypto';
import { Refused } from '../domain/errors.ts';
import type { ConversationNumber, MessageNumber, Seq } from '../domain/ids.ts';
import { type Draft, type MessageEntry, OWN_CLIENT_ID } from '../domain/model.ts';
import {
  MOST_HOPS,
  type Origin,
  type RemoteDeletion,
  type RemoteEvent,
  type RemoteSaid,
  withinLength,
} from '../domain/remote.ts';
import { appCaller } from './apps.ts';
import { bringFiles, withLinks } from './arriving-files.ts';
import { admit } from './bridge-calls.ts';
import { call } from './calls.ts';
import { actorOf, type Caller, type Hub } from './context.ts';
import { ghostOf } from './ghosts.ts';
import { deleteMessage, editMessage, findMessage, messageOf, post } from './messages.ts';
import { changePlace, openPlace, placeKnown } from './places.ts';
import type { Source } from './sources.ts';

/** `known`: it was told before, and nothing was done now. */
export type Arrived =
  | {
      result: 'posted' | 'edited' | 'deleted' | 'known';
      conversation: ConversationNumber;
      seq: Seq;
      id: MessageNumber;
    }
  | { result: 'changed'; conversation: ConversationNumber }
  | { result: 'dropped'; reason: Dropped };

/**
 * hops: it goes in a circle. empty: nothing is said. unknown: it is about what never came here. deleted: it was deleted,
 * there or here. Over a bridge also ours: the echo of what was sent there; copy: somebody else's copy of it; paused.
 */
export type Dropped = 'hops' | 'empty' | 'unknown' | 'deleted' | 'ours' | 'copy' | 'paused';

/** Longer ids are replaced by their hash. */
const ID_CHARS = 120;
/** How often one message is brought back after its deletion; then that is left alone. */
const LIVES = 8;

/**
 * Does what the event says, once. An edit of what never came posts it; a deletion that comes before its message keeps that
 * out. Refused: not_found where the conversation is gone, locked, rate_limited, invalid, unavailable (tell it again).
 */
export async function arrive(hub: Hub, source: Source, event: RemoteEvent): Promise<Arrived> {
  if ((event.hops ?? 0) >= MOST_HOPS) return { result: 'dropped', reason: 'hops' };
  if (event.kind === 'delete') return remove(hub, source, event);
  if (event.kind === 'topic') {
    const conversation = await changePlace(hub, source, event);
    return conversation === null
      ? { result: 'dropped', reason: 'unknown' }
      : { result: 'changed', conversation };
  }
  return say(hub, source, event);
}

/** The same for what was kept out, when it is let in after all: at the end of what was said since. `id`: its name where it has none. */
export const arriveReleased = (hub: Hub, source: Source, event: RemoteSaid, id: string): Promise<Arrived> =>
  say(hub, source, { ...event, id: event.id ?? id }, { released: true });

const bridging = ({ app }: Source): Caller => appCaller(app, 'bridge');

async function say(
  hub: Hub,
  source: Source,
  event: RemoteSaid,
  options: { released?: boolean } = {},
): Promise<Arrived> {
  if (withinLength(event.words.text).trim() === '' && event.files.length === 0)
    return { result: 'dropped', reason: 'empty' };
  const c = await openPlace(hub, source, event.place, event.title);
  const admitted = await admit(hub, source, c, event, options);
  if (!admitted.pass) return { result: 'dropped', reason: admitted.reason };
  if (admitted.target !== null) return rewordOwn(hub, source, c, admitted.target, wordsIn(event, admitted));
  if (admitted.hops >= MOST_HOPS) return { result: 'dropped', reason: 'hops' };
  const id = event.id ?? `once ${crypto.randomUUID()}`;
  // Whatever is new needs no look: the log refuses what it has.
  const held =
    event.kind === 'message' && event.files.length === 0 ? NEVER : await heldOf(hub, source, c, id);
  if (held.entry && !held.entry.message.deleted) {
    if (event.kind === 'message') return placeOf('known', c, held.entry);
    return reword(hub, source, c, held.entry, event);
  }
  if (held.entry && (event.kind !== 'restore' || held.life >= LIVES))
    return { result: 'dropped', reason: 'deleted' };
  const life = held.entry ? held.life + 1 : 0;
  return postNew(hub, source, c, { ...event, hops: admitted.hops }, { id, life, parent: admitted.parent });
}

async function postNew(
  hub: Hub,
  source: Source,
  c: ConversationNumber,
  event: RemoteSaid,
  { id, life, parent }: { id: string; life: number; parent: Seq | null },
): Promise<Arrived> {
  const caller = bridging(source);
  const ghost = await ghostOf(hub, source, event.author);
  const { words, attaching, later } = await bringFiles(hub, source, event);
  const origin: Origin = {
    bridge: source.network,
    account: source.key,
    id: event.id === null ? '' : shortened(event.id),
    client: clientIdOf(source, id, life),
    hops: (event.hops ?? 0) + 1,
    ...(event.version !== undefined && { version: event.version }),
    ...(event.at !== null && { at: event.at }),
    ...(event.said && { said: event.said }),
  };
  const draft: Draft = {
    door: 'bridge',
    ...words,
    type: 'text',
    clientId: origin.client,
    replyTo: parent ?? (await answered(hub, source, c, event.parent)),
    origin,
    // Where topics have no conversations of their own, the message says which it belongs to.
    ...('conversation' in source.target && event.title && { title: event.title }),
  };
  try {
    const posted = await post(hub, caller, c, draft, { author: ghost.number, attaching });
    if (!posted.duplicate) later?.(c, posted.seq, draft);
    return placeOf(posted.duplicate ? 'known' : 'posted', c, posted);
  } catch (error) {
    // The log has other words under this id: they were changed since, or it was deleted before it came.
    if (!(error instanceof Refused) || error.refusal.code !== 'conflict') throw error;
    const { entry } = await heldOf(hub, source, c, id);
    return entry && !entry.message.deleted
      ? placeOf('known', c, entry)
      : { result: 'dropped', reason: 'deleted' };
  }
}

async function reword(
  hub: Hub,
  source: Source,
  c: ConversationNumber,
  entry: MessageEntry,
  event: RemoteSaid,
): Promise<Arrived> {
  const has = new Set(entry.message.attachments?.map(({ name }) => name));
  const words = withLinks(
    event.words,
    event.files.filter((file) => 'url' in file && !has.has(file.name)),
  );
  // Networks tell of edits that changed no word.
  if (entry.message.text === words.text && entry.message.markup === words.markup)
    return placeOf('known', c, entry);
  const { version, said } = event;
  const origin = { ...(version !== undefined && { version }), ...(said && { said }) };
  const edited = await editMessage(hub, bridging(source), c, entry.seq, { words, origin });
  return placeOf(edited.duplicate ? 'known' : 'edited', c, entry);
}

async function remove(hub: Hub, source: Source, event: RemoteDeletion): Promise<Arrived> {
  const c = await placeKnown(hub, source, event.place);
  if (c === null) return { result: 'dropped', reason: 'unknown' };
  const admitted = await admit(hub, source, c, event);
  if (!admitted.pass) return { result: 'dropped', reason: admitted.reason };
  if (admitted.target !== null) return removeOwn(hub, source, c, admitted.target);
  const { entry } = await heldOf(hub, source, c, event.id);
  if (entry?.message.deleted) return placeOf('known', c, entry);
  if (entry) {
    await deleteMessage(hub, bridging(source), c, entry.seq);
    return placeOf('deleted', c, entry);
  }
  if (event.hidden) return { result: 'dropped', reason: 'unknown' };
  const actor = actorOf(bridging(source));
  await call(hub, c, (stub) => stub.foreclose(actor, clientIdOf(source, event.id, 0)));
  return { result: 'dropped', reason: 'unknown' };
}

const wordsIn = ({ words }: RemoteSaid, { said }: { said?: string }): RemoteSaid['words'] =>
  said === undefined ? words : { text: said, markup: 'markdown' };

/** A message of this conversation that was sent there over a bridge, and was changed there. */
async function rewordOwn(
  hub: Hub,
  source: Source,
  c: ConversationNumber,
  seq: Seq,
  words: RemoteSaid['words'],
): Promise<Arrived> {
  if (words.text.trim() === '') return { result: 'dropped', reason: 'empty' };
  const { message, ...entry } = await messageOf(hub, bridging(source), c, seq);
  if (message.deleted) return { result: 'dropped', reason: 'deleted' };
  // Told again, or what it said already.
  if (message.text === words.text && message.markup === words.markup) return placeOf('known', c, entry);
  await editMessage(hub, bridging(source), c, seq, { words });
  return placeOf('edited', c, entry);
}

async function removeOwn(hub: Hub, source: Source, c: ConversationNumber, seq: Seq): Promise<Arrived> {
  const entry = await messageOf(hub, bridging(source), c, seq);
  await deleteMessage(hub, bridging(source), c, seq);
  return placeOf('deleted', c, entry);
}

/** What the log has under a remote id: the newest of its lives, deleted or not. */
interface Held {
  entry: MessageEntry | null;
  life: number;
}
const NEVER: Held = { entry: null, life: 0 };

/** One call where the message is there or never was; one more for each time that it was brought back. */
async function heldOf(hub: Hub, source: Source, c: ConversationNumber, id: string): Promise<Held> {
  let held = NEVER;
  for (let life = 0; life <= LIVES; life++) {
    const entry = await entryOf(hub, source, c, clientIdOf(source, id, life));
    if (!entry) break;
    held = { entry, life };
    if (!entry.message.deleted) break;
  }
  return held;
}

async function entryOf(
  hub: Hub,
  source: Source,
  c: ConversationNumber,
  client: string,
): Promise<MessageEntry | null> {
  try {
    return await messageOf(hub, bridging(source), c, { client });
  } catch (error) {
    // Also where the conversation is gone: whoever posts is told.
    if (error instanceof Refused && error.refusal.code === 'not_found') return null;
    throw error;
  }
}

/** The message that came from this source under this id; null: none did, or its conversation is gone. */
export async function arrivedAs(
  hub: Hub,
  source: Source,
  place: string,
  id: string,
): Promise<{ conversation: ConversationNumber; entry: MessageEntry } | null> {
  const c = await placeKnown(hub, source, place);
  const { entry } = c === null ? NEVER : await heldOf(hub, source, c, id);
  return c !== null && entry ? { conversation: c, entry } : null;
}

/** The message of this number, if it came from this source; null: it did not, or it is not there. */
export async function arrivedIn(
  hub: Hub,
  source: Source,
  id: MessageNumber,
): Promise<{ conversation: ConversationNumber; entry: MessageEntry } | null> {
  try {
    const found = await findMessage(hub, bridging(source), id);
    return found.entry.message.origin?.account === source.key ? found : null;
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'not_found') return null;
    throw error;
  }
}

/** Null: it answers nothing that came here. */
async function answered(
  hub: Hub,
  source: Source,
  c: ConversationNumber,
  parent: string | null | undefined,
): Promise<Seq | null> {
  if (!parent) return null;
  const { entry } = await heldOf(hub, source, c, parent);
  return entry?.seq ?? null;
}

const clientIdOf = (source: Source, id: string, life: number): string =>
  `${OWN_CLIENT_ID}${source.key} ${shortened(id)}${life > 0 ? ` ${life}` : ''}`;

const shortened = (id: string): string =>
  id.length <= ID_CHARS && !/\s/.test(id)
    ? id
    : `~${createHash('sha256').update(id).digest('base64url').slice(0, 32)}`;

const placeOf = (
  result: 'posted' | 'edited' | 'deleted' | 'known',
  conversation: ConversationNumber,
  { seq, id }: { seq: Seq; id: MessageNumber },
): Arrived => ({ result, conversation, seq, id });
