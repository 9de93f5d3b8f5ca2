// The seed of whatever tests make up. The same one in every run, so that a run fails for what was changed and for nothing else.
//
//   FUZZ_SEED=12345        another seed, or `random` for one that nobody chose; the same seed makes the same inputs

/** A whole number of the environment; undefined: none is given. */
export function whole(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === '' || text === 'random') return undefined;
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${name} is a whole number, not "${text}"`);
  return Number(text);
}

/** The seed of this run. */
export const SEED =
  process.env.FUZZ_SEED === 'random' ? (Date.now() % 1_000_000) + 1 : (whole('FUZZ_SEED') ?? 20_260_102);
