// A worker that calls where its `to` parameter says, or tells what the `name` parameter resolves to; with the hub's objects
// so that the hub's runtime takes it.

import type { Env } from '../../src/env.ts';
import { resolverOf } from '../../src/http/resolve.ts';

export * from '../../src/index.ts';

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const { searchParams } = new URL(request.url);
    try {
      const name = searchParams.get('name');
      if (name !== null) return Response.json({ addresses: await resolverOf(env)(name) });
      const answer = await fetch(searchParams.get('to') ?? '');
      return Response.json({ said: await answer.text() });
    } catch {
      return Response.json({ said: null });
    }
  },
};
