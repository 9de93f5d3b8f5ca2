// The Conversation: one Durable Object holds one ordered log. Here its parts are put together and its calls answered;
// what a call does lies beside this file.
import { DurableObject } from 'cloudflare:workers';
import type { Delivery, Signal } from '../domain/delivery.ts';
import { shelfName } from '../domain/delivery.ts';
import { notFound, ok, Refused, type Result, refused, unavailable } from '../domain/errors.ts';
import type { AppNumber, MessageNumber, Ordinal, Seq, UserNumber } from '../domain/ids.ts';
import type {
  Actor,
  Birth,
  ConversationView,
  Draft,
  FactsChange,
  JsonObject,
  Markup,
  MessageEntry,
  Posted,
} from '../domain/model.ts';
import type { Projection } from '../domain/projection.ts';
import type { Env } from '../env.ts';
import type { ConversationApi, Mark, Opening, RestoreStep, Wait } from './api.ts';
import { Attached } from './attached.ts';
import { GroupCommit } from './commit.ts';
import { type Core, demand, type Person, readerOf } from './core.ts';
import { Evictor } from './evictor.ts';
import { Fanout } from './fanout.ts';
import { typingFrame } from './frames.ts';
import { IndexReader } from './indexing.ts';
import { begin, burialOf, bury } from './lifetime.ts';
import { Log } from './log.ts';
import * as membership from './membership.ts';
import * as posting from './posting.ts';
import { Projector } from './projection.ts';
import * as reading from './reading.ts';
import { restoreStep } from './restoring.ts';
import { Roster } from './roster.ts';
import { isBorn, migrate } from './schema.ts';
import { Timers } from './timers.ts';

/** The Indexer's side that a conversation calls. */
interface IndexerPort {
  put(projection: Projection): Promise<{ ok: boolean }>;
  newBlock(of: number): Promise<number>;
}
interface InboxPort {
  deliver(delivery: Delivery): Promise<unknown>;
  signal(signal: Signal): Promise<unknown>;
}

/** How long an operator's reindex of one conversation may take. */
const REINDEX_WAIT_MS = 60_000;
/** Entries left in the last block of message numbers when the next one is asked for. */
const BLOCK_RESERVE = 65_536;

export class Conversation extends DurableObject<Env> implements ConversationApi {
  private core: Core | null = null;
  private readonly timers: Timers;
  private readonly attached: Attached;
  private readonly evictor: Evictor;
  private readonly posts: GroupCommit<posting.PostInput, Result<Posted>>;
  private askingForBlock = false;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    const { storage } = ctx;
    this.evictor = new Evictor(ctx, Number(env.EVICT_EVERY ?? 0));
    this.attached = new Attached(ctx);
    const born = isBorn(storage.sql);
    if (born) migrate(storage);
    const saved = born ? readMeta<Record<string, number>>(storage.sql, 'timers') : null;
    this.timers = new Timers(
      storage,
      () => this.now(),
      saved ?? {},
      (due) => writeMeta(storage.sql, 'timers', due),
    );
    this.timers.on('index', async () => this.core?.index.retry());
    this.timers.on('burial', () => this.reportBurial());
    this.posts = new GroupCommit((inputs) => posting.commitPosts(this.living(), inputs));
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
  private wake(): void {
    const { sql } = this.ctx.storage;
    const birth = readMeta<Birth>(sql, 'birth');
    if (!birth || readMeta(sql, 'deleted') || readMeta(sql, 'restoring')) return;
    this.core = this.assemble(new Log(sql, birth, this.blockEntries));
    this.core.fanout.shelves = readMeta<number>(sql, 'shelves') ?? 1;
    this.core.fanout.resume();
    this.core.index.pump();
  }

  private get blockEntries(): number | undefined {
    const entries = Number(this.env.BLOCK_ENTRIES ?? 0);
    return entries > 0 ? entries : undefined;
  }

  private assemble(log: Log): Core {
    const { storage } = this.ctx;
    const roster = new Roster(storage.sql);
    const fanout = new Fanout(log, roster, {
      deliver: (shelf, delivery) => this.inbox(delivery.app, shelf).deliver(delivery),
      signal: (shelf, signal) => this.inbox(signal.app, shelf).signal(signal),
      attached: (epoch, from, events, ended) =>
        this.attached.events(log.facts.number, epoch, from, events, ended),
      attachedSignal: (frame, except) => this.attached.signal(frame, except),
    });
    const index = new IndexReader(log, roster, new Projector(log, roster), {
      send: async (projection) => (await this.indexer.put(projection)).ok,
      later: (ms) => this.timers.arm('index', this.now() + ms),
    });
    return { storage, log, roster, fanout, index, now: () => this.now() };
  }

  private get indexer(): IndexerPort {
    return this.env.INDEXER.getByName('d1') as unknown as IndexerPort;
  }

  private inbox(app: number, shelf: number): InboxPort {
    return this.env.INBOX.getByName(shelfName(app as never, shelf)) as unknown as InboxPort;
  }

  /** The log, or not found: never begun, deleted. */
  private living(): Core {
    if (!this.core) throw new Refused(notFound('conversation'));
    return this.core;
  }

  /** Every call comes through here: the app is checked, refusals become values, nothing else leaves. */
  private async call<T>(
    actor: Actor | null,
    work: (core: Core) => T | Promise<T>,
    waitMs?: number,
  ): Promise<Result<T>> {
    return this.evictor.during(async () => {
      try {
        const core = this.living();
        // Nothing crosses an app: a foreign conversation answers as a missing one.
        if (actor && actor.app !== core.log.facts.app) throw new Refused(notFound('conversation'));
        if (actor) this.spread(core, actor.shelves);
        const value = await work(core);
        if (waitMs !== undefined) await core.index.wait(waitMs);
        this.keepRoom(core);
        return ok(value);
      } catch (error) {
        return refused(this.refusalOf(error));
      }
    });
  }

  /** Remembers over how many Inboxes the app's people are spread: after a wake nobody says so. */
  private spread(core: Core, shelves: number): void {
    if (core.fanout.shelves === shelves) return;
    core.fanout.shelves = shelves;
    core.log.setMeta('shelves', shelves);
  }

  private refusalOf(error: unknown) {
    if (error instanceof Refused) return error.refusal;
    console.error(JSON.stringify({ at: 'conversation', name: this.ctx.id.name, error: String(error) }));
    return unavailable(String(error));
  }

  async open({
    actor,
    birth,
    people,
    first,
    waitMs,
  }: Opening): Promise<Result<{ view: ConversationView; posted: Posted | null }>> {
    return this.evictor.during(async () => {
      try {
        const opened = this.begin(actor, birth, people, first);
        const core = this.living();
        this.spread(core, actor.shelves);
        await core.index.wait(waitMs);
        return ok({ view: reading.viewOf(core, { ...actor, powers: 'app' }), posted: opened });
      } catch (error) {
        return refused(this.refusalOf(error));
      }
    });
  }

  private begin(actor: Actor, birth: Birth, people: readonly Person[], first: Draft | null): Posted | null {
    const { storage } = this.ctx;
    if (isBorn(storage.sql)) {
      const known = readMeta<Birth>(storage.sql, 'birth');
      if (known?.nonce !== birth.nonce || known.app !== birth.app)
        throw new Refused(notFound('conversation'));
      return begin.again(this.living());
    }
    const begun = begin.first(storage, birth, this.blockEntries, (log) => this.assemble(log), {
      actor,
      people,
      first,
    });
    this.core = begun.core;
    return begun.posted;
  }

  async post(
    actor: Actor,
    draft: Draft,
    { author, waitMs }: Wait & { author: Person | null },
  ): Promise<Result<Posted>> {
    return this.call(
      actor,
      async () => {
        const posted = await this.posts.run({ actor, author, draft });
        if (!posted.ok) throw new Refused(posted.refusal);
        return posted.value;
      },
      waitMs,
    );
  }

  async edit(
    actor: Actor,
    seq: Seq,
    to: { text: string; markup: Markup; payload?: JsonObject | null },
    { waitMs }: Wait,
  ): Promise<Result<Posted>> {
    return this.call(actor, (core) => posting.edit(core, actor, seq, to), waitMs);
  }

  async remove(actor: Actor, seq: Seq | 'all', { waitMs }: Wait): Promise<Result<null>> {
    return this.call(
      actor,
      (core) => {
        if (seq === 'all') posting.removeAll(core, actor);
        else posting.remove(core, actor, seq);
        return null;
      },
      waitMs,
    );
  }

  async join(
    actor: Actor,
    people: Person[],
    reason: Draft | null,
    { waitMs }: Wait,
  ): Promise<Result<ConversationView>> {
    return this.call(
      actor,
      (core) => {
        membership.join(core, actor, people, reason);
        return reading.viewOf(core, actor);
      },
      waitMs,
    );
  }

  async leave(
    actor: Actor,
    user: UserNumber,
    mode: membership.LeaveMode,
    { waitMs }: Wait,
  ): Promise<Result<null>> {
    return this.call(
      actor,
      (core) => {
        membership.leave(core, actor, user, mode);
        return null;
      },
      waitMs,
    );
  }

  async update(actor: Actor, changes: FactsChange, { waitMs }: Wait): Promise<Result<ConversationView>> {
    return this.call(
      actor,
      (core) => {
        membership.update(core, actor, changes);
        return reading.viewOf(core, actor);
      },
      waitMs,
    );
  }

  async mark(actor: Actor, mark: Mark, { waitMs }: Wait): Promise<Result<null>> {
    return this.call(
      actor,
      (core) => {
        switch (mark.kind) {
          case 'read':
            membership.markRead(core, actor, mark.upTo, mark.user);
            break;
          case 'delivered':
            membership.markDelivered(core, actor, mark.upTo, mark.user);
            break;
          case 'unread':
            membership.markUnread(core, actor);
            break;
          case 'hide':
            membership.hide(core, actor);
        }
        return null;
      },
      waitMs,
    );
  }

  async typing(actor: Actor, on: boolean): Promise<Result<null>> {
    return this.call(actor, (core) => {
      readerOf(core, actor);
      if (actor.user !== null)
        core.fanout.signal(typingFrame(core.log.facts.number, actor.user, on), actor.user);
      return null;
    });
  }

  async view(actor: Actor): Promise<Result<ConversationView>> {
    return this.call(actor, (core) => reading.viewOf(core, actor));
  }

  async pageByOrdinal(
    actor: Actor,
    from: Ordinal,
    to: Ordinal,
    options: Wait & { markRead: boolean },
  ): Promise<Result<reading.MessagePage>> {
    const page = (core: Core) => reading.pageByOrdinal(core, actor, from, to, options.markRead);
    return this.call(actor, page, options.markRead ? options.waitMs : undefined);
  }

  async pageBySeq(actor: Actor, window: reading.SeqWindow): Promise<Result<reading.MessagePage>> {
    return this.call(actor, (core) => reading.pageBySeq(core, actor, window));
  }

  async message(actor: Actor, at: { seq: Seq } | { id: MessageNumber }): Promise<Result<MessageEntry>> {
    return this.call(actor, (core) => reading.messageAt(core, actor, at));
  }

  async replay(actor: Actor, since: Seq | null, epoch: string | null): Promise<Result<reading.Replay>> {
    return this.call(actor, (core) => reading.replay(core, actor, since, epoch));
  }

  async destroy(actor: Actor, { waitMs }: Wait): Promise<Result<null>> {
    return this.call(actor, async (core) => {
      demand(
        actor.powers === 'app'
          ? null
          : { code: 'forbidden', message: 'Only the app can delete a conversation.' },
      );
      const burial = burialOf(core);
      core.fanout.signal(JSON.stringify({ t: 'deleted', c: String(core.log.facts.number) }));
      bury(core, burial);
      this.core = null;
      this.timers.arm('burial', this.now() + 1_000);
      await Promise.race([this.reportBurial().catch(() => undefined), after(waitMs)]);
      return null;
    });
  }

  /** Tells the directory that this conversation is gone, until it has heard. */
  private async reportBurial(): Promise<void> {
    const burial = readMeta<Projection>(this.ctx.storage.sql, 'deleted');
    if (!burial) return;
    if (!(await this.indexer.put(burial)).ok) throw new Error('the directory did not take the deletion');
    this.timers.disarm('burial');
  }

  async reindex(app: AppNumber): Promise<Result<{ entries: number }>> {
    return this.call(null, async (core) => {
      if (core.log.facts.app !== app) throw new Refused(notFound('conversation'));
      core.index.restart();
      if (!(await core.index.wait(REINDEX_WAIT_MS)))
        throw new Refused(unavailable('the directory did not take everything in time'));
      return { entries: core.log.last.seq };
    });
  }

  async restore(step: RestoreStep): Promise<Result<null>> {
    return this.evictor.during(async () => {
      try {
        if (restoreStep(this.ctx.storage, step, this.blockEntries) === 'done') this.wake();
        else this.core = null;
        return ok(null);
      } catch (error) {
        return refused(this.refusalOf(error));
      }
    });
  }

  async lag() {
    const core = this.core;
    if (!core) return { born: false, lastSeq: 0, indexed: 0, delivered: 0 };
    return {
      born: true,
      lastSeq: core.log.last.seq,
      indexed: core.index.cursor,
      delivered: core.fanout.cursor,
    };
  }

  /** Direct attach of a socket that shows one room (docs/realtime.md). The worker has verified who it is. */
  override async fetch(request: Request): Promise<Response> {
    const actor = JSON.parse(request.headers.get('x-parlance-actor') ?? 'null') as Actor | null;
    const admitted = await this.call(actor, (core) => {
      if (!actor) throw new Refused(notFound('conversation'));
      const since = request.headers.get('x-parlance-since');
      return reading.replay(
        core,
        actor,
        since === null ? null : Number(since),
        request.headers.get('x-parlance-epoch'),
      );
    });
    if (!admitted.ok || !actor) return new Response(null, { status: 404 });
    return this.attached.accept(actor, String(this.living().log.facts.number), admitted.value);
  }

  override async webSocketMessage(socket: WebSocket, message: string | ArrayBuffer): Promise<void> {
    await this.attached.received(socket, message, this);
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
  private keepRoom(core: Core): void {
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

function readMeta<T>(sql: SqlStorage, key: string): T | null {
  const row = sql.exec<{ value: string }>('SELECT value FROM meta WHERE key = ?', key).toArray()[0];
  return row ? (JSON.parse(row.value) as T) : null;
}

function writeMeta(sql: SqlStorage, key: string, value: unknown): void {
  sql.exec('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)', key, JSON.stringify(value));
}

const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
