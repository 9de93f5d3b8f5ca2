import { expect, test } from 'vitest';
import {
  type AuthorCard,
  renderConversation,
  renderMessage,
  renderParticipant,
  renderUser,
} from '../../../src/dialects/sunshine/render.ts';
import {
  appNumber,
  conversationNumber,
  createIds,
  type MessageNumber,
  userNumber,
} from '../../../src/domain/ids.ts';
import type {
  ConversationFacts,
  ConversationView,
  Member,
  MessageEntry,
  Role,
} from '../../../src/domain/model.ts';
import type { User } from '../../../src/hub/context.ts';

const ids = createIds(new Uint8Array(16));
const addressOf = ({ url }: { url: string }) => `https://hub.example${url}`;
const here = { ids, addressOf };
const [ALICE, AGENT] = [userNumber(1), userNumber(2)];
const AT = Date.parse('2025-02-03T16:21:12.308Z');
const later = (ms: number) => new Date(AT + ms).toISOString();

const facts: ConversationFacts = {
  app: appNumber(1),
  number: conversationNumber(7),
  kind: 'support',
  creator: null,
  door: 'sunshine',
  createdAt: AT,
  uniqueId: null,
  public: false,
  defaultOf: null,
  title: null,
  description: null,
  icon: null,
  options: null,
  metadata: null,
  assignee: null,
  control: null,
  group: null,
  state: 'open',
  locked: false,
};
const member = (user: number, role: Role, more: Partial<Member> = {}): Member => ({
  user: userNumber(user),
  card: { externalId: `e${user}`, username: `u${user}`, name: `N${user}`, avatar: null, role },
  standing: 'active',
  joinedSeq: 1,
  joinedAt: AT,
  readSeq: 1,
  readN: 0,
  readAt: AT,
  ownAfter: 0,
  deliveredSeq: 1,
  deliveredAt: AT,
  hiddenSeq: 0,
  concealed: null,
  clearedSeq: 0,
  progress: 'NEW',
  muted: false,
  invitedBy: null,
  removedBy: null,
  ...more,
});
const viewOf = (members: Member[], more: Partial<ConversationFacts> = {}): ConversationView => ({
  facts: { ...facts, ...more },
  epoch: 'e',
  lastSeq: 1,
  lastAt: AT,
  messageCount: 0,
  lastMessage: null,
  members,
  memberCount: members.length,
  me: null,
  clearedN: 0,
  unread: 0,
  readSeq: 0,
  unreadByUser: { 1: 3 },
});
const entry = (author: number | null, message: Partial<MessageEntry['message']> = {}): MessageEntry => ({
  kind: 'message',
  seq: 2,
  at: AT * 1000 + 999,
  n: 1,
  id: (7 * 2 ** 21 + 2) as MessageNumber,
  author: author === null ? null : userNumber(author),
  message: { door: 'sunshine', type: 'text', text: 'hi', markup: 'plain', clientId: null, ...message },
});
const card = (role: Role, more: Partial<AuthorCard> = {}): AuthorCard => ({
  name: 'Nina',
  avatar: null,
  role,
  ...more,
});
const render = (message: MessageEntry, who: [number, AuthorCard][] = []) =>
  renderMessage(here, message, new Map(who.map(([user, shown]) => [userNumber(user), shown])));

test('a conversation without optional fields has none in its answer', () => {
  expect(renderConversation(ids, viewOf([]))).toEqual({
    id: ids.hex('conversation', 7),
    type: 'personal',
    isDefault: false,
    lastUpdatedAt: '2025-02-03T16:21:12.308Z',
    createdAt: '2025-02-03T16:21:12.308Z',
  });
});

test('what another door let be longer than clients decode is cut, or left out where a part says nothing', () => {
  const given = {
    title: '😀'.repeat(150),
    description: 'd'.repeat(101),
    icon: `https://i.example/${'x'.repeat(2048)}`,
  };
  const shown = renderConversation(ids, viewOf([], given));
  expect(shown.displayName).toBe(`${'😀'.repeat(99)}…`);
  expect(shown.description).toBe(`${'d'.repeat(99)}…`);
  expect(shown).not.toHaveProperty('iconUrl');
  const whole = { title: '😀'.repeat(100), icon: `https://i.example/${'x'.repeat(2030)}` };
  expect(renderConversation(ids, viewOf([], whole))).toMatchObject({
    displayName: whole.title,
    iconUrl: whole.icon,
  });
});

test('a conversation with every field', () => {
  const given = {
    title: 'T',
    description: 'D',
    icon: 'https://i.example/',
    metadata: { a: 1 },
    defaultOf: ALICE,
  };
  const agents = [
    member(2, 'agent', { readAt: AT + 5 }),
    member(3, 'agent', { readAt: AT + 4 }),
    member(1, 'member', { readAt: AT + 9 }),
  ];
  expect(renderConversation(ids, { ...viewOf(agents, given), lastAt: AT + 20 })).toEqual({
    id: ids.hex('conversation', 7),
    type: 'personal',
    metadata: { a: 1 },
    isDefault: true,
    displayName: 'T',
    description: 'D',
    iconUrl: 'https://i.example/',
    businessLastRead: later(5),
    lastUpdatedAt: later(20),
    createdAt: later(0),
  });
});

test('every kind of conversation has one of the two types that clients accept', () => {
  const type = (kind: ConversationFacts['kind']) => renderConversation(ids, viewOf([], { kind })).type;
  expect([type('direct'), type('group'), type('support')]).toEqual(['sdkGroup', 'sdkGroup', 'personal']);
});

test('a participant, with and without having read', () => {
  const view = viewOf([], { kind: 'group' });
  expect(renderParticipant(ids, view, member(1, 'member', { readAt: AT + 5 }))).toEqual({
    id: ids.membershipHex(facts.number, ALICE),
    userId: ids.hex('user', 1),
    userExternalId: 'e1',
    unreadCount: 3,
    lastRead: later(5),
    clientAssociations: [],
  });
  // The mark that a join sets is no reading.
  expect(renderParticipant(ids, view, member(2, 'member'))).not.toHaveProperty('lastRead');
});

test('a message of a person', () => {
  expect(
    render(entry(ALICE, { metadata: { a: 1 } }), [[1, card('member', { avatar: 'https://a.example/' })]]),
  ).toEqual({
    id: ids.hex('message', 7 * 2 ** 21 + 2),
    seq: 2,
    received: '2025-02-03T16:21:12.308Z',
    author: {
      type: 'user',
      userId: ids.hex('user', 1),
      displayName: 'Nina',
      avatarUrl: 'https://a.example/',
    },
    content: { type: 'text', text: 'hi' },
    source: { type: 'api:conversations' },
    metadata: { a: 1 },
  });
});

test.each<[Role, string]>([
  ['visitor', 'user'],
  ['member', 'user'],
  ['ghost', 'user'],
  ['agent', 'business'],
  ['admin', 'business'],
  ['owner', 'business'],
  ['business', 'business'],
  ['system', 'business'],
])('what a %s writes is from the %s', (role, type) => {
  expect(render(entry(AGENT, { door: 'ppmessage' }), [[2, card(role)]])).toMatchObject({
    author: { type },
    source: { type: 'ppmessage' },
  });
});

test('the business shows the name that a post gave it, an agent their own; neither shows an id', () => {
  const author = (message: MessageEntry, role: Role) => render(message, [[2, card(role)]]).author;
  expect(author(entry(AGENT), 'business')).toEqual({ type: 'business' });
  expect(author(entry(null), 'system')).toEqual({ type: 'business' });
  expect(author(entry(AGENT), 'agent')).toEqual({ type: 'business', displayName: 'Nina' });
  expect(
    author(
      entry(AGENT, { override: { name: 'Bot', avatar: 'https://b.example/' }, extras: { subtypes: ['AI'] } }),
      'business',
    ),
  ).toEqual({ type: 'business', displayName: 'Bot', avatarUrl: 'https://b.example/', subtypes: ['AI'] });
});

test('a quoted message is shown whole, one level deep, and as a placeholder when it was deleted', () => {
  const inner = { ...entry(ALICE, { replyTo: 1, text: 'inner' }), seq: 2 };
  const outer = { ...entry(ALICE, { replyTo: 2, text: 'outer' }), seq: 3 };
  const cards = new Map([[ALICE, card('member')]]);
  const shown = (quoted: MessageEntry[]) =>
    renderMessage(here, outer, cards, new Map(quoted.map((each) => [each.seq, each]))).quotedMessage;
  expect(shown([inner])).toEqual({ type: 'message', message: renderMessage(here, inner, cards) });
  const deleted = { ...inner, message: { ...inner.message, text: '', deleted: true } };
  expect(shown([deleted])).toMatchObject({ message: { deleted: true, content: { text: '' } } });
  expect(shown([])).toBeUndefined();
});

const user: User = {
  number: ALICE,
  app: appNumber(1),
  externalId: 'ext/1',
  email: null,
  username: 'ext-1',
  name: 'Jane Doe',
  avatar: 'https://a.example/',
  locale: 'fr-CA',
  role: 'member',
  metadata: { a: 1 },
  profile: { givenName: 'Jane', surname: 'Doe', email: 'jane@example.com', toBeRetained: true, brandId: 'b' },
  hasPassword: false,
  blocked: [],
  tokenVersion: 1,
  createdAt: AT,
  lastActiveAt: null,
  deletedAt: null,
  deactivatedAt: null,
};

test('a user with every field', () => {
  expect(renderUser(ids, { ...user, lastActiveAt: AT })).toEqual({
    id: ids.hex('user', 1),
    authenticated: true,
    externalId: 'ext/1',
    brandId: 'b',
    signedUpAt: '2025-02-03T16:21:12.308Z',
    toBeRetained: true,
    hasPaymentInfo: false,
    identities: [],
    profile: {
      givenName: 'Jane',
      surname: 'Doe',
      email: 'jane@example.com',
      avatarUrl: 'https://a.example/',
      locale: 'fr-CA',
    },
    metadata: { a: 1 },
  });
});

test('a name given in another door is the given name; one that was only derived is none', () => {
  const profile = (name: string) =>
    renderUser(ids, { ...user, name, profile: {}, avatar: null, locale: null }).profile;
  expect(profile('Jane Q. Public')).toEqual({ givenName: 'Jane Q. Public' });
  expect(profile('ext-1')).toEqual({});
  expect(profile('ext/1')).toEqual({});
});
