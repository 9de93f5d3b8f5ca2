// Ids and times as this API writes them (contracts/ppmessage.md 1 and 12). What an id may do is decided elsewhere.
import {
  type AppNumber,
  type ConversationNumber,
  conversationNumber,
  type DeviceNumber,
  deviceNumber,
  type Ids,
  isOurUuid,
  type LogTime,
  type MessageNumber,
  type UserNumber,
  userNumber,
} from '../../domain/ids.ts';
import type { MessageEntry } from '../../domain/model.ts';
import type { Hub } from '../../hub/context.ts';

type Here = Pick<Hub, 'ids'>;

export const appUuid = ({ ids }: Here, app: AppNumber): string => ids.uuid('app', app);
export const userUuid = ({ ids }: Here, user: UserNumber): string => ids.uuid('user', user);
export const conversationUuid = ({ ids }: Here, c: ConversationNumber): string => ids.uuid('conversation', c);
export const deviceUuid = ({ ids }: Here, device: DeviceNumber): string => ids.uuid('device', device);

const parse =
  <N>(kind: Parameters<Ids['parseUuid']>[0], brand: (n: number) => N) =>
  ({ ids }: Here, text: string): N | null => {
    const n = ids.parseUuid(kind, text);
    return n === null ? null : brand(n);
  };
/** Null: no id of the hub's making, or one of something else. */
export const parseUser = parse('user', userNumber);
export const parseConversation = parse('conversation', conversationNumber);
export const parseDevice = parse('device', deviceNumber);
export const parseGroup = parse('group', (n) => n);

const ANY_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Whether a client may call a message so: any UUID, but none that looks like one of ours (DESIGN.md 3). */
export const isClientUuid = (text: string): boolean => ANY_UUID.test(text) && !isOurUuid(text);

/** A message's id: the one that its client gave it, where that is one. */
export const messageUuid = ({ ids }: Here, { id, message }: Pick<MessageEntry, 'id' | 'message'>): string =>
  message.clientId !== null && isClientUuid(message.clientId) ? message.clientId : ids.uuid('message', id);

/** How the hub finds the message of this id. */
export function messageNamed({ ids }: Here, text: string): { id: MessageNumber } | { client: string } {
  const n = ids.parseUuid('message', text);
  return n === null ? { client: text } : { id: n as MessageNumber };
}

/** `2016-05-18 04:43:55 628687`, UTC, of µs since 1970. */
export function stamp(us: LogTime): string {
  const at = new Date(Math.floor(us / 1000)).toISOString();
  return `${at.slice(0, 10)} ${at.slice(11, 19)} ${String(us % 1_000_000).padStart(6, '0')}`;
}
/** The same of ms since 1970. */
export const stampOfMs = (ms: number): string => stamp(ms * 1000);
/** Whole seconds since 1970. */
export const secondsOf = (ms: number): number => Math.floor(ms / 1000);
