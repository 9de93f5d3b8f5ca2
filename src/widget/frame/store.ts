// What all tabs of a browser have to agree on, and files: a database, whose changes come one after the other whichever tab makes
// them, as those of localStorage (config.ts) do not. Whatever is asked here rejects where a browser keeps nothing.
import { isKept, keep, kept, nameOf } from './config.ts';

/** Opening it may hang in some browsers; nobody is to wait for that. */
const OPEN_MS = 3_000;
/** For so long tabs that begin take each other for the same visitor; the hub believes it a while longer. */
const KEY_MS = 86_400_000;
const STORE = 'kept';

let database: Promise<IDBDatabase> | undefined;

/** One change, whole or not at all; kept when it resolves. */
export async function change(work: (store: IDBObjectStore) => unknown): Promise<void> {
  database ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open('parlance', 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = reject;
    setTimeout(reject, OPEN_MS);
  });
  const transaction = (await database).transaction(STORE, 'readwrite');
  await new Promise((resolve, reject) => {
    transaction.oncomplete = resolve;
    transaction.onabort = reject;
    work(transaction.objectStore(STORE));
  });
}

/** Random; a browser has no random ids on pages without TLS. */
export const newKey = (): string => crypto.getRandomValues(new Uint32Array(4)).join('-');

/** What the hub makes one visitor by, whichever tab asks it first; undefined: this browser keeps none. */
export async function visitorKey(): Promise<string | undefined> {
  const name = nameOf('key');
  let key: string | undefined;
  await change((store) => {
    const asked = store.get(name);
    asked.onsuccess = () => {
      const { result } = asked;
      key = newKey();
      if (Date.now() - result?.at < KEY_MS) key = result.key;
      else store.put({ key, at: Date.now() }, name);
    };
  }).catch(() => undefined);
  return key;
}

/** Files that wait to be sent, of all this hub's chats together. */
const MOST_BYTES = 100_000_000;
/** Files of which nothing else is kept after this time are nobody's any more. */
const STRAY_MS = 86_400_000;

/** A file that was chosen. */
export interface Chosen {
  name: string;
  bytes: number;
  mime: string;
  blob: Blob;
}

interface Stored {
  at: number;
  files: Chosen[];
}

/** Rejects where the browser has no room for them, or no right to. `name`: of what is kept beside them (config.ts). */
export function keepFiles(name: string, files: Chosen[]): Promise<void> {
  let room = MOST_BYTES - bytesOf(files);
  return change((store) => {
    const asked = store.openCursor();
    asked.onsuccess = () => {
      const cursor = asked.result;
      if (cursor) {
        const { at, files: others = [] } = cursor.value as Partial<Stored>;
        if (others[0] && Date.now() - (at ?? 0) > STRAY_MS && !isKept(cursor.key as string)) cursor.delete();
        else if (cursor.key !== name) room -= bytesOf(others);
        cursor.continue();
      } else if (room < 0) store.transaction.abort();
      else store.put({ at: Date.now(), files }, name);
    };
  });
}

export const bytesOf = (files: readonly Chosen[]): number => files.reduce((sum, { bytes }) => sum + bytes, 0);

/** None where they are gone. */
export function keptFiles(name: string): Promise<Chosen[]> {
  let asked: IDBRequest<Stored | undefined> | undefined;
  const read = change((store) => {
    asked = store.get(name);
  });
  return read.then(() => asked?.result?.files ?? []).catch(() => []);
}

export function dropFiles(name: string): void {
  change((store) => store.delete(name)).catch(() => undefined);
}

/** One tab after the other does this; all at once where a browser has no locks for them. */
export async function alone<T>(name: string, work: () => Promise<T>): Promise<T> {
  let begun = false;
  const once = () => {
    begun = true;
    return work();
  };
  try {
    return await navigator.locks.request(name, once);
  } catch (error) {
    if (begun) throw error;
    return work();
  }
}

/** All that is kept for this person, here and in config.ts. */
export function forget(): void {
  for (const key of kept('')) keep(key, null);
  const ours = IDBKeyRange.bound(nameOf(''), nameOf('\uffff'));
  // A browser that keeps nothing has nothing to forget.
  change((store) => store.delete(ours)).catch(() => undefined);
}
