// The realtime protocol (docs/realtime.md) as a stranger's client meets it: a plain `ws` socket against a running hub.
// Upgrades, bad frames and limits are realtime-edges.test.ts.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MadeUser } from '../support/operator.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { type World, worldOf } from './realtime-world.ts';

const MISSED = 100;
const REPLAYED = 500;
const MISSED_AT_MOST = 400;

let hub: TestHub;
let world: World;
let ann: MadeUser;
let ben: MadeUser;
let cat: MadeUser;

beforeAll(async () => {
  hub = await startTestHub();
  world = await worldOf(hub);
  [ann, ben, cat] = await Promise.all([world.person('ann'), world.person('ben'), world.person('cat')]);
});
afterAll(async () => {
  await world?.hangUp();
  await hub?.stop();
});

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

describe('messages', () => {
  test('arrive as documented, at everybody, the author included', async () => {
    const c = await world.group(ann, ben);
    const [a, b] = [await world.connect(ann), await world.connect(ben)];
    for (const socket of [a, b]) await socket.ask({ t: 'subscribe', c });
    const ack = await a.ask({ t: 'send', c, clientId: 'u-1', text: 'hi *you*', markup: 'markdown' });
    expect(ack).toEqual({ t: 'ack', ref: ack.ref, c, seq: expect.any(Number), id: expect.any(String) });
    for (const socket of [a, b]) {
      const event = await socket.event(c, ack.seq);
      expect(event).toEqual({
        seq: ack.seq,
        kind: 'message',
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        id: ack.id,
        author: { id: String(ann.number), name: 'Ann', avatar: null },
        door: 'realtime',
        type: 'text',
        text: 'hi *you*',
        markup: 'markdown',
        clientId: 'u-1',
      });
      const frame = socket.frames.find((each) => each.t === 'events' && each.events.includes(event));
      expect(frame).toEqual({
        t: 'events',
        c,
        epoch: expect.stringMatching(/.+/),
        events: expect.any(Array),
      });
    }
  });

  test('of three people at once have one order, the same for everybody', async () => {
    const c = await world.group(ann, ben, cat);
    const sockets = [await world.connect(ann), await world.connect(ben), await world.connect(cat)];
    const starts = await Promise.all(sockets.map((socket) => socket.ask({ t: 'subscribe', c })));
    const first = (starts[0]?.seq as number) + 1;
    const acks = await Promise.all(
      sockets.flatMap((socket, i) =>
        range(1, 30).map((n) => socket.ask({ t: 'send', c, text: `${i}.${n}` })),
      ),
    );
    const last = Math.max(...acks.map((ack) => ack.seq as number));
    for (const socket of sockets) {
      await socket.event(c, last);
      expect(socket.seqs(c)).toEqual(range(first, first + 89));
    }
    const texts = sockets.map((socket) => socket.events(c).map((event) => event.text));
    expect(texts[1]).toEqual(texts[0]);
    expect(texts[2]).toEqual(texts[0]);
    // What one person wrote stands in the order of writing.
    for (const i of [0, 1, 2]) {
      expect(texts[0]?.filter((text) => text.startsWith(`${i}.`))).toEqual(
        range(1, 30).map((n) => `${i}.${n}`),
      );
    }
  });

  test('with one client id are one message, for ever; another text under it conflicts', async () => {
    const c = await world.group(ann, ben);
    const a = await world.connect(ann);
    await a.ask({ t: 'subscribe', c });
    const send = { t: 'send', c, clientId: 'once', text: 'only once' };
    const [first, again] = [await a.ask(send), await a.ask(send)];
    expect([again.seq, again.id]).toEqual([first.seq, first.id]);
    expect(await a.ask({ ...send, text: 'different' })).toMatchObject({ t: 'error', code: 'conflict', c });
    const next = await a.ask({ t: 'send', c, text: 'next' });
    await a.event(c, next.seq);
    expect(a.events(c).map((event) => event.text)).toEqual(['only once', 'next']);
  });

  test('are edited and deleted by their author alone; everybody hears of it', async () => {
    const c = await world.group(ann, ben);
    const [a, b] = [await world.connect(ann), await world.connect(ben)];
    for (const socket of [a, b]) await socket.ask({ t: 'subscribe', c });
    const { id, seq } = await a.ask({ t: 'send', c, text: 'helo' });
    expect(await b.ask({ t: 'edit', c, id, text: 'mine' })).toMatchObject({ t: 'error', code: 'forbidden' });
    expect(await b.ask({ t: 'delete', c, id })).toMatchObject({ t: 'error', code: 'forbidden' });
    const edited = await a.ask({ t: 'edit', c, id, text: 'hello', markup: 'plain' });
    expect(await b.event(c, edited.seq)).toMatchObject({
      kind: 'edit',
      target: seq,
      text: 'hello',
      markup: 'plain',
    });
    expect(await a.ask({ t: 'delete', c, id })).toMatchObject({ t: 'ack', c, id });
    expect(await b.event(c, edited.seq + 1)).toMatchObject({ kind: 'delete', target: seq });
  });

  test('posted through another door arrive like any other', async () => {
    const c = await world.group(ann, ben);
    const a = await world.connect(ann);
    await a.ask({ t: 'subscribe', c });
    await world.post(c, ben, 'from REST');
    const { seq } = await a.ask({ t: 'send', c, text: 'after it' });
    await a.event(c, seq);
    expect(a.events(c)).toMatchObject([{ door: 'sunshine', text: 'from REST' }, { door: 'realtime' }]);
  });
});

describe('resuming', () => {
  test('after a cut of 100 messages gives each of them once, in order, and goes on live', async () => {
    const c = await world.group(ann, ben, cat);
    const before = await world.connect(ann);
    const { epoch } = await before.ask({ t: 'subscribe', c });
    const writer = await world.connect(ben);
    const { seq } = await writer.ask({ t: 'send', c, text: 'seen' });
    await before.event(c, seq);
    before.socket.terminate();
    for (const i of range(1, MISSED / 2)) {
      await Promise.all([writer.ask({ t: 'send', c, text: `ws ${i}` }), world.post(c, cat, `rest ${i}`)]);
    }
    // Messages go on while the client comes back.
    const going = Promise.all(range(1, 20).map((i) => writer.ask({ t: 'send', c, text: `meanwhile ${i}` })));
    const after = await world.connect(ann);
    await after.ask({ t: 'subscribe', c, since: seq, epoch });
    await going;
    const last = await writer.ask({ t: 'send', c, text: 'last' });
    await after.event(c, last.seq);
    expect(last.seq).toBe(seq + MISSED + 21);
    expect(after.seqs(c)).toEqual(range(seq + 1, last.seq));
    expect(new Set(after.events(c).map((event) => event.id)).size).toBe(MISSED + 21);
  });

  test('works while everything is posted as fast as it can be, cut after cut', async () => {
    const c = await world.group(ann, ben);
    const writer = await world.connect(ben);
    let [seq, epoch] = [0, undefined as string | undefined];
    const seen: number[] = [];
    let writing = true;
    // Who comes back slowly must not find more than is replayed: a resync is another promise.
    let most = MISSED_AT_MOST;
    const wrote = (async () => {
      let last = 0;
      for (let i = 0; writing; i++) {
        last = (await writer.ask({ t: 'send', c, text: `${i}` })).seq;
        while (writing && last >= most) await writer.settled();
      }
      return last;
    })();
    try {
      for (let cut = 0; cut < 6; cut++) {
        const reader = await world.connect(ann);
        const ack = await reader.ask({ t: 'subscribe', c, since: seq, epoch });
        most = Number.POSITIVE_INFINITY;
        await reader.event(c, ack.seq + 10);
        reader.socket.terminate();
        seen.push(...reader.seqs(c));
        seq = seen.at(-1) as number;
        most = seq + MISSED_AT_MOST;
        epoch = ack.epoch;
      }
    } finally {
      writing = false;
    }
    const last = await wrote;
    const reader = await world.connect(ann);
    await reader.ask({ t: 'subscribe', c, since: seq, epoch });
    seen.push(...reader.seqs(c));
    expect(seen).toEqual(range(1, last));
  });

  test('from too far back, from the future or from another epoch is a resync, live from there', async () => {
    const c = await world.group(ann, ben);
    const a = await world.connect(ann);
    const b = await world.connect(ben);
    for (const n of range(1, REPLAYED + 5)) b.send({ t: 'send', c, text: `${n}` });
    let last: number = (await b.ask({ t: 'send', c, text: 'last' })).seq;
    const ack = await a.ask({ t: 'subscribe', c, since: last - REPLAYED });
    expect(a.seqs(c)).toEqual(range(last - REPLAYED + 1, last));
    expect(ack).toMatchObject({ epoch: expect.any(String), seq: last });
    const positions = [
      () => ({ since: last - REPLAYED - 1 }),
      () => ({ since: last + 1 }),
      () => ({ since: last, epoch: 'another' }),
    ];
    for (const position of positions) {
      const other = await world.connect(ann);
      expect(await other.ask({ t: 'subscribe', c, ...position() })).toMatchObject({ t: 'ack', seq: last });
      expect(await other.next('resync')).toEqual({ t: 'resync', c, epoch: ack.epoch, seq: last });
      last = (await b.ask({ t: 'send', c, text: 'more' })).seq;
      await other.event(c, last);
      expect(other.seqs(c)).toEqual([last]);
    }
  });
});

test('a client whose server was killed resumes with everything that was acknowledged', async () => {
  const server = await startTestHub();
  try {
    const there = await worldOf(server);
    const [x, y] = [await there.person('xia'), await there.person('yan')];
    const c = await there.group(x, y);
    const [reader, writer] = [await there.connect(x), await there.connect(y)];
    const { epoch } = await reader.ask({ t: 'subscribe', c });
    const acked: number[] = [];
    const writing = Promise.allSettled(
      range(1, 200).map(async (n) => acked.push((await writer.ask({ t: 'send', c, text: `${n}` })).seq)),
    );
    await reader.event(c, 50);
    await server.kill9();
    await writing;
    const seen = reader.seqs(c);
    const again = await there.connect(x);
    await again.ask({ t: 'subscribe', c, since: seen.at(-1), epoch });
    const all = [...seen, ...again.seqs(c)];
    expect(all).toEqual(range(seen[0] as number, all.at(-1) as number));
    // Whatever anybody saw, or was told that it is written, is there.
    expect(all.at(-1)).toBeGreaterThanOrEqual(Math.max(...acked));
    await there.hangUp();
  } finally {
    await server.stop();
  }
});

describe('following', () => {
  test('everything shows conversations that begin later', async () => {
    const [dan, eve] = [await world.person('dan'), await world.person('eve')];
    const d = await world.connect(dan);
    await d.ask({ t: 'subscribe' });
    const c = await world.group(dan, eve);
    await world.post(c, eve, 'hello');
    const frame = await d.next('events', (each) => each.c === c && each.events.at(-1).text === 'hello');
    expect(frame.events.at(-1)).toMatchObject({ kind: 'message', text: 'hello' });
    await d.ask({ t: 'unsubscribe' });
    await world.post(c, eve, 'unheard');
    await d.settled();
    expect(d.events(c).map((event) => event.text)).not.toContain('unheard');
  });

  test('nothing is what a socket does that has not subscribed', async () => {
    const c = await world.group(ann, ben);
    const a = await world.connect(ann);
    const b = await world.connect(ben);
    await b.ask({ t: 'subscribe', c });
    const { seq } = await b.ask({ t: 'send', c, text: 'quiet' });
    await b.event(c, seq);
    await a.settled();
    expect(a.seqs(c)).toEqual([]);
  });

  test('ends with unsubscribe, and with the membership', async () => {
    const c = await world.group(ann, ben, cat);
    const [a, b] = [await world.connect(ann), await world.connect(ben)];
    for (const socket of [a, b]) await socket.ask({ t: 'subscribe', c });
    await a.ask({ t: 'unsubscribe', c });
    await world.post(c, cat, 'one');
    await world.remove(c, ben);
    await b.next('events', (frame) => frame.events.at(-1).kind === 'leave');
    await world.post(c, cat, 'two');
    await Promise.all([a.settled(), b.settled()]);
    expect(a.events(c)).toEqual([]);
    expect(b.events(c).map((event) => event.kind)).toEqual(['message', 'leave']);
    expect(await b.ask({ t: 'subscribe', c })).toMatchObject({ t: 'error', code: 'not_found', c });
    expect(await b.ask({ t: 'send', c, text: 'still here' })).toMatchObject({
      t: 'error',
      code: 'not_found',
    });
  });

  test('a support conversation is open to the team without membership, and to nobody else', async () => {
    const agent = await world.person('gil', 'agent');
    const c = await world.support(ann);
    const [a, g, b] = [await world.connect(ann), await world.connect(agent), await world.connect(ben)];
    await a.ask({ t: 'subscribe', c });
    expect(await g.ask({ t: 'subscribe', c })).toMatchObject({ t: 'ack', c });
    expect(await b.ask({ t: 'subscribe', c })).toMatchObject({ t: 'error', code: 'not_found' });
    const { seq } = await a.ask({ t: 'send', c, text: 'help' });
    expect(await g.event(c, seq)).toMatchObject({ text: 'help' });
    const answer = await g.ask({ t: 'send', c, text: 'here I am' });
    expect(await a.event(c, answer.seq)).toMatchObject({ author: { name: 'Gil' } });
    const closed = await world.group(ann, ben);
    expect(await g.ask({ t: 'subscribe', c: closed })).toMatchObject({ t: 'error', code: 'not_found' });
  });

  test('one conversation on a socket of its own replays and goes on live', async () => {
    const c = await world.group(ann, ben);
    const b = await world.connect(ben);
    for (const n of range(1, 5)) await b.ask({ t: 'send', c, text: `${n}` });
    const room = world.open(`/realtime/c/${c}?since=2`, ['parlance.v1', `token.${await world.token(ann)}`]);
    await room.event(c, 5);
    const { seq } = await b.ask({ t: 'send', c, text: 'live' });
    await room.event(c, seq);
    expect(room.seqs(c)).toEqual(range(3, seq));
    const stranger = world.open(`/realtime/c/${c}`, ['parlance.v1', `token.${await world.token(cat)}`]);
    expect(await stranger.refusal()).toBe(404);
  });
});

describe('signals', () => {
  test('read marks and typing reach the others', async () => {
    const c = await world.group(ann, ben);
    const [a, b] = [await world.connect(ann), await world.connect(ben)];
    for (const socket of [a, b]) await socket.ask({ t: 'subscribe', c });
    const { seq } = await a.ask({ t: 'send', c, text: 'read me' });
    b.send({ t: 'typing', c, on: true });
    expect(await a.next('typing')).toEqual({ t: 'typing', c, user: String(ben.number), on: true });
    expect(await b.ask({ t: 'read', c, seq })).toMatchObject({ t: 'ack', c });
    expect(await a.next('read')).toEqual({ t: 'read', c, user: String(ben.number), seq });
    await b.settled();
    expect(b.frames.filter((frame) => frame.t === 'typing')).toEqual([]);
  });

  test('people who share a subscription see each other come and go', async () => {
    const [dan, eve] = [await world.person('dan'), await world.person('eve')];
    const c = await world.group(dan, eve);
    const d = await world.connect(dan);
    await d.ask({ t: 'subscribe', c });
    const e = await world.connect(eve);
    await e.ask({ t: 'subscribe', c });
    const of = (user: MadeUser, online: boolean) => ({ t: 'presence', user: String(user.number), online });
    expect(await e.next('presence')).toEqual(of(dan, true));
    expect(await d.next('presence')).toEqual(of(eve, true));
    await e.close();
    expect(await d.next('presence')).toEqual(of(eve, false));
  });
});

test('the client of docs/realtime.md follows a conversation over a cut', async () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/realtime.md'), 'utf8');
  const code = /```js\n(.*?)```/s.exec(page)?.[1] as string;
  const { follow } = (await import(
    /* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`
  )) as {
    follow(...args: unknown[]): () => void;
  };
  const [dan, eve] = [await world.person('dan'), await world.person('eve')];
  const c = await world.group(dan, eve);
  const seen: number[] = [];
  const url = `${hub.url.replace('http', 'ws')}/realtime`;
  const getToken = () => world.token(dan);
  const stop = follow(url, getToken, c, (event: { seq: number }) => seen.push(event.seq));
  try {
    await world.post(c, eve, 'one');
    await expect.poll(() => seen.length, { timeout: 30_000 }).toBeGreaterThan(0);
    // Ends every socket of the person, as an expired token would.
    await world.operate('DELETE', `/users/${dan.username}/tokens`);
    for (const n of range(1, 10)) await world.post(c, eve, `${n}`);
    await expect.poll(() => seen.length, { timeout: 30_000 }).toBeGreaterThan(10);
    expect(seen).toEqual(range(1, seen.length));
  } finally {
    stop();
  }
});
