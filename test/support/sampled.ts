// How many of the cases that a table makes are run.

/** One in so many; which ones is the same in every run. */
const ONE_IN = 5;

/**
 * All of them; where every object is thrown out of memory after each call (the project `evicted`), some: what they say of names,
 * bodies and forms was said in the first run, and what an object forgets shows in a few as well as in thousands.
 */
export const sampled = <Case>(cases: readonly Case[]): readonly Case[] =>
  process.env.EVICT_EVERY ? cases.filter((_, index) => index % ONE_IN === 0) : cases;
