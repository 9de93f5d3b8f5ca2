// Files that wait to be sent: they go up one after the other, and are kept over a reload where the browser has room for them
// (store.ts). What is said beside them is outbox.ts.
import type { Calls } from './calls.ts';
import { Refusal } from './session.ts';
import { bytesOf, type Chosen, keepFiles } from './store.ts';

/** Those of one message. */
export interface Upload {
  /** None: they are gone from the browser. */
  files: Promise<Chosen[]>;
  /** Of those that are there. */
  ids: string[];
  stop: AbortController;
  /** Whether they outlast the page; undefined: that was not tried. */
  kept: Promise<boolean> | undefined;
}

export const uploadOf = (files: Promise<Chosen[]>, kept?: Promise<boolean>): Upload => ({
  files,
  ids: [],
  stop: new AbortController(),
  kept,
});

/** Keeps them under this name, once. False: not over a reload. */
export function keepUpload(name: string, upload: Upload): Promise<boolean> {
  upload.kept ??= upload.files
    .then((files) => keepFiles(name, files))
    .then(
      () => true,
      () => false,
    );
  return upload.kept;
}

/** Resolves when the hub has all of them. `onPart`: how much of them is there, 0 to 1. */
export async function send(calls: Calls, upload: Upload, onPart: (part: number) => void): Promise<void> {
  const { ids, stop } = upload;
  const files = await upload.files;
  if (files.length === 0) throw new Refusal('invalid', '');
  for (const { blob, name, bytes } of files.slice(ids.length)) {
    const done = bytesOf(files.slice(0, ids.length));
    const told = (part: number) => onPart((done + part * bytes) / (bytesOf(files) || 1));
    ids.push((await calls.upload(blob, name, told, stop.signal)).id);
  }
}
