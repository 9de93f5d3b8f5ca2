// The upgrade of /mqtt: who it is for is said only on the connection (session.ts).
import { invalid, notFound, Refused } from '../../../domain/errors.ts';
import type { Hub } from '../../../hub/context.ts';
import { openGate } from '../../../hub/gates.ts';
import { renderError } from '../errors.ts';

/** MQTT 3.1.1 over WebSocket has one name (6.0); its binary frames carry the bytes of a stream. */
const SUBPROTOCOL = 'mqtt';

/** GET /mqtt. Upgrades, or says why not in this API's envelope. */
export async function handleMqtt(request: Request, hub: Hub): Promise<Response> {
  try {
    if (!/^\/mqtt\/?$/.test(new URL(request.url).pathname)) throw new Refused(notFound('route'));
    if (request.headers.get('upgrade')?.toLowerCase() !== 'websocket') {
      throw new Refused(invalid('This address takes WebSocket upgrades only.'));
    }
    const offered = (request.headers.get('sec-websocket-protocol') ?? '').split(',');
    if (!offered.some((name) => name.trim() === SUBPROTOCOL)) {
      throw new Refused(invalid(`Offer the subprotocol "${SUBPROTOCOL}".`));
    }
    return await openGate(hub, request, { protocol: 'mqtt', subprotocol: SUBPROTOCOL });
  } catch (error) {
    return renderError(error, hub.requestId);
  }
}
