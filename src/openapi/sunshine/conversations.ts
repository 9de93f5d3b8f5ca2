// Conversations of the Sunshine door: create, list, get, update, delete.
import type { Operation, Parameter } from '../operation.ts';
import {
  added,
  boolean,
  closed,
  type Fields,
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
import { exactlyOne, idempotencyKey, metadataIn, ONE_PAGE, oneUser, page, paged } from './shared.ts';

const fields: Fields = nullable({
  displayName: says(string(1, 100), 'Its title.'),
  description: string(1, 100),
  iconUrl: ref('WebAddress'),
  metadata: metadataIn,
});

export const CONVERSATION_SCHEMAS: Fields = {
  Conversation: closed(
    {
      id: ref('Id'),
      type: says(
        oneOf('personal', 'sdkGroup'),
        'personal: one customer and the team behind the app. sdkGroup: people among themselves.',
      ),
      isDefault: says(boolean, 'Whether it is the first personal conversation of its user.'),
      lastUpdatedAt: says(ref('Moment'), 'When the last message came; without one, when it began.'),
      createdAt: ref('Moment'),
    },
    {
      metadata: ref('Metadata'),
      displayName: string(1, 100),
      description: string(1, 100),
      iconUrl: ref('Address'),
      activeSwitchboardIntegration: says(
        ref('ControlHolder'),
        'Who speaks for the business. Absent where nobody was ever given control.',
      ),
      pendingSwitchboardIntegration: says(ref('ControlHolder'), 'Whom control is offered to.'),
      businessLastRead: says(ref('Moment'), 'When the business last read it.'),
      state: added(literal('closed'), 'Closed until the next message. Absent: open.'),
    },
  ),
  ParticipantPost: {
    ...open(
      {},
      {
        ...oneUser,
        subscribeSDKClient: orNull(
          says(boolean, 'Taken and without effect: every device of a member follows at once.'),
        ),
      },
    ),
    ...exactlyOne('userId', 'userExternalId'),
  },
  PersonalConversationPost: open(
    { type: literal('personal'), participants: says(list(ref('ParticipantPost'), 1, 1), 'The customer.') },
    fields,
  ),
  GroupConversationPost: open(
    { type: literal('sdkGroup') },
    { participants: orNull(list(ref('ParticipantPost'), 0, 10)), ...fields },
  ),
  ConversationPost: {
    oneOf: [ref('PersonalConversationPost'), ref('GroupConversationPost')],
    discriminator: {
      propertyName: 'type',
      mapping: {
        personal: '#/components/schemas/PersonalConversationPost',
        sdkGroup: '#/components/schemas/GroupConversationPost',
      },
    },
  },
  ConversationPatch: says(
    open({}, fields),
    'What is left out stays, a null takes away, metadata is replaced as a whole.',
  ),
};

const conversation = {
  id: '4fd47ef100000001a9f03c62',
  type: 'sdkGroup',
  isDefault: false,
  displayName: 'Lunch',
  lastUpdatedAt: '2026-11-02T11:30:00.000Z',
  createdAt: '2026-11-01T09:00:00.000Z',
};
const one = closed({ conversation: ref('Conversation') });

const moment = {
  type: 'string',
  format: 'date-time',
  pattern: '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d+)?)?(Z|[+-]\\d{2}:\\d{2})$',
} as const;

const filter: Parameter = {
  name: 'filter',
  in: 'query',
  deep: true,
  description:
    'Which conversations; what several fields say must all be true. `filter={"userId":"…"}`, one JSON value, is taken as well. Without a user it is the list of the app, or, with a user’s own token, of that user.',
  schema: {
    type: 'object',
    properties: {
      userId: string(1),
      userExternalId: string(1),
      createdAfter: added(moment, 'Begun after this moment.'),
      createdBefore: added(moment, 'Begun before this moment.'),
      lastUpdatedAfter: added(moment, 'With a message after this moment, or begun after it and without one.'),
      lastUpdatedBefore: added(
        moment,
        'The last message before this moment, or begun before it and without one.',
      ),
      type: added(oneOf('personal', 'sdkGroup'), 'Of this type.'),
      state: added(oneOf('open', 'closed'), 'In this state.'),
      metadata: added(
        {
          type: 'object',
          maxProperties: 10,
          additionalProperties: { type: ['string', 'number', 'boolean'] },
        },
        'Custom data that the conversation has: `filter[metadata][key]=value`, `filter[metadata.key]=value`, or an object in the JSON value.',
      ),
    },
    not: { required: ['userId', 'userExternalId'] },
  },
};

const CONVERSATIONS = '/v2/apps/{appId}/conversations';
const CONVERSATION = `${CONVERSATIONS}/{conversationId}`;
const SERVICES = ['account', 'app', 'integration'] as const;
const PEOPLE_TOO = [...SERVICES, 'user'] as const;

export const CONVERSATION_OPERATIONS: readonly Operation[] = [
  {
    id: 'createConversation',
    method: 'post',
    path: CONVERSATIONS,
    tag: 'Conversations',
    summary: 'Begin a conversation',
    description:
      'The first personal conversation of a user is their default one. An app may allow one personal conversation a user (its setting `multiConvoEnabled`): another is then 409.',
    scopes: SERVICES,
    parameters: [idempotencyKey],
    body: {
      schema: ref('ConversationPost'),
      example: {
        type: 'sdkGroup',
        displayName: 'Lunch',
        participants: [{ userExternalId: 'ann' }, { userExternalId: 'ben' }],
      },
    },
    answer: { status: 201, says: 'The conversation.', schema: one, example: { conversation } },
    errors: ['user_not_found', 'conflict'],
  },
  {
    id: 'listConversations',
    method: 'get',
    path: CONVERSATIONS,
    tag: 'Conversations',
    summary: 'List the conversations of a user, or of the app',
    description:
      'The newest first, by when they began: no message moves one to another page. A page of a filtered list may hold less than its size, even nothing, while `meta.hasMore` is true.',
    scopes: PEOPLE_TOO,
    parameters: [filter, page],
    answer: {
      status: 200,
      says: 'A page of conversations.',
      schema: paged('conversations', ref('Conversation')),
      example: { conversations: [conversation], ...ONE_PAGE },
    },
    errors: ['bad_request', 'user_not_found'],
  },
  {
    id: 'getConversation',
    method: 'get',
    path: CONVERSATION,
    tag: 'Conversations',
    summary: 'Get a conversation',
    scopes: PEOPLE_TOO,
    answer: { status: 200, says: 'The conversation.', schema: one, example: { conversation } },
    errors: ['conversation_not_found'],
  },
  {
    id: 'updateConversation',
    method: 'patch',
    path: CONVERSATION,
    tag: 'Conversations',
    summary: 'Change a conversation',
    scopes: SERVICES,
    body: {
      schema: ref('ConversationPatch'),
      example: { displayName: 'Lunch on Friday', description: null },
      optional: true,
    },
    answer: {
      status: 200,
      says: 'The conversation as it is now.',
      schema: one,
      example: { conversation: { ...conversation, displayName: 'Lunch on Friday' } },
    },
    errors: ['conversation_not_found'],
  },
  {
    id: 'deleteConversation',
    method: 'delete',
    path: CONVERSATION,
    tag: 'Conversations',
    summary: 'Delete a conversation with all that was said',
    description: 'The default conversation of a user stays (400); its messages can be deleted.',
    scopes: SERVICES,
    answer: { status: 200, says: 'It is gone.', schema: ref('Empty'), example: {} },
    errors: ['bad_request', 'conversation_not_found'],
  },
];
