// Files that wait to be sent: they go up one after the other, and are kept over a reload where the browser has room for them
// (store.ts). What is said beside them is outbox.ts.
import type { Calls } from './calls.ts';
import type { Attached } from './model.ts';
import { Refusal } from './session.ts';
import { bytesOf, type Chosen, keepFiles } from './store.ts';

interface Upload {
  /** None: they are gone from the browser. */
  files: Promise<Chosen[]>;
  /** Of those that are there. */
  ids: string[];
  stop: AbortController;
  /** Whether they outlast the page. */
  kept?: Promise<boolean>;
}

/** As long as the hub does not have them. */
export const shownAs = ({ blob, ...file }: Chosen): Attached => ({ ...file, url: URL.createObjectURL(blob) });

export class Uploads {
  readonly #all = new Map<string, Upload>();
  readonly #calls: Calls;

  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** `kept`: they are from before. */
  add(key: string, files: Promise<Chosen[]>, kept?: Promise<boolean>): void {
    this.#all.set(key, { files, ids: [], stop: new AbortController(), kept });
  }

  has(key: string): boolean {
    return this.#all.has(key);
  }

  /** The ids of those that are there; changes as more come. */
  idsOf(key: string): string[] {
    return this.#all.get(key)?.ids ?? [];
  }

  /** Keeps them under this name, once. False: not over a reload; undefined: there are none. */
  keep(key: string, name: string): Promise<boolean> | undefined {
    const upload = this.#all.get(key);
    if (upload)
      upload.kept ??= upload.files
        .then((files) => keepFiles(name, files))
        .then(
          () => true,
          () => false,
        );
    return upload?.kept;
  }

  /** Resolves when the hub has all of them. `onPart`: how much of them is there, 0 to 1. */
  async send(key: string, onPart: (part: number) => void): Promise<void> {
    const upload = this.#all.get(key);
    if (!upload) return;
    const { ids, stop } = upload;
    const files = await upload.files;
    if (files.length === 0) throw new Refusal('invalid', '');
    for (const { blob, name, bytes } of files.slice(ids.length)) {
      const done = bytesOf(files.slice(0, ids.length));
      const told = (part: number) => onPart((done + part * bytes) / (bytesOf(files) || 1));
      ids.push((await this.#calls.upload(blob, name, told, stop.signal)).id);
    }
  }

  stop(key: string): void {
    this.#all.get(key)?.stop.abort();
  }

  stopAll(): void {
    for (const { stop } of this.#all.values()) stop.abort();
  }

  /** True: there were some. */
  drop(key: string): boolean {
    return this.#all.delete(key);
  }
}
