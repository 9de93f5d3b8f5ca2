// What every use case works with: bindings, settings, ids, and what this isolate remembers.
import { createHmac } from 'node:crypto';
import type { App } from '../directory/apps.ts';
import { reasonOf } from '../directory/door.ts';
import type { IncomingHook } from '../directory/incoming.ts';
import type { Switchboard } from '../directory/switchboards.ts';
import { type ConversationNumber, createIds, type Ids, type IntegrationNumber } from '../domain/ids.ts';
import type { Actor, Attachment, Card, Door } from '../domain/model.ts';
import { parseSettings, type Settings } from '../domain/settings.ts';
import { cardOf, type User } from '../domain/user.ts';
import type { Env } from '../env.ts';
import { Addresses } from '../files/address.ts';
import { clientAddress } from '../http/address.ts';
import type { ReadToken } from './api-tokens.ts';
import { Attempts } from './attempts.ts';
import { Buckets } from './buckets.ts';
import type { Knocks } from './incoming-calls.ts';
import type { CheckedToken } from './key-tokens.ts';
import type { KeyRecord } from './keys.ts';
import { GivenNumbers } from './numbers.ts';
import { Remembered } from './remembered.ts';
import { RevocationList } from './revocations.ts';
import type { Claims } from './sessions.ts';

export type { App, AppSettings } from '../directory/apps.ts';
export type { User } from '../domain/user.ts';

export interface Hub {
  env: Env;
  settings: Settings;
  ids: Ids;
  isolate: Isolate;
  /** Work that goes on after the answer. */
  defer(work: Promise<unknown>): void;
  /** Origin that this hub is reached at, without a trailing slash. */
  origin: string;
  /** Where the call comes from; null where nobody can know. Asked for where it counts only. */
  clientAddress(): string | null;
  requestId: string;
  /** Where an attachment can be read, for a day at least, by whoever is told; of a file elsewhere its address there. */
  addressOf(attachment: Attachment): string;
  /** The same for so many days at least. */
  lastingAddressOf(attachment: Attachment, days: number): string;
}

/** What one isolate keeps between requests: records that may be a little old, and what derives from the settings. */
export interface Isolate {
  settings: Settings;
  ids: Ids;
  apps: Remembered<App | null>;
  keys: Remembered<KeyRecord | null>;
  users: Remembered<User | null>;
  /** Conversations by app and unique id. */
  named: Remembered<ConversationNumber>;
  switchboards: Remembered<Switchboard | null>;
  /** Incoming hooks by number, and what is known of each call at them that is not written down yet (incoming.ts). */
  incoming: Remembered<IncomingHook | null>;
  knocks: Map<IncomingHook['number'], Knocks>;
  /** Calls that hooks have taken lately, and wrong ones, by the address that they came from. */
  taken: Buckets<IncomingHook['number']>;
  wrong: Buckets<string>;
  /** What those who answer for an app are called, as a reader sees it (ghosts.ts). */
  teams: Remembered<readonly string[]>;
  revocations: RevocationList;
  given: GivenNumbers;
  attempts: Attempts;
  /** What people have sent lately (rations.ts). */
  posted: Buckets<User['number']>;
  /** What people have uploaded lately (files.ts). */
  uploaded: Buckets<User['number']>;
  /** Accounts that were made lately, by the address that they came from (registering.ts). */
  signedUp: Buckets<string>;
  /** Visitors who were made lately, by the same (visits.ts). */
  visited: Buckets<string>;
  /** Connections that were opened lately before anybody signed in on them, by address (gates.ts). */
  opened: Buckets<string>;
  addresses: Addresses;
  /** Tokens whose signature was checked before, by audience and text: the same token need not be checked again. */
  tokens: Map<string, Claims>;
  /** The same for tokens that keys signed, by door and text. */
  keyTokens: Map<string, CheckedToken>;
  /** The same for tokens that keys were exchanged for (api-tokens.ts), by their text. */
  apiTokens: Map<string, ReadToken>;
  /** Whom tokens of public credentials were proved to be (visitors.ts), by session and number. */
  grants: Map<string, Claims>;
  /** When this isolate last told that somebody is there; ms since 1970. */
  touched: Map<User['number'], number>;
  /** The same for the devices that people come in with, by person, platform and client id. */
  noted: Map<string, number>;
}

/** People whose last messages an isolate counts. */
const POSTED_KEPT = 20_000;
/** Cloudflare writes it itself, whatever the client sent. */
const CLOUDFLARE_HEADER = 'cf-connecting-ip';

let isolate: { secret: unknown; state: Isolate } | null = null;

/** A key for one purpose, from the hub's secret. */
export const derivedKey = (secret: string, purpose: string): Uint8Array =>
  new Uint8Array(createHmac('sha256', secret).update(`parlance ${purpose}`).digest());

function isolateOf(env: Env): Isolate {
  if (isolate?.secret === env.HUB_SECRET) return isolate.state;
  const settings = parseSettings(env);
  const state: Isolate = {
    settings,
    ids: createIds(derivedKey(settings.hubSecret, 'ids').slice(0, 16)),
    apps: new Remembered(1_000),
    keys: new Remembered(1_000),
    users: new Remembered(5_000),
    named: new Remembered(5_000),
    switchboards: new Remembered(1_000),
    incoming: new Remembered(1_000),
    knocks: new Map(),
    taken: new Buckets(POSTED_KEPT),
    wrong: new Buckets(POSTED_KEPT),
    teams: new Remembered(1_000),
    revocations: new RevocationList(),
    given: new GivenNumbers(),
    attempts: new Attempts(),
    posted: new Buckets(POSTED_KEPT),
    uploaded: new Buckets(POSTED_KEPT),
    signedUp: new Buckets(POSTED_KEPT),
    visited: new Buckets(POSTED_KEPT),
    opened: new Buckets(POSTED_KEPT),
    addresses: new Addresses(settings.hubSecret),
    tokens: new Map(),
    keyTokens: new Map(),
    apiTokens: new Map(),
    grants: new Map(),
    touched: new Map(),
    noted: new Map(),
  };
  isolate = { secret: env.HUB_SECRET, state };
  return state;
}

/** The hub for one request, or for work that no request began (`origin` as far as it is known then, and no headers). */
export function hubOf(
  env: Env,
  origin: string,
  defer: (work: Promise<unknown>) => void,
  headers?: Headers,
): Hub {
  const state = isolateOf(env);
  const base = state.settings.publicUrl ?? origin;
  const addressFor = (attachment: Attachment, days: number): string => {
    const address = state.addresses.of(attachment, Date.now(), days);
    return attachment.file === null ? address : base + address;
  };
  return {
    env,
    settings: state.settings,
    ids: state.ids,
    isolate: state,
    defer: (work) =>
      defer(work.catch((error) => console.error(JSON.stringify({ at: 'deferred', error: reasonOf(error) })))),
    clientAddress: () => (headers ? clientAddress(headers, addressHeader(env, state.settings)) : null),
    origin: base,
    requestId: crypto.randomUUID(),
    addressOf: (attachment) => addressFor(attachment, 1),
    lastingAddressOf: addressFor,
  };
}

/** The header to believe. Where HOST is given there is no Cloudflare in front: anybody could have written its header. */
const addressHeader = (env: Env, { clientAddressHeader }: Settings): string | null =>
  clientAddressHeader ?? (env.HOST ? null : CLOUDFLARE_HEADER);

/** Who calls, as a door established it. `user` null: an app credential. */
export interface Caller {
  app: App;
  user: User | null;
  powers: Actor['powers'];
  door: Door;
  /** Whose credential it is: an integration's; null: one of an integration that nobody knows. Absent: any other credential. */
  integration?: IntegrationNumber | null;
}

/** The caller as a conversation object knows them. */
export function actorOf(caller: Caller): Actor {
  const { app, user } = caller;
  return {
    app: app.number,
    user: user?.number ?? null,
    card: user ? (cardOf(user) satisfies Card) : null,
    powers: caller.powers,
    shelves: app.settings.inboxShards,
    hooks: app.hooks,
  };
}
