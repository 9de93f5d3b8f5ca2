// Giving visitors to the team, and opening what was given: one conversation at a time for each seat, again until it is
// open. Who may have whom is agents.ts, the rows are seats.ts.
import type { Asking, Routed } from '../domain/desk.ts';
import { ok, Refused, type Result, refused, unavailable } from '../domain/errors.ts';
import type { UserNumber } from '../domain/ids.ts';
import type { Agents } from './agents.ts';
import type { DeskPort } from './api.ts';
import type { Criers } from './criers.ts';
import type { DeviceRow, Devices } from './devices.ts';
import { GIVEN, type Kind, OPENED, policyOf, type Seat, type Seats, WAITS } from './seats.ts';

/** Conversations that are opened at a time for those who waited. */
const OPEN_AT_ONCE = 8;
/** When a conversation that could not be opened is tried again. */
const AGAIN_MS = 2_000;
/** Agents who turn out not to be there, or not of the team, before a visitor waits instead. */
const PICKS = 10;

/** What routing works with. */
export interface Surroundings {
  storage: DurableObjectStorage;
  devices: Devices;
  agents: Agents;
  seats: Seats;
  criers: Criers;
  port(): DeskPort;
  /** A connection is not there any more. */
  drop(row: DeviceRow): void;
  /** Work that outlives the call. */
  goOn(work: Promise<unknown>): void;
}

export class Routing {
  private readonly around: Surroundings;
  /** What is being opened, by place. */
  private readonly opening = new Map<number, Promise<Result<Routed>>>();

  constructor(around: Surroundings) {
    this.around = around;
    // Whoever opened these went away meanwhile.
    if (around.seats.given(1).length > 0) around.goOn(this.again());
  }

  /** See DeskApi. */
  async route(asking: Asking): Promise<Result<Routed>> {
    const { storage, agents, seats, criers } = this.around;
    const seat = storage.transactionSync(() => {
      if (asking.group) agents.regroup(asking.group);
      const taken = seats.take(asking, Date.now());
      // Those who came before go first.
      if (taken.state === WAITS) this.giveOut(taken, asking.present);
      return seats.at(taken.place) as Seat;
    });
    this.openGiven();
    if (seat.state === GIVEN) return this.open(seat.place);
    if (seat.state === WAITS) {
      seats.wait(seat.place);
      criers.tellVisitor(asking.visitor, { t: 'routed', conversation: null, hopeless: null });
    }
    return ok(seats.standing(seat));
  }

  /** See DeskApi. */
  standing(visitor: UserNumber): Routed | null {
    const seat = this.around.seats.newestOf(visitor);
    if (seat?.state === GIVEN) void this.open(seat.place);
    return seat && this.around.seats.standing(seat);
  }

  /** Opens what was left, once. */
  async resume(): Promise<void> {
    const given = this.around.seats.given(OPEN_AT_ONCE);
    await Promise.all(given.map(({ place }) => this.open(place)));
  }

  /** Gives those who wait to whoever may have them, the first one first; and opens their conversations behind the call. */
  serve(present: readonly UserNumber[] = []): void {
    this.around.storage.transactionSync(() => {
      for (const kind of this.around.seats.kinds()) this.giveOut(kind, present);
    });
    this.openGiven();
  }

  /** Nobody for the first of them is nobody for those behind. */
  private giveOut(kind: Kind, present: readonly UserNumber[]): void {
    for (;;) {
      const seat = this.around.seats.firstWaiting(kind);
      if (!seat || !this.give(seat, present)) return;
    }
  }

  /** False: nobody may have them now. */
  private give(seat: Seat, present: readonly UserNumber[] = []): boolean {
    if (seat.policy === 'ALL') {
      this.around.seats.give(seat.place, null);
      return true;
    }
    const agent = this.around.agents.next(policyOf(seat), seat.grp, present);
    if (agent === null) return false;
    this.around.seats.give(seat.place, agent);
    this.around.agents.took(agent, seat.place);
    return true;
  }

  private openGiven(): void {
    const given = this.around.seats.given(OPEN_AT_ONCE).filter(({ place }) => !this.opening.has(place));
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
          else this.around.seats.drop(place);
        } else this.openGiven();
        return result;
      });
    this.opening.set(place, opened);
    this.around.goOn(opened);
    return opened;
  }

  private async tryOpen(place: number): Promise<Result<Routed>> {
    for (let picks = 0; ; picks++) {
      const seat = this.around.seats.at(place);
      if (!seat) return refused({ code: 'conflict', message: 'The visitor does not wait any more.' });
      if (seat.state !== GIVEN) return ok(this.around.seats.standing(seat));
      const agent = seat.agent as UserNumber | null;
      if (agent === null || (await this.isThere(agent))) {
        const { visitor, grp, key } = seat;
        const seating = { visitor: visitor as UserNumber, agent, group: grp > 0 ? grp : null, key };
        const opened = await this.around.port().open(seating);
        if (!opened.ok) return opened;
        if (opened.value !== 'unfit') {
          this.around.seats.opened(place, opened.value, Date.now());
          // Who was answered at once knows it already.
          const told = { t: 'routed', conversation: opened.value, hopeless: null } as const;
          if (seat.waited === 1) this.around.criers.tellVisitor(visitor as UserNumber, told);
          return ok(this.around.seats.standing({ ...seat, state: OPENED, conversation: opened.value }));
        }
        if (agent !== null) this.unfit(agent);
      }
      this.around.storage.transactionSync(() => {
        this.around.seats.putBack(place);
        if (picks < PICKS) this.give({ ...seat, state: WAITS });
      });
    }
  }

  /** Asks those who seem to be there through a connection alone: a killed server takes its connections along without a word. */
  async isThere(agent: UserNumber): Promise<boolean> {
    let [there, gone] = [false, false];
    for (const row of this.around.devices.ofUser(agent)) {
      if (row.service !== 1 || row.online !== 1) continue;
      if (await this.around.criers.isAlive(row)) there = true;
      else {
        this.around.drop(row);
        gone = true;
      }
    }
    // Without a device that said so they are there through another door.
    return there || !gone;
  }

  private unfit(agent: UserNumber): void {
    this.around.agents.forget(agent);
    this.around.devices.forget(agent);
  }

  /** Seats that were given and not opened are tried again later, whatever becomes of this object. */
  private async again(): Promise<void> {
    const { storage } = this.around;
    if ((await storage.getAlarm()) === null) await storage.setAlarm(Date.now() + AGAIN_MS);
  }
}
