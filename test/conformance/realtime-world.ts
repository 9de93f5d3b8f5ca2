// People of one app with sockets, for the realtime tests: conversations are opened through the REST door.
import { randomBytes } from 'node:crypto';
import type { AppCredentials } from '../../src/standalone/demo.ts';
import type { MadeUser } from '../support/operator.ts';
import { RealtimeSocket } from '../support/realtime.ts';
import type { TestHub } from '../support/server.ts';

export interface World {
  app: AppCredentials;
  /** A new person. */
  person(name: string, role?: string): Promise<MadeUser>;
  token(user: MadeUser): Promise<string>;
  /** A greeted socket of this person; `token`: another than a fresh one. */
  connect(user: MadeUser, token?: string): Promise<RealtimeSocket>;
  /** A socket whose upgrade may be refused. */
  open(path: string, protocols: string[], headers?: Record<string, string>): RealtimeSocket;
  /** A new conversation's number. */
  group(...members: MadeUser[]): Promise<string>;
  support(customer: MadeUser): Promise<string>;
  /** Posts through the REST door as this person. */
  post(c: string, author: MadeUser, text: string): Promise<void>;
  /** Takes somebody out, through the REST door. */
  remove(c: string, user: MadeUser): Promise<void>;
  /** A call of the operator API, below /admin/apps/:slug. */
  operate(method: string, path: string, body?: object): Promise<Response>;
  /** Closes every socket that was opened here. */
  hangUp(): Promise<void>;
}

export async function worldOf(hub: TestHub): Promise<World> {
  const app = await hub.createApp();
  const { slug } = app.app;
  const sockets: RealtimeSocket[] = [];
  const ids = new Map<string, string>();
  const rest = async (method: string, path: string, body?: object): Promise<Record<string, unknown>> => {
    const { appId, keyId, secret, basePath } = app.sunshine;
    const answer = await fetch(`${basePath}/v2/apps/${appId}${path}`, {
      method,
      headers: { authorization: `Basic ${btoa(`${keyId}:${secret}`)}`, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Record<string, unknown>;
  };
  const operate = (method: string, path: string, body?: object): Promise<Response> =>
    fetch(`${hub.url}/admin/apps/${slug}${path}`, {
      method,
      headers: { authorization: `Bearer ${hub.adminToken}`, 'content-type': 'application/json' },
      body: body && JSON.stringify(body),
    });
  const token = async (user: MadeUser): Promise<string> =>
    ((await (await operate('POST', `/users/${user.username}/token`)).json()) as { token: string }).token;
  const open = (path: string, protocols: string[], headers: Record<string, string> = {}): RealtimeSocket => {
    const socket = new RealtimeSocket(`${hub.url.replace('http', 'ws')}${path}`, protocols, headers);
    sockets.push(socket);
    return socket;
  };
  const conversation = async (type: string, members: MadeUser[]): Promise<string> => {
    const participants = members.map(({ sunshineId }) => ({ userId: sunshineId }));
    const answer = await rest('POST', '/conversations', { type, participants });
    const { id } = answer.conversation as { id: string };
    // A conversation's number is readable in its id: digits 9 to 16 (DESIGN.md 3).
    const number = String(Number.parseInt(id.slice(8, 16), 16));
    ids.set(number, id);
    return number;
  };
  return {
    app,
    operate,
    token,
    open,
    person: (name, role) =>
      hub.createUser(slug, {
        username: `${name}-${randomBytes(4).toString('hex')}`,
        displayName: name.charAt(0).toUpperCase() + name.slice(1),
        role,
      }),
    connect: async (user, given) => {
      const socket = open('/realtime', ['parlance.v1', `token.${given ?? (await token(user))}`]);
      await socket.next('hello');
      await socket.settled();
      return socket;
    },
    group: (...members) => conversation('sdkGroup', members),
    support: (customer) => conversation('personal', [customer]),
    post: async (c, author, text) => {
      await rest('POST', `/conversations/${ids.get(c)}/messages`, {
        author: { type: 'user', userId: author.sunshineId },
        content: { type: 'text', text },
      });
    },
    remove: async (c, user) => {
      await rest('POST', `/conversations/${ids.get(c)}/leave`, { userId: user.sunshineId });
    },
    hangUp: async () => {
      for (const { socket } of sockets) socket.terminate();
    },
  };
}
