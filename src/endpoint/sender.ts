// The machine that empties an endpoint's queue: what is due is sent, as much at a time as the policy allows; the alarm makes
// sure that it goes on whatever happens to the object. An attempt that was cut off is made again.
import type { NoticeKind } from '../domain/hook-options.ts';
import type { ConversationNumber } from '../domain/ids.ts';
import type { JsonObject } from '../domain/model.ts';
import { Alarms, NET_MS, SOON_MS } from './alarms.ts';
import type { Attempt } from './api.ts';
import { Blocked } from './blocked.ts';
import { Bucket, Health } from './health.ts';
import { Keeping } from './keeping.ts';
import { Known } from './known.ts';
import { Leaving } from './leaving.ts';
import { Notices } from './notices.ts';
import {
  attemptOf,
  type Configured,
  type OneCall,
  type Outgoing,
  type SenderPort,
  sendOnce,
} from './port.ts';
import { DEAD, DELIVERED, type DeliveryRow, LANES, type Lane, Queue, WAITING } from './queue.ts';
import { type Answer, judge } from './schedule.ts';
import { Tempting } from './tempting.ts';

/** The row is read again when it is older than this and something is sent. */
const FRESH_MS = 300_000;
/** What could not be made, for the directory was away, is tried again so much later. */
const LATER_MS = 5_000;
/** Calls that are sent again because somebody asked, in a second (W16). */
const REPLAYS_PER_SECOND = 25;
/** An answer that takes longer to begin is worth a notice (W8). */
const SLOW_MS = 5_000;

export class Sender<Config extends Configured> {
  readonly queue: Queue;
  readonly health: Health;
  readonly notices: Notices;
  readonly now: () => number;
  private readonly storage: DurableObjectStorage;
  private readonly port: SenderPort<Config>;
  private readonly known: Known<Config>;
  private readonly leaving: Leaving;
  private readonly blocked: Blocked;
  private readonly tempting: Tempting;
  readonly keeping: Keeping;
  private readonly flights: Record<Lane, Map<number, Promise<void>>> = { 0: new Map(), 1: new Map() };
  private readonly buckets: Record<Lane, Bucket> = { 0: new Bucket(), 1: new Bucket() };
  private readonly gone = new AbortController();
  /** Something may wait to be sent again; after a wake nobody knows. */
  private replaying = true;
  private readonly alarms: Alarms;

  constructor(storage: DurableObjectStorage, port: SenderPort<Config>) {
    this.storage = storage;
    this.port = port;
    this.now = port.now;
    this.queue = new Queue(storage.sql);
    this.health = new Health(storage.sql);
    this.notices = new Notices(storage.sql, port);
    this.alarms = new Alarms(storage, port.now, () => this.pump());
    this.known = new Known(storage, port);
    this.leaving = new Leaving(storage.sql);
    this.blocked = new Blocked(storage.sql);
    this.tempting = new Tempting(storage.sql);
    this.keeping = new Keeping(storage, this.queue, this.notices, (dropped) =>
      this.say('dropped', { dropped }),
    );
  }

  /** Known here before it stands in the row. */
  get isLeft(): boolean {
    return this.leaving.isLeft;
  }

  /** After the object came into memory: what waits goes on, and a lost alarm is set again. */
  wake(): void {
    if (this.known.config) this.pump();
  }

  /** Forgets everything that is not written down, as an object does that is thrown out of memory in the middle of its work. */
  drop(): void {
    this.gone.abort();
    this.alarms.drop();
  }

  /** What the row says, at least as new as `version`. Null: the endpoint has ended. Throws where nothing is known. */
  async config(version: number): Promise<Config | null> {
    if (this.known.isBehind(version)) {
      try {
        await this.reload();
      } catch (error) {
        if (!this.known.config) throw error;
      }
    }
    return this.known.config;
  }

  /**
   * Reads the row again. Deliveries keep their order, or lose it, from then on. `resume`: the operator has switched it on again,
   * and what it did before does not count.
   */
  async reload(resume = false): Promise<void> {
    const before = await this.known.read();
    const { config } = this.known;
    if (!config) return;
    const { ordered } = config.policy;
    if (before && before.policy.ordered !== ordered) this.queue.reorder(ordered, this.now());
    if (resume) {
      this.health.forget();
      this.leaving.forget();
      this.say('enabled', {});
      this.queue.hurry(this.now());
    }
    this.pump();
  }

  /**
   * The alarm rang. Waits for what is on its way, so that the object stays; nothing thrown leaves here. `tempt`: makes the
   * daily call, where it is due.
   */
  async ring(tempt?: (config: Config) => Promise<unknown>): Promise<void> {
    this.alarms.rang();
    // First what has its time now: whatever looks for the next one must not find these.
    const { config } = this.known;
    const tempted =
      tempt && config && this.tempting.takes(config, this.now()) ? tempt(config).catch(failed) : null;
    this.sayBlocked();
    if (config && this.now() - this.known.readAt > FRESH_MS) await this.reload().catch(failed);
    if (this.known.config) this.keeping.prune(this.known.config.policy, this.now());
    void this.reportDisabled();
    await this.tell();
    this.pump();
    await Promise.all([...LANES.flatMap((lane) => [...this.flights[lane].values()]), tempted]);
    this.arm();
  }

  private sayBlocked(): void {
    const tells = this.known.config?.active === true && !this.leaving.isLeft;
    const found = this.blocked.look(this.now(), tells, this.notices);
    if (found) this.say('blocked', { ...found });
  }

  /** Something was put into the lane of what is sent again. */
  replay(): void {
    this.replaying = true;
    this.pump();
  }

  /** Sends what may be sent now. */
  pump(): void {
    const config = this.known.config;
    if (!config || this.gone.signal.aborted) return;
    if (config.active && !this.leaving.isLeft) for (const lane of LANES) this.pumpLane(config, lane);
    this.arm();
  }

  private pumpLane(config: Config, lane: Lane): void {
    if (lane === 1 && !this.replaying) return;
    const flights = this.flights[lane];
    const now = this.now();
    const most = now < this.health.slowUntil ? 1 : config.policy.concurrency;
    const perSecond = lane === 0 ? config.policy.perSecond : REPLAYS_PER_SECOND;
    while (flights.size < most) {
      const wait = this.buckets[lane].take(perSecond, now);
      if (wait > 0) return this.alarms.later(wait);
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
    const answer = await this.port.send(config, outgoing, this.gone.signal);
    if (!('at' in answer)) this.conclude(config, row.id, outgoing, at, answer);
    else if (!this.gone.signal.aborted) this.queue.rest(row.id, answer.at, this.now());
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
  once(config: Config, call: OneCall): Promise<Attempt> {
    return sendOnce(this.port, config, call, this.gone.signal);
  }

  private conclude(config: Config, id: number, outgoing: Outgoing, at: number, answer: Answer): void {
    if (this.gone.signal.aborted) return;
    const now = this.now();
    const row = this.queue.row(id);
    const { fixedMs, random } = this.port;
    const failingSince = this.health.since({ status: answer.status, at });
    const tries = (row?.tries ?? 0) + 1;
    const verdict = judge(config.policy, answer, { tries, failingSince, now, random, fixedMs });
    const turn = this.health.heard({ status: answer.status, at }, verdict);
    if (turn) this.say(turn.what, { failures: turn.failures });
    if ((answer.firstMs ?? 0) >= SLOW_MS) this.say('slow', { ms: answer.firstMs ?? 0, delivery: id });
    // Discarded, or erased with its endpoint, while it was on its way.
    if (row?.state !== WAITING) return;
    const { outcome } = verdict;
    const next = outcome.kind === 'again' ? outcome.at : null;
    const attempt = attemptOf(outgoing, at, answer, next);
    this.storage.transactionSync(() => {
      if (outcome.kind === 'again') {
        this.queue.again(row, attempt, outcome.at);
        if (config.policy.ordered) this.blocked.waits(row, attempt, outcome.at);
      } else if (outcome.kind === 'dead') this.queue.end(row, DEAD, outcome.reason, now, attempt);
      else this.queue.end(row, DELIVERED, null, now, attempt);
    });
    if (next !== null && next - now <= SOON_MS) this.alarms.later(Math.max(0, next - now));
    if (outcome.kind === 'dead') this.say('exhausted', { delivery: id, reason: outcome.reason });
    this.sayBlocked();
    if (verdict.disable !== null) this.disable(verdict.disable);
  }

  /** Leaves the receiver alone from now on. */
  disable(reason: string): void {
    if (!this.leaving.leave(reason, this.now())) return;
    this.say('disabled', { reason });
    void this.reportDisabled();
  }

  private async reportDisabled(): Promise<void> {
    try {
      await this.leaving.report(this.port.disable, () => this.reload());
    } catch (error) {
      this.laterAlarm(error);
    }
  }

  say(what: NoticeKind, more: JsonObject): void {
    this.notices.say(what, more);
    // Also where this object is cut off before they have heard.
    this.alarms.at(this.now() + NET_MS);
    void this.tell();
  }

  /** Who asked hears of it now, or with a later alarm. */
  private async tell(): Promise<void> {
    try {
      await this.notices.tell();
    } catch (error) {
      this.laterAlarm(error);
    }
  }

  private laterAlarm(error: unknown): void {
    failed(error);
    if (!this.gone.signal.aborted) this.alarms.at(this.now() + (this.port.fixedMs ?? LATER_MS));
  }

  /** The alarm for what comes next; nothing is armed where nothing waits and nothing is kept. */
  private arm(): void {
    if (this.gone.signal.aborted) return;
    const flying = new Set(LANES.flatMap((lane) => [...this.flights[lane].keys()]));
    const { config } = this.known;
    const tempted = config && this.tempting.dueAt(config, this.now());
    this.alarms.arm({
      flying: flying.size > 0,
      due: () => (config?.active ? this.queue.nextDue(flying) : null),
      others: [this.blocked.lookAt, tempted].filter((at) => at !== null),
      keeps: () => this.queue.any(),
    });
  }
}

const failed = (error: unknown) => console.error(JSON.stringify({ at: 'endpoint', error: String(error) }));
