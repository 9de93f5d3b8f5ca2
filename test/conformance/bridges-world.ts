// What tests of bridges stand in: a hub, an app with people, and the networks, each a server on this machine that keeps the
// messages that it was told and answers as the real one does.
import type { ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';
import type { Answering, Received } from '../support/receiver.ts';
import { askedUntil, type Json, type Reply, startWorld, type World } from './webhooks-world.ts';

export { type Json, startWorld, type World } from './webhooks-world.ts';

/** A message at a network. */
export interface Post {
  id: string;
  body: Json;
  files: string[];
  /** As it came. */
  sent: Buffer;
}

/** What a network tells its hook while the hub goes away is lost, however that shows: tests end without waiting for echoes. */
export const unlessGone = (world: World, response: ServerResponse) => (error: unknown) => {
  response.destroy();
  const unheard = error instanceof TypeError && error.message === 'fetch failed';
  if (!world.stopping && !unheard) throw error;
};

/** A webhook's place at a network: what was posted there, as it reads now. */
export class Peer {
  readonly world: World;
  readonly path: string;
  readonly network: string;
  readonly posts: Post[] = [];
  /** Before the network does anything: true where that has answered by itself. */
  meddle: (call: Received, response: Parameters<Answering>[1]) => boolean | Promise<boolean> = () => false;
  /** After a post was taken and before it is answered. */
  told: (post: Post) => void | Promise<void> = () => {};
  /** After it was answered. */
  passed: (post: Post) => Promise<void> = async () => {};
  private readonly taken: Received[] = [];
  private next = 1;

  constructor(world: World, path: string, network: string) {
    this.world = world;
    this.path = path;
    this.network = network;
  }

  get url(): string {
    return `${this.world.receiver.url}${this.path}`;
  }

  /** Every call, in order. */
  get calls(): Received[] {
    return this.taken;
  }

  get texts(): string[] {
    return this.posts.map(({ body }) => body.content ?? body.text);
  }

  /** What was called is taken in a moment later. */
  async until(done: (peer: Peer) => boolean, ms = 60_000): Promise<Post[]> {
    for (const late = Date.now() + ms; !done(this); ) {
      if (Date.now() > late) throw new Error(`not within ${ms} ms: ${JSON.stringify(this.texts)}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return this.posts;
  }

  readonly answer = async (call: Received, response: Parameters<Answering>[1]): Promise<void> => {
    // A call that is cut off at once is one that never came.
    if (process.env.EVICT_EVERY) await new Promise((resolve) => setTimeout(resolve, 20));
    if (response.destroyed) return;
    this.taken.push(call);
    if (await this.meddle(call, response)) return;
    const send = (status: number, body: Json) => {
      const json = typeof body !== 'string';
      response.writeHead(status, { 'content-type': json ? 'application/json' : 'text/plain' });
      response.end(json ? JSON.stringify(body) : body);
    };
    const at = /\/messages\/([^/?]+)/.exec(call.path)?.[1];
    const post = this.posts.find(({ id }) => id === at);
    if (at !== undefined && !post) return send(404, { message: 'Unknown Message', code: 10008 });
    if (post && call.method === 'DELETE') {
      this.posts.splice(this.posts.indexOf(post), 1);
      response.writeHead(204);
      response.end();
      return;
    }
    const { body, files } = await read(call);
    if (post) {
      Object.assign(post.body, body);
      return send(200, { ...post.body, id: post.id });
    }
    // The same once more after it was cut off, as objects that are let go all the time do: one message here.
    const again = process.env.EVICT_EVERY
      ? this.posts.findLast(({ sent }) => sent.equals(call.body))
      : undefined;
    if (again)
      return this.network === 'discord' ? send(200, { ...again.body, id: again.id }) : send(200, 'ok');
    const made = {
      sent: call.body,
      id: `11010101010101${String(this.next++).padStart(4, '0')}`,
      body,
      files,
    };
    this.posts.push(made);
    await this.told(made);
    setTimeout(() => this.passed(made).catch(unlessGone(this.world, response)), 30);
    if (this.network === 'discord' && call.path.includes('wait=true'))
      return send(200, { ...body, id: made.id });
    send(this.network === 'discord' ? 204 : 200, this.network === 'discord' ? '' : 'ok');
  };
}

async function read({ headers, body }: Received): Promise<{ body: Json; files: string[] }> {
  const type = headers['content-type'] ?? '';
  if (!type.startsWith('multipart/')) return { body: JSON.parse(body.toString() || '{}'), files: [] };
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': type } }).formData();
  const files: string[] = [];
  for (const [name, value] of form)
    if (typeof value !== 'string')
      files.push(
        `${name} ${value.name} ${value.type} ${Buffer.from(await value.arrayBuffer()).toString('latin1')}`,
      );
  return { body: JSON.parse(form.get('payload_json') as string), files };
}

/** An incoming hook as a network uses it. */
export class Told {
  readonly number: number;
  private readonly url: string;
  private readonly secret: string;
  private next = 1;

  constructor(number: number, url: string, secret: string) {
    this.number = number;
    this.url = url;
    this.secret = secret;
  }

  /** Something was said there; what came of it. */
  said(
    message: { id?: string; text: string; replyTo?: string },
    author: Json,
    type = 'message.created',
  ): Promise<Json> {
    const id = message.id ?? `r${this.next++}`;
    return this.tell({ type, data: { author: { id: author.name, ...author }, message: { ...message, id } } });
  }

  gone(id: string): Promise<Json> {
    return this.tell({ type: 'message.deleted', data: { message: { id } } });
  }

  private async tell(event: Json): Promise<Json> {
    event.data.conversation = { id: 'a place' };
    const body = JSON.stringify({ timestamp: new Date().toISOString(), ...event });
    const id = `evt_${this.number}_${this.next++}`;
    const now = new Date();
    const headers = {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
      'webhook-signature': new Webhook(this.secret).sign(id, now, body),
    };
    const response = await fetch(this.url, { method: 'POST', headers, body });
    return response.json();
  }
}

const PATHS: Record<string, (n: number) => string> = {
  slack: (n) => `/services/T0/B${n}/secret`,
  discord: (n) => `/api/webhooks/${9_000 + n}/token`,
  mattermost: (n) => `/hooks/key${n}`,
};
let peers = 0;

export class Bridges {
  readonly world: World;
  private readonly peers: Peer[] = [];

  constructor(world: World) {
    this.world = world;
    const before = world.receiver.answer;
    world.receiver.answer = (call, response) => {
      const peer = this.peers.find(({ path }) => call.path.startsWith(path));
      if (peer) peer.answer(call, response).catch(unlessGone(world, response));
      else before(call, response);
    };
  }

  peer(network: string): Peer {
    const path = PATHS[network]?.(++peers) ?? `/${network}/${++peers}`;
    const peer = new Peer(this.world, path, network);
    this.peers.push(peer);
    return peer;
  }

  /** A bridge of the conversation to a new peer. */
  async bridge(
    network: string,
    conversation: number,
    more: object = {},
  ): Promise<{ peer: Peer; number: number }> {
    const peer = this.peer(network);
    const reply = await this.make({ network, conversation, url: peer.url, ...more });
    if (reply.status !== 201) throw new Error(JSON.stringify(reply));
    return { peer, number: reply.body.bridge.number };
  }

  /** Where a network tells what happened in it. */
  async hook(conversation: number, label = ''): Promise<Told> {
    const made = await this.world.operate('POST', '/hooks', {
      shape: 'parlance',
      conversation,
      options: { label },
    });
    if (made.status !== 201) throw new Error(JSON.stringify(made));
    return new Told(made.body.hook.number, made.body.url, made.body.secret);
  }

  /** What a reader of the conversation sees now, the oldest first. */
  async seen(id: string): Promise<string[]> {
    const { messages } = await this.world.sunshine('GET', `/conversations/${id}/messages`);
    return messages
      .filter(({ content }: Json) => content.type === 'text')
      .map(({ author, content }: Json) => `${author.displayName}: ${content.text}`);
  }

  make(body: object): Promise<Reply> {
    return this.world.operate('POST', '/bridges', body);
  }

  operate(method: string, number: number, path = '', body?: object): Promise<Reply> {
    return this.world.operate(method, `/bridges/${number}${path}`, body);
  }

  /** Asks until the bridge says so. */
  settled(number: number, done: (bridge: Json) => boolean): Promise<Json> {
    return askedUntil(async () => (await this.operate('GET', number)).body, done, `bridge ${number}`);
  }

  /** A group of these people: its id at one door, its number at the operator's, which stands in the id (ids.ts). */
  async talk(...externalIds: string[]): Promise<{ id: string; number: number }> {
    const id = await this.world.group(...externalIds);
    return { id, number: Number.parseInt(id.slice(8, 16), 16) };
  }
}

export async function startBridges(env: Record<string, string> = {}): Promise<Bridges> {
  return new Bridges(await startWorld(env));
}
