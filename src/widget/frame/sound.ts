// A short sound for what others say while nobody looks at the chat: made in code when it is heard first, by one tab alone.
import { keep, nameOf, recall } from './config.ts';

/** Before a tab sounds another one may say that somebody looks at it. */
const LISTEN_MS = 150;
/** For so long there is no second sound, nor one of another tab: timers of tabs that nobody sees may be a second late. */
const QUIET_MS = 1_500;
/** Hz, and when it begins, in seconds. */
const NOTES = [
  [659, 0],
  [880, 0.12],
] as const;
const NOTE_SECONDS = 0.3;

/** Whether the visitor wants it; until they say so, whether their system may move and so may sound. */
export const isSounding = (): boolean =>
  recall<boolean>('sound') ?? !matchMedia('(prefers-reduced-motion:reduce)').matches;

export function setSounding(on: boolean): void {
  keep('sound', on);
  if (on) play();
}

/** Somebody has said something. `seen`: before the visitor's eyes, which other tabs do not know. */
export async function ring(seen: boolean): Promise<void> {
  // Nothing sounds in a page that nobody has touched: another tab may.
  if (!seen && !(isSounding() && navigator.userActivation?.hasBeenActive)) return;
  if (!seen) await pause(LISTEN_MS);
  const alone = () => (seen ? undefined : play());
  if (!navigator.locks) return alone();
  const holding = async (lock: Lock | null) => {
    if (!lock) return;
    alone();
    await pause(QUIET_MS);
  };
  // A browser that keeps nothing for frames has locks and gives none.
  await navigator.locks.request(nameOf('sound'), { ifAvailable: true }, holding).catch(alone);
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

let audio: AudioContext | undefined;

function play(): void {
  audio ??= new AudioContext();
  for (const [frequency, after] of NOTES) {
    const at = audio.currentTime + after;
    const note = new OscillatorNode(audio, { frequency });
    const loudness = new GainNode(audio, { gain: 0 });
    loudness.gain.setValueAtTime(0.12, at);
    loudness.gain.exponentialRampToValueAtTime(0.001, at + NOTE_SECONDS);
    note.connect(loudness).connect(audio.destination);
    note.start(at);
    note.stop(at + NOTE_SECONDS);
  }
}
