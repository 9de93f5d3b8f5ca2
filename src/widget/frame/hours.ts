// Whether the team is there, by the hub's clock, and when it is back.
import { now, setClock } from './clock.ts';
import { CONFIG } from './config.ts';
import { dayOf, say, timeOf } from './words.ts';

const { hours } = CONFIG;
if (hours) setClock(hours.now);
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** What is said while nobody is there; null: somebody is, or the app does not say. */
export function away(): string[] | null {
  if (!hours) return null;
  const next = hours.changes.filter((at) => at > now());
  const changed = (hours.changes.length - next.length) % 2 === 1;
  if (hours.open !== changed) return null;
  const [back] = next;
  return [hours.away, back === undefined ? '' : say('returns', { when: `${dayOf(back)}, ${timeOf(back)}` })];
}

/** Calls whenever somebody comes or goes. */
export function onHours(work: () => void): void {
  const next = hours?.changes.find((at) => at > now());
  if (next === undefined) return;
  setTimeout(
    () => {
      work();
      onHours(work);
    },
    Math.min(LONGEST_TIMER_MS, next - now()),
  );
}
