// The machine that empties an endpoint's queue: what is due is sent, as much at a time as the policy allows; the alarm makes
// sure that it goes on whatever happens to the object. An attempt that was cut off is made again.
import type { ConversationNumber } from '../domain/ids.ts';
import type { Attempt } from './api.ts';
import { Bucket, Health } from './health.ts';
import { attemptOf, type Configured, type Outgoing, type SenderPort } from './port.ts';
import { DEAD, DELIVERED, type DeliveryRow, LANES, type Lane, Queue, WAITING } from './queue.ts';
import { type Answer, judge, succeeded } from './schedule.ts';
import { readMeta, writeMeta } from './schema.ts';

/** Deliveries are kept for so long (W16), and looked through once a day. */
const KEPT_MS = 30 * 86_400_000;
const PRUNE_MS = 86_400_000;
const PRUNE_ROWS = 500;
/** While something is on its way, the alarm rings so long after: it may have been cut off. */
const NET_MS = 30_000;
/** What is due within this time is waited for in memory: an alarm costs a row. */
const SOON_MS = 6_000;
/** The row is read again when it is older than this and something is sent. */
const FRESH_MS = 300_000;
/** What could not be made, for the directory was away, is tried again so much later. */
const LATER_MS = 5_000;
/** Calls that are sent again because somebody asked, in a second (W16). */
const REPLAYS_PER_SECOND = 25;
/** The first of a conversation waits for so long: its others wait behind it (W12). */
const BLOCKED_MS = 1_800_000;

export class Sender<Config extends Configured> {
  readonly queue: Queue;
  readonly health: Health;
  private readonly storage: DurableObjectStorage;
  private readonly port: SenderPort<Config>;
  private known: { config: Config; at: number } | null;
  private ended = false;
  /** Here at once when it is left alone; the directory hears of it as soon as it can. */
  private disabled: { reason: string; at: number } | null;
  private reading: Promise<void> = Promise.resolve();
  private readonly flights: Record<Lane, Map<number, Promise<void>>> = { 0: new Map(), 1: new Map() };
  private readonly buckets: Record<Lane, Bucket> = { 0: new Bucket(), 1: new Bucket() };
  private slowUntil = 0;
  private readonly gone = new AbortController();
  /** Something may wait to be sent again; after a wake nobody knows. */
  private replaying = true;
  private armed: number | null = null;
  private timer: { at: number; handle: ReturnType<typeof setTimeout> } | null = null;

  constructor(storage: DurableObjectStorage, port: SenderPort<Config>) {
    this.storage = storage;
    this.port = port;
    this.queue = new Queue(storage.sql);
    this.health = new Health(storage.sql);
    this.known = readMeta(storage.sql, 'config');
    this.disabled = readMeta(storage.sql, 'disabled');
  }

  now(): number {
    return this.port.now();
  }

  /** After the object came into memory: what waits goes on, and a lost alarm is set again. */
  wake(): void {
    if (this.known) this.pump();
  }

  /** Forgets everything that is not written down, as an object does that is thrown out of memory in the middle of its work. */
  drop(): void {
    this.gone.abort();
    clearTimeout(this.timer?.handle);
  }

  /** What the row says, at least as new as `version`. Null: the endpoint has ended. Throws where nothing is known. */
  async config(version: number): Promise<Config | null> {
    if (this.known && this.known.config.version >= version) return this.known.config;
    if (this.ended) return null;
    try {
      await this.reload();
    } catch (error) {
      if (!this.known) throw error;
    }
    return this.known?.config ?? null;
  }

  /** Reads the row again. Deliveries keep their order, or lose it, from then on. */
  async reload(): Promise<void> {
    // Not shared: what is read now may be older than what the caller knows to be written.
    this.reading = this.reading.catch(() => undefined).then(() => this.read());
    await this.reading;
  }

  private async read(): Promise<void> {
    const config = await this.port.read();
    if (!config) {
      this.ended = true;
      this.known = null;
      await this.storage.deleteAlarm();
      this.storage.sql.exec('DELETE FROM delivery');
      this.storage.sql.exec('DELETE FROM source');
      this.storage.sql.exec('DELETE FROM meta');
      return;
    }
    const before = this.known?.config;
    const ordered = config.policy.ordered;
    this.known = { config, at: this.now() };
    writeMeta(this.storage.sql, 'config', this.known);
    if (before && before.policy.ordered !== ordered) this.queue.reorder(ordered, this.now());
    this.pump();
  }

  /** The operator has switched it on again: what it did before does not count. */
  resume(): void {
    this.health.forget();
    this.enabled();
    this.queue.hurry(this.now());
    this.pump();
  }

  /** The alarm rang. Waits for what is on its way, so that the object stays; nothing thrown leaves here. */
  async ring(): Promise<void> {
    this.armed = null;
    try {
      if (this.known && this.now() - this.known.at > FRESH_MS) await this.reload();
    } catch (error) {
      failed(error);
    }
    this.prune();
    void this.reportDisabled();
    this.pump();
    await Promise.all(LANES.flatMap((lane) => [...this.flights[lane].values()]));
    this.arm();
  }

  /** Something was put into the lane of what is sent again. */
  replay(): void {
    this.replaying = true;
    this.pump();
  }

  /** Sends what may be sent now. */
  pump(): void {
    const config = this.known?.config;
    if (!config || this.gone.signal.aborted) return;
    if (config.active && !this.disabled) for (const lane of LANES) this.pumpLane(config, lane);
    this.arm();
  }

  private pumpLane(config: Config, lane: Lane): void {
    if (lane === 1 && !this.replaying) return;
    const flights = this.flights[lane];
    const now = this.now();
    const most = now < this.slowUntil ? 1 : config.policy.concurrency;
    const perSecond = lane === 0 ? config.policy.perSecond : REPLAYS_PER_SECOND;
    while (flights.size < most) {
      const wait = this.buckets[lane].take(perSecond, now);
      if (wait > 0) return this.later(wait);
      const row = this.queue.next(lane, now, new Set(flights.keys()));
      if (!row) {
        if (lane === 1) this.replaying = flights.size > 0 || this.queue.nextDue(new Set(), [1]) !== null;
        return this.buckets[lane].giveBack();
      }
      const flight = this.attempt(config, row)
        .catch(failed)
        .finally(() => {
          flights.delete(row.id);
          this.pump();
        });
      flights.set(row.id, flight);
    }
  }

  private async attempt(config: Config, row: DeliveryRow): Promise<void> {
    let body: string | null;
    try {
      body = row.body ?? (await this.make(config, row));
    } catch (error) {
      if (this.gone.signal.aborted) return;
      console.error(JSON.stringify({ at: 'endpoint', delivery: row.id, error: String(error) }));
      this.queue.postpone(row.id, this.now() + (this.port.fixedMs ?? LATER_MS));
      return;
    }
    if (body === null) return this.queue.end(row, DELIVERED, 'nothing to tell', this.now(), null);
    const outgoing = {
      ...{ event: row.event, type: row.type, seq: row.seq, body },
      conversation: row.conversation as ConversationNumber | 0,
      attempt: row.attempts + 1,
      replay: row.lane === 1,
    };
    const at = this.now();
    this.conclude(config, row.id, outgoing, at, await this.port.send(config, outgoing, this.gone.signal));
  }

  /** The body of a delivery, made once and kept (W2). */
  async make(config: Config, row: Pick<DeliveryRow, 'id' | 'fed'>): Promise<string | null> {
    if (row.fed === null) throw new Error('what it was made of is erased');
    const body = await this.port.make(config, row.fed);
    if (this.gone.signal.aborted) throw new Error('let go');
    if (body !== null) this.queue.made(row.id, body);
    return body;
  }

  /** One call beside the queue, whose outcome changes nothing. */
  async once(
    config: Config,
    call: Pick<DeliveryRow, 'event' | 'type' | 'seq' | 'conversation'> & { body: string; to?: string },
  ): Promise<Attempt> {
    const at = this.now();
    const { event, type, seq, body, to } = call;
    const conversation = call.conversation as ConversationNumber | 0;
    const outgoing = { event, type, seq, conversation, body, to, attempt: 1, replay: true };
    return attemptOf(outgoing, at, await this.port.send(config, outgoing, this.gone.signal), null);
  }

  private conclude(config: Config, id: number, outgoing: Outgoing, at: number, answer: Answer): void {
    if (this.gone.signal.aborted) return;
    const now = this.now();
    const warned = this.health.heard({ status: answer.status, at });
    if (warned !== null) this.port.warn('failing', { failures: warned });
    const row = this.queue.row(id);
    // Discarded, or erased with its endpoint, while it was on its way.
    if (row?.state !== WAITING) return;
    const { fixedMs, random } = this.port;
    const { failingSince } = this.health;
    const tries = row.tries + 1;
    const verdict = judge(config.policy, answer, { tries, failingSince, now, random, fixedMs });
    const { outcome } = verdict;
    const next = outcome.kind === 'again' ? outcome.at : null;
    const attempt = attemptOf(outgoing, at, answer, next);
    this.storage.transactionSync(() => {
      if (outcome.kind === 'again') this.queue.again(row, attempt, outcome.at);
      else if (outcome.kind === 'dead') this.queue.end(row, DEAD, outcome.reason, now, attempt);
      else this.queue.end(row, DELIVERED, null, now, attempt);
    });
    if (next !== null && next - now <= SOON_MS) this.later(Math.max(0, next - now));
    if (verdict.slowUntil !== null) this.slowUntil = Math.max(this.slowUntil, verdict.slowUntil);
    if (!succeeded(answer.status)) this.watch(config, row, now);
    if (verdict.disable !== null) this.disable(verdict.disable);
  }

  /** Others of its conversation have waited behind it for long: told once. */
  private watch({ policy }: Config, row: DeliveryRow, now: number): void {
    const since = now - row.taken_at;
    const before = (JSON.parse(row.log) as Attempt[]).at(-1);
    const told = before !== undefined && before.at - row.taken_at >= BLOCKED_MS;
    if (policy.ordered && since >= BLOCKED_MS && !told)
      this.port.warn('blocked', { conversation: row.conversation, delivery: row.id });
  }

  private disable(reason: string): void {
    if (this.disabled) return;
    this.disabled = { reason, at: this.now() };
    writeMeta(this.storage.sql, 'disabled', this.disabled);
    this.port.warn('disabled', { reason });
    void this.reportDisabled();
  }

  private async reportDisabled(): Promise<void> {
    const { disabled } = this;
    if (!disabled) return;
    try {
      await this.port.disable(disabled.reason);
      await this.reload();
      if (this.disabled === disabled) this.enabled();
    } catch (error) {
      failed(error);
      this.armAt(this.now() + (this.port.fixedMs ?? LATER_MS));
    }
  }

  private enabled(): void {
    if (!this.disabled) return;
    this.disabled = null;
    this.storage.sql.exec("DELETE FROM meta WHERE key = 'disabled'");
  }

  private prune(): void {
    const now = this.now();
    const last = readMeta<number>(this.storage.sql, 'pruned') ?? 0;
    if (now - last < PRUNE_MS) return;
    const more = this.storage.transactionSync(() => this.queue.prune(now - KEPT_MS, now, PRUNE_ROWS));
    if (!more) writeMeta(this.storage.sql, 'pruned', now);
  }

  private inFlight(): Set<number> {
    return new Set(LANES.flatMap((lane) => [...this.flights[lane].keys()]));
  }

  /** The alarm for what comes next; nothing is armed where nothing waits and nothing is kept. */
  private arm(): void {
    if (this.gone.signal.aborted) return;
    const now = this.now();
    const flying = this.inFlight();
    const net = now + NET_MS;
    // Whatever ends pumps again, and what is due soon after a failure has a timer.
    if (flying.size > 0 && this.armed !== null && this.armed <= net) return;
    const due = this.known?.config.active ? this.queue.nextDue(flying) : null;
    const times = flying.size > 0 ? [net] : [];
    // What is due soon has a timer, and no row; the net is below it. Due and not sent: something holds it up.
    if (due !== null && due > now && due - now <= SOON_MS) this.later(due - now);
    if (due !== null) times.push(due - now <= SOON_MS ? net : due);
    if (times.length > 0) return this.armAt(Math.min(...times));
    if (this.armed === null && this.queue.any()) this.armAt(now + PRUNE_MS);
  }

  /** One row written, unless it rings before then anyway. */
  private armAt(at: number): void {
    if (this.armed !== null && this.armed <= at) return;
    this.armed = at;
    void this.storage.setAlarm(at);
  }

  /** Pumps again in `ms`, while the object is in memory. */
  private later(ms: number): void {
    const at = this.now() + ms;
    if (this.timer && this.timer.at <= at) return;
    clearTimeout(this.timer?.handle);
    const handle = setTimeout(() => {
      this.timer = null;
      this.pump();
    }, ms);
    this.timer = { at, handle };
  }
}

const failed = (error: unknown) => console.error(JSON.stringify({ at: 'endpoint', error: String(error) }));
