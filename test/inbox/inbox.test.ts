import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { shelfOf } from '../../src/domain/delivery.ts';
import { delivery, eventAt, eventsFrom, type Shelf, startShelf } from './harness.ts';

const HOUR_MS = 3_600_000;
let shelf: Shelf;

beforeAll(async () => {
  shelf = await startShelf();
});

afterAll(() => shelf?.stop());

/** Each test has conversations and people of its own: the object is one. */
let last = 100;
const fresh = (): number => ++last;

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);
const deliver = (...of: Parameters<typeof delivery>): Promise<number> =>
  shelf.call('deliver', delivery(...of));
const log = (c: number, upTo: number, more: object = {}): Promise<unknown> =>
  shelf.logs('set', c, { epoch: 'e1', events: eventsFrom(1, upTo), ...more });

describe('deliveries', () => {
  test('reach the sockets that follow, of the people named, and say how many those are', async () => {
    const [c, ann, bob, eve] = [fresh(), fresh(), fresh(), fresh()];
    const sockets = await Promise.all([ann, ann, bob, eve].map((user) => shelf.connect(user)));
    for (const socket of sockets.slice(0, 3)) socket.send({ t: 'all', on: true });
    await Promise.all(sockets.slice(0, 3).map((socket) => socket.next('done')));
    expect(await deliver(c, 1, 3, [ann, bob, eve])).toBe(3);
    expect(await deliver(c, 4, 4, [ann])).toBe(2);
    await Promise.all(sockets.map((socket) => socket.settled()));
    expect(sockets.map((socket) => socket.seqs(c))).toEqual([range(1, 4), range(1, 4), [1, 2, 3], []]);
  });

  test('arrive as the documented frame', async () => {
    const [c, ann] = [fresh(), fresh()];
    const socket = await shelf.connect(ann);
    socket.send({ t: 'all', on: true });
    await socket.next('done');
    const events = [eventAt(1), eventAt(2)];
    await deliver(c, 1, 2, [ann], { events });
    expect(await socket.next('events')).toEqual({
      t: 'events',
      c: String(c),
      epoch: 'e1',
      events: events.map((event) => JSON.parse(event)),
    });
  });

  test('repeated after a restart of the conversation, in whole or in part, show once', async () => {
    const [c, ann] = [fresh(), fresh()];
    const socket = await shelf.connect(ann);
    socket.send({ t: 'all', on: true });
    await socket.next('done');
    await deliver(c, 1, 5, [ann]);
    await deliver(c, 3, 5, [ann]);
    await deliver(c, 4, 7, [ann]);
    await socket.settled();
    expect(socket.seqs(c)).toEqual(range(1, 7));
  });

  test('that are lost on the way are fetched from the conversation before later ones go out', async () => {
    const [c, ann, bob] = [fresh(), fresh(), fresh()];
    const sockets = await Promise.all([shelf.connect(ann), shelf.connect(bob)]);
    for (const socket of sockets) socket.send({ t: 'all', on: true });
    await Promise.all(sockets.map((socket) => socket.next('done')));
    await deliver(c, 1, 2, [ann, bob]);
    await log(c, 9);
    await shelf.logs('close');
    await deliver(c, 6, 7, [ann, bob]);
    await deliver(c, 8, 9, [ann, bob]);
    await shelf.logs('open');
    for (const socket of sockets) {
      await socket.event(c, 9);
      expect(socket.seqs(c)).toEqual(range(1, 9));
    }
  });

  test('that are lost for good are said to be: resync, then what came after', async () => {
    const [c, ann] = [fresh(), fresh()];
    const socket = await shelf.connect(ann);
    socket.send({ t: 'all', on: true });
    await socket.next('done');
    await deliver(c, 1, 2, [ann]);
    await deliver(c, 6, 7, [ann]);
    expect(await socket.next('resync')).toEqual({ t: 'resync', c: String(c), epoch: 'e1', seq: 5 });
    await socket.event(c, 7);
    expect(socket.seqs(c)).toEqual([1, 2, 6, 7]);
  });

  test('of a restored conversation begin with a resync', async () => {
    const [c, ann] = [fresh(), fresh()];
    await log(c, 5);
    const [one, all] = await Promise.all([shelf.connect(ann), shelf.connect(ann)]);
    one.send({ t: 'follow', c, since: 5 });
    all.send({ t: 'all', on: true });
    await Promise.all([one.next('ack'), all.next('done')]);
    await deliver(c, 6, 6, [ann]);
    await deliver(c, 3, 4, [ann], { epoch: 'e2' });
    for (const socket of [one, all]) {
      expect(await socket.next('resync')).toEqual({ t: 'resync', c: String(c), epoch: 'e2', seq: 2 });
      await socket.event(c, 4);
      expect(socket.seqs(c)).toEqual([6, 3, 4]);
    }
  });

  test('of old events by a conversation that woke are not news to a socket that follows everything', async () => {
    const [c, ann] = [fresh(), fresh()];
    const socket = await shelf.connect(ann);
    socket.send({ t: 'all', on: true });
    await socket.next('done');
    const yesterday = new Date(Date.now() - 24 * HOUR_MS).toISOString();
    await deliver(c, 7, 9, [ann], { events: [eventAt(7, yesterday), eventAt(8, yesterday), eventAt(9)] });
    await socket.event(c, 9);
    expect(socket.seqs(c)).toEqual([9]);
  });

  test('end the subscription of people who are out, after the event that says so', async () => {
    const [c, ann, bob] = [fresh(), fresh(), fresh()];
    await log(c, 0);
    const [a, b] = await Promise.all([shelf.connect(ann), shelf.connect(bob)]);
    for (const socket of [a, b]) socket.send({ t: 'follow', c });
    await Promise.all([a.next('ack'), b.next('ack')]);
    expect(await deliver(c, 1, 1, [ann, bob], { ended: [bob] as never })).toBe(2);
    expect(await deliver(c, 2, 2, [ann, bob])).toBe(1);
    await Promise.all([a.settled(), b.settled()]);
    expect([a.seqs(c), b.seqs(c)]).toEqual([[1, 2], [1]]);
  });

  test('reach followers of the team who are no members, each socket once', async () => {
    const [c, agent, member] = [fresh(), fresh(), fresh()];
    await log(c, 0);
    const follower = await shelf.connect(agent, { powers: 'team' });
    const idle = await shelf.connect(fresh(), { powers: 'team' });
    idle.send({ t: 'all', on: true });
    const customer = await shelf.connect(member);
    for (const socket of [follower, customer]) socket.send({ t: 'follow', c });
    await Promise.all([idle.next('done'), follower.next('ack'), customer.next('ack')]);
    expect(await deliver(c, 1, 1, [member], { team: true })).toBe(2);
    expect(await deliver(c, 2, 2, [member, agent], { team: true })).toBe(2);
    expect(await deliver(c, 3, 3, [member], { team: false })).toBe(1);
    await Promise.all([follower, idle, customer].map((socket) => socket.settled()));
    expect([follower, idle, customer].map((socket) => socket.seqs(c))).toEqual([[1, 2], [], [1, 2, 3]]);
  });

  test('are many to a frame when they come faster than the rounds', async () => {
    const [c, people] = [fresh(), range(1, 12).map(fresh)];
    const sockets = await Promise.all(range(0, 119).map((i) => shelf.connect(people[i % 12] as number)));
    for (const socket of sockets) socket.send({ t: 'all', on: true });
    await Promise.all(sockets.map((socket) => socket.next('done')));
    await shelf.call(
      'deliverAll',
      range(1, 60).map((seq) => delivery(c, seq, seq, people)),
    );
    for (const socket of sockets) await socket.event(c, 60);
    for (const socket of sockets) expect(socket.seqs(c)).toEqual(range(1, 60));
    const frames = sockets.map((socket) => socket.frames.filter((frame) => frame.t === 'events').length);
    expect(Math.min(...frames)).toBeLessThan(60);
    await Promise.all(sockets.map((socket) => socket.close()));
  });
});

describe('a subscription', () => {
  test('gets the past from its position, then what is live', async () => {
    const [c, ann] = [fresh(), fresh()];
    await log(c, 10);
    const socket = await shelf.connect(ann);
    socket.send({ t: 'follow', c, since: 6 });
    expect(await socket.next('ack')).toEqual({ t: 'ack', c: String(c), epoch: 'e1', seq: 10 });
    await deliver(c, 11, 12, [ann]);
    await socket.event(c, 12);
    expect(socket.seqs(c)).toEqual(range(7, 12));
  });

  test('from now gets nothing of the past', async () => {
    const [c, ann] = [fresh(), fresh()];
    await log(c, 10);
    const socket = await shelf.connect(ann);
    socket.send({ t: 'follow', c });
    expect((await socket.next('ack')).seq).toBe(10);
    await deliver(c, 10, 11, [ann]);
    await socket.event(c, 11);
    expect(socket.seqs(c)).toEqual([11]);
  });

  test('holds back what is live while the past is on its way: nothing lost, nothing twice, in order', async () => {
    const [c, ann] = [fresh(), fresh()];
    await log(c, 10);
    await shelf.logs('close');
    const socket = await shelf.connect(ann);
    socket.send({ t: 'follow', c, since: 4 });
    await socket.settled();
    await deliver(c, 9, 12, [ann]);
    await deliver(c, 13, 13, [ann]);
    await socket.settled();
    expect(socket.seqs(c)).toEqual([]);
    await shelf.logs('open');
    await socket.event(c, 13);
    expect(socket.seqs(c)).toEqual(range(5, 13));
    const order = socket.frames.filter((frame) => frame.t !== 'pong').map((frame) => frame.t);
    expect(order).toEqual(['hello', 'events', 'ack', 'events', 'events']);
  });

  test('that is renewed from now loses nothing that was on its way', async () => {
    const [c, ann] = [fresh(), fresh()];
    await log(c, 10);
    const socket = await shelf.connect(ann);
    socket.send({ t: 'follow', c });
    await socket.next('ack');
    await log(c, 12);
    await shelf.logs('close');
    socket.send({ t: 'follow', c });
    await socket.settled();
    // The conversation has 12 entries; the delivery of the last two is still under way.
    await shelf.logs('open');
    expect((await socket.next('ack')).seq).toBe(10);
    await deliver(c, 11, 12, [ann]);
    await socket.event(c, 12);
    expect(socket.seqs(c)).toEqual([11, 12]);
  });

  test('with a position too old is told to resync, and is live from there', async () => {
    const [c, ann] = [fresh(), fresh()];
    await log(c, 600);
    const socket = await shelf.connect(ann);
    socket.send({ t: 'follow', c, since: 99 });
    expect(await socket.next('resync')).toEqual({ t: 'resync', c: String(c), epoch: 'e1', seq: 600 });
    await deliver(c, 601, 601, [ann]);
    await socket.event(c, 601);
    await log(c, 601);
    socket.send({ t: 'follow', c, since: 101 });
    await socket.event(c, 102);
    await socket.next('ack', (frame) => frame.seq === 601);
    expect(socket.seqs(c)).toEqual([601, ...range(102, 601)]);
  });

  test('that is refused leaves no trace', async () => {
    const [c, ann] = [fresh(), fresh()];
    const socket = await shelf.connect(ann);
    socket.send({ t: 'follow', c });
    await socket.next('refused');
    expect(await deliver(c, 1, 1, [ann])).toBe(0);
  });

  test('ends with unfollow', async () => {
    const [c, ann] = [fresh(), fresh()];
    await log(c, 1);
    const socket = await shelf.connect(ann);
    socket.send({ t: 'follow', c });
    await socket.next('ack');
    socket.send({ t: 'unfollow', c });
    await socket.next('done');
    expect(await deliver(c, 2, 2, [ann])).toBe(0);
  });
});

describe('hibernation', () => {
  test('loses no position, no subscription and no socket', async () => {
    const [c, d, ann, bob] = [fresh(), fresh(), fresh(), fresh()];
    await log(c, 3);
    const [one, all] = await Promise.all([shelf.connect(ann), shelf.connect(bob)]);
    one.send({ t: 'follow', c, since: 1 });
    all.send({ t: 'all', on: true });
    await Promise.all([one.next('ack'), all.next('done')]);
    await deliver(c, 4, 5, [ann, bob]);
    await deliver(d, 1, 2, [bob]);
    await shelf.hibernate();
    // The conversation repeats its last entries, as it does after a wake of its own.
    expect(await deliver(c, 4, 6, [ann, bob])).toBe(2);
    await deliver(d, 2, 3, [bob]);
    await Promise.all([one.settled(), all.settled()]);
    expect([one.seqs(c), all.seqs(c), all.seqs(d)]).toEqual([range(2, 6), [4, 5, 6], [1, 2, 3]]);
  });

  test('in which a delivery was lost shows as a gap that is filled', async () => {
    const [c, ann] = [fresh(), fresh()];
    await log(c, 2);
    const socket = await shelf.connect(ann);
    socket.send({ t: 'follow', c });
    await socket.next('ack');
    await deliver(c, 3, 3, [ann]);
    await shelf.hibernate();
    await log(c, 6);
    await deliver(c, 6, 6, [ann]);
    await socket.event(c, 6);
    expect(socket.seqs(c)).toEqual([3, 4, 5, 6]);
  });

  test('keeps a thousand subscriptions of a person with long names', async () => {
    const long = 'я'.repeat(250);
    const ann = fresh();
    const card = {
      externalId: long,
      username: long,
      name: long,
      avatar: `https://x/${'y'.repeat(8_000)}`,
      role: 'member',
    };
    const socket = await shelf.connect(ann, { card: card as never });
    const base = 2 ** 32 - 2_000;
    await log(base, 5);
    for (const i of range(0, 999)) {
      if (i > 0) await log(base + i, 5);
      socket.send({ t: 'follow', c: base + i });
    }
    await socket.next('ack', (frame) => frame.c === String(base + 999));
    await shelf.hibernate();
    expect(await deliver(base + 999, 6, 6, [ann])).toBe(1);
    await socket.event(base + 999, 6);
    await socket.close();
  });

  test('stores nothing while nobody is here', async () => {
    const other = await startShelf('2:0');
    try {
      await other.call('deliver', delivery(1, 1, 5, [1]));
      await other.rested();
      expect(await other.call('stored')).toBe(null);
      await other.call('touch', 7);
      await expect
        .poll(() => other.call('stored'), { timeout: 30_000 })
        .toEqual({ seen: [], touches: [[7, expect.any(Number)]] });
    } finally {
      await other.stop();
    }
  });
});

describe('people', () => {
  test('are online with a live socket or a call in the last minutes, also after hibernation', async () => {
    const [ann, bob, eve] = [fresh(), fresh(), fresh()];
    const socket = await shelf.connect(ann);
    await shelf.call('touch', bob);
    const online = () => shelf.call('online', [ann, bob, eve]);
    expect(await online()).toEqual([ann, bob]);
    await shelf.hibernate();
    expect(await online()).toEqual([ann, bob]);
    await socket.close();
    await expect.poll(online).toEqual([bob]);
  });

  test('see each other come and go in the conversations that they subscribed to', async () => {
    const [c, ann, bob, eve] = [fresh(), fresh(), fresh(), fresh()];
    await log(c, 0);
    const [a, e] = await Promise.all([shelf.connect(ann), shelf.connect(eve)]);
    a.send({ t: 'follow', c });
    e.send({ t: 'all', on: true });
    await Promise.all([a.next('ack'), e.next('done')]);
    const b = await shelf.connect(bob);
    b.send({ t: 'follow', c });
    expect(await b.next('presence')).toEqual({ t: 'presence', user: String(ann), online: true });
    expect(await a.next('presence')).toEqual({ t: 'presence', user: String(bob), online: true });
    const second = await shelf.connect(bob);
    second.send({ t: 'follow', c });
    await second.next('ack');
    await b.close();
    await second.close();
    expect(await a.next('presence')).toEqual({ t: 'presence', user: String(bob), online: false });
    await Promise.all([a.settled(), e.settled()]);
    expect(a.frames.filter((frame) => frame.t === 'presence')).toHaveLength(2);
    expect(e.frames.filter((frame) => frame.t === 'presence')).toHaveLength(0);
  });

  test('get signals of what they follow, but not their own', async () => {
    const [c, ann, bob] = [fresh(), fresh(), fresh()];
    const sockets = await Promise.all([ann, bob].map((user) => shelf.connect(user)));
    for (const socket of sockets) socket.send({ t: 'all', on: true });
    await Promise.all(sockets.map((socket) => socket.next('done')));
    const frame = '{"t":"typing"}';
    await shelf.call('signal', { app: 1, c, frame, users: [ann, bob], team: false, except: ann });
    await sockets[1]?.next('typing');
    await sockets[0]?.settled();
    expect(sockets[0]?.frames.some(({ t }) => t === 'typing')).toBe(false);
  });
});

describe('sockets', () => {
  test('are refused without the claims of the worker, whatever a client writes itself', async () => {
    const response = await fetch(`${shelf.url}/raw`, { headers: { 'x-nothing': '1' } });
    expect(response.status).toBe(403);
  });

  test('speak parlance.v1 uncompressed and answer pings', async () => {
    const socket = await shelf.connect(fresh());
    expect([socket.socket.protocol, socket.socket.extensions]).toEqual(['parlance.v1', '']);
    expect(socket.frames[0]).toMatchObject({ t: 'hello', ping: 25 });
    await socket.settled();
  });

  test('of a revoked session, an old token version or a whole person close with 4401', async () => {
    const ann = fresh();
    const open = (session: string, version: number) => shelf.connect(ann, { session, version });
    const [phone, desk, old] = await Promise.all([open('phone', 2), open('desk', 2), open('old', 1)]);
    expect(await shelf.call('revoke', ann, { session: 'phone' })).toBe(1);
    expect((await phone.end()).code).toBe(4401);
    expect(await shelf.call('revoke', ann, { tokenVersion: 2 })).toBe(1);
    expect((await old.end()).code).toBe(4401);
    await desk.settled();
    expect(await shelf.call('revoke', ann)).toBe(1);
    expect((await desk.end()).code).toBe(4401);
    expect(await shelf.call('online', [ann])).toEqual([]);
  });

  test('of what was revoked are not let in again by a worker that has not heard, also after a sleep', async () => {
    const [ann, bob] = [fresh(), fresh()];
    await shelf.call('revoke', ann, { session: 'phone' });
    await shelf.call('revoke', bob, { tokenVersion: 3 });
    expect(await shelf.knock(ann, { session: 'phone' })).toBe(401);
    expect(await shelf.knock(bob, { version: 2 })).toBe(401);
    await shelf.hibernate();
    expect(await shelf.knock(ann, { session: 'phone' })).toBe(401);
    expect(await shelf.knock(bob, { version: 2 })).toBe(401);
    await (await shelf.connect(ann, { session: 'desk' })).settled();
    await (await shelf.connect(bob, { version: 3 })).settled();
  });

  test('of one person are twenty at most: one more closes the oldest, told so, and nobody else', async () => {
    const [ann, bob] = [fresh(), fresh()];
    const other = await shelf.connect(bob);
    const sockets = [];
    for (let i = 0; i < 21; i++) sockets.push(await shelf.connect(ann));
    const [oldest, ...rest] = sockets;
    expect((await oldest?.end())?.code).toBe(4409);
    expect(oldest?.frames.at(-1)).toMatchObject({ t: 'bye', retryAfterMs: expect.any(Number) });
    await Promise.all([other, ...rest].map((socket) => socket.settled()));
  });

  test('whose token has ended close at the next delivery or frame', async () => {
    const [c, ann, bob] = [fresh(), fresh(), fresh()];
    const [a, b] = await Promise.all([shelf.connect(ann), shelf.connect(bob)]);
    a.send({ t: 'all', on: true });
    await a.next('done');
    for (const user of [ann, bob]) await shelf.call('expire', user);
    expect(await deliver(c, 1, 1, [ann])).toBe(0);
    b.send({ t: 'all', on: true });
    for (const socket of [a, b]) {
      expect((await socket.end()).code).toBe(4401);
      expect(socket.frames.at(-1)).toMatchObject({ t: 'bye', retryAfterMs: expect.any(Number) });
      expect(socket.seqs(c)).toEqual([]);
    }
  });

  test('are left alone by drain where their person belongs here, by the number of shelves given', async () => {
    const people = range(1, 8).map(fresh);
    const sockets = await Promise.all(people.map((user) => shelf.connect(user)));
    const away = people.filter((user) => shelfOf(user, 4) !== 0);
    expect(away.length).toBeGreaterThan(0);
    expect(away.length).toBeLessThan(people.length);
    await shelf.call('drain', 1_000, 4);
    for (const [i, socket] of sockets.entries()) {
      if (away.includes(people[i] as number)) expect((await socket.end()).code).toBe(1012);
      else await socket.settled();
    }
  });

  test('are sent away in good order by drain', async () => {
    const other = await startShelf('3:0');
    try {
      const sockets = await Promise.all(range(1, 20).map((user) => other.connect(user)));
      expect(await other.call('drain', 2_000)).toBe(20);
      const ends = await Promise.all(sockets.map((socket) => socket.end()));
      expect(new Set(ends.map(({ code }) => code))).toEqual(new Set([1012]));
      const delays = sockets.map((socket) => socket.frames.at(-1)?.retryAfterMs as number);
      expect(new Set(delays).size).toBeGreaterThan(5);
      expect(Math.max(...delays)).toBeLessThan(2_000);
    } finally {
      await other.stop();
    }
  });
});
