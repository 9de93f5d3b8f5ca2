// What the figures of a run were measured on.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, loadavg, release, totalmem } from 'node:os';

/** One line: processor, memory, system, versions, and how busy the machine is already. */
export function machine(): string {
  const cores = cpus();
  const require = createRequire(import.meta.resolve('miniflare'));
  const { version } = require('workerd/package.json') as { version: string };
  return [
    `${cores.length} x ${cores[0]?.model.trim() ?? 'unknown processor'}`,
    `${Math.round(totalmem() / 2 ** 30)} GiB`,
    `${process.platform} ${release()}`,
    `node ${process.version.slice(1)}`,
    `workerd ${version}`,
    `${openFiles()} open files`,
    `load ${loadavg()[0]?.toFixed(1)}`,
  ].join(', ');
}

/** How many files this process and its children may open, as the system says; "?" where it does not. */
export function openFiles(): string {
  try {
    return /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? '?';
  } catch {
    return '?'; // No such file outside Linux.
  }
}
