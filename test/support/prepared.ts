// What every hub of a test run starts from, made once for the run: the worker's bundle, and data that is current and has the
// demo app. Bundling, migrating and making the demo are three quarters of a first start; that they happen is promised by the
// tests that start the server as `npm start` does (startServer).
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bundle } from '../../src/standalone/build.ts';

/** The secret of every hub of a run, so that a test can write ids of things that do not exist. */
export const HUB_SECRET = 'c2VjcmV0LW9mLWEtaHViLXRoYXQtb25seS10ZXN0cy11c2U';

/** Names the folder to the processes that run the tests. */
const FOLDER = 'PARLANCE_TEST_PREPARED';
export const dataIn = (folder: string) => join(folder, 'data');
export const bundleIn = (folder: string) => join(folder, 'bundle.json');

/** For vitest's `globalSetup`: each project calls it, the first makes it. Answers what removes it. */
export function setup(): (() => void) | undefined {
  if (process.env[FOLDER] !== undefined) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'parlance-prepared-'));
  execFileSync(process.execPath, [join(import.meta.dirname, 'prepare.ts'), folder]);
  process.env[FOLDER] = folder;
  return () => {
    delete process.env[FOLDER];
    rmSync(folder, { recursive: true, force: true });
  };
}

/** Our worker, bundled; undefined where nothing was prepared (outside of vitest). */
export function preparedBundle(): Bundle | undefined {
  const folder = process.env[FOLDER];
  return folder === undefined ? undefined : (JSON.parse(readFileSync(bundleIn(folder), 'utf8')) as Bundle);
}

/** Fills an empty data folder. The admin's token is that of every other hub of the run too. */
export function copyPreparedData(dataDir: string): void {
  const folder = process.env[FOLDER];
  if (folder !== undefined) cpSync(dataIn(folder), dataDir, { recursive: true });
}
