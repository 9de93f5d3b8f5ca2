// Two networks on this machine that a bridge speaks to by an API: a Discourse, which tells of its posts at an incoming hook, and a
// matterbridge's api, which is listened to.
import { createHmac } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Received } from '../support/receiver.ts';
import { unlessGone } from './bridges-world.ts';
import type { Json, World } from './webhooks-world.ts';

export interface ForumPost {
  id: number;
  topic_id: number;
  post_number: number;
  username: string;
  raw: string;
  reply_to_post_number: number | null;
  deleted: boolean;
  revised: number;
}

/** What of discourse/discourse posts_controller.rb a bridge calls. */
export class Forum {
  readonly world: World;
  readonly path: string;
  readonly posts: ForumPost[] = [];
  readonly topics: {
    id: number;
    title: string;
    archetype: string;
    category: unknown;
    external_id: unknown;
  }[] = [];
  readonly uploads: string[] = [];
  /** Where it tells what happened, and what it signs with; null: nowhere. */
  hook: { url: string; secret: string } | null = null;
  /** True where that has answered by itself. */
  meddle: (call: Received, response: ServerResponse) => boolean = () => false;
  private readonly answered = new Map<string, Json>();

  constructor(world: World, path: string) {
    this.world = world;
    this.path = path;
    const before = world.receiver.answer;
    world.receiver.answer = (call, response) => {
      if (call.path.startsWith(`${path}/`)) this.answer(call, response).catch(unlessGone(world, response));
      else before(call, response);
    };
  }

  get url(): string {
    return `${this.world.receiver.url}${this.path}`;
  }

  get calls(): Received[] {
    return this.world.receiver.calls.filter(({ path }) => path.startsWith(`${this.path}/`));
  }

  get raws(): string[] {
    return this.posts.filter(({ deleted }) => !deleted).map(({ raw }) => raw);
  }

  async until(done: (forum: Forum) => boolean, ms?: number): Promise<void> {
    await this.world.receiver.until(() => done(this), ms);
  }

  private async answer(call: Received, response: ServerResponse): Promise<void> {
    if (this.meddle(call, response)) return;
    const send = (status: number, body: Json, headers: Record<string, string> = {}) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify(body));
    };
    const path = call.path.slice(this.path.length);
    if (call.headers['api-key'] !== KEY || call.headers['api-username'] !== 'hubbot')
      return send(403, { errors: ['You are not permitted to view the requested resource.'] });
    const [, topic, number] = /^\/posts\/by_number\/(\d+)\/(\d+)\.json$/.exec(path) ?? [];
    if (topic) {
      const found = this.posts.find(
        (one) => one.topic_id === Number(topic) && one.post_number === Number(number),
      );
      return found ? send(200, shown(found)) : send(404, { errors: ['not found'] });
    }
    const external = /^\/t\/external_id\/([\w-]+)\.json$/.exec(path)?.[1];
    if (external) {
      const found = this.topics.find(({ external_id }) => external_id === external);
      return found
        ? send(301, {}, { location: `${this.url}/t/a-slug/${found.id}.json` })
        : send(404, { errors: ['not found'] });
    }
    if (path === '/srv/status') return send(200, 'ok');
    if (path === '/uploads.json') return this.upload(call, send);
    const id = /^\/posts\/(\d+)\.json$/.exec(path)?.[1];
    const post = this.posts.find((one) => one.id === Number(id));
    if (id && !post) return send(404, { errors: ['not found'] });
    if (post && call.method === 'DELETE') {
      post.deleted = true;
      send(200, {});
      return this.tell('post_destroyed', post);
    }
    const body = JSON.parse(call.body.toString());
    if (post && call.method === 'PUT') {
      Object.assign(post, { raw: body.post.raw, revised: post.revised + 1 });
      send(200, { post: shown(post) });
      return this.tell('post_edited', post);
    }
    if (path !== '/posts.json' || call.method !== 'POST') return send(404, { errors: ['not found'] });
    // Two equal calls within two minutes are one.
    const print = JSON.stringify([body, call.headers['user-agent']]);
    if (this.answered.has(print)) return send(200, this.answered.get(print));
    if (body.topic_id === undefined) {
      const { title, archetype = 'regular', category, external_id } = body;
      this.topics.push({ id: 100 + this.topics.length, title, archetype, category, external_id });
    }
    const made = this.say(
      'hubbot',
      body.raw,
      body.reply_to_post_number ?? null,
      body.topic_id ?? this.topics.at(-1)?.id,
    );
    this.answered.set(print, shown(made));
    // It tells of the post before its answer has arrived.
    await this.tell('post_created', made);
    send(200, shown(made));
  }

  private async upload(call: Received, send: (status: number, body: Json) => void): Promise<void> {
    const type = call.headers['content-type'] ?? '';
    const form = await new Response(new Uint8Array(call.body), {
      headers: { 'content-type': type },
    }).formData();
    const file = form.get('file') as File;
    if (form.get('type') !== 'composer' || !file.name.endsWith('.png'))
      return send(422, { errors: ['not allowed'] });
    this.uploads.push(`${file.name} ${await file.text()}`);
    send(200, {
      id: this.uploads.length,
      original_filename: file.name,
      short_url: `upload://f${this.uploads.length}.png`,
    });
  }

  /** Somebody writes there. */
  say(username: string, raw: string, reply: number | null = null, topic = 9): ForumPost {
    const number = this.posts.filter(({ topic_id }) => topic_id === topic).length + 1;
    const made = { id: 5000 + this.posts.length, topic_id: topic, post_number: number, username, raw };
    const post = { ...made, reply_to_post_number: reply, deleted: false, revised: 1 };
    this.posts.push(post);
    return post;
  }

  /** As emit_web_hook_event.rb does; resolves with the hub's answer. */
  async tell(event: string, post: ForumPost): Promise<void> {
    if (!this.hook) return;
    const body = JSON.stringify({
      post: { ...shown(post), topic_title: 'A topic', topic_archetype: 'regular' },
    });
    const signature = createHmac('sha256', this.hook.secret).update(body).digest('hex');
    const headers = {
      'content-type': 'application/json',
      'x-discourse-instance': this.url,
      'x-discourse-event': event,
      'x-discourse-event-type': 'post',
      'x-discourse-event-signature': `sha256=${signature}`,
    };
    const answer = await fetch(this.hook.url, { method: 'POST', headers, body });
    if (!answer.ok) throw new Error(`${event}: ${answer.status} ${await answer.text()}`);
  }
}

export const KEY = 'k'.repeat(64);

const shown = ({ deleted: _, revised, ...post }: ForumPost) => ({
  ...post,
  name: post.username === 'hubbot' ? 'Hub Bot' : post.username.toUpperCase(),
  user_id: post.username.length,
  post_type: 1,
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: new Date(Date.UTC(2026, 0, 1, 0, revised)).toISOString(),
  cooked: `<p>"topic_id": 1 ${post.raw}</p>`,
});

/** What of 42wim/matterbridge bridge/api/api.go a bridge calls. It hands ids on, which the real one does not. */
export class Api {
  readonly world: World;
  readonly path: string;
  readonly token = 'a-token-of-the-other-side';
  private readonly posted = new Map<string, Json>();
  /** What nobody has fetched. */
  ring: Json[] = [];
  readonly sockets = new Set<WebSocket>();
  /** Every message comes back to who said it. */
  echoes = false;
  forgetsIds = false;
  private readonly server = new WebSocketServer({ noServer: true });
  private clock = 0;

  constructor(world: World, path: string) {
    this.world = world;
    this.path = path;
    const before = world.receiver.answer;
    world.receiver.answer = (call, response) => {
      if (call.path.startsWith(`${path}/`)) this.answer(call, response);
      else before(call, response);
    };
    const upgraded = world.receiver.upgrade;
    world.receiver.upgrade = (request, socket, head) => {
      if (request.url === `${path}/api/websocket`) this.upgrade(request, socket, head);
      else upgraded(request, socket, head);
    };
  }

  get url(): string {
    return `${this.world.receiver.url}${this.path}`;
  }

  /** What was posted. It is no promise that a call which was cut off is not made again. */
  get said(): Json[] {
    return [...this.posted.values()];
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (request.headers.authorization !== `Bearer ${this.token}`) return void socket.destroy();
    this.server.handleUpgrade(request, socket, head, (client) => {
      this.sockets.add(client);
      client.on('close', () => this.sockets.delete(client));
      client.send(JSON.stringify({ event: 'api_connected', timestamp: this.now() }));
    });
  }

  private answer(call: Received, response: ServerResponse): void {
    const send = (status: number, body: Json) => {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    };
    if (call.headers.authorization !== `Bearer ${this.token}`) return send(401, { message: 'Unauthorized' });
    if (call.path.endsWith('/api/messages')) {
      send(200, this.ring);
      this.ring = [];
      return;
    }
    const message = JSON.parse(call.body.toString());
    this.posted.set(JSON.stringify({ ...message, timestamp: '' }), message);
    if (this.echoes) this.say({ ...message, id: '' });
    send(200, { ...message, ...(this.forgetsIds && { id: '' }) });
  }

  private now(): string {
    return new Date(Date.UTC(2026, 0, 1) + this.clock++).toISOString();
  }

  /** One of its other networks says something: whoever listens hears it, and the ring has it. */
  say(message: Json): void {
    const whole = {
      ...{
        text: '',
        channel: 'general',
        username: '',
        userid: '',
        avatar: '',
        account: 'irc.libera',
        event: '',
      },
      ...{ protocol: 'irc', gateway: 'gate', parent_id: '', timestamp: this.now(), id: '', Extra: null },
      ...message,
    };
    this.ring.push(whole);
    for (const socket of this.sockets) socket.send(JSON.stringify(whole));
  }

  async connected(count: number): Promise<void> {
    for (const late = Date.now() + 60_000; this.sockets.size < count; ) {
      if (Date.now() > late) throw new Error(`${this.sockets.size} listen, not ${count}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  cut(): void {
    for (const socket of this.sockets) socket.terminate();
    this.sockets.clear();
  }
}
