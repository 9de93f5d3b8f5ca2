// The whole hub without an index: conversations hand their news to nobody, not even over a call, and are told that it
// was taken. The directory itself is there, because conversations are made in it. Only the bench runs this worker.
import { Conversation as Indexed } from '../../src/conversation/object.ts';
import type { Env } from '../../src/env.ts';

export { Indexer } from '../../src/directory/indexer.ts';
export { default, Inbox, Job } from '../../src/index.ts';

const NO_INDEXER = { getByName: () => ({ put: async () => ({ ok: true }) }) };

export class Conversation extends Indexed {
  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, { ...env, INDEXER: NO_INDEXER as unknown as DurableObjectNamespace });
  }
}
