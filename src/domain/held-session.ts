// Sessions that somebody holds open, and which of them have ended: the shape between a Conversation and the Indexer.
import type { UserNumber } from './ids.ts';

/** A session, checked up to the revocation numbered `after`. */
export interface HeldSession {
  user: UserNumber;
  session: string;
  /** Version of the user's tokens when its own was made. */
  version: number;
  after: number;
}

/** Places of those that have ended among the sessions asked about, and the newest revocation there is. */
export interface EndedAmong {
  ended: number[];
  through: number;
}
