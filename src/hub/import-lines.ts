// What every import shares: its lines in groups of a bounded size, and how a bad one ends it.
import { BadLine } from '../domain/errors.ts';

/** One line's meaning, with where it stands. */
export interface Numbered<T> {
  /** From 1. */
  line: number;
  /** Characters that it took. */
  chars: number;
  value: T;
}

/** How far an import has come: counted things by name, and the last line that is done. */
export interface Progress {
  line: number;
  counts: Readonly<Record<string, number>>;
}

/** Progress as it goes. Returns where to go on: null when everything is done. Throws a `BadLine`: all before it is done. */
export type Import = AsyncGenerator<Progress, number | null>;

export interface GroupLimits<T> {
  lines: number;
  chars: number;
  /** Lines of one group are done together: what this gives for a line may be in a group once. */
  keyOf(value: T): string;
}

/** Lines in groups; `failure`: a line after this group is bad. Nothing beyond the group is held. */
export async function* groupsOf<T>(
  lines: AsyncIterable<Numbered<T>>,
  limits: GroupLimits<T>,
): AsyncGenerator<{ group: Numbered<T>[]; failure: BadLine | null }> {
  let group: Numbered<T>[] = [];
  let chars = 0;
  const keys = new Set<string>();
  const take = () => {
    const taken = group;
    [group, chars] = [[], 0];
    keys.clear();
    return { group: taken, failure: null };
  };
  try {
    for await (const line of lines) {
      const key = limits.keyOf(line.value);
      const full = group.length >= limits.lines || chars + line.chars > limits.chars || keys.has(key);
      if (full && group.length > 0) yield take();
      group.push(line);
      keys.add(key);
      chars += line.chars;
    }
  } catch (error) {
    if (!(error instanceof BadLine)) throw error;
    yield { group, failure: error };
    return;
  }
  if (group.length > 0) yield take();
}
