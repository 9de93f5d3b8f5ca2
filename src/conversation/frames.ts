// The native event frames (docs/realtime.md): rendered here once per round, for every socket there is.
import type { Holder } from '../domain/control.ts';
import type { ConversationNumber } from '../domain/ids.ts';
import {
  type Attachment,
  type Card,
  type ConversationFacts,
  type Entry,
  type Role,
  SERVICE_ROLES,
} from '../domain/model.ts';

/** Where an entry's author is looked up. */
export type CardOf = (user: number) => Card | undefined;
/** An attachment with an address that opens it. */
export type Shown = (attachment: Attachment) => Attachment;

const isoOf = (at: number): string => new Date(Math.floor(at / 1000)).toISOString();

function person(
  user: number | null,
  cardOf: CardOf,
  override?: { name?: string; avatar?: string | null } | null,
) {
  if (user === null) return null;
  const card = cardOf(user);
  return {
    id: String(user),
    name: override?.name ?? card?.name ?? '',
    avatar: override?.avatar ?? card?.avatar ?? null,
  };
}

const line = (holder: Holder | null) => holder && { id: String(holder.line), name: holder.name };

/** One entry as the realtime protocol shows it. */
export function eventOf(entry: Entry, cardOf: CardOf, shown: Shown): object {
  const base = { seq: entry.seq, kind: entry.kind, at: isoOf(entry.at) };
  switch (entry.kind) {
    case 'message': {
      const m = entry.message;
      return {
        ...base,
        id: String(entry.id),
        author: person(entry.author, cardOf, m.override),
        door: m.door,
        type: m.type,
        text: m.text,
        markup: m.markup,
        clientId: m.clientId,
        ...(m.title ? { title: m.title } : {}),
        ...(m.payload ? { payload: m.payload } : {}),
        ...(m.attachments?.length ? { attachments: m.attachments.map(shown) } : {}),
        ...(m.replyTo ? { replyTo: m.replyTo } : {}),
        ...(m.metadata ? { metadata: m.metadata } : {}),
        ...(m.editedAt ? { editedAt: new Date(m.editedAt).toISOString() } : {}),
        ...(m.deleted ? { deleted: true } : {}),
      };
    }
    case 'edit':
      return {
        ...base,
        author: person(entry.author, cardOf),
        target: entry.target,
        text: entry.text,
        markup: entry.markup,
        ...(entry.payload ? { payload: entry.payload } : {}),
        ...(entry.attachments?.length ? { attachments: entry.attachments.map(shown) } : {}),
        ...(entry.metadata ? { metadata: entry.metadata } : {}),
      };
    case 'delete':
      return {
        ...base,
        author: person(entry.author, cardOf),
        target: entry.target,
        ...(entry.through ? { through: true } : {}),
      };
    case 'join':
    case 'leave':
      return {
        ...base,
        author: person(entry.author, cardOf),
        users: entry.users.map((user) => person(user, cardOf)),
      };
    case 'assign':
      return {
        ...base,
        author: person(entry.author, cardOf),
        assignee: entry.assignee === null ? null : person(entry.assignee, cardOf),
      };
    case 'update':
      return { ...base, author: person(entry.author, cardOf), changes: entry.changes };
    case 'control':
      // What integrations tell each other stays among them.
      return { ...base, action: entry.action, active: line(entry.active), pending: line(entry.pending) };
    case 'redact':
      return { ...base, user: String(entry.user) };
    case 'merge':
      return { ...base, user: String(entry.user), into: person(entry.into, cardOf) };
  }
}

type Facts = Pick<ConversationFacts, 'number' | 'kind'>;

/** What the team does in a customer's conversation, the business does: the customer need not know everybody of it. */
const asBusiness = ({ kind }: Facts, role: Role | undefined) =>
  kind === 'support' && role !== undefined && SERVICE_ROLES.has(role) ? { business: true } : {};

export const readFrame = (facts: Facts, user: number, seq: number, role?: Role): string =>
  JSON.stringify({ t: 'read', c: String(facts.number), user: String(user), seq, ...asBusiness(facts, role) });

export const typingFrame = (facts: Facts, user: number, on: boolean, role?: Role): string =>
  JSON.stringify({
    t: 'typing',
    c: String(facts.number),
    user: String(user),
    on,
    ...asBusiness(facts, role),
  });

/** Received by one of the member's devices. */
export const deliveredFrame = (c: ConversationNumber, user: number, seq: number): string =>
  JSON.stringify({ t: 'delivered', c: String(c), user: String(user), seq });

/** To the member's own clients: everything up to `seq` is gone for them. */
export const clearedFrame = (c: ConversationNumber, seq: number): string =>
  JSON.stringify({ t: 'cleared', c: String(c), seq });

/** What one member's client tells the others' clients: its name and content mean something to them alone. */
export const noticeFrame = (c: ConversationNumber, user: number, name: string, data: string): string =>
  JSON.stringify({ t: 'notice', c: String(c), user: String(user), name, data });

/** The conversation is gone: nothing of it can be asked any more. */
export const deletedFrame = (c: ConversationNumber): string => JSON.stringify({ t: 'deleted', c: String(c) });
