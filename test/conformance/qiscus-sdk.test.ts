// The client SDKs of Qiscus, unmodified, in processes of their own, against the running hub (contracts/qiscus.md 9): with the
// realtime service, and by asking over HTTP alone. All four go on at the same time: they wait more than they work.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import type { AppCredentials } from '../../src/standalone/demo.ts';
import { type Given, type Kind, SdkClient } from '../support/qiscus-sdk/client.ts';
import { startTestHub, type TestHub } from '../support/server.ts';

let hub: TestHub;
let app: AppCredentials;
let folder: string;

beforeAll(async () => {
  hub = await startTestHub();
  app = await hub.createApp();
  folder = mkdtempSync(join(tmpdir(), 'parlance-sdk-'));
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await hub?.stop();
});

interface Person {
  client: SdkClient;
  id: string;
  name: string;
}

interface Said {
  uniqueId: string;
  id: number;
  text: string;
  payload: Given;
}

/** What one says to the other in a room: `before` is what was said there first. */
const COMMENTS: Record<
  string,
  (
    by: Person,
    room: number,
    before: Said | undefined,
  ) => { said: Promise<Said | null>; is: (kind: Kind) => Partial<Said> & { type: string } }
> = {
  text: ({ client }, room) => ({
    said: client.ask('text', room, `Grüße 👋 from room ${room}`),
    is: () => ({ type: 'text', text: `Grüße 👋 from room ${room}`, payload: {} }),
  }),
  reply: ({ client }, room, before) => ({
    said: client.ask('reply', room, 'as you said', before?.id),
    is: () => ({
      type: 'reply',
      text: 'as you said',
      payload: {
        text: 'as you said',
        replied_comment_id: before?.id,
        replied_comment_message: before?.text,
        replied_comment_type: 'text',
        replied_comment_payload: {},
      },
    }),
  }),
  custom: ({ client }, room) => ({
    said: client.ask('custom', room, 'a promotion', 'promo', { percent: 20, tags: ['a', null] }),
    is: (kind) => ({
      type: 'custom',
      text: 'a promotion',
      payload: {
        type: 'promo',
        [kind === 'core' ? 'content' : 'payload']: { percent: 20, tags: ['a', null] },
      },
    }),
  }),
  file_attachment: ({ client }, room) => {
    const path = join(folder, `room-${room}.txt`);
    writeFileSync(path, FILE);
    return {
      said: client.ask('file', room, `File for room ${room}`, path, 'Look'),
      is: () => ({
        type: 'file_attachment',
        text: `File for room ${room}`,
        payload: { caption: 'Look', file_name: `room-${room}.txt`, size: FILE.length },
      }),
    };
  },
};
const FILE = 'a file';

const HOW = [
  { kind: 'core', live: true },
  { kind: 'core', live: false },
  { kind: 'javascript', live: true },
  { kind: 'javascript', live: false },
] as const;

/** Eight processes and the waits of the SDKs themselves: half a minute on a quiet machine, and steps have limits of their own. */
const TIMEOUT_MS = 300_000;

describe.concurrent('two people who have the same SDK', { timeout: TIMEOUT_MS }, () => {
  test.for(HOW)('qiscus-sdk-$kind, realtime: $live', async ({ kind, live }, { expect, onTestFinished }) => {
    async function person(name: string): Promise<Person> {
      const client = await SdkClient.start(kind);
      onTestFinished(() => client.stop());
      const id = `${name}-${kind}-${live ? 'live' : 'asking'}@example.org`;
      await client.ask('signIn', app.app.slug, hub.url, live, [id, `password of ${name}`, name]);
      if (live) await client.eventually('isConnected', (connected) => connected === true);
      return { client, id, name };
    }
    const [ann, bob] = await Promise.all([person('ann'), person('bob')]);
    const heard = async ({ client }: Person, said: Partial<Said>): Promise<Given> => {
      const isIt = (got: Said) => (said.uniqueId ? got.uniqueId === said.uniqueId : got.text === said.text);
      return (await client.next('message', isIt))[0];
    };

    // An expired token is renewed, and what the person wanted is done (the other package cannot).
    if (kind === 'core' && !live) {
      const expired = await ann.client.ask('token');
      await call('expire_user_token', expired);
      expect(await ann.client.ask('rooms')).toEqual([]);
      await ann.client.next('renewed');
      expect(await ann.client.ask('token')).not.toBe(expired);
    }

    const oldest = await ann.client.ask('direct', bob.id);
    expect(oldest).toEqual({ id: oldest.id, name: 'bob', type: 'single', people: 2 });
    const newest = await ann.client.ask('group', 'Picnic', [bob.id]);
    expect(newest).toEqual({ id: newest.id, name: 'Picnic', type: 'group', people: 2 });
    const rooms = await bob.client.ask('rooms');
    expect(rooms.sort((a: Given, b: Given) => a.id - b.id)).toEqual([
      { id: oldest.id, name: 'ann', type: 'single' },
      { id: newest.id, name: 'Picnic', type: 'group' },
    ]);

    // The newest room speaks first, then the oldest: there is one cursor for both.
    const spoken: Said[] = [];
    for (const { id: room } of [newest, oldest]) {
      expect(await ann.client.ask('enter', room)).toEqual([]);
      expect(await bob.client.ask('enter', room)).toEqual([]);
      const all: Said[] = [];
      for (const [what, say] of Object.entries(COMMENTS)) {
        const [by, to] = what === 'reply' ? [bob, ann] : [ann, bob];
        const { said, is } = say(by, room, all[0]);
        const sent = await said;
        const got = await heard(to, sent ?? is(kind));
        expect(got).toMatchObject({ ...is(kind), ...(sent && { id: sent.id }), room, by: by.id });
        if (what === 'reply') expect(got.payload.replied_comment_sender_email).toBe(ann.id);
        if (what === 'file_attachment') expect(await (await fetch(got.payload.url)).text()).toBe(FILE);
        all.push(got);
      }
      const held = await bob.client.ask('enter', room);
      const types = all.map(({ uniqueId }, i) => [uniqueId, Object.keys(COMMENTS)[i]]);
      // The other package leaves out the oldest of what it is given.
      expect(held.map(({ uniqueId, type }: Given) => [uniqueId, type])).toEqual(
        types.slice(kind === 'core' ? 0 : 1),
      );
      spoken.push(all.at(-1) as Said);
      const files = await bob.client.ask('files', room, ann.id);
      expect(files.map(({ uniqueId }: Given) => uniqueId)).toEqual([all.at(-1)?.uniqueId]);
    }

    // Typing is told by the realtime service alone: the SDKs know no call for it.
    if (live) {
      for (const { client } of [ann, bob]) await client.eventually('isListening', Boolean, oldest.id);
      await bob.client.ask('typing', oldest.id);
      const [typing] = await ann.client.next('typing');
      expect(typing).toEqual({ room: oldest.id, by: bob.id, on: true });
    }
    const last: Said = await ann.client.ask('text', oldest.id, 'read me');
    await heard(bob, last);
    await bob.client.ask('read', oldest.id, last.id);
    await ann.client.next('read', ({ uniqueId }) => uniqueId === last.uniqueId);
    await ann.client.ask('remove', oldest.id, last.uniqueId);
    await bob.client.next('deleted', ({ uniqueId }) => uniqueId === last.uniqueId);
    await bob.client.ask('read', newest.id, spoken[0]?.id);
    await bob.client.eventually('unread', (count) => count === 0);

    // Away for a while, as a telephone in a tunnel; what was said meanwhile comes once they are back.
    if (live) await bob.client.ask('hangUp');
    bob.client.freeze();
    const missed: Said[] = [];
    for (const { id } of [newest, oldest])
      missed.push(await ann.client.ask('text', id, `marmalade in ${id}`));
    bob.client.thaw();
    if (live) await bob.client.ask('catchUp');
    for (const said of missed) expect(await heard(bob, said)).toMatchObject({ id: said.id, text: said.text });

    const found = await bob.client.ask('search', 'marmalade');
    expect(found.map(({ uniqueId }: Given) => uniqueId).sort()).toEqual(
      missed.map(({ uniqueId }) => uniqueId).sort(),
    );

    const token = await ann.client.ask('token');
    await ann.client.ask('signOut');
    if (kind === 'core') expect((await call('my_profile', token, 'GET')).status).toBe(401);
    else expect(await ann.client.ask('token')).toBeNull();
    const failures = [ann, bob].flatMap(({ client }) =>
      client.events.filter(({ event }) => event === 'failed'),
    );
    expect(failures).toEqual([]);
  });
});

const call = (name: string, token: string, method = 'POST'): Promise<Response> =>
  fetch(`${hub.url}/api/v2/sdk/${name}`, { method, headers: { 'qiscus-sdk-token': token } });
