// A conversation with more people than one bound value can hold.
import { afterEach, expect, test } from 'vitest';
import type { Person } from '../../src/conversation/core.ts';
import type { UserNumber } from '../../src/domain/ids.ts';
import type { Projection } from '../../src/domain/projection.ts';
import { doored } from '../conversation/faults.ts';
import { bindings, d1, group, type Room } from '../conversation/harness.ts';
import { indexInto } from '../conversation/meter.ts';

afterEach(() => indexInto(undefined));

const PEOPLE = 30_000;

const crowd = (count: number): Projection['members'] =>
  Array.from({ length: count }, (_, i) => ({
    user: (5_000_000 + i) as UserNumber,
    rev: 1 + i,
    standing: 'active',
    joinedAt: 1_700_000_000_000,
    readSeq: 1_000_000,
    readN: 1_000_000,
    readAt: 1_700_000_000_000,
    ownAfter: 0,
    deliveredSeq: 1_000_000,
    deliveredAt: 1_700_000_000_000,
    hiddenSeq: 0,
    sent: 0,
    concealed: '',
    clearedSeq: 0,
    progress: 'NEW',
    muted: false,
    invitedBy: 5_000_000 as UserNumber,
    removedBy: null,
  }));

const counted = async (room: Room) =>
  (
    await d1
      .prepare("SELECT count(*) AS n FROM membership WHERE conversation = ?1 AND standing = 'active'")
      .bind(room.number)
      .first<{ n: number }>()
  )?.n;

/** The whole of the conversation, as a retelling sends it. */
async function everything(room: Room): Promise<Projection> {
  const sent: Projection[] = [];
  await room.inside((object) => {
    const put = async (projection: Projection) => {
      sent.push(projection);
      return { ok: true };
    };
    object.env = { ...object.env, INDEXER: { getByName: () => ({ put }) } as never };
  });
  await room.stub.reindex(room.app);
  const [projection] = sent;
  if (!projection?.reset) throw new Error('nothing was told');
  return projection;
}

const put = (projection: Projection) =>
  (bindings.INDEXER.getByName('d1') as unknown as { put(p: Projection): Promise<{ ok: boolean }> }).put(
    projection,
  );

test('members come in values that D1 takes, however many they are and however often', async () => {
  const { room, people } = await group(1);
  await room.post(people[0] as Person, 'hello');
  const told = { ...(await everything(room)), members: crowd(PEOPLE) };
  for (let i = 0; i < 2; i++) {
    expect(await put(told)).toMatchObject({ ok: true });
    expect(await counted(room)).toBe(PEOPLE);
  }
});

test('members stay when D1 refuses a row of the retelling and then fails', async () => {
  const { room, people } = await group(1);
  await room.post(people[0] as Person, 'poison');
  const told = { ...(await everything(room)), members: crowd(3_000) };
  await d1
    .prepare(
      `CREATE TRIGGER refuse BEFORE INSERT ON entry WHEN NEW.text = 'poison'
       BEGIN SELECT RAISE(ABORT, 'constraint failed: refused'); END`,
    )
    .run();
  const door = doored();
  await indexInto(door.db);
  // How large it is, refused with the others, refused alone, begun again without its rows; then D1 goes away.
  door.door = (through) => (door.batches <= 4 ? through() : Promise.reject(new Error('D1_ERROR: lost')));
  expect(await put(told)).toMatchObject({ ok: false });
  await d1.prepare('DROP TRIGGER refuse').run();
  expect(door.batches).toBeGreaterThan(4);
  expect(await counted(room)).toBe(3_000);
});
