// A person's conversations that may have a message of a log time, however many they are in.
import { expect, test } from 'vitest';
import { conversationsOfTime } from '../../src/directory/log-times.ts';
import type { LogTime, UserNumber } from '../../src/domain/ids.ts';
import { appByNumber, userCaller } from '../../src/hub/apps.ts';
import { hubOf } from '../../src/hub/context.ts';
import { listByLogTime } from '../../src/hub/lists.ts';
import { messageOf } from '../../src/hub/messages.ts';
import { userByNumber } from '../../src/hub/people.ts';
import { bindings, d1, group } from '../conversation/harness.ts';

test('the room of a message comes first, in any order of rooms; of others, and of rooms that were silent by then, none', async () => {
  const hub = hubOf(bindings, 'http://hub.test', () => {});
  const { room, people } = await group(2);
  const [ann] = people as [(typeof people)[number], (typeof people)[number]];
  const { id } = await room.post(ann, 'words');
  const app = await appByNumber(hub, room.app);
  const caller = userCaller(app, await userByNumber(hub, app, ann.user), 'qiscus');
  const { at } = await messageOf(hub, caller, room.number, { id });
  await room.indexed();
  expect(await listByLogTime(hub, caller, at, 10)).toEqual([room.number]);
  const stranger = (await group(1)).people[0];
  expect(await conversationsOfTime(d1, stranger?.user as UserNumber, at, 10)).toEqual([]);
  expect(await listByLogTime(hub, caller, (at + 60_000_000_000) as LogTime, 10)).toEqual([]);
  // Its digits are another room's.
  expect(await listByLogTime(hub, caller, (at - 1) as LogTime, 10)).toEqual([]);
});
