// The Desk: one Durable Object for each app, which knows who of its team is there, which devices are online, and who gets
// the next visitor. Everything is in its tables; memory holds only what is under way. Their rows are devices.ts, agents.ts,
// seats.ts and acks.ts.
import { DurableObject } from 'cloudflare:workers';
import type { Arrival, Asking, Attendance, Hopeless, Routed, ServiceGroup } from '../domain/desk.ts';
import type { Result } from '../domain/errors.ts';
import type { ConversationNumber, DeviceNumber, UserNumber } from '../domain/ids.ts';
import { Evictor } from '../sockets/evictor.ts';
import { Acks } from './acks.ts';
import { Agents } from './agents.ts';
import type { Acknowledged, DeskApi, DeskPort, Pushed } from './api.ts';
import { Criers } from './criers.ts';
import { type DeviceRow, Devices } from './devices.ts';
import { Routing } from './routing.ts';
import { migrate } from './schema.ts';
import { Seats } from './seats.ts';

export abstract class DeskObject<E = unknown> extends DurableObject<E> implements DeskApi {
  private readonly evictor: Evictor;
  private readonly devices: Devices;
  private readonly agents: Agents;
  private readonly seats: Seats;
  private readonly acks: Acks;
  private readonly criers: Criers;
  private readonly routing: Routing;

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
    this.routing = new Routing({
      storage: ctx.storage,
      devices: this.devices,
      agents: this.agents,
      seats: this.seats,
      criers: this.criers,
      port: () => this.port(),
      drop: (row) => this.drop(row),
      goOn: (work) => ctx.waitUntil(work),
    });
  }

  /** What this object does to the world. */
  protected abstract port(): DeskPort;

  // ---- visitors ----

  async route(asking: Asking): Promise<Result<Routed>> {
    return this.evictor.during(() => this.routing.route(asking));
  }

  async hopeless(visitor: UserNumber, hopeless: Hopeless): Promise<void> {
    return this.evictor.during(async () =>
      this.criers.tellVisitor(visitor, { t: 'routed', conversation: null, hopeless }),
    );
  }

  async standing(visitor: UserNumber): Promise<Routed | null> {
    return this.evictor.during(async () => this.routing.standing(visitor));
  }

  async offer(present: UserNumber[]): Promise<void> {
    return this.evictor.during(async () => this.routing.serve(present));
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
      this.routing.serve();
    });
  }

  override async alarm(): Promise<void> {
    return this.evictor.during(() => this.routing.resume());
  }

  // ---- the team and its devices ----

  async ready(arrival: Arrival, groups: number[]): Promise<void> {
    return this.evictor.during(async () => {
      this.arrive(arrival, null, null);
      this.agents.set(arrival.user, groups, Date.now());
      this.routing.serve();
    });
  }

  async came(arrival: Arrival): Promise<void> {
    return this.evictor.during(async () => this.arrive(arrival, null, null));
  }

  async away(user: UserNumber, device: DeviceNumber): Promise<void> {
    return this.evictor.during(async () => {
      const row = this.devices.of(device);
      if (row?.user !== user) return;
      if (row.gate !== null) this.criers.end(row.gate);
      this.leave(row);
      const others = this.devices.ofUser(user).some((each) => each.online === 1 && each.service === 1);
      if (!others && this.agents.isReady(user)) this.agents.set(user, null, Date.now());
    });
  }

  async connected(arrival: Arrival, gate: string, extra: string | null): Promise<Pushed> {
    return this.evictor.during(async () => {
      this.arrive(arrival, gate, extra);
      this.criers.know(gate);
      if (arrival.service) this.routing.serve();
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
      for (const user of this.devices.team(limit)) if (await this.routing.isThere(user)) there.push(user);
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
