// An Endpoint in workerd whose receiver answers as a test says.
import { runInDurableObject } from 'cloudflare:test';
import { insertHook } from '../../src/directory/hooks.ts';
import type { HookDelivery } from '../../src/domain/hook-options.ts';
import type { Feed, Hooks } from '../../src/domain/hooks.ts';
import type { AppNumber, EndpointNumber } from '../../src/domain/ids.ts';
import type { EndpointApi } from '../../src/endpoint/api.ts';
import type { SenderPort } from '../../src/endpoint/port.ts';
import type { Answer } from '../../src/endpoint/schedule.ts';
import type { Sender } from '../../src/endpoint/sender.ts';
import { all, bindings, d1, type Room } from '../conversation/harness.ts';

export const ANSWER: Answer = {
  status: 200,
  reason: null,
  timedOut: false,
  retryAfter: null,
  ms: 1,
  excerpt: null,
  headers: {},
};

/** An endpoint of the app whose receiver answers so. */
export async function endpoint(app: AppNumber, version: number, delivery: HookDelivery = {}) {
  const made = await insertHook(
    d1,
    app,
    {
      format: 'parlance',
      url: 'https://hooks.example.org/',
      events: ['*'],
      options: {},
      secret: '',
      name: null,
      delivery,
      headers: null,
      state: 'active',
      reason: null,
      origin: 'https://hub.example.org',
    },
    10,
    1,
  );
  const number = made?.number as EndpointNumber;
  const hooks: Hooks = { version, endpoints: [{ number, signals: false }] };
  const stub = bindings.ENDPOINT.getByName(String(number));
  const inside = <T>(work: (sender: Sender<never>, storage: DurableObjectStorage) => T | Promise<T>) =>
    runInDurableObject(stub, (instance, { storage }) =>
      work((instance as unknown as { sender: Sender<never> }).sender, storage),
    );
  const answering = (send: () => Promise<Answer>) =>
    inside((sender) => {
      Object.assign((sender as unknown as { port: object }).port, { send });
    });
  return { number, hooks, stub, inside, answering };
}

/** A feed of `count` messages of a conversation, from `from` on, as its log would hand them over. */
export function feedOf(
  { app }: Pick<Room, 'app'>,
  version: number,
  from: number,
  count: number,
  text = (seq: number) => `${seq}`,
): Feed {
  const facts = { app, number: 77, kind: 'group', metadata: null, createdAt: 1 };
  const entries = Array.from({ length: count }, (_, i) => ({
    entry: {
      ...{ kind: 'message', seq: from + i, id: from + i, at: (from + i) * 1_000, author: 1, n: from + i },
      message: { door: 'operator', type: 'text', text: text(from + i), markup: 'plain' },
    },
    people: [],
    target: null,
  }));
  const about = { app, version, epoch: 'e', facts, blocks: [facts.number] };
  return { ...about, memberCount: 2, customer: null, entries } as unknown as Feed;
}

export type Made = Awaited<ReturnType<typeof endpoint>>;
export type World = Partial<
  Pick<SenderPort<unknown>, 'fixedMs' | 'now' | 'random' | 'read' | 'send' | 'disable'>
>;
/** The object from inside; private to TypeScript alone. */
export interface Instance {
  sender: Sender<never>;
  port(): SenderPort<unknown>;
  alarm(): Promise<void>;
  remember(): Sender<never>;
}

export const api = ({ stub }: Made) => stub as unknown as EndpointApi;
export const within = <T>(
  { stub }: Made,
  work: (object: Instance, storage: DurableObjectStorage) => T | Promise<T>,
) => runInDurableObject(stub, (instance, { storage }) => work(instance as unknown as Instance, storage));

/** What was written down is all that it has left. */
export const forget = (object: Instance): void => {
  object.sender.drop();
  object.sender = object.remember();
};

/** The receiver, the clock and the schedule as the test says, also after it was thrown out of memory. */
export const inWorld = (made: Made, world: World) =>
  within(made, (object) => {
    const port = object.port.bind(object);
    object.port = () => ({ ...port(), ...world });
    forget(object);
  });

export const rows = (made: Made, columns: string) =>
  within(made, (_, storage) =>
    all<Record<string, number>>(storage, `SELECT ${columns} FROM delivery ORDER BY id`),
  );
