// Exports and imports whose hub is killed while they are under way: nothing is lost, nothing comes twice.
// What they do otherwise is qiscus-backups.test.ts.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startServer, type TestServer } from '../support/server.ts';
import { type BackupClient, backupClient, EVER, type Resource } from './qiscus-backup-client.ts';
import type { Json } from './qiscus-client.ts';

const ROOMS = 30;
/** More than 5 MiB in all, so that the export has several parts; less than 4 MB in each of two files. */
const COMMENTS = 3_000;
const TEXT = 'x'.repeat(2_200);

let server: TestServer;
let place: BackupClient;
beforeAll(async () => {
  server = await startServer({ env: { LIMITS: 'off' } });
  place = backupClient(await server.createApp());
});
afterAll(() => server?.remove());

const users = Array.from({ length: 60 }, (_, i) => ({
  Email: `u${String(i).padStart(3, '0')}`,
  Name: `User ${i}`,
  AvatarUrl: '',
  AuthenticationToken: '',
  // Each takes a step of its own.
  Password: i % 30 === 0 ? 'secret' : '',
  CreateAt: '2017-05-10T11:46:30Z',
}));
const emails = users.map(({ Email }) => Email);
const rooms = Array.from({ length: ROOMS }, (_, i) => ({
  Name: `Room ${i}`,
  Type: 'group',
  Options: '',
  CreatorEmail: emails[i],
  CreatedAt: '2017-05-11T06:35:27Z',
  AvatarUrl: '',
  UniqueId: `room ${String(i).padStart(2, '0')}`,
  ParticipantEmails: emails.slice(i, i + 10),
}));
/** Room after room, as exports are; each file begins where the other ended. */
const comments = Array.from({ length: COMMENTS }, (_, i) => {
  const room = Math.floor((i * ROOMS) / COMMENTS);
  return {
    Message: `${i} ${TEXT}`,
    DisableLinkPreview: false,
    Type: 'text',
    UniqueId: `comment ${i}`,
    CreatorEmail: emails[room + (i % 10)],
    RoomUniqueId: rooms[room]?.UniqueId,
    CreatedAt: '2017-05-11T19:14:24Z',
    Payload: null,
    ParentCommentUniqueId: '',
  };
});

/** Kills what serves, at once, and again as soon as it is back, while this is under way; then waits for its end. */
async function through(kind: 'exports' | 'imports', id: string): Promise<Json> {
  for (const victim of ['runtime', 'server'] as const) {
    await server.kill9(victim);
    if (victim === 'server') await server.restart();
  }
  return place.over(kind, id);
}

async function imported(type: Resource, rows: readonly object[]): Promise<Json> {
  const { body } = await place.upload({ type, file: JSON.stringify(rows) });
  return through('imports', body.results.backup_history.unique_id);
}

test('imports go on through kills, and everything is there once', async () => {
  const done = { status: 'finished', errors: {} };
  expect(await imported('users', users)).toMatchObject({ ...done, total_rows: users.length });
  expect(await imported('rooms', rooms)).toMatchObject({ ...done, total_rows: ROOMS });
  for (const half of [comments.slice(0, COMMENTS / 2), comments.slice(COMMENTS / 2)])
    expect(await imported('comments', half)).toMatchObject({ ...done, total_rows: COMMENTS / 2 });
});

test('an export goes on through kills, and has every row once, in order', async () => {
  const { unique_id } = await place.post('exports', { type: 'comments', ...EVER });
  const history = await through('exports', unique_id);
  expect(history).toMatchObject({ status: 'finished', percentage: 100, total_rows: COMMENTS });
  const file = await (await fetch(history.download_url)).text();
  expect(Buffer.byteLength(file)).toBe(history.size);
  expect(history.size).toBeGreaterThan(5 * 1024 * 1024);
  expect(JSON.parse(file)).toEqual(comments);
  expect(await place.rows('rooms')).toEqual(rooms);
  expect(await place.rows('users')).toEqual(users.map((user) => ({ ...user, Password: '' })));
});
