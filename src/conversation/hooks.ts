// The reader that hands entries to the endpoints of the app: for each a line of its own, so that one which does not take
// its entries holds up nobody else's. An app without endpoints has no lines, and nothing here happens.
import { DEFAULT_KEEP_DAYS } from '../domain/hook-options.ts';
import {
  type FedEntry,
  type Feed,
  type HookRef,
  type HookSignal,
  type Hooks,
  NO_HOOKS,
} from '../domain/hooks.ts';
import type { EndpointNumber, Seq, UserNumber } from '../domain/ids.ts';
import { type Card, SERVICE_ROLES } from '../domain/model.ts';
import type { Rest } from './buried.ts';
import { cut, FEED_ENTRIES, Feeding, hand } from './feeding.ts';
import type { Log } from './log.ts';
import type { Roster } from './roster.ts';
import type { EntryRow } from './rows.ts';

/** Entries kept in memory as they are handed over; older ones are read from the log again. */
const KEPT_ENTRIES = 200;
/** What failed is left to a timer for so long. */
const LATER_MS = 5_000;
const DAY_MS = 86_400_000;

export interface HookPort {
  take(endpoint: EndpointNumber, feed: Feed): Promise<unknown>;
  signal(endpoint: EndpointNumber, signal: HookSignal): Promise<unknown>;
  /** Makes sure that `resume` is called in `ms` even if the object is evicted. */
  later(ms: number): void;
  /** ms since 1970. */
  now(): number;
}

/** What is remembered of the hooks: for each endpoint the seq before the first entry that it is told of. */
interface Kept {
  version: number;
  lines: (HookRef & { from: Seq })[];
}

class Line {
  readonly ref: HookRef;
  /** Told of what comes after this. */
  readonly from: Seq;
  /** Last seq that the endpoint took. */
  cursor: Seq;
  running: Promise<void> | null = null;

  constructor(ref: HookRef, from: Seq, cursor: Seq) {
    this.ref = ref;
    this.from = from;
    this.cursor = Math.max(from, cursor);
  }
}

export class HookReader {
  private readonly log: Log;
  private readonly roster: Roster;
  private readonly port: HookPort;
  private readonly feeding: Feeding;
  private version: number;
  private lines: Line[];
  /** The newest entries, in order, as they are handed over; read once for all lines. */
  private kept: FedEntry[] = [];
  /** After a timeout nobody waits until every line has caught up: one hung endpoint must not cost every post. */
  private tripped = false;
  private stopped = false;

  constructor(log: Log, roster: Roster, port: HookPort) {
    this.log = log;
    this.roster = roster;
    this.port = port;
    this.feeding = new Feeding(log, (user) => roster.get(user)?.card);
    const kept = log.getMeta<Kept>('hooks');
    this.version = kept?.version ?? NO_HOOKS.version;
    this.lines = (kept?.lines ?? []).map(
      ({ from, ...ref }) => new Line(ref, from, log.last.seq - log.last.behind),
    );
  }

  /** Entries up to and with the one at `seq` that some endpoint may not have: stored with it. */
  behind(seq: Seq): number {
    return this.lines.reduce((most, { cursor }) => Math.max(most, seq - cursor), 0);
  }

  /** The app's endpoints as a call brought them. False: nothing new. The caller writes `keep` once the call was let in. */
  adopt(hooks: Hooks): boolean {
    if (hooks.version <= this.version) return false;
    const from = this.log.last.seq - this.log.last.behind;
    const known = new Map(this.lines.map((line) => [line.ref.number, line]));
    // Of those that have ended since, what the log says they had still to hear is nobody's.
    const first = this.version === NO_HOOKS.version ? from : this.log.last.seq;
    this.version = hooks.version;
    const own = hooks.endpoints.filter(({ only }) => only === undefined || only === this.log.facts.number);
    this.lines = own.map((ref) => {
      const line = known.get(ref.number);
      return new Line(ref, line?.from ?? first, line?.cursor ?? first);
    });
    return true;
  }

  /** One row, only when the app's endpoints changed. */
  keep(): void {
    const lines = this.lines.map(({ ref, from }) => ({ ...ref, from }));
    this.log.setMeta('hooks', { version: this.version, lines } satisfies Kept);
  }

  get pending(): boolean {
    const { seq } = this.log.last;
    return !this.stopped && this.lines.some(({ cursor }) => cursor < seq);
  }

  /** New entries of the log go out, to each endpoint by itself. */
  push(rows: readonly EntryRow[]): void {
    if (this.lines.length === 0) return;
    for (const row of rows) this.kept.push(this.feeding.fed(row));
    if (this.kept.length > KEPT_ENTRIES) this.kept = this.kept.slice(-KEPT_ENTRIES);
    this.resume();
  }

  /** What endpoints have not taken goes out (again): they pass over what they have. */
  resume(): void {
    for (const line of this.lines) this.run(line);
  }

  /** What the log holds by now is no news to anybody who has heard all that came before it. */
  passOver(): void {
    this.kept = [];
    for (const line of this.lines) line.cursor = this.log.last.seq;
  }

  /** What waits is in the log, and may say something else there by now. */
  reread(): void {
    this.kept = [];
  }

  /** Nothing more of this log: it was deleted or rebuilt. */
  stop(): void {
    this.stopped = true;
  }

  /** Waits until every endpoint has taken everything, at most `ms`; where one has not, a timer is armed so that it will. */
  async wait(ms: number): Promise<void> {
    if (!this.pending) return;
    if (ms > 0 && !this.tripped) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, ms);
      });
      await Promise.race([Promise.all(this.lines.map(({ running }) => running)), late]);
      clearTimeout(timer);
      if (!this.pending) return;
      this.tripped = true;
    }
    this.port.later(LATER_MS);
  }

  /** To those who asked for it; whether it arrives, nobody looks. */
  signal(signal: HookSignal['signal'], user: UserNumber, known: Card | null = null): void {
    const card = this.roster.get(user)?.card ?? known;
    const asked = this.lines.filter(({ ref }) => ref.signals);
    if (!card || asked.length === 0) return;
    const said: HookSignal = { ...this.about(), signal, who: { user, card }, at: this.port.now() };
    for (const { ref } of asked) void this.port.signal(ref.number, said).catch(() => undefined);
  }

  /** What is still to be told, and to whom, where the log ends here; null: nobody is told of anything. */
  rest(): Rest | null {
    if (this.lines.length === 0) return null;
    const end = { seq: this.log.last.seq + 1, at: this.port.now() };
    const lines = this.lines.map(({ ref, cursor }) => ({
      endpoint: ref.number,
      cursor,
      until: end.at + (ref.keepDays ?? DEFAULT_KEEP_DAYS) * DAY_MS,
    }));
    return { about: this.about(), end, lines };
  }

  private run(line: Line): void {
    if (line.running) return;
    line.running = this.feed(line)
      .catch((error) => console.error(JSON.stringify({ at: 'hooks', error: String(error) })))
      .finally(() => {
        line.running = null;
        if (!this.pending) this.tripped = false;
      });
  }

  private async feed(line: Line): Promise<void> {
    while (!this.stopped && this.lines.includes(line) && line.cursor < this.log.last.seq) {
      const entries = this.take(line.cursor);
      const last = entries.at(-1);
      if (!last) return;
      if (!(await hand(this.port.take, line.ref.number, { ...this.about(), entries }))) {
        this.port.later(LATER_MS);
        return;
      }
      line.cursor = last.entry.seq;
    }
  }

  /** The next entries after `cursor`: from memory where they are there, else from the log. */
  private take(cursor: Seq): FedEntry[] {
    const first = this.kept[0]?.entry.seq;
    if (first === undefined || first > cursor + 1) return this.feeding.after(cursor);
    return cut(this.kept.slice(cursor + 1 - first, cursor + 1 - first + FEED_ENTRIES));
  }

  private about(): Omit<Feed, 'entries'> {
    const { facts, epoch, blocks } = this.log;
    return {
      app: facts.app,
      version: this.version,
      epoch,
      facts,
      blocks,
      memberCount: this.roster.active().length,
      customer: facts.kind === 'support' ? this.customer() : null,
    };
  }

  private customer(): Feed['customer'] {
    const own = (user: UserNumber) => {
      const member = this.roster.get(user);
      return member && !SERVICE_ROLES.has(member.card.role) ? { user, card: member.card } : null;
    };
    for (const user of this.roster.active()) {
      const found = own(user);
      if (found) return found;
    }
    return null;
  }
}
