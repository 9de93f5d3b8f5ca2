// An app with agents and visitors, and their connections, inside workerd: for the tests of the socket.
import { expect } from 'vitest';
import type { ConversationNumber, DeviceNumber, KeyNumber } from '../../../src/domain/ids.ts';
import type { JsonObject } from '../../../src/domain/model.ts';
import { issueApiToken, verifyApiToken } from '../../../src/hub/api-tokens.ts';
import { type App, hubOf, type User } from '../../../src/hub/context.ts';
import { routeVisitor } from '../../../src/hub/desk.ts';
import { registerDevice } from '../../../src/hub/devices.ts';
import { openGate } from '../../../src/hub/gates.ts';
import { createUser } from '../../../src/hub/people.ts';
import { createApp, updateApp } from '../../../src/hub/provisioning.ts';
import { issueToken } from '../../../src/hub/sessions.ts';
import { grantVisitor } from '../../../src/hub/visitors.ts';
import { bindings, fresh } from '../../conversation/harness.ts';

export const hub = hubOf(bindings, 'https://hub.example', () => {});
export const { ids } = hub;

export type Frame = JsonObject & { type: string };

/** One connection, and what it was told. */
export class Client {
  readonly frames: Frame[] = [];
  closed: number | null = null;
  private readonly socket: WebSocket;
  private wake: () => void = () => {};

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.accept();
    socket.addEventListener('message', ({ data }) => {
      this.frames.push(JSON.parse(data as string) as Frame);
      this.wake();
    });
    socket.addEventListener('close', ({ code }) => {
      this.closed = code;
      this.wake();
    });
  }

  static async connect(): Promise<Client> {
    const request = new Request('https://hub.example/pcsocket/WS', { headers: { upgrade: 'websocket' } });
    const { webSocket } = await openGate(hub, request, { protocol: 'ppmessage', subprotocol: null });
    return new Client(webSocket as WebSocket);
  }

  say(frame: object | string): void {
    this.socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  end(): void {
    this.socket.close(1000);
  }

  /** The first frame, taken out, that is like this; whatever came before it is left. */
  async next(like: object): Promise<Frame> {
    const matches = (frame: Frame): boolean => {
      try {
        expect(frame).toMatchObject(like);
        return true;
      } catch {
        return false;
      }
    };
    const at = await this.until(() => {
      const found = this.frames.findIndex(matches);
      return found < 0 ? null : found;
    });
    return this.frames.splice(at, 1)[0] as Frame;
  }

  async until<T>(look: () => T | null): Promise<T> {
    for (;;) {
      const found = look();
      if (found !== null) return found;
      await new Promise<void>((resolve, reject) => {
        const late = setTimeout(() => reject(new Error(`only ${JSON.stringify(this.frames)}`)), 30_000);
        this.wake = () => {
          clearTimeout(late);
          resolve();
        };
      });
    }
  }
}

export interface Person {
  user: User;
  device: DeviceNumber;
  auth: JsonObject;
}

export async function world(settings: Partial<App['settings']> = {}) {
  const made = await createApp(hub, fresh('pp'), 'PP');
  const app = await updateApp(hub, made.app, { settings });
  const key = made.keys.ppcom.number as KeyNumber;
  const app_uuid = ids.uuid('app', app.number);
  const device = async (user: User, ostype: string) =>
    (
      await registerDevice({ hub, app, door: 'ppmessage' }, user.number, {
        platform: 'ppcom',
        clientId: crypto.randomUUID(),
        info: { device_ostype: ostype },
      })
    ).number;
  const authOf = (user: User, at: DeviceNumber, api_token: string, service: boolean): JsonObject => ({
    type: 'auth',
    api_token,
    app_uuid,
    user_uuid: ids.uuid('user', user.number),
    device_uuid: ids.uuid('device', at),
    is_service_user: service,
    extra_data: service ? null : { title: 'Shop', location: { href: 'https://shop.example/' } },
  });
  const visitor = async (): Promise<Person> => {
    const user = await createUser(hub, app, { username: fresh('visitor'), role: 'visitor' });
    const token = await issueApiToken(hub, { app, door: 'ppcom', key });
    await grantVisitor(hub, await verifyApiToken(hub, token), user);
    const at = await device(user, 'MAB');
    return { user, device: at, auth: authOf(user, at, token, false) };
  };
  const agent = async (ostype = 'MAC', known?: User): Promise<Person> => {
    const user =
      known ?? (await createUser(hub, app, { username: fresh('agent'), role: 'agent', name: 'Ann' }));
    const { token } = await issueToken(hub, user, 'ppkefu');
    const at = await device(user, ostype);
    return { user, device: at, auth: authOf(user, at, token, true) };
  };
  const connect = async (person: Person): Promise<Client> => {
    const client = await Client.connect();
    client.say(person.auth);
    await client.next({ type: 'ACK', what: 'AUTH', code: 0 });
    return client;
  };
  const opened = async (person: Person): Promise<ConversationNumber> => {
    const fared = await routeVisitor(hub, app, person.user.number);
    if (fared.state !== 'assigned') throw new Error(fared.state);
    return fared.conversation;
  };
  const message = (by: Person, c: ConversationNumber, text: string, more: JsonObject = {}): JsonObject => ({
    type: 'send',
    send: {
      uuid: crypto.randomUUID(),
      app_uuid,
      to_type: 'DU',
      to_uuid: ids.uuid('conversation', c),
      from_type: 'DU',
      from_uuid: ids.uuid('user', by.user.number),
      conversation_uuid: ids.uuid('conversation', c),
      conversation_type: 'P2S',
      message_type: 'NOTI',
      message_subtype: 'TEXT',
      message_body: text,
      device_uuid: ids.uuid('device', by.device),
      ...more,
    },
  });
  return { app, visitor, agent, connect, opened, message };
}

export const bodyOf = ({ msg }: Frame): JsonObject => msg as JsonObject;
export const messagesIn = (client: Client): Frame[] => client.frames.filter(({ type }) => type === 'MSG');
