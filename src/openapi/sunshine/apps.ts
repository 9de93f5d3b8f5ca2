// Apps of the Sunshine door, their keys, and what credentials are of.
import type { Operation } from '../operation.ts';
import {
  boolean,
  closed,
  type Fields,
  integer,
  list,
  literal,
  nullable,
  open,
  orNull,
  ref,
  says,
  string,
} from '../schema.ts';
import { idempotencyKey, metadataIn, ONE_PAGE, page, paged } from './shared.ts';

const off = says(literal(false), 'Nothing in this hub would act on it.');
const mayBeOff = {
  enum: [false, null],
  description: 'Taken as false; true is refused: nothing in this hub would act on it.',
};

const shown: Fields = {
  id: ref('Id'),
  displayName: string(1, 100),
  settings: ref('AppSettings'),
  metadata: ref('Metadata'),
};
const fields = nullable({ settings: ref('AppSettingsPost'), metadata: metadataIn });

export const APP_SCHEMAS: Fields = {
  App: closed(shown),
  TokenApp: closed({
    ...shown,
    subdomain: says(string(1), 'The name that the app has in addresses of other doors.'),
  }),
  AppSettings: closed({
    conversationRetentionSeconds: says(
      integer(0),
      'A conversation goes so long after its last message; 0: never.',
    ),
    maskCreditCardNumbers: says(
      boolean,
      'Digits of card numbers but the last four become * before they are stored.',
    ),
    multiConvoEnabled: says(boolean, 'Whether a user may have several personal conversations.'),
    useAnimalNames: off,
    echoPostback: off,
    ignoreAutoConversationStart: off,
    appLocalizationEnabled: off,
    endSessionEnabled: off,
    disableConversationReopen: off,
  }),
  AppSettingsPost: open(
    {},
    {
      conversationRetentionSeconds: orNull(integer(0, 315_360_000)),
      maskCreditCardNumbers: orNull(boolean),
      multiConvoEnabled: orNull(says(boolean, 'Cannot be taken back.')),
      useAnimalNames: mayBeOff,
      echoPostback: mayBeOff,
      ignoreAutoConversationStart: mayBeOff,
      appLocalizationEnabled: mayBeOff,
      endSessionEnabled: mayBeOff,
      disableConversationReopen: mayBeOff,
    },
  ),
  AppPost: open({ displayName: string(1, 100) }, fields),
  AppPatch: says(open({}, { displayName: orNull(string(1, 100)), ...fields }), 'What is left out stays.'),
  AppKey: closed({ id: ref('AppKeyId'), displayName: string() }),
  NewAppKey: closed({
    id: ref('AppKeyId'),
    displayName: string(),
    secret: says(string(16), 'Shown now, and never again.'),
  }),
  KeyPost: open({ displayName: string(1, 100) }),
};

const settings = {
  conversationRetentionSeconds: 0,
  maskCreditCardNumbers: false,
  useAnimalNames: false,
  echoPostback: false,
  ignoreAutoConversationStart: false,
  multiConvoEnabled: true,
  appLocalizationEnabled: false,
  endSessionEnabled: false,
  disableConversationReopen: false,
};
const app = { id: '1f0e9d8c7b6a594837261504', displayName: 'Acme', settings, metadata: {} };
const key = { id: 'app_29f1c83b5e7d04a6918c2f3b', displayName: 'Back end' };

const one = closed({ app: ref('App') });
const APPS = '/v2/apps';
const APP = `${APPS}/{appId}`;
const KEYS = `${APP}/keys`;
const ACCOUNT = ['account'] as const;

export const APP_OPERATIONS: readonly Operation[] = [
  {
    id: 'listApps',
    method: 'get',
    path: APPS,
    tag: 'Apps',
    summary: 'List the apps of the hub',
    description: 'The newest first.',
    scopes: ACCOUNT,
    parameters: [page],
    answer: {
      status: 200,
      says: 'A page of apps.',
      schema: paged('apps', ref('App')),
      example: { apps: [app], ...ONE_PAGE },
    },
    errors: ['bad_request'],
  },
  {
    id: 'createApp',
    method: 'post',
    path: APPS,
    tag: 'Apps',
    summary: 'Make an app',
    description: 'Its keys are made with createAppKey.',
    scopes: ACCOUNT,
    parameters: [idempotencyKey],
    body: {
      schema: ref('AppPost'),
      example: { displayName: 'Acme', settings: { maskCreditCardNumbers: true } },
    },
    answer: { status: 201, says: 'The app.', schema: one, example: { app } },
    errors: ['conflict'],
  },
  {
    id: 'getApp',
    method: 'get',
    path: APP,
    tag: 'Apps',
    summary: 'Get an app',
    scopes: ['account', 'app'],
    answer: { status: 200, says: 'The app.', schema: one, example: { app } },
    errors: [],
  },
  {
    id: 'updateApp',
    method: 'patch',
    path: APP,
    tag: 'Apps',
    summary: 'Change an app',
    scopes: ['account', 'app'],
    body: {
      schema: ref('AppPatch'),
      example: { settings: { conversationRetentionSeconds: 7_776_000 } },
      optional: true,
    },
    answer: { status: 200, says: 'The app as it is now.', schema: one, example: { app } },
    errors: [],
  },
  {
    id: 'deleteApp',
    method: 'delete',
    path: APP,
    tag: 'Apps',
    summary: 'Delete an app with everything in it',
    scopes: ACCOUNT,
    answer: { status: 200, says: 'The app is gone.', schema: ref('Empty'), example: {} },
    errors: [],
  },
  {
    id: 'listAppKeys',
    method: 'get',
    path: KEYS,
    tag: 'App keys',
    summary: 'List the keys of an app',
    scopes: ACCOUNT,
    answer: {
      status: 200,
      says: 'Every key, without secrets.',
      schema: closed({ keys: list(ref('AppKey')) }),
      example: { keys: [key] },
    },
    errors: [],
  },
  {
    id: 'createAppKey',
    method: 'post',
    path: KEYS,
    tag: 'App keys',
    summary: 'Make a key of an app',
    scopes: ACCOUNT,
    parameters: [idempotencyKey],
    body: { schema: ref('KeyPost'), example: { displayName: 'Back end' } },
    answer: {
      status: 201,
      says: 'The key with its secret.',
      schema: closed({ key: ref('NewAppKey') }),
      example: { key: { ...key, secret: 'an-example-that-opens-nothing' } },
    },
    errors: ['conflict'],
  },
  {
    id: 'getAppKey',
    method: 'get',
    path: `${KEYS}/{keyId}`,
    tag: 'App keys',
    summary: 'Get a key of an app',
    scopes: ACCOUNT,
    answer: {
      status: 200,
      says: 'The key, without its secret.',
      schema: closed({ key: ref('AppKey') }),
      example: { key },
    },
    errors: ['not_found'],
  },
  {
    id: 'deleteAppKey',
    method: 'delete',
    path: `${KEYS}/{keyId}`,
    tag: 'App keys',
    summary: 'End a key of an app',
    scopes: ACCOUNT,
    answer: {
      status: 200,
      says: 'The key opens nothing any more, everywhere within seconds.',
      schema: ref('Empty'),
      example: {},
    },
    errors: ['not_found'],
  },
  {
    id: 'tokenInfo',
    method: 'get',
    path: '/v2/tokenInfo',
    tag: 'Apps',
    summary: 'Get the app that the credentials are of',
    description: 'An account’s are of none in particular (404).',
    scopes: ['account', 'app', 'integration'],
    answer: {
      status: 200,
      says: 'The app.',
      schema: closed({ app: ref('TokenApp') }),
      example: { app: { ...app, subdomain: 'acme' } },
    },
    errors: ['app_not_found'],
  },
];
