// Records that an isolate remembers: fresh for a moment, and good enough for a while when the directory is away.
import { reasonOf } from '../directory/door.ts';
import { Refused, unavailable } from '../domain/errors.ts';
import { within } from '../domain/within.ts';

/** A remembered record is used without asking for this long. */
const FRESH_MS = 5_000;
/** While the directory does not answer, this old will do (DESIGN.md 2). */
const STALE_MS = 15 * 60_000;
/** A directory that takes longer than this to refresh what we have is not waited for. */
const PATIENCE_MS = 500;
/** How long one that we have nothing for may take. */
const FIRST_MS = 5_000;

interface Record<T> {
  value: T;
  at: number;
  /** After a failed refresh: not before then. */
  notBefore: number;
}

/** Answers that there is nothing: kept apart, because anybody can make up names that nothing has. */
const NOTHINGS_KEPT = 500;

/** Records by key, the least lately used forgotten first. A `null` says that there is none. */
export class Remembered<T> {
  private readonly records = new Map<string, Record<T>>();
  private readonly nothings = new Map<string, Record<T>>();
  /** Loads under way, by key: what was forgotten meanwhile they may not bring back. */
  private readonly loads = new Map<string, Set<{ isStale: boolean }>>();
  private readonly limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** What is remembered, however old; undefined when nothing is. */
  peek(key: string): T | undefined {
    return this.find(key)?.value;
  }

  /** Whether `get` would answer without asking. */
  isFresh(key: string, freshMs = FRESH_MS): boolean {
    const known = this.find(key);
    const now = Date.now();
    return known !== undefined && (now - known.at < freshMs || now < known.notBefore);
  }

  put(key: string, value: T): void {
    this.forget(key);
    const [map, limit] = value === null ? [this.nothings, NOTHINGS_KEPT] : [this.records, this.limit];
    map.set(key, { value, at: Date.now(), notBefore: 0 });
    if (map.size > limit) map.delete(map.keys().next().value as string);
  }

  forget(key: string): void {
    this.records.delete(key);
    this.nothings.delete(key);
    for (const load of this.loads.get(key) ?? []) load.isStale = true;
  }

  /** Used now, so not the next to be forgotten. */
  private find(key: string): Record<T> | undefined {
    const known = this.records.get(key);
    if (!known) return this.nothings.get(key);
    this.records.delete(key);
    this.records.set(key, known);
    return known;
  }

  /** The record, loaded when it is not fresh; a stale one when loading fails or takes too long. */
  async get(key: string, load: () => Promise<T>, freshMs = FRESH_MS): Promise<T> {
    const now = Date.now();
    const known = this.find(key);
    if (known && this.isFresh(key, freshMs)) return known.value;
    const usable = known && now - known.at < STALE_MS ? known : undefined;
    // One request refreshes, the others go on with what there is. (A promise cannot be shared between requests: the
    // platform ties its work to the request that began it.)
    if (usable) usable.notBefore = now + PATIENCE_MS;
    const own = { isStale: false };
    const others = this.loads.get(key) ?? new Set();
    this.loads.set(key, others.add(own));
    try {
      const value = await within(usable ? PATIENCE_MS : FIRST_MS, load());
      if (!own.isStale) this.put(key, value);
      return value;
    } catch (error) {
      if (error instanceof Refused) throw error;
      if (!usable) throw new Refused(unavailable(reasonOf(error)));
      usable.notBefore = now + FRESH_MS;
      return usable.value;
    } finally {
      others.delete(own);
      if (others.size === 0) this.loads.delete(key);
    }
  }
}
