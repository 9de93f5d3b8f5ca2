// The Endpoint as it is deployed: the object of endpoint/ with the formats, the signatures and the hub behind it.
import type { Call } from '../bridges/network.ts';
import type { Arriving, Bridge, Screened } from '../domain/bridges.ts';
import { type EndpointSecret, livingSecrets, newEndpointSecret } from '../domain/endpoint-secrets.ts';
import type { Result } from '../domain/errors.ts';
import type { FedEntry, Feed, HookNotice, HookSignal } from '../domain/hooks.ts';
import {
  type ConversationNumber,
  type EndpointNumber,
  endpointNumber,
  type MessageNumber,
} from '../domain/ids.ts';
import type { Notice } from '../endpoint/api.ts';
import type { BridgeApi, Copy, Counts } from '../endpoint/bridge-api.ts';
import { Guard } from '../endpoint/guard.ts';
import { EndpointObject } from '../endpoint/object.ts';
import type { Outgoing, SenderPort } from '../endpoint/port.ts';
import type { DeliveryRow, Planned } from '../endpoint/queue.ts';
import { resolverOf } from '../http/resolve.ts';
import { newSecret } from '../http/secrets.ts';
import { appByNumber } from '../hub/apps.ts';
import { readBridge, type StoredBridge, unsealedBridge } from '../hub/bridges.ts';
import { type Hub, hubOf } from '../hub/context.ts';
import { disableHook, readHook, tellOfEndpoint } from '../hub/endpoint-calls.ts';
import { ed25519Seed, type HookOfApp, headersOf, secretsOf, signatureOf } from '../hub/hooks.ts';
import { newsOfPeople, newsTaken } from '../hub/news.ts';
import { VERSION } from '../version.ts';
import { Bridging } from './bridging.ts';
import { type Config, configOf, fits } from './config.ts';
import { curlOf } from './curl.ts';
import { eventId, type Fed, type Format, MOST_BYTES } from './formats/format.ts';
import { FORMATS } from './formats/formats.ts';
import { exchange, send } from './send.ts';
import { ed25519Pair, signatureHeaders } from './signing.ts';
import { wholeAddress } from './whole.ts';

/** Messages that have waited so long for a bridge are told in short, if there are many. */
const DIGEST_MS = 60_000;
const IN_CIRCLES = 'messages went in circles';

interface Opened {
  hook: HookOfApp;
  secrets: EndpointSecret[];
  headers: Record<string, string>;
}

export class Endpoint extends EndpointObject<Config> implements BridgeApi {
  private opened: Opened | null = null;
  private openBridge: { of: StoredBridge; bridge: Bridge } | null = null;
  /** As old as the sender: both go when the object is let go. */
  private bridging: { sender: unknown; bridging: Bridging } | null = null;

  protected override port(): SenderPort<Config> {
    const { settings } = this.hub(null);
    const { webhookRetrySeconds: seconds } = settings;
    return {
      read: async () => {
        const hook = await readHook(this.hub(null), this.number);
        const bridge = hook?.format === 'bridge' ? await readBridge(this.hub(null), this.number) : null;
        return hook && configOf(hook, bridge, settings.webhookTimeoutMs);
      },
      news: (after) => newsOfPeople(this.hub(null), this.number, after),
      newsTaken: (upTo) => newsTaken(this.hub(null), this.number, upTo),
      ended: () => Bridging.forget(this.ctx.storage.sql),
      make: async ({ hook }, fed) => formatOf(hook).body(this.hub(hook), hook, JSON.parse(fed) as Fed),
      send: (config, outgoing, signal) => this.send(config, outgoing, signal),
      disable: (reason) => disableHook(this.hub(null), this.number, reason),
      tell: (notice) => this.tell(notice),
      warn: (what, more) =>
        console.warn(JSON.stringify({ at: 'endpoint', endpoint: this.number, what, ...more })),
      fixedMs: seconds === null ? null : Math.max(1, seconds * 1000),
      now: () => Date.now(),
      random: () => Math.random(),
    };
  }

  protected override plan({ hook, bridge }: Config, feed: Feed): Planned[] {
    if (bridge) return fits(hook, feed) ? this.bridged().plan(bridge, feed) : [];
    const format = FORMATS[hook.format];
    const { entries, end, ...about } = feed;
    if (!format || !fits(hook, feed)) return [];
    const hub = this.hub(hook);
    const parts: (FedEntry | null)[] = end ? [...entries, null] : entries;
    return parts.flatMap((fed) => {
      const message = fed?.entry.kind === 'message' ? fed.entry.message : null;
      const { doors } = hook.delivery;
      if (message && doors && !doors.includes(message.door)) return [];
      return format
        .events(feed, fed)
        .filter(({ type }) => format.wants(hook.events, type))
        .map(({ type, suffix }) => {
          const made: Fed = { about, fed, ...(fed ? {} : { end }), type, suffix };
          const seq = fed?.entry.seq ?? end?.seq ?? 0;
          const place = { event: eventId(about, seq, suffix), type, author: fed?.entry.author ?? null, seq };
          const body = format.asks(hook) ? null : format.body(hub, hook, made);
          if (typeof body !== 'string') return { ...place, body: null, fed: JSON.stringify(made) };
          const bytes = body.length * 3 > MOST_BYTES ? Buffer.byteLength(body) : 0;
          if (bytes <= MOST_BYTES || !format.short) return { ...place, body, fed: null };
          const whole = { url: wholeAddress(hub, hook, place.event), bytes };
          return { ...place, body: format.short(hub, hook, made, whole), fed: JSON.stringify(made) };
        });
    });
  }

  protected override planNotice({ hook }: Config, notice: Omit<HookNotice, 'version'>): Planned | null {
    const format = FORMATS[hook.format];
    const said = format?.notice?.(this.hub(hook), hook, notice);
    if (!said || !format?.wants(hook.events, said.type)) return null;
    const author = notice.notice.kind === 'endpoint' ? null : notice.notice.user.number;
    return { event: `evt_${said.id}`, type: said.type, author, seq: 0, body: said.body, fed: null };
  }

  protected override hello({ hook }: Config) {
    return formatOf(hook).hello(this.hub(hook), hook, Date.now());
  }

  protected override riddle({ hook }: Config) {
    const word = newSecret();
    const type = 'endpoint.challenge';
    const data = { app: hook.slug, challenge: word };
    return { word, type, body: JSON.stringify({ type, timestamp: new Date().toISOString(), data }) };
  }

  protected override async sendSignal(config: Config, signal: HookSignal): Promise<void> {
    const { hook } = config;
    const format = FORMATS[hook.format];
    if (!format || !fits(hook, signal)) return;
    const said = await format.signal?.(this.hub(hook), hook, signal);
    if (!said || !format.wants(hook.events, said.type)) return;
    const { number } = signal.facts;
    const event = `sig_${number}_${crypto.randomUUID()}`;
    const call = { event, ...said, conversation: number, seq: 0, attempt: 1, replay: false };
    await this.send(config, call);
  }

  private async send(config: Config, outgoing: Outgoing, signal?: AbortSignal) {
    const { hook, bridge, policy } = config;
    if (bridge) return this.carry(config, bridge, outgoing, signal);
    const hub = this.hub(hook);
    const { body, to } = outgoing;
    const headers = await this.headers(hub, hook, outgoing);
    const call = { url: to ?? hook.url, headers, body, timeoutMs: policy.timeoutMs, signal };
    const around = { allowed: hub.settings.webhookAllowHosts, own: await this.ownHosts(hub, hook) };
    return send(call, around, resolverOf(this.env));
  }

  /** What a bridge was told, in as many calls as it takes. */
  private async carry(
    { hook, policy }: Config,
    stored: StoredBridge,
    outgoing: Outgoing,
    signal?: AbortSignal,
  ) {
    const hub = this.hub(hook);
    if (this.openBridge?.of !== stored)
      this.openBridge = { of: stored, bridge: await unsealedBridge(hub, stored, hook) };
    const { bridge } = this.openBridge;
    const { webhookRetrySeconds: seconds } = hub.settings;
    const digestMs = bridge.options.digest === false ? null : seconds === null ? DIGEST_MS : seconds * 1000;
    const around = { allowed: hub.settings.webhookAllowHosts, own: await this.ownHosts(hub, hook) };
    const make = (call: Call) => {
      const json: Record<string, string> =
        typeof call.body === 'string' ? { 'content-type': 'application/json' } : {};
      const headers = { ...json, 'user-agent': `Parlance/${VERSION}`, ...call.headers };
      return exchange(
        { ...call, headers, timeoutMs: policy.timeoutMs, signal },
        around,
        resolverOf(this.env),
      );
    };
    return this.bridged().send(hub, bridge, outgoing, { queue: this.sender.queue, digestMs, make, signal });
  }

  private bridged(): Bridging {
    if (this.bridging?.sender !== this.sender)
      this.bridging = { sender: this.sender, bridging: new Bridging(this.ctx.storage.sql) };
    return this.bridging.bridging;
  }

  override async changed(options: { resume?: boolean } = {}): Promise<Result<null>> {
    if (options.resume) Guard.reset(this.ctx.storage.sql);
    return super.changed(options);
  }

  async screen(event: Arriving, version: number): Promise<Result<Screened>> {
    return this.answer(async () => {
      const config = await this.sender.config(version);
      // It ended a moment ago.
      if (!config?.bridge) return { pass: true, target: null, parent: null };
      const active = config.active && !this.sender.isLeft;
      const stop = () => this.sender.disable(IN_CIRCLES);
      return this.bridged().screen(event, config.bridge, { hub: this.hub(config.hook), active, stop });
    });
  }

  async keepCopy(source: string, event: string): Promise<Result<null>> {
    return this.answer(() => {
      this.bridged().guard.keep(source, event, Date.now());
      return null;
    });
  }

  async bridgeStatus(): Promise<Result<{ counts: Counts; copies: Copy[] }>> {
    return this.answer(() => {
      const { guard } = this.bridged();
      return { counts: guard.counts, copies: guard.copies() };
    });
  }

  async dropCopies(): Promise<Result<null>> {
    return this.answer(() => {
      this.bridged().guard.forget();
      return null;
    });
  }

  async copy(id: number, message: MessageNumber | null): Promise<Result<Copy>> {
    return this.answer(() => this.bridged().guard.copy(id, message, Date.now()));
  }

  private async headers(hub: Hub, hook: HookOfApp, outgoing: Outgoing): Promise<Record<string, string>> {
    const now = Date.now();
    const { event, body, attempt, seq, replay, conversation, forged } = outgoing;
    const opened = await this.open(hub, hook);
    const living = livingSecrets(opened.secrets, now);
    const pairs = hook.delivery.ed25519
      ? await Promise.all(living.map(({ id }) => ed25519Pair(ed25519Seed(hub, hook.number, id))))
      : [];
    const keys = forged
      ? { secrets: [newEndpointSecret()], ed25519: [] }
      : { secrets: living.map(({ text }) => text), ed25519: pairs.map(({ key }) => key) };
    return {
      ...opened.headers,
      'content-type': 'application/json',
      'user-agent': `Parlance/${VERSION}`,
      'x-hub-attempt': String(attempt),
      ...(conversation === 0 ? {} : { 'x-hub-seq': String(seq) }),
      ...(replay ? { 'x-hub-replay': 'true' } : {}),
      ...(await signatureHeaders(signatureOf(hook), keys, {
        id: event,
        timestamp: Math.floor(now / 1000),
        body,
      })),
    };
  }

  protected override async curl(
    { hook, bridge }: Config,
    row: DeliveryRow & { body: string },
  ): Promise<string> {
    if (bridge) return '# a bridge makes its own calls of this, as many as it takes';
    const hub = this.hub(hook);
    const conversation = row.conversation as ConversationNumber | 0;
    const outgoing = { ...row, conversation, attempt: Math.max(1, row.attempts), replay: row.lane === 1 };
    const headers = await this.headers(hub, hook, outgoing);
    return curlOf(hook.url, headers, await headersOf(hub, hook), row.body);
  }

  /** The app's other endpoints that ask how its endpoints are doing. */
  private async tell({ id, at, what, more }: Notice): Promise<void> {
    const hook = await readHook(this.hub(null), this.number);
    if (!hook) return;
    const hub = this.hub(hook);
    const notice = { kind: 'endpoint', endpoint: this.number, id, what, more } as const;
    await tellOfEndpoint(hub, hook, { version: hook.version, notice, at, number: 0 });
  }

  /** What is sealed in the row, opened once for each that was read. */
  private async open(hub: Hub, hook: HookOfApp): Promise<Opened> {
    if (this.opened?.hook !== hook) {
      const [secrets, headers] = await Promise.all([secretsOf(hub, hook, Date.now()), headersOf(hub, hook)]);
      this.opened = { hook, secrets, headers };
    }
    return this.opened;
  }

  private async ownHosts(hub: Hub, hook: HookOfApp): Promise<string[]> {
    const hosts = await appByNumber(hub, hook.app).then(
      (app) => app.hosts,
      // While the directory is away its hosts are not known; they were looked at when the endpoint was made.
      () => [],
    );
    return hub.origin === '' ? hosts : [new URL(hub.origin).hostname, ...hosts];
  }

  private get number(): EndpointNumber {
    return endpointNumber(Number(this.ctx.id.name));
  }

  private hub(hook: HookOfApp | null): Hub {
    const here = this.env.HOST ? `http://${this.env.HOST}:${this.env.PORT}` : '';
    return hubOf(this.env, hook?.origin ?? here, (work) => this.ctx.waitUntil(work));
  }
}

function formatOf({ format }: HookOfApp): Format {
  const known = FORMATS[format];
  if (!known) throw new Error(`no such format: ${format}`);
  return known;
}
