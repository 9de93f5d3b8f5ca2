// Any sequence of posts, duplicates, edits, deletions, joins, leaves, read marks and reconnects, through three doors at
// once, leaves the conversation that the model says. Run again with EVICT_EVERY=1: nothing lives in memory alone.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SEED } from '../fuzz/seed.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { Expected } from './expected.ts';
import { id, number, text, texts } from './forum.ts';
import { World } from './world.ts';

/** Conversations tried, and calls in each. */
const RUNS = Number(process.env.MODEL_RUNS ?? 40);
const CALLS = 40;

interface Step {
  /** Whether the call makes sense now. */
  check(expected: Expected): boolean;
  /** Makes it, compares its answer, and tells the model. */
  run(expected: Expected, world: World): Promise<void>;
  toString(): string;
}

/** Which message a command means: a fraction of those there are. */
const pick = (at: number, expected: Expected): number => 1 + Math.floor(at * expected.messages.length);

const step = (
  name: string,
  check: (m: Expected) => boolean,
  run: (m: Expected, w: World) => Promise<void>,
): Step => ({
  check,
  run,
  toString: () => name,
});

const annIsIn = (m: Expected) => m.isActive('ann');
const always = () => true;

const forumPost = (words: string) =>
  step(`forum post ${words}`, always, async (m, w) => {
    const { result } = await w.forum.call('reply_conversation', id(w.c), text(words));
    expect(result).toBe(m.isActive('ann'));
    if (result) m.post('ann', words, null);
  });

const restPost = (words: string, key: number | null) =>
  step(`rest post ${words} ${key}`, always, async (m, w) => {
    const clientId = key === null ? null : `key-${key}`;
    const author = { type: 'user', userId: w.people.ben.sunshineId };
    const headers: Record<string, string> = clientId ? { 'idempotency-key': clientId } : {};
    const { status } = await w.restConversation(
      'POST',
      '/messages',
      { author, content: { type: 'text', text: words } },
      headers,
    );
    if (!m.isActive('ben')) expect(status).toBe(403);
    else expect(status).toBe(m.post('ben', words, clientId) === 'conflict' ? 409 : 201);
  });

const socketSend = (words: string, key: number) =>
  step(`socket send ${words} ${key}`, always, async (m, w) => {
    const clientId = `key-${key}`;
    const answer = await w.socket.ask({ t: 'send', c: w.c, clientId, text: words, markup: 'plain' });
    const ordinal = m.post('cat', words, clientId);
    expect(answer.code ?? answer.t).toBe(ordinal === 'conflict' ? 'conflict' : 'ack');
    if (ordinal === 'conflict') return;
    await w.caughtUp(m.messages.length);
    expect(answer.seq).toBe(w.seqs[ordinal - 1]);
  });

const socketEdit = (at: number, words: string) =>
  step(`socket edit ${at} ${words}`, always, async (m, w) => {
    const ordinal = pick(at, m);
    await w.caughtUp(m.messages.length);
    const target = m.messages[ordinal - 1];
    const answer = await w.socket.ask({
      t: 'edit',
      c: w.c,
      id: idOf(w, ordinal),
      text: words,
      markup: 'plain',
    });
    if (target?.deleted) expect(answer.code).toBe('not_found');
    else if (target?.author !== 'cat') expect(answer.code).toBe('forbidden');
    else {
      expect(answer.t).toBe('ack');
      m.edit(ordinal, words);
    }
  });

const socketDelete = (at: number) =>
  step(`socket delete ${at}`, always, async (m, w) => {
    const ordinal = pick(at, m);
    await w.caughtUp(m.messages.length);
    const answer = await w.socket.ask({ t: 'delete', c: w.c, id: idOf(w, ordinal) });
    if (m.messages[ordinal - 1]?.author !== 'cat') expect(answer.code).toBe('forbidden');
    else {
      expect(answer.t).toBe('ack');
      m.remove(ordinal);
    }
  });

/** The message's number, from its seq (DESIGN.md 3). */
const idOf = (w: World, ordinal: number): string =>
  String(Number(w.c) * 2 ** 21 + (w.seqs[ordinal - 1] as number));

const socketRead = (at: number) =>
  step(`socket read ${at}`, always, async (m, w) => {
    const ordinal = pick(at, m);
    await w.caughtUp(m.messages.length);
    await w.socket.ask({ t: 'read', c: w.c, seq: w.seqs[ordinal - 1] });
    m.readTo('cat', ordinal);
  });

const forumRead = (at: number, span: number) =>
  step(`forum read ${at} ${span}`, annIsIn, async (m, w) => {
    const from = pick(at, m);
    const to = Math.min(from + span, m.messages.length);
    await w.forum.call('get_conversation', id(w.c), number(from - 1), number(to - 1));
    m.readTo('ann', to);
  });

const forumMark = (read: boolean) =>
  step(`forum mark ${read ? 'read' : 'unread'}`, annIsIn, async (m, w) => {
    const { result } = await w.forum.call(
      read ? 'mark_conversation_read' : 'mark_conversation_unread',
      id(w.c),
    );
    expect(result).toBe(true);
    if (read) m.readTo('ann', m.messages.length);
    else m.unreadFrom('ann');
  });

const restRead = step(
  'rest read',
  (m) => m.isActive('ben'),
  async (m, w) => {
    const author = { type: 'user', userId: w.people.ben.sunshineId };
    await w.restConversation('POST', '/activity', { author, type: 'conversation:read' });
    m.readTo('ben', m.messages.length);
  },
);

const hide = step('forum hide', annIsIn, async (m, w) => {
  await w.forum.call('delete_conversation', id(w.c), number(1));
  m.hide('ann');
});

const annLeaves = (forEver: boolean) =>
  step(`ann leaves ${forEver}`, annIsIn, async (m, w) => {
    if (forEver) await w.forum.call('delete_conversation', id(w.c), number(2));
    else await w.restConversation('POST', '/leave', { userId: w.people.ann.sunshineId });
    m.leave('ann', forEver);
  });

const benMoves = (comes: boolean) =>
  step(
    `ben ${comes ? 'joins' : 'leaves'}`,
    (m) => m.isActive('ben') !== comes,
    async (m, w) => {
      const { status } = await w.restConversation('POST', comes ? '/join' : '/leave', {
        userId: w.people.ben.sunshineId,
      });
      expect(status).toBe(comes ? 201 : 200);
      if (comes) m.join('ben');
      else m.leave('ben', false);
    },
  );

const annReturns = step(
  'the app brings ann back',
  (m) => !m.isActive('ann'),
  async (m, w) => {
    const { status } = await w.restConversation('POST', '/join', { userId: w.people.ann.sunshineId });
    expect(status).toBe(201);
    m.join('ann');
  },
);

const annInvites = step('ann invites ben', annIsIn, async (m, w) => {
  const { result } = await w.forum.call('invite_participant', texts(['ben']), id(w.c));
  expect(result).toBe(true);
  m.join('ben');
});

const reconnect = step('reconnect', always, (_m, w) => w.reconnect());

const words = fc.stringMatching(/^[a-z]{1,6}$/);
const fraction = fc.double({ min: 0, max: 0.999, noNaN: true });
const key = fc.integer({ min: 0, max: 5 });

const steps = [
  words.map(forumPost),
  words.map(forumPost),
  fc.tuple(words, fc.option(key)).map(([w, k]) => restPost(w, k)),
  fc.tuple(words, fc.option(key)).map(([w, k]) => restPost(w, k)),
  fc.tuple(fc.constantFrom('again', 'other'), key).map(([w, k]) => socketSend(w, k)),
  fc.tuple(words, key).map(([w, k]) => socketSend(w, k)),
  fc.tuple(fraction, words).map(([at, w]) => socketEdit(at, w)),
  fraction.map(socketDelete),
  fraction.map(socketRead),
  fc.tuple(fraction, fc.integer({ min: 0, max: 10 })).map(([at, span]) => forumRead(at, span)),
  fc.boolean().map(forumMark),
  fc.constant(restRead),
  fc.constant(hide),
  fc.boolean().map(annLeaves),
  fc.constant(annReturns),
  fc.constant(annInvites),
  fc.boolean().map(benMoves),
  fc.constant(reconnect),
];

let hub: TestHub;
let world: World;
beforeAll(async () => {
  hub = await startTestHub();
  world = await World.make(hub);
});
afterAll(() => hub?.stop());

/** Everything that any door shows of the conversation, against the model. */
async function compare(expected: Expected): Promise<void> {
  await world.caughtUp(expected.messages.length);
  const live = expected.messages.filter((m) => !m.deleted).map((m) => m.text);
  expect(await world.restMessages()).toEqual(live);

  const unread = Object.fromEntries(
    ['ann', 'ben', 'cat'].filter((p) => expected.isActive(p)).map((p) => [p, expected.unread(p)]),
  );
  expect(await world.unread()).toEqual(unread);

  const listed = async (): Promise<number | undefined> =>
    (await world.forum.call('get_conversations')).list.find(
      (row: { conv_id: string }) => row.conv_id === world.c,
    )?.unread_num;
  // What came over a socket did not wait for the list to hear of it (DESIGN.md 2, "Read your writes").
  await expect
    .poll(listed, { interval: 10 })
    .toEqual(expected.isListed('ann') ? expected.unread('ann') : undefined);

  const pages = await world.forumMessages();
  const shown = expected.messages.map((m) => (m.deleted ? '(This message was deleted.)' : m.text));
  expect(pages).toEqual(expected.isActive('ann') ? shown : null);

  const seqs = world.events.map((event) => event.seq);
  expect(seqs).toEqual(Array.from({ length: seqs.length }, (_, i) => i + 1));
}

test('any sequence of calls leaves what the model says', { timeout: 300_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof(...steps), { minLength: CALLS, maxLength: CALLS, size: 'max' }),
      async (calls) => {
        await world.open('first');
        try {
          // They joined before the first message.
          const expected = new Expected(['ann', 'ben', 'cat']);
          expected.post('ann', 'first', null);
          for (const call of calls) if (call.check(expected)) await call.run(expected, world);
          await compare(expected);
        } finally {
          await world.close();
        }
      },
    ),
    { seed: SEED, numRuns: RUNS, endOnFailure: false, interruptAfterTimeLimit: 240_000 },
  );
});
