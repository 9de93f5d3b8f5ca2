// Sockets that attached to a conversation: whose session ends is out, whatever else ends, sleeps or comes late.
import { evictDurableObject } from 'cloudflare:test';
import { afterEach, expect, test } from 'vitest';
import type { Person } from '../../src/conversation/core.ts';
import { endedAmong } from '../../src/directory/revocations.ts';
import { type Claims, withClaims } from '../../src/sockets/socket.ts';
import { d1, fresh, group, type Room } from './harness.ts';
import { meteredD1 } from './meter.ts';

interface Listener {
  claims: Claims;
  frames: string[];
  closed: number | null;
  socket: WebSocket;
}

const open: Listener[] = [];
afterEach(() => {
  for (const { socket, closed } of open.splice(0)) if (closed === null) socket.close();
});

async function attach(room: Room, person: Person): Promise<Listener> {
  const claims: Claims = {
    app: room.app,
    user: person.user,
    session: fresh('session'),
    version: 1,
    expiresAt: Math.floor(Date.now() / 1000) + 86_400,
    card: person.card,
    powers: 'member',
    origin: 'https://hub.example',
  };
  const request = new Request('https://hub.example/realtime/c', { headers: { upgrade: 'websocket' } });
  const answer = await room.stub.fetch(withClaims(request, claims));
  const socket = answer.webSocket as WebSocket;
  const listener: Listener = { claims, frames: [], closed: null, socket };
  socket.addEventListener('message', ({ data }) => {
    listener.frames.push(data as string);
  });
  socket.addEventListener('close', ({ code }) => {
    listener.closed = code;
  });
  socket.accept();
  open.push(listener);
  return listener;
}

const end = ({ user, session }: Claims) =>
  d1
    .prepare('INSERT INTO revocation (user, session, at) VALUES (?1, ?2, ?3)')
    .bind(user, session, Date.now())
    .run();

/** Other people's sessions end, many of them. */
const othersEnd = (count: number) =>
  d1
    .prepare(
      `WITH RECURSIVE up(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM up WHERE i < ?1)
       INSERT INTO revocation (user, session, at) SELECT 1000000 + i, 'of others ' || i, ?2 FROM up`,
    )
    .bind(count, Date.now())
    .run();

/** The next check of the sessions is due, however little time has passed. */
const checkDue = (room: Room) =>
  room.inside((object) => {
    const { attached } = object as unknown as { attached: { checkedAt: number } };
    attached.checkedAt = 0;
  });

const heard = (listener: Listener, text: string) =>
  expect.poll(() => listener.frames.some((frame) => frame.includes(text)), { timeout: 30_000 }).toBe(true);
const out = (listener: Listener) => expect.poll(() => listener.closed, { timeout: 30_000 }).toBe(4401);

test('a session that ended before many others did is out', async () => {
  const { room, people } = await group(2);
  const [a, b] = people as [Person, Person];
  const [ended, stays] = [await attach(room, a), await attach(room, b)];
  await room.post(b, 'the first');
  await heard(ended, 'the first');
  await end(ended.claims);
  await othersEnd(1_000);
  await checkDue(room);
  await room.post(b, 'the second');
  await out(ended);
  await heard(stays, 'the second');
  expect(stays.closed).toBeNull();
});

test('one that ended while the object slept is out when it wakes', async () => {
  const { room, people } = await group(2);
  const [a, b] = people as [Person, Person];
  const [ended, stays] = [await attach(room, a), await attach(room, b)];
  await room.post(b, 'the first');
  await heard(ended, 'the first');
  await end(ended.claims);
  await othersEnd(1_000);
  await evictDurableObject(room.stub);
  await room.post(b, 'the second');
  await out(ended);
  await heard(stays, 'the second');
  expect(stays.closed).toBeNull();
});

test('one that ended before it came, through a worker that had not heard, is out at the next check', async () => {
  const { room, people } = await group(2);
  const [a, b] = people as [Person, Person];
  const stays = await attach(room, b);
  await room.post(b, 'the first');
  await heard(stays, 'the first');
  const session = fresh('session');
  await end({ user: a.user, session } as Claims);
  await checkDue(room);
  await room.post(b, 'the second');
  await heard(stays, 'the second');
  const late = await attach(room, a);
  await room.inside((object) => {
    const { attached } = object as unknown as { attached: { listeners: Map<WebSocket, { claims: Claims }> } };
    for (const { claims } of attached.listeners.values())
      if (claims.user === a.user) claims.session = session;
  });
  await checkDue(room);
  await room.post(b, 'the third');
  await out(late);
  expect(stays.closed).toBeNull();
});

test('a higher version of the tokens ends those made before it, and no others', async () => {
  const { room, people } = await group(2);
  const [a, b] = people as [Person, Person];
  const [ended, stays] = [await attach(room, a), await attach(room, b)];
  const raise = (user: number, version: number) =>
    d1
      .prepare('INSERT INTO revocation (user, token_version, at) VALUES (?1, ?2, ?3)')
      .bind(user, version, Date.now())
      .run();
  await raise(a.user, 2);
  await raise(b.user, 1);
  await checkDue(room);
  await room.post(b, 'hello');
  await out(ended);
  await heard(stays, 'hello');
  expect(stays.closed).toBeNull();
});

test('the question reads what ended of those people alone, and of that only what is new', async () => {
  await othersEnd(2_000);
  const { db, meter } = meteredD1();
  const users = [21, 22, 23] as never[];
  for (const user of users) await end({ user, session: `over ${user}` } as unknown as Claims);
  const held = users.map((user) => ({ user, session: `over ${user}`, version: 1, after: 0 }));
  const { ended, through } = await endedAmong(db, held);
  expect(ended).toEqual([0, 1, 2]);
  expect(meter.read).toBeLessThanOrEqual(3 * held.length + 2);
  meter.reset();
  const again = await endedAmong(
    db,
    held.map((session) => ({ ...session, after: through })),
  );
  expect(again).toEqual({ ended: [], through });
  expect(meter.read).toBeLessThanOrEqual(2 * held.length + 2);
});
