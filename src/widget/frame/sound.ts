// Whether the visitor wants to hear of news. What sounds is a script of its own (sound/main.ts).
import type * as Sound from '../sound/main.ts';
import { keep, nameOf, recall } from './config.ts';

/** Not in one piece with the frame. */
const SOUND: string = '/widget/sound.js';
/** Where it does not come there is no sound. */
const sounding = (work: (sound: typeof Sound) => unknown): Promise<unknown> =>
  import(SOUND).then(work).catch(() => undefined);

/** Whether the visitor wants it; until they say so, whether their system may move and so may sound. */
export const isSounding = (): boolean =>
  recall<boolean>('sound') ?? !matchMedia('(prefers-reduced-motion:reduce)').matches;

export function setSounding(on: boolean): void {
  keep('sound', on);
  if (on) void sounding(({ play }) => play());
}

/** Somebody has said something. `seen`: before the visitor's eyes. */
export function ring(seen: boolean): void {
  // Nothing sounds in a page that nobody has touched: another tab may.
  if (seen || (isSounding() && navigator.userActivation?.hasBeenActive))
    void sounding((sound) => sound.ring(seen, nameOf('sound')));
}
