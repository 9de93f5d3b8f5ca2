// What the operator API takes. Unknown keys are refused here: an operator's typo must not pass in silence.
import * as v from 'valibot';
import type { FieldProblem } from '../domain/errors.ts';
import { parseHost } from '../domain/hosts.ts';
import { isZone } from '../domain/hours.ts';

/** What valibot found wrong, by the path of each field. */
export const problemsOf = (issues: readonly v.BaseIssue<unknown>[]): FieldProblem[] =>
  issues.map((issue) => ({ path: v.getDotPath(issue) ?? '', message: issue.message }));

/** Half a character, which no UTF-8 can carry, becomes a sign that stands for it. */
export const text = (max: number) =>
  v.pipe(
    v.string(),
    v.trim(),
    v.minLength(1),
    v.maxLength(max),
    v.transform((value) => value.toWellFormed()),
  );
const slug = v.pipe(
  v.string(),
  v.regex(
    /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
    'must be lower-case letters, digits and hyphens, at most 63',
  ),
);
const host = v.pipe(
  v.string(),
  v.trim(),
  v.maxLength(253),
  v.check((value) => parseHost(value) !== null, 'must be a host name, without a port or a path'),
  v.transform((value) => parseHost(value) as string),
);
const origin = v.pipe(
  v.string(),
  v.check(
    (value) => URL.canParse(value) && new URL(value).origin === value,
    'must be an origin like https://example.org',
  ),
);
/** As much as fits a request on Cloudflare's smaller plans, with its form around it. */
const FILE_BYTES = 95 * 1024 * 1024;
const ending = v.pipe(
  v.string(),
  v.toLowerCase(),
  v.regex(/^[a-z0-9]{1,10}$/, 'must be the ending of a file name without the dot, like pdf'),
);

/** As long as the longest of the known forums (vBulletin). */
export const username = text(100);
export const email = v.pipe(v.string(), v.email(), v.maxLength(254));
export const url = v.pipe(v.string(), v.url(), v.maxLength(2048));
export const role = v.picklist(['visitor', 'member', 'agent', 'admin', 'owner']);

/** What visitors are told; empty: nothing. */
const said = v.pipe(
  v.string(),
  v.trim(),
  v.maxLength(2_000),
  v.transform((value) => value.toWellFormed()),
);

const spans = v.pipe(
  v.array(
    v.pipe(
      v.string(),
      v.regex(
        /^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/,
        'must be like 09:00-17:30, or 22:00-02:00 over midnight',
      ),
      v.check(
        (span) => span.slice(0, 5) !== span.slice(6),
        'must not end when it begins; the whole day is 00:00-24:00',
      ),
    ),
  ),
  v.maxLength(10),
);
const date = v.pipe(
  v.string(),
  v.isoDate('must be a date like 2026-12-24'),
  v.check(
    (day) => !Number.isNaN(Date.parse(day)) && new Date(day).toISOString().startsWith(day),
    'must be a date that there is',
  ),
);
const day = v.optional(spans);
/** When the team is there (domain/hours.ts). */
const hours = v.strictObject({
  zone: v.pipe(v.string(), v.maxLength(64), v.check(isZone, 'must be a time zone like Europe/Berlin')),
  week: v.optional(
    v.strictObject({ mon: day, tue: day, wed: day, thu: day, fri: day, sat: day, sun: day }),
    {},
  ),
  dates: v.optional(
    v.pipe(
      v.record(date, spans),
      v.check((dates) => Object.keys(dates).length <= 366, 'must be at most 366'),
    ),
    {},
  ),
});

/** Goes into a header as it is. */
const headerText = v.pipe(
  v.string(),
  v.regex(/^[\x21-\x7e]{1,256}$/, 'must be printable ASCII without spaces'),
);

export const NewApp = v.strictObject({ slug, name: v.optional(text(100)) });

export const AppPatch = v.strictObject({
  name: v.optional(text(100)),
  hosts: v.optional(
    v.pipe(
      v.array(host),
      v.maxLength(50),
      // The same name in two forms is one.
      v.transform((hosts) => [...new Set(hosts)]),
    ),
  ),
  origins: v.optional(v.pipe(v.array(origin), v.maxLength(50))),
  settings: v.optional(
    v.strictObject({
      inboxShards: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1024))),
      archive: v.optional(v.boolean()),
      search: v.optional(v.boolean()),
      multiConvo: v.optional(v.boolean()),
      retentionSeconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(315_360_000))),
      maskCards: v.optional(v.boolean()),
      legacyStrings: v.optional(v.boolean()),
      guestOkay: v.optional(v.boolean()),
      signUp: v.optional(v.boolean()),
      authUrl: v.optional(v.nullable(url)),
      postsPerMinute: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100_000))),
      fileBytes: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(FILE_BYTES))),
      filesPerMessage: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(20))),
      fileTypes: v.optional(v.pipe(v.array(ending), v.minLength(1), v.maxLength(100))),
      routePolicy: v.optional(v.picklist(['ALL', 'SMART', 'GROUP'])),
      welcomeMessage: v.optional(said),
      offlineMessage: v.optional(said),
      returnOfflineMessage: v.optional(v.boolean()),
      hours: v.optional(v.nullable(hours)),
    }),
  ),
  /** How the app's chat looks; a null is the hub's own choice. */
  widget: v.optional(
    v.strictObject({
      colour: v.optional(
        v.nullable(v.pipe(v.string(), v.regex(/^#[0-9a-fA-F]{6}$/, 'must be like #2f5bea'), v.toLowerCase())),
      ),
      launcher: v.optional(v.nullable(v.picklist(['DEFAULT', 'FLAT', 'MATERIAL', 'ANIMATE']))),
      greeting: v.optional(v.nullable(v.picklist(['ALWAYS', 'ONCE', 'NEVER']))),
    }),
  ),
  /** The app's account at Apple's gateway for business messages; null: none. */
  apple: v.optional(
    v.nullable(
      v.strictObject({
        mspId: headerText,
        businessId: headerText,
        secret: v.pipe(v.string(), v.regex(/^[A-Za-z0-9+/]{4,1024}={0,2}$/), v.base64()),
        gateway: v.optional(
          v.pipe(
            url,
            v.transform((given) => given.replace(/\/+$/, '')),
          ),
        ),
      }),
    ),
  ),
  /** Doors whose secrets are made anew. */
  rotate: v.optional(v.array(v.picklist(['sunshine', 'qiscus', 'ppcom', 'ppkefu', 'auth']))),
});

/** A key for every app of the hub, as a vendor's account has one. */
export const NewKey = v.strictObject({ name: text(100) });

export const NewUser = v.strictObject({
  username,
  password: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(256))),
  externalId: v.optional(text(1024)),
  email: v.optional(email),
  displayName: v.optional(text(128)),
  avatarUrl: v.optional(url),
  role: v.optional(role),
});

export const NewToken = v.strictObject({
  /** Lifetime in seconds, at most 30 days. */
  seconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(30 * 86_400))),
});

export const ConversationPatch = v.strictObject({
  locked: v.optional(v.boolean()),
  state: v.optional(v.picklist(['open', 'closed'])),
  title: v.optional(v.nullable(text(255))),
  /** Somebody of the team by user name, external id or number; null: nobody. */
  assignee: v.optional(v.nullable(text(1024))),
});

/** People by user name, external id or number. */
export const NewMembers = v.strictObject({
  users: v.pipe(v.array(text(1024)), v.minLength(1), v.maxLength(100)),
});

export const Reindex = v.strictObject({
  /** The number of a conversation to begin with. */
  from: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
  /** How many numbers to look at. */
  limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000))),
});

export const Erasure = v.strictObject({
  /** What becomes of conversations of two, and of the person's own support conversations. */
  conversations: v.optional(v.picklist(['redact', 'delete'])),
  everywhere: v.optional(v.boolean()),
  /** The number of a conversation to go on with. */
  from: v.optional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
  /** How many conversations to work on. */
  limit: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(1_000))),
});
