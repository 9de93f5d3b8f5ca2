// Bridges in the operator API: a conversation and a place of another network, how messages cross, and what was kept out.
import type { Operation } from '../operation.ts';
import {
  boolean,
  closed,
  type Fields,
  integer,
  list,
  number,
  oneOf,
  orNull,
  ref,
  says,
  string,
} from '../schema.ts';

const NETWORKS = ['slack', 'discord', 'mattermost', 'discourse', 'matterbridge'];
const COUNTS = ['sent', 'edited', 'removed', 'digests', 'limited', 'ours', 'copies', 'paused', 'entered'];

const texts = { type: 'object', additionalProperties: string(1, 500) };
const self = says(list(string(1, 200), 0, 20), 'Ids of authors there that are this bridge itself.');
const options = closed(
  {},
  {
    announceEdits: says(
      boolean,
      'Where the network cannot change a message: its first edit is told as a new one.',
    ),
    digest: says(boolean, 'false: however many wait, each is told by itself.'),
  },
);
const pace = { type: 'number', minimum: 0.01, maximum: 50 };
const perSecond = says(orNull(pace), 'Calls in a second; null: the network’s own.');
const name = orNull(string(1, 100));
const incoming = says(
  orNull(integer(1, Number.MAX_SAFE_INTEGER)),
  'The incoming hook of what is said there.',
);
const place = says(texts, 'Where in the network, by its own names.');
const moment = orNull(ref('Moment'));

const mutable: Fields = {
  name,
  url: says(string(1, 2048), 'Called, or called below; secret where whoever knows it may post.'),
  credentials: says(texts, 'Keys, by the network’s own names.'),
  place,
  self,
  incoming,
  options,
  perSecond,
};

export const OPERATOR_BRIDGE_SCHEMAS: Fields = {
  OperatorBridge: closed({
    number: integer(1),
    network: oneOf(...NETWORKS),
    conversation: integer(1),
    name,
    url: says(string(1), 'Where it leads, without what is secret.'),
    place,
    self: list(string(1)),
    incoming,
    options,
    perSecond: orNull(number),
    state: oneOf('active', 'paused'),
    reason: says(orNull(string(1)), 'Why it is paused.'),
    createdAt: ref('Moment'),
    updatedAt: ref('Moment'),
  }),
  OperatorBridgeStatus: closed(
    {
      waiting: integer(0),
      dead: integer(0),
      consecutiveFailures: integer(0),
      oldestWaiting: moment,
      failingSince: moment,
      lastSuccess: moment,
      counts: closed(Object.fromEntries(COUNTS.map((count) => [count, integer(0)]))),
      copies: list(ref('OperatorBridgeCopy')),
    },
    { relay: says(ref('OperatorRelay'), 'Of a bridge to a matterbridge.') },
  ),
  OperatorBridgeCopy: closed({
    id: integer(1),
    at: ref('Moment'),
    source: says(string(1), 'The hook or the bridge that it came in through.'),
    author: string(),
    text: string(),
    releasedAt: says(moment, 'When it was let in after all.'),
    message: says(orNull(string(1)), 'The message that it is since then.'),
  }),
  OperatorRelay: closed({
    listening: says(integer(0), 'Clients of the hub’s own api that listen now.'),
    connected: says(orNull(boolean), 'Whether it hears the other’s api; null: it need not.'),
    problem: says(orNull(string()), 'Why it does not.'),
    kept: says(integer(0), 'Messages for whoever asks the hub’s own api.'),
    waiting: says(integer(0), 'Messages that came in and have not arrived.'),
  }),
  OperatorAttempt: closed({
    attempt: integer(1),
    at: ref('Moment'),
    ms: integer(0),
    status: orNull(integer(100, 999)),
    reason: orNull(string(1)),
    bytes: integer(0),
    excerpt: orNull(string()),
    headers: { type: 'object', additionalProperties: string() },
    next: moment,
    replay: boolean,
  }),
  OperatorBridgePost: closed(
    {
      network: oneOf(...NETWORKS),
      conversation: integer(1, Number.MAX_SAFE_INTEGER),
    },
    {
      ...mutable,
      url: says(
        string(1, 2048),
        'Called, or called below; secret where whoever knows it may post. Needed, but where others come to the hub’s own api.',
      ),
    },
  ),
  OperatorBridgePatch: closed({}, mutable),
};

const tag = 'Operator: bridges';
const scopes = 'admin';
const BRIDGES = '/admin/apps/{slug}/bridges';
const BRIDGE = `${BRIDGES}/{bridge}`;

const bridge = {
  number: 4,
  network: 'discord',
  conversation: 7,
  name: 'General',
  url: 'https://discord.com/',
  place: {},
  self: ['1009'],
  incoming: null,
  options: {},
  perSecond: null,
  state: 'active',
  reason: null,
  createdAt: '2026-01-31T12:00:00.000Z',
  updatedAt: '2026-01-31T12:00:00.000Z',
};
const counts = Object.fromEntries(COUNTS.map((count) => [count, 0]));
const idle = { waiting: 0, dead: 0, consecutiveFailures: 0, oldestWaiting: null, failingSince: null };
const status = { ...idle, lastSuccess: null, counts, copies: [] };
const attempt = { attempt: 1, at: '2026-01-31T12:00:00.000Z', ms: 80, status: 200, reason: null, bytes: 40 };
const oneBridge = closed({ bridge: ref('OperatorBridge') });

const released = {
  ...{ id: 3, at: '2026-01-31T12:00:00.000Z', source: 'hook:9', author: 'Ann', text: 'Hello' },
  ...{ releasedAt: '2026-01-31T12:05:00.000Z', message: '14680079' },
};

const answers = (says: string, example: object = { bridge }) => ({
  ...{ status: 200 as const, says, schema: oneBridge },
  example: example as { bridge: typeof bridge },
});
const done = (says: string) => ({ status: 200 as const, says, schema: closed({}), example: {} });

export const OPERATOR_BRIDGE_OPERATIONS: readonly Operation[] = [
  {
    ...{ id: 'makeBridge', method: 'post', path: BRIDGES, tag, scopes },
    summary: 'Link a place of a network with a conversation',
    body: {
      schema: ref('OperatorBridgePost'),
      example: { network: 'discord', conversation: 7, url: 'https://discord.com/api/webhooks/1009/token' },
    },
    answer: { ...answers('The bridge, without its secrets.'), status: 201 },
    errors: ['conflict'],
  },
  {
    ...{ id: 'listBridges', method: 'get', path: BRIDGES, tag, scopes },
    summary: 'The bridges of an app',
    answer: {
      status: 200,
      says: 'All of them, the oldest first.',
      schema: closed({ bridges: list(ref('OperatorBridge')) }),
      example: { bridges: [bridge] },
    },
    errors: [],
  },
  {
    ...{ id: 'showBridge', method: 'get', path: BRIDGE, tag, scopes },
    summary: 'A bridge, how it goes, and what it kept out',
    answer: {
      status: 200,
      says: 'The bridge.',
      schema: closed({ bridge: ref('OperatorBridge'), status: ref('OperatorBridgeStatus') }),
      example: { bridge, status },
    },
    errors: [],
  },
  {
    ...{ id: 'changeBridge', method: 'patch', path: BRIDGE, tag, scopes },
    summary: 'Change a bridge',
    description: 'What is left out stays; `credentials`, `place`, `self` and `options` are replaced whole.',
    body: { schema: ref('OperatorBridgePatch'), example: { name: 'General' }, optional: true },
    answer: answers('The bridge as it is now.'),
    errors: ['conflict'],
  },
  {
    ...{ id: 'endBridge', method: 'delete', path: BRIDGE, tag, scopes },
    summary: 'End a bridge',
    description: 'What was sent stays there.',
    answer: done('It is gone.'),
    errors: [],
  },
  {
    ...{ id: 'pauseBridge', method: 'post', path: `${BRIDGE}/pause`, tag, scopes },
    summary: 'Pause a bridge',
    description: 'What is said here waits; what is said there is not let in.',
    answer: answers('The bridge.', { bridge: { ...bridge, state: 'paused', reason: 'paused' } }),
    errors: [],
  },
  {
    ...{ id: 'resumeBridge', method: 'post', path: `${BRIDGE}/resume`, tag, scopes },
    summary: 'Let a bridge go on',
    description: 'What waits is sent.',
    answer: answers('The bridge.'),
    errors: [],
  },
  {
    ...{ id: 'testBridge', method: 'post', path: `${BRIDGE}/test`, tag, scopes },
    summary: 'Say something that says nothing, now',
    answer: {
      status: 200,
      says: 'How it went.',
      schema: closed({ attempt: ref('OperatorAttempt') }),
      example: { attempt: { ...attempt, excerpt: 'ok', headers: {}, next: null, replay: true } },
    },
    errors: [],
  },
  {
    ...{ id: 'dropCopies', method: 'delete', path: `${BRIDGE}/copies`, tag, scopes },
    summary: 'Forget what was kept out as copies',
    answer: done('They are gone.'),
    errors: [],
  },
  {
    ...{ id: 'releaseCopy', method: 'post', path: `${BRIDGE}/copies/{copy}/release`, tag, scopes },
    summary: 'Let in what was kept out as a copy',
    description:
      'It is said at the end of the conversation, once however often this is called, and goes out over the other bridges as if it had come now.',
    answer: {
      status: 200,
      says: 'The copy, with the message that it is now.',
      schema: closed({ copy: ref('OperatorBridgeCopy') }),
      example: { copy: released },
    },
    errors: ['conflict', 'locked'],
  },
];
