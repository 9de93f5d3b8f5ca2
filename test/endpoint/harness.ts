// An Endpoint in workerd whose receiver answers as a test says.
import { runInDurableObject } from 'cloudflare:test';
import { insertHook } from '../../src/directory/hooks.ts';
import type { HookDelivery } from '../../src/domain/hook-options.ts';
import type { Feed, Hooks } from '../../src/domain/hooks.ts';
import type { AppNumber, EndpointNumber } from '../../src/domain/ids.ts';
import type { Answer } from '../../src/endpoint/schedule.ts';
import type { Sender } from '../../src/endpoint/sender.ts';
import { bindings, d1, type Room } from '../conversation/harness.ts';

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
