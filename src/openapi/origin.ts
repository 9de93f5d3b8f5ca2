// The one word that whoever serves the document replaces. The description itself is not part of the worker.

/** Stands where the origin goes at which the document is asked for. */
export const ORIGIN = 'https://parlance.invalid';
