// The Desk: one Durable Object for each app, which knows who of its team is there, which devices are online, and who gets
// the next visitor. Everything is in its tables; memory holds only what is under way. Their rows are devices.ts, agents.ts,
// seats.ts and acks.ts.
import { DurableObject } from 'cloudflare:workers';
import { ok, Refused, type Result, refused, unavailable } from '../domain/errors.ts';
import type { ConversationNumber, DeviceNumber, UserNumber } from '../domain/ids.ts';
import { Evictor } from '../sockets/evictor.ts';
import { Acks } from './acks.ts';
import { Agents } from './agents.ts';
import type {
  Acknowledged,
  Arrival,
  Asking,
  Attendance,
  DeskApi,
  DeskPort,
  Pushed,
  Routed,
  ServiceGroup,
} from './api.ts';
import { Criers } from './criers.ts';
import { type DeviceRow, Devices } from './devices.ts';
import { migrate } from './schema.ts';
import { GIVEN, type Kind, OPENED, policyOf, type Seat, Seats, WAITS } from './seats.ts';

/** Conversations that are opened at a time for those who waited. */
const OPEN_AT_ONCE = 8;
/** When a conversation that could not be opened is tried again. */
const AGAIN_MS = 2_000;
/** Agents who turn out not to be there, or not of the team, before a visitor waits instead. */
const PICKS = 10;

export abstract class DeskObject<E = unknown> extends DurableObject<E> implements DeskApi {
  private readonly evictor: Evictor;
  private readonly devices: Devices;
  private readonly agents: Agents;
  private readonly seats: Seats;
  private readonly acks: Acks;
  private readonly criers: Criers;
  /** What is being opened, by place. */
  private readonly opening = new Map<number, Promise<Result<Routed>>>();

  constructor(ctx: DurableObjectState, env: E) {
    super(ctx, env);
    migrate(ctx.storage);
    const { sql } = ctx.storage;
    this.devices = new Devices(sql);
    this.agents = new Agents(sql);
    this.seats = new Seats(sql);
    this.acks = new Acks(sql);
    this.criers = new Criers(this.devices, (name) => this.port().gate(name));
    const { EVICT_EVERY } = env as { EVICT_EVERY?: unknown };
    // An abort would have its next alarm tried again two seconds later: what memory knows of connections goes.
    this.evictor = new Evictor(ctx.storage, Number(EVICT_EVERY ?? 0), () => this.criers.drop());
    // Whoever opened these went away meanwhile.
    if (this.seats.given(1).length > 0) ctx.waitUntil(this.again());
  }

  /** What this object does to the world. */
  protected abstract port(): DeskPort;

  // ---- visitors ----

  async route(asking: Asking): Promise<Result<Routed>> {
    return this.evictor.during(async () => {
      const seat = this.ctx.storage.transactionSync(() => {
        if (asking.group) this.agents.regroup(asking.group);
        const seat = this.seats.take(asking, Date.now());
        // Those who came before go first.
        if (seat.state === WAITS) this.giveOut(seat);
        return this.seats.at(seat.place) as Seat;
      });
      this.openGiven();
      return seat.state === GIVEN ? this.open(seat.place) : ok(this.seats.standing(seat));
    });
  }

  async standing(visitor: UserNumber): Promise<Routed | null> {
    return this.evictor.during(async () => {
      const seat = this.seats.newestOf(visitor);
      if (seat?.state === GIVEN) void this.open(seat.place);
      return seat && this.seats.standing(seat);
    });
  }

  async cancel(visitor: UserNumber): Promise<boolean> {
    return this.evictor.during(async () => this.seats.cancel(visitor));
  }

  async dismiss(visitor: UserNumber, conversation: ConversationNumber): Promise<void> {
    return this.evictor.during(async () => this.seats.dismiss(visitor, conversation));
  }

  async regrouped(group: ServiceGroup): Promise<void> {
    return this.evictor.during(async () => {
      this.agents.regroup(group);
      this.serve();
    });
  }

  /** Gives those who wait to whoever may have them, the first one first; and opens their conversations behind the call. */
  private serve(): void {
    this.ctx.storage.transactionSync(() => {
      for (const kind of this.seats.kinds()) this.giveOut(kind);
    });
    this.openGiven();
  }

  /** Nobody for the first of them is nobody for those behind. */
  private giveOut(kind: Kind): void {
    for (;;) {
      const seat = this.seats.firstWaiting(kind);
      if (!seat || !this.give(seat)) return;
    }
  }

  /** False: nobody may have them now. */
  private give(seat: Seat): boolean {
    if (seat.policy === 'ALL') {
      this.seats.give(seat.place, null);
      return true;
    }
    const agent = this.agents.next(policyOf(seat), seat.grp);
    if (agent === null) return false;
    this.seats.give(seat.place, agent);
    this.agents.took(agent, seat.place);
    return true;
  }

  private openGiven(): void {
    const given = this.seats.given(OPEN_AT_ONCE).filter(({ place }) => !this.opening.has(place));
    for (const { place } of given) {
      if (this.opening.size >= OPEN_AT_ONCE) return;
      void this.open(place);
    }
  }

  /** Opens the conversation of a seat that was given to somebody: once at a time, whoever asks. */
  private open(place: number): Promise<Result<Routed>> {
    const known = this.opening.get(place);
    if (known) return known;
    const opened = this.tryOpen(place)
      .catch((error): Result<Routed> => {
        console.error(JSON.stringify({ at: 'desk.open', error: String(error) }));
        return refused(error instanceof Refused ? error.refusal : unavailable(String(error)));
      })
      .then(async (result) => {
        this.opening.delete(place);
        if (!result.ok) {
          if (result.refusal.code === 'unavailable') await this.again();
          else this.seats.drop(place);
        } else this.openGiven();
        return result;
      });
    this.opening.set(place, opened);
    this.ctx.waitUntil(opened);
    return opened;
  }

  private async tryOpen(place: number): Promise<Result<Routed>> {
    for (let picks = 0; ; picks++) {
      const seat = this.seats.at(place);
      if (!seat) return refused({ code: 'conflict', message: 'The visitor does not wait any more.' });
      if (seat.state !== GIVEN) return ok(this.seats.standing(seat));
      const agent = seat.agent as UserNumber | null;
      if (agent === null || (await this.isThere(agent))) {
        const { visitor, grp, key } = seat;
        const seating = { visitor: visitor as UserNumber, agent, group: grp === 0 ? null : grp, key };
        const opened = await this.port().open(seating);
        if (!opened.ok) return opened;
        if (opened.value !== 'unfit') {
          this.seats.opened(place, opened.value, Date.now());
          return ok(this.seats.standing({ ...seat, state: OPENED, conversation: opened.value }));
        }
        if (agent !== null) this.unfit(agent);
      }
      this.ctx.storage.transactionSync(() => {
        this.seats.putBack(place);
        if (picks < PICKS) this.give({ ...seat, state: WAITS });
      });
    }
  }

  /** Asks those who seem to be there through a connection alone: a killed server takes its connections along without a word. */
  private async isThere(agent: UserNumber): Promise<boolean> {
    let there = false;
    for (const row of this.devices.ofUser(agent)) {
      if (row.service !== 1 || row.online !== 1) continue;
      if (await this.criers.isAlive(row)) there = true;
      else this.drop(row);
    }
    return there;
  }

  private unfit(agent: UserNumber): void {
    this.agents.forget(agent);
    this.devices.forget(agent);
  }

  /** Seats that were given and not opened are tried again later, whatever becomes of this object. */
  private async again(): Promise<void> {
    const { storage } = this.ctx;
    if ((await storage.getAlarm()) === null) await storage.setAlarm(Date.now() + AGAIN_MS);
  }

  override async alarm(): Promise<void> {
    return this.evictor.during(async () => {
      const given = this.seats.given(OPEN_AT_ONCE);
      await Promise.all(given.map(({ place }) => this.open(place)));
    });
  }

  // ---- the team and its devices ----

  async ready(arrival: Arrival, groups: number[]): Promise<void> {
    return this.evictor.during(async () => {
      this.arrive(arrival, null, null);
      this.agents.set(arrival.user, groups, Date.now());
      this.serve();
    });
  }

  async away(user: UserNumber, device: DeviceNumber): Promise<void> {
    return this.evictor.during(async () => {
      const row = this.devices.of(device);
      if (row?.user !== user) return;
      if (row.gate !== null) this.criers.end(row.gate);
      this.leave(row);
      const others = this.devices.ofUser(user).some((each) => each.online === 1 && each.service === 1);
      if (!others) this.agents.set(user, null, Date.now());
    });
  }

  async connected(arrival: Arrival, gate: string, extra: string | null): Promise<Pushed> {
    return this.evictor.during(async () => {
      this.arrive(arrival, gate, extra);
      this.criers.know(gate);
      if (arrival.service) this.serve();
      return this.pushedTo(this.devices.of(arrival.device) as DeviceRow);
    });
  }

  async disconnected(device: DeviceNumber, gate: string): Promise<void> {
    return this.evictor.during(async () => {
      const row = this.devices.of(device);
      if (row?.gate === gate) this.drop(row);
    });
  }

  private arrive(arrival: Arrival, gate: string | null, extra: string | null): void {
    const before = this.ctx.storage.transactionSync(() => {
      const known = this.devices.arrive(arrival, gate, extra, Date.now());
      for (const rival of this.devices.rivals(arrival)) {
        this.devices.leave(rival.number as DeviceNumber, Date.now());
        if (rival.gate !== null) this.criers.logOut(rival.gate, rival.number as DeviceNumber);
      }
      return known;
    });
    // The same device again: another page of the browser, or another person at it.
    if (gate !== null && before?.gate && before.gate !== gate)
      this.criers.logOut(before.gate, arrival.device);
    if (before?.online !== 1 || before.user !== arrival.user)
      this.criers.tell(this.devices.of(arrival.device) as DeviceRow, true);
  }

  /** A connection ended. The team's telephones are online until they log out: what wakes them is none of ours. */
  private drop(row: DeviceRow): void {
    if (row.service === 1 && row.kind === 'mobile') this.devices.letGo(row.number as DeviceNumber);
    else this.leave(row);
  }

  private leave(row: DeviceRow): void {
    if (this.devices.leave(row.number as DeviceNumber, Date.now())) this.criers.tell(row, false);
  }

  async attendance(users: UserNumber[]): Promise<Attendance[]> {
    return this.evictor.during(async () =>
      users.map((user) => ({ ...this.devices.attendance(user), ready: this.agents.isReady(user) })),
    );
  }

  async present(limit: number): Promise<UserNumber[]> {
    return this.evictor.during(async () => {
      const there: UserNumber[] = [];
      for (const user of this.devices.team(limit)) if (await this.isThere(user)) there.push(user);
      return there;
    });
  }

  async device(device: DeviceNumber): Promise<{ user: UserNumber; online: boolean } | null> {
    return this.evictor.during(async () => {
      const row = this.devices.of(device);
      return row && { user: row.user as UserNumber, online: row.online === 1 };
    });
  }

  // ---- what arrived ----

  async acknowledged(user: UserNumber, device: DeviceNumber, seen: Acknowledged[]): Promise<boolean> {
    return this.evictor.during(async () => {
      if (this.devices.of(device)?.user !== user) return false;
      this.ctx.storage.transactionSync(() => this.acks.add(device, seen, Date.now()));
      return true;
    });
  }

  async pushed(user: UserNumber, device: DeviceNumber): Promise<Pushed | null> {
    return this.evictor.during(async () => {
      const row = this.devices.of(device);
      return row?.user === user ? this.pushedTo(row) : null;
    });
  }

  private pushedTo(row: DeviceRow): Pushed {
    return { since: row.since, marks: this.acks.of(row.number as DeviceNumber) };
  }

  async forget(user: UserNumber): Promise<void> {
    return this.evictor.during(async () => {
      for (const { gate } of this.devices.ofUser(user)) if (gate !== null) this.criers.end(gate);
      this.ctx.storage.transactionSync(() => {
        this.devices.forget(user);
        this.agents.forget(user);
        this.seats.forget(user);
      });
    });
  }
}
