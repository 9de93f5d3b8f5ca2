// The vendor's own client for Node (npm sunshine-conversations-client), pointed at a hub under test, and the mask that
// makes whole answers comparable. What the hub promises is in sunshine*.test.ts.
import { createRequire } from 'node:module';
import type { TestHub } from '../support/server.ts';
import { heard } from '../support/watching.ts';

export interface Credentials {
  basePath: string;
  appId: string;
  keyId: string;
  secret: string;
}

/** Nobody posts there any more. The number of a conversation is readable in its id: digits 9 to 16. */
export async function lockConversation(
  server: Pick<TestHub, 'url' | 'adminToken'>,
  slug: string,
  id: string,
): Promise<void> {
  const number = Number.parseInt(id.slice(8, 16), 16);
  const reply = await fetch(`${server.url}/admin/apps/${slug}/conversations/${number}`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${server.adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ locked: true }),
  });
  if (!reply.ok) throw new Error(`locking answered ${reply.status}`);
}

type Operation = (...args: unknown[]) => Promise<unknown>;
type Api = Record<string, Operation>;

interface ApiClient {
  basePath: string;
  defaultHeaders: Record<string, string>;
  authentications: {
    basicAuth: { username?: string; password?: string };
    bearerAuth: { accessToken?: string };
  };
  /** Functions that superagent gives each request before it is sent. */
  plugins: ((request: Asking) => void)[] | null;
}

/** What this reads of a superagent request and its answer. */
interface Asking {
  method: string;
  url: string;
  _data?: unknown;
  on(event: 'response', listener: (answer: Heard) => void): void;
}
interface Heard {
  status: number;
  text: string;
  headers: Record<string, string>;
  /** The request of node:http, with the path as it was sent. */
  req: { path: string };
}

/** Hands each answer to the check that every answer goes through. */
const listening = (request: Asking): void =>
  request.on('response', ({ status, text, headers, req }) => {
    const { _data: data, method, url } = request;
    heard({
      method,
      url: new URL(req.path, url).href,
      sent: typeof data === 'object' && data !== null ? JSON.stringify(data) : undefined,
      status,
      header: (name) => headers[name.toLowerCase()] ?? null,
      body: text,
    });
  });

/** The package has no types: this much of it is used. */
interface Package {
  ApiClient: new () => ApiClient;
  ConversationsApi: new (client: ApiClient) => Api;
  MessagesApi: new (client: ApiClient) => Api;
  ParticipantsApi: new (client: ApiClient) => Api;
  ActivitiesApi: new (client: ApiClient) => Api;
  UsersApi: new (client: ApiClient) => Api;
  AppsApi: new (client: ApiClient) => Api;
  AppKeysApi: new (client: ApiClient) => Api;
  IntegrationsApi: new (client: ApiClient) => Api;
  WebhooksApi: new (client: ApiClient) => Api;
  CustomIntegrationApiKeysApi: new (client: ApiClient) => Api;
  SwitchboardsApi: new (client: ApiClient) => Api;
  SwitchboardIntegrationsApi: new (client: ApiClient) => Api;
  SwitchboardActionsApi: new (client: ApiClient) => Api;
  AttachmentsApi: new (client: ApiClient) => Api;
  ClientsApi: new (client: ApiClient) => Api;
  DevicesApi: new (client: ApiClient) => Api;
}

const sunshine = createRequire(import.meta.url)('sunshine-conversations-client') as Package;

/** What a call came to: the client's own reading of the answer, as plain JSON. */
export interface Outcome {
  status: number | 'ok';
  body: Json;
}
// biome-ignore lint/suspicious/noExplicitAny: answers are compared whole, or picked apart by tests that know their form.
type Json = any;

export interface Client {
  raw: ApiClient;
  /** Every operation that the package has. */
  operations: string[];
  /** Calls an operation by its name in the client; a refusal is an outcome, not an exception. */
  call(operation: string, ...args: unknown[]): Promise<Outcome>;
}

/** A client of its own: the package's default instance would be shared by all tests. */
export function clientOf(credentials: Credentials): Client {
  const raw = new sunshine.ApiClient();
  raw.basePath = credentials.basePath;
  raw.plugins = [listening];
  raw.authentications.basicAuth.username = credentials.keyId;
  raw.authentications.basicAuth.password = credentials.secret;
  const apis: Api[] = [
    new sunshine.ConversationsApi(raw),
    new sunshine.MessagesApi(raw),
    new sunshine.ParticipantsApi(raw),
    new sunshine.ActivitiesApi(raw),
    new sunshine.UsersApi(raw),
    new sunshine.AppsApi(raw),
    new sunshine.AppKeysApi(raw),
    new sunshine.IntegrationsApi(raw),
    new sunshine.WebhooksApi(raw),
    new sunshine.CustomIntegrationApiKeysApi(raw),
    new sunshine.SwitchboardsApi(raw),
    new sunshine.SwitchboardIntegrationsApi(raw),
    new sunshine.SwitchboardActionsApi(raw),
    new sunshine.AttachmentsApi(raw),
    new sunshine.ClientsApi(raw),
    new sunshine.DevicesApi(raw),
  ];
  return {
    raw,
    operations: Object.keys(sunshine)
      .filter((name) => name.endsWith('Api'))
      .flatMap((name) => operationsOf(sunshine[name as keyof Package])),
    async call(operation, ...args) {
      const api = apis.find((each) => typeof each[operation] === 'function');
      if (!api) throw new Error(`the client has no ${operation}`);
      try {
        return { status: 'ok', body: plain(await api[operation]?.(...args)) };
      } catch (error) {
        const { status, body } = error as { status?: number; body?: unknown };
        if (status === undefined) throw error;
        return { status, body: plain(body) };
      }
    },
  };
}

const operationsOf = (api: { prototype: object }): string[] =>
  Object.getOwnPropertyNames(api.prototype).filter(
    (name) => name !== 'constructor' && !name.endsWith('WithHttpInfo'),
  );

/** The client's models as JSON: without classes, and without fields that are undefined. */
const plain = (value: unknown): Json => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)));

export const basic = ({ keyId, secret }: Pick<Credentials, 'keyId' | 'secret'>): string =>
  `Basic ${Buffer.from(`${keyId}:${secret}`).toString('base64')}`;

const ID = /\b[0-9a-f]{24}\b/g;
const TIME = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;

/** The value with every id replaced by the name that `names` has for it ("id" for others), and every time by "time". */
export function masked(value: unknown, names: Record<string, string> = {}): Json {
  const text = JSON.stringify(value).replaceAll(TIME, 'time');
  return JSON.parse(
    text.replaceAll(ID, (id) => Object.entries(names).find(([, known]) => known === id)?.[0] ?? 'id'),
  );
}

/** An error answer as the vendor words it. */
export const refusal = (status: number, code: string, ...titles: string[]): Outcome => ({
  status,
  body: { errors: titles.map((title) => ({ code, title })) },
});
