// What the Relay of a bridge to a matterbridge (relay/object.ts) does to the world: as a client it connects to the other's api; as
// a server it is told what is said here. What comes in either way is matterbridge-arrivals.ts.
import { isServed } from '../domain/bridges.ts';
import type { EndpointNumber } from '../domain/ids.ts';
import { refuseWebhook, resolvesOutside } from '../http/outgoing.ts';
import { resolverOf } from '../http/resolve.ts';
import { openedBridge } from '../hub/bridges.ts';
import type { Hub } from '../hub/context.ts';
import { type RelayPort, relayOf } from '../hub/relays.ts';
import { takeIn } from './matterbridge-arrivals.ts';
import { CONNECTED, isOf, readWire, wireOf } from './matterbridge-wire.ts';

const TIMEOUT_MS = 15_000;
/** What a ring holds at most that is read at once. */
const MOST_BYTES = 16 * 1024 * 1024;

/** What is said here, kept for whoever asks and told to who listens. Answers as an api that hands ids on. */
export async function publishAt(hub: Hub, number: EndpointNumber, message: string): Promise<Response> {
  await relayOf(hub, number).publish(message);
  return new Response(message, { headers: { 'content-type': 'application/json' } });
}

/** What the Relay of a bridge to a matterbridge does to the world. */
export const matterbridgePort = (hub: Hub, number: EndpointNumber): RelayPort => new Port(hub, number);

class Port implements RelayPort {
  private readonly hub: Hub;
  private readonly number: EndpointNumber;

  constructor(hub: Hub, number: EndpointNumber) {
    this.hub = hub;
    this.number = number;
  }

  greeting(): string {
    const nobody = { gateway: '', channel: '', account: '', protocol: '' };
    return JSON.stringify(wireOf({ event: CONNECTED, ...nobody }, new Date()));
  }

  async arrived(text: string): Promise<boolean> {
    const message = readWire(text);
    const found = message && (await openedBridge(this.hub, this.number));
    return !found || (await takeIn(this.hub, found, message)).done;
  }

  async ended(): Promise<boolean> {
    return (await openedBridge(this.hub, this.number)) === null;
  }

  echoed(text: string, gateway: string): string | null {
    const message = readWire(text);
    if (!message || !isOf(gateway, message.gateway)) return null;
    return JSON.stringify(wireOf({ ...textual(message), gateway }, new Date()));
  }

  /** Where the other's api is; null: this bridge listens to nobody. Throws where it must not be called. */
  private async peer(): Promise<{ url: string; headers: Record<string, string> } | null> {
    const { hub } = this;
    const found = await openedBridge(hub, this.number);
    if (!found?.active || isServed(found.bridge)) return null;
    const { url, credentials } = found.bridge;
    const around = { allowed: hub.settings.webhookAllowHosts, own: [...found.app.hosts] };
    const problem = refuseWebhook(url, around);
    if (problem) throw new Error(`the address ${problem}`);
    const resolved = await resolvesOutside(new URL(url), around.allowed, resolverOf(hub.env));
    if (!resolved.ok) throw new Error(resolved.reason);
    return {
      url: `${url.replace(/\/+$/, '')}/api`,
      headers: credentials.token ? { authorization: `Bearer ${credentials.token}` } : {},
    };
  }

  async connect(): Promise<WebSocket | null> {
    const peer = await this.peer();
    if (!peer) return null;
    const response = await fetch(`${peer.url}/websocket`, {
      headers: { ...peer.headers, upgrade: 'websocket' },
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.webSocket) {
      await response.body?.cancel();
      throw new Error(`the other side answered ${response.status}`);
    }
    return response.webSocket;
  }

  async missed(): Promise<string[]> {
    const peer = await this.peer();
    if (!peer) return [];
    const response = await fetch(`${peer.url}/messages`, {
      headers: peer.headers,
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) {
      await response.body?.cancel();
      throw new Error(`the other side answered ${response.status}`);
    }
    const text = await response.text();
    if (text.length > MOST_BYTES) throw new Error('the other side has kept too much');
    const messages: unknown = JSON.parse(text);
    // Go writes an empty list as nothing.
    return Array.isArray(messages) ? messages.map((one) => JSON.stringify(one)) : [];
  }
}

/** Without what Go leaves null. */
const textual = (message: NonNullable<ReturnType<typeof readWire>>) =>
  Object.fromEntries(Object.entries(message).filter(([, value]) => value !== null && value !== undefined));
