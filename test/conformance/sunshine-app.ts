// One app at the Sunshine door as a back end has it: the vendor's client with a key of the app, plain calls beside it, and
// what tests begin with. What is promised of the door is in sunshine*.test.ts.
import type { TestHub } from '../support/server.ts';
import { basic, type Client, type Credentials, clientOf, type Outcome } from './sunshine-client.ts';

export interface SunshineApp {
  readonly keys: Credentials;
  readonly id: string;
  readonly slug: string;
  /** Where a forum app calls. */
  readonly forum: string;
  readonly client: Client;
  /** Calls an operation of this app by its name in the client. */
  call(operation: string, ...args: unknown[]): Promise<Outcome>;
  /** Calls an address below the app's by plain HTTP. */
  raw(method: string, path: string, body?: BodyInit, headers?: Record<string, string>): Promise<Outcome>;
  /** Calls the operator's API. Throws unless it succeeds. */
  operate(method: string, path: string, body?: object): Promise<unknown>;
  /** The id of somebody new. */
  newUser(): Promise<string>;
  /** The id of a new conversation of these users. */
  open(type: 'personal' | 'sdkGroup', ...users: string[]): Promise<string>;
}

/** An id of nothing. */
export const MISSING = '029c31f25a21b47effd7be90';

export const member = (userId: string) => ({ userId, subscribeSDKClient: true });
export const hello = { author: { type: 'business' }, content: { type: 'text', text: 'Hello' } };

export async function sunshineAppOf(hub: TestHub): Promise<SunshineApp> {
  const made = await hub.createApp();
  const keys = made.sunshine;
  const client = clientOf(keys);
  const id = keys.appId;
  const call: SunshineApp['call'] = (operation, ...args) => client.call(operation, id, ...args);
  let people = 0;
  return {
    keys,
    id,
    slug: made.app.slug,
    forum: made.tapatalk.url,
    client,
    call,
    raw: async (method, path, body, headers) => {
      const reply = await fetch(`${keys.basePath}/v2/apps/${id}${path}`, {
        method,
        headers: { authorization: basic(keys), ...headers },
        ...(body !== undefined && { body }),
      });
      return { status: reply.status, body: await reply.json() };
    },
    operate: async (method, path, body) => {
      const reply = await fetch(`${hub.url}/admin${path}`, {
        method,
        headers: { authorization: `Bearer ${hub.adminToken}` },
        ...(body && { body: JSON.stringify(body) }),
      });
      if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`);
      return reply.json();
    },
    newUser: async () => (await call('createUser', { externalId: `person-${++people}` })).body.user.id,
    open: async (type, ...users) =>
      (await call('createConversation', { type, participants: users.map(member) })).body.conversation.id,
  };
}
