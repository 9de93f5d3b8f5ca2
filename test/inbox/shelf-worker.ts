// Bundled and run by harness.ts: an Inbox whose conversations are scripted, and a door for the test to call it through.
import { DurableObject } from 'cloudflare:workers';
import type { Delivery } from '../../src/domain/delivery.ts';
import type { AppNumber, ConversationNumber, Seq, UserNumber } from '../../src/domain/ids.ts';
import type { Connection } from '../../src/inbox/connection.ts';
import { InboxObject } from '../../src/inbox/object.ts';
import type { Replay } from '../../src/inbox/streams.ts';
import { withClaims } from '../../src/sockets/socket.ts';

interface Env {
  INBOX: DurableObjectNamespace<Shelf>;
  LOGS: DurableObjectNamespace<Logs>;
}

/** What the conversations hold, and whether they answer now. Keeps it over evictions of the Inbox. */
export class Logs extends DurableObject {
  private readonly logs = new Map<number, { epoch: string; events: string[]; refused?: boolean }>();
  private gate: Promise<void> = Promise.resolve();
  private openGate: () => void = () => undefined;
  private asked: number[] = [];

  async set(c: number, log: { epoch: string; events: string[]; refused?: boolean }): Promise<void> {
    this.logs.set(c, log);
  }

  /** Replays read the log at once and answer when the gate opens. */
  async close(): Promise<void> {
    this.gate = new Promise((resolve) => {
      this.openGate = resolve;
    });
  }

  async open(): Promise<void> {
    this.openGate();
  }

  /** The `since` of every replay so far. */
  async asks(): Promise<number[]> {
    return this.asked;
  }

  /** Null: refused. A value, because an error that crosses objects keeps both awake until it is collected. */
  async replay(c: number, since: number | null): Promise<Replay | null> {
    const log = this.logs.get(c);
    this.asked.push(since ?? -1);
    const all = log ? [...log.events] : [];
    await this.gate;
    if (!log || log.refused) return null;
    const base = { epoch: log.epoch, memberCount: 2 };
    const from = since ?? all.length;
    if (from > all.length || all.length - from > 500) return { ...base, resync: true, seq: all.length };
    return { ...base, from: from + 1, events: all.slice(from), lastSeq: all.length };
  }
}

type Command =
  | { t: 'follow'; c: ConversationNumber; since?: Seq }
  | { t: 'unfollow'; c: ConversationNumber }
  | { t: 'all'; on: boolean };

/** How often memory began anew. */
let wakes = 0;

export class Shelf extends InboxObject<Env> {
  /** Evictions of the test do not wait for a real rest. */
  protected override restAfterMs = 200;

  protected override received(connection: Connection, text: string): void {
    const command = JSON.parse(text) as Command;
    if (command.t === 'all') {
      this.followAll(connection, command.on);
      connection.send('{"t":"done"}');
    } else if (command.t === 'unfollow') {
      this.unfollow(connection, command.c);
      connection.send('{"t":"done"}');
    } else {
      const { c, since } = command;
      const ask = () => this.replay(c, since ?? null);
      this.follow(connection, c, since, ask, ({ epoch, seq }) =>
        connection.send(JSON.stringify({ t: 'ack', c: String(c), epoch, seq })),
      ).catch(() => connection.send(JSON.stringify({ t: 'refused', c: String(c) })));
    }
  }

  protected override receivedBinary(connection: Connection): void {
    connection.send('{"t":"binary"}');
  }

  protected override refetch(_app: AppNumber, c: ConversationNumber, since: Seq): Promise<Replay> {
    return this.replay(c, since);
  }

  private async replay(c: ConversationNumber, since: Seq | null): Promise<Replay> {
    const replay = await this.env.LOGS.getByName('logs').replay(c, since);
    if (!replay) throw new Error('refused');
    return replay as Replay;
  }

  /** Deliveries that follow each other faster than turns. */
  async deliverAll(deliveries: Delivery[]): Promise<void> {
    for (const delivery of deliveries) void this.deliver(delivery);
  }

  protected override wake(): void {
    wakes += 1;
    super.wake();
  }

  async wakes(): Promise<number> {
    return wakes;
  }

  /** Whether it came to rest: nothing new, and everything written down. */
  async rests(): Promise<boolean> {
    return (this as unknown as { resting: boolean }).resting;
  }

  /** The tokens of this person end now. */
  async expire(user: UserNumber): Promise<void> {
    for (const { claims } of this.table.ofUser(user)) claims.expiresAt = Math.floor(Date.now() / 1000) - 1;
  }

  /** What was written down at the last rest. */
  async stored(): Promise<unknown> {
    return this.ctx.storage.kv.get('rest') ?? null;
  }
}

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const url = new URL(request.url);
    const shelf = env.INBOX.getByName(url.searchParams.get('shelf') ?? '1:0');
    if (url.pathname === '/ws') {
      return shelf.fetch(withClaims(request, JSON.parse(url.searchParams.get('claims') as string)));
    }
    if (url.pathname === '/raw') return shelf.fetch(request);
    const { on, method, args } = (await request.json()) as { on: string; method: string; args: unknown[] };
    const target = (on === 'logs' ? env.LOGS.getByName('logs') : shelf) as unknown as Record<
      string,
      (...args: unknown[]) => Promise<unknown>
    >;
    return Response.json({ value: (await target[method]?.(...args)) ?? null });
  },
};
