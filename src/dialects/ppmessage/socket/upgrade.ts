// The upgrade of /pcsocket/WS: who it is for is said only on the connection (session.ts).
import type { Hub } from '../../../hub/context.ts';
import { openGate } from '../../../hub/gates.ts';
import { failedOf } from '../errors.ts';

/** GET /pcsocket/WS. Upgrades, or says why not in a line: no client of this API reads more. */
export async function handlePcSocket(request: Request, hub: Hub): Promise<Response> {
  try {
    if (!/^\/+pcsocket\/+WS\/?$/i.test(new URL(request.url).pathname))
      return new Response('There is nothing here.\n', { status: 404 });
    if (request.headers.get('upgrade')?.toLowerCase() !== 'websocket') {
      return new Response('This address takes WebSocket upgrades only.\n', {
        status: 426,
        headers: { upgrade: 'websocket' },
      });
    }
    return await openGate(hub, request, { protocol: 'ppmessage', subprotocol: null });
  } catch (error) {
    failedOf(error, hub.requestId);
    return new Response('The service is busy. Please try again in a moment.\n', { status: 503 });
  }
}
