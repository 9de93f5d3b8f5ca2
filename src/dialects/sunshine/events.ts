// What a webhook is told of a conversation (contracts/sunshine.md 7): from an entry of its log, or from what the log does not
// hold (a beginning, an end, reading, typing). Pure: the same input is the same event, id included.
import type { Control, ControlAction } from '../../domain/control.ts';
import type { Device } from '../../domain/devices.ts';
import type { DeviceNumber, Ordinal, Seq, UserNumber } from '../../domain/ids.ts';
import type { ConversationFacts, Door, Entry, JsonObject, MessageEntry } from '../../domain/model.ts';
import { renderControl } from './control.ts';
import { eventOf, type People, renderActor, renderNamed, renderSource, type WebhookEvent } from './event.ts';
import { type Here, type Quoted, renderMessage, typeOf } from './render.ts';
import type { Trigger } from './triggers.ts';

/** The conversation as of the event, and whoever the event names. */
export interface Telling extends Here, People {
  facts: ConversationFacts;
  /** Who speaks for the business, as of the event. */
  control: Control;
  /** Messages that are quoted, by seq. */
  quoted?: Quoted;
  /** For `includeFullSource`. */
  devices?: ReadonlyMap<DeviceNumber, Device>;
  /** What was said before control came to whoever is told of it, oldest first, as far as they asked. */
  history?: readonly MessageEntry[];
}

const hasKeys = (object: JsonObject | null | undefined): object is JsonObject =>
  object !== null && object !== undefined && Object.keys(object).length > 0;

const idOf = ({ ids, facts }: Telling): string => ids.hex('conversation', facts.number);

/** A conversation as every event shows it. */
const truncated = (telling: Telling, control: Control = telling.control): JsonObject => ({
  id: idOf(telling),
  type: typeOf(telling.facts),
  ...(hasKeys(telling.facts.metadata) && { metadata: telling.facts.metadata }),
  ...renderControl(telling.ids, control),
});

/**
 * The events of one entry, in order; none for what the vendor's webhooks know nothing of (edits, deletions, changed facts,
 * assignments, erasures). The join that a conversation begins with is part of its creation.
 */
export function eventsOf(entry: Entry, telling: Telling): WebhookEvent[] {
  switch (entry.kind) {
    case 'message':
      return [messageEvent(entry, telling)];
    case 'join':
      return entry.seq === 1 ? [] : membershipEvents('conversation:join', entry, telling);
    case 'leave':
      return membershipEvents('conversation:leave', entry, telling);
    case 'control':
      return controlEvents(entry, telling);
    default:
      return [];
  }
}

/** When an entry was made, in ms since 1970. */
const timeOf = ({ at }: Pick<Entry, 'at'>): number => Math.floor(at / 1000);

/** A message, also of the business and through the API: whoever sends it knows it by its id. */
const messageEvent = (entry: MessageEntry, telling: Telling): WebhookEvent =>
  eventOf('conversation:message', timeOf(entry), [idOf(telling), entry.seq], {
    conversation: truncated(telling),
    message: toldMessage(entry, telling),
  });

function toldMessage(entry: MessageEntry, telling: Telling): JsonObject {
  const rendered = renderMessage(telling, entry, telling.cards, telling.quoted);
  const author = rendered.author as JsonObject;
  const user = author.type === 'user' && entry.author !== null ? renderNamed(telling, entry.author) : null;
  const { door, device } = entry.message;
  const known = typeof device === 'number' ? telling.devices?.get(device as DeviceNumber) : undefined;
  const owner = entry.author === null ? '' : (telling.cards.get(entry.author)?.name ?? '');
  return {
    ...rendered,
    author: { ...author, ...(user && { user }) },
    source: renderSource(telling.ids, door, telling.shown, known && { device: known, owner }),
  };
}

/** Of groups alone, one event for each person: who answers a customer is the business's own matter. */
function membershipEvents(
  type: 'conversation:join' | 'conversation:leave',
  entry: Extract<Entry, { users: UserNumber[] }>,
  telling: Telling,
): WebhookEvent[] {
  if (typeOf(telling.facts) !== 'sdkGroup') return [];
  return entry.users.map((number) => {
    const payload = { conversation: truncated(telling), user: renderNamed(telling, number) };
    return eventOf(type, timeOf(entry), [idOf(telling), entry.seq, number], payload);
  });
}

/** `select` is no action of anybody: the vendor tells nobody of it either. */
const CONTROL_TRIGGERS: Partial<Record<ControlAction, Trigger>> = {
  pass: 'switchboard:passControl',
  offer: 'switchboard:offerControl',
  accept: 'switchboard:acceptControl',
  release: 'switchboard:releaseControl',
};

/** Refused actions are answered to whoever tried them, so there are no `:failure` events. */
function controlEvents(entry: Extract<Entry, { kind: 'control' }>, telling: Telling): WebhookEvent[] {
  const type = CONTROL_TRIGGERS[entry.action];
  if (!type) return [];
  const payload = {
    conversation: truncated(telling, entry),
    ...(hasKeys(entry.metadata) && { metadata: entry.metadata }),
    ...(telling.history && {
      messageHistory: telling.history.map((message) => toldMessage(message, telling)),
    }),
  };
  return [eventOf(type, timeOf(entry), [idOf(telling), entry.seq], payload)];
}

/**
 * A conversation began. `customer`: whose it is, of a personal one. People of other doors begin one by writing; the API
 * makes one for no reason of its own.
 */
export function createdEvent(telling: Telling, customer: UserNumber | null): WebhookEvent {
  const { facts, ids, shown } = telling;
  const payload = {
    conversation: truncated(telling),
    creationReason: facts.creator === null ? 'none' : 'message',
    source: renderSource(ids, facts.door, shown),
    ...(customer !== null && typeOf(facts) === 'personal' && { user: renderNamed(telling, customer) }),
  };
  return eventOf('conversation:create', facts.createdAt, [idOf(telling)], payload);
}

/** A conversation was deleted. `at`: ms since 1970. */
export const removedEvent = (telling: Telling, at: number): WebhookEvent =>
  eventOf('conversation:remove', at, [idOf(telling)], { conversation: truncated(telling) });

/** Something that somebody does and no log holds. */
export interface Doing {
  /** null: the business. */
  user: UserNumber | null;
  door: Door;
  /** ms since 1970. */
  at: number;
}

const activity = (telling: Telling, type: string, { user, door }: Doing): JsonObject => ({
  type,
  author: renderActor(telling, user),
  source: renderSource(telling.ids, door, telling.shown),
});

/** Somebody read as far as `n` messages: a mark only rises, so each place is read once. */
export const readEvent = (telling: Telling, doing: Doing, n: Ordinal | Seq): WebhookEvent =>
  eventOf('conversation:read', doing.at, [idOf(telling), doing.user ?? '', n], {
    conversation: truncated(telling),
    activity: activity(telling, 'conversation:read', doing),
  });

/** Somebody began or stopped typing. */
export function typingEvent(telling: Telling, doing: Doing, on: boolean): WebhookEvent {
  const type = on ? 'typing:start' : 'typing:stop';
  return eventOf('conversation:typing', doing.at, [idOf(telling), doing.user ?? '', type, doing.at], {
    conversation: truncated(telling),
    activity: activity(telling, type, doing),
  });
}
