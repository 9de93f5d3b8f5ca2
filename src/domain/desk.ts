// The Desk of an app: who of its team is there and ready, which devices are online, and which visitors wait. What its
// callers and the object have of each other; types and rules only.
import type { ConversationNumber, DeviceNumber, UserNumber } from './ids.ts';

/** Who gets a new visitor: the whole team, somebody of it who is online, or somebody of a group who is ready. */
export const ROUTE_POLICIES = ['ALL', 'SMART', 'GROUP'] as const;
export type RoutePolicy = (typeof ROUTE_POLICIES)[number];

/** An agent has one device of each kind at a time; visitors as many as they like. */
export type DeviceKind = 'browser' | 'mobile';

/** A service group, by its number, with the people in it. Below 0: those who take visitors without being a group. */
export interface ServiceGroup {
  number: number;
  members: readonly UserNumber[];
}

/** A visitor without a conversation, and who may have them. */
export interface Asking {
  visitor: UserNumber;
  device: DeviceNumber | null;
  policy: RoutePolicy;
  /** Of the team: who is connected through any door. */
  present: readonly UserNumber[];
  /** SMART asks it when nobody is online, GROUP at once; null: there is none. */
  group: ServiceGroup | null;
}

/** What a visitor's asking came to. `waiting`: place from 1, of `length` who wait for the same. */
export type Routed =
  | { state: 'assigned'; conversation: ConversationNumber; agent: UserNumber | null }
  | { state: 'waiting'; position: number; length: number };

/** Why nobody could ever have a visitor. */
export type Hopeless = 'no team' | 'no group' | 'empty group';

/** Frames that a Desk sends to the connections that it knows. */
export type DeskFrame =
  | ({ t: 'turn' } & Turn)
  /** Another one has taken the place of this device, or of its connection. */
  | { t: 'logout'; device: DeviceNumber }
  /** The person signed out, or is gone. */
  | { t: 'ended' }
  /** To a visitor: how it stands with what they asked for. */
  | { t: 'routed'; conversation: ConversationNumber | null; hopeless: Hopeless | null };

/** Which of somebody's devices are online, and whether they take visitors. */
export interface Attendance {
  user: UserNumber;
  /** The device of each kind that came online last, and whether it is. Null: none is known. */
  browser: { device: DeviceNumber; online: boolean } | null;
  mobile: { device: DeviceNumber; online: boolean } | null;
  ready: boolean;
}

/** A device that comes online. */
export interface Arrival {
  user: UserNumber;
  device: DeviceNumber;
  kind: DeviceKind;
  /** Whether it is a device of the team's. */
  service: boolean;
}

/** What is told of somebody whose device came or went. */
export interface Turn extends Arrival {
  online: boolean;
  /** What the client said of where it is. */
  extra: string | null;
  /** ms since 1970. */
  at: number;
}
