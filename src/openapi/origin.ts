// The one word that whoever serves the document replaces. The description itself is not part of the worker.

/** Stands where the origin goes at which the document is asked for. */
export const ORIGIN = 'https://parlance.invalid';

/** Below it are the schemas of events, in their first version. */
export const SCHEMAS_PATH = '/webhooks/schemas/v1';
