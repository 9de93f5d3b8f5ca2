// Whether the team is there, by the hub's clock, and when it is back.
import { now, setClock } from './clock.ts';
import { CONFIG } from './config.ts';
import { dayOf, say, timeOf } from './words.ts';

let { hours } = CONFIG;
if (hours) setClock(hours.now);
const HOUR_MS = 3_600_000;
/** A page that stays open asks again: the hub tells a week ahead, and the app's owner may say something else. */
const FRESH_MS = 24 * HOUR_MS;
const TOLD_MS = 7 * FRESH_MS;

const ageMs = (): number => now() - Date.parse(hours?.now ?? '');

/** What is said while nobody is there; null: somebody is, or nobody says. */
export function away(): string[] | null {
  if (!hours || ageMs() > TOLD_MS) return null;
  const next = hours.changes.filter((at) => at > now());
  const changed = (hours.changes.length - next.length) % 2 === 1;
  if (hours.open !== changed) return null;
  const [back] = next;
  return [hours.away, back === undefined ? '' : say('returns', { when: `${dayOf(back)}, ${timeOf(back)}` })];
}

/** Calls whenever somebody comes or goes. */
export function onHours(work: () => void): void {
  if (!hours) return;
  const next = hours.changes.find((at) => at > now()) ?? Number.POSITIVE_INFINITY;
  setTimeout(
    async () => {
      if (ageMs() > FRESH_MS) await ask().catch(() => undefined);
      work();
      onHours(work);
    },
    Math.min(HOUR_MS, next - now()),
  );
}

async function ask(): Promise<void> {
  const answer = await fetch(`/widget/${CONFIG.app}/hours`);
  if (!answer.ok) return;
  hours = (await answer.json()) as typeof hours;
  if (hours) setClock(hours.now);
}
