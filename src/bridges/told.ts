// What a bridge is told of a conversation, as it waits to be sent: the message, its rewording, its end. How it is said at a
// network is said.ts.
import type { FedEntry } from '../domain/hooks.ts';
import type { Seq, UserNumber } from '../domain/ids.ts';
import type { Attachment, Markup, MessageEntry } from '../domain/model.ts';
import type { Origin } from '../domain/remote.ts';

/** A message as it says now. */
export interface Words {
  seq: Seq;
  author: { user: UserNumber | null; name: string; avatar: string | null };
  title: string | null;
  text: string;
  markup: Markup;
  files: Attachment[];
  /** The message that it answers. */
  quoted: { seq: Seq; remote: Origin | null; author: string; text: string; markup: Markup } | null;
  /** Of a message that came in from another network. */
  origin: Origin | null;
}

/** A line of a digest. */
export interface Line {
  name: string;
  words: string;
}

export type Told =
  | { kind: 'message'; words: Words }
  /** `version`: the entry that says so. */
  | { kind: 'edit'; version: Seq; words: Words }
  /** `through`: all messages up to this one. */
  | { kind: 'delete'; seq: Seq; through: boolean; origin: Origin | null }
  /** All that somebody said is erased. */
  | { kind: 'redact'; user: UserNumber }
  /** What waited too long, in short; `seq`: the first of them. */
  | { kind: 'digest'; seq: Seq; lines: Line[] }
  /** Tries whether anything can be sent. */
  | { kind: 'test'; text: string };

/** Messages that nobody wrote. */
const UNSAID = new Set(['system_event', 'system']);

/** What a bridge is told of an entry; null: nothing. */
export function toldOf(fed: FedEntry): Told | null {
  const { entry, target } = fed;
  switch (entry.kind) {
    case 'message': {
      const { deleted, type } = entry.message;
      if (deleted || UNSAID.has(type)) return null;
      return { kind: 'message', words: wordsOf(fed, entry, target) };
    }
    case 'edit':
      if (!target || target.message.deleted) return null;
      return { kind: 'edit', version: entry.seq, words: wordsOf(fed, target, null) };
    case 'delete': {
      const origin = target?.message.origin ?? null;
      return { kind: 'delete', seq: entry.target, through: entry.through ?? false, origin };
    }
    case 'redact':
      return { kind: 'redact', user: entry.user };
    default:
      return null;
  }
}

function wordsOf({ people }: FedEntry, entry: MessageEntry, quoted: MessageEntry | null): Words {
  const nameOf = ({ author, message }: MessageEntry) =>
    message.override?.name ?? people.find(({ user }) => user === author)?.card.name ?? '';
  const { message, author, seq } = entry;
  const card = people.find(({ user }) => user === author)?.card;
  return {
    seq,
    author: {
      user: author,
      name: nameOf(entry),
      avatar: message.override?.avatar ?? card?.avatar ?? null,
    },
    title: message.title ?? null,
    text: message.text,
    markup: message.markup,
    files: message.attachments ?? [],
    quoted: quoted && {
      seq: quoted.seq,
      remote: quoted.message.origin ?? null,
      author: nameOf(quoted),
      text: quoted.message.deleted ? '' : quoted.message.text,
      markup: quoted.message.markup,
    },
    origin: message.origin ?? null,
  };
}
