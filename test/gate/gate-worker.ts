// Bundled and run by gate.test.ts: a Gate whose protocol is three words, and an Inbox that lets everybody in.
import { DurableObject } from 'cloudflare:workers';
import type { GateLine, GateProtocol, Holder } from '../../src/domain/gate.ts';
import { GateObject } from '../../src/gate/object.ts';
import { withPassage } from '../../src/gate/passage.ts';

interface Env {
  GATE: DurableObjectNamespace;
  INBOX: DurableObjectNamespace;
}

const HOLDER = { app: 1, user: 1, session: 's', version: 1, expiresAt: 4e9, powers: 'member' } as Holder;

export class Inbox extends DurableObject {
  async register(): Promise<string> {
    return 'registered';
  }

  async unregister(): Promise<void> {}
}

/** How long whoever connects or speaks from now on may be alone. */
let aloneMs = 0;

export class Gate extends GateObject<Env> {
  protected override protocolOf(_name: string, _origin: string, line: GateLine): GateProtocol {
    this.aloneMs = aloneMs;
    return {
      text: async (text) => {
        if (text === 'in') await line.signIn(HOLDER, 1);
        if (text === 'out') await line.signOut();
        line.send(line.holder ? 'somebody' : 'nobody');
      },
      frames: async () => undefined,
    };
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const asked = new URL(request.url).searchParams.get('alone');
    if (asked !== null) {
      aloneMs = Number(asked);
      return new Response();
    }
    const passage = { protocol: 'words', subprotocol: null, origin: 'http://localhost' };
    return env.GATE.getByName(crypto.randomUUID()).fetch(withPassage(request, passage));
  },
};
