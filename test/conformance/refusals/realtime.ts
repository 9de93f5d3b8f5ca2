// What the realtime door must refuse: upgrades, and every kind of frame of the table, spoiled one field at a time.
// The forms are docs/realtime.md.
import { expect } from 'vitest';
import { RealtimeSocket } from '../../support/realtime.ts';
import { NOWHERE } from '../../support/two-apps.ts';
import type { Answer, Json } from '../calls/answer.ts';
import { FRAME_KINDS, frameOf, tokenFor, upgrade } from '../calls/realtime.ts';
import type { About } from '../calls/sunshine.ts';
import { framePlaces } from '../isolation/realtime.ts';
import { type Attempt, type Scene, wrongTypes } from './attempt.ts';

const CAP_BYTES = 64 * 1024;

type By = 'ann' | 'ben' | 'cat';

const answer = (body: Json): Answer => ({ status: 0, headers: {}, body });

/** An error frame, whole. `more`: what its code says beyond the message. */
const error = (code: string, more: Json = {}) =>
  answer({ t: 'error', ref: expect.any(String), code, message: expect.stringMatching(/\S/), ...more });

const wrongFields = expect.toSatisfy(
  (fields: Json[]) =>
    fields.length > 0 && fields.every(({ path, message }) => typeof path === 'string' && /\S/.test(message)),
);
const invalid = error('invalid', { fields: wrongFields });
/** What cannot be read far enough to find its `ref`. */
const unreadable = (more: Json = {}) =>
  answer({ t: 'error', code: 'invalid', message: expect.stringMatching(/\S/), ...more });

/** A socket that has just said something that can be read: who never does is sent away. */
async function patient(scene: Scene, by: By): Promise<RealtimeSocket> {
  const socket = scene.socketOf(scene.here[by]);
  await socket.ask({ t: 'unsubscribe' });
  return socket;
}

const asked = (name: string, by: By, refusal: Json, frame: (scene: Scene) => Json): Attempt => ({
  name,
  refusal,
  make: async (scene) => answer(await (await patient(scene, by)).ask(frame(scene))),
});

const raw = (name: string, refusal: Json, frame: string | Uint8Array): Attempt => ({
  name,
  refusal,
  make: async (scene) => {
    const socket = await patient(scene, 'ann');
    socket.send(frame);
    return answer(await socket.next('error', ({ ref }) => ref === undefined));
  },
});

/** Stands where the names of attempts are made, before there is a hub. */
const SOMEWHERE = { talk: { number: 1, id: '', message: { number: 1, id: '' } } } as About;

/** Fields that hold whatever JSON a client likes. */
const FREE = /^(payload|metadata)\./;

function framesOf(t: string): Attempt[] {
  const types = wrongTypes(frameOf(t, SOMEWHERE))
    .map(([what], index) => [what, index] as const)
    .filter(([what]) => !FREE.test(what))
    .map(([what, index]) =>
      asked(`${t}: ${what}`, 'ann', invalid, ({ about }) => wrongTypes(frameOf(t, about))[index]?.[1]),
    );
  const refs = [7, { a: 1 }, 'x'.repeat(129)].map((ref) =>
    raw(
      `${t}: ref ${JSON.stringify(ref).slice(0, 12)}`,
      unreadable({ fields: wrongFields }),
      JSON.stringify({ ...frameOf(t, SOMEWHERE), ref }),
    ),
  );
  return [...types, ...refs];
}

/** An unsubscription of what one is not subscribed to is done already. */
const ALWAYS_DONE = new Set(['unsubscribe']);

function unknownNames(): Attempt[] {
  return framePlaces()
    .filter(({ t }) => !ALWAYS_DONE.has(t))
    .flatMap(({ t, at, kind }) => {
      if (kind === 'file') {
        const missing = error('not_found', { c: expect.any(String), subject: 'file' });
        return [
          asked(`${t}: ${at} of nothing`, 'ann', missing, ({ about }) => ({
            ...frameOf(t, about),
            clientId: 'with a file',
            [at]: ['900000003'],
          })),
        ];
      }
      if (kind === 'message') {
        const missing = error('not_found', { c: expect.any(String), subject: 'message' });
        const id = (number: number) => String(number);
        return [
          asked(`${t}: ${at} of nothing`, 'ann', missing, ({ about }) => ({
            ...frameOf(t, about),
            [at]: id(NOWHERE.conversation * 2 ** 21 + 2),
          })),
          asked(`${t}: ${at} to come`, 'ann', missing, ({ about }) => ({
            ...frameOf(t, about),
            [at]: id(about.talk.number * 2 ** 21 + 1_000),
          })),
        ];
      }
      const missing = error('not_found', { c: expect.any(String), subject: 'conversation' });
      return [
        asked(`${t}: ${at} of nothing`, 'ann', missing, ({ about }) => ({
          ...frameOf(t, about),
          [at]: String(NOWHERE.conversation),
        })),
        asked(`${t}: ${at} of a conversation that the caller is not in`, 'cat', missing, ({ about }) =>
          frameOf(t, about),
        ),
      ];
    });
}

export const frameAttempts: readonly Attempt[] = [
  ...FRAME_KINDS.flatMap(({ t }) => framesOf(t)),
  ...unknownNames(),
];

const without = (frame: Json, ...names: string[]): Json =>
  Object.fromEntries(Object.entries(frame).filter(([name]) => !names.includes(name)));
const about = (frame: Json, more: Json): Json => ({ ...frame, ...more });
const inTalk = { c: expect.any(String) };

export const frameRefusals: readonly Attempt[] = [
  raw('no JSON', unreadable(), '{"t":'),
  raw('nothing', unreadable(), ''),
  raw('a list', unreadable(), '[{"t":"subscribe"}]'),
  raw('null', unreadable(), 'null'),
  raw('a number', unreadable(), '7'),
  raw('bytes', unreadable(), new Uint8Array([1, 2, 3])),
  raw('no kind', unreadable({ fields: wrongFields }), '{}'),
  asked('an unknown kind', 'ann', invalid, () => ({ t: 'shout', c: '1' })),
  asked('a kind of objects', 'ann', invalid, () => ({ t: 'constructor' })),
  asked('send: no conversation', 'ann', invalid, ({ about }) => without(frameOf('send', about), 'c')),
  asked('send: nothing said', 'ann', invalid, ({ about }) =>
    without(frameOf('send', about), 'text', 'payload', 'attachments', 'files'),
  ),
  asked('send: an address that runs code', 'ann', invalid, (scene) =>
    about(frameOf('send', scene.about), { attachments: [{ url: 'javascript:alert(1)' }] }),
  ),
  asked('edit: no message', 'ann', invalid, ({ about }) => without(frameOf('edit', about), 'id')),
  asked('edit: no words', 'ann', invalid, ({ about }) => without(frameOf('edit', about), 'text')),
  asked('delete: no message', 'ann', invalid, ({ about }) => without(frameOf('delete', about), 'id')),
  asked('read: a place before the first', 'ann', invalid, (scene) =>
    about(frameOf('read', scene.about), { seq: -1 }),
  ),
  asked('typing: neither on nor off', 'ann', invalid, ({ about }) => without(frameOf('typing', about), 'on')),
  asked('send: in a locked conversation', 'ann', error('locked', inTalk), ({ about: sample, locked }) =>
    about(without(frameOf('send', sample), 'clientId'), { c: String(locked.number) }),
  ),
  asked('send: other words under a client id', 'ann', error('conflict', inTalk), (scene) =>
    about(frameOf('send', scene.about), { clientId: 'taken', text: 'Other words' }),
  ),
  asked('send: in answer to nothing', 'ann', error('not_found', { ...inTalk, subject: 'message' }), (scene) =>
    about(frameOf('send', scene.about), { clientId: 'new', replyTo: 1_000 }),
  ),
  asked(
    'send: an answer to what is no form',
    'ann',
    error('invalid', { ...inTalk, fields: wrongFields }),
    (scene) => about(without(frameOf('send', scene.about), 'clientId'), { type: 'formResponse', replyTo: 2 }),
  ),
  asked('edit: a message of somebody else', 'ben', error('forbidden', inTalk), ({ about }) =>
    frameOf('edit', about),
  ),
  asked('delete: a message of somebody else', 'ben', error('forbidden', inTalk), ({ about }) =>
    frameOf('delete', about),
  ),
  {
    name: 'a frame over the cap',
    refusal: answer({
      error: { t: 'error', code: 'too_large', message: 'A frame has at most 64 KiB.' },
      closed: { code: 1009, reason: 'frame too large' },
    }),
    make: async (scene) => {
      const { here, server } = scene;
      const token = await tokenFor(server, here.slug, here.ann.username);
      const socket = new RealtimeSocket(here.made.realtime.url, ['parlance.v1', `token.${token}`]);
      await socket.next('hello');
      socket.send(about(frameOf('send', scene.about), { text: 'x'.repeat(CAP_BYTES) }));
      return answer({ error: await socket.next('error'), closed: await socket.end() });
    },
  },
];

const refusedUpgrade = (status: number, code: string, more: Json = {}) => ({
  status,
  headers: {
    'content-type': 'application/json; charset=utf-8',
    ...(status === 401 && { 'www-authenticate': 'Bearer' }),
  },
  body: { error: { code, message: expect.stringMatching(/\S/), ...more } },
});

interface Asked {
  path?: string;
  protocols?: string[];
  headers?: Record<string, string>;
}

const upgrading = (name: string, refusal: Json, ask: (token: string, scene: Scene) => Asked): Attempt => ({
  name: `upgrade: ${name}`,
  refusal,
  make: (scene) => {
    const token = scene.tokens.get(scene.here.ann) as string;
    const { path = '/realtime', protocols = ['parlance.v1', `token.${token}`], headers } = ask(token, scene);
    return upgrade(scene.server, path, protocols, headers);
  },
});

const notFound = refusedUpgrade(404, 'not_found', { subject: 'conversation' });
const nowhere = refusedUpgrade(404, 'not_found', { subject: 'route' });

export const upgradeRefusals: readonly Attempt[] = [
  upgrading('no token', refusedUpgrade(401, 'unauthorized'), () => ({ protocols: ['parlance.v1'] })),
  upgrading('no subprotocol at all', refusedUpgrade(401, 'unauthorized'), () => ({ protocols: [] })),
  upgrading('a wrong token', refusedUpgrade(401, 'unauthorized'), () => ({
    protocols: ['parlance.v1', 'token.a-wrong-token-of-a-test'],
  })),
  upgrading('a token in the address', refusedUpgrade(401, 'unauthorized'), (token) => ({
    path: `/realtime?token=${token}`,
    protocols: ['parlance.v1'],
  })),
  upgrading('another subprotocol', refusedUpgrade(400, 'invalid'), (token) => ({
    protocols: ['other.v1', `token.${token}`],
  })),
  upgrading('from a page of another origin', refusedUpgrade(403, 'forbidden'), () => ({
    headers: { origin: 'https://elsewhere.example.org' },
  })),
  upgrading('no upgrade', refusedUpgrade(400, 'invalid'), () => ({
    headers: { upgrade: 'h2c' },
  })),
  upgrading('an address that is none', nowhere, () => ({ path: '/realtime/d/1' })),
  upgrading('a conversation that is no number', nowhere, () => ({ path: '/realtime/c/one' })),
  upgrading('a conversation of nothing', notFound, () => ({ path: `/realtime/c/${NOWHERE.conversation}` })),
  upgrading('a conversation that the caller is not in', notFound, (_, { here }) => ({
    path: `/realtime/c/${here.others.number}`,
  })),
  upgrading('a place that is no number', refusedUpgrade(400, 'invalid'), (_, { here }) => ({
    path: `/realtime/c/${here.group.number}?since=first`,
  })),
];
