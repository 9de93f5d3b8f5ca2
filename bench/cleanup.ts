// Everything that a row must not leave behind: servers, child processes, folders. Undone in reverse order, once.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Task = () => void | Promise<void>;
const tasks = new Set<Task>();
const folders = new Set<string>();

/** The run was interrupted: what is begun from now on is undone too, and whoever begins it is told to stop. */
let interrupted = false;

/** Ctrl-C: stops what runs. The row that needed it fails, and then `cleanUp` does the rest. */
export function interrupt(): void {
  interrupted = true;
  void stopAll();
}

export const isInterrupted = (): boolean => interrupted;

/** Has `task` run at the end, however the end comes. What it answers does it now, and not again later. */
export function atEnd(task: Task): () => Promise<void> {
  tasks.add(task);
  if (interrupted) throw new Error('the run was interrupted');
  return async () => {
    if (tasks.delete(task)) await task();
  };
}

/** The path of an empty folder that is removed at the end. */
export function temporaryFolder(): string {
  const path = mkdtempSync(join(tmpdir(), 'parlance-bench-'));
  folders.add(path);
  return path;
}

/** Undoes whatever is left; one failure does not keep the others from it. Answers what failed. */
export async function cleanUp(): Promise<unknown[]> {
  const failures = await stopAll();
  for (const path of folders) {
    folders.delete(path);
    try {
      rmSync(path, { recursive: true, force: true, maxRetries: 5 });
    } catch (error) {
      failures.push(error);
    }
  }
  return failures;
}

/** Stops that another call has begun are waited for too: a server writes into its folder until it has stopped. */
const stopping = new Set<Promise<void>>();

async function stopAll(): Promise<unknown[]> {
  for (const task of [...tasks].reverse()) {
    tasks.delete(task);
    const stopped = Promise.resolve().then(task);
    stopping.add(stopped);
    await stopped.catch(() => {});
  }
  const outcomes = await Promise.allSettled(stopping);
  stopping.clear();
  return outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
}
