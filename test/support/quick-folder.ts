// Where the hubs of tests keep their data: in memory where there is room. workerd syncs every commit, and stands still until the
// disk has it: on a disk that others use that is half of a busy test's time. What a kill of the machine would lose no test could
// see; those of the server as a process (startServer) have theirs on the disk.
import { existsSync, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MEMORY = '/dev/shm';
/** The hubs of a run, a few at a time, need a tenth of it. */
const ROOM_BYTES = 2 * 1024 ** 3;
/** Then the number of the process that made it. */
const NAME = 'parlance-test-';

function hasRoom(): boolean {
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    return bavail * bsize >= ROOM_BYTES;
  } catch {
    return false;
  }
}

const isRunning = (pid: string): boolean => existsSync(`/proc/${pid}`);

/** A new empty folder. Those of runs that were killed go: memory has an end. */
export function quickFolder(): string {
  if (!hasRoom()) return mkdtempSync(join(tmpdir(), NAME));
  for (const name of readdirSync(MEMORY)) {
    const pid = /^parlance-test-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !isRunning(pid)) remove(join(MEMORY, name));
  }
  return mkdtempSync(join(MEMORY, `${NAME}${process.pid}-`));
}

/** Another process may be about to remove the same one. */
function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // What is left goes with the next one.
  }
}
