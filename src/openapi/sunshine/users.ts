// Users of the Sunshine door: create, get, list by e-mail address, update, delete.
import type { Operation, Parameter } from '../operation.ts';
import {
  added,
  anyObject,
  boolean,
  closed,
  type Fields,
  list,
  literal,
  nullable,
  open,
  orNull,
  ref,
  says,
  string,
} from '../schema.ts';
import { brandId, idempotencyKey, metadataIn, ONE_PAGE, page, paged } from './shared.ts';

const email = { type: 'string', format: 'email', minLength: 1, maxLength: 128 } as const;
const moment = { type: 'string', format: 'date-time' } as const;

export const USER_SCHEMAS: Fields = {
  User: closed(
    {
      id: ref('Id'),
      authenticated: says(boolean, 'Whether the user has ever come themselves.'),
      externalId: string(1),
      signedUpAt: ref('Moment'),
      hasPaymentInfo: literal(false),
      identities: says(list(anyObject, 0, 0), 'None: this hub merges no identities.'),
      profile: ref('Profile'),
      metadata: ref('Metadata'),
    },
    { brandId: string(1, 24), zendeskId: string(1, 64), toBeRetained: boolean },
  ),
  Profile: closed(
    {},
    {
      givenName: string(1, 128),
      surname: string(1, 128),
      email: string(1, 128),
      avatarUrl: ref('Address'),
      locale: string(1, 64),
    },
  ),
  ProfilePost: open(
    {},
    nullable({
      givenName: string(1, 128),
      surname: string(1, 128),
      email,
      avatarUrl: ref('WebAddress'),
      locale: string(1, 64),
    }),
  ),
  UserPost: open(
    {
      externalId: says(
        string(1, 1024),
        'The id of the user on your side: unique in the app, and never another.',
      ),
    },
    nullable({
      zendeskId: added(string(1, 64), 'The user’s id in Zendesk Support: unique in the app.'),
      brandId: string(1, 24),
      signedUpAt: moment,
      toBeRetained: boolean,
      profile: ref('ProfilePost'),
      metadata: metadataIn,
    }),
  ),
  UserSyncPost: open({}, nullable({ survivingZendeskId: string(1, 64) })),
  UserPatch: says(
    open(
      {},
      {
        ...nullable({
          signedUpAt: moment,
          toBeRetained: boolean,
          zendeskId: added(string(1, 64), 'The user’s id in Zendesk Support: unique in the app.'),
          profile: ref('ProfilePost'),
        }),
        metadata: orNull(ref('MetadataChanges')),
      },
    ),
    'Merged into what is there, down to single fields of profile and metadata; a null takes away.',
  ),
};

const user = {
  id: '0d5a1c3e7b9f24680a1b2c3d',
  authenticated: false,
  externalId: 'ann',
  signedUpAt: '2026-11-01T09:00:00.000Z',
  hasPaymentInfo: false,
  identities: [],
  profile: { givenName: 'Ann', surname: 'Lee', email: 'ann@example.org' },
  metadata: { plan: 'free' },
};
const one = closed({ user: ref('User') });

const USERS = '/v2/apps/{appId}/users';
const USER = `${USERS}/{userIdOrExternalId}`;
const SERVICES = ['account', 'app', 'integration'] as const;

const byEmail: Parameter = {
  name: 'filter',
  in: 'query',
  deep: true,
  required: true,
  description: 'Whom: everybody with this e-mail address, in their profile or as their own, without case.',
  schema: {
    type: 'object',
    required: ['identities.email'],
    properties: { 'identities.email': string(1) },
  },
};

export const USER_OPERATIONS: readonly Operation[] = [
  {
    id: 'createUser',
    method: 'post',
    path: USERS,
    tag: 'Users',
    summary: 'Make a user',
    scopes: SERVICES,
    parameters: [idempotencyKey],
    body: {
      schema: ref('UserPost'),
      example: {
        externalId: 'ann',
        profile: { givenName: 'Ann', surname: 'Lee' },
        metadata: { plan: 'free' },
      },
    },
    answer: { status: 201, says: 'The user.', schema: one, example: { user } },
    errors: ['user_exists', 'conflict'],
  },
  {
    id: 'listUsers',
    method: 'get',
    path: USERS,
    tag: 'Users',
    summary: 'Find users by e-mail address',
    description: 'The newest first.',
    scopes: SERVICES,
    parameters: [brandId, byEmail, page],
    answer: {
      status: 200,
      says: 'A page of users.',
      schema: paged('users', ref('User')),
      example: { users: [user], ...ONE_PAGE },
    },
    errors: ['bad_request'],
  },
  {
    id: 'getUser',
    method: 'get',
    path: USER,
    tag: 'Users',
    summary: 'Get a user',
    scopes: SERVICES,
    parameters: [brandId],
    answer: { status: 200, says: 'The user.', schema: one, example: { user } },
    errors: ['user_not_found'],
  },
  {
    id: 'updateUser',
    method: 'patch',
    path: USER,
    tag: 'Users',
    summary: 'Change a user',
    scopes: SERVICES,
    parameters: [brandId],
    body: {
      schema: ref('UserPatch'),
      example: { profile: { surname: null }, metadata: { plan: 'paid' } },
      optional: true,
    },
    answer: { status: 200, says: 'The user as they are now.', schema: one, example: { user } },
    errors: ['user_not_found', 'conflict'],
  },
  {
    id: 'deleteUser',
    method: 'delete',
    path: USER,
    tag: 'Users',
    summary: 'Delete a user',
    description:
      'Conversations of their own go with them; in groups their name and their words are redacted. Long histories are gone through after the answer.',
    scopes: SERVICES,
    parameters: [brandId],
    answer: { status: 200, says: 'The user is gone.', schema: ref('Empty'), example: {} },
    errors: ['user_not_found'],
  },
  {
    id: 'deleteUserPersonalInformation',
    method: 'delete',
    path: `${USER}/personalinformation`,
    tag: 'Users',
    summary: 'Forget who a user is',
    description: 'Names, e-mail address, picture and custom data go; what was said stays.',
    scopes: SERVICES,
    parameters: [brandId],
    answer: {
      status: 200,
      says: 'The user as they are now.',
      schema: one,
      example: { user: { ...user, profile: {}, metadata: {} } },
    },
    errors: ['user_not_found'],
  },
  {
    id: 'syncUser',
    method: 'post',
    path: `${USERS}/{zendeskId}/sync`,
    tag: 'Users',
    summary: 'Follow a merge in Zendesk Support',
    description:
      'Answers the user with this zendeskId; with survivingZendeskId, that is theirs from then on. Where both are users, the first is merged into the one of survivingZendeskId, who is the answer: their conversations, messages and devices go over, and nobody can be the other any more. Only members are merged (403).',
    scopes: SERVICES,
    body: { schema: ref('UserSyncPost'), example: { survivingZendeskId: '35436' }, optional: true },
    answer: {
      status: 200,
      says: 'The user as they are now.',
      schema: one,
      example: { user: { ...user, zendeskId: '35436' } },
    },
    errors: ['forbidden', 'user_not_found', 'conflict'],
  },
];
