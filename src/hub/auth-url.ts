// Sign-in by the app's forum (`settings.authUrl`): a signed call with name and password, answered with who that is.
// The password is in that call and nowhere else. Contract: docs/import.md, "Let the forum check passwords".
import * as v from 'valibot';
import { credentialsOf } from '../directory/credentials.ts';
import { directoryFor, takenColumn } from '../directory/door.ts';
import { upsertPeople } from '../directory/import-people.ts';
import { findUser } from '../directory/people.ts';
import { invalid, Refused, unavailable } from '../domain/errors.ts';
import { collect } from '../http/body.ts';
import { refuseAddress } from '../http/outgoing.ts';
import { standardSignature, webhookKey } from '../http/standard-webhooks.ts';
import { VERSION } from '../version.ts';
import type { App, Hub, User } from './context.ts';
import { ask } from './directory.ts';
import { type ImportedPerson, personRow } from './import-people.ts';
import { keyRecordOf, makeKey, rotateKeys } from './keys.ts';

/** Credentials of the app by which the hub signs its calls to the forum. */
const DOOR = 'auth';
/** Somebody waits for it on a phone. */
const TIMEOUT_MS = 5_000;
const ANSWER_BYTES = 64 * 1024;

/** What a forum says of somebody. More is passed over; nobody becomes part of the team by it. */
const ANSWER = v.object({
  user: v.object({
    externalId: v.pipe(
      v.string(),
      v.trim(),
      v.minLength(1),
      v.maxLength(1024),
      v.check((id) => !id.startsWith('parlance:')),
    ),
    username: v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(100)),
    email: v.optional(v.nullable(v.pipe(v.string(), v.email(), v.maxLength(254)))),
    displayName: v.optional(v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(128))),
    avatarUrl: v.optional(v.nullable(v.pipe(v.string(), v.url(), v.maxLength(2048)))),
    role: v.optional(v.literal('member')),
  }),
});

/** Refused where the address may not be called, and where there is no call to sign. Before anything is changed. */
export function refuseAuthChange(
  hub: Hub,
  app: App,
  authUrl: string | null | undefined,
  rotate: boolean,
): void {
  if (authUrl) {
    const problem = refuseAddress(new URL(authUrl), hub.settings.webhookAllowHosts);
    if (problem)
      throw new Refused(invalid('Some fields are wrong.', [{ path: 'settings.authUrl', message: problem }]));
  }
  if (rotate && (authUrl === undefined ? app.settings.authUrl : authUrl) === null) {
    const fields = [{ path: 'rotate', message: 'auth has a secret only with settings.authUrl' }];
    throw new Refused(invalid('Some fields are wrong.', fields));
  }
}

/** After a change of an app: another address, or the wish for it, makes a new secret, shown this once; no address ends it. */
export async function followAuthUrl(
  hub: Hub,
  before: App,
  after: App,
  rotate: boolean,
): Promise<string | null> {
  const moved = before.settings.authUrl !== after.settings.authUrl;
  if (!moved && !rotate) return null;
  await rotateKeys(hub, after.number, DOOR);
  hub.isolate.keys.forget(secretKey(after));
  if (after.settings.authUrl === null) return null;
  return webhookSecret((await makeKey(hub, after.number, DOOR, 'app')).secret);
}

const secretKey = (app: App): string => `auth ${app.number}`;

/** As Standard Webhooks writes a secret: its bytes in base 64, behind a name. */
const webhookSecret = (secret: string): string =>
  `whsec_${secret
    .replaceAll('-', '+')
    .replaceAll('_', '/')
    .padEnd(Math.ceil(secret.length / 4) * 4, '=')}`;

async function signingKey(hub: Hub, app: App): Promise<Uint8Array> {
  const record = await hub.isolate.keys.get(secretKey(app), async () => {
    const keys = await credentialsOf(directoryFor(hub.env, app.number), app.number);
    const newest = keys.filter(({ door }) => door === DOOR).at(-1);
    return newest ? keyRecordOf(hub, newest) : null;
  });
  if (!record) throw failed(hub, app, 'there is no secret to sign with: rotate "auth"');
  return webhookKey(webhookSecret(record.secret));
}

/** For the log only: neither who it was about nor what was sent. */
function failed(hub: Hub, app: App, reason: string): Refused {
  console.error(JSON.stringify({ at: 'authUrl', request: hub.requestId, app: app.slug, reason }));
  return new Refused(unavailable(`authUrl: ${reason}`));
}

/**
 * The person whom the forum knows by this name and password, as the directory has them then; null where it says that
 * both do not belong together. Unavailable for every other answer and for none. Conflict where the forum's name or
 * e-mail address is another account's here; forbidden for accounts that are not the forum's.
 */
export async function askForum(hub: Hub, app: App, name: string, password: string): Promise<User | null> {
  const url = new URL(app.settings.authUrl ?? '');
  const problem = refuseAddress(url, hub.settings.webhookAllowHosts);
  if (problem) throw failed(hub, app, `the address ${problem}`);
  const response = await send(hub, app, url, { app: app.slug, name, password });
  if (response.status === 401 || response.status === 403) {
    await response.body?.cancel().catch(() => undefined);
    return null;
  }
  return entered(hub, app, await personIn(hub, app, response));
}

async function send(hub: Hub, app: App, url: URL, data: object): Promise<Response> {
  const now = new Date();
  const timestamp = Math.floor(now.getTime() / 1000);
  const id = `msg_${crypto.randomUUID()}`;
  const body = JSON.stringify({ type: 'sign_in', timestamp: now.toISOString(), data });
  const headers = {
    'content-type': 'application/json',
    'user-agent': `Parlance/${VERSION}`,
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': standardSignature(await signingKey(hub, app), id, timestamp, body),
  };
  const signal = AbortSignal.timeout(hub.settings.webhookTimeoutMs ?? TIMEOUT_MS);
  try {
    // Never followed: the password would go where nobody said that it may.
    return await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
  } catch (error) {
    throw failed(hub, app, signal.aborted ? 'no answer in time' : `no connection (${(error as Error).name})`);
  }
}

async function personIn(hub: Hub, app: App, response: Response): Promise<ImportedPerson> {
  let value: unknown;
  try {
    const bytes = response.body ? await collect(response.body, ANSWER_BYTES) : new Uint8Array(0);
    if (response.status === 200)
      value = JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes));
  } catch {
    throw failed(hub, app, `status ${response.status}, and a body that is cut off, too long or no JSON`);
  }
  if (response.status !== 200) throw failed(hub, app, `status ${response.status}`);
  const parsed = v.safeParse(ANSWER, value);
  if (!parsed.success) {
    const paths = parsed.issues.map((issue) => v.getDotPath(issue) ?? 'the whole');
    throw failed(hub, app, `the answer is wrong in: ${paths.join(', ')}`);
  }
  const { displayName: name, avatarUrl: avatar, role: _, ...person } = parsed.output.user;
  return { ...person, name, avatar };
}

const OWN = new Set(['visitor', 'member']);

/** Makes or changes the account so that it says what the forum says; nothing is written when it does. */
async function entered(hub: Hub, app: App, person: ImportedPerson): Promise<User> {
  const { number } = app;
  const find = () => ask(hub, number, (d1) => findUser(d1, number, { externalId: person.externalId }));
  const before = await find();
  if (before && !OWN.has(before.role)) {
    const message = 'This account is of the team here and signs in with a password of its own.';
    throw new Refused({ code: 'forbidden', message });
  }
  const row = personRow(person);
  try {
    const done = await ask(hub, number, (d1) => upsertPeople(d1, number, [row], Date.now()));
    const user = done.created.length + done.updated.length > 0 ? await find() : before;
    if (!user) throw new Refused(unavailable('the account is gone again'));
    hub.isolate.users.put(`${number} number ${user.number}`, user);
    hub.isolate.users.put(`${number} external ${user.externalId}`, user);
    return user;
  } catch (error) {
    if (takenColumn(error) === null) throw error;
    console.error(
      JSON.stringify({ at: 'authUrl', request: hub.requestId, app: app.slug, reason: 'name taken' }),
    );
    const message = 'Another account here has this user name or e-mail address.';
    throw new Refused({ code: 'conflict', subject: 'user', message });
  }
}
