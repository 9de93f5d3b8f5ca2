// The edges of the realtime protocol (docs/realtime.md): who gets a socket, what ends one, frames that are wrong, limits.
import { readdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { shelfOf } from '../../src/domain/delivery.ts';
import type { MadeUser } from '../support/operator.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { type World, worldOf } from './realtime-world.ts';

let hub: TestHub;
let world: World;
let ann: MadeUser;
let ben: MadeUser;

beforeAll(async () => {
  hub = await startTestHub();
  world = await worldOf(hub);
  [ann, ben] = await Promise.all([world.person('ann'), world.person('ben')]);
});
afterAll(async () => {
  await world?.hangUp();
  await hub?.stop();
});

describe('an upgrade', () => {
  test('is greeted, in the protocol that was offered and without compression', async () => {
    const socket = await world.connect(ann);
    expect(socket.socket.protocol).toBe('parlance.v1');
    expect(socket.socket.extensions).toBe('');
    expect(socket.frames[0]).toEqual({ t: 'hello', user: { id: String(ann.number), name: 'Ann' }, ping: 25 });
  });

  test('is refused with 401 without a token, with a wrong one and with one for another purpose', async () => {
    const good = await world.token(ann);
    const [head, body] = good.split('.');
    for (const protocols of [
      ['parlance.v1'],
      ['parlance.v1', 'token.'],
      ['parlance.v1', 'token.nonsense'],
      ['parlance.v1', `token.${head}.${body}.AAAA`],
    ]) {
      expect(await world.open('/realtime', protocols).refusal()).toBe(401);
    }
  });

  test('is refused with 400 when it is none, or does not offer our protocol', async () => {
    const answer = await fetch(`${hub.url}/realtime`);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({ error: { code: 'invalid', message: expect.any(String) } });
    expect(await world.open('/realtime', [`token.${await world.token(ann)}`]).refusal()).toBe(400);
  });

  test('is refused with 403 to pages of foreign origins, unless the app lists them', async () => {
    const protocols = ['parlance.v1', `token.${await world.token(ann)}`];
    const from = (origin: string) => world.open('/realtime', protocols, { origin });
    expect(await from('https://evil.example').refusal()).toBe(403);
    expect(await from('null').refusal()).toBe(403);
    await from(hub.url).next('hello');
    const changed = await world.operate('PATCH', '', { origins: ['https://shop.example'] });
    expect(changed.status).toBe(200);
    await from('https://shop.example').next('hello');
    expect(await from('https://evil.example').refusal()).toBe(403);
  });

  test('elsewhere under /realtime is 404', async () => {
    for (const path of ['/realtime/x', '/realtime/c/', '/realtime/c/x', '/realtime/c/07']) {
      expect((await fetch(`${hub.url}${path}`)).status).toBe(404);
    }
  });
});

describe('a socket ends', () => {
  test('within 5 s of the revocation of its token, with 4401', async () => {
    const dan = await world.person('dan');
    const token = await world.token(dan);
    const sockets = [await world.connect(dan, token), await world.connect(dan)];
    const at = Date.now();
    expect((await world.operate('DELETE', `/users/${dan.username}/tokens`)).status).toBe(200);
    for (const socket of sockets) expect((await socket.end()).code).toBe(4401);
    expect(Date.now() - at).toBeLessThan(5_000);
    expect(await world.open('/realtime', ['parlance.v1', `token.${token}`]).refusal()).toBe(401);
    await world.connect(dan);
  });

  test('with its token', async () => {
    const dan = await world.person('dan');
    const made = await world.operate('POST', `/users/${dan.username}/token`, { seconds: 4 });
    const { token, expiresAt } = (await made.json()) as { token: string; expiresAt: string };
    const socket = await world.connect(dan, token);
    await new Promise((resolve) => setTimeout(resolve, Date.parse(expiresAt) - Date.now() + 100));
    socket.send({ t: 'subscribe' });
    expect((await socket.end()).code).toBe(4401);
    expect(socket.frames.at(-1)).toEqual({ t: 'bye', retryAfterMs: expect.any(Number) });
  });

  test('promptly when the client closes it: nothing of it is kept', async () => {
    const at = Date.now();
    for (let i = 0; i < 20; i++) await (await world.connect(ann)).close();
    // A server that does not end its side makes each of these wait for a timeout of 30 s.
    expect(Date.now() - at).toBeLessThan(25_000);
  });
});

describe('a frame that is wrong', () => {
  test('is answered with what is wrong, under its ref, and the socket goes on', async () => {
    const socket = await world.connect(ann);
    expect(await socket.ask({ t: 'send', text: 'to whom?' })).toMatchObject({
      t: 'error',
      code: 'invalid',
      fields: [{ path: 'c', message: expect.any(String) }],
    });
    expect(await socket.ask({ t: 'dance' })).toMatchObject({
      t: 'error',
      code: 'invalid',
      fields: [{ path: 't' }],
    });
    for (const text of ['', '{"t":', '[]', 'null', '7']) {
      socket.send(text);
      expect(await socket.next('error', (frame) => !frame.ref)).toMatchObject({ code: 'invalid' });
    }
    socket.send(new Uint8Array([1, 2, 3]));
    expect(await socket.next('error', (frame) => !frame.ref)).toMatchObject({ code: 'invalid' });
    expect(await socket.ask({ t: 'subscribe' })).toMatchObject({ t: 'ack' });
  });

  test('again and again ends the socket with 1008', async () => {
    const socket = await world.connect(ann);
    for (let i = 0; i < 150; i++) socket.send('{');
    expect((await socket.end()).code).toBe(1008);
  });

  test('in being larger than 64 KiB ends the socket with 1009; one of 64 KiB does not', async () => {
    const c = await world.group(ann, ben);
    const socket = await world.connect(ann);
    const whole = (length: number) => {
      const frame = JSON.stringify({ t: 'send', ref: 'big', c, text: '' });
      return frame.replace('"text":""', `"text":"${'x'.repeat(length - frame.length)}"`);
    };
    socket.send(whole(64 * 1024));
    await socket.next('ack', (frame) => frame.ref === 'big');
    socket.send(whole(64 * 1024 + 1));
    expect(await socket.next('error')).toMatchObject({ code: 'too_large' });
    expect((await socket.end()).code).toBe(1009);
  });

  test('about a conversation of others, of another app or of nobody gets one and the same answer', async () => {
    const other = await worldOf(hub);
    const stranger = await other.person('eve');
    const theirs = await other.group(stranger, await other.person('fay'));
    const foreign = await world.group(ben, await world.person('dan'));
    const socket = await world.connect(ann);
    await socket.ask({ t: 'subscribe' });
    const answers: unknown[] = [];
    for (const c of [foreign, theirs, '999999999']) {
      for (const frame of [
        { t: 'subscribe' },
        { t: 'subscribe', since: 0 },
        { t: 'send', text: 'knock' },
        { t: 'read', seq: 1 },
        { t: 'typing', on: true },
        { t: 'edit', id: String(Number(c) * 2 ** 21 + 1), text: 'x' },
        { t: 'delete', id: String(Number(c) * 2 ** 21 + 1) },
      ]) {
        const { ref: _, c: named, ...answer } = await socket.ask({ ...frame, c });
        expect(named).toBe(c);
        answers.push(answer);
      }
    }
    const said = { t: 'error', code: 'not_found', subject: 'conversation', message: expect.any(String) };
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toEqual(said);
    await world.post(foreign, ben, 'private');
    await socket.settled();
    expect(socket.events(foreign)).toEqual([]);
  });
});

describe('another number of Inboxes', () => {
  test('sends the sockets away that are elsewhere now, and what they come back to gets every post', async () => {
    const there = await worldOf(hub);
    const people = await Promise.all(['xia', 'yan', 'zoe', 'uma'].map((name) => there.person(name)));
    const c = await there.group(...people);
    const before = await Promise.all(people.map((person) => there.connect(person)));
    expect((await there.operate('PATCH', '', { settings: { inboxShards: 4 } })).status).toBe(200);
    const moved = before.filter((_, i) => shelfOf(people[i]?.number as number, 4) !== 0);
    expect(moved.length).toBeGreaterThan(0);
    for (const socket of moved) {
      expect((await socket.end()).code).toBe(1012);
      expect(socket.frames.at(-1)).toMatchObject({ t: 'bye', retryAfterMs: expect.any(Number) });
    }
    const after = await Promise.all(people.map((person) => there.connect(person)));
    await Promise.all(after.map((socket) => socket.ask({ t: 'subscribe', c })));
    await there.post(c, people[0] as MadeUser, 'to everybody');
    await Promise.all(after.map((socket) => socket.next('events')));
    await there.hangUp();
  });
});

describe('limits', () => {
  test('conversation numbers that were never given leave no trace on disk, however many are tried', async () => {
    const server = await startTestHub();
    try {
      const there = await worldOf(server);
      const [x, y] = [await there.person('xia'), await there.person('yan')];
      const c = await there.group(x, y);
      const socket = await there.connect(x);
      await socket.ask({ t: 'subscribe', c });
      // Databases: their journals come and go.
      const files = () =>
        readdirSync(server.dataDir, { recursive: true }).filter((name) => String(name).endsWith('.sqlite'))
          .length;
      const before = files();
      const answers = await Promise.all(
        Array.from({ length: 300 }, (_, i) => socket.ask({ t: 'subscribe', c: String(1_000_000 + i) })),
      );
      expect(new Set(answers.map((answer) => answer.code))).toEqual(new Set(['not_found']));
      const protocols = ['parlance.v1', `token.${await there.token(x)}`];
      expect(await there.open('/realtime/c/2000000', protocols).refusal()).toBe(404);
      expect(files()).toBe(before);
      await there.hangUp();
    } finally {
      await server.stop();
    }
  });

  test('a socket that sends too much is told when to go on, and loses nothing that was granted', async () => {
    const limited = await startTestHub({ env: { LIMITS: 'on' } });
    try {
      const there = await worldOf(limited);
      const [x, y] = [await there.person('xia'), await there.person('yan')];
      const c = await there.group(x, y);
      const socket = await there.connect(x);
      await socket.ask({ t: 'subscribe', c });
      const answers = await Promise.all(
        Array.from({ length: 600 }, (_, i) => socket.ask({ t: 'send', c, text: `${i}` })),
      );
      const refused = answers.filter((answer) => answer.t === 'error');
      expect(refused.length).toBeGreaterThan(0);
      for (const answer of refused) {
        expect(answer).toMatchObject({ code: 'rate_limited', retryAfterMs: expect.any(Number) });
      }
      const granted = answers.filter((answer) => answer.t === 'ack');
      await socket.event(c, Math.max(...granted.map((answer) => answer.seq as number)));
      expect(socket.events(c)).toHaveLength(granted.length);
      await there.hangUp();
    } finally {
      await limited.stop();
    }
  });
});
