// People, apps and conversations for tests of what this dialect makes of them. No hub behind them.

import type { Person } from '../../../src/dialects/tapatalk/render.ts';
import {
  appNumber,
  type ConversationNumber,
  conversationNumber,
  type MessageNumber,
  type UserNumber,
  userNumber,
} from '../../../src/domain/ids.ts';
import type { Card, ConversationFacts, MessageEntry } from '../../../src/domain/model.ts';
import type { App } from '../../../src/hub/context.ts';

export const app: App = {
  number: appNumber(7),
  slug: 'board',
  name: 'The Board',
  settings: {
    inboxShards: 1,
    archive: true,
    search: true,
    multiConvo: true,
    retentionSeconds: 0,
    maskCards: false,
    legacyStrings: false,
    guestOkay: false,
    signUp: true,
    authUrl: null,
    postsPerMinute: 2_400,
    fileBytes: 1_000_000,
    filesPerMessage: 3,
    fileTypes: ['png', 'jpg', 'pdf'],
    routePolicy: 'ALL',
    welcomeMessage: 'Hello!',
    offlineMessage: 'Nobody is here.',
    returnOfflineMessage: false,
    hours: null,
  },
  hosts: [],
  origins: ['https://app.example'],
  widget: {},
  updatedAt: 0,
  systemUser: userNumber(1),
  businessUser: userNumber(2),
  metadata: {},
  switchboard: null,
  hooks: { version: 0, endpoints: [] },
  createdAt: 0,
};

export const card = (name: string, more: Partial<Card> = {}): Card => ({
  externalId: name,
  username: name.toLowerCase(),
  name,
  avatar: null,
  role: 'member',
  ...more,
});

export const person = (number: number, name: string, more: Partial<Person> = {}): Person => ({
  user: userNumber(number),
  card: card(name),
  standing: 'active',
  ...more,
});

export const facts = (more: Partial<ConversationFacts> = {}): ConversationFacts => ({
  app: app.number,
  number: conversationNumber(12) as ConversationNumber,
  kind: 'group',
  creator: userNumber(10),
  door: 'tapatalk',
  createdAt: Date.UTC(2026, 0, 2, 3, 4, 5),
  uniqueId: null,
  public: false,
  defaultOf: null,
  title: 'Lunch',
  description: null,
  icon: null,
  options: null,
  metadata: null,
  assignee: null,
  control: null,
  group: null,
  state: 'open',
  locked: false,
  ...more,
});

export const entry = (
  seq: number,
  author: number | null,
  text: string,
  more: Partial<MessageEntry['message']> = {},
): MessageEntry => ({
  kind: 'message',
  seq,
  at: Date.UTC(2026, 0, 2, 3, 4, 6) * 1000 + seq,
  n: seq,
  author: author as UserNumber | null,
  id: (12 * 2 ** 21 + seq) as MessageNumber,
  message: { door: 'tapatalk', text, markup: 'bbcode', type: 'text', clientId: null, ...more },
});
