// What the page says of the app, and what the browser keeps for whoever looks: in memory where it may keep nothing.
import type { Config } from '../config.ts';

export const CONFIG = JSON.parse(document.getElementById('config')?.textContent ?? '{}') as Config;

const memory = new Map<string, string>();
/** Whom it is kept for; null: not known yet, and nothing is kept. */
let who: string | null = null;

/** A name that tabs of the same person alone have: what is kept for one is neither shown nor said as another. */
export const nameOf = (key: string): string => `parlance:${CONFIG.app}${who}:${key}`;

/** The person of the page's token; empty: the visitor whom only the browser knows. */
function personIn(token: string | undefined): string {
  try {
    const [, claims = ''] = (token as string).split('.');
    const { external_id: id } = JSON.parse(atob(claims.replace(/-/g, '+').replace(/_/g, '/')));
    // No name of one person's begins as another's do.
    return `/${encodeURIComponent(id)}`;
  } catch {
    // None, or one that the hub refuses.
    return '';
  }
}

/** Whether it is kept for this person. */
export const isKeptFor = (token: string | undefined): boolean => who === personIn(token);

export function keepFor(token: string | undefined): void {
  who = personIn(token);
}

function read(name: string): string | undefined {
  try {
    return localStorage.getItem(name) ?? memory.get(name);
  } catch {
    return memory.get(name);
  }
}

/** Whether something is kept under a full name, whoever's. */
export const isKept = (name: string): boolean => read(name) !== undefined;

export function recall<T>(key: string): T | null {
  const text = read(nameOf(key));
  return text === undefined ? null : (JSON.parse(text) as T);
}

/** The keys of all that is kept and begins so. */
export function kept(beginning: string): string[] {
  const names = [...memory.keys()];
  try {
    names.push(...Object.keys(localStorage));
  } catch {
    // As below.
  }
  const ours = nameOf('');
  return names.filter((name) => name.startsWith(ours + beginning)).map((name) => name.slice(ours.length));
}

/** Null forgets it. */
export function keep(key: string, value: unknown): void {
  if (who === null) return;
  const name = nameOf(key);
  memory.delete(name);
  try {
    if (value === null) localStorage.removeItem(name);
    else localStorage.setItem(name, JSON.stringify(value));
  } catch {
    // A browser that keeps nothing for frames: it lasts as long as the page does.
    if (value !== null) memory.set(name, JSON.stringify(value));
  }
}
