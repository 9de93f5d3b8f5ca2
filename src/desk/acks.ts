// What arrived at a device, by conversation: one row each, written when a client says so and never by a push.
import type { ConversationNumber, DeviceNumber, Seq } from '../domain/ids.ts';
import type { Acknowledged, Pushed } from './api.ts';

/** Conversations of one device; the one that it acknowledged something in longest ago gives way. */
const MOST_CONVERSATIONS = 256;
/** Seqs that are kept one by one; beyond, the lowest of them counts as the one up to which everything arrived. */
const MOST_SEQS = 100;

export class Acks {
  private readonly sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.sql = sql;
  }

  of(device: DeviceNumber): Pushed['marks'] {
    return this.sql
      .exec<{ conversation: number; seqs: string }>(
        'SELECT conversation, seqs FROM ack WHERE device = ? ORDER BY conversation',
        device,
      )
      .toArray()
      .map(({ conversation, seqs }) => ({
        conversation: conversation as ConversationNumber,
        seqs: JSON.parse(seqs) as Seq[],
      }));
  }

  add(device: DeviceNumber, seen: readonly Acknowledged[], now: number): void {
    const byConversation = new Map<ConversationNumber, Seq[]>();
    for (const { conversation, seq } of seen)
      byConversation.set(conversation, [...(byConversation.get(conversation) ?? []), seq]);
    for (const [conversation, seqs] of byConversation) this.put(device, conversation, seqs, now);
    this.trim(device);
  }

  private put(device: DeviceNumber, conversation: ConversationNumber, more: Seq[], now: number): void {
    const row = this.sql
      .exec<{ seqs: string }>(
        'SELECT seqs FROM ack WHERE device = ? AND conversation = ?',
        device,
        conversation,
      )
      .toArray()[0];
    const known = row ? (JSON.parse(row.seqs) as Seq[]) : [0];
    const seqs = marked(known, more);
    if (row && seqs.length === known.length && seqs[0] === known[0]) return;
    this.sql.exec(
      'INSERT OR REPLACE INTO ack (device, conversation, seqs, at) VALUES (?, ?, ?, ?)',
      device,
      conversation,
      JSON.stringify(seqs),
      now,
    );
  }

  /** What gives way counts as arrived: the device needs nothing that is older than it. */
  private trim(device: DeviceNumber): void {
    const over = this.sql
      .exec<{ conversation: number; at: number }>(
        'SELECT conversation, at FROM ack WHERE device = ? ORDER BY at DESC, conversation LIMIT -1 OFFSET ?',
        device,
        MOST_CONVERSATIONS,
      )
      .toArray();
    for (const { conversation, at } of over) {
      this.sql.exec('DELETE FROM ack WHERE device = ? AND conversation = ?', device, conversation);
      this.sql.exec('UPDATE device SET since = max(since, ?) WHERE number = ?', at, device);
    }
  }
}

/** `known` with `more`: first the seq up to which everything arrived, then those above it, rising. */
export function marked(known: readonly Seq[], more: readonly Seq[]): Seq[] {
  const [floor = 0, ...rest] = known;
  const above = [...new Set([...rest, ...more])].filter((seq) => seq > floor).sort((a, b) => a - b);
  const over = above.length - MOST_SEQS;
  return over > 0 ? above.slice(over - 1) : [floor, ...above];
}
