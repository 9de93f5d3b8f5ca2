// Calls of the PPMessage door as its clients make them: a key, or a person's password, for a token, and JSON with it.
import { createHash, randomUUID } from 'node:crypto';
import type { AppCredentials } from '../../src/standalone/demo.ts';
import type { Json } from './calls/answer.ts';

export type Level = 'PPCOM' | 'PPKEFU';

/** What clients send instead of a password. */
export const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex');

/** POST /ppauth/token with this form. */
export async function askToken(
  baseUrl: string,
  form: Record<string, string>,
): Promise<{ status: number; body: Json }> {
  const response = await fetch(`${baseUrl}/ppauth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(form),
  });
  return { status: response.status, body: await response.json() };
}

/** A token for one of the app's keys. */
export async function keyToken({ ppmessage }: AppCredentials, level: Level): Promise<string> {
  const { apiKey, apiSecret } = level === 'PPCOM' ? ppmessage.ppcom : ppmessage.ppkefu;
  const form = { client_id: apiKey, client_secret: apiSecret, grant_type: 'client_credentials' };
  return (await askToken(ppmessage.baseUrl, form)).body.access_token;
}

/** A token of somebody who signs in. */
export async function personToken(
  { ppmessage }: AppCredentials,
  email: string,
  password: string,
): Promise<string> {
  const { apiKey, apiSecret } = ppmessage.ppkefu;
  const form = { client_id: apiKey, client_secret: apiSecret, grant_type: 'password' };
  const { body } = await askToken(ppmessage.baseUrl, {
    ...form,
    user_email: email,
    user_password: sha1(password),
  });
  if (body.error_code !== 0) throw new Error(`nobody signed in as ${email}: ${JSON.stringify(body)}`);
  return body.access_token;
}

/** One holder of a token. */
export class Client {
  readonly made: AppCredentials;
  readonly token: string;

  constructor(made: AppCredentials, token: string) {
    this.made = made;
    this.token = token;
  }

  static async ofKey(made: AppCredentials, level: Level): Promise<Client> {
    return new Client(made, await keyToken(made, level));
  }

  /** The whole answer; the app is named unless the body names another one, or undefined. */
  async ask(name: string, body: Json = {}): Promise<Json> {
    const { baseUrl, appUuid } = this.made.ppmessage;
    const response = await fetch(`${baseUrl}/api/${name}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `OAuth ${this.token}` },
      body: JSON.stringify({ app_uuid: appUuid, ...body }),
    });
    return response.json();
  }

  /** The answer of a call that must succeed. */
  async call(name: string, body: Json = {}): Promise<Json> {
    const answer = await this.ask(name, body);
    if (answer.error_code !== 0) throw new Error(`${name}: ${JSON.stringify(answer)}`);
    return answer;
  }
}

export interface Visitor {
  client: Client;
  uuid: string;
  trace: string;
  device: string;
}

/** A visitor in a browser, as the web client begins; `client`: one that is there already. */
export async function visit(
  made: AppCredentials,
  trace: string = randomUUID(),
  client?: Client,
): Promise<Visitor> {
  const own = client ?? (await Client.ofKey(made, 'PPCOM'));
  const { user_uuid: uuid } = await own.call('PP_CREATE_ANONYMOUS', { ppcom_trace_uuid: trace });
  const about = { user_uuid: uuid, device_ostype: 'MAB', ppcom_trace_uuid: trace, device_id: 'a browser' };
  const { device_uuid: device } = await own.ask('PP_CREATE_DEVICE', about);
  return { client: own, uuid, trace, device };
}

/** A text as clients send it over HTTP. */
export const textMessage = (from: string, conversation: string, text: string, more: Json = {}): Json => ({
  uuid: randomUUID(),
  from_type: 'DU',
  from_uuid: from,
  to_type: 'AP',
  to_uuid: conversation,
  conversation_uuid: conversation,
  conversation_type: 'P2S',
  message_type: 'NOTI',
  message_subtype: 'TEXT',
  message_body: text,
  ...more,
});
