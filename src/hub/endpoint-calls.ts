// Calls to Endpoint objects: what one has been sent, sending it again, and telling it that its row changed.

import { directoryFor } from '../directory/door.ts';
import { findHook, type HookOfApp, hooksOf, updateHook } from '../directory/hooks.ts';
import { ok, Refused, type Result, unavailable, unwrap } from '../domain/errors.ts';
import type { DeviceNews, EndpointNews, HookNotice, HookRef } from '../domain/hooks.ts';
import type { EndpointNumber } from '../domain/ids.ts';
import type {
  Attempt,
  Delivery,
  DeliveryFilter,
  DeliveryPage,
  EndpointApi,
  EndpointStatus,
  NoticePage,
  Probe,
  Which,
} from '../endpoint/api.ts';
import type { App, Hub } from './context.ts';
import { ask } from './directory.ts';

export type {
  Attempt,
  Delivery,
  DeliveryCard,
  DeliveryFilter,
  DeliveryPage,
  EndpointStatus,
  Which,
} from '../endpoint/api.ts';

const ATTEMPTS = 4;
const PAUSE_MS = 20;

const stubOf = <Api>(hub: Hub, number: EndpointNumber): Api =>
  hub.env.ENDPOINT.getByName(String(number)) as unknown as Api;

/** One call, with the refusal thrown. All of them may be made twice: an object that was let go never began. */
export async function callEndpoint<T, Api = EndpointApi>(
  hub: Hub,
  number: EndpointNumber,
  work: (stub: Api) => Promise<Result<T>>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return unwrap(await work(stubOf<Api>(hub, number)));
    } catch (error) {
      if (error instanceof Refused) throw error;
      if (attempt >= ATTEMPTS) {
        console.error(
          JSON.stringify({
            at: 'endpoint call',
            request: hub.requestId,
            endpoint: number,
            error: String(error),
          }),
        );
        throw new Refused(unavailable(String(error)));
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * attempt));
    }
  }
}

const call = callEndpoint;

/** Its row changed. Where the object does not answer it reads the row by itself, within minutes. */
export async function tellEndpoint(
  hub: Hub,
  number: EndpointNumber,
  options: { resume?: boolean } = {},
): Promise<void> {
  await call(hub, number, (stub) => stub.changed(options)).catch(() => undefined);
}

/** What became of a device, told behind the answer: nobody waits for it. */
export function tellOfDevice(hub: Hub, app: App, news: DeviceNews): void {
  const { version, endpoints } = app.hooks;
  const notice = { version, notice: news, at: Date.now(), number: 0 };
  const told = ({ number }: HookRef) =>
    call(hub, number, async (stub) => {
      await stub.notice(notice);
      return ok(null);
    });
  // Those of one conversation alone are told of nothing else.
  const asked = endpoints.filter(({ only }) => only === undefined);
  if (asked.length > 0) hub.defer(Promise.all(asked.map(told)));
}

/** The directory has news of people for it. */
export const callForNews = (hub: Hub, number: EndpointNumber, version: number): Promise<null> =>
  call(hub, number, async (stub) => {
    await stub.news(version);
    return ok(null);
  });

/** How one of the app's endpoints is doing, told to its others that ask. Throws where one does not answer. */
export async function tellOfEndpoint(
  hub: Hub,
  { app, number }: Pick<HookOfApp, 'app' | 'number'>,
  notice: HookNotice<EndpointNews>,
): Promise<void> {
  const hooks = await ask(hub, app, (d1) => hooksOf(d1, app));
  const asking = hooks.filter(
    (each) => each.number !== number && each.events.some((name) => name.startsWith('endpoint.')),
  );
  for (const each of asking)
    await call(hub, each.number, async (stub) => {
      await stub.notice(notice);
      return ok(null);
    });
}

export const endpointStatus = (hub: Hub, number: EndpointNumber): Promise<EndpointStatus> =>
  call(hub, number, (stub) => stub.status());

export const deliveriesOf = (
  hub: Hub,
  number: EndpointNumber,
  filter: DeliveryFilter,
  before: number | null,
  limit: number,
): Promise<DeliveryPage> => call(hub, number, (stub) => stub.deliveries(filter, before, limit));

/** Not found: never made, or longer ago than they are kept. */
export const deliveryOf = (hub: Hub, number: EndpointNumber, id: number): Promise<Delivery> =>
  call(hub, number, (stub) => stub.delivery(id));

export const replayDeliveries = (
  hub: Hub,
  number: EndpointNumber,
  which: Which,
): Promise<{ queued: number; next: number | null }> => call(hub, number, (stub) => stub.replay(which));

export const discardDeliveries = (
  hub: Hub,
  number: EndpointNumber,
  which: Which,
): Promise<{ discarded: number; next: number | null }> => call(hub, number, (stub) => stub.discard(which));

export const probeEndpoint = (hub: Hub, number: EndpointNumber, options: Probe): Promise<Attempt> =>
  call(hub, number, (stub) => stub.probe(options));

/** Whether the receiver echoes a challenge. */
export const challengeEndpoint = (
  hub: Hub,
  number: EndpointNumber,
): Promise<{ echoed: boolean; reason: string | null }> => call(hub, number, (stub) => stub.challenge());

/** The text of an event that was too long to be sent. Not found: erased, or kept no longer. */
export const wholeEvent = (hub: Hub, number: EndpointNumber, event: string): Promise<string> =>
  call(hub, number, (stub) => stub.whole(event));

export const noticesOf = (
  hub: Hub,
  number: EndpointNumber,
  before: number | null,
  limit: number,
): Promise<NoticePage> => call(hub, number, (stub) => stub.notices(before, limit));

/** The row as it is now, for the object itself. Null: the endpoint has ended. */
export const readHook = (hub: Hub, number: EndpointNumber): Promise<HookOfApp | null> =>
  ask(hub, null, (d1) => findHook(d1, number));

/** The object says that it leaves its receiver alone from now on. */
export async function disableHook(hub: Hub, number: EndpointNumber, reason: string): Promise<void> {
  await updateHook(directoryFor(hub.env, null), number, { state: 'disabled', reason }, Date.now());
}
