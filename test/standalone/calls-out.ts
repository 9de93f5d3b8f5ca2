// A worker that calls where its `to` parameter says, with the hub's objects so that the hub's runtime takes it.
export { Conversation, Inbox, Indexer } from '../../src/index.ts';

export default {
  async fetch(request: Request): Promise<Response> {
    try {
      const answer = await fetch(new URL(request.url).searchParams.get('to') ?? '');
      return Response.json({ said: await answer.text() });
    } catch {
      return Response.json({ said: null });
    }
  },
};
