// The Endpoint: one Durable Object for each address that is told what happens, so that one which hangs takes nobody
// else's place. Here its calls are answered; the machine that sends is sender.ts.
import { DurableObject } from 'cloudflare:workers';
import { notFound, ok, Refused, type Result, refused, unavailable } from '../domain/errors.ts';
import type { DeviceNews, EndpointNews, Feed, HookNotice, HookSignal } from '../domain/hooks.ts';

import type { Env } from '../env.ts';
import { Evictor } from '../sockets/evictor.ts';
import type {
  Attempt,
  Delivery,
  DeliveryFilter,
  DeliveryPage,
  EndpointApi,
  EndpointStatus,
  NoticePage,
  Probe,
  Which,
} from './api.ts';
import { echoOf } from './echo.ts';
import { chosen, deliveryOf, fedOf, figures, pageOf } from './journal.ts';
import { takeNews } from './news.ts';
import type { Configured, Outgoing, SenderPort } from './port.ts';
import { DEAD, type DeliveryRow, DISCARDED, type Planned, WAITING } from './queue.ts';
import { succeeded } from './schedule.ts';
import { migrate } from './schema.ts';
import { Sender } from './sender.ts';

/** Deliveries that one call repeats or gives up. */
const MOST_AT_ONCE = 1_000;
/** A challenge is to be answered at once (W23). */
const CHALLENGE_MS = 5_000;

export abstract class EndpointObject<Config extends Configured>
  extends DurableObject<Env>
  implements EndpointApi
{
  protected readonly evictor: Evictor;
  protected sender: Sender<Config>;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    migrate(ctx.storage);
    this.sender = this.remember();
    // An abort would have its next alarm tried again two seconds later: what memory holds goes, what is on its way is cut
    // off, and it begins again from what is written down.
    this.evictor = new Evictor(ctx.storage, Number(env.EVICT_EVERY ?? 0), () => {
      this.sender.drop();
      this.sender = this.remember();
    });
  }

  private remember(): Sender<Config> {
    const sender = new Sender<Config>(this.ctx.storage, this.port());
    sender.wake();
    return sender;
  }

  /** What this object does to the world; a test may say otherwise. */
  protected abstract port(): SenderPort<Config>;
  /** What of an entry is sent, in order; nothing where nobody asked for it. */
  protected abstract plan(config: Config, feed: Feed): Planned[];
  /** The same of what becomes of a person; null: nobody asked for it. */
  protected abstract planNotice(config: Config, notice: Omit<HookNotice, 'version'>): Planned | null;
  /** The body of an event that says nothing. */
  protected abstract hello(config: Config): { type: string; body: string };
  /** An event that asks for a word to be sent back. */
  protected abstract riddle(config: Config): { type: string; body: string; word: string };
  /** The same call as a command line, signed now. */
  protected abstract curl(config: Config, row: DeliveryRow & { body: string }): Promise<string>;
  /** Sends what is no entry, once. */
  protected abstract sendSignal(config: Config, signal: HookSignal): Promise<void>;

  async take(feed: Feed): Promise<null> {
    return this.evictor.during(async () => {
      const config = await this.sender.config(feed.version);
      if (!config) return null;
      const { queue } = this.sender;
      const now = this.sender.now();
      this.ctx.storage.transactionSync(() => {
        const seen = queue.seen(feed);
        const entries = feed.entries.filter(({ entry }) => entry.seq > seen);
        const ends = feed.end && feed.end.seq > seen ? feed.end : undefined;
        const last = ends?.seq ?? entries.at(-1)?.entry.seq;
        if (last === undefined) return;
        const all = this.plan(config, { ...feed, entries, end: ends });
        for (const planned of all) queue.add(feed.facts.number, planned, config.policy.ordered, now);
        for (const { entry } of entries)
          if (entry.kind === 'redact') queue.erase(feed.facts.number, entry.user);
        if (ends) queue.erase(feed.facts.number, null);
        queue.saw(feed, last);
        this.sender.keeping.trim(config.policy, all.length, now);
      });
      this.sender.pump();
      return null;
    });
  }

  async news(version: number): Promise<null> {
    return this.evictor.during(async () => {
      const config = await this.sender.config(version);
      const port = this.port();
      if (!config) await port.newsTaken(null);
      else await takeNews(this.ctx.storage, port, (notice) => this.takeNotice(config, notice));
      this.sender.pump();
      return null;
    });
  }

  /** Inside a transaction. */
  private takeNotice(config: Config, notice: Omit<HookNotice, 'version'>): void {
    const { queue, keeping } = this.sender;
    const now = this.sender.now();
    const planned = this.planNotice(config, notice);
    if (planned) queue.add(0, planned, config.policy.ordered, now);
    // What was said of them before goes with them.
    if (notice.notice.kind === 'user removed') queue.erase(0, notice.notice.user.number);
    keeping.trim(config.policy, 1, now);
  }

  async notice(notice: HookNotice<DeviceNews | EndpointNews>): Promise<null> {
    return this.evictor.during(async () => {
      const config = await this.sender.config(notice.version);
      if (config) this.ctx.storage.transactionSync(() => this.takeNotice(config, notice));
      this.sender.pump();
      return null;
    });
  }

  async signal(signal: HookSignal): Promise<null> {
    return this.evictor.during(async () => {
      const config = await this.sender.config(signal.version);
      if (config?.active) this.ctx.waitUntil(this.sendSignal(config, signal).catch(() => undefined));
      return null;
    });
  }

  async changed({ resume = false } = {}): Promise<Result<null>> {
    return this.answer(async () => {
      await this.sender.reload(resume);
      return null;
    });
  }

  async status(): Promise<Result<EndpointStatus>> {
    return this.answer(() => {
      const { failingSince, failures } = this.sender.health;
      const { count: dropped, at: droppedAt } = this.sender.keeping.dropped;
      const now = { failingSince, consecutiveFailures: failures, dropped, droppedAt };
      return { ...figures(this.ctx.storage.sql), ...now };
    });
  }

  async deliveries(
    filter: DeliveryFilter,
    before: number | null,
    limit: number,
  ): Promise<Result<DeliveryPage>> {
    return this.answer(() => pageOf(this.ctx.storage.sql, filter, before, limit));
  }

  async delivery(id: number): Promise<Result<Delivery>> {
    return this.answer(async () => {
      const row = this.rowOf(id);
      const config = row.body === null ? null : await this.sender.config(0);
      return deliveryOf(row, config && (await this.curl(config, { ...row, body: row.body as string })));
    });
  }

  async whole(event: string): Promise<Result<string>> {
    return this.answer(async () => {
      const config = await this.demandConfig();
      const fed = fedOf(this.ctx.storage.sql, event);
      const text = fed && (await this.port().make(config, fed));
      if (!text) throw new Refused(notFound('endpoint', 'Delivery not found'));
      return text;
    });
  }

  async notices(before: number | null, limit: number): Promise<Result<NoticePage>> {
    return this.answer(() => this.sender.notices.page(before, limit));
  }

  async replay(which: Which): Promise<Result<{ queued: number; next: number | null }>> {
    return this.answer(async () => {
      const config = await this.demandConfig();
      const { rows, next } = chosen(this.ctx.storage.sql, which, MOST_AT_ONCE);
      const now = this.sender.now();
      // What was erased cannot be said again.
      const whole = rows.filter(({ body, fed }) => body !== null || fed !== null);
      this.ctx.storage.transactionSync(() => {
        for (const row of whole) this.sender.queue.repeat(row, config.policy.ordered, now);
      });
      this.sender.replay();
      return { queued: whole.length, next };
    });
  }

  async discard(which: Which): Promise<Result<{ discarded: number; next: number | null }>> {
    return this.answer(() => {
      const { queue } = this.sender;
      const { rows, next } = chosen(this.ctx.storage.sql, which, MOST_AT_ONCE);
      const waiting = rows.filter(({ state }) => state === WAITING);
      const dead = rows.filter(({ state }) => state === DEAD);
      const now = this.sender.now();
      this.ctx.storage.transactionSync(() => {
        for (const row of waiting) queue.end(row, DISCARDED, 'discarded', now, null);
        for (const { id } of dead) queue.dismiss(id);
      });
      this.sender.pump();
      return { discarded: waiting.length + dead.length, next };
    });
  }

  async probe({ delivery, to, forged }: Probe): Promise<Result<Attempt>> {
    return this.answer(async () => {
      const config = await this.demandConfig();
      if (delivery === undefined) return this.greet(config, this.hello(config), { to, forged });
      const row = this.rowOf(delivery);
      const body = row.body ?? (await this.sender.make(config, row));
      if (body === null) throw new Refused(notFound('endpoint', 'Delivery not found'));
      return this.sender.once(config, { ...row, body, to, replay: true });
    });
  }

  async challenge(): Promise<Result<{ echoed: boolean; reason: string | null }>> {
    return this.answer(async () => {
      await this.sender.reload();
      const config = await this.demandConfig();
      const timeoutMs = Math.min(CHALLENGE_MS, config.policy.timeoutMs);
      const { word, ...said } = this.riddle(config);
      const patient = { ...config, policy: { ...config.policy, timeoutMs } };
      return echoOf(await this.greet(patient, said), word);
    });
  }

  /** One call that says nothing of any conversation. Whoever takes a wrong signature is told on. */
  private async greet(
    config: Config,
    { type, body }: { type: string; body: string },
    more: Pick<Outgoing, 'to' | 'forged'> = {},
  ): Promise<Attempt> {
    const event = `test_${this.sender.now()}`;
    const call = { event, type, seq: 0, conversation: 0, body, replay: false, ...more };
    const attempt = await this.sender.once(config, call);
    if (more.forged && succeeded(attempt.status)) this.sender.say('forgeable', { status: attempt.status });
    return attempt;
  }

  override async alarm(): Promise<void> {
    const tempt = (config: Config) => this.greet(config, this.hello(config), { forged: true });
    await this.evictor.during(() => this.sender.ring(tempt));
  }

  private rowOf(id: number) {
    const row = this.sender.queue.row(id);
    if (!row) throw new Refused(notFound('endpoint', 'Delivery not found'));
    return row;
  }

  protected async demandConfig(): Promise<Config> {
    const config = await this.sender.config(0);
    if (!config) throw new Refused(notFound('endpoint'));
    return config;
  }

  protected answer<T>(work: () => T | Promise<T>): Promise<Result<T>> {
    return this.evictor.during(async () => {
      try {
        return ok(await work());
      } catch (error) {
        if (error instanceof Refused) return refused(error.refusal);
        console.error(JSON.stringify({ at: 'endpoint', name: this.ctx.id.name, error: String(error) }));
        return refused(unavailable(String(error)));
      }
    });
  }
}
