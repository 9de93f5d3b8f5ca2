// A frame of every kind of the realtime protocol, filled in so that it works; and the upgrade as a plain request, for
// what a refused one says.
import { request } from 'node:http';
import { Frame } from '../../../src/realtime/frames.ts';
import type { TestHub } from '../../support/server.ts';
import { type Answer, headersOf, type Json } from './answer.ts';
import type { About } from './sunshine.ts';

export type { About };

/** What has no names in it, beyond the two that follow. */
const FRAMES: Record<string, (about: About) => Json> = {
  subscribe: ({ talk }) => ({ c: String(talk.number), since: 0, epoch: 'another' }),
  unsubscribe: ({ talk }) => ({ c: String(talk.number) }),
  send: ({ talk }) => ({
    c: String(talk.number),
    clientId: `client-${talk.number}`,
    text: 'Some words',
    markup: 'plain',
    type: 'text',
    title: 'A title',
    payload: { a: 1 },
    attachments: [{ url: 'https://example.org/a.png', name: 'a.png', mime: 'image/png', bytes: 1 }],
    replyTo: 0,
    metadata: { b: 2 },
  }),
  edit: ({ talk }) => ({
    c: String(talk.number),
    id: String(talk.message.number),
    text: 'Other words',
    markup: 'plain',
    payload: { c: 3 },
  }),
  delete: ({ talk }) => ({ c: String(talk.number), id: String(talk.message.number) }),
  read: ({ talk }) => ({ c: String(talk.number), seq: 2 }),
  typing: ({ talk }) => ({ c: String(talk.number), on: true }),
};

export interface FrameKind {
  readonly t: string;
  /** Every field but `t`. */
  readonly fields: readonly string[];
}

/** Every kind of frame, from the table that the server reads them with. */
export const FRAME_KINDS: readonly FrameKind[] = Frame.options.map(({ entries }) => ({
  t: entries.t.literal,
  fields: Object.keys(entries).filter((name) => name !== 't'),
}));

/** A frame that works. Throws for a kind that nobody has said how to fill in. */
export function frameOf(t: string, about: About): Json {
  const fill = FRAMES[t];
  if (!fill) throw new Error(`say what a frame "${t}" holds that works (calls/realtime.ts)`);
  return { t, ...fill(about) };
}

/** A token for a socket, from the operator. */
export async function tokenFor(
  hub: Pick<TestHub, 'url' | 'adminToken'>,
  slug: string,
  username: string,
): Promise<string> {
  const reply = await fetch(`${hub.url}/admin/apps/${slug}/users/${username}/token`, {
    method: 'POST',
    headers: { authorization: `Bearer ${hub.adminToken}` },
  });
  return ((await reply.json()) as { token: string }).token;
}

/** Asks for an upgrade and gives what is said to that; a socket that opens (101) is closed at once. */
export function upgrade(
  hub: Pick<TestHub, 'url'>,
  path: string,
  protocols: readonly string[],
  headers: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(`${hub.url}${path}`, {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': Buffer.from('0123456789abcdef').toString('base64'),
        ...(protocols.length > 0 && { 'sec-websocket-protocol': protocols.join(', ') }),
        ...headers,
      },
    });
    asked.on('upgrade', (_response, socket) => {
      socket.destroy();
      resolve({ status: 101, headers: {}, body: null });
    });
    asked.on('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const said = new Headers(Object.entries(response.headersDistinct).map(([k, v]) => [k, String(v)]));
        const text = Buffer.concat(chunks).toString();
        const body = /json/.test(said.get('content-type') ?? '') ? JSON.parse(text) : text;
        resolve({ status: response.statusCode ?? 0, headers: headersOf(said), body });
      });
    });
    asked.on('error', reject);
    asked.end();
  });
}
