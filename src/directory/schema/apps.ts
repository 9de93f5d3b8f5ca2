// Tables of apps: their names, hosts and credentials.
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { number } from './columns.ts';

export const app = sqliteTable(
  'app',
  {
    number: number(),
    slug: text('slug').notNull(),
    name: text('name').notNull(),
    settings: text('settings').notNull(),
    origins: text('origins').notNull(),
    /** Custom data, which its own API shows and takes. */
    metadata: text('metadata').notNull().default('{}'),
    /** What PPMessage clients are told of how their widget looks, by its columns there. */
    widget: text('widget').notNull().default('{}'),
    systemUser: integer('system_user'),
    businessUser: integer('business_user'),
    /** The one living switchboard of the app, or none. */
    switchboard: integer('switchboard'),
    /** Rises with every change of an endpoint, by triggers: what others remember of them is as old as that. */
    hooks: integer('hooks').notNull().default(0),
    /** Conversations that wait for anybody of the team (by-time.ts), by triggers: so that a list need not count them. */
    unclaimed: integer('unclaimed').notNull().default(0),
    createdAt: integer('created_at').notNull(),
    /** Null: never changed. */
    updatedAt: integer('updated_at'),
    deletedAt: integer('deleted_at'),
  },
  (t) => [uniqueIndex('app_slug').on(t.slug)],
);

export const host = sqliteTable('host', {
  name: text('name').primaryKey(),
  app: integer('app').notNull(),
});

/** Credentials of doors. `secret` is sealed with the hub's own secret. */
export const credential = sqliteTable(
  'credential',
  {
    number: number(),
    app: integer('app'),
    door: text('door').notNull(),
    scope: text('scope').notNull(),
    /** Whose key it is, of scope "integration". */
    integration: integer('integration'),
    /** What whoever made it calls it. */
    name: text('name'),
    secret: text('secret').notNull(),
    createdAt: integer('created_at').notNull(),
    revokedAt: integer('revoked_at'),
  },
  (t) => [index('credential_app').on(t.app)],
);
