// Sunshine's view of conversations, participants, messages and people. The form of errors is in errors.ts, of
// contents in content.ts. Unset optional fields are left out, as in the vendor's examples (contracts/sunshine.md 1).
import type { Control } from '../../domain/control.ts';
import type { DeviceNumber, Ids, MessageNumber, Seq, UserNumber } from '../../domain/ids.ts';
import {
  type Card,
  type ConversationFacts,
  type ConversationView,
  type JsonObject,
  type Member,
  type MessageEntry,
  SERVICE_ROLES,
} from '../../domain/model.ts';
import { businessRead, lastRead } from '../../domain/reads.ts';
import type { Hub, User } from '../../hub/context.ts';
import { renderContent } from './content.ts';
import { renderControl } from './control.ts';
import { ADDRESS_LENGTH, cutTo, EMAIL_LENGTH, LOCALE_LENGTH, NAME_LENGTH, wholeTo } from './fields.ts';

/** What messages are rendered with. */
export interface Here extends Pick<Hub, 'ids' | 'addressOf'> {
  /** Where the whole text of a message can be read; without it nothing says so. */
  textAt?(id: MessageNumber): string;
}

/** ms since 1970 as `YYYY-MM-DDThh:mm:ss.SSSZ`. */
const moment = (ms: number): string => new Date(ms).toISOString();

/** People's conversations, direct and group, are `sdkGroup`; a customer's with the team is `personal` (DESIGN.md 4). */
export const typeOf = (facts: Pick<ConversationFacts, 'kind'>): 'personal' | 'sdkGroup' =>
  facts.kind === 'support' ? 'personal' : 'sdkGroup';

/** What `renderConversation` needs: a view, or a row of a list, which knows no members. */
export interface ConversationSummary {
  facts: ConversationFacts;
  /** ms since 1970. */
  lastAt: number;
  members?: readonly Member[];
  businessReadAt?: number;
}

/**
 * `isDefault` is true for the first personal conversation of its user alone (contracts/sunshine.md 2). `control`: who speaks
 * for the business, as the app's switchboard has it now.
 */
export function renderConversation(
  ids: Ids,
  { facts, lastAt, members = [], businessReadAt = businessRead(members) }: ConversationSummary,
  control: Control = { active: null, pending: null },
): JsonObject {
  const icon = wholeTo(ADDRESS_LENGTH, facts.icon);
  return {
    id: ids.hex('conversation', facts.number),
    type: typeOf(facts),
    ...(hasKeys(facts.metadata) && { metadata: facts.metadata }),
    ...renderControl(ids, control),
    isDefault: facts.defaultOf !== null,
    ...(facts.title && { displayName: cutTo(NAME_LENGTH, facts.title) }),
    ...(facts.description && { description: cutTo(NAME_LENGTH, facts.description) }),
    ...(icon && { iconUrl: icon }),
    // An addition of this hub: lists can be filtered by it.
    ...(facts.state === 'closed' && { state: 'closed' }),
    ...(businessReadAt > 0 && { businessLastRead: moment(businessReadAt) }),
    lastUpdatedAt: moment(lastAt),
    createdAt: moment(facts.createdAt),
  };
}

const hasKeys = (object: JsonObject | null | undefined): object is JsonObject =>
  object !== null && object !== undefined && Object.keys(object).length > 0;

/** `devices`: theirs, the one seen last first, which is the primary one (contracts/sunshine.md 3). */
export function renderParticipant(
  ids: Ids,
  view: Pick<ConversationView, 'facts' | 'unreadByUser' | 'readByUser'>,
  member: Member,
  devices: readonly DeviceNumber[] = [],
): JsonObject {
  const mark = view.readByUser?.[member.user];
  return {
    id: ids.membershipHex(view.facts.number, member.user),
    userId: ids.hex('user', member.user),
    userExternalId: member.card.externalId,
    unreadCount: view.unreadByUser?.[member.user] ?? 0,
    ...(lastRead(member) > 0 && { lastRead: moment(lastRead(member)) }),
    // Additions of this hub: the place that unreadCount counts from.
    ...(mark && { lastReadSeq: mark.seq }),
    ...(mark?.message && { lastReadMessageId: ids.hex('message', mark.message) }),
    clientAssociations: devices.map((device) => ({ type: 'sdk', clientId: ids.hex('device', device) })),
  };
}

/** What a message shows of its author. */
export type AuthorCard = Pick<Card, 'name' | 'avatar' | 'role'>;

/** Cards of a conversation's members and authors, by user. */
export const cardsOf = (view: ConversationView): Map<UserNumber, AuthorCard> =>
  new Map(view.members.map((member) => [member.user, member.card]));

/** Everything that answers for the app is `business`; clients refuse any third type (contracts/sunshine.md 6). */
function renderAuthor(ids: Ids, entry: MessageEntry, card: AuthorCard | undefined): JsonObject {
  const { override, extras } = entry.message;
  const user = entry.author !== null && !(card && SERVICE_ROLES.has(card.role)) ? entry.author : null;
  // The app's own voice has no name to show: the client's settings have.
  const person = card && card.role !== 'business' && card.role !== 'system' ? card : null;
  const displayName = override?.name ?? person?.name;
  const avatarUrl = wholeTo(ADDRESS_LENGTH, override?.avatar ?? person?.avatar);
  const subtypes = entry.message.door === 'sunshine' ? extras?.subtypes : undefined;
  return {
    type: user === null ? 'business' : 'user',
    ...(Array.isArray(subtypes) && { subtypes }),
    ...(user !== null && { userId: ids.hex('user', user) }),
    ...(displayName && { displayName }),
    ...(avatarUrl && { avatarUrl }),
  };
}

/** Messages that others quote, by seq. */
export type Quoted = ReadonlyMap<Seq, MessageEntry>;

/** `cards` as `cardsOf` gives them; a quote that `quoted` does not hold is left out. */
export function renderMessage(
  here: Here,
  entry: MessageEntry,
  cards: ReadonlyMap<UserNumber, AuthorCard>,
  quoted: Quoted = new Map(),
): JsonObject {
  const { message } = entry;
  const quote = message.replyTo ? quoted.get(message.replyTo) : undefined;
  return {
    id: here.ids.hex('message', entry.id),
    // Additions of this hub: the place in the conversation's order, and what became of the message since.
    seq: entry.seq,
    received: moment(Math.floor(entry.at / 1000)),
    author: renderAuthor(here.ids, entry, entry.author === null ? undefined : cards.get(entry.author)),
    content: renderContent(message, here.addressOf, here.textAt?.(entry.id)),
    source: { type: message.door === 'sunshine' ? 'api:conversations' : message.door },
    // One level: what a quoted message quotes itself is not repeated.
    ...(quote && { quotedMessage: { type: 'message', message: renderMessage(here, quote, cards) } }),
    ...(hasKeys(message.metadata) && { metadata: message.metadata }),
    ...(message.editedAt && { edited: true, editedAt: moment(message.editedAt) }),
    // Lists leave deleted messages out: this is the placeholder of a quoted one.
    ...(message.deleted && { deleted: true }),
  };
}

/** Fields of this dialect that the hub has no column for, as users.ts keeps them in `profile`. */
export interface StoredProfile {
  givenName?: string;
  surname?: string;
  email?: string;
  signedUpAt?: string;
  toBeRetained?: boolean;
  brandId?: string;
  zendeskId?: string;
}

/** The name that a profile spells, empty for none. */
export const nameOf = ({ givenName, surname }: Pick<StoredProfile, 'givenName' | 'surname'>): string =>
  [givenName, surname].filter(Boolean).join(' ');

export function renderUser(ids: Ids, user: User): JsonObject {
  const stored = user.profile as StoredProfile;
  // A name that another door gave or changed is a whole one: shown as the given name, which has no other limit.
  const named = user.name !== '' && user.name !== user.username && user.name !== user.externalId;
  const names =
    nameOf(stored) === user.name || !named
      ? { givenName: stored.givenName, surname: stored.surname }
      : { givenName: [...user.name].slice(0, 128).join(''), surname: undefined };
  const email = wholeTo(EMAIL_LENGTH, stored.email ?? user.email);
  const avatar = wholeTo(ADDRESS_LENGTH, user.avatar);
  const locale = wholeTo(LOCALE_LENGTH, user.locale);
  return {
    id: ids.hex('user', user.number),
    authenticated: user.lastActiveAt !== null,
    externalId: user.externalId,
    ...(stored.zendeskId && { zendeskId: stored.zendeskId }),
    ...(stored.brandId && { brandId: stored.brandId }),
    signedUpAt: stored.signedUpAt ?? moment(user.createdAt),
    ...(stored.toBeRetained !== undefined && { toBeRetained: stored.toBeRetained }),
    hasPaymentInfo: false,
    identities: [],
    profile: {
      ...(names.givenName && { givenName: names.givenName }),
      ...(names.surname && { surname: names.surname }),
      ...(email && { email }),
      ...(avatar && { avatarUrl: avatar }),
      ...(locale && { locale }),
    },
    metadata: user.metadata,
  };
}
