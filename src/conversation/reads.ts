// The calls of a conversation that read it. What they give is reading.ts; calls that change it are object.ts.
import type { Result } from '../domain/errors.ts';
import type { MessageNumber, Ordinal, Seq } from '../domain/ids.ts';
import type { Actor, ConversationView, MessageEntry } from '../domain/model.ts';
import type { Wait } from './api.ts';
import type { BoxPage, BoxWindow } from './boxes.ts';
import type { Core } from './core.ts';
import { type PeoplePage, type PeopleWindow, pageOfPeople } from './people.ts';
import * as reading from './reading.ts';
import { ConversationUpkeep } from './upkeep.ts';

export abstract class ConversationReads extends ConversationUpkeep {
  async view(actor: Actor, { marks }: { marks?: boolean } = {}): Promise<Result<ConversationView>> {
    return this.call(actor, (core) => reading.viewOf(core, actor, { marks }));
  }

  async people(actor: Actor, window: PeopleWindow): Promise<Result<PeoplePage>> {
    return this.call(actor, (core) => pageOfPeople(core, actor, window));
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

  async box(actor: Actor, window: BoxWindow): Promise<Result<BoxPage>> {
    return this.call(actor, (core) => reading.pageOfBox(core, actor, window));
  }

  async pageBySeq(actor: Actor, window: reading.SeqWindow): Promise<Result<reading.MessagePage>> {
    return this.call(actor, (core) => reading.pageBySeq(core, actor, window));
  }

  async pageOfNamed(
    actor: Actor,
    at: readonly reading.Named[],
    options: { withDeleted?: boolean } = {},
  ): Promise<Result<reading.MessagePage>> {
    return this.call(actor, (core) => reading.pageOfNamed(core, actor, at, options));
  }

  async message(actor: Actor, at: reading.Named): Promise<Result<MessageEntry>> {
    return this.call(actor, (core) => reading.messageAt(core, actor, at));
  }

  async picked(
    actor: Actor,
    at: readonly ({ seq: Seq } | { id: MessageNumber })[],
  ): Promise<Result<reading.Picked>> {
    return this.call(actor, (core) => reading.picked(core, actor, at));
  }

  async replay(actor: Actor, since: Seq | null, epoch: string | null): Promise<Result<reading.Replay>> {
    return this.call(actor, (core) => reading.replay(core, actor, since, epoch));
  }
}
