// The bare floor that posts are measured against: a worker, one object, one insert, an answer. The least that a durable
// post can cost on this runtime; it checks nothing, tells nobody and indexes nothing.
// Beside it the two parts that the budget of one post in flight is made of: a call that does nothing, and one that runs
// a single D1 batch, the very one that the hub's Indexer runs for one message.
import { DurableObject } from 'cloudflare:workers';
import { flushStatements } from '../../src/directory/batch.ts';
import type { AppNumber, ConversationNumber, MessageNumber, UserNumber } from '../../src/domain/ids.ts';
import type { Projection } from '../../src/domain/projection.ts';

interface FloorEnv {
  DB: D1Database;
  CONVERSATION: DurableObjectNamespace<Conversation>;
}

/** Under the hub's class name, so that the hub's own runtime serves it. */
export class Conversation extends DurableObject<FloorEnv> {
  constructor(ctx: DurableObjectState, env: FloorEnv) {
    super(ctx, env);
    ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS entry (seq INTEGER PRIMARY KEY, at INTEGER, body TEXT)');
  }

  async post(body: string): Promise<number> {
    const { sql } = this.ctx.storage;
    return sql
      .exec<{ seq: number }>('INSERT INTO entry (at, body) VALUES (?, ?) RETURNING seq', Date.now(), body)
      .one().seq;
  }
}

/** The runtime expects these two classes. */
export class Inbox extends DurableObject<FloorEnv> {}
export class Indexer extends DurableObject<FloorEnv> {}

let flushed = 0;

export default {
  async fetch(request: Request, env: FloorEnv): Promise<Response> {
    switch (new URL(request.url).pathname) {
      case '/post': {
        const seq = await env.CONVERSATION.getByName('floor').post(await request.text());
        return Response.json({ seq }, { status: 201 });
      }
      case '/nothing':
        return Response.json({ length: (await request.text()).length }, { status: 201 });
      case '/batch': {
        const flush = flushOf(++flushed, await request.text());
        const results = await env.DB.batch(
          flushStatements(env.DB, [flush], () => ({ archive: true, search: true })),
        );
        // Guarded statements pass in silence what they do not take, and then there is nothing to measure.
        const written = results.filter(({ meta }) => meta.changes > 0).length >= WRITES;
        return Response.json({ flushed }, { status: written ? 201 : 500 });
      }
      default:
        return new Response(null, { status: 404 });
    }
  },
} satisfies ExportedHandler<FloorEnv>;

/** The conversation that /batch writes to: a fresh database's first number (servers.ts makes the row). */
const CONVERSATION = 1;
const NONCE = 'bench';
/** Archive, search and summary. */
const WRITES = 3;

/** What a conversation of two tells the directory after one message. */
function flushOf(seq: number, text: string): Projection {
  const now = Date.now();
  const people = [1, 2].map((user) => [
    user,
    'active',
    { name: `Person ${user}`, avatar: null, role: 'member' },
  ]);
  return {
    app: 1 as AppNumber,
    conversation: CONVERSATION as ConversationNumber,
    nonce: NONCE,
    from: 0,
    entries: [
      {
        seq,
        id: (CONVERSATION * 2 ** 21 + seq) as MessageNumber,
        author: 1 as UserNumber,
        at: now * 1000,
        kind: 0,
        markup: 'plain',
        text,
        extra: '{"door":"sunshine","type":"text"}',
        clientId: null,
        print: null,
        words: text,
      },
    ],
    rewritten: [],
    cleared: [],
    members: [],
    summary: {
      kind: 'group',
      creator: 1 as UserNumber,
      door: 'sunshine',
      createdAt: now,
      title: null,
      description: null,
      icon: null,
      options: null,
      metadata: null,
      assignee: null,
      control: null,
      group: null,
      state: 'open',
      locked: false,
      public: false,
      lastSeq: seq,
      lastMessageSeq: seq,
      lastAt: now,
      lastLogTime: now * 1000,
      messageCount: seq,
      lastAuthor: 1 as UserNumber,
      preview: text,
      recent: `{"1":[${seq},${seq}]}`,
      people: JSON.stringify(people),
      memberCount: 2,
      gone: '[]',
      businessReadAt: 0,
      memberRev: 2,
      epoch: 'bench',
      blocks: `[${CONVERSATION}]`,
    },
  };
}
