// Endpoints for webhooks in the operator API: making them, looking after them, what they were sent.
import type { Operation, Parameter } from '../operation.ts';
import { boolean, closed, integer, list, orNull, ref, type Schema, says, string } from '../schema.ts';
import { STATE, TIME } from './endpoint-schemas.ts';

const ALL = '/admin/apps/{slug}/endpoints';
const ONE = `${ALL}/{endpoint}`;
const tag = 'Operator: endpoints';
const scopes = 'admin';
const secret = 'whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=';
const when = '2026-11-02T10:30:00.000Z';

const endpoint = {
  ...{ number: 1, integration: null, format: 'parlance', url: 'https://hooks.example.org/in' },
  ...{ events: ['message.*'], name: null, options: {}, delivery: { signature: 'standard' }, headers: [] },
  ...{ state: 'active', reason: null, secrets: [{ id: 1, validUntil: null }], publicKeys: null },
  ...{ createdAt: when, updatedAt: when },
};
const status = {
  ...{ waiting: 0, dead: 0, oldestWaiting: null, failingSince: null, consecutiveFailures: 0 },
  ...{ lastSuccess: when, dropped: 0, droppedAt: null },
  recent: { attempts: 12, succeeded: 1, p50: 40, p99: 90 },
};
const attempt = {
  ...{ attempt: 1, at: when, ms: 42, status: 200, reason: null, bytes: 512, excerpt: 'ok' },
  ...{ headers: { 'content-type': 'text/plain' }, next: null, replay: false },
};
const delivery = {
  ...{ id: 7, event: 'evt_7_17f407ff_12', type: 'message.created', conversation: 7, seq: 12 },
  ...{
    state: 'delivered',
    reason: null,
    attempts: 1,
    status: 200,
    takenAt: when,
    endedAt: when,
    dueAt: null,
  },
};

const one = closed({ endpoint: ref('OperatorEndpoint') });
const shown = {
  status: 200,
  says: 'The endpoint as it is now.',
  schema: one,
  example: { endpoint },
} as const;
const next = says(orNull(integer(1)), 'Go on with it as `after`; null: that was all.');
const before = says(orNull(integer(1)), 'Go on before it; null: there is nothing before.');

const parameter = (name: string, description: string, schema: Schema): Parameter => ({
  ...{ name, in: 'query', description, schema },
});
const digits: Schema = { type: 'string', pattern: '^[1-9][0-9]{0,15}$' };
const PAGE = [
  parameter('before', 'Those before this id.', digits),
  parameter('limit', 'Of a page: 50, at most 100.', digits),
];
const FILTER = [
  parameter('state', 'Only these.', STATE),
  parameter('type', 'Only of this event.', string(0, 100)),
  parameter('conversation', 'Only of this one.', digits),
  parameter('status', 'Only where the newest answer had it.', digits),
  parameter('from', 'Taken then or later.', TIME),
  parameter('to', 'Taken before.', TIME),
];

const choice = { schema: ref('OperatorDeliveryChoicePost'), example: { state: 'dead' } } as const;

export const OPERATOR_ENDPOINT_OPERATIONS: readonly Operation[] = [
  {
    ...{ id: 'makeEndpoint', method: 'post', path: ALL, tag, scopes },
    summary: 'Have an address told what happens',
    description: 'The secret is shown now, and never again.',
    body: {
      schema: ref('OperatorEndpointPost'),
      example: { url: 'https://hooks.example.org/in', events: ['message.*'] },
    },
    answer: {
      status: 201,
      says: 'The endpoint, and its secret.',
      schema: closed({ endpoint: ref('OperatorEndpoint'), secret: string(1) }),
      example: { endpoint, secret },
    },
    errors: [],
  },
  {
    ...{ id: 'listEndpoints', method: 'get', path: ALL, tag, scopes },
    summary: 'List the endpoints of an app',
    answer: {
      status: 200,
      says: 'All of them, integrations’ webhooks too.',
      schema: closed({ endpoints: list(ref('OperatorEndpoint')) }),
      example: { endpoints: [endpoint] },
    },
    errors: [],
  },
  {
    ...{ id: 'showEndpoint', method: 'get', path: ONE, tag, scopes },
    summary: 'Show an endpoint and how it is doing',
    answer: {
      status: 200,
      says: 'The endpoint.',
      schema: closed({ endpoint: ref('OperatorEndpoint'), status: ref('OperatorEndpointStatus') }),
      example: { endpoint, status },
    },
    errors: [],
  },
  {
    ...{ id: 'changeEndpoint', method: 'patch', path: ONE, tag, scopes },
    summary: 'Change an endpoint',
    description: '`delivery`, `options` and `headers` are replaced whole.',
    body: { schema: ref('OperatorEndpointPatch'), example: { events: ['*'] }, optional: true },
    answer: shown,
    errors: ['conflict'],
  },
  {
    ...{ id: 'endEndpoint', method: 'delete', path: ONE, tag, scopes },
    summary: 'End an endpoint, with its journal',
    answer: { status: 200, says: 'It is gone.', schema: ref('Empty'), example: {} },
    errors: [],
  },
  {
    ...{ id: 'rotateEndpoint', method: 'post', path: `${ONE}/rotate`, tag, scopes },
    summary: 'Give an endpoint a new secret',
    description: 'The one before signs beside it for a day, or as long as is said.',
    body: {
      schema: closed({}, { secret: string(0, 300), overlapSeconds: integer(0, 604_800) }),
      example: { overlapSeconds: 3_600 },
      optional: true,
    },
    answer: {
      status: 200,
      says: 'The endpoint, and its new secret.',
      schema: closed({ endpoint: ref('OperatorEndpoint'), secret: string(1) }),
      example: { endpoint, secret },
    },
    errors: ['conflict'],
  },
  {
    ...{ id: 'revokeEndpoint', method: 'post', path: `${ONE}/revoke`, tag, scopes },
    summary: 'End all older secrets of an endpoint now',
    answer: shown,
    errors: ['conflict'],
  },
  {
    ...{ id: 'enableEndpoint', method: 'post', path: `${ONE}/enable`, tag, scopes },
    summary: 'Send what waits, in order',
    body: {
      schema: closed({}, { since: says(TIME, 'Also what was given up since then.') }),
      example: { since: when },
      optional: true,
    },
    answer: {
      status: 200,
      says: 'The endpoint, and how many are sent again.',
      schema: closed({ endpoint: ref('OperatorEndpoint'), queued: integer(0) }),
      example: { endpoint, queued: 0 },
    },
    errors: ['conflict'],
  },
  {
    ...{ id: 'disableEndpoint', method: 'post', path: `${ONE}/disable`, tag, scopes },
    summary: 'Keep what happens, and send nothing',
    answer: { ...shown, example: { endpoint: { ...endpoint, state: 'disabled', reason: 'switched off' } } },
    errors: ['conflict'],
  },
  {
    ...{ id: 'testEndpoint', method: 'post', path: `${ONE}/test`, tag, scopes },
    summary: 'Send an event that says nothing, now',
    body: {
      schema: closed({}, { forged: says(boolean, 'With a signature that is wrong.') }),
      example: { forged: false },
      optional: true,
    },
    answer: {
      status: 200,
      says: 'How it went.',
      schema: closed({ attempt: ref('OperatorAttempt') }),
      example: { attempt },
    },
    errors: [],
  },
  {
    ...{ id: 'listDeliveries', method: 'get', path: `${ONE}/deliveries`, tag, scopes },
    summary: 'Read the journal, the newest first',
    parameters: [...FILTER, ...PAGE],
    answer: {
      status: 200,
      says: 'A page; it may hold fewer than were asked for, even none, and go on.',
      schema: closed({ deliveries: list(ref('OperatorDelivery')), before }),
      example: { deliveries: [delivery], before: null },
    },
    errors: [],
  },
  {
    ...{ id: 'listNotices', method: 'get', path: `${ONE}/notices`, tag, scopes },
    summary: 'Read what you should know of it, the newest first',
    parameters: PAGE,
    answer: {
      status: 200,
      says: 'A page.',
      schema: closed({ notices: list(ref('OperatorNotice')), before }),
      example: { notices: [{ id: 1, at: when, what: 'failing', about: { failures: 50 } }], before: null },
    },
    errors: [],
  },
  {
    ...{ id: 'replayDeliveries', method: 'post', path: `${ONE}/replay`, tag, scopes },
    summary: 'Send deliveries again, beside what is new',
    body: choice,
    answer: {
      status: 200,
      says: 'How many, at most 1,000 in one call.',
      schema: closed({ queued: integer(0), next }),
      example: { queued: 3, next: null },
    },
    errors: [],
  },
  {
    ...{ id: 'discardDeliveries', method: 'post', path: `${ONE}/discard`, tag, scopes },
    summary: 'Give up what waits, and clear what is dead',
    body: choice,
    answer: {
      status: 200,
      says: 'How many, at most 1,000 in one call.',
      schema: closed({ discarded: integer(0), next }),
      example: { discarded: 3, next: null },
    },
    errors: [],
  },
  {
    ...{ id: 'showDelivery', method: 'get', path: `${ONE}/deliveries/{delivery}`, tag, scopes },
    summary: 'Show a delivery with every attempt',
    answer: {
      status: 200,
      says: 'The delivery.',
      schema: closed({ delivery: ref('OperatorDeliveryWhole') }),
      example: { delivery: { ...delivery, body: '{"type":"message.created"}', log: [attempt], curl: null } },
    },
    errors: [],
  },
  {
    ...{ id: 'sendDelivery', method: 'post', path: `${ONE}/deliveries/{delivery}/send`, tag, scopes },
    summary: 'Send the same body once more, now',
    body: {
      schema: closed({}, { to: says(string(1, 2048), 'Another address, for this once.') }),
      example: { to: 'https://hooks.example.org/once' },
      optional: true,
    },
    answer: {
      status: 200,
      says: 'How it went; nothing else changes.',
      schema: closed({ attempt: ref('OperatorAttempt') }),
      example: { attempt: { ...attempt, replay: true } },
    },
    errors: [],
  },
];
