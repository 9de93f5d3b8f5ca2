// Lists of rooms that leave some out, however many rooms a person has.
import { expect, test } from 'vitest';
import { sifted } from '../../../src/dialects/qiscus/sdk/room-list.ts';

/** Rooms 0 to `count`, newest first; how many were read. */
function roomsOf(count: number) {
  const all = Array.from({ length: count }, (_, i) => i);
  const list = {
    read: 0,
    ask: async ({ start, count }: { start: number; count: number }) => {
      const rows = all.slice(start, start + count);
      list.read += rows.length;
      return { rows };
    },
  };
  return list;
}
const every = (n: number) => (row: number) => row % n === 0;

test('a page may lie behind many rooms that are left out', async () => {
  const list = roomsOf(5_000);
  const { rows } = await sifted(list.ask, every(100), { start: 20, count: 10 });
  expect(rows).toEqual([2000, 2100, 2200, 2300, 2400, 2500, 2600, 2700, 2800, 2900]);
  expect(list.read).toBe(3_000);
});

test('of a few rooms the total is exact, and they are read once', async () => {
  const list = roomsOf(300);
  expect(await sifted(list.ask, every(3), { start: 0, count: 10 })).toMatchObject({ total: 100 });
  expect(list.read).toBe(300);
});

test('it does not look for ever', async () => {
  const list = roomsOf(50_000);
  expect(await sifted(list.ask, () => false, { start: 0, count: 10 })).toEqual({ total: 0, rows: [] });
  expect(list.read).toBe(10_000);
});
