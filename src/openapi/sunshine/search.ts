// The search of the Sunshine door, an addition of this hub.
import type { Operation, Parameter } from '../operation.ts';
import { boolean, closed, type Fields, integer, list, ref, says, string } from '../schema.ts';
import { shown, shownWhere } from './messages.ts';

export const SEARCH_SCHEMAS: Fields = {
  FoundMessage: closed({ conversationId: ref('Id'), ...shown }, shownWhere),
};

const words: Parameter = {
  name: 'q',
  in: 'query',
  own: true,
  required: true,
  description: 'Words that must all be in a message, in any script; without case and accents.',
  schema: string(1, 256),
};

const filter: Parameter = {
  name: 'filter',
  in: 'query',
  own: true,
  deep: true,
  description:
    'Whose conversations, and which one. Without either it is all of the app, or, with a user’s own token, of that user. `filter={"userId":"…"}`, one JSON value, is taken as well.',
  schema: {
    type: 'object',
    properties: { userId: string(1), userExternalId: string(1), conversationId: string(1) },
    not: { required: ['userId', 'userExternalId'] },
  },
};

const page: Parameter = {
  name: 'page',
  in: 'query',
  own: true,
  deep: true,
  description: 'Which page: `after`, with the cursor of an earlier answer, and `size`.',
  schema: {
    type: 'object',
    properties: {
      after: string(1),
      size: { ...integer(1, 50), default: 25, description: 'Messages of a page, at most.' },
    },
  },
};

export const SEARCH_OPERATIONS: readonly Operation[] = [
  {
    id: 'searchMessages',
    method: 'get',
    path: '/v2/apps/{appId}/messages/search',
    tag: 'Messages',
    summary: 'Find messages by their words',
    description:
      'Newest first: the conversation with the newest message, then the newest in it. A page may hold less than its size, even nothing, while `meta.hasMore` is true. Where the app keeps nothing to search in: 403.',
    scopes: ['account', 'app', 'integration', 'user'],
    own: true,
    parameters: [words, filter, page],
    answer: {
      status: 200,
      says: 'A page of messages.',
      schema: closed({
        messages: list(ref('FoundMessage')),
        meta: closed(
          { hasMore: says(boolean, 'Whether there is more.') },
          { afterCursor: says(string(1), 'Goes on behind this page.') },
        ),
        links: closed({}, { next: ref('Address') }),
      }),
      example: {
        messages: [
          {
            conversationId: '4fd47ef100000001a9f03c62',
            id: '9c1e60a1000000010002b7c4',
            seq: 4,
            received: '2026-11-02T11:30:00.000Z',
            author: { type: 'business' },
            content: { type: 'text', text: 'Lunch at noon?' },
            source: { type: 'api:conversations' },
          },
        ],
        meta: { hasMore: false },
        links: {},
      },
    },
    errors: ['bad_request', 'user_not_found', 'conversation_not_found'],
  },
];
