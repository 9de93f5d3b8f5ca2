// Rows of exports and imports: users and rooms in the schema of this API's imports (contracts/qiscus.md 5). Comments are
// backup-comments.ts, the calls backups.ts.
import { invalid, Refused } from '../../domain/errors.ts';
import { type ConversationNumber, conversationNumber } from '../../domain/ids.ts';
import type { Json, JsonObject } from '../../domain/model.ts';
import type { Hub } from '../../hub/context.ts';
import type { ExportedPerson, ExportedRoom } from '../../hub/exporting.ts';
import type { PersonRow } from '../../hub/file-imports/people.ts';
import type { RoomRow } from '../../hub/file-imports/rooms.ts';
import type { RowFormat } from '../../hub/file-imports/rows.ts';
import { isWebAddress } from './fields.ts';

/** Characters of names, ids and addresses, as in calls. */
const NAME_LENGTH = 255;
const ADDRESS_LENGTH = 2_048;
const OPTIONS_LENGTH = 4_000;
/** A token is as good as a password: shorter ones could be guessed. */
const LEAST_TOKEN = 8;
const TOKEN_LENGTH = 1_024;
/** Voices are every app's own: nobody brings them along. */
const RESERVED = 'parlance:';
export const SYSTEM_EMAIL = `${RESERVED}system`;

/** `2017-05-11T19:14:24Z`, of ms since 1970. */
export const second = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** One row as it is read. Every refusal names its key. */
export class Row {
  private readonly value: JsonObject;

  constructor(value: JsonObject) {
    this.value = value;
  }

  refuse(key: string, message: string): never {
    throw new Refused(invalid('A row is wrong.', [{ path: key, message }]));
  }

  /** Null where there is none; else whatever stands there. */
  at(key: string): Json {
    return Object.hasOwn(this.value, key) ? (this.value[key] ?? null) : null;
  }

  /** Text, empty where there is none. */
  text(key: string, most = NAME_LENGTH): string {
    const value = this.at(key);
    if (value === null) return '';
    if (typeof value !== 'string') return this.refuse(key, 'must be text');
    if (!value.isWellFormed()) return this.refuse(key, 'has half of a character');
    if (value.length > most) return this.refuse(key, `is longer than ${most} characters`);
    return value;
  }

  required(key: string, most = NAME_LENGTH): string {
    return this.text(key, most) || this.refuse(key, 'is required');
  }

  /** An id that people and other rows go by. */
  id(key: string): string {
    const value = this.required(key);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
    if (/[\u0000-\u001f\u007f]|^\s|\s$/.test(value)) this.refuse(key, 'has signs that no id may have');
    return value;
  }

  flag(key: string): boolean {
    const value = this.at(key);
    if (value === null || value === false) return false;
    return value === true || this.refuse(key, 'must be true or false');
  }

  /** Null: none. */
  address(key: string): string | null {
    const value = this.text(key, ADDRESS_LENGTH);
    if (value === '') return null;
    return isWebAddress(value) ? value : this.refuse(key, 'must be an address of the web');
  }

  /** ms since 1970; null: none, or the year 1 by which some programs say so. */
  moment(key: string): number | null {
    const value = this.text(key, 40);
    if (value === '' || value.startsWith('0001-01-01T')) return null;
    const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(value)
      ? Date.parse(value)
      : NaN;
    if (!(ms >= 0)) return this.refuse(key, 'must be a moment since 1970, like 2017-05-11T19:14:24Z');
    return ms <= Date.now() ? ms : this.refuse(key, 'is in the future');
  }
}

/** People, without what is secret. */
export const personRow = ({
  externalId,
  name,
  avatar,
  createdAt,
  role,
}: ExportedPerson): JsonObject | null =>
  role === 'system' || role === 'business'
    ? null
    : {
        Email: externalId,
        Name: name,
        AvatarUrl: avatar ?? '',
        AuthenticationToken: '',
        Password: '',
        CreateAt: second(createdAt),
      };

export const USERS: RowFormat<PersonRow> = {
  read: (_, value) => {
    const row = new Row(value);
    const externalId = row.id('Email');
    if (externalId.startsWith(RESERVED)) row.refuse('Email', `begins with ${RESERVED}, which is reserved`);
    const token = row.text('AuthenticationToken', TOKEN_LENGTH);
    if (token !== '' && token.length < LEAST_TOKEN)
      row.refuse('AuthenticationToken', `is shorter than ${LEAST_TOKEN} characters`);
    return {
      externalId,
      name: row.text('Name') || externalId,
      avatar: row.address('AvatarUrl'),
      token: token || null,
      password: row.text('Password') || null,
      createdAt: row.moment('CreateAt'),
    };
  },
  shown: ({ AuthenticationToken: token, Password: password, ...rest }) => ({
    ...rest,
    ...(token !== undefined && { AuthenticationToken: '' }),
    ...(password !== undefined && { Password: '' }),
  }),
};

/** A room that nobody gave a unique id goes by one of the hub's making, which no other hub makes. */
const OWN_ROOM = 'room-';

export const roomIdOf = (hub: Hub, { number, uniqueId }: ExportedRoom['facts']): string =>
  uniqueId ?? OWN_ROOM + hub.ids.hex('conversation', number);

export function conversationOf(hub: Hub, uniqueId: string): ConversationNumber | null {
  if (!uniqueId.startsWith(OWN_ROOM)) return null;
  const number = hub.ids.parseHex('conversation', uniqueId.slice(OWN_ROOM.length));
  return number === null ? null : conversationNumber(number);
}

/** A room of two is called by their ids; one of which somebody was erased is a room of many. */
export function roomRow(hub: Hub, { facts, creator, members }: ExportedRoom): JsonObject {
  // In one order, whoever came first.
  const emails = members.map(({ externalId }) => externalId).sort();
  const single = facts.kind === 'direct' && emails.length === 2;
  const named =
    facts.title ||
    members
      .slice(0, 3)
      .map(({ name }) => name)
      .join(', ');
  return {
    Name: single ? emails.join(' ') : named,
    Type: single ? 'single' : 'group',
    Options: facts.options ?? '',
    CreatorEmail: ((!single || emails.includes(creator ?? '')) && creator) || (emails[0] ?? SYSTEM_EMAIL),
    CreatedAt: second(facts.createdAt),
    AvatarUrl: facts.icon ?? '',
    UniqueId: roomIdOf(hub, facts),
    ParticipantEmails: emails,
    // Of this hub's own: a room that everybody may enter stays one.
    ...(facts.public && { IsPublicChannel: true }),
  };
}

export const ROOMS: RowFormat<RoomRow> = {
  read: (_, value) => {
    const row = new Row(value);
    const type = row.required('Type');
    if (type !== 'single' && type !== 'group') row.refuse('Type', 'must be single or group');
    const given = row.at('ParticipantEmails');
    const isText = (email: Json): email is string => typeof email === 'string' && email !== '';
    if (!Array.isArray(given) || !given.every(isText))
      return row.refuse('ParticipantEmails', 'must be a list of emails');
    const members = [...new Set(given as string[])];
    const creator = row.id('CreatorEmail');
    if (type === 'single' && members.length !== 2)
      row.refuse('ParticipantEmails', 'must be exactly two different ones in a single room');
    if (type === 'single' && !members.includes(creator))
      row.refuse('CreatorEmail', 'must be one of the two participants of a single room');
    const options = row.at('Options');
    return {
      uniqueId: row.id('UniqueId'),
      kind: type === 'single' ? 'direct' : 'group',
      title: type === 'single' ? null : row.text('Name') || null,
      icon: row.address('AvatarUrl'),
      options:
        (typeof options === 'object' && options !== null
          ? JSON.stringify(options)
          : row.text('Options', OPTIONS_LENGTH)) || null,
      public: row.flag('IsPublicChannel'),
      creator,
      members,
      createdAt: row.moment('CreatedAt'),
    };
  },
  shown: (value) => value,
};
