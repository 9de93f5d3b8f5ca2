// The Qiscus door's places for a name, from its route table: which there are, and what can stand there. A place that nobody
// has explained here stops the tests.
import type { Kind } from '../../../src/dialects/qiscus/fields.ts';
import { NOWHERE, type TwoApps } from '../../support/two-apps.ts';
import {
  type About,
  fieldsOf,
  isList,
  NAMING,
  NEWER,
  NO_EXPORT,
  ROUTES,
  type Route,
} from '../calls/qiscus.ts';
import type { Values } from '../qiscus-client.ts';
import { decimalVariantsOf, type Forms, GARBAGE, variantsOf } from './forms.ts';

/** One place for a name in one operation. */
export interface NamePlace {
  readonly route: Route;
  readonly at: string;
  readonly kind: Kind;
  /** The call that works, with this in its place. */
  put(values: Values, name: string): Values;
}

/** Every place for a name of every route. */
export const namePlaces = (routes: readonly Route[] = [...ROUTES, ...NEWER]): NamePlace[] =>
  routes.flatMap((route) =>
    fieldsOf(route).flatMap(([at, { kind }]) =>
      NAMING.has(kind) ? [{ route, at, kind, put: putAt(route, at, isList(kind)) }] : [],
    ),
  );

/** Calls in which a list must have so many names that one foreign one stands beside another. */
const PAIRS = new Set(['get_or_create_room_with_target']);

const putAt =
  ({ operation, by }: Route, at: string, many: boolean) =>
  (values: Values, name: string): Values => {
    const kept = PAIRS.has(operation) && by === 'secret' ? [values[at]?.[0]].filter(Boolean) : [];
    const { room_id, room_unique_id, room_channel_id, ...rest } = values;
    // Of two ways to name a room the call takes one.
    const others = /^room_(unique_|channel_)?id$/.test(at) ? rest : values;
    return { ...others, [at]: many ? [...kept, name] : name };
  };

/** The values for one place in a call about `talk` and `member`, both of the caller's own app. */
export function qiscusForms({ there }: TwoApps, kind: Kind, { talk, member }: About): Forms {
  switch (kind) {
    case 'user':
    case 'users':
      return [
        {
          'exists nowhere': 'nobody-at-all',
          'of the other app': there.ann.externalId,
          'a user name': member.username,
          'an address': member.email,
          'an id of another door': member.sunshineId,
          'its own number': String(member.number),
          'the System voice': 'parlance:system',
          ...GARBAGE,
          ...variantsOf(member.externalId),
        },
      ];
    case 'room':
    case 'rooms':
      return [
        {
          'exists nowhere': String(NOWHERE.conversation),
          'of the other app': String(there.group.number),
          "the other app's support conversation": String(there.support.number),
          'an id of another door': talk.id,
          'a unique id of nothing': 'nothing-is-called-so',
          'a number beyond all': '9'.repeat(30),
          ...GARBAGE,
          ...decimalVariantsOf(String(talk.number)),
        },
      ];
    case 'unique ids':
      return [
        {
          'exists nowhere': 'nothing-is-called-so',
          'of the other app': CHANNELS_THERE[0],
          // Rooms that no client gave one are called by their numbers.
          'a number of the other app': String(there.group.number),
          'a number of nothing': String(NOWHERE.conversation),
          ...GARBAGE,
        },
      ];
    case 'export':
      return [
        {
          'exists nowhere': NO_EXPORT,
          'of the other app': EXPORT_THERE.id,
          'a number': '1',
          'an id of another kind': member.uuid,
          ...GARBAGE,
        },
      ];
    case 'comment':
      // Ids are times: the one of nothing lies beside the one that the other app has.
      return [{ 'of nothing': String(COMMENT_THERE.id - 7), 'of the other app': String(COMMENT_THERE.id) }];
    case 'new name':
      return [{ 'had by nobody': 'somebody-new', 'had in the other app': there.cat.externalId }];
    case 'unique id':
      return [{ 'had by nothing': 'something-new', 'had in the other app': CHANNELS_THERE[1] }];
    default:
      throw new Error(`say how to make a foreign ${kind} (isolation/qiscus.ts)`);
  }
}

/** An export that the other app has. */
export const EXPORT_THERE = { id: '' };

/** Channels that the other app has: calls here name the first one, and make one of the second one's name. */
export const CHANNELS_THERE = ['a-channel-of-there', 'another-channel-of-there'] as const;

/** A comment that the other app has; the test asks for its id. */
export const COMMENT_THERE = { id: 0 };
