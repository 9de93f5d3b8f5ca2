// What the Desk costs, counted row by row: pushes nothing, what arrived one row for each conversation, and nothing rings.
import { runInDurableObject } from 'cloudflare:test';
import { expect, test } from 'vitest';
import { userCaller } from '../../src/hub/apps.ts';
import { routeVisitor } from '../../src/hub/desk.ts';
import { arrived } from '../../src/hub/pushes.ts';
import { quiet } from '../conversation/faults.ts';
import { bindings } from '../conversation/harness.ts';
import { bodyOf, hub, ids, world } from '../dialects/ppmessage/socket-world.ts';

quiet();

type Cursor = SqlStorageCursor<Record<string, SqlStorageValue>>;

test('a push writes nothing, what arrived is one row, and an idle connection has no alarm', async () => {
  const { app, visitor, agent, connect, opened, message } = await world();
  const [ann, vic] = [await agent(), await visitor()];
  const [desk, page] = [await connect(ann), await connect(vic)];
  const c = await opened(vic);
  const stub = () => bindings.DESK.getByName(String(app.number));
  const cursors: Cursor[] = [];
  await runInDurableObject(stub(), (_, { storage }) => {
    const exec = storage.sql.exec.bind(storage.sql);
    storage.sql.exec = ((text: string, ...values: SqlStorageValue[]) => {
      const cursor = exec(text, ...values);
      cursors.push(cursor);
      return cursor;
    }) as typeof exec;
  });
  const written = (): number => cursors.splice(0).reduce((sum, cursor) => sum + cursor.rowsWritten, 0);

  const pids: string[] = [];
  for (const text of ['one', 'two', 'three', 'four', 'five']) {
    desk.say(message(ann, c, text));
    pids.push(bodyOf(await page.next({ type: 'MSG', msg: { bo: text } })).pid as string);
  }
  expect(cursors).toEqual([]);

  const caller = { ...userCaller(app, vic.user, 'ppmessage'), user: vic.user };
  const all = pids.map((pid) => ids.parsePushUuid(pid) as never);
  await arrived(hub, caller, all);
  expect(written()).toBe(1);
  await arrived(hub, caller, all);
  expect(written()).toBe(0);

  // Asked for again, the visitor's seat is read and nothing else.
  await routeVisitor(hub, app, vic.user.number);
  expect(written()).toBe(0);
  expect(await runInDurableObject(stub(), (_, { storage }) => storage.getAlarm())).toBeNull();
});
