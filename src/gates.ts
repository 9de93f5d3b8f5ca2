// The Gate as it is deployed: the object of gate/ with the protocols that dialects speak on such connections.

import { PcSession } from './dialects/ppmessage/socket/session.ts';
import { MqttSession } from './dialects/qiscus/mqtt/session.ts';
import type { GateLine, GateProtocol } from './domain/gate.ts';
import type { Env } from './env.ts';
import { GateObject } from './gate/object.ts';
import { type Hub, hubOf } from './hub/context.ts';

/** By the names that upgrades are passed on with (`openGate`). */
const PROTOCOLS: Readonly<Record<string, (hub: Hub, line: GateLine) => GateProtocol>> = {
  mqtt: (hub, line) => new MqttSession(hub, line),
  ppmessage: (hub, line) => new PcSession(hub, line),
};

export class Gate extends GateObject<Env> {
  protected override protocolOf(name: string, origin: string, line: GateLine): GateProtocol {
    const make = PROTOCOLS[name];
    if (!make) throw new Error(`no protocol "${name}"`);
    return make(
      hubOf(this.env, origin, (work) => this.ctx.waitUntil(work)),
      line,
    );
  }
}
