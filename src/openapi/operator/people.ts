// People and conversations in the operator API: making, finding, importing, erasing; what is done to a conversation.
import type { Operation } from '../operation.ts';
import { boolean, closed, type Fields, integer, list, oneOf, orNull, ref, says, string } from '../schema.ts';

const counts: Fields = Object.fromEntries(
  ['created', 'updated', 'unchanged', 'imported', 'present', 'messages'].map((name) => [name, integer(0)]),
);

export const OPERATOR_PEOPLE_SCHEMAS: Fields = {
  OperatorUser: closed({
    number: integer(1),
    username: string(1),
    externalId: string(1),
    sunshineId: ref('Id'),
    uuid: string(36, 36),
  }),
  OperatorUserPost: closed(
    { username: string(1) },
    {
      password: string(1, 256),
      externalId: string(1, 1024),
      email: string(1, 254),
      displayName: string(1),
      avatarUrl: string(1, 2048),
      role: oneOf('visitor', 'member', 'agent', 'admin', 'owner'),
    },
  ),
  OperatorErasure: closed(
    {},
    {
      conversations: says(
        oneOf('redact', 'delete'),
        'What becomes of conversations of two, and of the person’s own with the team.',
      ),
      everywhere: says(boolean, 'Whether to look into every conversation of the app.'),
      from: integer(1, Number.MAX_SAFE_INTEGER),
      limit: integer(1, 1_000),
    },
  ),
  OperatorProgress: says(
    closed(
      {},
      {
        line: says(integer(1), 'The last line that is done; on every line but the last.'),
        done: says(boolean, 'On the last line: whether everything is in.'),
        next: says(integer(1), 'The line to go on with, by `from`.'),
        error: says(ref('OperatorError'), 'Why it ended.'),
        ...counts,
      },
    ),
    'One line of the answer to an import.',
  ),
  OperatorConversation: closed({
    number: integer(1),
    kind: oneOf('direct', 'group', 'support'),
    title: { type: ['string', 'null'] },
    state: oneOf('open', 'closed'),
    locked: boolean,
    messageCount: integer(0),
    memberCount: integer(0),
    assignee: orNull(integer(1)),
    lastSeq: integer(0),
  }),
  OperatorConversationPatch: closed(
    {},
    {
      locked: says(boolean, 'Whether nobody posts.'),
      state: oneOf('open', 'closed'),
      title: orNull(string(1)),
      assignee: orNull(
        says(string(1), 'Somebody of the team by user name, external id or number; null: nobody.'),
      ),
    },
  ),
};

const user = {
  number: 7,
  username: 'ann',
  externalId: 'ann',
  sunshineId: '0d5a1c3e7b9f24680a1b2c3d',
  uuid: '0d5a1c3e-7b9f-8246-880a-1b2c3d000000',
};
const conversation = {
  number: 12,
  kind: 'group',
  title: 'Lunch',
  state: 'open',
  locked: false,
  messageCount: 3,
  memberCount: 2,
  assignee: null,
  lastSeq: 4,
};

const APP = '/admin/apps/{slug}';
const USERS = `${APP}/users`;
const USER = `${USERS}/{username}`;
const CONVERSATIONS = `${APP}/conversations`;
const CONVERSATION = `${CONVERSATIONS}/{number}`;
const PEOPLE = 'Operator: people';
const TALKS = 'Operator: conversations';
const scopes = 'admin';

const oneUser = closed({ user: ref('OperatorUser') });
const oneConversation = closed({ conversation: ref('OperatorConversation') });
const from = {
  name: 'from',
  in: 'query',
  description: 'The line to begin with.',
  schema: { type: 'string', pattern: '^[1-9][0-9]{0,8}$' },
} as const;
const lines = { type: 'application/x-ndjson', schema: ref('OperatorLine') } as const;

export const OPERATOR_PEOPLE_OPERATIONS: readonly Operation[] = [
  {
    id: 'makeUser',
    method: 'post',
    path: USERS,
    tag: PEOPLE,
    summary: 'Make a person',
    scopes,
    body: { schema: ref('OperatorUserPost'), example: { username: 'ann', displayName: 'Ann Lee' } },
    answer: {
      status: 201,
      says: 'The person, by the name of each door.',
      schema: oneUser,
      example: { user },
    },
    errors: ['conflict'],
  },
  {
    id: 'importUsers',
    method: 'post',
    path: `${USERS}/import`,
    tag: PEOPLE,
    summary: 'Make and change many people',
    description:
      'A JSON object in each line; the answer comes while they are read. May be sent again as it is.',
    scopes,
    parameters: [from],
    body: lines,
    answer: {
      status: 200,
      type: 'application/x-ndjson',
      says: 'How far it has come, and a last line that says how it ended.',
      schema: ref('OperatorProgress'),
      example: { done: true, created: 2, updated: 0, unchanged: 0 },
    },
    errors: ['conflict'],
  },
  {
    id: 'showUser',
    method: 'get',
    path: USER,
    tag: PEOPLE,
    summary: 'Find a person by any of their names',
    scopes,
    answer: { status: 200, says: 'The person.', schema: oneUser, example: { user } },
    errors: [],
  },
  {
    id: 'eraseUser',
    method: 'delete',
    path: USER,
    tag: PEOPLE,
    summary: 'Erase a person and what they said',
    description: 'While `next` is not null, call again under the number with it as `from`. May be repeated.',
    scopes,
    body: { schema: ref('OperatorErasure'), example: { conversations: 'delete' }, optional: true },
    answer: {
      status: 200,
      says: 'What was done, and where to go on.',
      schema: closed({
        user: integer(1),
        redacted: integer(0),
        deleted: integer(0),
        failed: list(integer(1)),
        next: orNull(integer(1)),
      }),
      example: { user: 7, redacted: 3, deleted: 1, failed: [], next: null },
    },
    errors: ['forbidden'],
  },
  {
    id: 'makeUserToken',
    method: 'post',
    path: `${USER}/token`,
    tag: PEOPLE,
    summary: 'Make a person’s token for sockets',
    scopes,
    body: {
      schema: closed({}, { seconds: says(integer(1, 2_592_000), 'How long it holds.') }),
      example: { seconds: 3600 },
      optional: true,
    },
    answer: {
      status: 200,
      says: 'The token.',
      schema: closed({ token: string(1), expiresAt: ref('Moment') }),
      example: { token: 'an.example.token', expiresAt: '2026-11-02T11:30:00.000Z' },
    },
    errors: [],
  },
  {
    id: 'endUserTokens',
    method: 'delete',
    path: `${USER}/tokens`,
    tag: PEOPLE,
    summary: 'End every session and token of a person',
    scopes,
    answer: { status: 200, says: 'They end within five seconds.', schema: ref('Empty'), example: {} },
    errors: [],
  },
  {
    id: 'importConversations',
    method: 'post',
    path: `${CONVERSATIONS}/import`,
    tag: TALKS,
    summary: 'Take old private messages in',
    description:
      'A conversation in each line, with its own dates. Nobody is notified. May be sent again as it is.',
    scopes,
    parameters: [from],
    body: lines,
    answer: {
      status: 200,
      type: 'application/x-ndjson',
      says: 'How far it has come, and a last line that says how it ended.',
      schema: ref('OperatorProgress'),
      example: { done: true, imported: 1, present: 0, messages: 20 },
    },
    errors: ['conflict'],
  },
  {
    id: 'changeConversation',
    method: 'patch',
    path: CONVERSATION,
    tag: TALKS,
    summary: 'Lock, close, name or assign a conversation',
    scopes,
    body: { schema: ref('OperatorConversationPatch'), example: { locked: true }, optional: true },
    answer: {
      status: 200,
      says: 'The conversation as it is now.',
      schema: oneConversation,
      example: { conversation: { ...conversation, locked: true } },
    },
    errors: ['forbidden', 'conflict'],
  },
  {
    id: 'addMembers',
    method: 'post',
    path: `${CONVERSATION}/members`,
    tag: TALKS,
    summary: 'Add people to a conversation, all or none',
    scopes,
    body: {
      schema: closed({ users: says(list(string(1), 1, 100), 'User names, external ids or numbers.') }),
      example: { users: ['ann'] },
    },
    answer: {
      status: 200,
      says: 'The conversation as it is now.',
      schema: oneConversation,
      example: { conversation },
    },
    errors: ['forbidden'],
  },
  {
    id: 'conversationLag',
    method: 'get',
    path: `${CONVERSATION}/lag`,
    tag: 'Operator: recovery',
    summary: 'Look where the readers of a conversation stand',
    scopes,
    answer: {
      status: 200,
      says: 'Places in its log.',
      schema: closed({
        born: { const: true },
        lastSeq: integer(0),
        indexed: integer(0),
        delivered: integer(0),
      }),
      example: { born: true, lastSeq: 4, indexed: 4, delivered: 4 },
    },
    errors: [],
  },
  {
    id: 'restoreConversation',
    method: 'post',
    path: `${CONVERSATION}/restore`,
    tag: 'Operator: recovery',
    summary: 'Build a conversation again from the archive',
    scopes,
    answer: {
      status: 200,
      says: 'What it holds now.',
      schema: closed({ entries: integer(0) }),
      example: { entries: 4 },
    },
    errors: ['invalid', 'conflict'],
  },
];
