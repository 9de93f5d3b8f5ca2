// What the frame says, in the language of whoever looks: English here, others as they are asked for (locales/).
import { now } from './clock.ts';
import { CONFIG } from './config.ts';
import { ENGLISH } from './english.ts';

export type Word = keyof typeof ENGLISH;

let words: Record<Word, string> = ENGLISH;
let language = 'en';

/** All words as they are allWords now, those of scripts that come later among them. */
export const allWords = (): Record<string, string> => words;

export const locale = (): string => language;

/** What it says, with names in their places. */
export const say = (word: Word, names: Record<string, string | number> = {}): string =>
  words[word].replace(/\{(\w+)\}/g, (_, name: string) => String(names[name] ?? ''));

const RIGHT_TO_LEFT = /^(ar|he|fa|ur)\b/;

/** Speaks the first of these languages that there are words in. */
export async function speak(wanted: readonly string[]): Promise<void> {
  for (const tag of wanted) {
    const base = tag.toLowerCase().split('-')[0] as string;
    const found = base === 'en' ? ENGLISH : CONFIG.locales.includes(base) ? await load(base) : null;
    if (!found) continue;
    words = { ...ENGLISH, ...found };
    language = tag;
    document.documentElement.lang = base;
    document.documentElement.dir = RIGHT_TO_LEFT.test(base) ? 'rtl' : 'ltr';
    return;
  }
}

const load = (base: string): Promise<Record<Word, string> | null> =>
  fetch(`/widget/locales/${base}`).then(
    (answer) => (answer.ok ? answer.json() : null),
    () => null,
  );

const DAY_MS = 86_400_000;
/** By the visitor's clock. */
export const startOfDay = (at: number): number => new Date(at).setHours(0, 0, 0, 0);

export const timeOf = (at: number): string =>
  new Intl.DateTimeFormat(language, { hour: 'numeric', minute: '2-digit' }).format(at);

export function dayOf(at: number): string {
  const today = now();
  const days = Math.round((startOfDay(today) - startOfDay(at)) / DAY_MS);
  if (days === 0) return say('today');
  if (days === 1) return say('yesterday');
  const sameYear = new Date(at).getFullYear() === new Date(today).getFullYear();
  return new Intl.DateTimeFormat(language, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    ...(sameYear ? {} : { year: 'numeric' }),
  }).format(at);
}

export function sizeOf(bytes: number): string {
  const [unit, n] =
    bytes < 1_000
      ? (['byte', bytes] as const)
      : bytes < 1_000_000
        ? (['kilobyte', bytes / 1_000] as const)
        : (['megabyte', bytes / 1_000_000] as const);
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit,
    maximumFractionDigits: n < 10 ? 1 : 0,
  }).format(n);
}
