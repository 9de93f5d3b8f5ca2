// How D1 finds the rows of the statements that run all the time: by key or index, never by walking a table.
import { afterEach, expect, test } from 'vitest';
import { findByClaim, findConversation } from '../../src/directory/conversations.ts';
import { countMessages } from '../../src/directory/counting.ts';
import { devicesOnPlatform, findDevice } from '../../src/directory/devices.ts';
import { findByAddress } from '../../src/directory/emails.ts';
import {
  conversationsAfter,
  countFor,
  externalIdsOf,
  peopleAfter,
  peopleIn,
} from '../../src/directory/exporting.ts';
import {
  conversationsByUniqueId,
  holderOf,
  insertPeople,
  insertRooms,
  takenPairs,
  takenTokens,
  takenUniqueIds,
  takenUsernames,
  unnamedConversations,
} from '../../src/directory/file-imports.ts';
import {
  bindFile,
  claimFiles,
  doomFiles,
  dueFiles,
  filesOfBatch,
  findFile,
  finishFile,
  forgetFiles,
  giveUpFile,
  insertFile,
  placeClaim,
  postponeFile,
  releaseFiles,
} from '../../src/directory/files.ts';
import { listFiltered } from '../../src/directory/filtered-lists.ts';
import { findImported } from '../../src/directory/import-conversations.ts';
import { endJob, findJob, forgetJob, insertJob, listJobs, reportJob } from '../../src/directory/jobs.ts';
import { listByNumber, listByTime } from '../../src/directory/lists.ts';
import { heldOf, openOf, openOfApp } from '../../src/directory/open-lists.ts';
import { findForSignIn, findUser, findUsers } from '../../src/directory/people.ts';
import { insertRevocation, revocationsAfter } from '../../src/directory/revocations.ts';
import { searchEntries } from '../../src/directory/search.ts';
import {
  addToGroup,
  deleteGroup,
  findGroup,
  groupsOf,
  insertGroup,
  takeFromGroup,
  updateGroup,
} from '../../src/directory/service-groups.ts';
import { listWithTeam } from '../../src/directory/team-lists.ts';
import { findGrant, insertGrant, provedBy } from '../../src/directory/visitor-grants.ts';
import { unwrap } from '../../src/domain/errors.ts';
import { jobNumber } from '../../src/domain/ids.ts';
import { d1, draft, group } from '../conversation/harness.ts';
import { indexInto, meteredD1 } from '../conversation/meter.ts';
import { fillArchive, makeCrowd, memberOf } from './crowd.ts';

afterEach(() => indexInto(undefined));

/** Steps of a plan that go through a whole table. Tables made for the statement itself may be walked. */
async function tablesWalked(statements: readonly string[]): Promise<string[]> {
  const walked: string[] = [];
  for (const text of new Set(statements)) {
    const holes = text.match(/\?\d+/) ? new Set(text.match(/\?\d+/g)).size : text.split('?').length - 1;
    const values = text.includes('json') ? Array(holes).fill('[]') : Array(holes).fill(1);
    const plan = await d1
      .prepare(`EXPLAIN QUERY PLAN ${text}`)
      .bind(...values)
      .all<{ detail: string }>();
    const made = plan.results.flatMap(
      ({ detail }) => /^(?:CO-ROUTINE|MATERIALIZE) (\w+)/.exec(detail)?.[1] ?? [],
    );
    for (const { detail } of plan.results) {
      if (made.some((name) => detail === `SCAN ${name}`)) continue;
      // A virtual table is asked through its own index; the rest are the statement's own tables, and SQLite's of counters.
      if (
        !detail.startsWith('SCAN ') ||
        /VIRTUAL TABLE|^SCAN (CONSTANT ROW|w|s|step|sqlite_sequence)$/.test(detail)
      )
        continue;
      walked.push(`${detail}: ${text.replace(/\s+/g, ' ').slice(0, 90)}`);
    }
  }
  return walked;
}

test('lists, search, people and single rows', async () => {
  const { db, meter } = meteredD1();
  const crowd = await makeCrowd(2_000);
  await fillArchive(crowd, "'word ' || iif(i % 500 = 0, 'rare', '')");
  await d1
    .prepare("UPDATE conversation SET kind = 'support' WHERE app = ?1 AND number % 4 = 1")
    .bind(crowd.app)
    .run();
  for (const held of [10, 100, 1_000]) {
    const user = await memberOf(crowd, held);
    await listByTime(db, crowd.app, user, 0, 20);
    await listByTime(db, crowd.app, user, 0, 20, true);
    await listWithTeam(db, crowd.app, user, { start: 0, count: 20 }, null);
    await listByNumber(db, crowd.app, user, { size: 20 });
    await searchEntries(db, crowd.app, user, { query: 'word', size: 20 });
    await searchEntries(db, crowd.app, user, { query: 'rare', size: 20 });
    await searchEntries(db, crowd.app, user, { query: 'word', size: 20, conversation: crowd.first as never });
    await findUser(db, crowd.app, { number: user });
    await findUsers(db, crowd.app, [user]);
  }
  await listByNumber(db, crowd.app, null, { size: 20 });
  await listByNumber(db, crowd.app, null, { before: crowd.first as never, size: 20 });
  for (const filter of [
    { state: 'closed' },
    { createdAfter: 0, createdBefore: 5 },
    { activeAfter: 0 },
    { metadata: new Map([['a', ['b']]]) },
  ] as const) {
    const person = await memberOf(crowd, 100);
    for (const user of [null, person])
      for (const window of [{}, { before: crowd.first as never }])
        await listFiltered(db, { app: crowd.app, user, filter, size: 20, ...window });
  }
  await searchEntries(db, crowd.app, null, { query: 'word', size: 20 });
  await findUser(db, crowd.app, { externalId: 'x' });
  await findForSignIn(db, crowd.app, 'somebody');
  await findConversation(db, crowd.app, crowd.first as never);
  await revocationsAfter(db, 0);
  await countMessages(db, crowd.app, 0, 1);
  await findByClaim(db, crowd.app, 'uniqueId', 'x');
  expect(new Set(meter.statements).size).toBeGreaterThan(15);
  expect(await tablesWalked(meter.statements)).toEqual([]);
});

test('visitors, their devices, open conversations and service groups', async () => {
  const { db, meter } = meteredD1();
  const crowd = await makeCrowd(2_000);
  const [light, heavy] = [await memberOf(crowd, 100), await memberOf(crowd, 1_000)];
  const { app } = crowd;
  const seconds = Math.floor(Date.now() / 1000);
  await insertGrant(
    db,
    { session: 's', user: light, proved: true, tokenVersion: 1, expiresAt: seconds },
    Date.now(),
  );
  await findGrant(db, 's', light);
  await provedBy(db, 's', 10);
  await findByAddress(db, app, 'a@example.org');
  await devicesOnPlatform(db, app, [light], 'ppcom');
  await findDevice(db, app, 1 as never);
  await heldOf(db, light, 'support', 10);
  const number = (await insertGroup(
    db,
    app,
    { name: 'g', description: '', icon: null, distributor: true },
    1,
    9,
  )) as number;
  await addToGroup(db, number, [light]);
  await groupsOf(db, app);
  await findGroup(db, app, number);
  await updateGroup(db, app, number, { name: 'h', distributor: true }, 2);
  await takeFromGroup(db, number, [light]);
  await deleteGroup(db, app, number, 3);
  // About four rows for each conversation that the person is in, at most.
  for (const [user, most] of [
    [light, 400],
    [heavy, 4_000],
  ] as const) {
    const before = meter.read;
    await openOf(db, app, user, { watches: false, all: false });
    expect(meter.read - before).toBeLessThan(most);
  }
  await openOf(db, app, light, { watches: true, all: false });
  await openOf(db, app, heavy, { watches: true, all: true });
  await openOfApp(db, app, { supportOnly: true, limit: 100 });
  expect(await tablesWalked(meter.statements)).toEqual([]);
});

test('a flush of every kind of news', async () => {
  const { db, meter } = meteredD1();
  const { room, people } = await group(2);
  await indexInto(db);
  const [a, b] = people as [never, never];
  const { seq } = await room.post(a, draft('one', { clientId: 'c' }));
  await room.edit(a, seq, 'two');
  await room.remove(a, seq);
  await room.post(b, 'three');
  const file = { file: '1/2.n', url: '/files/1/2.n/a', name: 'a', mime: '', bytes: 1 };
  const { seq: pictured } = await room.post(a, draft('', { attachments: [file] }));
  await room.remove(a, pictured);
  await room.read(a);
  await room.remove(null, 'all');
  await room.leave(b, b);
  expect(new Set(meter.statements).size).toBeGreaterThan(7);
  expect(await tablesWalked(meter.statements)).toEqual([]);
});

test('a revocation among very many reads a handful of rows', async () => {
  const revoke = (db: D1Database) =>
    insertRevocation(db, { user: 1 as never, session: 's', tokenVersion: null, at: 100 }, 50);
  await d1
    .prepare(
      `WITH RECURSIVE up(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM up WHERE i < 5000)
       INSERT INTO revocation (user, session, at) SELECT 1, 's', i / 100 FROM up`,
    )
    .run();
  const { db, meter } = meteredD1();
  await revoke(db);
  expect(meter.read).toBeLessThan(50);
  const { left } =
    (await d1.prepare('SELECT count(*) AS left FROM revocation').first<{ left: number }>()) ?? {};
  expect(left).toBe(5_001 - 10);
});

/** What looks for silent ones goes through an index of those alone that are not over. */
test('jobs: their lists, and what exports and imports ask', async () => {
  const { db, meter } = meteredD1();
  const crowd = await makeCrowd(500);
  const kind = { app: crowd.app, door: 'qiscus', kind: 'export' };
  const job = await insertJob(db, { ...kind, subject: 'users', name: 'x', bytes: 0, createdAt: 1 }, 10);
  const number = jobNumber(job?.number as number);
  const report = {
    state: 'started',
    rows: 1,
    percentage: 1,
    bytes: 0,
    file: null,
    error: null,
    errorData: null,
  } as const;
  await reportJob(db, crowd.app, number, report, 2);
  await listJobs(db, kind, 0, 20);
  await findJob(db, kind, number);
  await endJob(db, crowd.app, number, 3);
  await forgetJob(db, crowd.app, number);
  await peopleAfter(db, crowd.app, '', 10);
  const before = meter.read;
  const listed = await conversationsAfter(db, crowd.app, 0, 10);
  expect(meter.read - before).toBeLessThanOrEqual(2 * listed.length + 2);
  await peopleIn(
    db,
    listed.map(({ facts }) => facts.number),
  );
  await externalIdsOf(db, crowd.app, [1 as never]);
  for (const what of ['people', 'conversations', 'messages'] as const) await countFor(db, crowd.app, what);
  await takenUsernames(db, crowd.app, ['x']);
  await takenTokens(db, ['x']);
  await holderOf(db, crowd.app, 'x');
  await takenUniqueIds(db, crowd.app, ['x']);
  await takenPairs(db, crowd.app, ['1:2']);
  await conversationsByUniqueId(db, crowd.app, ['x']);
  await unnamedConversations(db, crowd.app, [1 as never]);
  await findImported(db, crowd.app, ['x']);
  await insertPeople(db, crowd.app, number, [[]], 4);
  await insertRooms(db, crowd.app, [[]]);
  expect(new Set(meter.statements).size).toBeGreaterThan(20);
  expect(await tablesWalked(meter.statements)).toEqual([]);
});

test('files: claimed, found, swept, and freed with their conversation', async () => {
  const { db, meter } = meteredD1();
  const owner = { app: 1 as never, uploader: 1 as never };
  const number = await insertFile(db, { ...owner, nonce: 'n', name: 'a', createdAt: 1, dueAt: 1, most: 5 });
  const made = { name: 'a', mime: '', bytes: 1, width: null, height: null, batch: 'b' };
  const row = await finishFile(db, number as never, made);
  await filesOfBatch(db, owner, 'b', 5);
  const claiming = { ...owner, files: [number as never], claim: 'c', conversation: null, dueAt: 1, since: 0 };
  await claimFiles(db, claiming);
  await placeClaim(db, owner.app, claiming.files, 'c', 7 as never);
  await bindFile(db, row as never, 8 as never);
  await releaseFiles(db, owner.app, claiming.files, 'c', 1, 5);
  await giveUpFile(db, owner, number as never, 1);
  await dueFiles(db, 1, 10);
  await doomFiles(db, claiming.files, ['ready'], 1);
  await postponeFile(db, number as never, 1);
  await forgetFiles(db, claiming.files);
  await findFile(db, owner.app, number as never);
  const { room } = await group(1);
  await indexInto(db);
  unwrap(await room.stub.destroy(room.as(null), { waitMs: 10_000 }));
  expect(new Set(meter.statements).size).toBeGreaterThan(15);
  expect(await tablesWalked(meter.statements)).toEqual([]);
});
