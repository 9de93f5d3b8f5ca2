// The Conversation: one Durable Object holds one ordered log. Here its calls are answered; what a call does lies beside
// this file; calls that read are reads.ts, what an operator asks of it as a whole is upkeep.ts, and how its parts live is
// base.ts.
import type { ControlCommand } from '../domain/control.ts';
import { notFound, ok, Refused, type Result, refused } from '../domain/errors.ts';
import { NO_HOOKS } from '../domain/hooks.ts';
import type { AppNumber, LogTime, MessageNumber, Seq, UserNumber } from '../domain/ids.ts';
import type {
  Actor,
  Birth,
  ConversationView,
  Draft,
  FactsChange,
  Posted,
  Rewording,
} from '../domain/model.ts';
import { claimsOf } from '../sockets/socket.ts';
import type { ConversationApi, Mark, Opening, Wait } from './api.ts';
import { block, refuseBlocked } from './blocking.ts';
import { type Controlling, control } from './controlling.ts';
import { type Person, readerOf } from './core.ts';
import { noticeFrame, typingFrame } from './frames.ts';
import { type Beginning, begin } from './lifetime.ts';
import type { Log } from './log.ts';
import * as membership from './membership.ts';
import { type Merging, merge } from './merging.ts';
import { readMeta } from './meta.ts';
import * as posting from './posting.ts';
import * as reading from './reading.ts';
import { ConversationReads } from './reads.ts';
import { recard } from './recarding.ts';
import { redact } from './redacting.ts';
import { isDeleted } from './rows.ts';
import { isBorn } from './schema.ts';
import * as updating from './updating.ts';

export class Conversation extends ConversationReads implements ConversationApi {
  async open({
    actor,
    birth,
    people,
    first,
    before,
    switching,
    blockers,
    waitMs,
  }: Opening): Promise<Result<{ view: ConversationView; posted: Posted | null }>> {
    return this.evictor.during(async () => {
      try {
        const opened = this.begin(birth, { actor, people, first, before, switching });
        const core = this.living();
        if (blockers) block(core, { ...actor, powers: 'app' }, blockers, true);
        this.spread(core, actor);
        await this.told(core, waitMs);
        return ok({
          view: reading.viewOf(core, { ...actor, powers: 'app' }, { about: numbersOf(people) }),
          posted: opened,
        });
      } catch (error) {
        return refused(this.refusalOf(error));
      }
    });
  }

  private begin(birth: Birth, beginning: Beginning): Posted | null {
    const { storage } = this.ctx;
    if (isBorn(storage.sql)) {
      const known = readMeta<Birth>(storage.sql, 'birth');
      if (known?.nonce !== birth.nonce || known.app !== birth.app)
        throw new Refused(notFound('conversation'));
      return begin.again(this.living());
    }
    const assemble = (log: Log) => this.assemble(log);
    const begun = begin.first(storage, birth, this.blockEntries, assemble, beginning);
    this.core = begun.core;
    return begun.posted;
  }

  async post(
    actor: Actor,
    draft: Draft,
    {
      author,
      before,
      replyAt,
      control,
      waitMs,
    }: Wait & {
      author: posting.Author | null;
      before?: number;
      replyAt?: LogTime;
      control?: Controlling;
    },
  ): Promise<Result<Posted>> {
    return this.call(
      actor,
      async () => {
        const posted = await this.posts.run({ actor, author, draft, before, replyAt, control });
        if (!posted.ok) throw new Refused(posted.refusal);
        return posted.value;
      },
      waitMs,
    );
  }

  async posted(
    app: AppNumber,
    clientId: string,
  ): Promise<Result<{ id: MessageNumber; deleted: boolean } | null>> {
    return this.call(null, ({ log }) => {
      if (log.facts.app !== app) throw new Refused(notFound('conversation'));
      const row = log.byClientId(clientId);
      return row && { id: log.idOf(row.seq), deleted: isDeleted(row) };
    });
  }

  async edit(
    actor: Actor,
    seq: Seq,
    to: Rewording,
    { waitMs, control }: Wait & { control?: Controlling },
  ): Promise<Result<Posted>> {
    return this.call(actor, (core) => posting.edit(core, actor, seq, to, control), waitMs);
  }

  async remove(
    actor: Actor,
    seq: Seq | 'all',
    { waitMs, control }: Wait & { control?: Controlling },
  ): Promise<Result<null>> {
    return this.call(
      actor,
      (core) => {
        if (seq === 'all') posting.removeAll(core, actor, control);
        else posting.remove(core, actor, seq, control);
        return null;
      },
      waitMs,
    );
  }

  async foreclose(actor: Actor, clientId: string): Promise<Result<null>> {
    return this.call(actor, (core) => {
      posting.foreclose(core, actor, clientId);
      return null;
    });
  }

  /** Erases a person from the log. See redacting.ts. */
  async redact(actor: Actor, user: UserNumber, { waitMs }: Wait): Promise<Result<null>> {
    return this.call(
      actor,
      (core) => {
        redact(core, actor, user);
        return null;
      },
      waitMs,
    );
  }

  async recard(actor: Actor, person: Person, { waitMs }: Wait): Promise<Result<null>> {
    return this.call(
      actor,
      (core) => {
        recard(core, actor, person);
        return null;
      },
      waitMs,
    );
  }

  async merge(actor: Actor, merging: Merging, { waitMs }: Wait): Promise<Result<null>> {
    return this.call(
      actor,
      (core) => {
        merge(core, actor, merging);
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
        return reading.viewOf(core, actor, { about: numbersOf(people) });
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

  async update(
    actor: Actor,
    changes: FactsChange,
    { waitMs, assign }: Wait & { assign?: Person | null },
  ): Promise<Result<ConversationView>> {
    return this.call(
      actor,
      (core) => {
        updating.update(core, actor, changes, assign);
        return reading.viewOf(core, actor);
      },
      waitMs,
    );
  }

  async control(
    actor: Actor,
    controlling: Controlling,
    command: ControlCommand,
    { waitMs }: Wait,
  ): Promise<Result<ConversationView>> {
    return this.call(
      actor,
      (core) => {
        control(core, actor, controlling, command);
        return reading.viewOf(core, actor);
      },
      waitMs,
    );
  }

  async mark(actor: Actor, mark: Mark, { waitMs }: Wait): Promise<Result<null>> {
    return this.call(
      actor,
      (core) => {
        membership.mark(core, actor, mark);
        return null;
      },
      waitMs,
    );
  }

  async typing(actor: Actor, on: boolean): Promise<Result<null>> {
    return this.call(actor, (core) => {
      readerOf(core, actor);
      if (actor.user !== null && !refuseBlocked(core, actor)) {
        const frame = typingFrame(core.log.facts, actor.user, on, actor.card?.role);
        core.fanout.signal(frame, { except: actor.user });
        core.hooks.signal({ kind: 'typing', on }, actor.user, actor.card);
      }
      return null;
    });
  }

  async notice(actor: Actor, name: string, data: string): Promise<Result<null>> {
    return this.call(actor, (core) => {
      readerOf(core, actor);
      if (actor.user !== null && !refuseBlocked(core, actor))
        core.fanout.signal(noticeFrame(core.log.facts.number, actor.user, name, data));
      return null;
    });
  }

  async block(actor: Actor, by: UserNumber[], on: boolean): Promise<Result<null>> {
    return this.call(actor, (core) => {
      block(core, actor, by, on);
      return null;
    });
  }

  /** Direct attach of a socket that shows one room (docs/realtime.md). The worker has verified who it is. */
  override async fetch(request: Request): Promise<Response> {
    const claims = claimsOf(request);
    if (!claims || !this.core) return new Response(null, { status: 404 });
    const { app, user, card, powers } = claims;
    const { shelves } = this.core.fanout;
    const actor: Actor = { app, user, card, powers, shelves, hooks: NO_HOOKS };
    const since = request.headers.get('x-parlance-since');
    const epoch = request.headers.get('x-parlance-epoch');
    const admitted = await this.replay(actor, since === null ? null : Number(since), epoch);
    if (!admitted.ok) return new Response(null, { status: 404 });
    return this.attached.accept(claims, this.living().log, admitted.value);
  }
}

const numbersOf = (people: readonly Person[]): UserNumber[] => people.map(({ user }) => user);
