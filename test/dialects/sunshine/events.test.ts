// What webhooks are told, as whole documents (contracts/sunshine.md 7), and that the same event always has the same id.
import { describe, expect, test } from 'vitest';
import { callBody } from '../../../src/dialects/sunshine/event.ts';
import {
  createdEvent,
  eventsOf,
  readEvent,
  removedEvent,
  type Telling,
  typingEvent,
} from '../../../src/dialects/sunshine/events.ts';
import {
  clientAdded,
  clientRemoved,
  clientUpdated,
  userRemoved,
  usersMerged,
  userUpdated,
} from '../../../src/dialects/sunshine/people-events.ts';
import { TRIGGERS } from '../../../src/dialects/sunshine/triggers.ts';
import type { Device } from '../../../src/domain/devices.ts';
import {
  appNumber,
  conversationNumber,
  createIds,
  deviceNumber,
  endpointNumber,
  integrationNumber,
  lineNumber,
  type MessageNumber,
  userNumber,
} from '../../../src/domain/ids.ts';
import type { Card, ConversationFacts, Entry, MessageEntry, Role } from '../../../src/domain/model.ts';
import type { User } from '../../../src/hub/context.ts';

const ids = createIds(new Uint8Array(16));
const [ANN, AGENT, GONE] = [userNumber(1), userNumber(2), userNumber(3)];
const AT = Date.parse('2026-02-03T16:21:12.308Z');
const CREATED = '2026-02-03T16:21:12.308Z';
const BRIEF = { includeFullUser: false, includeFullSource: false };
const WHOLE = { includeFullUser: true, includeFullSource: true };

const card = (name: string, role: Role): Card => ({
  externalId: `x-${name}`,
  username: name,
  name,
  avatar: null,
  role,
});
const ann: User = {
  number: ANN,
  app: appNumber(1),
  externalId: 'x-ann',
  email: null,
  username: 'ann',
  name: 'Ann Lee',
  avatar: 'https://example.org/ann.png',
  locale: 'en',
  role: 'member',
  metadata: { tier: 'gold' },
  profile: { givenName: 'Ann', surname: 'Lee', zendeskId: '77' },
  hasPassword: false,
  blocked: [],
  tokenVersion: 0,
  createdAt: AT,
  lastActiveAt: AT,
  deletedAt: null,
  deactivatedAt: null,
};
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
  title: 'A title',
  description: null,
  icon: null,
  options: null,
  metadata: { lang: 'en' },
  assignee: null,
  control: null,
  group: null,
  state: 'open',
  locked: false,
};
const holder = (line: number, name: string) => ({
  line: lineNumber(line),
  integration: integrationNumber(line + 10),
  name,
  type: 'custom',
});
const device: Device = {
  number: deviceNumber(5),
  app: appNumber(1),
  user: ANN,
  platform: 'ios',
  clientId: 'guid-1',
  name: 'Ann’s phone',
  appVersion: '2.1',
  info: { os: 'iOS' },
  pushToken: null,
  createdAt: AT - 1_000,
  lastSeenAt: AT,
};
const telling: Telling = {
  ids,
  addressOf: ({ url }) => url,
  facts,
  control: { active: holder(1, 'bot'), pending: null },
  cards: new Map([
    [ANN, card('Ann Lee', 'member')],
    [AGENT, card('Bo', 'agent')],
    [GONE, card('Cy', 'member')],
  ]),
  users: new Map([[ANN, ann]]),
  shown: BRIEF,
  devices: new Map([[device.number, device]]),
};
const inGroup: Telling = { ...telling, facts: { ...facts, kind: 'group', metadata: null } };

const bot = {
  id: ids.hex('line', 1),
  name: 'bot',
  integrationId: ids.hex('integration', 11),
  integrationType: 'custom',
};
const conversation = {
  id: ids.hex('conversation', 7),
  type: 'personal',
  metadata: { lang: 'en' },
  activeSwitchboardIntegration: bot,
};
const group = { id: conversation.id, type: 'sdkGroup', activeSwitchboardIntegration: bot };
const briefAnn = { id: ids.hex('user', 1), authenticated: true, externalId: 'x-ann', zendeskId: '77' };
const wholeAnn = {
  ...briefAnn,
  signedUpAt: CREATED,
  hasPaymentInfo: false,
  identities: [],
  profile: { givenName: 'Ann', surname: 'Lee', avatarUrl: 'https://example.org/ann.png', locale: 'en' },
  metadata: { tier: 'gold' },
};
const client = {
  id: ids.hex('device', 5),
  type: 'sdk',
  status: 'active',
  lastSeen: CREATED,
  linkedAt: '2026-02-03T16:21:11.308Z',
  displayName: 'Ann Lee',
  info: { os: 'iOS', deviceName: 'Ann’s phone' },
};

const base = { seq: 4, at: AT * 1_000 + 7, n: 2 };
const message = (author: typeof ANN | null, more: Partial<MessageEntry['message']> = {}): MessageEntry => ({
  ...base,
  kind: 'message',
  id: (7 * 2 ** 21 + 4) as MessageNumber,
  author,
  message: { door: 'sunshine', type: 'text', text: 'hi', markup: 'plain', clientId: null, ...more },
});
const event = (type: string, payload: object) => ({
  id: expect.stringMatching(/^[0-9a-f]{24}$/),
  type,
  createdAt: CREATED,
  payload,
});

describe('a message', () => {
  const rendered = {
    id: ids.hex('message', 7 * 2 ** 21 + 4),
    seq: 4,
    received: CREATED,
    content: { type: 'text', text: 'hi' },
    source: { type: 'api:conversations' },
  };

  test('of a person comes with them', () => {
    const author = { type: 'user', userId: briefAnn.id, displayName: 'Ann Lee' };
    expect(eventsOf(message(ANN), telling)).toEqual([
      event('conversation:message', {
        conversation,
        message: { ...rendered, author: { ...author, user: briefAnn } },
      }),
    ]);
    const said = message(ANN, { door: 'realtime', device: 5, metadata: { mood: 'fine' } });
    expect(eventsOf(said, { ...telling, shown: WHOLE })).toEqual([
      event('conversation:message', {
        conversation,
        message: {
          ...rendered,
          author: { ...author, user: wholeAnn },
          source: {
            type: 'realtime',
            client,
            device: {
              id: client.id,
              type: 'ios',
              guid: 'guid-1',
              clientId: client.id,
              status: 'inactive',
              lastSeen: CREATED,
              info: client.info,
              appVersion: '2.1',
            },
          },
          metadata: { mood: 'fine' },
        },
      }),
    ]);
  });

  test('of the business comes without anybody, and of somebody who is gone with what is left of them', () => {
    const of = (author: typeof ANN | null) =>
      (eventsOf(message(author), telling)[0] as unknown as { payload: { message: { author: object } } })
        .payload.message.author;
    expect(of(AGENT)).toEqual({ type: 'business', displayName: 'Bo' });
    expect(of(GONE)).toEqual({
      type: 'user',
      userId: ids.hex('user', 3),
      displayName: 'Cy',
      user: { id: ids.hex('user', 3), externalId: 'x-Cy' },
    });
    expect(of(userNumber(9))).toEqual({
      type: 'user',
      userId: ids.hex('user', 9),
      user: { id: ids.hex('user', 9) },
    });
  });
});

describe('a conversation', () => {
  test('begins and ends', () => {
    expect(createdEvent(telling, ANN)).toEqual(
      event('conversation:create', {
        conversation,
        creationReason: 'none',
        source: { type: 'api:conversations' },
        user: briefAnn,
      }),
    );
    const begun = { ...inGroup, facts: { ...inGroup.facts, creator: ANN, door: 'tapatalk' as const } };
    expect(createdEvent(begun, null)).toEqual(
      event('conversation:create', {
        conversation: group,
        creationReason: 'message',
        source: { type: 'tapatalk' },
      }),
    );
    expect(removedEvent(telling, AT)).toEqual(event('conversation:remove', { conversation }));
  });

  test('of a group tells of everybody who comes and goes, but not of those it begins with', () => {
    const join: Entry = { ...base, kind: 'join', author: null, users: [ANN, GONE] };
    expect(eventsOf(join, inGroup)).toEqual([
      event('conversation:join', { conversation: group, user: briefAnn }),
      event('conversation:join', {
        conversation: group,
        user: { id: ids.hex('user', 3), externalId: 'x-Cy' },
      }),
    ]);
    expect(eventsOf({ ...join, kind: 'leave' }, inGroup).map(({ type }) => type)).toEqual([
      'conversation:leave',
      'conversation:leave',
    ]);
    expect(eventsOf({ ...join, seq: 1 }, inGroup)).toEqual([]);
    expect(eventsOf(join, telling)).toEqual([]);
  });

  test('tells of control as it is from the entry on', () => {
    const desk = holder(2, 'desk');
    const entry = (action: 'select' | 'pass' | 'offer' | 'accept' | 'release', more: object): Entry => ({
      ...base,
      kind: 'control',
      author: null,
      action,
      active: null,
      pending: null,
      metadata: null,
      ...more,
    });
    const { activeSwitchboardIntegration: _, ...free } = conversation;
    const shownDesk = {
      ...bot,
      id: ids.hex('line', 2),
      name: 'desk',
      integrationId: ids.hex('integration', 12),
    };
    expect(
      eventsOf(
        entry('offer', { active: holder(1, 'bot'), pending: desk, metadata: { language: 'en' } }),
        telling,
      ),
    ).toEqual([
      event('switchboard:offerControl', {
        conversation: { ...conversation, pendingSwitchboardIntegration: shownDesk },
        metadata: { language: 'en' },
      }),
    ]);
    for (const action of ['accept', 'pass'] as const)
      expect(eventsOf(entry(action, { active: desk }), telling)).toEqual([
        event(`switchboard:${action}Control`, {
          conversation: { ...free, activeSwitchboardIntegration: shownDesk },
        }),
      ]);
    expect(eventsOf(entry('release', {}), telling)).toEqual([
      event('switchboard:releaseControl', { conversation: free }),
    ]);
    expect(eventsOf(entry('select', { active: desk }), telling)).toEqual([]);
  });

  test('tells nobody of what the vendor has no event for', () => {
    const others: Entry[] = [
      { ...base, kind: 'edit', author: ANN, target: 2, text: 'x', markup: 'plain' },
      { ...base, kind: 'delete', author: ANN, target: 2 },
      { ...base, kind: 'assign', author: null, assignee: AGENT },
      { ...base, kind: 'update', author: null, changes: { title: 'x' } },
      { ...base, kind: 'redact', author: null, user: ANN },
    ];
    expect(others.flatMap((entry) => eventsOf(entry, telling))).toEqual([]);
  });

  test('tells of reading and typing', () => {
    const source = { type: 'realtime' };
    const byAnn = { user: ANN, door: 'realtime' as const, at: AT };
    const author = { type: 'user', userId: briefAnn.id, user: briefAnn };
    expect(readEvent(telling, byAnn, 3)).toEqual(
      event('conversation:read', { conversation, activity: { type: 'conversation:read', author, source } }),
    );
    expect(readEvent(telling, { user: null, door: 'sunshine', at: AT }, 3)).toEqual(
      event('conversation:read', {
        conversation,
        activity: {
          type: 'conversation:read',
          author: { type: 'business' },
          source: { type: 'api:conversations' },
        },
      }),
    );
    expect(typingEvent(telling, { ...byAnn, user: AGENT }, true)).toEqual(
      event('conversation:typing', {
        conversation,
        activity: { type: 'typing:start', author: { type: 'business' }, source },
      }),
    );
  });
});

describe('a person', () => {
  const happening = { door: 'realtime' as const, at: AT };

  test('is changed, removed, merged', () => {
    expect(userUpdated(ids, ann, WHOLE, { ...happening, reason: 'authentication' })).toEqual(
      event('user:update', { user: wholeAnn, reason: 'authentication', source: { type: 'realtime' } }),
    );
    expect(userUpdated(ids, ann, BRIEF, happening)).toEqual(
      event('user:update', { user: briefAnn, source: { type: 'realtime' } }),
    );
    expect(userRemoved(ids, ann, happening)).toEqual(event('user:remove', { user: briefAnn }));
    const discarded = { ...ann, number: GONE, externalId: 'x-cy', profile: {} };
    expect(usersMerged(ids, { surviving: ann, discarded, lost: {} }, BRIEF, happening)).toEqual(
      event('user:merge', {
        mergedUsers: {
          surviving: briefAnn,
          discarded: { id: ids.hex('user', 3), authenticated: true, externalId: 'x-cy' },
        },
        reason: 'api',
      }),
    );
  });

  test('has devices that come, change and go', () => {
    const source = { type: 'realtime' };
    expect(clientAdded(ids, ann, device, BRIEF, happening)).toEqual(
      event('client:add', { user: briefAnn, client, reason: 'sdkLogin', source }),
    );
    expect(clientUpdated(ids, ann, device, WHOLE, happening)).toEqual(
      event('client:update', { user: briefAnn, client }),
    );
    expect(clientRemoved(ids, ann, device, BRIEF, { ...happening, reason: 'sdk' })).toEqual(
      event('client:remove', { user: briefAnn, client, reason: 'sdk', source }),
    );
  });
});

test('the same event has the same id each time, and every other one another, also of another hub', () => {
  const join: Entry = { ...base, kind: 'join', author: null, users: [ANN, GONE] };
  const all = (by: Telling) => {
    const other = { ...by, facts: { ...by.facts, number: conversationNumber(8) } };
    const group = { ...by, facts: { ...by.facts, kind: 'group' as const } };
    const doing = { user: ANN, door: 'realtime' as const, at: AT };
    return [
      ...[by, other].flatMap((each) => [
        ...eventsOf(message(ANN), each),
        ...eventsOf({ ...message(ANN), seq: 5 }, each),
        createdEvent(each, ANN),
        removedEvent(each, AT),
        readEvent(each, doing, 3),
        readEvent(each, doing, 4),
        readEvent(each, { ...doing, user: null }, 3),
        typingEvent(each, doing, true),
        typingEvent(each, doing, false),
        typingEvent(each, { ...doing, at: AT + 1 }, true),
      ]),
      ...eventsOf(join, group),
      ...eventsOf({ ...join, kind: 'leave' }, group),
      userUpdated(by.ids, ann, BRIEF, doing),
      userRemoved(by.ids, ann, doing),
      clientAdded(by.ids, ann, device, BRIEF, doing),
      clientUpdated(by.ids, ann, device, BRIEF, doing),
    ];
  };
  const first = all(telling);
  expect(all({ ...telling, shown: WHOLE }).map(({ id }) => id)).toEqual(first.map(({ id }) => id));
  const elsewhere = all({ ...telling, ids: createIds(new Uint8Array(16).fill(1)) });
  const every = [...first, ...elsewhere].map(({ id }) => id);
  expect(new Set(every).size).toBe(every.length);
  for (const { id, type } of first) {
    expect(id).toMatch(/^[0-9a-f]{24}$/);
    expect(TRIGGERS).toContain(type);
  }
});

test('a call names the app, the webhook and its version', () => {
  const [told] = eventsOf(message(ANN), telling);
  expect(callBody(ids, appNumber(1), { number: endpointNumber(6) }, told ? [told] : [])).toEqual({
    app: { id: ids.hex('app', 1) },
    webhook: { id: ids.hex('webhook', 6), version: 'v2' },
    events: [told],
  });
});
