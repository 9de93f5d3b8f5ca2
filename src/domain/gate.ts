// A Gate: one connection whose protocol says who it is only after the upgrade. What its protocol and the objects at both
// ends of it have of each other; types only.
import type { AppNumber, UserNumber } from './ids.ts';
import type { Card, Json } from './model.ts';

/** Who a connection speaks for, as its verified token said. */
export interface Holder {
  app: AppNumber;
  user: UserNumber;
  /** Id of the session that the token belongs to. */
  session: string;
  /** Token version of the user when the token was made: a higher one ends it. */
  version: number;
  /** s since 1970: the token's end, and the connection's. */
  expiresAt: number;
  card: Card;
  powers: 'member' | 'team';
  /** Of the team: is to have support conversations that are nobody's too. */
  unassigned?: boolean;
}

/** What an Inbox says to a Gate that is registered with it. */
export interface GateApi {
  /** Frames as docs/realtime.md has them, in order. False: nobody is connected here any more. */
  receive(frames: string[]): Promise<boolean>;
  /** Ends the connection; `code` is one of docs/realtime.md. */
  end(code: number, reason: string): Promise<void>;
  /** Whether somebody is still connected. */
  alive(): Promise<boolean>;
}

/** What a Gate asks of the Inbox of its user. */
export interface GateHost {
  /** From now on the Gate of this name gets everything of the person's conversations. */
  register(gate: string, holder: Holder & { origin: string }): Promise<'registered' | 'ended' | 'full'>;
  unregister(gate: string): Promise<void>;
  /** Instead of those before: whose coming and going the Gate is told of. Gives those of them who are here. */
  watch(gate: string, users: UserNumber[]): Promise<UserNumber[]>;
  /** Whether the person counts as present through this Gate. */
  attend(gate: string, here: boolean): Promise<void>;
}

/** The connection as its protocol has it. */
export interface GateLine {
  /** The Gate's own, by which others reach it. */
  readonly name: string;
  send(data: string | Uint8Array): void;
  close(code?: number, reason?: string): void;
  /** Who it speaks for now; null: nobody yet. */
  readonly holder: Holder | null;
  /** Takes the place of whoever it spoke for. False: that session has ended, or there is no room. */
  signIn(holder: Holder, shelves: number): Promise<boolean>;
  signOut(): Promise<void>;
  /** See {@link GateHost}. Nothing while it speaks for nobody. */
  watch(users: UserNumber[]): Promise<UserNumber[]>;
  attend(here: boolean): Promise<void>;
  /** What must survive hibernation. False: it is too much, and what was kept before still is. */
  keep(state: Json): boolean;
  /** What was kept last; null: nothing. */
  readonly kept: Json;
  /** ms since 1970 of the client's last sign of life. */
  readonly heardAt: number;
}

/** What the other side of a connection speaks. It declares what it can take; what it cannot closes the connection. */
export interface GateProtocol {
  /** Each is done before the next one of the same kind comes. What they throw closes the connection. */
  text?(text: string): Promise<void>;
  binary?(data: Uint8Array): Promise<void>;
  /** Frames of the Inbox (docs/realtime.md), and of the Desk (domain/desk.ts). */
  frames(frames: readonly string[]): Promise<void>;
  /** The connection is over. */
  closed?(): Promise<void>;
  /** Half of something has arrived: the memory is needed until the rest is here. */
  readonly busy?: boolean;
  /** ms without a sign of life after which a client counts as gone; it is looked at when there is something to send. */
  readonly patienceMs?: number;
}
