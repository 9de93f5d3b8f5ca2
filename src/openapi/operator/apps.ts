// Apps in the operator API: making them with every door's credentials, settings, changing and ending them. Keys that reach
// every app: account-keys.ts.
import type { Operation } from '../operation.ts';
import {
  boolean,
  closed,
  type Fields,
  integer,
  list,
  oneOf,
  orNull,
  ref,
  type Schema,
  says,
  string,
} from '../schema.ts';

const YEAR_SECONDS = 31_536_000;
const SLUG = '^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$';
const slug = { type: 'string', pattern: SLUG, description: 'The name of the app in addresses.' } as const;
const printable = { type: 'string', pattern: '^[\\x21-\\x7e]{1,256}$' } as const;

const spans = list(
  { type: 'string', pattern: '^([01]\\d|2[0-3]):[0-5]\\d-(([01]\\d|2[0-3]):[0-5]\\d|24:00)$' },
  0,
  10,
);
const WEEK = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const hours: Fields = {
  zone: says(string(1, 64), 'The time zone of the spans, like `Europe/Berlin`.'),
  week: says(
    closed({}, Object.fromEntries(WEEK.map((day) => [day, spans]))),
    'By day of the week, from–to; `22:00-02:00` goes over midnight. A day that is not named is off.',
  ),
  dates: {
    type: 'object',
    propertyNames: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$' },
    additionalProperties: spans,
    maxProperties: 366,
    description: 'Days that are not like others, by date; an empty list is a day off.',
  },
};

const settings: Fields = {
  inboxShards: says(integer(1, 1024), 'Objects that the sockets of its people are spread over.'),
  archive: says(boolean, 'Whether message bodies are kept in the directory too.'),
  search: says(boolean, 'Whether messages can be searched for; needs the archive.'),
  multiConvo: says(boolean, 'Sunshine: whether a user may have several personal conversations.'),
  retentionSeconds: says(
    integer(0, 10 * YEAR_SECONDS),
    'A conversation goes so long after its last message; 0: never.',
  ),
  maskCards: says(boolean, 'Whether numbers of payment cards are masked.'),
  legacyStrings: says(boolean, 'Forum apps of 2014: counts as strings.'),
  guestOkay: says(boolean, 'Forum: whether guests are told that they may look.'),
  signUp: says(boolean, 'Qiscus: whether client SDKs may make accounts.'),
  authUrl: orNull(says(string(1, 2048), 'Who checks passwords; null: the hub.')),
  postsPerMinute: says(
    integer(0, 100_000),
    'Messages of one person at once and in each minute after; 0: no limit.',
  ),
  fileBytes: says(integer(1, 99_614_720), 'Bytes of one uploaded file.'),
  filesPerMessage: says(integer(0, 20), 'Files of one message; 0: nobody uploads.'),
  fileTypes: says(list(string(1, 10), 1, 100), 'Kinds of files that are taken, by their endings.'),
  routePolicy: says(
    oneOf('ALL', 'SMART', 'GROUP'),
    'Who gets a new visitor: the whole team, somebody online, or somebody ready of a group.',
  ),
  welcomeMessage: says(string(0, 2_000), 'What visitors are greeted with; empty: nothing.'),
  offlineMessage: says(string(0, 2_000), 'What visitors are told while nobody of the team is there.'),
  returnOfflineMessage: says(boolean, 'Whether they are told so.'),
  hours: orNull(ref('OperatorHours')),
};

const widget: Fields = {
  colour: orNull(
    says({ type: 'string', pattern: '^#[0-9a-fA-F]{6}$' }, 'Of the launcher; null: the hub’s own.'),
  ),
  launcher: orNull(says(oneOf('DEFAULT', 'FLAT', 'MATERIAL', 'ANIMATE'), 'How the launcher looks.')),
  greeting: orNull(says(oneOf('ALWAYS', 'ONCE', 'NEVER'), 'Whether the welcome stands beside the launcher.')),
};

const keyed = { apiKey: string(1), apiSecret: string(1) };
const doors: Fields = {
  sunshine: closed({ basePath: ref('Address'), appId: ref('Id'), keyId: string(1), secret: string(1) }),
  qiscus: closed({ baseUrl: ref('Address'), appId: slug, secret: string(1) }),
};

export const OPERATOR_APP_SCHEMAS: Fields = {
  OperatorAppName: closed({ slug, name: string(1), number: integer(1) }),
  OperatorApp: closed({
    slug,
    name: string(1),
    number: integer(1),
    settings: ref('OperatorSettings'),
    hosts: list(string(1)),
    origins: list(string(1)),
    widget: ref('OperatorWidget'),
    createdAt: ref('Moment'),
  }),
  OperatorWidget: closed(widget),
  OperatorSettings: closed(settings),
  OperatorSettingsPost: closed({}, { ...settings, hours: orNull(ref('OperatorHoursPost')) }),
  OperatorHours: says(closed(hours), 'When the team is there, for the chat to say.'),
  OperatorHoursPost: closed({ zone: hours.zone as Schema }, hours),
  OperatorCredentials: says(
    closed({
      app: ref('OperatorAppName'),
      ...doors,
      ppmessage: closed({
        baseUrl: ref('Address'),
        appUuid: string(36, 36),
        ppcom: closed(keyed),
        ppkefu: closed(keyed),
      }),
      tapatalk: closed({ url: ref('Address') }),
      realtime: closed({ url: ref('Address') }),
    }),
    'What a client of each door needs. Secrets are shown now, and never again.',
  ),
  OperatorAppPost: closed({ slug }, { name: string(1) }),
  OperatorAppPatch: closed(
    {},
    {
      name: string(1),
      hosts: says(list(string(1), 0, 50), 'Host names whose bare addresses belong to the app.'),
      origins: says(list(string(1), 0, 50), 'Whose pages may call with a person’s own credentials.'),
      settings: ref('OperatorSettingsPost'),
      widget: says(closed({}, widget), 'How the app’s chat looks.'),
      apple: orNull(
        says(
          closed(
            { mspId: printable, businessId: printable, secret: string(4) },
            { gateway: string(1, 2048) },
          ),
          'The app’s account at Apple’s gateway; null: none.',
        ),
      ),
      rotate: says(
        list(oneOf('sunshine', 'qiscus', 'ppcom', 'ppkefu', 'auth')),
        'Doors that get a new key, and `auth`, a new secret for `authUrl`.',
      ),
    },
  ),
  OperatorRotated: closed(
    {},
    { ...doors, ppcom: closed(keyed), ppkefu: closed(keyed), auth: closed({ secret: string(1) }) },
  ),
};

const name = { slug: 'acme', name: 'Acme', number: 2 };
const shown = {
  inboxShards: 1,
  archive: true,
  search: true,
  multiConvo: true,
  retentionSeconds: 0,
  maskCards: false,
  legacyStrings: false,
  guestOkay: false,
  signUp: true,
  authUrl: null,
  postsPerMinute: 2400,
  fileBytes: 52_428_800,
  filesPerMessage: 10,
  fileTypes: ['png', 'pdf'],
  routePolicy: 'ALL',
  welcomeMessage: 'Hello! How can we help you?',
  offlineMessage: 'We will answer as soon as we are back.',
  returnOfflineMessage: false,
  hours: {
    zone: 'Europe/Berlin',
    week: { mon: ['09:00-12:30', '13:30-18:00'], sat: ['10:00-14:00'] },
    dates: { '2026-12-24': [] },
  },
};
const app = {
  ...name,
  settings: shown,
  hosts: [],
  origins: [],
  widget: { colour: '#2f5bea', launcher: null, greeting: 'ONCE' },
  createdAt: '2026-11-01T09:00:00.000Z',
};
const secret = 'an-example-that-opens-nothing';
const appId = '1f0e9d8c7b6a594837261504';
const uuid = '1f0e9d8c-7b6a-8594-8837-261504000000';
const base = 'https://hub.example.org';

const APPS = '/admin/apps';
const APP = `${APPS}/{slug}`;
const TAG = 'Operator: apps';
const scopes = 'admin';
const done = { status: 200, says: 'Done.', schema: ref('Empty'), example: {} } as const;

export const OPERATOR_APP_OPERATIONS: readonly Operation[] = [
  {
    id: 'makeApp',
    method: 'post',
    path: APPS,
    tag: TAG,
    summary: 'Make an app with credentials for every door',
    scopes,
    body: { schema: ref('OperatorAppPost'), example: { slug: 'acme', name: 'Acme' } },
    answer: {
      status: 201,
      says: 'What clients of the app need.',
      schema: ref('OperatorCredentials'),
      example: {
        app: name,
        sunshine: { basePath: base, appId, keyId: 'app_29f1c83b5e7d04a6918c2f3b', secret },
        qiscus: { baseUrl: base, appId: 'acme', secret },
        ppmessage: {
          baseUrl: base,
          appUuid: uuid,
          ppcom: { apiKey: uuid, apiSecret: secret },
          ppkefu: { apiKey: uuid, apiSecret: secret },
        },
        tapatalk: { url: `${base}/forum/acme/mobiquo/mobiquo.php` },
        realtime: { url: 'wss://hub.example.org/realtime' },
      },
    },
    errors: ['conflict'],
  },
  {
    id: 'showApps',
    method: 'get',
    path: APPS,
    tag: TAG,
    summary: 'List the apps of the hub',
    scopes,
    answer: {
      status: 200,
      says: 'Every app.',
      schema: closed({ apps: list(ref('OperatorAppName')) }),
      example: { apps: [name] },
    },
    errors: [],
  },
  {
    id: 'showApp',
    method: 'get',
    path: APP,
    tag: TAG,
    summary: 'Get an app with its settings and its keys',
    scopes,
    answer: {
      status: 200,
      says: 'The app; keys without secrets.',
      schema: closed({
        app: ref('OperatorApp'),
        keys: list(closed({ door: string(1), scope: string(1), id: string(1) })),
      }),
      example: { app, keys: [{ door: 'sunshine', scope: 'app', id: 'app_29f1c83b5e7d04a6918c2f3b' }] },
    },
    errors: [],
  },
  {
    id: 'changeApp',
    method: 'patch',
    path: APP,
    tag: TAG,
    summary: 'Change an app, or make its secrets anew',
    description: 'What is left out stays. An old secret ends within five seconds.',
    scopes,
    body: { schema: ref('OperatorAppPatch'), example: { settings: { maskCards: true } }, optional: true },
    answer: {
      status: 200,
      says: 'The app as it is now, and new secrets, once.',
      schema: closed({ app: ref('OperatorApp') }, { rotated: ref('OperatorRotated') }),
      example: { app },
    },
    errors: ['conflict'],
  },
  {
    id: 'endApp',
    method: 'delete',
    path: APP,
    tag: TAG,
    summary: 'Delete an app',
    description: 'Its credentials and sessions end; every call answers as if it had never been.',
    scopes,
    answer: done,
    errors: [],
  },
];
