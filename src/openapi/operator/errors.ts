// The errors of the operator API (docs/operator-api.md).
import type { Catalogue } from '../operation.ts';

const words = { type: 'string', minLength: 1 } as const;

export const OPERATOR_ERRORS = {
  invalid: {
    status: 400,
    code: 'invalid',
    title: words,
    when: 'Something in the request is wrong; `fields` say what.',
  },
  unauthorized: {
    status: 401,
    code: 'unauthorized',
    title: words,
    when: 'The operator’s token is missing or wrong.',
  },
  forbidden: { status: 403, code: 'forbidden', title: words, when: 'Not even an operator may do this.' },
  not_found: { status: 404, code: 'not_found', title: words, when: 'What the address names is not there.' },
  conflict: { status: 409, code: 'conflict', title: words, when: 'What is there already does not allow it.' },
  locked: { status: 423, code: 'locked', title: words, when: 'The conversation takes no messages now.' },
  too_large: {
    status: 413,
    code: 'too_large',
    title: words,
    when: 'The body, or a line of it, is over the cap.',
  },
  unavailable: {
    status: 503,
    code: 'unavailable',
    title: words,
    when: 'The directory does not answer; `Retry-After` says when to try again.',
  },
} satisfies Catalogue;
