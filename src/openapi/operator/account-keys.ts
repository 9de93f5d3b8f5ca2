// Keys in the operator API that reach every app of the hub. An app's own come with the app (apps.ts).
import type { Operation } from '../operation.ts';
import { closed, type Fields, list, orNull, ref, string } from '../schema.ts';

export const ACCOUNT_KEY_SCHEMAS: Fields = {
  OperatorKey: closed({ id: { type: 'string', pattern: '^act_[0-9a-f]{24}$' }, name: orNull(string()) }),
};

const base = 'https://hub.example.org';
const secret = 'an-example-that-opens-nothing';
const account = { id: 'act_29f1c83b5e7d04a6918c2f3b', name: 'Provisioning' };
const TAG = 'Operator: apps';
const scopes = 'admin';

export const ACCOUNT_KEY_OPERATIONS: readonly Operation[] = [
  {
    id: 'listAccountKeys',
    method: 'get',
    path: '/admin/keys',
    tag: TAG,
    summary: 'List the keys that reach every app',
    scopes,
    answer: {
      status: 200,
      says: 'Every key, without secrets.',
      schema: closed({ keys: list(ref('OperatorKey')) }),
      example: { keys: [account] },
    },
    errors: [],
  },
  {
    id: 'makeAccountKey',
    method: 'post',
    path: '/admin/keys',
    tag: TAG,
    summary: 'Make a key that reaches every app',
    scopes,
    body: { schema: closed({ name: string(1) }), example: { name: 'Provisioning' } },
    answer: {
      status: 201,
      says: 'The key with its secret.',
      schema: closed({
        key: ref('OperatorKey'),
        sunshine: closed({ basePath: ref('Address'), keyId: string(1), secret: string(1) }),
      }),
      example: { key: account, sunshine: { basePath: base, keyId: account.id, secret } },
    },
    errors: [],
  },
  {
    id: 'endAccountKey',
    method: 'delete',
    path: '/admin/keys/{key}',
    tag: TAG,
    summary: 'End a key that reaches every app',
    scopes,
    answer: { status: 200, says: 'Done.', schema: ref('Empty'), example: {} },
    errors: [],
  },
];
