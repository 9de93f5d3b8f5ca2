// Incoming hooks in the operator API: at which address another network tells what happened there, and where that goes.
import type { Operation } from '../operation.ts';
import {
  anyObject,
  boolean,
  closed,
  type Fields,
  integer,
  list,
  oneOf,
  orNull,
  ref,
  says,
  string,
} from '../schema.ts';

const conversation = says(integer(1, Number.MAX_SAFE_INTEGER), 'The conversation that everything goes into.');
const metadata = says(orNull(anyObject), 'Custom data of new conversations.');
const title = says(string(1, 200), 'What they are called; `{title}` is the topic’s own.');
const isPublic = says(boolean, 'Whether everybody of the app may join.');

const options: Fields = {
  label: says(string(0, 40), 'Stands behind names in brackets; empty: nothing does.'),
  perMinute: says(integer(1, 6_000), 'Calls in a minute.'),
  ignore: says(list(string(1, 200), 0, 50), 'Ids and names there whose messages are left out.'),
  markup: says(oneOf('mrkdwn', 'markdown'), 'Slack-shaped: what texts are written in.'),
  channels: says(boolean, 'Slack-shaped: `channel` is a topic of its own.'),
  places: says(
    list(string(1, 200), 0, 50),
    'Ids of topics, channels or threads: only what happens there arrives.',
  ),
  privateMessages: says(boolean, 'Discourse: whether private messages arrive too.'),
};

const settable: Fields = {
  name: orNull(says(string(1, 100), 'For you; who writes where a call does not say.')),
  conversation,
  open: ref('OperatorHookOpenPost'),
  options: ref('OperatorHookOptions'),
};
const secret = {
  type: 'string',
  pattern: '^[\\x21-\\x7e]{8,300}$',
  description: 'What its sender signs with, or shows.',
} as const;

export const OPERATOR_HOOK_SCHEMAS: Fields = {
  OperatorHookOptions: closed({}, options),
  OperatorHookOpenPost: says(
    closed(
      {},
      {
        title,
        members: says(list(string(1), 0, 100), 'User names, external ids or numbers.'),
        public: isPublic,
        metadata,
      },
    ),
    'A conversation for each topic there: how they begin.',
  ),
  OperatorHook: closed({
    number: integer(1),
    shape: ref('OperatorHookShape'),
    name: orNull(string(1)),
    conversation: orNull(integer(1)),
    open: {
      anyOf: [closed({ title, members: list(integer(1)), public: isPublic, metadata }), { type: 'null' }],
    },
    options: ref('OperatorHookOptions'),
    hasSecret: boolean,
    state: oneOf('active', 'disabled'),
    arrived: says(integer(0), 'Calls that were taken.'),
    refused: says(integer(0), 'Calls that proved nothing.'),
    lastArrivedAt: orNull(ref('Moment')),
    lastRefusedAt: orNull(ref('Moment')),
    createdAt: ref('Moment'),
    updatedAt: ref('Moment'),
  }),
  OperatorHookShape: says(
    oneOf('slack', 'discord', 'discourse', 'mattermost', 'rocketchat', 'xenforo', 'parlance'),
    'Whose calls it takes.',
  ),
  OperatorHookPost: closed({ shape: ref('OperatorHookShape') }, { ...settable, secret }),
  OperatorHookPatch: closed({}, { ...settable, secret: orNull(secret), state: oneOf('active', 'disabled') }),
};

const example = {
  number: 3,
  shape: 'discourse',
  name: 'The forum',
  conversation: null,
  open: { title: 'Forum: {title}', members: [7], public: false, metadata: null },
  options: { label: 'Forum' },
  hasSecret: true,
  state: 'active',
  arrived: 12,
  refused: 0,
  lastArrivedAt: '2026-11-02T11:30:00.000Z',
  lastRefusedAt: null,
  createdAt: '2026-11-02T10:30:00.000Z',
  updatedAt: '2026-11-02T10:30:00.000Z',
};

const HOOKS = '/admin/apps/{slug}/hooks';
const HOOK = `${HOOKS}/{hook}`;
const tag = 'Operator: incoming hooks';
const scopes = 'admin';
const oneHook = closed({ hook: ref('OperatorHook') });
const url = says(string(1), 'Where its sender has to send to. Shown once.');
const shownSecret = orNull(says(string(1), 'Shown once.'));
const made = {
  hook: example,
  url: 'https://hub.example.org/hooks/discourse/3/2rGv…',
  secret: 'k1Zq…',
};

export const OPERATOR_HOOK_OPERATIONS: readonly Operation[] = [
  {
    id: 'makeHook',
    method: 'post',
    path: HOOKS,
    tag,
    summary: 'Make an incoming hook',
    description: 'Either `conversation` or `open` says where what arrives goes.',
    scopes,
    body: {
      schema: ref('OperatorHookPost'),
      example: { shape: 'discourse', open: { title: 'Forum: {title}', members: ['ann'] } },
    },
    answer: {
      status: 201,
      says: 'The hook, with its address and secret.',
      schema: closed({ hook: ref('OperatorHook'), url, secret: shownSecret }),
      example: made,
    },
    errors: [],
  },
  {
    id: 'listHooks',
    method: 'get',
    path: HOOKS,
    tag,
    summary: 'List the incoming hooks of an app',
    scopes,
    answer: {
      status: 200,
      says: 'All of them, oldest first.',
      schema: closed({ hooks: list(ref('OperatorHook')) }),
      example: { hooks: [example] },
    },
    errors: [],
  },
  {
    id: 'showHook',
    method: 'get',
    path: HOOK,
    tag,
    summary: 'Look at an incoming hook',
    scopes,
    answer: { status: 200, says: 'The hook.', schema: oneHook, example: { hook: example } },
    errors: [],
  },
  {
    id: 'changeHook',
    method: 'patch',
    path: HOOK,
    tag,
    summary: 'Change an incoming hook',
    description: '`open` and `options` are replaced whole.',
    scopes,
    body: { schema: ref('OperatorHookPatch'), example: { state: 'disabled' }, optional: true },
    answer: {
      status: 200,
      says: 'The hook as it is now.',
      schema: oneHook,
      example: { hook: { ...example, state: 'disabled' } },
    },
    errors: [],
  },
  {
    id: 'endHook',
    method: 'delete',
    path: HOOK,
    tag,
    summary: 'End an incoming hook',
    scopes,
    answer: { status: 200, says: 'Its address leads nowhere any more.', schema: ref('Empty'), example: {} },
    errors: [],
  },
  {
    id: 'rotateHook',
    method: 'post',
    path: `${HOOK}/rotate`,
    tag,
    summary: 'Give an incoming hook another address, or another secret',
    description: 'What was valid before is not any more. With nothing asked for: the address.',
    scopes,
    body: {
      schema: closed({}, { address: boolean, secret: boolean }),
      example: { address: true },
      optional: true,
    },
    answer: {
      status: 200,
      says: 'The hook, with what is new; the rest is null.',
      schema: closed({ hook: ref('OperatorHook'), url: orNull(url), secret: shownSecret }),
      example: { ...made, secret: null },
    },
    errors: [],
  },
];
