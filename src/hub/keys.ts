// Credentials of apps: made and shown once, sealed at rest, verified in constant time.
import {
  type Credential,
  credentialsOf,
  findCredential,
  insertCredential,
  revokeCredential,
} from '../directory/apps.ts';
import { directoryFor } from '../directory/door.ts';
import { Refused } from '../domain/errors.ts';
import { type AppNumber, type KeyNumber, keyNumber } from '../domain/ids.ts';
import { newSecret, sameSecret } from '../http/secrets.ts';
import { appByNumber } from './apps.ts';
import { type App, derivedKey, type Hub } from './context.ts';
import { ask } from './directory.ts';

/** account: every app. app: one app. integration: users, conversations, attachments of one app. */
export type KeyScope = 'app' | 'integration' | 'account';

/** A credential in memory, its secret unsealed. */
export interface KeyRecord {
  number: KeyNumber;
  app: AppNumber | null;
  door: string;
  scope: KeyScope;
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
): Promise<{ app: App | null; scope: KeyScope; key: KeyNumber }> {
  const record = await namedKey(hub, door, keyId);
  // Compared also where there is no key, so that the time tells nothing.
  const matches = sameSecret(record?.secret ?? NOBODYS_SECRET, secret);
  if (!record || !matches) throw new Refused(NO_KEY);
  const app = record.app === null ? null : await appByNumber(hub, record.app);
  return { app, scope: record.scope, key: record.number };
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
  secret: await unseal(hub, found.secret),
});

/** A new key: its id and its secret, which is shown this once. */
export async function makeKey(
  hub: Hub,
  app: AppNumber | null,
  door: string,
  scope: KeyScope,
  name: string | null = null,
): Promise<{ number: KeyNumber; id: string; secret: string }> {
  const secret = newSecret();
  const number = await keep(hub, { app, door, scope, name }, secret);
  return { number, id: keyIdOf(hub, scope, number), secret };
}

/** Keeps the secret of an account that an app has elsewhere; it is never shown again. */
export async function keepGivenKey(
  hub: Hub,
  app: AppNumber,
  door: string,
  secret: string,
  name: string,
): Promise<void> {
  await keep(hub, { app, door, scope: 'app', name }, secret);
}

async function keep(
  hub: Hub,
  key: Pick<Credential, 'app' | 'door' | 'scope' | 'name'>,
  secret: string,
): Promise<KeyNumber> {
  const row = { ...key, secret: await seal(hub, secret), now: Date.now() };
  return ask(hub, key.app, (d1) => insertCredential(d1, row));
}

export const keyIdOf = (hub: Hub, scope: KeyScope, number: KeyNumber): string =>
  PREFIX[scope] + hub.ids.hex('key', number);

/** New secrets for a door's keys of an app; the old ones end within seconds. */
export async function rotateKeys(hub: Hub, app: AppNumber, door: string): Promise<void> {
  for (const key of await ask(hub, app, (d1) => credentialsOf(d1, app))) {
    if (key.door !== door) continue;
    await ask(hub, app, async (d1) => revokeCredential(d1, key.number, Date.now()));
    hub.isolate.keys.forget(String(key.number));
  }
}

async function sealingKey(hub: Hub): Promise<CryptoKey> {
  const raw = derivedKey(hub.settings.hubSecret, 'seal') as Uint8Array<ArrayBuffer>;
  return crypto.subtle.importKey('raw', raw, 'AES-GCM', false, ['encrypt', 'decrypt']);
}

async function seal(hub: Hub, text: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const data = new TextEncoder().encode(text);
  const sealed = new Uint8Array(
    await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, await sealingKey(hub), data),
  );
  return `${toBase64(iv)}.${toBase64(sealed)}`;
}

async function unseal(hub: Hub, sealed: string): Promise<string> {
  const [iv, data] = sealed.split('.').map((part) => Uint8Array.from(atob(part), (c) => c.charCodeAt(0)));
  const plain = await crypto.subtle.decrypt(
    { name: 'AES-GCM', iv: iv as Uint8Array<ArrayBuffer> },
    await sealingKey(hub),
    data as Uint8Array<ArrayBuffer>,
  );
  return new TextDecoder().decode(plain);
}

const toBase64 = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));
