// What can stand where a call takes an id: of nothing, of the other app, of something else; and the comparison of all
// that is answered. Which call takes which is beside this file.
import { expect } from 'vitest';
import { BLOCK_SIZE, type ConversationNumber, type UserNumber } from '../../../src/domain/ids.ts';
import { NOWHERE, type Person, type Place, type Talk, type TwoApps } from '../../support/two-apps.ts';
import { type Answer, masked } from '../calls/answer.ts';
import { type DeskKind, deskForms } from './desk.ts';

/**
 * Values by what they are. All of one group must be answered alike; the first group has what exists nowhere and what
 * is somebody else's. A position in a list, for example, is another matter when it cannot be read at all.
 */
export type Forms = Record<string, string>[];

/** Makes the call with `value` in the place under test. */
export type Ask = (value: string) => Promise<Answer>;

/** Every value of a group gets the same whole answer. */
export async function expectAlike(
  groups: Forms,
  ask: Ask,
  alsoGiven: (value: string) => readonly string[] = () => [],
): Promise<void> {
  for (const group of groups) {
    const asked = Object.entries(group).map(
      async ([what, value]) => [what, masked(await ask(value), [value, ...alsoGiven(value)])] as const,
    );
    const answers = await Promise.all(asked);
    const [first] = answers;
    expect(Object.fromEntries(answers)).toEqual(
      Object.fromEntries(answers.map(([what]) => [what, first?.[1]])),
    );
  }
}

/** An id with a letter or a space more or less is another text, and names nothing. */
export function variantsOf(id: string): Record<string, string> {
  return {
    'in capitals': id.toUpperCase() === id ? id.toLowerCase() : id.toUpperCase(),
    'a space before': ` ${id}`,
    'a space behind': `${id} `,
    'a line end behind': `${id}\n`,
    'an end of text behind': `${id}\0`,
    'cut short': id.slice(0, -1),
    'with more behind': `${id}0`,
    'in quotes': `"${id}"`,
  };
}

/** Other texts for a decimal number. */
export function decimalVariantsOf(id: string): Record<string, string> {
  return {
    'a zero before': `0${id}`,
    'a sign before': `+${id}`,
    'with a point': `${id}.0`,
    'with an exponent': `${id}e0`,
    hexadecimal: `0x${Number(id).toString(16)}`,
    'other digits': id.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
    twice: `${id} ${id}`,
    'more than one': `${id};${id}`,
  };
}

export const GARBAGE = { 'no id at all': 'nothing', '24 digits that are no id': 'f'.repeat(24), zero: '0' };

/** Sunshine's ids of this hub, of every kind but `but`, that do name something in the caller's own app. */
function otherKinds({ ids }: TwoApps, here: Place, talk: Talk, but: string): Record<string, string> {
  const kinds: Record<string, string> = {
    app: here.made.sunshine.appId,
    user: here.ann.sunshineId,
    conversation: talk.id,
    message: talk.message.id,
    membership: ids.membershipHex(talk.number as ConversationNumber, here.ann.number as UserNumber),
    key: here.made.sunshine.keyId.slice(4),
  };
  const others = Object.entries(kinds).filter(([kind]) => kind !== but);
  return Object.fromEntries(others.map(([kind, id]) => [`id of a ${kind} of the same app`, id]));
}

/** What a place in a Sunshine call names. */
export type Kind =
  | 'app'
  | 'conversation'
  | 'message'
  | 'user'
  | 'external id'
  | 'user or external id'
  | 'membership'
  | 'place among conversations'
  | 'place among messages'
  | 'place among participants'
  | 'place among people'
  | 'place among clients'
  | 'device'
  | 'e-mail address'
  | 'new external id'
  | DeskKind;

/** The values for one place in a call about `talk` and `member`, both of the caller's own app. */
export function sunshineForms(apps: TwoApps, kind: Kind, talk: Talk, member: Person): Forms {
  const { ids, here, there } = apps;
  const c = talk.number as ConversationNumber;
  const nobody = NOWHERE.user as UserNumber;
  const stranger = there.ann.number as UserNumber;
  switch (kind) {
    case 'app':
      return [
        {
          'exists nowhere': ids.hex('app', NOWHERE.app),
          'the other app': there.made.sunshine.appId,
          'the other app by slug': there.slug,
          'its own slug': here.slug,
          ...GARBAGE,
          ...otherKinds(apps, here, talk, kind),
          ...variantsOf(here.made.sunshine.appId),
        },
      ];
    case 'conversation':
      return [
        {
          'exists nowhere': ids.hex('conversation', NOWHERE.conversation),
          'of the other app': there.group.id,
          "the other app's support conversation": there.support.id,
          'its own number': String(talk.number),
          ...GARBAGE,
          ...otherKinds(apps, here, talk, kind),
          ...variantsOf(talk.id),
        },
      ];
    case 'message':
    case 'place among messages':
      return [
        {
          'exists nowhere': ids.hex('message', NOWHERE.conversation * BLOCK_SIZE + 1),
          'of the other app': there.group.message.id,
          'of another conversation': here.others.message.id,
          'its own number': String(talk.message.number),
          ...GARBAGE,
          ...otherKinds(apps, here, talk, 'message'),
          ...variantsOf(talk.message.id),
        },
      ];
    case 'user':
      return [
        {
          'exists nowhere': ids.hex('user', NOWHERE.user),
          'of the other app': there.ann.sunshineId,
          'an external id': member.externalId,
          'its own number': String(member.number),
          ...GARBAGE,
          ...otherKinds(apps, here, talk, kind),
          ...variantsOf(member.sunshineId),
        },
      ];
    case 'external id':
      return [
        {
          'exists nowhere': 'nobody-at-all',
          'of the other app': there.ann.externalId,
          'a user name': member.username,
          'an id': member.sunshineId,
          ...variantsOf(member.externalId),
        },
      ];
    case 'user or external id':
      return [
        {
          'exists nowhere': ids.hex('user', NOWHERE.user),
          'of the other app': there.ann.sunshineId,
          'external id of nobody': 'nobody-at-all',
          'external id of the other app': there.ann.externalId,
          'a user name': member.username,
          ...GARBAGE,
          ...otherKinds(apps, here, talk, 'user'),
          ...variantsOf(member.sunshineId),
          ...variantsOf(member.externalId),
        },
      ];
    case 'membership':
      return [
        {
          'of nobody': ids.membershipHex(c, nobody),
          'of somebody of the other app': ids.membershipHex(c, stranger),
          'of the other app': ids.membershipHex(there.group.number as ConversationNumber, stranger),
          'of another conversation': ids.membershipHex(
            here.others.number as ConversationNumber,
            here.ben.number as UserNumber,
          ),
          'of no member': ids.membershipHex(c, here.agent.number as UserNumber),
          ...GARBAGE,
          ...otherKinds(apps, here, talk, kind),
          ...variantsOf(ids.membershipHex(c, member.number as UserNumber)),
        },
      ];
    case 'e-mail address':
      return [
        {
          'of nobody': 'nobody@nowhere.example.org',
          'of the other app': there.ann.email,
          'a user name': member.username,
          'an external id': member.externalId,
          'an id': member.sunshineId,
          'cut short': member.email.slice(0, -1),
          'with more behind': `${member.email}x`,
          'any of them': '%',
        },
      ];
    case 'place among people':
      // People are listed by number: a number is a place, whoever has it.
      return [
        { 'after everybody': ids.hex('user', NOWHERE.user), 'of the other app': there.ann.sunshineId },
        { ...GARBAGE, ...otherKinds(apps, here, talk, 'user') },
      ];
    case 'device':
      return [
        {
          'exists nowhere': ids.hex('device', NOWHERE.user),
          ...GARBAGE,
          ...otherKinds(apps, here, talk, kind),
        },
      ];
    case 'place among clients':
      return [
        {
          'after everything': ids.hex('device', NOWHERE.user),
          'another one': ids.hex('device', NOWHERE.app),
        },
        { ...GARBAGE, ...otherKinds(apps, here, talk, 'device') },
      ];
    case 'place among conversations':
      // Conversations are listed by number: a number is a place, whoever has it.
      return [
        {
          'exists nowhere': ids.hex('conversation', NOWHERE.conversation),
          'of the other app': there.group.id,
        },
        { ...GARBAGE, ...otherKinds(apps, here, talk, 'conversation'), ...variantsOf(talk.id) },
      ];
    case 'place among participants':
      // Participants are listed by user number: likewise.
      return [
        { 'of nobody': ids.membershipHex(c, nobody), 'of the other app': ids.membershipHex(c, stranger) },
        {
          'of the other app altogether': ids.membershipHex(
            there.group.number as ConversationNumber,
            stranger,
          ),
          'of another conversation': ids.membershipHex(
            here.others.number as ConversationNumber,
            here.ben.number as UserNumber,
          ),
          ...GARBAGE,
          ...otherKinds(apps, here, talk, 'membership'),
          ...variantsOf(ids.membershipHex(c, member.number as UserNumber)),
        },
      ];
    case 'integration':
    case 'integration to link':
    case 'switchboard':
    case 'switchboard integration':
    case 'webhook':
    case 'integration key':
    case 'place among integrations':
      return deskForms(apps, kind, otherKinds(apps, here, talk, kind));
    case 'new external id':
      return [{ 'had by nobody': 'somebody-new', 'had in the other app': there.cat.externalId }];
  }
}
