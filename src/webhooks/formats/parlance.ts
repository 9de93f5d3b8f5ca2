// The hub's own events (docs/webhooks.md): `{type, timestamp, data}`. Every field is named here: what is not, is never sent.
import type { Holder } from '../../domain/control.ts';
import { asksFor, type HOOK_PEOPLE, type HookEvent } from '../../domain/hook-options.ts';
import type { FedEntry, HookSignal, PersonNews } from '../../domain/hooks.ts';
import { messageNumber, type Seq } from '../../domain/ids.ts';
import type { Attachment, Card, Entry, JsonObject, Message, MessageEntry } from '../../domain/model.ts';
import type { User } from '../../domain/user.ts';
import { STANDARD_DELAYS_MS } from '../../endpoint/schedule.ts';
import type { Hub } from '../../hub/context.ts';
import type { HookOfApp } from '../../hub/hooks.ts';
import type { Event, Fed, Format } from './format.ts';

const TYPE: Record<Entry['kind'], HookEvent> = {
  message: 'message.created',
  edit: 'message.edited',
  delete: 'message.deleted',
  join: 'member.joined',
  leave: 'member.left',
  assign: 'conversation.assigned',
  update: 'conversation.updated',
  control: 'conversation.control',
  redact: 'member.erased',
  merge: 'member.merged',
};

const iso = (ms: number): string => new Date(ms).toISOString();
const isoOf = (logTime: number): string => iso(Math.floor(logTime / 1000));

export const parlance: Format = {
  defaults: { delaysMs: STANDARD_DELAYS_MS, final: [], timeoutMs: 15_000, ordered: true },
  events: (_feed, fed) => {
    if (fed === null) return [event('conversation.deleted')];
    const own = event(TYPE[fed.entry.kind]);
    return fed.entry.seq === 1 ? [event('conversation.created', 'created'), own] : [own];
  },
  wants: asksFor,
  asks: () => false,
  body: (hub, hook, made) => bodyOf(hub, hook, made, hook.options.thin === true),
  short: (hub, hook, made, whole) => bodyOf(hub, hook, made, true, whole),
  hello: (_hub, hook, now) => ({
    type: 'endpoint.test',
    body: JSON.stringify({ type: 'endpoint.test', timestamp: iso(now), data: { app: hook.slug } }),
  }),
  notice: (_hub, hook, { notice, at, number }) => {
    // A device is in the words of the door alone that shows it.
    if ('device' in notice) return null;
    if (notice.kind !== 'endpoint') return ofPerson(hook, notice, at, number);
    const { endpoint, id, what, more } = notice;
    const type = `endpoint.${what}`;
    const data = { app: hook.slug, endpoint, ...more };
    return { id: `n${endpoint}_${id}`, type, body: JSON.stringify({ type, timestamp: iso(at), data }) };
  },
  signal: async (_hub, hook, { facts, signal, who, at }: HookSignal) => {
    const type = `signal.${signal.kind}`;
    const said = signal.kind === 'read' ? { seq: signal.seq } : { on: signal.on };
    const conversation = { id: String(facts.number), kind: facts.kind };
    const data = { app: hook.slug, conversation, member: person(who.user, who.card), ...said };
    return { type, body: JSON.stringify({ type, timestamp: iso(at), data }) };
  },
};

function ofPerson(hook: HookOfApp, notice: PersonNews, at: number, number: number) {
  const { user, kind } = notice;
  const type = PERSON_TYPE[kind];
  const data: JsonObject = {
    app: hook.slug,
    user: kind === 'user removed' ? identity(user) : record(user),
    ...(kind === 'users merged' && { discarded: identity(notice.discarded) }),
  };
  return { id: `p${number}`, type, body: JSON.stringify({ type, timestamp: iso(at), data }) };
}

const PERSON_TYPE = {
  'user updated': 'user.updated',
  'user removed': 'user.removed',
  'users merged': 'user.merged',
} as const satisfies Record<PersonNews['kind'], (typeof HOOK_PEOPLE)[number]>;

const identity = ({ number, externalId }: User): JsonObject => ({ id: String(number), externalId });

const record = (user: User): JsonObject => ({
  ...identity(user),
  username: user.username,
  email: user.email,
  name: user.name,
  avatar: user.avatar,
  locale: user.locale,
  role: user.role,
  metadata: user.metadata,
});

const event = (type: HookEvent, suffix = ''): Event => ({ type, suffix });

function bodyOf(
  hub: Hub,
  hook: HookOfApp,
  { about, fed, end, type }: Fed,
  thin: boolean,
  whole?: { url: string; bytes: number },
): string {
  const { facts } = about;
  const opened = type === 'conversation.created';
  const timestamp = opened ? iso(facts.createdAt) : fed ? isoOf(fed.entry.at) : iso(end?.at ?? 0);
  const data: JsonObject = {
    app: hook.slug,
    conversation: thin ? { id: String(facts.number) } : conversation(about),
    seq: fed?.entry.seq ?? end?.seq ?? 0,
    ...(fed && { author: authorOf(fed, fed.entry.author, null, thin) }),
    ...(fed && !opened && detail(hub, about, fed, thin)),
  };
  return JSON.stringify({ type, timestamp, data, ...(whole && { whole }) });
}

const conversation = ({ facts, memberCount, customer }: Fed['about']): JsonObject => ({
  id: String(facts.number),
  kind: facts.kind,
  title: facts.title,
  description: facts.description,
  icon: facts.icon,
  state: facts.state,
  locked: facts.locked,
  public: facts.public,
  uniqueId: facts.uniqueId,
  assignee: facts.assignee === null ? null : String(facts.assignee),
  metadata: facts.metadata,
  memberCount,
  createdAt: iso(facts.createdAt),
  ...(customer && { customer: person(customer.user, customer.card) }),
});

const person = (user: number, card: Card | undefined): JsonObject => ({
  id: String(user),
  externalId: card?.externalId ?? null,
  username: card?.username ?? null,
  name: card?.name ?? '',
  avatar: card?.avatar ?? null,
  role: card?.role ?? null,
});

function authorOf(
  { people }: FedEntry,
  user: number | null,
  override: Message['override'] | null,
  thin: boolean,
): JsonObject | null {
  if (user === null) return null;
  if (thin) return { id: String(user) };
  const known = person(user, people.find((one) => one.user === user)?.card);
  return override?.name
    ? { ...known, name: override.name, avatar: override.avatar ?? known.avatar ?? null }
    : known;
}

/** What the entry itself says. */
function detail(hub: Hub, about: Fed['about'], fed: FedEntry, thin: boolean): JsonObject {
  const { entry, target } = fed;
  const idOf = (seq: Seq) => String(messageNumber(about.blocks, seq));
  switch (entry.kind) {
    case 'message':
      return {
        author: authorOf(fed, entry.author, entry.message.override, thin),
        message: message(hub, entry, idOf, thin),
      };
    case 'edit':
      return {
        message: target ? message(hub, target, idOf, thin) : { id: idOf(entry.target), seq: entry.target },
        ...(target && { messageAuthor: authorOf(fed, target.author, target.message.override, thin) }),
      };
    case 'delete':
      return { message: { id: idOf(entry.target), seq: entry.target }, through: entry.through ?? false };
    case 'join':
      return { members: entry.users.map((user) => authorOf(fed, user, null, thin)) };
    case 'leave':
      return {
        members: entry.users.map((user) => authorOf(fed, user, null, thin)),
        removed: entry.removed ?? false,
        barred: entry.barred ?? false,
      };
    case 'assign':
      return { assignee: authorOf(fed, entry.assignee, null, thin) };
    case 'update':
      return { changed: Object.keys(entry.changes) };
    case 'control': {
      const { action, active, pending } = entry;
      return { action, active: holder(active), pending: holder(pending) };
    }
    case 'redact':
      return { member: { id: String(entry.user) } };
    case 'merge':
      return { member: { id: String(entry.user) }, into: authorOf(fed, entry.into, null, thin) };
  }
}

function message(hub: Hub, entry: MessageEntry, idOf: (seq: Seq) => string, thin: boolean): JsonObject {
  const { message: m } = entry;
  const place = { id: String(entry.id), seq: entry.seq };
  if (thin) return place;
  return {
    ...place,
    at: isoOf(entry.at),
    door: m.door,
    type: m.type,
    text: m.text,
    markup: m.markup,
    title: m.title ?? null,
    payload: m.payload ?? null,
    attachments: (m.attachments ?? []).map((file) => attachment(hub, file)),
    replyTo: m.replyTo ? idOf(m.replyTo) : null,
    metadata: m.metadata ?? null,
    editedAt: m.editedAt ? iso(m.editedAt) : null,
    deleted: m.deleted ?? false,
  };
}

const holder = (one: Holder | null): JsonObject | null =>
  one && { integration: String(one.integration), name: one.name };

const attachment = (hub: Hub, file: Attachment): JsonObject => ({
  name: file.name,
  mime: file.mime,
  bytes: file.bytes,
  url: hub.addressOf(file),
  ...(file.width !== undefined && { width: file.width, height: file.height ?? 0 }),
});
