// Messages of the Sunshine door: post, list, delete. Contents are contents.ts.
import type { Operation } from '../operation.ts';
import {
  added,
  anyObject,
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
import { idempotencyKey, metadataIn, page, paged } from './shared.ts';

const destination = orNull(
  says(
    open({}, nullable({ integrationId: string(), integrationType: string() })),
    'Only `{"integrationType": "none"}`, from the business in a personal conversation: there is no channel to aim at.',
  ),
);

const headerText = { type: 'string', pattern: '^[\\x21-\\x7e]{1,2048}$' } as const;

/** Fields of a message beside its author and its content. */
const beside: Fields = {
  destination,
  metadata: orNull(metadataIn),
  override: orNull(says(anyObject, 'Taken and without effect: there is no channel that it is for.')),
  schema: orNull(says(oneOf('whatsapp'), 'Taken and without effect.')),
  quotedMessage: added(
    orNull(open({ type: literal('message'), message: open({ id: string() }) })),
    'A message of the conversation that this one answers.',
  ),
};

/** What every message shows, and what those show that have it. */
export const shown: Fields = {
  id: ref('Id'),
  seq: added(integer(1), 'Its place in the order of the conversation.'),
  received: ref('Moment'),
  author: ref('Author'),
  content: ref('Content'),
  source: ref('Source'),
};
export const shownWhere: Fields = {
  quotedMessage: ref('Quote'),
  metadata: ref('Metadata'),
  edited: added(literal(true), 'Whether it was changed.'),
  editedAt: added(ref('Moment'), 'When it was changed last.'),
  deleted: says(literal(true), 'The words are gone: this stands where they were.'),
};

export const MESSAGE_SCHEMAS: Fields = {
  Author: closed(
    { type: oneOf('business', 'user') },
    {
      userId: ref('Id'),
      displayName: string(1),
      avatarUrl: ref('Address'),
      subtypes: list(oneOf('AI', 'activity'), 1, 1),
    },
  ),
  Source: closed({
    type: says(string(1), '`api:conversations`, or the door that the message came through.'),
  }),
  Message: closed(shown, shownWhere),
  Quote: says(
    closed({ type: literal('message'), message: ref('Message') }),
    'The message that this one answers; what that one quotes is not repeated.',
  ),
  MessagePatch: added(
    open({}, { content: orNull(ref('ContentPost')), metadata: orNull(metadataIn) }),
    'What is left out stays; a null takes custom data away.',
  ),
  InteractiveDataRef: open({
    url: { allOf: [ref('WebAddress'), headerText] },
    bid: headerText,
    key: { type: 'string', pattern: '^(00)?[0-9a-fA-F]{64}$' },
    signature: headerText,
    owner: headerText,
  }),
  MessageRef: open({
    userId: string(),
    apple: {
      ...open(
        {},
        {
          interactiveDataRef: orNull(ref('InteractiveDataRef')),
          interactiveDateRef: orNull(
            says(ref('InteractiveDataRef'), 'The same, as older documents spell it.'),
          ),
        },
      ),
      anyOf: ['interactiveDataRef', 'interactiveDateRef'].map((name) => ({
        required: [name],
        properties: { [name]: { type: 'object' } },
      })),
    },
  }),
  MessageText: added(
    closed(
      {
        text: says(string(), 'All of it, plain.'),
        markup: says(oneOf('plain', 'bbcode', 'markdown', 'html'), 'What the author wrote it in.'),
        source: says(string(), 'What the author wrote.'),
      },
      { htmlText: says(string(), 'The same as HTML, where there is markup.') },
    ),
    'A text without the limits of contents.',
  ),
  MessagePost: open({ author: ref('AuthorPost'), content: ref('ContentPost') }, beside),
  OwnMessagePost: added(
    open({ author: ref('OwnAuthorPost'), content: ref('ContentPost') }, beside),
    'What users say themselves, with their own token.',
  ),
};

const message = {
  id: '4fd47ef100000001e2a90b71',
  seq: 2,
  received: '2026-11-02T11:30:00.000Z',
  author: { type: 'user', userId: '0d5a1c3e7b9f24680a1b2c3d', displayName: 'Ann Lee' },
  content: { type: 'text', text: 'Are you coming?' },
  source: { type: 'api:conversations' },
};
const CONVERSATION = '/v2/apps/{appId}/conversations/{conversationId}';
const MESSAGES = `${CONVERSATION}/messages`;
const SERVICES = ['account', 'app', 'integration'] as const;
const MESSAGE = `${MESSAGES}/{messageId}`;
const one = closed({ message: ref('Message') });
const PEOPLE_TOO = [...SERVICES, 'user'] as const;

export const MESSAGE_OPERATIONS: readonly Operation[] = [
  {
    id: 'postMessage',
    method: 'post',
    path: MESSAGES,
    tag: 'Messages',
    summary: 'Post a message',
    description: 'Answered when it can no longer be lost. It is seen in every other door at once.',
    scopes: PEOPLE_TOO,
    parameters: [idempotencyKey],
    body: {
      schema: { anyOf: [ref('MessagePost'), ref('OwnMessagePost')] },
      example: {
        author: { type: 'user', userExternalId: 'ann' },
        content: { type: 'text', text: 'Are you coming?' },
      },
    },
    answer: {
      status: 201,
      says: 'The message.',
      schema: closed({ messages: list(ref('Message'), 1, 1) }),
      example: { messages: [message] },
    },
    errors: [
      'user_not_found',
      'conversation_not_found',
      'not_found',
      'attachment_not_found',
      'conflict',
      'locked',
      'too_many_requests',
    ],
  },
  {
    id: 'listMessages',
    method: 'get',
    path: MESSAGES,
    tag: 'Messages',
    summary: 'List the messages of a conversation',
    description:
      'A hundred at a time, whatever size is asked; without a cursor the last ones. Inside a page the oldest is first. Deleted ones are left out.',
    scopes: PEOPLE_TOO,
    parameters: [
      {
        ...page,
        schema: {
          type: 'object',
          properties: { after: ref('Id'), before: ref('Id'), size: {} },
          not: { required: ['after', 'before'] },
        },
      },
    ],
    answer: {
      status: 200,
      says: 'A page of messages.',
      schema: paged('messages', ref('Message')),
      example: { messages: [message], meta: { hasMore: false }, links: {} },
    },
    errors: ['bad_request', 'not_found'],
  },
  {
    id: 'deleteAllMessages',
    method: 'delete',
    path: MESSAGES,
    tag: 'Messages',
    summary: 'Delete every message of a conversation',
    description: 'Every one so far; the conversation stays.',
    scopes: SERVICES,
    answer: { status: 200, says: 'They are gone.', schema: ref('Empty'), example: {} },
    errors: ['conversation_not_found'],
  },
  {
    id: 'deleteMessage',
    method: 'delete',
    path: MESSAGE,
    tag: 'Messages',
    summary: 'Delete a message',
    description: 'The words go, for everybody. Deleting twice is deleting once.',
    scopes: SERVICES,
    answer: { status: 200, says: 'It is gone.', schema: ref('Empty'), example: {} },
    errors: ['conversation_not_found', 'not_found'],
  },
  {
    id: 'getMessage',
    method: 'get',
    path: MESSAGE,
    tag: 'Messages',
    summary: 'Get a message',
    scopes: PEOPLE_TOO,
    own: true,
    answer: { status: 200, says: 'The message.', schema: one, example: { message } },
    errors: ['conversation_not_found', 'not_found'],
  },
  {
    id: 'updateMessage',
    method: 'patch',
    path: MESSAGE,
    tag: 'Messages',
    summary: 'Change a message',
    description:
      'Any message; with a user’s own token one of their own. The type of the content stays, and so do its uploaded files.',
    scopes: PEOPLE_TOO,
    own: true,
    body: {
      schema: ref('MessagePatch'),
      example: { content: { type: 'text', text: 'Are you coming on Friday?' } },
      optional: true,
    },
    answer: {
      status: 200,
      says: 'The message as it is now.',
      schema: one,
      example: { message: { ...message, edited: true, editedAt: '2026-11-02T11:31:00.000Z' } },
    },
    errors: ['conversation_not_found', 'not_found', 'attachment_not_found', 'locked', 'too_many_requests'],
  },
  {
    id: 'getMessageText',
    method: 'get',
    path: `${MESSAGE}/text`,
    tag: 'Messages',
    summary: 'Get the whole text of a message',
    description: 'However long: contents cut it at 4,096 characters.',
    scopes: PEOPLE_TOO,
    own: true,
    answer: {
      status: 200,
      says: 'The text.',
      schema: ref('MessageText'),
      example: { text: 'Are you coming?', markup: 'bbcode', source: 'Are you [b]coming[/b]?' },
    },
    errors: ['conversation_not_found', 'not_found'],
  },
  {
    id: 'downloadMessageRef',
    method: 'post',
    path: `${CONVERSATION}/download`,
    tag: 'Messages',
    summary: 'Fetch what a message of Apple’s channel refers to',
    description:
      'Fetched from the address in the reference, and decrypted. An address that is not signed for everybody needs the app’s own account at Apple’s gateway, which the operator sets.',
    scopes: SERVICES,
    body: {
      schema: ref('MessageRef'),
      example: {
        userId: '0d5a1c3e7b9f24680a1b2c3d',
        apple: {
          interactiveDataRef: {
            url: 'https://example.org/data',
            bid: 'com.example.extension',
            key: '00'.repeat(33),
            signature: 'c2lnbmF0dXJl',
            owner: 'owner',
          },
        },
      },
    },
    answer: { status: 200, says: 'The data, as the sender made it.', schema: anyObject, example: {} },
    errors: ['user_not_found', 'conversation_not_found'],
  },
];
