// Model test of the ordering in an Inbox: whatever deliveries, replays and turns do to each other, every client that
// follows a conversation has each event once and in order, or is told that it must start anew.

import { beforeAll, describe, expect, test, vi } from 'vitest';
import type { Delivery } from '../../src/domain/delivery.ts';
import type { AppNumber, ConversationNumber, UserNumber } from '../../src/domain/ids.ts';
import { Connection } from '../../src/inbox/connection.ts';
import { Seen } from '../../src/inbox/seen.ts';
import { type Replay, Streams } from '../../src/inbox/streams.ts';
import { Table } from '../../src/inbox/table.ts';
import { Rounds } from '../../src/sockets/rounds.ts';
import type { Claims } from '../../src/sockets/socket.ts';
import { fc } from '../fuzz/made-up.ts';

const C = 7 as ConversationNumber;
const REPLAYED = 500;
const at = new Date(Date.now() + 60_000).toISOString();
const eventAt = (seq: number): string => JSON.stringify({ seq, at });

/** A client that insists on the promise, frame by frame. */
class Client {
  readonly connection: Connection;
  /** Undefined: nothing was seen yet, and nothing promised. */
  position: number | undefined;
  first: number | undefined;
  /** One at a time: the protocol keeps the order of a socket's frames about one conversation. */
  asking = false;
  /** It asked again for what it may have had. */
  mayRepeat = false;
  resyncs = 0;
  /** Kept, not thrown: a socket that throws counts as closed. */
  readonly failures: string[] = [];

  constructor(user: number) {
    const socket = { send: (frame: string) => this.take(JSON.parse(frame)), close: () => undefined };
    const claims = { user: user as UserNumber, powers: 'member' } as Claims;
    this.connection = new Connection(socket as unknown as WebSocket, claims, () => 0);
  }

  private take(frame: { t: string; seq: number; events: { seq: number }[] }): void {
    if (frame.t === 'resync') {
      this.resyncs += 1;
      this.position = frame.seq;
      return;
    }
    for (const { seq } of frame.events) {
      const next = this.position === undefined ? seq : this.position + 1;
      if (seq < next && this.mayRepeat) continue;
      if (seq !== next) this.failures.push(`client at ${this.position} got ${seq}`);
      this.first ??= seq;
      this.position = seq;
    }
  }
}

const AWAY = new Error('away');

/** A conversation, an Inbox's streams and their clients, with every delay in the test's hands. */
function setUp(clients: number) {
  const log: string[] = [];
  const turns: (() => void)[] = [];
  const answers: (() => void)[] = [];
  const table = new Table();
  const seen = new Seen();
  const rounds = new Rounds<Connection>((turn) => turns.push(turn));
  let reachable = true;
  const inFlight: [number, number][] = [];
  const read = (since: number | null): Replay => {
    const base = { epoch: 'e', memberCount: clients };
    const from = since ?? log.length;
    if (log.length - from > REPLAYED) return { ...base, resync: true, seq: log.length };
    return { ...base, from: from + 1, events: log.slice(from), lastSeq: log.length };
  };
  /** Reads the log now, answers later. */
  const ask = (since: number | null): Promise<Replay> => {
    const works = reachable;
    const replay = read(since);
    return new Promise((resolve, reject) => answers.push(() => (works ? resolve(replay) : reject(AWAY))));
  };
  const streams = new Streams({
    rounds,
    seen,
    table,
    refetch: (_c, since) => ask(since),
  });
  // Enough bystanders that a client has to wait for its turn.
  const people = Array.from({ length: clients }, (_, i) => new Client(i + 1));
  const bystanders = Array.from({ length: 130 }, (_, i) => new Client(1_000 + i));
  for (const { connection } of bystanders) connection.all = 1;
  for (const { connection } of [...bystanders, ...people]) table.add(connection);
  const users = [...bystanders, ...people].map(({ connection }) => connection.claims.user);
  const deliver = (from: number, to: number): void => {
    const events = log.slice(from - 1, to);
    const base = { app: 1 as AppNumber, c: C, epoch: 'e', users, team: false };
    const delivery: Delivery = { ...base, from, events };
    streams.deliver(delivery, table.audience(delivery));
  };
  const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return {
    log,
    people,
    bystanders,
    append(count: number, arrives: boolean): void {
      const from = log.length + 1;
      for (let i = 0; i < count; i++) log.push(eventAt(log.length + 1));
      if (arrives) inFlight.push([from, log.length]);
    },
    repeat(count: number): void {
      if (log.length > 0) inFlight.push([Math.max(1, log.length - count + 1), log.length]);
    },
    /** The conversation's next delivery gets here. */
    async arrive(): Promise<void> {
      const next = inFlight.shift();
      if (next) deliver(...next);
    },
    follow(client: Client, wish: boolean): void {
      if (client.asking) return;
      client.asking = true;
      // Who has seen nothing of a conversation that they follow has no position to resume from.
      const resumes = wish && (client.position !== undefined || client.connection.all === 0);
      const since = resumes ? (client.position ?? Math.max(0, log.length - 2)) : null;
      const isNew = client.position === undefined && client.connection.all === 0;
      if (resumes && !isNew) client.mayRepeat = true;
      client.first = undefined;
      streams
        .follow(
          client.connection,
          C,
          since ?? undefined,
          () => ask(since),
          ({ seq }, replay) => {
            client.position ??= seq;
            if (client.position < seq) client.failures.push(`caught up to ${seq}, at ${client.position}`);
            const whole =
              since === null || !isNew || replay.resync || since === seq || client.first === since + 1;
            if (!whole) client.failures.push(`asked for what follows ${since}, got ${client.first}`);
          },
        )
        .catch((error) => {
          if (error !== AWAY) client.failures.push(String(error));
        })
        .finally(() => {
          client.asking = false;
        });
    },
    followAll(client: Client): void {
      client.connection.all ||= 1;
    },
    away(yes: boolean): void {
      reachable = !yes;
    },
    async turn(): Promise<void> {
      turns.shift()?.();
      await settle();
    },
    async answer(): Promise<void> {
      answers.shift()?.();
      await settle();
    },
    async rest(): Promise<void> {
      for (let i = 0; i < 2_000 && (turns.length + answers.length + inFlight.length > 0 || i === 0); i++) {
        await this.arrive();
        turns.shift()?.();
        answers.shift()?.();
        await settle();
      }
    },
  };
}

const client = fc.integer({ min: 0, max: 2 });
const count = fc.integer({ min: 1, max: 5 });
const STEPS = [
  { weight: 6, arbitrary: fc.record({ do: fc.constant('append' as const), count }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('repeat' as const), count }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('follow' as const), client, resumes: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('all' as const), client }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('arrive' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('turn' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('answer' as const) }) },
];
const TROUBLE = [
  { weight: 4, arbitrary: fc.record({ do: fc.constant('lose' as const), count }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('away' as const), yes: fc.boolean() }) },
];
const steps = fc.array(fc.oneof(...STEPS), { maxLength: 60 });
const troubled = fc.array(fc.oneof(...STEPS, ...TROUBLE), { maxLength: 60 });

type Step = typeof troubled extends fc.Arbitrary<(infer T)[]> ? T : never;

async function run(steps: Step[]) {
  const world = setUp(3);
  for (const each of steps) {
    if (each.do === 'append') world.append(each.count, true);
    else if (each.do === 'lose') world.append(each.count, false);
    else if (each.do === 'repeat') world.repeat(each.count);
    else if (each.do === 'follow') world.follow(world.people[each.client] as Client, each.resumes);
    else if (each.do === 'all') world.followAll(world.people[each.client] as Client);
    else if (each.do === 'away') world.away(each.yes);
    else await world[each.do]();
  }
  world.away(false);
  await world.rest();
  world.append(1, true);
  await world.rest();
  for (const { connection, position, failures } of [...world.people, ...world.bystanders]) {
    expect(failures).toEqual([]);
    if (connection.follows(C)) expect(position).toBe(world.log.length);
  }
  return world;
}

// Every gap that cannot be filled is logged; here that is hundreds.
beforeAll(() => void vi.spyOn(console, 'error').mockImplementation(() => undefined));

describe('streams', () => {
  test('give every follower each event once and in order, and tell nobody to start anew', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (each) => {
        const { people } = await run(each);
        for (const { resyncs } of people) expect(resyncs).toBe(0);
      }),
      { numRuns: 400 },
    );
  });

  test('leave nobody with a gap, also while deliveries get lost and the conversation is away', async () => {
    await fc.assert(
      fc.asyncProperty(troubled, async (each) => {
        await run(each);
      }),
      { numRuns: 400 },
    );
  });

  test('send what waits for its turn before a renewed subscription holds back the rest', async () => {
    const world = setUp(1);
    const reader = world.people[0] as Client;
    world.follow(reader, false);
    await world.answer();
    world.append(1, true);
    world.append(1, true);
    await world.arrive();
    world.follow(reader, false);
    await world.arrive();
    await world.answer();
    await world.rest();
    expect(reader).toMatchObject({ position: 2, resyncs: 0, failures: [] });
  });

  test('go on where they stood when a renewed subscription fails', async () => {
    const world = setUp(1);
    const reader = world.people[0] as Client;
    world.follow(reader, false);
    await world.answer();
    world.away(true);
    world.follow(reader, true);
    world.append(2, true);
    await world.arrive();
    await world.answer();
    world.away(false);
    world.append(1, true);
    await world.arrive();
    await world.rest();
    expect(reader).toMatchObject({ position: 3, resyncs: 0, failures: [] });
  });
});
