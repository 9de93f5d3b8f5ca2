// What a network is to a bridge: how a message is said there, in which calls, and how answers are read. Pure: who calls, when
// again, and what was sent already is the courier's (webhooks/courier.ts). One file for each network beside this one.
import type { Bridge } from '../domain/bridges.ts';
import type { Hub } from '../hub/context.ts';
import type { Frame } from '../text/framed.ts';
import type { Node } from '../text/tree.ts';

/** What is said, by whom. */
export interface Said {
  /** The same over all attempts. */
  event: string;
  author: { name: string; avatar: string | null };
  title: string | null;
  nodes: readonly Node[];
  files: readonly SaidFile[];
  /** The message that it answers. */
  quoted: Quoted | null;
  /** For networks that hand data through to whoever reads them (L5). */
  marker: string;
  /** It was said there, by its author: nothing of theirs has to be told. */
  theirs?: boolean;
}

export interface SaidFile {
  name: string;
  mime: string;
  bytes: number;
  /** Where it can be read by whoever is told. */
  url: string;
  /** Its bytes; null: they are elsewhere, or gone. */
  open(): Promise<Blob | null>;
}

export interface Quoted {
  /** Its first part's id there; null: nobody knows it. */
  remote: string | null;
  author: string;
  words: string;
}

/** One message there, or one file that has to be there before a message can name it. */
export interface Part {
  /** The same for the same part of an edited message: '0', '1'… for texts, `file:0`… for files of their own. */
  key: string;
  /** All that it says, in the network's markup: where an edit leaves this the same, nothing is called. */
  content: string;
  /** What a reader there sees of it, without markup: an echo of it is known by this. */
  words: string;
  /** What stands before its author's words where one voice says them all, and these words alone, in the network's markup. */
  framed?: { head: string; body: string };
  /** Sent with it. */
  files?: readonly SaidFile[];
}

export interface Call {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: string;
  headers?: Record<string, string>;
  /** A text is JSON unless a header says otherwise. */
  body: string | FormData | null;
  /** Asked before it, where what to call has to be looked up there first: the call that follows; null: it is not there. */
  first?: { url: string; next(heard: Heard): Call | null };
}

export interface ComesBack extends Frame {
  whole: string;
}

/** An answer of any status. */
export interface Heard {
  status: number;
  /** Lower-case names. */
  headers: Headers;
  /** The beginning of the body, where it is text. */
  body: string;
}

/** Ids there of the parts of this message that were made, by key. */
export type Made = ReadonlyMap<string, string>;

/** A network declares only what it can do: what is absent is not possible there. */
export interface Network {
  /** Calls in a second where its owner chose nothing, and how many at once. */
  readonly perSecond: number;
  /** The parts of a message, in the order in which they are made. At least one. */
  parts(bridge: Bridge, said: Said): Part[];
  create(bridge: Bridge, said: Said, part: Part, made: Made): Call | Promise<Call>;
  edit?(bridge: Bridge, said: Said, part: Part, remote: string, made: Made): Call | Promise<Call>;
  remove?(bridge: Bridge, remote: string): Call;
  /** Whether it may change and remove what others have said there, under this id. */
  reachesOthers?(remote: string): boolean;
  /** What comes in, in Markdown, when the network tells of this part: a change by somebody there is known by what differs. */
  comesBack?(bridge: Bridge, part: Part, made: Made): ComesBack;
  /** The id of what a call has made; null: the network tells none, and it can be neither changed nor removed. */
  made(heard: Heard): string | null;
  /** Why a 2xx is no success all the same. */
  refused?(heard: Heard): string | null;
  /** Whether this failure is no reason to hold the message back: what the call was for is left out. */
  spares?(call: Call, heard: Heard): boolean;
  /** ms until the next call may be made, as the answer says; 0: at once. Beside `Retry-After`, which is always heeded. */
  rest?(heard: Heard, now: number): number;
  /** In place of an HTTP call, where what is said is fetched instead of sent; null: it is sent. Throws where it cannot be done now. */
  transport?(hub: Hub, bridge: Bridge, call: Call): Promise<Response> | null;
}
