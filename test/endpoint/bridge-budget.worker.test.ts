// What a bridge costs, counted row by row (docs/bridges.md, "What it costs"): nothing where a conversation has none.
import { runInDurableObject } from 'cloudflare:test';
import { expect, test } from 'vitest';
import { insertBridge } from '../../src/directory/bridges.ts';
import { unwrap } from '../../src/domain/errors.ts';
import type { Hooks } from '../../src/domain/hooks.ts';
import type { AppNumber, ConversationNumber, EndpointNumber } from '../../src/domain/ids.ts';
import { hubOf } from '../../src/hub/context.ts';
import { seal } from '../../src/hub/sealing.ts';
import type { Bridging } from '../../src/webhooks/bridging.ts';
import { bindings, d1, draft, group, type Room } from '../conversation/harness.ts';
import { meterRoom } from '../conversation/meter.ts';

const ANSWER = {
  ...{ status: 200, reason: null, timedOut: false, retryAfter: null },
  ...{ ms: 1, excerpt: null, headers: {} },
};

interface Inside {
  bridged(): Bridging;
}

/** A bridge of the conversation to a Discord that names each message. */
async function bridged(app: AppNumber, conversation: ConversationNumber) {
  const hub = hubOf(bindings, 'https://hub.example.org', () => {});
  const url = 'https://hooks.example.org/api/webhooks/1/token';
  const made = await insertBridge(
    d1,
    app,
    {
      ...{ network: 'discord', conversation, account: 'a', place: {}, self: ['1'], incoming: null },
      ...{ name: null, url: 'https://hooks.example.org/', options: {}, perSecond: 50 },
      ...{ secret: await seal(hub, JSON.stringify({ url, credentials: {} })), origin: hub.origin },
    },
    10,
    1,
  );
  if (typeof made === 'string') throw new Error(made);
  const { number } = made;
  const stub = bindings.ENDPOINT.getByName(String(number));
  let id = 100;
  await runInDurableObject(stub, (instance) => {
    const bridging = (instance as unknown as Inside).bridged();
    const send = bridging.send.bind(bridging);
    const make = async () => ({
      answer: ANSWER,
      reply: { headers: new Headers(), text: `{"id":"${++id}"}` },
    });
    bridging.send = (of, bridge, outgoing, more) => send(of, bridge, outgoing, { ...more, make });
  });
  const hooks: Hooks = { version: 1, endpoints: [{ number, signals: false, only: conversation }] };
  return { number, hooks, stub };
}

const post = async (room: Room, person: never, text: string, hooks: Hooks) =>
  unwrap(await room.stub.post({ ...room.as(person), hooks }, draft(text), { author: null, waitMs: 5_000 }));

test('a conversation pays nothing for the bridge of another: no row, no call', async () => {
  const { room, people } = await group(2);
  const asked: string[] = [];
  await room.inside((object) => {
    object.env = { ...object.env, ENDPOINT: { getByName: (name: string) => asked.push(name) } as never };
  });
  const only = (room.number + 1) as ConversationNumber;
  const hooks: Hooks = { version: 1, endpoints: [{ number: 7 as EndpointNumber, signals: false, only }] };
  await post(room, people[0] as never, 'hears of the change', hooks);
  const meter = await meterRoom(room);
  for (let i = 0; i < 3; i++) await post(room, people[0] as never, `${i}`, hooks);
  expect([meter.written, asked]).toEqual([3, []]);
});

test('a message that goes out in one part writes eleven rows of its bridge', async () => {
  const { room, people } = await group(2);
  const { hooks, stub } = await bridged(room.app, room.number);
  const inside = <T>(work: (bridging: Bridging, sql: SqlStorage) => T) =>
    runInDurableObject(stub, (instance, { storage: { sql } }) =>
      work((instance as unknown as Inside).bridged(), sql),
    );
  /** Counted, and nothing waits for its end any more. */
  const sent = (count: number) =>
    expect
      .poll(() =>
        inside(({ guard }, sql) => [
          guard.counts.sent,
          sql.exec('SELECT 1 FROM delivery WHERE state = 0').toArray().length,
        ]),
      )
      .toEqual([count, 0]);
  await post(room, people[0] as never, 'knows its row and has its alarm', hooks);
  await sent(1);
  const written = await inside((_, sql) => {
    const cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = [];
    const exec = sql.exec.bind(sql);
    sql.exec = ((text: string, ...values: SqlStorageValue[]) => {
      const cursor = exec(text, ...values);
      cursors.push(cursor);
      return cursor;
    }) as typeof sql.exec;
    return () => cursors.reduce((sum, cursor) => sum + cursor.rowsWritten, 0);
  });
  await post(room, people[0] as never, 'counted', hooks);
  await sent(2);
  expect(await inside(() => written())).toBe(11);
});
