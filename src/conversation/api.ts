// What callers may ask of a Conversation object. Refusals come back as values: an Error loses its class on the way.
import type { Box, Concealed } from '../domain/concealed.ts';
import type { Control, ControlCommand, Switching } from '../domain/control.ts';
import type { Result } from '../domain/errors.ts';
import type { AppNumber, LogTime, MessageNumber, Ordinal, Seq, UserNumber } from '../domain/ids.ts';
import type {
  Actor,
  Birth,
  Card,
  ConversationView,
  Draft,
  FactsChange,
  Markup,
  MessageEntry,
  Posted,
  Rewording,
} from '../domain/model.ts';
import type { ArchivedEntry } from '../domain/projection.ts';
import type { BoxPage, BoxWindow } from './boxes.ts';
import type { Controlling } from './controlling.ts';
import type { Person } from './core.ts';
import type { LeaveMode } from './membership.ts';
import type { Merging } from './merging.ts';
import type { PeoplePage, PeopleWindow } from './people.ts';
import type { Author } from './posting.ts';
import type { MessagePage, Named, Picked, Replay, SeqWindow } from './reading.ts';

/** How long a call waits for the directory before it is answered anyway; ms. */
export interface Wait {
  waitMs: number;
}

export interface Opening extends Wait {
  actor: Actor;
  birth: Birth;
  people: Person[];
  /** The first message, posted with the birth. */
  first: Draft | null;
  /** See `post`. */
  before?: number;
  /** The app's enabled switchboard. */
  switching?: Switching;
  /** Of a conversation of two: who takes no messages from the other. */
  blockers?: UserNumber[];
}

export interface ConversationApi {
  open(opening: Opening): Promise<Result<{ view: ConversationView; posted: Posted | null }>>;
  /** `before` (ms since 1970): refused as unavailable from then on, so that others may know that it was not posted. `replyAt`: see PostInput. */
  post(
    actor: Actor,
    draft: Draft,
    options: Wait & { author: Author | null; before?: number; replyAt?: LogTime; control?: Controlling },
  ): Promise<Result<Posted>>;
  /** What was posted with this client id; null: nothing was. For the hub itself. */
  posted(app: AppNumber, clientId: string): Promise<Result<{ id: MessageNumber; deleted: boolean } | null>>;
  edit(
    actor: Actor,
    seq: Seq,
    to: Rewording,
    options: Wait & { control?: Controlling },
  ): Promise<Result<Posted>>;
  remove(actor: Actor, seq: Seq | 'all', options: Wait & { control?: Controlling }): Promise<Result<null>>;
  /** No message of another network will be taken under this client id any more (posting.ts). App credentials only. */
  foreclose(actor: Actor, clientId: string): Promise<Result<null>>;
  /** Author and text of everything that `user` said go; they are out. App credentials only; twice is once. */
  redact(actor: Actor, user: UserNumber, options: Wait): Promise<Result<null>>;
  /** Shows the person as the card says from now on, where they are known. App credentials only; twice is once. */
  recard(actor: Actor, person: Person, options: Wait): Promise<Result<null>>;
  /** Makes two people of it one (merging.ts). App credentials only; twice is once. */
  merge(actor: Actor, merging: Merging, options: Wait): Promise<Result<null>>;
  join(
    actor: Actor,
    people: Person[],
    reason: Draft | null,
    options: Wait,
  ): Promise<Result<ConversationView>>;
  leave(actor: Actor, user: UserNumber, mode: LeaveMode, options: Wait): Promise<Result<null>>;
  /** Changes facts, and whose the conversation is, all or nothing. `assign` null: nobody's; absent: as it is. */
  update(
    actor: Actor,
    changes: FactsChange,
    options: Wait & { assign?: Person | null },
  ): Promise<Result<ConversationView>>;
  /** Passes, offers, accepts or releases control of the business's voice (controlling.ts). */
  control(
    actor: Actor,
    controlling: Controlling,
    command: ControlCommand,
    options: Wait,
  ): Promise<Result<ConversationView>>;
  mark(actor: Actor, mark: Mark, options: Wait): Promise<Result<null>>;
  typing(actor: Actor, on: boolean): Promise<Result<null>>;
  /** See `noticeFrame`: to everybody who is connected, the caller's own clients too. Never stored. Of who is blocked nobody hears. */
  notice(actor: Actor, name: string, data: string): Promise<Result<null>>;
  /** In a conversation of two: these people take no messages from the other one, or do again. App credentials only; twice is once. */
  block(actor: Actor, by: UserNumber[], on: boolean): Promise<Result<null>>;
  view(actor: Actor, options?: { marks?: boolean }): Promise<Result<ConversationView>>;
  /** Everybody who is or was a member, and every author, page by page. */
  people(actor: Actor, window: PeopleWindow): Promise<Result<PeoplePage>>;
  pageByOrdinal(
    actor: Actor,
    from: Ordinal,
    to: Ordinal,
    options: Wait & { markRead: boolean },
  ): Promise<Result<MessagePage>>;
  pageBySeq(actor: Actor, window: SeqWindow): Promise<Result<MessagePage>>;
  box(actor: Actor, window: BoxWindow): Promise<Result<BoxPage>>;
  message(actor: Actor, at: Named): Promise<Result<MessageEntry>>;
  /** Those of these messages that the caller may see, in order of the log, as a timed page. */
  pageOfNamed(
    actor: Actor,
    at: readonly Named[],
    options?: { withDeleted?: boolean },
  ): Promise<Result<MessagePage>>;
  /** Those of these messages that the caller may see, with what they quote. */
  picked(actor: Actor, at: readonly ({ seq: Seq } | { id: MessageNumber })[]): Promise<Result<Picked>>;
  replay(actor: Actor, since: Seq | null, epoch: string | null): Promise<Result<Replay>>;
  /**
   * Gone for everybody at once; what endpoints have not taken is handed to them behind that (parting.ts). App credentials
   * only. `erased`: it goes because this person is erased.
   */
  destroy(actor: Actor, options: Wait & { erased?: UserNumber | null }): Promise<Result<null>>;
  /** Sends everything to the directory again. */
  reindex(app: AppNumber): Promise<Result<{ entries: number }>>;
  /**
   * Rebuilds the log from the archive: begin, then its entries in order, then the people, then end, which swaps all of
   * it in under a new epoch. The log goes on until then; every step may come again.
   */
  restore(step: RestoreStep): Promise<Result<null>>;
  /**
   * Begins with a log from elsewhere, all of it or nothing; again under the same birth changes nothing. Unavailable when
   * the directory has not heard of it within `waitMs`: then it is there, and hears of it later.
   */
  takeIn(imported: ImportedLog, options: Wait): Promise<Result<null>>;
  /** Messages from elsewhere for a conversation that is there: see taking.ts. Every step may come again. */
  take(app: AppNumber, step: TakingStep, options: Wait): Promise<Result<TakingView | null>>;
  /** Where the readers stand, for the operator. */
  lag(): Promise<{ born: boolean; app: AppNumber | null; lastSeq: Seq; indexed: Seq; delivered: Seq }>;
}

/** A conversation from elsewhere: people and messages as they stood there. */
export interface ImportedLog {
  birth: Birth;
  locked: boolean;
  people: ImportedMember[];
  /** Authors who are no members. */
  outside: Person[];
  /** In the order of their times. */
  messages: ImportedMessage[];
  /** Inboxes that the app's people are spread over. */
  shelves: number;
}

export interface ImportedMember extends Person {
  standing: 'active' | 'left' | 'barred';
  /** ms since 1970; null: after the last message. */
  leftAt: number | null;
  /** Messages from the first one on that they have read. */
  readN: Ordinal;
}

export interface ImportedMessage {
  /** null: somebody who has no account here, of this name. */
  author: UserNumber | null;
  name: string | null;
  /** ms since 1970. */
  at: number;
  text: string;
  markup: Markup;
  title: string | null;
}

/** A message from elsewhere, as its client named it. */
export interface NamedMessage {
  id: string;
  /** The message that the hub itself would give this name; null: none. */
  number: MessageNumber | null;
}

export interface TakenMessage {
  author: Person;
  /** ms since 1970. */
  at: number;
  clientId: string;
  draft: Draft;
  /** What it answers. */
  parent: NamedMessage | null;
}

export type TakingStep =
  | { step: 'reserve'; job: string; ids: NamedMessage[]; parents: NamedMessage[] }
  | { step: 'add'; job: string; messages: TakenMessage[] }
  | { step: 'release'; job: string; settle: boolean };

/** What a reservation found. */
export interface TakingView {
  /** Client ids that messages have already. */
  taken: string[];
  /** When the parents were said, those that are there; ms since 1970. */
  said: Record<string, number>;
  /** Of the last message; null: there is none. */
  lastAt: number | null;
}

export type Mark =
  /**
   * `time`: instead of `upTo`, up to this log time. `card`: of somebody who answers for the app and may never have been
   * here: their reading is the business's.
   */
  | { kind: 'read'; upTo: Seq | null; user: UserNumber | null; card?: Card; time?: LogTime }
  | { kind: 'delivered'; upTo: Seq; user: UserNumber | null; time?: LogTime }
  /** `from`: the first message that is unread then; absent: the last one of somebody else. */
  | { kind: 'unread'; from?: Seq | null }
  | { kind: 'hide' }
  /** Closed: out of the member's lists until a later message, which opens it. */
  | { kind: 'progress'; to: 'OPEN' | 'CLOSE' }
  /** Everything so far is gone, for the member alone. */
  | { kind: 'clear' }
  /** `box`: where the message must be. */
  | { kind: 'conceal'; message: MessageNumber; box: Box | null };

export type RestoreStep =
  | {
      step: 'begin';
      birth: Birth;
      facts: FactsChange & { assignee: UserNumber | null; control: Control | null };
      blocks: number[];
      /** Entries that the directory has heard of, also of `facts`, and the archive must hold: less is refused. */
      entries: number;
      /** The log's next epoch; also names this restore. */
      epoch: string;
    }
  | { step: 'entries'; entries: Omit<ArchivedEntry, 'words' | 'seq'>[] }
  /** `readAt`, of somebody outside: when the business last read, where no member's place says so. */
  | { step: 'people'; people: RestoredMember[]; outside: (Person & { readAt?: number })[] }
  | { step: 'end'; epoch: string };

export interface RestoredMember extends Person {
  /** outside: of the team, who opened or closed it without being in it. */
  standing: 'active' | 'left' | 'barred' | 'outside';
  joinedAt: number;
  readSeq: Seq;
  readN: Ordinal;
  readAt: number;
  ownAfter: Seq;
  deliveredSeq: Seq;
  deliveredAt: number;
  hiddenSeq: Seq;
  clearedSeq: Seq;
  progress: 'NEW' | 'OPEN' | 'CLOSE';
  muted: boolean;
  invitedBy: UserNumber | null;
  removedBy: UserNumber | null;
  concealed: Concealed | null;
  /** The directory's revision: the log's must go on from there. */
  rev: number;
}
