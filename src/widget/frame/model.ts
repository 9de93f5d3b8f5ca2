// What the frame holds of a conversation, and what events do to it. Pure: no page, no connection.
import type { Node } from '../../text/tree.ts';
import { now } from './clock.ts';

export interface Person {
  id: string;
  name: string;
  avatar: string | null;
}

export interface Attached {
  url: string;
  name: string;
  mime: string;
  bytes: number;
  width?: number;
  height?: number;
  file?: string | null;
}

/** An entry of the log as the socket and the calls tell it. */
export interface Event {
  seq: number;
  kind: string;
  at: string;
  author: Person | null;
  id?: string;
  door?: string;
  type?: string;
  text?: string;
  markup?: 'plain' | 'bbcode' | 'markdown' | 'html';
  clientId?: string | null;
  payload?: Record<string, unknown>;
  attachments?: Attached[];
  replyTo?: number;
  editedAt?: string;
  deleted?: boolean;
  target?: number;
  through?: boolean;
  users?: Person[];
  changes?: Record<string, unknown>;
  user?: string;
}

/** `waits`: to be sent. `failed`: refused; somebody decides. `sent`: the hub has it. */
export type State = 'waits' | 'failed' | 'sent';

export interface Message {
  /** Stays the same from the first stroke on: the client id, or the place in the log. */
  key: string;
  /** Null: the hub does not have it yet. */
  seq: number | null;
  kind: 'message' | 'joined' | 'left';
  at: number;
  author: Person | null;
  mine: boolean;
  text: string;
  markup: NonNullable<Event['markup']>;
  door: string;
  type: string;
  payload: Record<string, unknown> | null;
  files: Attached[];
  replyTo: number | null;
  edited: boolean;
  deleted: boolean;
  state: State;
  /** Part of its files that is there, 0 to 1; null: nothing goes up. */
  part: number | null;
  /** Its files do not outlast the page. */
  unkept?: boolean;
  /** It failed for one of its files. */
  unfit?: boolean;
  /** Counts its changes. */
  version: number;
  /** The version whose failure was said. */
  alerted?: number;
  /** Its text, read once. */
  tree?: Node[];
  /** Its fields, where it asks for some, with what was typed into them. */
  form?: { asked: string; element: HTMLElement };
}

/** Instead of a number: the conversation that is not one yet. */
export const NEW = 'new';

export class Talk {
  readonly c: string;
  title: string | null = null;
  epoch: string | undefined;
  /** The last place of the log that was heard of. */
  seq = 0;
  locked = false;
  closed = false;
  gone = false;
  unread = 0;
  preview = '';
  at = 0;
  people: Person[] = [];
  /** Whether its newest page was loaded. */
  loaded = false;
  hasMore = false;
  /** Where the line "new" stands: the first unread message when the conversation was opened; 0: nowhere. */
  newFrom = 0;
  readSeq = 0;
  /** How far others have read and received. */
  reads = new Map<string, number>();
  received = new Map<string, number>();
  /** Who writes, and until when that is believed. */
  typing = new Map<string, number>();
  readonly #bySeq = new Map<number, Message>();
  /** What the hub does not have yet, in the order of writing. */
  readonly unsent: Message[] = [];

  constructor(c: string) {
    this.c = c;
  }

  get isNew(): boolean {
    return this.c === NEW;
  }

  get messages(): Message[] {
    return [
      ...[...this.#bySeq.values()].sort((a, b) => (a.seq as number) - (b.seq as number)),
      ...this.unsent,
    ];
  }

  /** How many messages of others are behind this place. */
  after(seq: number): number {
    return this.messages.filter(({ mine, kind, seq: at }) => !mine && kind === 'message' && (at ?? 0) > seq)
      .length;
  }

  get oldest(): number | null {
    let oldest: number | null = null;
    for (const seq of this.#bySeq.keys()) if (oldest === null || seq < oldest) oldest = seq;
    return oldest;
  }

  find(seq: number): Message | undefined {
    return this.#bySeq.get(seq);
  }

  /** Nothing of what was loaded is any good. */
  reset(): void {
    this.#bySeq.clear();
    this.loaded = false;
  }

  /** Keeps so many of the newest: what is before them can be asked for again. */
  trim(most: number): void {
    const oldest = [...this.#bySeq.keys()].sort((a, b) => a - b).slice(0, -most);
    for (const seq of oldest) this.#bySeq.delete(seq);
    this.hasMore ||= oldest.length > 0;
  }

  nameOf(user: string): string {
    const spoken = [...this.#bySeq.values()].findLast(({ author }) => author?.id === user)?.author;
    return (spoken ?? this.people.find(({ id }) => id === user))?.name ?? '';
  }

  /** Takes one event; true: it is a message of somebody else's that was not known. */
  take(event: Event, me: string | null): boolean {
    const { target = 0 } = event;
    switch (event.kind) {
      case 'message':
        return this.#put(event, me);
      case 'edit':
        this.#change(target, (message) => {
          Object.assign(message, {
            text: event.text ?? '',
            markup: event.markup ?? 'plain',
            payload: event.payload ?? message.payload,
            // Of a form that was answered, and of files that have come, nobody has changed a word.
            edited: message.edited || event.text !== message.text,
            tree: undefined,
          });
        });
        return false;
      case 'delete':
        for (const [seq, message] of this.#bySeq)
          if (seq === target || (event.through && seq <= target)) empty(message);
        return false;
      case 'redact':
        for (const message of this.#bySeq.values()) if (message.author?.id === event.user) empty(message);
        return false;
      case 'join':
      case 'leave':
        for (const person of event.users ?? []) this.#line(event, person, me);
        return false;
      case 'update': {
        const { changes = {} } = event;
        if ('title' in changes) this.title = changes.title as string | null;
        if ('state' in changes) this.closed = changes.state === 'closed';
        if ('locked' in changes) this.locked = changes.locked === true;
        return false;
      }
      default:
        return false;
    }
  }

  #put(event: Event, me: string | null): boolean {
    const known = this.#bySeq.get(event.seq);
    const mine = me !== null && event.author?.id === me;
    const index = event.clientId ? this.unsent.findIndex(({ key }) => key === event.clientId) : -1;
    const waiting = index >= 0 ? this.unsent.splice(index, 1)[0] : undefined;
    const key = waiting?.key ?? known?.key ?? (mine && event.clientId ? event.clientId : `at ${event.seq}`);
    const message: Message = {
      key,
      seq: event.seq,
      kind: 'message',
      at: Date.parse(event.at),
      author: event.author,
      mine,
      text: event.text ?? '',
      markup: event.markup ?? 'plain',
      door: event.door ?? 'realtime',
      type: event.type ?? 'text',
      payload: event.payload ?? null,
      files: event.attachments ?? [],
      replyTo: event.replyTo || null,
      edited: event.editedAt !== undefined,
      deleted: event.deleted === true,
      state: 'sent',
      part: null,
      version: (known?.version ?? waiting?.version ?? 0) + 1,
    };
    if (known?.form) message.form = known.form;
    this.#bySeq.set(event.seq, message);
    if (message.type === 'formResponse')
      this.#change(message.replyTo ?? 0, (form) => {
        form.payload = { ...form.payload, submitted: true };
      });
    if (event.author) this.typing.delete(event.author.id);
    if (!mine && event.author && (this.reads.get(event.author.id) ?? 0) < event.seq)
      this.reads.set(event.author.id, event.seq);
    this.closed = false;
    return !known && !waiting && !mine;
  }

  #line(event: Event, person: Person, me: string | null): void {
    if (person.id === me || person.name === '') return;
    this.#bySeq.set(event.seq, {
      ...NOTHING,
      key: `at ${event.seq}`,
      seq: event.seq,
      kind: event.kind === 'join' ? 'joined' : 'left',
      at: Date.parse(event.at),
      author: person,
    });
  }

  #change(seq: number, work: (message: Message) => void): void {
    const message = this.#bySeq.get(seq);
    if (!message) return;
    work(message);
    message.version += 1;
  }
}

function empty(message: Message): void {
  if (message.kind !== 'message' || message.deleted) return;
  Object.assign(message, { deleted: true, text: '', payload: null, files: [], tree: undefined });
  message.version += 1;
}

/** A line that nobody wrote. */
const NOTHING: Omit<Message, 'key' | 'seq' | 'kind' | 'at' | 'author'> = {
  mine: false,
  text: '',
  markup: 'plain',
  door: 'realtime',
  type: 'text',
  payload: null,
  files: [],
  replyTo: null,
  edited: false,
  deleted: false,
  state: 'sent',
  part: null,
  version: 0,
};

/** A message that is about to be sent. */
export const draft = (
  key: string,
  text: string,
  author: Person | null,
  more: Partial<Message> = {},
): Message => ({
  ...NOTHING,
  key,
  seq: null,
  kind: 'message',
  at: now(),
  author,
  mine: true,
  text,
  state: 'waits',
  ...more,
});
