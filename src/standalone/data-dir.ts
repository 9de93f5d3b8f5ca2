// The folder of a standalone hub: one server at a time, secrets that only its user can read, small state files.
// What the runtime keeps in it (objects, D1) is the runtime's own.
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** A server that was just killed may hold the folder for a moment longer. */
const LOCK_PATIENCE_MS = 3_000;

/** Told to a second server that finds the folder taken. */
interface Holder {
  readonly pid: number;
  readonly url: string;
}

export interface DataDir {
  readonly path: string;
  /** The absolute path of a file in it. */
  file(name: string): string;
  /** Says who serves from it, for the message that a second server prints. */
  announce(holder: Holder): void;
  /** Lets go of it. */
  close(): void;
}

/**
 * Makes the folder if need be and takes it for this process. The lock is the kernel's, so it ends with the process,
 * however that ends. Throws an Error that names the holder when another server has it.
 */
export function openDataDir(dataDir: string): DataDir {
  const path = resolve(dataDir);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const holderFile = join(path, 'serving.json');
  const lock = new DatabaseSync(join(path, 'lock.sqlite'), { timeout: LOCK_PATIENCE_MS });
  try {
    // Nothing is ever written, so there is nothing to roll back: no journal file.
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    if (!/locked/.test(String(error))) throw error;
    const holder = readJson<Holder>(holderFile);
    const who = holder ? ` (process ${holder.pid}, ${holder.url})` : '';
    throw new Error(
      `DATA_DIR ${dataDir} is in use by another running server${who}. Stop it, or set another DATA_DIR.`,
    );
  }
  return {
    path,
    file: (name) => join(path, name),
    announce: (holder) => writeJson(holderFile, holder),
    close: () => {
      rmSync(holderFile, { force: true });
      lock.close();
    },
  };
}

export interface Secrets {
  readonly adminToken: string;
  readonly hubSecret: string;
}

/** The secrets of this folder, made when they are asked for the first time. */
export function secretsOf(dataDir: DataDir): Secrets {
  const file = dataDir.file('secrets.json');
  const kept = readJson<Partial<Secrets>>(file) ?? {};
  const secrets = {
    adminToken: kept.adminToken ?? randomBytes(24).toString('base64url'),
    hubSecret: kept.hubSecret ?? randomBytes(32).toString('base64url'),
  };
  if (kept.adminToken === undefined || kept.hubSecret === undefined) writeJson(file, secrets);
  return secrets;
}

/**
 * A JSON file, or null when there is none. The caller names the shape: only this server writes these files.
 * Throws when the file is there but is not JSON, because making a new secret over it would lose data.
 */
export function readJson<T>(file: string): T | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new Error(`${file} is damaged: it does not hold JSON. Restore it from a backup, or remove it.`);
  }
}

/** Writes a JSON file that only this user can read. Readers see the old content or the new, never a half. */
export function writeJson(file: string, value: unknown): void {
  const draft = `${file}.new`;
  writeFileSync(draft, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600, flush: true });
  // The mode above counts only when the file is made.
  chmodSync(draft, 0o600);
  renameSync(draft, file);
}
