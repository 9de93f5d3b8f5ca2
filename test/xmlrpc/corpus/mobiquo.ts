// The calls of the forum door with every number of parameters that contracts/tapatalk.md 1 lists, as plain data: recorded.ts
// holds them as real clients write them.
import type { InValue } from '../../../src/xmlrpc/value.ts';

/** A parameter: text is a `<string>`, `b64` a `<base64>` of its UTF-8. */
export type Argument = string | number | boolean | { readonly b64: string } | readonly Argument[];

const b64 = (text: string): Argument => ({ b64: text });
const people = [b64('bob'), b64('Élodie 😀')];
const A_BODY = b64(
  'At [b]noon[/b]? 🍜 & <so on>, in a body that takes more than one line of base64 where lines are broken.',
);

/** Methods with all parameters that they may have, and how many of them are sent. */
const METHODS: readonly (readonly [method: string, numbers: readonly number[], ...all: Argument[]])[] = [
  ['get_config', [0]],
  ['login', [1, 2, 3, 4, 5], b64('alice'), b64('s3cret & <x>'), false, '1', 'trust-code'],
  ['logout_user', [0]],
  ['get_inbox_stat', [0]],
  ['new_conversation', [3, 5], people, b64('Weekend 😀'), A_BODY, [''], ''],
  ['reply_conversation', [2, 3, 5], '7', A_BODY, b64('Re: Weekend'), ['101', '102'], 'g-7'],
  ['invite_participant', [2, 3], people, '7', b64('')],
  ['get_conversations', [0, 2], 0, 19],
  ['get_conversation', [1, 3, 4], '7', 0, 49, true],
  ['get_quote_conversation', [2], '7', '14680065'],
  ['delete_conversation', [2], '7', 2],
  ['mark_conversation_unread', [1], '7,8'],
  ['mark_conversation_read', [0, 1], '7,8,9'],
  ['get_user_info', [0, 1, 2], b64(''), '3'],
  ['search_user', [1, 2, 3], b64('él'), 1, 20],
  ['get_recommended_user', [0, 1, 2, 3], 1, 20, 0],
  ['get_online_users', [0, 1, 2, 3, 4], 1, 20, '', 'pm'],
  ['remove_attachment', [3, 4], '101', '0', 'g-7', '14680065'],
  ['report_pm', [1, 2], '14680065', b64('spam')],
  ['get_box_info', [0]],
  ['get_box', [1, 2, 3], 'INBOX', 0, 9],
  ['get_message', [1, 2, 3], '14680065', 'INBOX', false],
  ['create_message', [3, 4, 5], people, b64('Subject'), A_BODY, 1, '14680065'],
  ['delete_message', [1, 2], '14680065', 'INBOX'],
  ['get_quote_pm', [1], '14680065'],
  ['mark_pm_read', [1], '1,2'],
  ['mark_pm_unread', [1], '1'],
];

export interface Call {
  /** "login with 2". */
  readonly name: string;
  readonly method: string;
  readonly params: readonly Argument[];
}

export const CALLS: readonly Call[] = METHODS.flatMap(([method, numbers, ...all]) =>
  numbers.map((number) => ({ name: `${method} with ${number}`, method, params: all.slice(0, number) })),
);

/** What the parameter is read as. */
export function meant(argument: Argument): InValue {
  if (typeof argument !== 'object') return argument;
  return 'b64' in argument ? new TextEncoder().encode(argument.b64) : argument.map(meant);
}
