// When a bridge is far behind: what waits is told in short, in one message (contracts/webhooks-bridges-widget.md 2.4).
import { wordsOf } from '../bridges/said.ts';
import type { Line, Told } from '../bridges/told.ts';
import { waitingOf } from '../endpoint/journal.ts';
import { type Links, MADE, WHOLE } from '../endpoint/links.ts';
import type { Outgoing } from '../endpoint/port.ts';
import { DELIVERED, type DeliveryRow, type Queue } from '../endpoint/queue.ts';

/** More messages than this that wait become one. */
const MANY = 20;
/** In one digest; what is behind them makes another. */
const MOST = 500;

/**
 * What is told instead of `outgoing`, a message, and of what waits behind it: they end with it. Undefined: it is told itself. Null:
 * nothing is, for all of it was deleted again.
 */
export function collapse(
  { sql, queue, links }: { sql: SqlStorage; queue: Queue; links: Links },
  outgoing: Outgoing,
  { now, digestMs }: { now: number; digestMs: number },
): Told | null | undefined {
  const [first] = waitingOf(sql, outgoing.conversation, 1);
  if (!first || now - first.taken_at < digestMs) return undefined;
  const rows = waitingOf(sql, outgoing.conversation, MOST);
  const messages = rows.filter(({ type }) => type === 'message.created');
  const own = rows.find(({ event }) => event === outgoing.event);
  if (messages.length <= MANY || !own) return undefined;
  const lines = new Map<number, Line & { author: number | null }>();
  const within = rows.filter((row) => enters(row, lines));
  const told: Told = {
    kind: 'digest',
    seq: outgoing.seq,
    lines: [...lines.values()].map(({ name, words }) => ({ name, words })),
  };
  for (const row of within) {
    if (row.type === 'message.created') links.moved(row.seq, WHOLE, MADE);
    if (row.id !== own.id) queue.end(row, DELIVERED, 'in a digest', now, null);
  }
  queue.made(own.id, JSON.stringify(told));
  return told.lines.length === 0 ? null : told;
}

/** Takes its part in the digest; false: it is told by itself. */
function enters(row: DeliveryRow, lines: Map<number, Line & { author: number | null }>): boolean {
  if (row.body === null) return false;
  const told = JSON.parse(row.body) as Told;
  switch (told.kind) {
    case 'message':
    case 'edit': {
      const { seq, author } = told.words;
      if (told.kind === 'edit' && !lines.has(seq)) return false;
      lines.set(seq, { name: author.name, words: summary(told.words), author: author.user });
      return true;
    }
    case 'delete':
      // Of older ones too: those are there.
      if (told.through) for (const seq of lines.keys()) if (seq <= told.seq) lines.delete(seq);
      return !told.through && lines.delete(told.seq);
    case 'redact':
      for (const [seq, { author }] of lines) if (author === told.user) lines.delete(seq);
      return false;
    default:
      return false;
  }
}

/** Its words, or what it brings where it has none. */
const summary = (words: Extract<Told, { kind: 'message' }>['words']): string =>
  [wordsOf(words), ...words.files.map(({ name }) => `[${name}]`)].filter((part) => part !== '').join(' ');
