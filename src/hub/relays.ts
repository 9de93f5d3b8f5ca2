// Calls to the Relay objects of bridges that listen, or are listened to.
import type { NetworkName } from '../domain/bridges.ts';
import type { EndpointNumber } from '../domain/ids.ts';
import type { RelayApi, RelayStatus } from '../relay/api.ts';
import type { Hub } from './context.ts';

export { LISTEN_PATH, type RelayPort, type RelayStatus } from '../relay/api.ts';

export const relayOf = (hub: Hub, number: EndpointNumber): RelayApi & Fetcher =>
  hub.env.RELAY.getByName(String(number)) as unknown as RelayApi & Fetcher;

interface Named {
  number: EndpointNumber;
  network: NetworkName;
}

/** The bridge was made or changed. Where its Relay does not answer, it looks again by itself within a minute. */
export async function tellRelay(hub: Hub, { number, network }: Named): Promise<void> {
  if (network !== 'matterbridge') return;
  hub.defer(
    relayOf(hub, number)
      .changed()
      .catch((error: unknown) => {
        console.error(JSON.stringify({ at: 'relay', request: hub.requestId, error: String(error) }));
      }),
  );
}

/** Null: this bridge has none. */
export const relayStatus = (hub: Hub, { number, network }: Named): Promise<RelayStatus> | null =>
  network === 'matterbridge' ? relayOf(hub, number).status() : null;
