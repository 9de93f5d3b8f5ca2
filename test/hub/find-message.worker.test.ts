// A message found by its number alone, also where its conversation outgrew its first block: here blocks of eight entries.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Refused } from '../../src/domain/errors.ts';
import { type AppNumber, BLOCK_SIZE, blockOf, type MessageNumber } from '../../src/domain/ids.ts';
import { appByNumber, appCaller } from '../../src/hub/apps.ts';
import { hubOf } from '../../src/hub/context.ts';
import { findMessage } from '../../src/hub/messages.ts';
import { bindings, group, makeApp, type Room } from '../conversation/harness.ts';

beforeAll(() => {
  bindings.BLOCK_ENTRIES = '8';
});
afterAll(() => {
  bindings.BLOCK_ENTRIES = undefined;
});

const hub = hubOf(bindings, 'http://hub.test', () => {});

async function look(app: AppNumber, id: MessageNumber): Promise<unknown> {
  try {
    return await findMessage(hub, appCaller(await appByNumber(hub, app), 'sunshine'), id);
  } catch (error) {
    return error instanceof Refused ? error.refusal : error;
  }
}

/** The last of so many messages. */
async function lastOf(room: Room, by: never, count: number): Promise<MessageNumber> {
  let id: MessageNumber | undefined;
  for (let done = 0; done < count; done++) ({ id } = await room.insist(by, 'words'));
  return id as MessageNumber;
}

test('a message of a further block is found, and by another app it is not, in the same words as one of nothing', async () => {
  const { room, people } = await group(1);
  const id = await lastOf(room, people[0] as never, 20);
  expect(blockOf(id)).not.toBe(room.number);
  expect(await look(room.app, id)).toMatchObject({ conversation: room.number, entry: { id } });

  const nothing = await look(room.app, (900_000_003 * BLOCK_SIZE + 2) as MessageNumber);
  expect(nothing).toMatchObject({ code: 'not_found', subject: 'message' });
  const other = await makeApp();
  expect(await look(other, id)).toEqual(nothing);
  expect(await look(other, (Number(room.number) * BLOCK_SIZE + 2) as MessageNumber)).toEqual(nothing);
});
