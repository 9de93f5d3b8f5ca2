// The forum door's places for an id or a name, from its method table. A parameter that nobody has explained here stops
// the tests.
import { BLOCK_SIZE } from '../../../src/domain/ids.ts';
import { array, type OutValue } from '../../../src/xmlrpc/value.ts';
import { id, text, texts } from '../../model/forum.ts';
import { NOWHERE, type Place, type Talk, type TwoApps } from '../../support/two-apps.ts';
import { METHODS } from '../calls/tapatalk.ts';
import { decimalVariantsOf, type Forms } from './forms.ts';

type Kind =
  | 'conversation'
  | 'conversations'
  /** Of a conversation that is named beside it. */
  | 'message'
  /** Of any conversation of the caller's. */
  | 'any message'
  | 'messages'
  | 'user'
  | 'person'
  /** A part of a name: nobody found is no refusal. */
  | 'search'
  | 'people'
  | 'account'
  | 'file'
  | 'upload';

/** What parameters name; where it depends on the method: "method parameter". */
const PARAMETERS: Record<string, Kind | 'no name'> = {
  conv_id: 'conversation',
  conversation_id: 'conversation',
  'mark_conversation_read conv_id': 'conversations',
  'mark_conversation_unread conv_id': 'conversations',
  msg_id: 'message',
  'report_pm msg_id': 'any message',
  message_id: 'any message',
  pm_id: 'any message',
  message_ids: 'messages',
  'mark_pm_unread message_id': 'messages',
  // One of a few words.
  box_id: 'no name',
  user_id: 'user',
  'get_user_info user_name': 'person',
  keywords: 'search',
  user_name: 'people',
  login_name: 'account',
  attachment_id_array: 'file',
  attachment_id: 'upload',
  // One's own files share it, or nothing does.
  group_id: 'no name',
  forum_id: 'no name',
  post_id: 'no name',
  password: 'no name',
  subject: 'no name',
  text_body: 'no name',
  invite_reason_text: 'no name',
  reason: 'no name',
  // A board or a topic, of which there are none.
  id: 'no name',
  area: 'no name',
  // Of the table, the same for every app.
  method: 'no name',
};

/** One place for an id or a name in one method. */
export interface NamePlace {
  readonly method: string;
  readonly at: string;
  readonly index: number;
  readonly kind: Kind;
}

/** Every such place of every method. Throws for one that is not known here. */
export function namePlaces(methods: typeof METHODS = METHODS): NamePlace[] {
  return [...methods].flatMap(([method, { parameters }]) =>
    parameters.flatMap(({ name, kind }, index) => {
      if (kind === 'integer' || kind === 'flag') return [];
      const what = PARAMETERS[`${method} ${name}`] ?? PARAMETERS[name];
      if (!what) throw new Error(`say how to make a foreign "${name}" of ${method} (isolation/tapatalk.ts)`);
      return what === 'no name' ? [] : [{ method, at: name, index, kind: what }];
    }),
  );
}

/** A value as this place takes it. */
export function valueAt({ kind }: NamePlace, value: string, here: Place): OutValue {
  switch (kind) {
    case 'people':
      // Beside somebody who is there: all or nothing.
      return texts([here.fay.username, value]);
    case 'file':
      return array([id(value)]);
    case 'account':
    case 'person':
    case 'search':
      return text(value);
    default:
      return id(value);
  }
}

/** What ann of `here` may not know about, place by place. `talk`: one that she is in. */
export function forumForms({ ids, here, there }: TwoApps, kind: Kind, talk: Talk): Forms {
  const numberOf = (id: string) => String(Number.parseInt(id.slice(0, 13), 16));
  switch (kind) {
    case 'conversation':
    case 'conversations': {
      const single = {
        'exists nowhere': String(NOWHERE.conversation),
        'of the other app': String(there.group.number),
        "the other app's support conversation": String(there.support.number),
        'one that she is not in': String(here.others.number),
        'a message that she can read': String(talk.message.number),
        "Sunshine's id of it": talk.id,
        'past every number': '9007199254740993',
        negative: '-1',
        zero: '0',
        'no number': 'nothing',
        ...decimalVariantsOf(String(talk.number)),
      };
      if (kind === 'conversation') return [single];
      const beside = (text: string) => `${talk.number},${text}`;
      return [single, Object.fromEntries(Object.entries(single).map(([what, x]) => [what, beside(x)]))];
    }
    case 'message':
    case 'any message':
    case 'messages': {
      const single = {
        'exists nowhere': String(NOWHERE.conversation * BLOCK_SIZE + 2),
        'of the other app': String(there.group.message.number),
        'of a conversation that she is not in': String(here.others.message.number),
        ...(kind === 'message' && {
          'of another conversation of hers': String(here.support.message.number),
        }),
        'an entry that is no message': String(talk.number * BLOCK_SIZE + 1),
        'an entry to come': String(talk.number * BLOCK_SIZE + 1_000),
        'the conversation itself': String(talk.number),
        "Sunshine's id of it": talk.message.id,
        'its digits in another form': numberOf(talk.message.id),
        'past every number': '9007199254740993',
        zero: '0',
        'no number': 'nothing',
        ...decimalVariantsOf(String(talk.message.number)),
      };
      if (kind !== 'messages') return [single];
      const beside = (text: string) => `${talk.message.number},${text}`;
      return [single, Object.fromEntries(Object.entries(single).map(([what, x]) => [what, beside(x)]))];
    }
    case 'user':
      return [
        {
          'exists nowhere': String(NOWHERE.user),
          'of the other app': String(there.ben.number),
          'user name in this app': here.ben.username,
          "Sunshine's id in this app": here.ben.sunshineId,
          'past every number': '9007199254740993',
          zero: '0',
          'no number': 'nothing',
          ...decimalVariantsOf(String(here.ben.number)),
        },
      ];
    case 'person':
    case 'search':
    case 'people':
      return [
        {
          'exists nowhere': 'nobody-at-all',
          'user name in the other app': there.ann.username,
          'display name in the other app': there.ann.displayName,
          'e-mail address in the other app': there.ann.email,
          'external id in the other app': there.ann.externalId,
          'number in the other app': String(there.ann.number),
          'number in this app': String(here.ben.number),
          "Sunshine's id in this app": here.ben.sunshineId,
        },
      ];
    case 'account':
      return [
        {
          'exists nowhere': 'nobody-at-all',
          'user name in the other app': there.ann.username,
          'e-mail address in the other app': there.ann.email,
          'external id in the other app': there.ann.externalId,
          'number in this app': String(here.ann.number),
          "Sunshine's id in this app": ids.hex('user', here.ann.number),
        },
      ];
    case 'file':
    case 'upload':
      return [
        {
          'exists nowhere': '12345',
          'of the other app': there.upload,
          "somebody else's": here.upload,
          'a message': String(there.group.message.number),
          'no number': 'nothing',
        },
      ];
  }
}
