// An Inbox whose memory goes after every call, with its sockets open: as after hibernation, nobody may notice.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { delivery, eventsFrom, type Shelf, startShelf } from './harness.ts';

let shelf: Shelf;
beforeAll(async () => {
  shelf = await startShelf('1:0', 1);
});
afterAll(() => shelf?.stop());

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** Calls until the memory was taken since `before`. */
async function forgotten(before: number): Promise<void> {
  await expect.poll(() => shelf.call<number>('wakes'), { timeout: 30_000 }).toBeGreaterThan(before);
}

test('its sockets get every event once and in order, of all conversations and of those they subscribed to', async () => {
  const [all, one] = [await shelf.connect(1), await shelf.connect(2)];
  await shelf.logs('set', 7, { epoch: 'e1', events: eventsFrom(1, 2) });
  all.send({ t: 'all', on: true });
  one.send({ t: 'follow', c: 7, since: 0 });
  await Promise.all([all.next('done'), one.next('ack')]);
  for (let seq = 3; seq <= 12; seq += 2) {
    const before = await shelf.call<number>('wakes');
    expect(await shelf.call('deliver', delivery(7, seq, seq + 1, [1, 2]))).toBe(2);
    await forgotten(before);
    // A conversation that was evicted too tells its last events again.
    expect(await shelf.call('deliver', delivery(7, seq, seq + 1, [1, 2]))).toBe(2);
  }
  await Promise.all([all.settled(), one.settled()]);
  expect(all.seqs(7)).toEqual(range(3, 12));
  expect(one.seqs(7)).toEqual(range(1, 12));
  expect([all.closed, one.closed]).toEqual([null, null]);
});

test('it knows who is there, who called and who must not come back', async () => {
  const socket = await shelf.connect(21);
  const before = await shelf.call<number>('wakes');
  await shelf.call('touch', 22);
  await shelf.call('revoke', 23, { session: 's23' });
  await forgotten(before);
  expect(await shelf.call('online', [20, 21, 22])).toEqual([21, 22]);
  expect(await shelf.knock(23)).toBe(401);
  await shelf.call('revoke', 21, { session: 's21' });
  await expect.poll(() => socket.closed?.code).toBe(4401);
});
