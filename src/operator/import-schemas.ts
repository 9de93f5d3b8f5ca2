// What a line of an import holds (docs/import.md). Unknown keys are refused: a typo must not lose a column in silence.
import * as v from 'valibot';
import { isTooDeep, MOST_DEPTH } from '../domain/depth.ts';
import type { JsonObject } from '../domain/model.ts';
import { refuseHash } from '../hub/imported-passwords.ts';
import { email, role, text, url, username } from './schemas.ts';

/** Bytes of a line that is one person. */
export const PERSON_BYTES = 100 * 1024;

/** A moment with its zone: a forum's own clock may have been anywhere. Becomes ms since 1970. */
const moment = v.pipe(
  v.string(),
  v.isoTimestamp('must be a date and time like 2009-01-31T12:00:00Z'),
  v.transform((value) => Date.parse(value)),
  v.safeInteger('must be a date and time like 2009-01-31T12:00:00Z'),
  v.minValue(0, 'is before 1970'),
  v.check((ms) => ms <= Date.now(), 'is in the future'),
);

const passwordHash = v.pipe(
  v.string(),
  v.maxLength(200),
  v.rawCheck(({ dataset, addIssue }) => {
    const problem = dataset.typed ? refuseHash(dataset.value) : null;
    if (problem !== null) addIssue({ message: problem });
  }),
);

/** Out of JSON: what is an object there holds nothing else. (valibot's record takes a list for one.) */
const jsonObject = v.pipe(
  v.custom<JsonObject>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'must be an object',
  ),
  v.check((value) => !isTooDeep(value), `has more than ${MOST_DEPTH} levels`),
);

export const externalId = v.pipe(
  text(1024),
  v.check((id) => !id.startsWith('parlance:'), 'begins with parlance:, which is reserved'),
);

const LOCALE = /^[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*$/;

export const ImportedPerson = v.pipe(
  v.strictObject({
    externalId,
    username: v.optional(username),
    email: v.optional(v.nullable(email)),
    displayName: v.optional(text(128)),
    avatarUrl: v.optional(v.nullable(url)),
    locale: v.optional(v.nullable(v.pipe(v.string(), v.regex(LOCALE, 'must be a locale like en or pt-BR')))),
    role: v.optional(role),
    metadata: v.optional(jsonObject),
    passwordHash: v.optional(v.nullable(passwordHash)),
    createdAt: v.optional(moment),
  }),
  v.transform(({ displayName: name, avatarUrl: avatar, ...rest }) => ({ ...rest, name, avatar })),
);

/** Bytes of a line that is one conversation: ten thousand messages of the usual length. */
export const CONVERSATION_BYTES = 8 * 1024 * 1024;
const MESSAGES = 10_000;
const MEMBERS = 1_000;
const TEXT_CHARS = 100_000;

const names = { externalId: v.optional(text(1024)), username: v.optional(text(100)) };
const given = (...fields: unknown[]): number => fields.filter((field) => field !== undefined).length;

const reference = v.pipe(
  v.strictObject(names),
  v.check((r) => given(r.externalId, r.username) === 1, 'needs an externalId or a username, one of both'),
);

const author = v.pipe(
  v.strictObject({ ...names, name: v.optional(text(128)) }),
  v.check(
    (r) => given(r.externalId, r.username, r.name) === 1,
    'needs an externalId, a username or (for somebody without an account) a name, one of them',
  ),
);

const place = v.pipe(
  v.strictObject({
    ...names,
    readUpTo: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0))),
    left: v.optional(v.union([v.literal(true), moment], 'must be true, or a date and time')),
    barred: v.optional(v.boolean()),
  }),
  v.check((r) => given(r.externalId, r.username) === 1, 'needs an externalId or a username, one of both'),
);

export const ImportedConversation = v.strictObject({
  key: text(200),
  title: v.optional(v.nullable(text(255))),
  creator: v.optional(reference),
  createdAt: v.optional(moment),
  locked: v.optional(v.boolean()),
  members: v.pipe(v.array(place), v.minLength(1), v.maxLength(MEMBERS)),
  messages: v.pipe(
    v.array(
      v.strictObject({
        author,
        date: moment,
        text: v.pipe(v.string(), v.maxLength(TEXT_CHARS)),
        markup: v.optional(v.picklist(['plain', 'bbcode', 'markdown', 'html'])),
        title: v.optional(v.nullable(text(255))),
      }),
    ),
    v.minLength(1),
    v.maxLength(MESSAGES),
  ),
});
