// Tables of what takes part from outside: integrations, endpoints, bridges, incoming hooks, switchboards.
import { sql } from 'drizzle-orm';
import { index, integer, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { flag, number } from './columns.ts';

/** Systems of an app's owner that take part through the API: each has keys and endpoints of its own. */
export const integration = sqliteTable(
  'integration',
  {
    number: number(),
    app: integer('app').notNull(),
    type: text('type').notNull(),
    name: text('name'),
    status: text('status').notNull().default('active'),
    createdAt: integer('created_at').notNull(),
    deletedAt: integer('deleted_at'),
  },
  (t) => [index('integration_app').on(t.app).where(sql`deleted_at is null`)],
);

/** Addresses that are told what happens in an app, each in a format of its own. `secret` is sealed. */
export const endpoint = sqliteTable(
  'endpoint',
  {
    number: number(),
    app: integer('app').notNull(),
    /** Ends with it; null: the app's own. */
    integration: integer('integration'),
    format: text('format').notNull(),
    url: text('url').notNull(),
    /** What it is told of, in the words of its format: a JSON array. */
    events: text('events').notNull(),
    /** What the format lets its owner choose: JSON. */
    options: text('options').notNull().default('{}'),
    secret: text('secret').notNull(),
    /** Rises with each rotation. */
    secretId: integer('secret_id').notNull().default(1),
    /** Older secrets that are still valid, sealed JSON. */
    olderSecrets: text('older_secrets'),
    name: text('name'),
    /** How it is delivered, and what is left out: JSON; what is absent is the format's own. */
    delivery: text('delivery').notNull().default('{}'),
    /** Sent with every call, sealed JSON. */
    headers: text('headers'),
    /** Origin of the hub as whoever made it reached it. */
    origin: text('origin'),
    state: text('state').notNull().default('active'),
    /** Why it is disabled. */
    reason: text('reason'),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    deletedAt: integer('deleted_at'),
  },
  (t) => [index('endpoint_app').on(t.app).where(sql`deleted_at is null`)],
);

/** What became of a person, for an endpoint that asks: written with the change itself, gone once the endpoint has taken it. */
export const news = sqliteTable(
  'news',
  {
    number: number(),
    endpoint: integer('endpoint').notNull(),
    /** ms since 1970. */
    at: integer('at').notNull(),
    kind: text('kind').notNull(),
    /** The person as they were then, JSON. */
    person: text('person').notNull(),
    /** What else belongs to it: JSON. */
    more: text('more').notNull(),
  },
  (t) => [index('news_endpoint').on(t.endpoint)],
);

/** What a bridge has beside its endpoint, whose number is its own: there are its secrets (sealed), its name and its state. */
export const bridge = sqliteTable('bridge', {
  number: integer('number').primaryKey(),
  app: integer('app').notNull(),
  network: text('network').notNull(),
  conversation: integer('conversation').notNull(),
  /** Names the remote place, without a secret: a conversation has one bridge to it. */
  account: text('account').notNull(),
  /** Where in the network, in its own words: JSON. */
  place: text('place').notNull().default('{}'),
  /** Ids of authors there that are the bridge itself: a JSON array. */
  self: text('self').notNull().default('[]'),
  /** The incoming hook that what is said there comes in through. */
  incoming: integer('incoming'),
});

/** Addresses at which other networks tell what happened there. Nothing of what they told is kept here. */
export const incomingHook = sqliteTable(
  'incoming_hook',
  {
    number: number(),
    app: integer('app').notNull(),
    /** Whose calls it takes: 'slack', 'discord', 'discourse'… */
    shape: text('shape').notNull(),
    name: text('name'),
    /** Hash of the token in its address: that is shown when it is made, and never again. */
    token: text('token').notNull(),
    /** What its sender signs with or shows, sealed; null: the address is all there is to know. */
    secret: text('secret'),
    /** The conversation, or the beginning of new ones: JSON. */
    target: text('target').notNull(),
    options: text('options').notNull().default('{}'),
    state: text('state').notNull().default('active'),
    /** Calls that were taken, and those that proved nothing; the newest of them are counted late. */
    arrived: integer('arrived').notNull().default(0),
    refused: integer('refused').notNull().default(0),
    lastArrivedAt: integer('last_arrived_at'),
    lastRefusedAt: integer('last_refused_at'),
    createdAt: integer('created_at').notNull(),
    updatedAt: integer('updated_at').notNull(),
    deletedAt: integer('deleted_at'),
  },
  (t) => [index('incoming_hook_app').on(t.app).where(sql`deleted_at is null`)],
);

/** Decides which integration speaks for the business. One an app: the index decides. */
export const switchboard = sqliteTable(
  'switchboard',
  {
    number: number(),
    app: integer('app').notNull(),
    enabled: flag('enabled').notNull().default(false),
    /** The line that new conversations begin with. */
    defaultLine: integer('default_line'),
    createdAt: integer('created_at').notNull(),
    deletedAt: integer('deleted_at'),
  },
  (t) => [uniqueIndex('switchboard_app').on(t.app).where(sql`deleted_at is null`)],
);

/** An integration's place in a switchboard. */
export const line = sqliteTable(
  'line',
  {
    number: number(),
    switchboard: integer('switchboard').notNull(),
    integration: integer('integration').notNull(),
    name: text('name').notNull(),
    /** Told also of what happens while another line has control. */
    standby: flag('standby').notNull().default(true),
    /** The line that control goes to from here. */
    next: integer('next'),
    /** Earlier messages that it is shown when it is given control. */
    history: integer('history'),
    createdAt: integer('created_at').notNull(),
    deletedAt: integer('deleted_at'),
  },
  (t) => [
    uniqueIndex('line_name').on(t.switchboard, t.name).where(sql`deleted_at is null`),
    uniqueIndex('line_integration').on(t.switchboard, t.integration).where(sql`deleted_at is null`),
  ],
);
