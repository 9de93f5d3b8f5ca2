// Participants and activities of the Sunshine door: join, leave, list; reading and typing.
import type { Operation } from '../operation.ts';
import {
  added,
  closed,
  type Fields,
  integer,
  list,
  literal,
  nullable,
  oneOf,
  open,
  orNull,
  ref,
  says,
  string,
} from '../schema.ts';
import { exactlyOne, ONE_PAGE, oneUser, page, paged } from './shared.ts';

const acts = oneOf('conversation:read', 'typing:start', 'typing:stop');

/** How far was read; without either it is everything so far. */
const horizon: Fields = {
  messageId: added(orNull(string()), 'How far was read: up to this message.'),
  seq: added(orNull(integer(1, Number.MAX_SAFE_INTEGER)), 'How far was read: up to this place.'),
};
const oneHorizon = {
  not: {
    required: ['messageId', 'seq'],
    properties: { messageId: { type: 'string' }, seq: { type: 'integer' } },
  },
};
/** Of typing there is no place. */
const horizonOfReading = {
  if: { properties: { type: { const: 'conversation:read' } } },
  else: { properties: { messageId: { type: 'null' }, seq: { type: 'null' } } },
};

const shownAs: Fields = nullable({
  displayName: says(string(0, 256), 'Shown instead of the name.'),
  avatarUrl: says(ref('WebAddress'), 'Shown instead of the picture.'),
});

export const PARTICIPANT_SCHEMAS: Fields = {
  Participant: closed(
    {
      id: ref('Id'),
      userId: ref('Id'),
      userExternalId: string(1),
      unreadCount: says(integer(0), 'Messages that the user has not read.'),
      clientAssociations: list(ref('ClientAssociation')),
    },
    {
      lastRead: says(ref('Moment'), 'When the user last read. Absent: never.'),
      lastReadSeq: added(
        integer(0),
        'The place that unreadCount counts from: up to there everything counts as read.',
      ),
      lastReadMessageId: added(ref('Id'), 'The newest message up to that place. Absent where there is none.'),
    },
  ),
  ClientAssociation: closed({ type: string(1), clientId: ref('Id') }),
  LeavePost: {
    ...open({}, { ...oneUser, participantId: orNull(string()) }),
    ...exactlyOne('userId', 'userExternalId', 'participantId'),
  },
  BusinessAuthorPost: open(
    { type: literal('business') },
    { ...shownAs, subtypes: orNull(list(oneOf('AI', 'activity'), 0, 1)) },
  ),
  UserAuthorPost: {
    ...open({ type: literal('user') }, { ...oneUser, ...shownAs, brandId: orNull(string(1, 24)) }),
    ...exactlyOne('userId', 'userExternalId'),
  },
  AuthorPost: {
    oneOf: [ref('BusinessAuthorPost'), ref('UserAuthorPost')],
    discriminator: {
      propertyName: 'type',
      mapping: {
        business: '#/components/schemas/BusinessAuthorPost',
        user: '#/components/schemas/UserAuthorPost',
      },
    },
    description: 'Who acts: the business, or one user by exactly one id.',
  },
  OwnAuthorPost: added(
    open({ type: literal('user') }, oneUser),
    'Who acts, with a user’s own token: the user themselves, who need not be named.',
  ),
  ActivityPost: {
    ...open({ author: ref('AuthorPost'), type: acts }, horizon),
    allOf: [oneHorizon, horizonOfReading],
    if: { properties: { author: { properties: { type: { const: 'user' } }, required: ['type'] } } },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema.
    then: { properties: { type: { const: 'conversation:read' } } },
    description: 'Users read; typing is the business’s.',
  },
  OwnActivityPost: added(
    { ...open({ author: ref('OwnAuthorPost'), type: acts }, horizon), allOf: [oneHorizon, horizonOfReading] },
    'What users do themselves, with their own token: they read, and type.',
  ),
};

const participant = {
  id: 'd1c7a60b000000030000000c',
  userId: '0d5a1c3e7b9f24680a1b2c3d',
  userExternalId: 'ann',
  unreadCount: 2,
  lastReadSeq: 4,
  clientAssociations: [],
};
const CONVERSATION = '/v2/apps/{appId}/conversations/{conversationId}';
const SERVICES = ['account', 'app', 'integration'] as const;

export const PARTICIPANT_OPERATIONS: readonly Operation[] = [
  {
    id: 'joinConversation',
    method: 'post',
    path: `${CONVERSATION}/join`,
    tag: 'Participants',
    summary: 'Add a user to a group',
    description:
      'Who takes part in a personal conversation, or in one of exactly two people, is fixed when it begins (400).',
    scopes: SERVICES,
    body: { schema: ref('ParticipantPost'), example: { userExternalId: 'ann' } },
    answer: {
      status: 201,
      says: 'The user’s place in the conversation, new or old.',
      schema: closed({ participant: ref('Participant') }),
      example: { participant },
    },
    errors: ['user_not_found', 'conversation_not_found', 'member_not_found'],
  },
  {
    id: 'leaveConversation',
    method: 'post',
    path: `${CONVERSATION}/leave`,
    tag: 'Participants',
    summary: 'Take a user out of a group',
    scopes: SERVICES,
    body: { schema: ref('LeavePost'), example: { userExternalId: 'ann' } },
    answer: { status: 200, says: 'The user is out.', schema: ref('Empty'), example: {} },
    errors: ['user_not_found', 'conversation_not_found', 'member_not_found'],
  },
  {
    id: 'listParticipants',
    method: 'get',
    path: `${CONVERSATION}/participants`,
    tag: 'Participants',
    summary: 'List who takes part',
    description:
      'By user. Of a customer’s conversation the customer alone is listed: the team is the business.',
    scopes: SERVICES,
    parameters: [page],
    answer: {
      status: 200,
      says: 'A page of participants.',
      schema: paged('participants', ref('Participant')),
      example: { participants: [participant], ...ONE_PAGE },
    },
    errors: ['bad_request', 'conversation_not_found'],
  },
  {
    id: 'postActivity',
    method: 'post',
    path: `${CONVERSATION}/activity`,
    tag: 'Activity',
    summary: 'Say that somebody read, or types',
    description: 'Reading is about everything so far, or up to the place that it names. A mark only rises.',
    scopes: [...SERVICES, 'user'],
    body: {
      schema: { anyOf: [ref('ActivityPost'), ref('OwnActivityPost')] },
      example: { author: { type: 'user', userExternalId: 'ann' }, type: 'conversation:read' },
    },
    answer: { status: 200, says: 'Taken.', schema: ref('Empty'), example: {} },
    errors: ['user_not_found', 'conversation_not_found', 'member_not_found', 'not_found'],
  },
];
