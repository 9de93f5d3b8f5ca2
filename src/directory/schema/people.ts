// Tables of people: who they are, what they sign in with and from, and the groups of a team.
import { sql } from 'drizzle-orm';
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { flag, number } from './columns.ts';

export const user = sqliteTable(
  'user',
  {
    number: number(),
    app: integer('app').notNull(),
    externalId: text('external_id'),
    email: text('email'),
    emailKey: text('email_key'),
    username: text('username').notNull(),
    usernameKey: text('username_key'),
    name: text('name').notNull(),
    nameKey: text('name_key').notNull(),
    avatar: text('avatar'),
    locale: text('locale'),
    role: text('role').notNull(),
    metadata: text('metadata').notNull(),
    profile: text('profile').notNull(),
    password: text('password'),
    blocked: text('blocked').notNull(),
    tokenVersion: integer('token_version').notNull(),
    createdAt: integer('created_at').notNull(),
    lastActiveAt: integer('last_active_at'),
    deletedAt: integer('deleted_at'),
    /** Since when they may not sign in; null: they may. */
    deactivatedAt: integer('deactivated_at'),
    /** Active memberships, kept by triggers on membership: a heavy user's list must not be counted row by row. */
    conversations: integer('conversations').notNull().default(0),
    /** Idempotency-Key of the create, and what was asked for under it. */
    createKey: text('create_key'),
    createPrint: text('create_print'),
    /** Conversations from this number on still show them as they looked before; null: none does. */
    recardFrom: integer('recard_from'),
    /** Whoever this person turned out to be: nobody can act as them, what was theirs is that one's. */
    mergedInto: integer('merged_into'),
    /** Conversations from this number on are still theirs; null: none is. */
    mergeFrom: integer('merge_from'),
    /** Not before (ms); also names the round that goes through them. */
    mergeAt: integer('merge_at'),
  },
  (t) => [
    uniqueIndex('user_create_key').on(t.app, t.createKey).where(sql`create_key is not null`),
    index('user_merged').on(t.mergedInto).where(sql`merged_into is not null`),
    index('user_merging').on(t.mergeAt).where(sql`merge_from is not null`),
    // The few who ignore anybody.
    index('user_blocking').on(t.app).where(sql`blocked <> '[]'`),
    index('user_recard').on(t.recardFrom).where(sql`recard_from is not null`),
    uniqueIndex('user_external').on(t.app, t.externalId).where(sql`external_id is not null`),
    uniqueIndex('user_email').on(t.app, t.emailKey).where(sql`email_key is not null`),
    uniqueIndex('user_username').on(t.app, t.usernameKey).where(sql`username_key is not null`),
    index('user_name').on(t.app, t.nameKey),
    // The address in a Sunshine profile, which several people may have.
    index('user_profile_email')
      .on(t.app, sql`lower(profile ->> '$.email')`)
      .where(sql`profile ->> '$.email' is not null`),
    // The id in Zendesk Support that a Sunshine profile names.
    uniqueIndex('user_zendesk')
      .on(t.app, sql`profile ->> '$.zendeskId'`)
      .where(sql`profile ->> '$.zendeskId' is not null`),
    // The few who answer for an app, found without its many others.
    index('user_team').on(t.app).where(sql`role in ('agent', 'admin', 'owner')`),
  ],
);

/** What people use the hub with (domain/devices.ts); all doors share them. */
export const device = sqliteTable(
  'device',
  {
    number: number(),
    app: integer('app').notNull(),
    user: integer('user').notNull(),
    platform: text('platform').notNull(),
    clientId: text('client_id').notNull(),
    name: text('name'),
    appVersion: text('app_version'),
    info: text('info').notNull(),
    pushToken: text('push_token'),
    createdAt: integer('created_at').notNull(),
    lastSeenAt: integer('last_seen_at').notNull(),
  },
  (t) => [uniqueIndex('device_client').on(t.user, t.platform, t.clientId)],
);

/** Sessions and tokens that end before their time; isolates poll for what is newer than they know. */
export const revocation = sqliteTable(
  'revocation',
  {
    number: number(),
    user: integer('user').notNull(),
    /** One session; null: every token of the user below `tokenVersion`. */
    session: text('session'),
    tokenVersion: integer('token_version'),
    at: integer('at').notNull(),
  },
  // Rooms with sockets of their own ask about the few people who are attached.
  (t) => [index('revocation_user').on(t.user)],
);

/** Tokens that people brought along from another server. Each is good until its person's tokens are reset. */
export const broughtToken = sqliteTable('brought_token', {
  /** Keyed hash of app and token: nobody reads a token out of it. WITHOUT ROWID, by hand. */
  hash: text('hash').primaryKey(),
  app: integer('app').notNull(),
  user: integer('user').notNull(),
  /** The person's token version that it came with. */
  tokenVersion: integer('token_version').notNull(),
});

/**
 * Whom the holder of a public credential's token may act for, as it was shown: whoever they made, or proved to be. Short of
 * that (`proved` 0): whom they named. WITHOUT ROWID, by hand.
 */
export const visitorGrant = sqliteTable(
  'visitor_grant',
  {
    /** Of the token. */
    session: text('session').notNull(),
    user: integer('user').notNull(),
    proved: flag('proved').notNull(),
    /** The person's token version then: a higher one ends it. */
    tokenVersion: integer('token_version').notNull(),
    /** s since 1970: the token's end. */
    expiresAt: integer('expires_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.session, t.user] }), index('visitor_grant_expires').on(t.expiresAt)],
);

/** Groups of an app's team, for which visitors can ask. */
export const serviceGroup = sqliteTable(
  'service_group',
  {
    number: number(),
    app: integer('app').notNull(),
    name: text('name').notNull(),
    description: text('description').notNull(),
    icon: text('icon'),
    /** Visitors who ask for no group are this one's. */
    distributor: flag('distributor').notNull().default(false),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    deletedAt: integer('deleted_at'),
  },
  (t) => [index('service_group_app').on(t.app).where(sql`deleted_at is null`)],
);

/** Somebody of the team is in one group at most. */
export const serviceGroupMember = sqliteTable(
  'service_group_member',
  {
    user: integer('user').primaryKey(),
    group: integer('group_number').notNull(),
  },
  (t) => [index('service_group_member_group').on(t.group)],
);
