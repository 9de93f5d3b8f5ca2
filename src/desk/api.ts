// What callers may ask of a Desk object, and what it asks of the world around it.
import type { Arrival, Asking, Attendance, Hopeless, Routed, ServiceGroup } from '../domain/desk.ts';
import type { Result } from '../domain/errors.ts';
import type { GateApi } from '../domain/gate.ts';
import type { ConversationNumber, DeviceNumber, Seq, UserNumber } from '../domain/ids.ts';

export interface DeskApi {
  /** Gives the visitor to somebody, or a place in the queue. Asked again, it is the same answer, as it stands by then. */
  route(asking: Asking): Promise<Result<Routed>>;
  /** Nobody can ever have the visitor: their connections hear of it. */
  hopeless(visitor: UserNumber, why: Hopeless): Promise<void>;
  /** How it stands with the visitor's newest asking; null: they did not ask, or it is long done. */
  standing(visitor: UserNumber): Promise<Routed | null>;
  /** These of the team are connected through other doors: who waits for somebody online may be given to them. */
  offer(present: UserNumber[]): Promise<void>;
  /** False: they did not wait. */
  cancel(visitor: UserNumber): Promise<boolean>;
  /** What the visitor was given is no longer there: the next asking is a new one. */
  dismiss(visitor: UserNumber, conversation: ConversationNumber): Promise<void>;
  /** The device comes online, the one before it of its kind is logged out, and its agent takes visitors of these groups. */
  ready(arrival: Arrival, groups: number[]): Promise<void>;
  /** A visitor's device is online, as far as its client says without a connection. */
  came(arrival: Arrival): Promise<void>;
  /** The device goes; without another one its agent takes no visitors. */
  away(user: UserNumber, device: DeviceNumber): Promise<void>;
  /** A connection of this device. Another one of the same device, or of an agent's other device of the kind, is logged out. */
  connected(arrival: Arrival, gate: string, extra: string | null): Promise<Pushed>;
  /** The connection ended; not the one that a newer one took over from. */
  disconnected(device: DeviceNumber, gate: string): Promise<void>;
  attendance(users: UserNumber[]): Promise<Attendance[]>;
  /** Agents who are there, at most `limit`. */
  present(limit: number): Promise<UserNumber[]>;
  /** Whose device it is, as far as is known here, and whether it is online. */
  device(device: DeviceNumber): Promise<{ user: UserNumber; online: boolean } | null>;
  /** Others are in the group now: those who wait for it may be given to them. */
  regrouped(group: ServiceGroup): Promise<void>;
  /** These messages arrived at the device of this person. False: it is not theirs. */
  acknowledged(user: UserNumber, device: DeviceNumber, seen: Acknowledged[]): Promise<boolean>;
  /** What a device has acknowledged; null: it was never connected. */
  pushed(user: UserNumber, device: DeviceNumber): Promise<Pushed | null>;
  /** Nothing is known of the person any more. */
  forget(user: UserNumber): Promise<void>;
}

export interface Acknowledged {
  conversation: ConversationNumber;
  seq: Seq;
}

/** What a device has acknowledged. What came before `since` (ms since 1970) needs none. */
export interface Pushed {
  since: number;
  marks: { conversation: ConversationNumber; seqs: Seq[] }[];
}

/** A visitor who was given to somebody, to be opened a conversation for. */
export interface Seating {
  visitor: UserNumber;
  /** Null: to the whole team. */
  agent: UserNumber | null;
  group: number | null;
  /** Random; of each seat another one. */
  key: string;
}

export interface DeskPort {
  /** Opens it once, however often it is asked. `unfit`: the agent is not of the team any more. */
  open(seating: Seating): Promise<Result<ConversationNumber | 'unfit'>>;
  gate(name: string): GateApi;
}
