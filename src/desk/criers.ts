// What the Desk says to the connections that it knows: who came and went, and to one that it is logged out.
import type { DeskFrame, Turn } from '../domain/desk.ts';
import type { GateApi } from '../domain/gate.ts';
import type { DeviceNumber, UserNumber } from '../domain/ids.ts';
import type { DeviceRow, Devices } from './devices.ts';

/** Connections that are told of somebody. In a larger company the rest is not: n arrivals would cost n² calls. */
const TOLD = 200;

export class Criers {
  private readonly devices: Devices;
  private readonly gate: (name: string) => GateApi;
  /** Connections that have shown a sign of life since this object woke. */
  private readonly alive = new Set<string>();

  constructor(devices: Devices, gate: (name: string) => GateApi) {
    this.devices = devices;
    this.gate = gate;
  }

  /** Forgets who was alive. */
  drop(): void {
    this.alive.clear();
  }

  know(gate: string): void {
    this.alive.add(gate);
  }

  /** A device that is online by a login alone is taken at its word. */
  async isAlive({ gate }: DeviceRow): Promise<boolean> {
    if (gate === null || this.alive.has(gate)) return true;
    const alive = await this.gate(gate)
      .alive()
      .catch(() => false);
    if (alive) this.alive.add(gate);
    return alive;
  }

  /** Tells the team, and of the team's everybody, that this device came or went. Best effort. */
  tell(row: DeviceRow, online: boolean): void {
    const turn: DeskFrame = {
      t: 'turn',
      user: row.user as Turn['user'],
      device: row.number as DeviceNumber,
      kind: row.kind as Turn['kind'],
      service: row.service === 1,
      online,
      extra: row.extra,
      at: Date.now(),
    };
    for (const { gate, device } of this.devices.gates(row.service === 1 ? 'everybody' : 'team', TOLD))
      if (device !== row.number) this.send(gate, turn);
  }

  logOut(gate: string, device: DeviceNumber): void {
    this.alive.delete(gate);
    this.send(gate, { t: 'logout', device });
  }

  /** To everything that the person is connected with. */
  tellVisitor(visitor: UserNumber, frame: Extract<DeskFrame, { t: 'routed' }>): void {
    for (const { gate } of this.devices.ofUser(visitor)) if (gate !== null) this.send(gate, frame);
  }

  end(gate: string): void {
    this.alive.delete(gate);
    this.send(gate, { t: 'ended' });
  }

  private send(gate: string, frame: DeskFrame): void {
    void this.gate(gate)
      .receive([JSON.stringify(frame)])
      .catch(() => undefined);
  }
}
