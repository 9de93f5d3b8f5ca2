// A conversation that outgrows its block of message numbers takes another one: here blocks of eight entries.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { conversationOfBlock } from '../../src/directory/conversations.ts';
import { blockOf, type MessageNumber } from '../../src/domain/ids.ts';
import type { Posted } from '../../src/domain/model.ts';
import { bindings, d1, draft, group, type Room } from './harness.ts';

const BLOCK_ENTRIES = 8;
const WAIT = { author: null, waitMs: 10_000 };

beforeAll(() => {
  bindings.BLOCK_ENTRIES = String(BLOCK_ENTRIES);
});
afterAll(() => {
  bindings.BLOCK_ENTRIES = undefined;
});

test('numbers stay unique, and lead back to their messages, over many blocks and evictions', async () => {
  const { room, people } = await group(1);
  const [a] = people as [never];
  const posted: Posted[] = [];
  for (let i = 0; i < 40; i++) {
    posted.push(await room.insist(a, `message ${i}`));
    if (i % 9 === 0) await room.evict();
  }
  const ids = posted.map((p) => p.id);
  expect(new Set(ids).size).toBe(40);
  expect(ids).toEqual(ids.toSorted((x, y) => x - y));
  expect(new Set(ids.map(blockOf)).size).toBe(Math.ceil(42 / BLOCK_ENTRIES));
  for (const [i, id] of ids.entries()) {
    expect(await conversationOfBlock(d1, blockOf(id))).toBe(room.number);
    const found = await room.stub.message(room.as(a), { id });
    expect(found).toMatchObject({
      ok: true,
      value: { id, seq: posted[i]?.seq, message: { text: `message ${i}` } },
    });
  }
  const strange = (blockOf(ids[0] as MessageNumber) * 2 ** 21 + BLOCK_ENTRIES) as MessageNumber;
  expect(await room.stub.message(room.as(a), { id: strange })).toMatchObject({
    refusal: { code: 'not_found' },
  });
});

test('a burst that is larger than the block is refused where it does not fit, and goes in when asked again', async () => {
  const { room, people } = await group(1);
  const [a] = people as [never];
  // From inside: all of them are there before any block can come.
  const tries = await room.inside((object) =>
    Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        (object as unknown as Room['stub']).post(room.as(a), draft(`burst ${i}`), WAIT),
      ),
    ),
  );
  const refused = tries.filter((t) => !t.ok);
  expect(refused.length).toBeGreaterThan(0);
  for (const _ of refused) await room.insist(a, 'again');
  const { messages, view } = await room.pageBySeq(a, { limit: 50 });
  expect(messages).toHaveLength(20);
  expect(view.lastSeq).toBe(21);
  expect(new Set(messages.map((m) => m.id)).size).toBe(20);
});

test('the archive holds every entry under its number, and deleting all empties every block', async () => {
  const { room, people } = await group(1);
  const [a] = people as [never];
  const posted: Posted[] = [];
  for (let i = 0; i < 20; i++) posted.push(await room.insist(a, `needle ${i}`));
  const rows = async () => {
    const ids = JSON.stringify(posted.map((p) => p.id));
    const found = await d1
      .prepare('SELECT text FROM entry WHERE id IN (SELECT value FROM json_each(?1)) ORDER BY id')
      .bind(ids)
      .all<{ text: string }>();
    return found.results.map((row) => row.text);
  };
  expect(await rows()).toEqual(posted.map((_, i) => `needle ${i}`));
  await room.remove(null, 'all');
  expect(await rows()).toEqual(posted.map(() => ''));
});
