// What all events of webhooks have in common (contracts/sunshine.md 7): their frame, their ids, how they show people and
// sources. Events of conversations are events.ts, of people and their devices people-events.ts; nothing here is sent.
import { createHash } from 'node:crypto';
import type { Device } from '../../domain/devices.ts';
import type { AppNumber, Ids, UserNumber } from '../../domain/ids.ts';
import { type Card, type Door, type JsonObject, SERVICE_ROLES } from '../../domain/model.ts';
import type { User } from '../../hub/context.ts';
import type { Endpoint } from '../../hub/endpoints.ts';
import { renderClient, renderDevice } from './clients.ts';
import { renderUser } from './render.ts';
import type { Trigger } from './triggers.ts';

export interface WebhookEvent {
  /** The same each time this event is rendered: receivers know a repetition by it. */
  id: string;
  type: Trigger;
  createdAt: string;
  payload: JsonObject;
}

/** What the owner of a webhook chose to be shown. */
export interface Shown {
  includeFullUser: boolean;
  includeFullSource: boolean;
}

/** People by number, as the directory has them (`users`), or as a conversation remembers them. */
export interface People {
  ids: Ids;
  cards: ReadonlyMap<UserNumber, Card>;
  users: ReadonlyMap<UserNumber, User>;
  shown: Shown;
}

/** `at`: ms since 1970. `parts`: what makes this event the one that it is, beside its type. */
export const eventOf = (
  type: Trigger,
  at: number,
  parts: readonly (string | number)[],
  payload: JsonObject,
): WebhookEvent => ({
  id: eventId(type, parts),
  type,
  createdAt: new Date(at).toISOString(),
  payload,
});

/** Ids of the hub among the parts make it another one than any other hub's. */
const eventId = (type: Trigger, parts: readonly (string | number)[]): string =>
  createHash('sha256')
    .update([type, ...parts].join('\n'))
    .digest('hex')
    .slice(0, 24);

/** A call's body, for one webhook. */
export const callBody = (
  ids: Ids,
  app: AppNumber,
  { number }: Pick<Endpoint, 'number'>,
  events: readonly WebhookEvent[],
): JsonObject => ({
  app: { id: ids.hex('app', app) },
  webhook: { id: ids.hex('webhook', number), version: 'v2' },
  events: events.map(({ id, type, createdAt, payload }) => ({ id, type, createdAt, payload })),
});

/** The fields of a person that events always show. */
const BRIEF = ['id', 'authenticated', 'externalId', 'zendeskId', 'brandId'];

/** A person whole, or so much as tells who it is. */
export function renderPerson(ids: Ids, user: User, { includeFullUser }: Shown): JsonObject {
  const whole = renderUser(ids, user);
  if (includeFullUser) return whole;
  return Object.fromEntries(Object.entries(whole).filter(([name]) => BRIEF.includes(name)));
}

/** The same of somebody whom the directory may not know any more; empty where nobody does. */
export function renderNamed({ ids, cards, users, shown }: People, number: UserNumber): JsonObject {
  const user = users.get(number);
  if (user) return renderPerson(ids, user, shown);
  const card = cards.get(number);
  return { id: ids.hex('user', number), ...(card && { externalId: card.externalId }) };
}

/** Whoever answers for the app is `business`; a person comes with themselves. */
export function renderActor(people: People, number: UserNumber | null): JsonObject {
  const role = number === null ? 'business' : people.cards.get(number)?.role;
  if (number === null || (role && SERVICE_ROLES.has(role))) return { type: 'business' };
  return { type: 'user', userId: people.ids.hex('user', number), user: renderNamed(people, number) };
}

/** Where something came from, with the device if the webhook asks for it and somebody knows it. */
export const renderSource = (
  ids: Ids,
  door: Door,
  { includeFullSource }: Shown,
  device?: { device: Device; owner: string },
): JsonObject => ({
  type: door === 'sunshine' ? 'api:conversations' : door,
  ...(includeFullSource &&
    device && {
      client: renderClient(ids, device.device, device.owner),
      device: renderDevice(ids, device.device),
    }),
});
