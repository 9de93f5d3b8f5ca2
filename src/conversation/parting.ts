// A deleted conversation's last errands: telling the directory that it is gone, and handing endpoints what they had not
// taken by then, in order, with its end behind it. Over restarts, for its alarm drives it; what is kept for that is buried.ts.
import type { Feed } from '../domain/hooks.ts';
import type { EndpointNumber, UserNumber } from '../domain/ids.ts';
import type { Birth } from '../domain/model.ts';
import type { Projection } from '../domain/projection.ts';
import { within } from '../domain/within.ts';
import {
  type Buried,
  cardIn,
  forget,
  namedIn,
  type Rest,
  type RestLine,
  readBuried,
  settle,
} from './buried.ts';
import { Feeding, hand } from './feeding.ts';
import { Log } from './log.ts';
import { readMeta } from './meta.ts';

/** An endpoint that has not answered by then is asked again later: what it took nevertheless it passes over. */
const TAKE_MS = 10_000;
/** The pause before the next round: half of the time since the deletion, at least and at most this. */
const SHORTEST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 3_600_000;

export interface PartingPort {
  take(endpoint: EndpointNumber, feed: Feed): Promise<unknown>;
  /** Tells the directory. */
  put(burial: Projection): Promise<{ ok: boolean }>;
  /** Which of these people were erased. Throws while the directory is away. */
  erasedAmong(users: UserNumber[]): Promise<UserNumber[]>;
  /** Makes sure that `run` is called in `ms` even if the object is evicted. */
  later(ms: number): void;
  /** Nothing is left to do. */
  done(): void;
  blockEntries(): number | undefined;
  /** ms since 1970. */
  now(): number;
}

export class Parting {
  private readonly storage: DurableObjectStorage;
  private readonly port: PartingPort;
  private running: Promise<void> | null = null;

  constructor(storage: DurableObjectStorage, port: PartingPort) {
    this.storage = storage;
    this.port = port;
  }

  /** One round; another one is asked for where something is left. `fresh`: it was deleted just now. One at a time. */
  run({ fresh = false } = {}): Promise<void> {
    this.running ??= this.round(fresh).finally(() => {
      this.running = null;
    });
    return this.running;
  }

  /** Whether the directory has taken it. */
  async tell(burial: Projection): Promise<boolean> {
    try {
      return (await this.port.put(burial)).ok;
    } catch (error) {
      failed({ error: String(error) });
      return false;
    }
  }

  private async round(fresh: boolean): Promise<void> {
    const { sql } = this.storage;
    const buried = readBuried(sql);
    if (!buried) return this.port.done();
    const before = JSON.stringify(buried);
    const { burial, rest } = buried;
    const [heard, left] = await Promise.all([
      buried.heard ? true : this.tell(burial),
      rest ? this.handOver(rest, fresh) : [],
    ]);
    const after: Buried =
      rest && left.length > 0 ? { burial, heard, rest: { ...rest, lines: left } } : { burial, rest: null };
    if (JSON.stringify(after) !== before) this.storage.transactionSync(() => settle(sql, after));
    if (heard && left.length === 0) return this.port.done();
    const since = rest ? (this.port.now() - rest.end.at) / 2 : 0;
    this.port.later(
      heard ? Math.min(Math.max(SHORTEST_PAUSE_MS, since), LONGEST_PAUSE_MS) : SHORTEST_PAUSE_MS,
    );
  }

  /** To each endpoint by itself; gives those that have not had everything. */
  private async handOver(rest: Rest, fresh: boolean): Promise<RestLine[]> {
    const now = this.port.now();
    const lines = rest.lines.filter((line) => line.until > now || given(line, rest));
    if (lines.length === 0) return [];
    try {
      // Who was erased since: what they said must not go out, nor stay here.
      if (!fresh) await this.forgetErased(rest);
    } catch (error) {
      failed({ error: String(error) });
      return lines;
    }
    // Nearly always the end alone is to be told.
    const missing = lines.some(({ cursor }) => cursor < rest.end.seq - 1);
    const feeding = missing ? this.feeding(rest) : null;
    const done = await Promise.all(lines.map((line) => this.feed(feeding, rest, line)));
    return lines.filter((_, i) => !done[i]);
  }

  private async forgetErased(rest: Rest): Promise<void> {
    const { sql } = this.storage;
    const named = namedIn(sql, rest);
    const erased = named.length > 0 ? await this.port.erasedAmong(named) : [];
    if (erased.length > 0) this.storage.transactionSync(() => forget(sql, rest, erased));
  }

  private feeding({ about }: Rest): Feeding {
    const { sql } = this.storage;
    const log = new Log(sql, readMeta<Birth>(sql, 'birth') as Birth, this.port.blockEntries());
    log.blocks = about.blocks;
    return new Feeding(log, (user) => cardIn(sql, user));
  }

  /** True: it has everything. */
  private async feed(feeding: Feeding | null, { about, end }: Rest, line: RestLine): Promise<boolean> {
    const take = (endpoint: EndpointNumber, feed: Feed) => within(TAKE_MS, this.port.take(endpoint, feed));
    for (;;) {
      const entries = feeding?.after(line.cursor) ?? [];
      const last = entries.at(-1)?.entry.seq ?? end.seq - 1;
      const feed = { ...about, entries, ...(last === end.seq - 1 && { end }) };
      if (!(await hand(take, line.endpoint, feed))) return false;
      if (last === end.seq - 1) return true;
      line.cursor = last;
    }
  }
}

/** Says so, where what an endpoint never took is given up. */
function given({ endpoint, cursor }: RestLine, { about, end }: Rest): false {
  failed({ endpoint, conversation: about.facts.number, givenUp: end.seq - cursor });
  return false;
}

const failed = (what: object): void => console.error(JSON.stringify({ at: 'parting', ...what }));
