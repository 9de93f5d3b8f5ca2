// What sets things right in the operator API, and what tells how the hub is.
import type { Operation } from '../operation.ts';
import { anyObject, closed, type Fields, integer, list, orNull, ref, says, string } from '../schema.ts';

/** What the reader of the directory tells of itself. */
export const RECOVERY_SCHEMAS: Fields = {
  OperatorIndex: closed({
    waiting: says(integer(0), 'Conversations whose news is not in the directory yet.'),
    waitingChars: says(integer(0), 'What it weighs.'),
    lastSuccessAt: says({ type: 'integer' }, 'When it wrote last, in milliseconds since 1970; 0: never.'),
    lastError: { type: ['string', 'null'] },
    parked: says(integer(0), 'What the directory refused: it holds nobody up.'),
  }),
  OperatorLine: says(anyObject, 'One line of an import (docs/import.md).'),
};

const TAG = 'Operator: recovery';
const scopes = 'admin';

export const RECOVERY_OPERATIONS: readonly Operation[] = [
  {
    id: 'reindexApp',
    method: 'post',
    path: '/admin/apps/{slug}/reindex',
    tag: TAG,
    summary: 'Tell the directory again what the conversations of an app hold',
    description: 'While `next` is not null, call again with it as `from`. May be repeated.',
    scopes,
    body: {
      schema: closed({}, { from: integer(1, Number.MAX_SAFE_INTEGER), limit: integer(1, 1_000) }),
      example: { from: 1, limit: 200 },
      optional: true,
    },
    answer: {
      status: 200,
      says: 'What was told, and where to go on.',
      schema: closed({
        conversations: integer(0),
        entries: integer(0),
        failed: list(integer(1)),
        next: orNull(integer(1)),
      }),
      example: { conversations: 12, entries: 340, failed: [], next: null },
    },
    errors: [],
  },
  {
    id: 'operatorHealth',
    method: 'get',
    path: '/admin/health',
    tag: TAG,
    summary: 'Look how far the directory is behind',
    scopes,
    answer: {
      status: 200,
      says: 'Where its reader stands.',
      schema: closed({ version: string(1), index: ref('OperatorIndex') }),
      example: {
        version: '0.1.0',
        index: { waiting: 0, waitingChars: 0, lastSuccessAt: 1_793_600_000_000, lastError: null, parked: 0 },
      },
    },
    errors: [],
  },
  {
    id: 'health',
    method: 'get',
    path: '/health',
    tag: 'Health',
    summary: 'Ask whether the hub serves',
    scopes: [],
    answer: {
      status: 200,
      says: 'It does.',
      schema: closed({ status: { const: 'ok' }, version: string(1) }),
      example: { status: 'ok', version: '0.1.0' },
    },
    errors: [],
  },
];
