// What keeps a Conversation alive: its parts put together, woken, timed, evicted, and the frame of every call.
// The calls themselves are object.ts.
import { DurableObject } from 'cloudflare:workers';
import type { Delivery, Signal } from '../domain/delivery.ts';
import { shelfName } from '../domain/delivery.ts';
import { notFound, ok, type Refusal, Refused, type Result, refused, unavailable } from '../domain/errors.ts';
import type { EndedAmong, HeldSession } from '../domain/held-session.ts';
import type { EndpointPort } from '../domain/hooks.ts';
import type { AppNumber, EndpointNumber, UserNumber } from '../domain/ids.ts';
import type { Actor, Attachment, Birth, Posted } from '../domain/model.ts';
import type { Projection } from '../domain/projection.ts';
import type { Env } from '../env.ts';
import { Addresses } from '../files/address.ts';
import type { Evictor } from '../sockets/evictor.ts';
import { Attached } from './attached.ts';
import { GroupCommit } from './commit.ts';
import type { Core } from './core.ts';
import { evictorOf } from './evictor.ts';
import { Fanout } from './fanout.ts';
import type { Shown } from './frames.ts';
import { HookReader } from './hooks.ts';
import { IndexReader } from './indexing.ts';
import { Log } from './log.ts';
import { readMeta, writeMeta } from './meta.ts';
import { Parting } from './parting.ts';
import { commitPosts, type PostInput } from './posting.ts';
import { Projector } from './projection.ts';
import { Roster } from './roster.ts';
import { isBorn, migrate } from './schema.ts';
import { Timers } from './timers.ts';

/** The Indexer's side that a conversation calls. */
interface IndexerPort {
  put(projection: Projection): Promise<{ ok: boolean }>;
  newBlock(of: number): Promise<number>;
  endedAmong(held: HeldSession[]): Promise<EndedAmong>;
  erasedAmong(users: UserNumber[]): Promise<UserNumber[]>;
}
interface InboxPort {
  deliver(delivery: Delivery): Promise<unknown>;
  signal(signal: Signal): Promise<unknown>;
}

/** Entries left in the last block of message numbers when the next one is asked for. */
const BLOCK_RESERVE = 65_536;

export abstract class ConversationObject extends DurableObject<Env> {
  protected core: Core | null = null;
  protected readonly timers: Timers;
  protected readonly parting: Parting;
  protected readonly attached: Attached;
  protected readonly evictor: Evictor;
  protected readonly posts: GroupCommit<PostInput, Result<Posted>>;
  private askingForBlock = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const { storage } = ctx;
    this.evictor = evictorOf(ctx, Number(env.EVICT_EVERY ?? 0));
    this.attached = new Attached(ctx, {
      endedAmong: (held) => this.indexer.endedAmong(held),
      now: () => this.now(),
    });
    const born = isBorn(storage.sql);
    if (born) migrate(storage);
    const saved = born ? readMeta<Record<string, number>>(storage.sql, 'timers') : null;
    this.timers = new Timers(
      storage,
      () => this.now(),
      saved ?? {},
      (due) => writeMeta(storage.sql, 'timers', due),
    );
    this.timers.onWake('index', async () => this.core?.index.retry());
    this.timers.onWake('deliver', async () => this.core?.fanout.resume());
    this.timers.onWake('hooks', async () => this.core?.hooks.resume());
    this.parting = new Parting(storage, {
      take: (endpoint, feed) => this.endpoint(endpoint).take(feed),
      put: (burial) => this.indexer.put(burial),
      erasedAmong: (users) => this.indexer.erasedAmong(users),
      later: (ms) => this.timers.arm('burial', this.now() + ms),
      done: () => this.timers.disarm('burial'),
      blockEntries: () => this.blockEntries,
      now: () => this.now(),
    });
    this.timers.on('burial', () => this.parting.run());
    this.posts = new GroupCommit((inputs) => commitPosts(this.living(), inputs));
    if (!born) return;
    this.wake();
    // A lost alarm is set again; what the readers have not had goes out now.
    ctx.waitUntil(this.timers.restore());
  }

  /** ms since 1970. */
  protected now(): number {
    return Date.now();
  }

  /** Takes the log from storage, unless this conversation was deleted or never begun. */
  protected wake(): void {
    const { sql } = this.ctx.storage;
    const birth = readMeta<Birth>(sql, 'birth');
    if (!birth || readMeta(sql, 'deleted') || readMeta(sql, 'restoring')) return;
    // A second wake is after a restore: positions of the old log mean nothing.
    if (this.core) this.attached.dismissAll('restored');
    this.core?.fanout.stop();
    this.core?.hooks.stop();
    this.core = this.assemble(new Log(sql, birth, this.blockEntries));
    this.core.fanout.shelves = readMeta<number>(sql, 'shelves') ?? 1;
    this.core.fanout.resume();
    this.core.hooks.resume();
    this.core.index.pump();
  }

  protected get blockEntries(): number | undefined {
    const entries = Number(this.env.BLOCK_ENTRIES ?? 0);
    return entries > 0 ? entries : undefined;
  }

  protected assemble(log: Log): Core {
    const { storage } = this.ctx;
    const roster = new Roster(storage.sql);
    const shown: Shown = (attachment) => this.signed(attachment);
    const fanout = new Fanout(log, roster, {
      deliver: (shelf, delivery) => this.inbox(delivery.app, shelf).deliver(delivery),
      signal: (shelf, signal) => this.inbox(signal.app, shelf).signal(signal),
      attached: (from, events, ended) => this.attached.events(log, from, events, ended),
      attachedSignal: (frame, except) => this.attached.signal(frame, except),
      later: (ms) => this.timers.arm('deliver', this.now() + ms),
      shown,
    });
    const index = new IndexReader(log, roster, new Projector(log, roster), {
      send: async (projection) => (await this.indexer.put(projection)).ok,
      later: (ms) => this.timers.arm('index', this.now() + ms),
      now: () => this.now(),
    });
    const hooks = new HookReader(log, roster, {
      take: (endpoint, feed) => this.endpoint(endpoint).take(feed),
      signal: (endpoint, signal) => this.endpoint(endpoint).signal(signal),
      later: (ms) => this.timers.arm('hooks', this.now() + ms),
      now: () => this.now(),
    });
    return { storage, log, roster, fanout, index, hooks, shown, now: () => this.now() };
  }

  private addresses: Addresses | null = null;

  private signed(attachment: Attachment): Attachment {
    if (attachment.file === null) return attachment;
    this.addresses ??= new Addresses(this.env.HUB_SECRET);
    return this.addresses.signed(attachment, this.now());
  }

  protected get indexer(): IndexerPort {
    return this.env.INDEXER.getByName('d1') as unknown as IndexerPort;
  }

  private inbox(app: AppNumber, shelf: number): InboxPort {
    return this.env.INBOX.getByName(shelfName(app, shelf)) as unknown as InboxPort;
  }

  private endpoint(number: EndpointNumber): EndpointPort {
    return this.env.ENDPOINT.getByName(String(number)) as unknown as EndpointPort;
  }

  /** The log, or not found: never begun, deleted. */
  protected living(): Core {
    if (!this.core) throw new Refused(notFound('conversation'));
    return this.core;
  }

  /** Every call comes through here: the app is checked, refusals become values, nothing else leaves. */
  protected async call<T>(
    actor: Actor | null,
    work: (core: Core) => T | Promise<T>,
    waitMs?: number,
  ): Promise<Result<T>> {
    return this.evictor.during(async () => {
      try {
        const core = this.living();
        // Nothing crosses an app: a foreign conversation answers as a missing one.
        if (actor && actor.app !== core.log.facts.app) throw new Refused(notFound('conversation'));
        const before = core.fanout.shelves;
        if (actor) core.fanout.shelves = actor.shelves;
        const hooked = actor !== null && core.hooks.adopt(actor.hooks);
        const value = await work(core);
        // Written only behind a call that was let in.
        if (actor && actor.shelves !== before) core.log.setMeta('shelves', actor.shelves);
        if (hooked) core.hooks.keep();
        if (waitMs !== undefined) await this.told(core, waitMs);
        else core.index.gather();
        this.keepRoom(core);
        return ok(value);
      } catch (error) {
        return refused(this.refusalOf(error));
      }
    });
  }

  /** Waits until the directory and the endpoints have heard of everything, at most `ms`. */
  protected async told({ index, hooks }: Core, ms: number): Promise<void> {
    await Promise.all([index.wait(ms), hooks.wait(ms)]);
  }

  /** Remembers over how many Inboxes the app's people are spread: after a wake nobody says so. */
  protected spread(core: Core, { shelves }: Actor): void {
    if (core.fanout.shelves === shelves) return;
    core.fanout.shelves = shelves;
    core.log.setMeta('shelves', shelves);
  }

  protected refusalOf(error: unknown): Refusal {
    if (error instanceof Refused) return error.refusal;
    console.error(JSON.stringify({ at: 'conversation', name: this.ctx.id.name, error: String(error) }));
    return unavailable(String(error));
  }

  override webSocketMessage(socket: WebSocket): void {
    this.attached.received(socket);
  }

  override webSocketClose(socket: WebSocket, code: number): void {
    this.attached.closed(socket, code);
  }

  override webSocketError(socket: WebSocket): void {
    this.attached.closed(socket, 1011);
  }

  override async alarm(): Promise<void> {
    await this.timers.ring();
  }

  /** Asks for the next block of message numbers while there is still room in this one. */
  protected keepRoom(core: Core): void {
    const reserve = Math.min(BLOCK_RESERVE, Math.floor((this.blockEntries ?? Number.POSITIVE_INFINITY) / 2));
    if (core.log.room > reserve || this.askingForBlock) return;
    this.askingForBlock = true;
    const asked = this.indexer
      .newBlock(core.log.facts.number)
      .then((block) => core.log.addBlock(block))
      .catch((error) => console.error(JSON.stringify({ at: 'block', error: String(error) })))
      .finally(() => {
        this.askingForBlock = false;
      });
    this.ctx.waitUntil(asked);
  }
}
