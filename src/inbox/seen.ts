// How far each conversation has been handed out here: what tells a repeated delivery from a new one, and a gap.
import type { ConversationNumber, Seq } from '../domain/ids.ts';

/** Conversations remembered, the ones last heard of. One forgotten costs at most a repeated event to one client. */
const REMEMBERED = 2_000;

export interface Mark {
  epoch: string;
  seq: Seq;
}

/** As it is stored: conversation, epoch, seq, oldest first. */
export type SavedSeen = [ConversationNumber, string, Seq][];

export class Seen {
  /** In the order of their last delivery. */
  private readonly marks = new Map<ConversationNumber, Mark>();
  private readonly limit: number;

  constructor(saved: SavedSeen = [], limit = REMEMBERED) {
    this.limit = limit;
    for (const [c, epoch, seq] of saved) this.marks.set(c, { epoch, seq });
  }

  get(c: ConversationNumber): Mark | undefined {
    return this.marks.get(c);
  }

  /** Everything of `c` up to `seq` has been handed out. */
  set(c: ConversationNumber, epoch: string, seq: Seq): void {
    this.marks.delete(c);
    this.marks.set(c, { epoch, seq });
    if (this.marks.size <= this.limit) return;
    const [oldest] = this.marks.keys();
    this.marks.delete(oldest as ConversationNumber);
  }

  /** Nobody here listens to `c`: what passes by now is no gap later. */
  forget(c: ConversationNumber): void {
    this.marks.delete(c);
  }

  save(): SavedSeen {
    return [...this.marks].map(([c, { epoch, seq }]) => [c, epoch, seq]);
  }
}
