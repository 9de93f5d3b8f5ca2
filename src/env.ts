// The worker's bindings and settings as the platform hands them over.

/** What every object and the worker get. Settings are strings here; domain/settings.ts reads them. */
export interface Env {
  DB: D1Database;
  CONVERSATION: DurableObjectNamespace;
  INBOX: DurableObjectNamespace;
  INDEXER: DurableObjectNamespace;
  JOB: DurableObjectNamespace;
  GATE: DurableObjectNamespace;
  ENDPOINT: DurableObjectNamespace;
  DESK: DurableObjectNamespace;
  RELAY: DurableObjectNamespace;
  FILES: R2Bucket;
  /** Resolves names where the hub runs on one machine (http/resolve.ts); absent on Cloudflare. */
  NAMES?: Fetcher;
  /** 32 random bytes, base64url: signs tokens, seals secrets, mixes ids. */
  HUB_SECRET: string;
  ADMIN_TOKEN: string;
  [setting: string]: unknown;
}
