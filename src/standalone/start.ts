// `npm start`: one hub in this process, until a signal ends it. How a hub starts is hub.ts.
import { readFileSync } from 'node:fs';
import { type Hub, startHub } from './hub.ts';
import { startPage } from './page.ts';

/** Each conversation in use holds three descriptors, each socket one, and workerd does not survive running out. */
const ENOUGH_FILES = 4_096;

/** How soon the server notices that the npm that started it is gone. */
const ORPHAN_CHECK_MS = 250;

// Whoever read the start page may have closed the pipe; that is no reason to stop serving.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});

let hub: Hub | undefined;
let stopping = false;
const stop = () => {
  // One Ctrl-C arrives twice: from the terminal and from npm, which passes it on.
  if (stopping) return;
  stopping = true;
  if (hub) hub.stop().then(() => process.exit(0), fail);
  else process.exit(0);
};
// Before the start, so that a signal in the middle of it ends it just as quietly.
process.on('SIGTERM', stop);
process.on('SIGINT', stop);

try {
  hub = await startHub({
    env: process.env,
    print: (line, stream) => process[stream].write(`${line}\n`),
    onLost: fail,
  });
  stopWithNpm(stop);
  for (const warning of [...hub.warnings, ...fileLimitWarning()]) console.error(`Warning: ${warning}`);
  console.log(startPage(hub.facts));
} catch (error) {
  fail(error);
}

/** Prints what is wrong, without the stack unless it is asked for, and ends with exit code 1. */
function fail(error: unknown): never {
  const message = error instanceof Error ? error.message : String(error);
  console.error(`Parlance does not serve: ${message}`);
  if (process.env.DEBUG && error instanceof Error) console.error(error.stack);
  process.exit(1);
}

function fileLimitWarning(): string[] {
  let limits: string;
  try {
    limits = readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return []; // No such file outside Linux.
  }
  const files = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  if (files === undefined || Number(files) >= ENOUGH_FILES) return [];
  return [
    `only ${files} files may be open at once; a busy hub needs ${ENOUGH_FILES} or more (docs/settings.md).`,
  ];
}

/** An npm that is killed outright passes nothing on: without this, the server would stay behind and hold the port. */
function stopWithNpm(stop: () => void): void {
  if (process.env.npm_lifecycle_event === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    stop();
  }, ORPHAN_CHECK_MS);
  timer.unref();
}
