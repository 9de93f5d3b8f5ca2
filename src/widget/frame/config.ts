// What the page says of the app, and what the browser keeps for it: in memory where it may keep nothing.
import type { Config } from '../config.ts';

export const CONFIG = JSON.parse(document.getElementById('config')?.textContent ?? '{}') as Config;

const memory = new Map<string, string>();
const nameOf = (key: string): string => `parlance:${CONFIG.app}:${key}`;

export function recall<T>(key: string): T | null {
  try {
    const text = localStorage.getItem(nameOf(key)) ?? memory.get(key);
    return text === undefined ? null : (JSON.parse(text) as T);
  } catch {
    const text = memory.get(key);
    return text === undefined ? null : (JSON.parse(text) as T);
  }
}

/** Null forgets it. */
export function keep(key: string, value: unknown): void {
  const text = JSON.stringify(value);
  if (value === null) memory.delete(key);
  else memory.set(key, text);
  try {
    if (value === null) localStorage.removeItem(nameOf(key));
    else localStorage.setItem(nameOf(key), text);
  } catch {
    // A browser that keeps nothing for frames: it lasts as long as the page does.
  }
}
