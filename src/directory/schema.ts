// The directory and the archive in D1: apps, keys, people, conversations in lists, positions, archived entries.
// The search index (an FTS5 table) stands in a migration of its own: Drizzle does not know virtual tables.
import { sql } from 'drizzle-orm';
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core';
import { UNCLAIMED } from './by-time.ts';

/** Numbers are AUTOINCREMENT: hub-wide, and a deleted row's number never comes back (DESIGN.md 3). */
const number = () => integer('number').primaryKey({ autoIncrement: true });
const flag = (name: string) => integer(name, { mode: 'boolean' });

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

/** What lists show. The object decides everything else; numbers and the unique columns are decided here. */
export const conversation = sqliteTable(
  'conversation',
  {
    number: number(),
    app: integer('app').notNull(),
    nonce: text('nonce').notNull(),
    kind: text('kind').notNull(),
    /** The conversation that outgrew its block of message numbers and took this number as its next one. */
    blockOf: integer('block_of'),
    creator: integer('creator'),
    door: text('door').notNull(),
    createdAt: integer('created_at').notNull(),
    uniqueId: text('unique_id'),
    pair: text('pair'),
    defaultOf: integer('default_of'),
    createKey: text('create_key'),
    /** What was asked for under the Idempotency-Key. */
    createPrint: text('create_print'),
    public: flag('public').notNull().default(false),
    title: text('title'),
    description: text('description'),
    icon: text('icon'),
    options: text('options'),
    metadata: text('metadata'),
    assignee: integer('assignee'),
    /** Which integration speaks for the business, as JSON; null: that was never decided. */
    control: text('control'),
    group: integer('group_number'),
    state: text('state').notNull().default('open'),
    locked: flag('locked').notNull().default(false),
    epoch: text('epoch').notNull().default(''),
    blocks: text('blocks').notNull().default('[]'),
    lastSeq: integer('last_seq').notNull().default(0),
    lastMessageSeq: integer('last_message_seq').notNull().default(0),
    lastAt: integer('last_at').notNull(),
    /** Log time of the last message (µs), by which some clients know it; 0: not told yet, or none. */
    lastLogTime: integer('last_log_time').notNull().default(0),
    messageCount: integer('message_count').notNull().default(0),
    lastAuthor: integer('last_author'),
    preview: text('preview').notNull().default(''),
    recent: text('recent').notNull().default('{}'),
    people: text('people').notNull().default('[]'),
    memberCount: integer('member_count').notNull().default(0),
    gone: text('gone').notNull().default('[]'),
    /** When somebody who answers for the app last read it (ms); 0: never. */
    businessReadAt: integer('business_read_at').notNull().default(0),
    deletedAt: integer('deleted_at'),
    /** The newest retelling of everything: an older one that D1 does late does nothing. */
    resetAt: integer('reset_at').notNull().default(0),
  },
  (t) => [
    // In two halves (by-time.ts).
    index('conversation_app').on(t.app, sql.raw(UNCLAIMED), t.lastAt),
    // By number: nothing that a message changes, so it costs a row when a conversation is made and none after.
    index('conversation_living').on(t.app).where(sql`deleted_at is null`),
    index('conversation_created').on(t.app, t.createdAt).where(sql`deleted_at is null`),
    uniqueIndex('conversation_unique_id').on(t.app, t.uniqueId).where(sql`unique_id is not null`),
    uniqueIndex('conversation_pair').on(t.app, t.pair).where(sql`pair is not null`),
    uniqueIndex('conversation_default').on(t.app, t.defaultOf).where(sql`default_of is not null`),
    uniqueIndex('conversation_create_key').on(t.app, t.createKey).where(sql`create_key is not null`),
  ],
);

/**
 * Conversations by the keys and values of their metadata. Kept by triggers on conversation, which do nothing where metadata
 * stays as it is. Values are texts, cut to 200 characters. WITHOUT ROWID.
 */
export const tag = sqliteTable(
  'conversation_tag',
  {
    app: integer('app').notNull(),
    key: text('key').notNull(),
    value: text('value').notNull(),
    conversation: integer('conversation').notNull(),
  },
  (t) => [primaryKey({ columns: [t.app, t.key, t.value, t.conversation] })],
);

/** WITHOUT ROWID (written into the migration by hand: Drizzle has no word for it). */
export const membership = sqliteTable(
  'membership',
  {
    user: integer('user').notNull(),
    conversation: integer('conversation').notNull(),
    rev: integer('rev').notNull(),
    standing: text('standing').notNull(),
    joinedAt: integer('joined_at').notNull(),
    readSeq: integer('read_seq').notNull(),
    readN: integer('read_n').notNull(),
    readAt: integer('read_at').notNull(),
    ownAfter: integer('own_after').notNull(),
    deliveredSeq: integer('delivered_seq').notNull(),
    deliveredAt: integer('delivered_at').notNull(),
    hiddenSeq: integer('hidden_seq').notNull(),
    clearedSeq: integer('cleared_seq').notNull(),
    progress: text('progress').notNull(),
    muted: flag('muted').notNull(),
    invitedBy: integer('invited_by'),
    removedBy: integer('removed_by'),
    /** Messages that they wrote here, unless the conversation's `recent` says more. */
    sent: integer('sent').notNull().default(0),
    concealed: text('concealed').notNull().default(''),
  },
  (t) => [
    primaryKey({ columns: [t.user, t.conversation] }),
    index('membership_conversation').on(t.conversation),
  ],
);

/** The archive: every entry of every log, by message number. A conversation is a range of ids. */
export const entry = sqliteTable('entry', {
  id: integer('id').primaryKey(),
  author: integer('author'),
  at: integer('at').notNull(),
  kind: integer('kind').notNull(),
  markup: text('markup'),
  text: text('text'),
  extra: text('extra').notNull(),
  clientId: text('client_id'),
  print: text('print'),
});

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

/** What the archive refused, reported instead of holding up the others. */
export const parked = sqliteTable('parked', {
  number: number(),
  conversation: integer('conversation').notNull(),
  seq: integer('seq').notNull(),
  reason: text('reason').notNull(),
  at: integer('at').notNull(),
});

/** Uploaded files; what their states mean is directory/files.ts. */
export const file = sqliteTable(
  'file',
  {
    number: number(),
    app: integer('app').notNull(),
    /** Null: an app credential. */
    uploader: integer('uploader'),
    state: text('state').notNull(),
    nonce: text('nonce').notNull(),
    name: text('name').notNull(),
    mime: text('mime').notNull().default(''),
    bytes: integer('bytes').notNull().default(0),
    width: integer('width'),
    height: integer('height'),
    batch: text('batch'),
    createdAt: integer('created_at').notNull(),
    /** When the sweeper has to look at it (ms); null: it is where it stays. */
    dueAt: integer('due_at'),
    claim: text('claim'),
    attempts: integer('attempts').notNull().default(0),
    conversation: integer('conversation'),
    message: integer('message'),
    uploadId: text('upload_id'),
  },
  (t) => [
    index('file_unbound').on(t.app, t.uploader).where(sql`message is null`),
    index('file_message').on(t.message).where(sql`message is not null`),
    index('file_due').on(t.dueAt).where(sql`due_at is not null`),
  ],
);

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

/** What an operator asked for under an Idempotency-Key, so that asking again is no second time. */
export const once = sqliteTable(
  'once',
  {
    key: text('key').primaryKey(),
    /** What was asked for. */
    print: text('print').notNull(),
    /** ms since 1970: whoever asked first is at it since then. */
    startedAt: integer('started_at').notNull(),
    /** What was answered, sealed; null: nothing yet. */
    answer: text('answer'),
  },
  (t) => [index('once_started').on(t.startedAt)],
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

/** Long work of an app (an export, an import): what lists show of it. How far it is, its object knows. */
export const job = sqliteTable(
  'job',
  {
    number: number(),
    app: integer('app').notNull(),
    /** The door that it was asked for at, and what it is there: 'qiscus', 'export', 'users'. */
    door: text('door').notNull(),
    kind: text('kind').notNull(),
    subject: text('subject').notNull(),
    /** started, finished, failed; ended: nobody sees it any more, and its object has to clear up. */
    state: text('state').notNull(),
    /** What a finished one made, or a begun one was given, is called. */
    name: text('name').notNull(),
    /** Where that lies in the file store; null: nowhere. */
    file: text('file'),
    bytes: integer('bytes').notNull().default(0),
    rows: integer('rows').notNull().default(0),
    percentage: integer('percentage').notNull().default(0),
    error: text('error'),
    /** JSON: what the error is about. */
    errorData: text('error_data'),
    createdAt: integer('created_at').notNull(),
    changedAt: integer('changed_at').notNull(),
  },
  (t) => [
    index('job_app').on(t.app, t.door, t.kind).where(sql`state <> 'ended'`),
    index('job_open').on(t.app).where(sql`state in ('started', 'ended')`),
  ],
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
