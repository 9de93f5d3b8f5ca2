// A short sound for what others say while nobody looks at the chat: a script of its own that the chat loads when there is
// something to be heard first. Made in code, by one tab alone. Whether anybody wants it is frame/sound.ts.

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

/** Somebody has said something. `seen`: before the visitor's eyes, which other tabs do not know. `lock`: what tabs have one of. */
export async function ring(seen: boolean, lock: string): Promise<void> {
  if (!seen) await pause(LISTEN_MS);
  const alone = () => (seen ? undefined : play());
  if (!navigator.locks) return alone();
  const holding = async (held: Lock | null) => {
    if (!held) return;
    alone();
    await pause(QUIET_MS);
  };
  // A browser that keeps nothing for frames has locks and gives none.
  await navigator.locks.request(lock, { ifAvailable: true }, holding).catch(alone);
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

let audio: AudioContext | undefined;

export function play(): void {
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
