// The worker's bindings and settings as the platform hands them over.

/** What every object and the worker get. Settings are strings here; domain/settings.ts reads them. */
export interface Env {
  DB: D1Database;
  CONVERSATION: DurableObjectNamespace;
  INBOX: DurableObjectNamespace;
  INDEXER: DurableObjectNamespace;
  GATE: DurableObjectNamespace;
