// Credentials of apps: made and shown once, sealed at rest, verified in constant time.
import {
  type Credential,
  credentialsOf,
  findCredential,
  insertCredential,
  revokeCredential,
} from '../directory/credentials.ts';
import { directoryFor } from '../directory/door.ts';
import { Refused } from '../domain/errors.ts';
import { type AppNumber, type IntegrationNumber, type KeyNumber, keyNumber } from '../domain/ids.ts';
import { newSecret, sameSecret } from '../http/secrets.ts';
import { appByNumber } from './apps.ts';
import type { App, Hub } from './context.ts';
import { ask } from './directory.ts';
import { seal, unseal } from './sealing.ts';

/** account: every app. app: one app. integration: users, conversations, attachments of one app. */
export type KeyScope = 'app' | 'integration' | 'account';

/** A credential in memory, its secret unsealed. */
export interface KeyRecord {
  number: KeyNumber;
  app: AppNumber | null;
  door: string;
  scope: KeyScope;
  /** Whose key it is, of scope `integration`; null for any other. */
  integration: IntegrationNumber | null;
  secret: string;
}

/** Prefixes of Sunshine key ids by scope (contracts/sunshine.md 1). */
const PREFIX: Record<KeyScope, string> = { app: 'app_', integration: 'int_', account: 'act_' };
const PREFIXED = /^(act|svc|app|int)_([0-9a-f]{24})$/;

/** As long as a real one, and nobody has it: comparing takes as long where there is no key. */
export const NOBODYS_SECRET = '-'.repeat(43);

export const NO_KEY = { code: 'unauthorized', message: 'Authorization is required' } as const;

/**
 * The key that a client shows at `door`, checked. Unauthorized for an unknown id as for a wrong secret, and for a key of
 * another door: the widget's are in every web page (DESIGN.md 4, "Public credentials").
 */
export async function verifyKey(
  hub: Hub,
  door: string,
  keyId: string,
  secret: string,
): Promise<{ app: App | null; scope: KeyScope; key: KeyNumber; integration: IntegrationNumber | null }> {
  const record = await namedKey(hub, door, keyId);
  // Compared also where there is no key, so that the time tells nothing.
  const matches = sameSecret(record?.secret ?? NOBODYS_SECRET, secret);
  if (!record || !matches) throw new Refused(NO_KEY);
  const app = record.app === null ? null : await appByNumber(hub, record.app);
  return { app, scope: record.scope, key: record.number, integration: record.integration };
}

/** Digits of a key's number in a secret that names its key. */
const NUMBER_DIGITS = 24;

/** A key's secret for doors whose clients send nothing beside it: it says itself whose it is. */
export const secretNaming = (hub: Hub, { number, secret }: { number: KeyNumber; secret: string }): string =>
  hub.ids.hex('key', number) + secret;

/** The same check of a secret that names its key. */
export function verifySecret(
  hub: Hub,
  door: string,
  given: string,
): Promise<{ app: App | null; scope: KeyScope; key: KeyNumber }> {
  return verifyKey(hub, door, PREFIX.app + given.slice(0, NUMBER_DIGITS), given.slice(NUMBER_DIGITS));
}

/** The key of this id at this door; null where there is none, or none any more. */
export async function namedKey(hub: Hub, door: string, keyId: string): Promise<KeyRecord | null> {
  const parts = PREFIXED.exec(keyId);
  const number = parts ? hub.ids.parseHex('key', parts[2] as string) : null;
  const record = number === null ? null : await keyRecord(hub, keyNumber(number));
  return record?.door === door && PREFIX[record.scope] === `${parts?.[1]}_` ? record : null;
}

async function keyRecord(hub: Hub, number: KeyNumber): Promise<KeyRecord | null> {
  return hub.isolate.keys.get(String(number), async () => {
    const found = await findCredential(directoryFor(hub.env, null), number);
    return !found || found.revokedAt !== null ? null : keyRecordOf(hub, found);
  });
}

/** A credential as it lies in the directory, its secret unsealed. */
export const keyRecordOf = async (hub: Hub, found: Credential): Promise<KeyRecord> => ({
  number: found.number,
  app: found.app,
  door: found.door,
  scope: found.scope as KeyScope,
  integration: found.integration,
  secret: await unseal(hub, found.secret),
});

export interface NewKey {
  app: AppNumber | null;
  door: string;
  scope: KeyScope;
  integration?: IntegrationNumber;
  name?: string | null;
  /** As many as there may be of this door, scope and owner; absent: any number. */
  most?: number;
}

/** A key as whoever made it is told. */
export interface MadeKey {
  number: KeyNumber;
  id: string;
  secret: string;
}

/** A new key: its id and its secret, which is shown this once. Null: there are as many as there may be. */
export async function makeKeyWithin(hub: Hub, key: NewKey): Promise<MadeKey | null> {
  const secret = newSecret();
  const sealed = await seal(hub, secret);
  const number = await ask(hub, key.app, (d1) =>
    insertCredential(d1, { ...key, secret: sealed }, Date.now()),
  );
  return number && { number, id: keyIdOf(hub, key.scope, number), secret };
}

/** A new key of an app or of the hub, of which there may be any number. */
export const makeKey = async (
  hub: Hub,
  app: AppNumber | null,
  door: string,
  scope: KeyScope,
): Promise<MadeKey> => (await makeKeyWithin(hub, { app, door, scope })) as MadeKey;

/** Keeps the secret of an account that an app has elsewhere; it is never shown again. */
export async function keepGivenKey(
  hub: Hub,
  app: AppNumber,
  door: string,
  secret: string,
  name: string,
): Promise<void> {
  const key = { app, door, scope: 'app', name, secret: await seal(hub, secret) };
  await ask(hub, app, (d1) => insertCredential(d1, key, Date.now()));
}

export const keyIdOf = (hub: Hub, scope: KeyScope, number: KeyNumber): string =>
  PREFIX[scope] + hub.ids.hex('key', number);

/** The living keys of an app at one door, its own and no integration's, the newest last. */
export async function appKeys(hub: Hub, app: AppNumber, door: string): Promise<KeyRecord[]> {
  const found = await ask(hub, app, (d1) => credentialsOf(d1, app));
  const own = found.filter((key) => key.door === door && key.scope === 'app');
  return Promise.all(own.map((key) => keyRecordOf(hub, key)));
}

/** Ends an app's own keys of a door, within seconds everywhere. Those of its integrations stay. */
export async function rotateKeys(hub: Hub, app: AppNumber, door: string): Promise<void> {
  for (const key of await ask(hub, app, (d1) => credentialsOf(d1, app))) {
    if (key.door !== door || key.integration !== null) continue;
    await ask(hub, app, async (d1) => revokeCredential(d1, key.number, Date.now()));
    hub.isolate.keys.forget(String(key.number));
  }
}
