// Large interactive data of Apple Messages for Business: what a message has a reference to is fetched, decrypted, decoded.
// Also the account at Apple's gateway that an operator gives an app. Nothing of it is stored but that account.
//
// Sources: Apple, MSP REST API (register.apple.com/resources/messages/msp-rest-api: messages-received,
// "interactiveDataRef", and type-interactive, "Receiving an Interactive Message"), and clients of the gateway that people
// run (theopenconversationkit/tock and others): GET /preDownload answers `download-url`; the bytes there are AES-256 in
// counter mode from zero under the key whose hex form begins with a byte 00; POST /decodePayload makes them JSON.
import { SignJWT } from 'jose';
import * as v from 'valibot';
import { credentialsOf, revokeCredential } from '../directory/credentials.ts';
import { invalid, Refused } from '../domain/errors.ts';
import type { JsonObject } from '../domain/model.ts';
import { collect, gunzip } from '../http/body.ts';
import { refuseAddress, resolvesOutside } from '../http/outgoing.ts';
import { resolverOf } from '../http/resolve.ts';
import type { App, Hub } from './context.ts';
import { ask } from './directory.ts';
import { keepGivenKey, keyRecordOf } from './keys.ts';

/** Credentials of an app at Apple's gateway. */
const DOOR = 'apple';
const GATEWAY = 'https://mspgw.push.apple.com/v1';
/** For all calls of one reference together: somebody waits. */
const TIMEOUT_MS = 10_000;
/** Of what is fetched, and of what it unpacks to: interactive data with its pictures, and no film. */
const DATA_BYTES = 8 * 1024 * 1024;

/** An account of a Messaging Service Provider, as Apple gives it out. */
export interface AppleAccount {
  mspId: string;
  businessId: string;
  /** Base 64, as Apple shows it. */
  secret: string;
  /** Another address of the gateway, without a slash at the end. */
  gateway?: string;
}

/** A reference as a message brings it. */
export interface DataReference {
  url: string;
  bid: string;
  /** 64 hex digits, with or without the byte 00 before them. */
  key: string;
  /** Hex or base 64. */
  signature: string;
  owner: string;
}

/** Refused where the gateway may not be called; before anything is changed. */
export function refuseAppleAccount(hub: Hub, account: AppleAccount | null | undefined): void {
  const problem = account?.gateway
    ? refuseAddress(new URL(account.gateway), hub.settings.webhookAllowHosts)
    : null;
  if (problem)
    throw new Refused(invalid('Some fields are wrong.', [{ path: 'apple.gateway', message: problem }]));
}

/** The account of an app from now on; null: it has none. */
export async function setAppleAccount(hub: Hub, app: App, account: AppleAccount | null): Promise<void> {
  const { number } = app;
  const before = await ask(hub, number, (d1) => credentialsOf(d1, number));
  if (account) {
    const { secret, ...rest } = account;
    await keepGivenKey(hub, number, DOOR, secret, JSON.stringify(rest));
  }
  // The newest counts: an account that is replaced is there until its successor is.
  for (const key of before.filter(({ door }) => door === DOOR))
    await ask(hub, number, async (d1) => revokeCredential(d1, key.number, Date.now()));
}

async function accountOf(hub: Hub, app: App): Promise<AppleAccount | null> {
  const keys = await ask(hub, app.number, (d1) => credentialsOf(d1, app.number));
  const newest = keys.filter(({ door }) => door === DOOR).at(-1);
  if (!newest?.name) return null;
  const { secret } = await keyRecordOf(hub, newest);
  return { ...(JSON.parse(newest.name) as Omit<AppleAccount, 'secret'>), secret };
}

/**
 * The data that a reference leads to. An app without an account at the gateway cannot ask it: then the reference's own
 * address is fetched, which serves where it is a signed one already. Invalid: an address that may not be called, what
 * cannot be fetched in time, what does not decrypt; why is in the log alone.
 */
export async function interactiveData(hub: Hub, app: App, reference: DataReference): Promise<JsonObject> {
  guard(hub, reference.url);
  const account = await accountOf(hub, app);
  const signal = AbortSignal.timeout(hub.settings.webhookTimeoutMs ?? TIMEOUT_MS);
  const peer: Peer = { hub, app, signal };
  const address = account ? await downloadUrl(peer, account, reference) : reference.url;
  const plain = await decrypted(peer, await send(peer, address), reference.key);
  const data = (await readable(plain)) ?? (account && (await decoded(peer, account, reference, plain)));
  if (!data) throw failed(peer, DECRYPT, 'what was decrypted is no JSON object');
  return data;
}

interface Peer {
  hub: Hub;
  app: App;
  signal: AbortSignal;
}

const FETCH = 'The interactive data could not be fetched';
const DECRYPT = 'The interactive data could not be decrypted';

/** For the log only: neither the address, which is a permission, nor what was said there. */
function failed({ hub, app }: Peer, message: string, reason: string): Refused {
  console.error(JSON.stringify({ at: 'apple', request: hub.requestId, app: app.slug, reason }));
  return new Refused(invalid(message));
}

/** A caller gives the address, or the peer that a caller chose. */
function guard(hub: Hub, address: string): void {
  const problem = URL.canParse(address)
    ? refuseAddress(new URL(address), hub.settings.webhookAllowHosts)
    : 'should match format "uri"';
  if (problem)
    throw new Refused(invalid(FETCH, [{ path: 'url', message: `The address of the data ${problem}` }]));
}

async function send(peer: Peer, address: string, init: RequestInit = {}): Promise<Uint8Array> {
  const { webhookAllowHosts } = peer.hub.settings;
  const resolved = await resolvesOutside(new URL(address), webhookAllowHosts, resolverOf(peer.hub.env));
  if (!resolved.ok) throw failed(peer, FETCH, resolved.reason);
  let response: Response;
  try {
    response = await fetch(address, { ...init, redirect: 'manual', signal: peer.signal });
  } catch (error) {
    throw failed(peer, FETCH, peer.signal.aborted ? 'no answer in time' : `no connection (${nameOf(error)})`);
  }
  if (response.status !== 200) {
    await response.body?.cancel().catch(() => undefined);
    throw failed(peer, FETCH, `status ${response.status}`);
  }
  try {
    return response.body ? await collect(response.body, DATA_BYTES) : new Uint8Array(0);
  } catch (error) {
    throw failed(peer, FETCH, `a body that is cut off or too long (${nameOf(error)})`);
  }
}

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);

async function gatewayHeaders({ mspId, businessId, secret }: AppleAccount): Promise<Record<string, string>> {
  const token = await new SignJWT({})
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setIssuer(mspId)
    .setIssuedAt()
    .sign(Uint8Array.from(atob(secret), (c) => c.charCodeAt(0)));
  return { authorization: `Bearer ${token}`, 'source-id': businessId };
}

const DOWNLOAD = v.object({ 'download-url': v.string() });

/** The short-lived address of the data. The gateway has had two sets of names for what it must be told. */
async function downloadUrl(peer: Peer, account: AppleAccount, reference: DataReference): Promise<string> {
  const { url, owner } = reference;
  const signature = asBase64(reference.signature);
  const headers = {
    ...(await gatewayHeaders(account)),
    url,
    owner,
    signature,
    'mmcs-url': url,
    'mmcs-owner': owner,
    'mmcs-signature': signature,
  };
  const answer = parsed(await send(peer, `${account.gateway ?? GATEWAY}/preDownload`, { headers }));
  const read = v.safeParse(DOWNLOAD, answer);
  if (!read.success) throw failed(peer, FETCH, 'the gateway named no download-url');
  const address = read.output['download-url'];
  const problem = URL.canParse(address)
    ? refuseAddress(new URL(address), peer.hub.settings.webhookAllowHosts)
    : 'is no address';
  if (problem) throw failed(peer, FETCH, `the download-url ${problem}`);
  return address;
}

/** Messages carry the signature as hex digits, the gateway wants base 64. */
const asBase64 = (signature: string): string =>
  /^(?:[0-9a-f]{2})+$/i.test(signature) ? Buffer.from(signature, 'hex').toString('base64') : signature;

async function decrypted(peer: Peer, bytes: Uint8Array, key: string): Promise<Uint8Array> {
  const raw = new Uint8Array(Buffer.from(key.slice(-64), 'hex'));
  try {
    const secret = await crypto.subtle.importKey('raw', raw, 'AES-CTR', false, ['decrypt']);
    const counter = new Uint8Array(16);
    const data = bytes as Uint8Array<ArrayBuffer>;
    return new Uint8Array(
      await crypto.subtle.decrypt({ name: 'AES-CTR', counter, length: 128 }, secret, data),
    );
  } catch (error) {
    throw failed(peer, DECRYPT, nameOf(error));
  }
}

/** Data that is JSON as it is, packed or not; null: it is in a form that Apple alone reads. */
async function readable(plain: Uint8Array): Promise<JsonObject | null> {
  if (plain[0] !== 0x1f || plain[1] !== 0x8b) return parsed(plain);
  const unpacked = await gunzip(plain, DATA_BYTES).catch(() => null);
  return unpacked && parsed(unpacked);
}

async function decoded(
  peer: Peer,
  account: AppleAccount,
  { bid }: DataReference,
  plain: Uint8Array,
): Promise<JsonObject | null> {
  const headers = {
    ...(await gatewayHeaders(account)),
    bid,
    'content-type': 'application/octet-stream',
  };
  const body = plain as Uint8Array<ArrayBuffer>;
  return parsed(
    await send(peer, `${account.gateway ?? GATEWAY}/decodePayload`, { method: 'POST', headers, body }),
  );
}

function parsed(bytes: Uint8Array): JsonObject | null {
  try {
    const value: unknown = JSON.parse(
      new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes),
    );
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as JsonObject)
      : null;
  } catch {
    return null;
  }
}
