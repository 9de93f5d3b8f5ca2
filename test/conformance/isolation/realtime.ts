// The places for an id in frames of the realtime protocol, from the table that the server reads them with. A field that
// nobody has explained here stops the tests.
import { BLOCK_SIZE } from '../../../src/domain/ids.ts';
import { NOWHERE, type Talk, type TwoApps } from '../../support/two-apps.ts';
import { FRAME_KINDS } from '../calls/realtime.ts';
import { decimalVariantsOf, type Forms, variantsOf } from './forms.ts';

type Kind = 'conversation' | 'message' | 'file';

/** What fields name. `replyTo` and the like are places in the log of the frame's own conversation. */
const FIELDS: Record<string, Kind | 'no name'> = {
  c: 'conversation',
  id: 'message',
  files: 'file',
  ...Object.fromEntries(
    [
      ['ref', 'since', 'epoch', 'clientId', 'text', 'markup', 'type', 'title'],
      ['payload', 'attachments', 'replyTo', 'metadata', 'seq', 'on'],
    ].flatMap((names) => names.map((name) => [name, 'no name'] as const)),
  ),
};

export interface FramePlace {
  readonly t: string;
  readonly at: string;
  readonly kind: Kind;
}

/** Every place for an id in every kind of frame. Throws for a field that is not known here. */
export function framePlaces(kinds: typeof FRAME_KINDS = FRAME_KINDS): FramePlace[] {
  return kinds.flatMap(({ t, fields }) =>
    fields.flatMap((at) => {
      const kind = FIELDS[at];
      if (!kind)
        throw new Error(`say how to make a foreign "${at}" of a frame "${t}" (isolation/realtime.ts)`);
      return kind === 'no name' ? [] : [{ t, at, kind }];
    }),
  );
}

/** The frame with this value at that place. */
export const withValue = (frame: object, { at, kind }: Pick<FramePlace, 'at' | 'kind'>, value: string) => ({
  ...frame,
  // Another id each time: under one the first answer would be all that there is.
  ...(kind === 'file' && { clientId: `with file ${value}` }),
  [at]: kind === 'file' ? [value] : value,
});

/** What ann of `here` may not know about; then what is no id of this protocol. `talk`: one that she is in. */
export function frameForms({ here, there }: TwoApps, kind: Kind, talk: Talk): Forms {
  if (kind === 'file') {
    const unreadable = { zero: '0', negative: '-1', 'no number': 'nothing', empty: '' };
    const foreign = {
      'exists nowhere': '900000003',
      'of another person': here.upload,
      'of the other app': there.upload,
    };
    return [foreign, unreadable];
  }
  const own = String(kind === 'conversation' ? talk.number : talk.message.number);
  const unreadable: Record<string, string> = {
    zero: '0',
    negative: '-1',
    'no number': 'nothing',
    empty: '',
    'past every number': '9007199254740993',
    "Sunshine's id of it": kind === 'conversation' ? talk.id : talk.message.id,
    ...variantsOf(`${own}`),
    ...decimalVariantsOf(own),
  };
  // A number has no capitals; a shorter or a longer one is another number.
  const { 'in capitals': _, 'cut short': __, 'with more behind': ___, ...malformed } = unreadable;
  if (kind === 'conversation') {
    return [
      {
        'exists nowhere': String(NOWHERE.conversation),
        'of the other app': String(there.group.number),
        "the other app's support conversation": String(there.support.number),
        'one that she is not in': String(here.others.number),
        'a message that she can read': String(talk.message.number),
      },
      malformed,
    ];
  }
  return [
    {
      'exists nowhere': String(NOWHERE.conversation * BLOCK_SIZE + 2),
      'of the other app': String(there.group.message.number),
      'of a conversation that she is not in': String(here.others.message.number),
      'of another conversation of hers': String(here.support.message.number),
      'an entry that is no message': String(talk.number * BLOCK_SIZE + 1),
      'an entry to come': String(talk.number * BLOCK_SIZE + 1_000),
      'the conversation itself': String(talk.number),
    },
    malformed,
  ];
}
