// What the worker tells a Gate with an upgrade that it passes on. The Gate itself is object.ts.

/** How the worker says what an upgrade is for. Whatever a client wrote in these headers is overwritten. */
const PROTOCOL_HEADER = 'x-parlance-protocol';
const SUBPROTOCOL_HEADER = 'x-parlance-subprotocol';
const ORIGIN_HEADER = 'x-parlance-origin';

/** What an upgrade is passed on for. */
export interface Passage {
  /** The protocol's name in the deployed Gate. */
  protocol: string;
  /** The subprotocol to pick; null: none. */
  subprotocol: string | null;
  /** Where the client reached us. */
  origin: string;
}

/** The request as a Gate gets it. */
export function withPassage(request: Request, { protocol, subprotocol, origin }: Passage): Request {
  const headers = new Headers({ upgrade: 'websocket', [PROTOCOL_HEADER]: protocol, [ORIGIN_HEADER]: origin });
  if (subprotocol !== null) headers.set(SUBPROTOCOL_HEADER, subprotocol);
  for (const name of ['connection', 'sec-websocket-key', 'sec-websocket-version']) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  return new Request(request.url, { headers });
}

/** Null when the request did not come through `withPassage`. Only the worker can reach an object. */
export function passageOf({ headers }: Request): Passage | null {
  const protocol = headers.get(PROTOCOL_HEADER);
  if (protocol === null) return null;
  return { protocol, subprotocol: headers.get(SUBPROTOCOL_HEADER), origin: headers.get(ORIGIN_HEADER) ?? '' };
}
