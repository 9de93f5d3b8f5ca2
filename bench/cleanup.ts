// Everything that a run must not leave behind: servers, child processes, folders. Undone in reverse order, once.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Task = () => void | Promise<void>;
const tasks = new Set<Task>();

/** Has `task` run at the end, however the end comes. What it answers does it now, and not again later. */
export function atEnd(task: Task): () => Promise<void> {
  tasks.add(task);
  return async () => {
    if (tasks.delete(task)) await task();
  };
}

/** Undoes whatever is left; one failure does not keep the others from it. Answers what failed. */
export async function cleanUp(): Promise<unknown[]> {
  const failures: unknown[] = [];
  for (const task of [...tasks].reverse()) {
    tasks.delete(task);
    try {
      await task();
    } catch (error) {
      failures.push(error);
    }
  }
  return failures;
}

/** An empty folder that is removed at the end. */
export function temporaryFolder(): { path: string; remove: () => Promise<void> } {
  const path = mkdtempSync(join(tmpdir(), 'parlance-bench-'));
  return { path, remove: atEnd(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 })) };
}
