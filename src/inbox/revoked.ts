// What an Inbox was told to end: upgrades that a worker let through with an older list are refused for a while. The
// sockets themselves are object.ts.
import type { UserNumber } from '../domain/ids.ts';
import type { Claims } from '../sockets/socket.ts';

/** Which of a person's tokens ended: those of one session, those older than a version, or (neither) all so far. */
export interface Which {
  session?: string;
  tokenVersion?: number;
}

/** A worker's list is at most 5 s old (docs/realtime.md); a minute leaves room for a directory that is slow. */
export const KEPT_MS = 60_000;
/** The newest ones: sixteen sign-outs a second of one Inbox's people are more than come. */
const KEPT = 1_000;

/** As it is stored: person, session, version, end (ms since 1970), oldest first. */
export type SavedRevoked = [UserNumber, string | null, number | null, number][];

export class Revoked {
  private readonly byUser = new Map<UserNumber, SavedRevoked>();
  private all: SavedRevoked;

  constructor(saved: SavedRevoked = []) {
    this.all = saved;
    for (const entry of saved) this.index(entry);
  }

  add(user: UserNumber, which: Which, nowMs: number): void {
    const { session, tokenVersion } = which;
    // "All so far" cannot be told from a token made later: the sockets that are open are all it is about.
    if (session === undefined && tokenVersion === undefined) return;
    this.forget(nowMs);
    const entry: SavedRevoked[number] = [user, session ?? null, tokenVersion ?? null, nowMs + KEPT_MS];
    this.all.push(entry);
    this.index(entry);
  }

  has({ user, session, version }: Pick<Claims, 'user' | 'session' | 'version'>, nowMs: number): boolean {
    return (this.byUser.get(user) ?? []).some(
      ([, ended, below, until]) =>
        until > nowMs && (ended === null || ended === session) && (below === null || version < below),
    );
  }

  save(nowMs: number): SavedRevoked {
    this.forget(nowMs);
    return [...this.all];
  }

  private forget(nowMs: number): void {
    const kept = this.all.findIndex(([, , , until]) => until > nowMs);
    const gone = Math.max(kept < 0 ? this.all.length : kept, this.all.length - KEPT);
    if (gone === 0) return;
    this.all = this.all.slice(gone);
    this.byUser.clear();
    for (const entry of this.all) this.index(entry);
  }

  private index(entry: SavedRevoked[number]): void {
    const own = this.byUser.get(entry[0]);
    if (own) own.push(entry);
    else this.byUser.set(entry[0], [entry]);
  }
}
