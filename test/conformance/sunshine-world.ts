// People of one app at the Sunshine door, called by plain fetch: for what this hub adds to the vendor's API, which the
// vendor's client cannot say or leaves out of what it shows.
import { SignJWT } from 'jose';
import type { MadeUser } from '../support/operator.ts';
import type { TestHub } from '../support/server.ts';
import { type World, worldOf } from './realtime-world.ts';
import { basic, type Outcome } from './sunshine-client.ts';

/** What a test may say of a call beside its body. */
export interface How {
  /** In the person's own name, by a token of theirs. */
  as?: MadeUser;
  headers?: Record<string, string>;
}

export interface SunshineWorld extends Omit<World, 'open' | 'group' | 'support'> {
  /** A call below the app's address: the status and the whole answer. */
  call(method: string, path: string, body?: unknown, how?: How): Promise<Outcome & { headers: Headers }>;
  /** The same, for what a test begins with: throws unless it succeeds. */
  // biome-ignore lint/suspicious/noExplicitAny: tests pick what they know to be there.
  make(method: string, path: string, body?: unknown, how?: How): Promise<any>;
  /** A new conversation's id. */
  open(type: 'personal' | 'sdkGroup', people: MadeUser[], more?: object): Promise<string>;
  /** The id of a new message; without an author it is the business's. */
  say(conversation: string, text: string, author?: MadeUser): Promise<string>;
  /** The address of a new upload. */
  upload(bytes: Uint8Array<ArrayBuffer>): Promise<string>;
  /** The number that an id carries. */
  numberOf(id: string): string;
}

export async function sunshineWorldOf(hub: TestHub): Promise<SunshineWorld> {
  const world = await worldOf(hub);
  const { basePath, appId, keyId, secret } = world.app.sunshine;
  const tokenOf = ({ externalId }: MadeUser): Promise<string> =>
    new SignJWT({ scope: 'user', external_id: externalId })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid: keyId })
      .sign(new TextEncoder().encode(secret));
  const call: SunshineWorld['call'] = async (method, path, body, { as, headers } = {}) => {
    const authorization = as ? `Bearer ${await tokenOf(as)}` : basic({ keyId, secret });
    const reply = await fetch(`${basePath}/v2/apps/${appId}${path}`, {
      method,
      headers: { authorization, 'content-type': 'application/json', ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return { status: reply.status, body: await reply.json(), headers: reply.headers };
  };
  const make: SunshineWorld['make'] = async (method, path, body, how) => {
    const { status, body: answer } = await call(method, path, body, how);
    if (status !== 200 && status !== 201)
      throw new Error(`${method} ${path}: ${status} ${JSON.stringify(answer)}`);
    return answer;
  };
  return {
    ...world,
    call,
    make,
    open: async (type, people, more) => {
      const participants = people.map(({ sunshineId }) => ({ userId: sunshineId }));
      return (await make('POST', '/conversations', { type, participants, ...more })).conversation.id;
    },
    say: async (conversation, text, author) => {
      const by = author ? { type: 'user', userId: author.sunshineId } : { type: 'business' };
      const said = { author: by, content: { type: 'text', text } };
      return (await make('POST', `/conversations/${conversation}/messages`, said)).messages[0].id;
    },
    upload: async (bytes) => {
      const form = new FormData();
      form.set('source', new Blob([bytes], { type: 'image/png' }), 'picture.png');
      const reply = await fetch(`${basePath}/v2/apps/${appId}/attachments?access=public&for=message`, {
        method: 'POST',
        headers: { authorization: basic({ keyId, secret }) },
        body: form,
      });
      return ((await reply.json()) as { attachment: { mediaUrl: string } }).attachment.mediaUrl;
    },
    numberOf: (id) => String(Number.parseInt(id.slice(8, 16), 16)),
  };
}
