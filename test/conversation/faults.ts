// A directory that is slow, hung or broken, for the tests that need one: real D1 behind a door that the test holds.
import { afterEach, beforeEach, vi } from 'vitest';
import { d1 } from './harness.ts';

/** What happens to a batch: `through` lets it pass. */
type Door = (through: () => Promise<D1Result[]>) => Promise<D1Result[]>;

export interface Doored {
  db: D1Database;
  /** How many batches came. */
  readonly batches: number;
  /** From now on every batch goes through this; undefined: straight. */
  door: Door | undefined;
}

/** `db` with a door before its batches; everything else passes. */
export function doored(db: D1Database = d1): Doored {
  let batches = 0;
  const state: Doored = {
    door: undefined,
    get batches() {
      return batches;
    },
    db: {
      prepare: (text: string) => db.prepare(text),
      batch: (statements: D1PreparedStatement[]) => {
        batches += 1;
        const through = () => db.batch(statements);
        return state.door ? state.door(through) : through();
      },
    } as unknown as D1Database,
  };
  return state;
}

/** A gate that is shut until it is opened. */
export function gate(): { passed: Promise<void>; open(): void } {
  let open = () => {};
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

/** Keeps the log lines of failures that a test causes itself out of the test run's output. */
export function quiet(): void {
  beforeEach(() => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });
}
