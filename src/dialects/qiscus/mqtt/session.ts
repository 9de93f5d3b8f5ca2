// One MQTT connection of a chat SDK (contracts/qiscus.md 9): who it is by the tokens that it subscribes to, what it listens
// to, what it tells. Bytes are packets.ts; what it is told is news.ts.
import { Refused } from '../../../domain/errors.ts';
import type { GateLine, GateProtocol } from '../../../domain/gate.ts';
import type { JsonObject } from '../../../domain/model.ts';
import { appBySlug } from '../../../hub/apps.ts';
import { Buckets } from '../../../hub/buckets.ts';
import type { Caller, Hub } from '../../../hub/context.ts';
import { holderOf } from '../../../hub/gates.ts';
import { callerFromClaims, hearOfRevocations } from '../../../hub/sessions.ts';
import { holderOfToken } from '../sdk/access.ts';
import { grant, tell } from './granting.ts';
import { newsOf, presenceNews } from './news.ts';
import {
  type ClientPacket,
  CONNECTED,
  connack,
  Malformed,
  PacketReader,
  pingresp,
  puback,
  publish,
  REFUSED,
  suback,
  unsuback,
  WRONG_CLIENT_ID,
  WRONG_LEVEL,
  WRONG_PASSWORD,
} from './packets.ts';
import { Subscriptions } from './subscriptions.ts';
import { type Topic, topicOf } from './topics.ts';

/** RFC 6455 7.4.1. */
const PROTOCOL_ERROR = 1002;
const GOING_AWAY = 1001;
/** A burst of so many packets that ask something of the hub, and how long each one after them takes to come back. */
const BURST = 200;
const REFILL_MS = 50;
/** MQTT 3.1.2.10: half as long again as the client said. */
const PATIENCE = 1.5;

/** What is kept while the object sleeps. */
interface Kept {
  keepAlive: number;
  /** It said that its user is away. */
  away: boolean;
  /** Signed in by its password: it need not subscribe to anything to stay so. */
  byPassword: boolean;
  slug: string | null;
  subscriptions: JsonObject;
}

type Of<Type extends ClientPacket['type']> = Extract<ClientPacket, { type: Type }>;

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

export class MqttSession implements GateProtocol {
  private readonly hub: Hub;
  private readonly line: GateLine;
  private readonly reader = new PacketReader();
  private readonly budget = new Buckets<'packets'>(1);
  private readonly subscriptions: Subscriptions;
  private connected: { keepAlive: number } | null = null;
  private away = false;
  private byPassword = false;
  /** The app that the client named: for tokens that do not say themselves whose they are. */
  private slug: string | null = null;

  constructor(hub: Hub, line: GateLine) {
    this.hub = hub;
    this.line = line;
    const kept = line.kept as Kept | null;
    this.subscriptions = Subscriptions.of(kept?.subscriptions ?? null);
    if (!kept) return;
    this.connected = { keepAlive: kept.keepAlive };
    this.away = kept.away;
    this.byPassword = kept.byPassword;
    this.slug = kept.slug;
  }

  get busy(): boolean {
    return this.reader.busy;
  }

  get patienceMs(): number | undefined {
    const { keepAlive = 0 } = this.connected ?? {};
    return keepAlive === 0 ? undefined : keepAlive * 1000 * PATIENCE;
  }

  async binary(data: Uint8Array): Promise<void> {
    try {
      for (const packet of this.reader.read(data)) await this.take(packet);
    } catch (error) {
      if (!(error instanceof Malformed)) throw error;
      if (error.level && !this.connected) this.line.send(connack(WRONG_LEVEL));
      this.line.close(PROTOCOL_ERROR, error.message);
    }
  }

  async frames(frames: readonly string[]): Promise<void> {
    if (!this.line.holder) return;
    try {
      const caller = await this.caller();
      const around = { hub: this.hub, caller, subscriptions: this.subscriptions };
      for (const frame of frames) {
        for (const news of await newsOf(around, frame))
          this.line.send(publish(news.topic, news.payload, news));
      }
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      // Nothing here is told twice: a client that reads what it missed begins with coming back.
      this.line.close(GOING_AWAY, error.refusal.code);
    }
  }

  private async take(packet: ClientPacket): Promise<void> {
    if (packet.type === 'connect') return this.connect(packet);
    if (!this.connected) throw new Malformed('not connected');
    switch (packet.type) {
      case 'subscribe':
        return this.subscribe(packet);
      case 'unsubscribe':
        return this.unsubscribe(packet);
      case 'publish':
        await this.told(packet);
        if (packet.id !== null) this.line.send(puback(packet.id));
        return;
      case 'pingreq':
        return this.line.send(pingresp());
      case 'disconnect':
        return this.line.close();
    }
  }

  /** The clients say nothing of who they are here: a token may come as the password, and else in what is subscribed to. */
  private async connect(packet: Of<'connect'>): Promise<void> {
    if (this.connected) throw new Malformed('connected already');
    const refuse = (code: number): void => {
      this.line.send(connack(code));
      this.line.close();
    };
    if (packet.clientId === '' && !packet.clean) return refuse(WRONG_CLIENT_ID);
    this.slug = /^([a-z0-9-]{1,64})_/.exec(packet.clientId)?.[1] ?? null;
    if (packet.password && !(await this.identify(text(packet.password)))) return refuse(WRONG_PASSWORD);
    // A will needs no keeping: that the connection ended is what presence is made of.
    this.connected = { keepAlive: packet.keepAlive };
    this.byPassword = packet.password !== null;
    this.keep();
    this.line.send(connack(CONNECTED));
  }

  private async subscribe({ id, filters }: Of<'subscribe'>): Promise<void> {
    const codes: number[] = [];
    const shown: string[] = [];
    for (const filter of filters) {
      const topic = topicOf(filter);
      const given = topic !== null && this.affords() && (await this.unlessRefused(() => this.granted(topic)));
      const kept = given && this.keep();
      if (given && !kept) this.drop(topic);
      codes.push(kept ? 0 : REFUSED);
      if (kept && topic.about === 'presence') shown.push(topic.user);
    }
    this.line.send(suback(id, codes));
    if (shown.length > 0) await this.show(shown);
  }

  /** False: not theirs. Throws Refused where the hub says so. */
  private async granted(topic: Topic): Promise<boolean> {
    if (topic.about === 'own') return this.grantOwn(topic);
    if (!this.line.holder) return false;
    return grant({ hub: this.hub, caller: await this.caller(), subscriptions: this.subscriptions }, topic);
  }

  private async grantOwn({ token, news }: Extract<Topic, { about: 'own' }>): Promise<boolean> {
    if (!this.subscriptions.own.has(token) && !(await this.identify(token))) return false;
    this.subscriptions.addOwn(token, news);
    return true;
  }

  /** Makes the connection speak for the token's holder. False: it is no good, or there is no room for it. */
  private async identify(token: string): Promise<boolean> {
    const { hub, line } = this;
    return this.unlessRefused(async () => {
      const app = this.slug === null ? null : await appBySlug(hub, this.slug).catch(() => null);
      const { caller, claims } = await holderOfToken(hub, app, token);
      const holder = holderOf(caller, claims);
      if (line.holder?.session === holder.session) return true;
      if (line.holder && line.holder.user !== holder.user) this.subscriptions.clear();
      if (!(await line.signIn(holder, caller.app.settings.inboxShards))) return false;
      if (this.away) await line.attend(false);
      return true;
    });
  }

  private async unlessRefused(work: () => Promise<boolean>): Promise<boolean> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Refused) return false;
      throw error;
    }
  }

  private async unsubscribe({ id, filters }: Of<'unsubscribe'>): Promise<void> {
    let people = false;
    for (const filter of filters) {
      const topic = topicOf(filter);
      if (!topic) continue;
      this.drop(topic);
      people ||= topic.about === 'presence';
    }
    if (people) await this.line.watch([...this.subscriptions.people.values()]);
    // The SDK's sign-out: the connection stays, and speaks for nobody.
    if (this.subscriptions.isEmpty && !this.byPassword && this.line.holder) {
      this.subscriptions.clear();
      await this.line.signOut();
    }
    this.keep();
    this.line.send(unsuback(id));
  }

  private drop(topic: Topic): void {
    const { subscriptions } = this;
    switch (topic.about) {
      case 'own':
        return subscriptions.removeOwn(topic.token, topic.news);
      case 'room':
        return subscriptions.removeRoom(topic.room, topic.news, topic.user);
      case 'presence':
        subscriptions.people.delete(topic.user);
        return;
      case 'channel':
        subscriptions.channels = subscriptions.channels.filter(({ uniqueId }) => uniqueId !== topic.uniqueId);
    }
  }

  /** Begins to watch these people, and tells where they are now, as a broker tells what it retained. */
  private async show(users: readonly string[]): Promise<void> {
    const { people } = this.subscriptions;
    const online = new Set(await this.line.watch([...people.values()]));
    for (const user of new Set(users)) {
      const { topic, payload } = presenceNews(user, online.has(people.get(user) as never));
      this.line.send(publish(topic, payload, { retain: true }));
    }
  }

  /** What is not theirs to say is not heard (MQTT has no answer for it). */
  private async told({ topic: name, payload }: Of<'publish'>): Promise<void> {
    const { holder } = this.line;
    const topic = topicOf(name);
    if (!holder || !topic) return;
    const own = holder.card.externalId;
    await this.unlessRefused(async () => {
      if (topic.about === 'presence' && topic.user === own) await this.attend(text(payload) !== '0');
      else if (topic.about === 'room' && (topic.user === null || topic.user === own) && this.affords())
        await tell(this.hub, await this.caller(), topic, text(payload));
      return true;
    });
  }

  private async attend(here: boolean): Promise<void> {
    // Clients say every few seconds that they are here.
    if (this.away === !here) return;
    this.away = !here;
    this.keep();
    await this.line.attend(here);
  }

  private affords(): boolean {
    if (this.hub.settings.limits === 'off') return true;
    const now = Date.now();
    if (this.budget.wait('packets', REFILL_MS, BURST * REFILL_MS, now) > 0) return false;
    this.budget.take('packets', REFILL_MS, now);
    return true;
  }

  private keep(): boolean {
    const kept: Kept = {
      keepAlive: this.connected?.keepAlive ?? 0,
      away: this.away,
      byPassword: this.byPassword,
      slug: this.slug,
      subscriptions: this.subscriptions.kept(),
    };
    return this.line.keep(kept as unknown as JsonObject);
  }

  /** The holder, as long as their session lasts. */
  private async caller(): Promise<Caller> {
    const { hub, line } = this;
    const { holder } = line;
    if (!holder) throw new Refused({ code: 'unauthorized', message: 'Unauthorized' });
    await hearOfRevocations(hub, holder.app);
    return callerFromClaims(hub, holder, 'qiscus');
  }
}
