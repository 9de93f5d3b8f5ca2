// What tests of webhooks stand in: a hub, an app with people, endpoints with a path of their own at one receiver.
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { verifyWebhook } from '../../docs/verify-webhook.js';
import type { AppCredentials } from '../../src/standalone/demo.ts';
import { undescribedEvent } from '../support/events.ts';
import { type Answering, type Received, type Receiver, says, startReceiver } from '../support/receiver.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { heard } from '../support/watching.ts';

// biome-ignore lint/suspicious/noExplicitAny: compared.
export type Json = any;
export interface Reply {
  status: number;
  body: Json;
}

/** An endpoint of the app, and what came to it. */
export class Hook {
  readonly world: World;
  readonly path: string;
  readonly number: number;
  secret: string;
  answer: Answering = says(200);
  /** Calls that came to it. */
  came = 0;
  /** Whether it is told in the hub's own words. */
  readonly own: boolean;

  constructor(world: World, path: string, number: number, secret: string, own: boolean) {
    this.own = own;
    this.world = world;
    this.path = path;
    this.number = number;
    this.secret = secret;
  }

  /** What came, in order; an attempt that was cut off and made again is one, as receivers take it to be. */
  get calls(): Received[] {
    const seen = new Set<string>();
    return this.world.receiver.calls.filter(({ path, headers }) => {
      const key = `${headers['webhook-id']} ${headers['x-hub-attempt']}`;
      if (path !== this.path || seen.has(key)) return false;
      seen.add(key);
      return true;
    });
  }

  /** What was said, in the order of arrival. */
  get said(): Json[] {
    return this.calls.map(({ body }) => JSON.parse(body.toString()));
  }

  operate(method: string, path = '', body?: object): Promise<Reply> {
    return this.world.operate(method, `/endpoints/${this.number}${path}`, body);
  }

  async until(done: (calls: Received[]) => boolean, ms?: number): Promise<Received[]> {
    await this.world.receiver.until(() => done(this.calls), ms);
    return this.calls;
  }

  async status(): Promise<Json> {
    return (await this.operate('GET')).body;
  }

  /** Asks until the journal says so: what came back from a receiver is written down a moment later. */
  settled(done: (status: Json) => boolean): Promise<Json> {
    return askedUntil(() => this.status(), done, `endpoint ${this.number}`);
  }

  async deliveries(query = ''): Promise<Json[]> {
    return (await this.operate('GET', `/deliveries${query}`)).body.deliveries;
  }
}

/** Asks until the answer is so; throws with the last one after a minute. `what`: what is asked about. */
export async function askedUntil<T>(
  ask: () => Promise<T>,
  done: (answer: T) => boolean,
  what: string,
): Promise<T> {
  for (const late = Date.now() + 60_000; ; ) {
    const answer = await ask();
    if (done(answer)) return answer;
    if (Date.now() > late) throw new Error(`${what} did not come to rest: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/**
 * A call over a connection of its own: this process is the receivers too, and too busy to see in time that the hub closes
 * one that has rested.
 */
async function call(
  method: string,
  url: string,
  authorization: string,
  body?: object,
  more: Record<string, string> = {},
): Promise<Reply> {
  const headers = { authorization, 'content-type': 'application/json', ...more };
  const asked = request(url, { method, headers, agent: false });
  asked.end(body && JSON.stringify(body));
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const [status, text] = [response.statusCode ?? 0, Buffer.concat(chunks).toString()];
  const header = (name: string) => (response.headers[name] as string | undefined) ?? null;
  if (isLooked(++answers))
    heard({ method, url, sent: body && JSON.stringify(body), status, header, body: text });
  return { status, body: JSON.parse(text) };
}

/** Of thousands that are alike, a few: looking at each would take this process longer than the hub needs. */
const isLooked = (count: number): boolean => count <= 50 || count % 100 === 0;
let answers = 0;

let paths = 0;

export class World {
  readonly hub: TestHub;
  readonly receiver: Receiver;
  readonly app: AppCredentials;
  private readonly hooks = new Map<string, Hook>();
  /** What came and is not as the schemas of events say. */
  private readonly problems = new Set<string>();
  /** The hub goes away: what receivers say to it from then on is lost. */
  stopping = false;

  constructor(hub: TestHub, receiver: Receiver, app: AppCredentials) {
    this.hub = hub;
    this.receiver = receiver;
    this.app = app;
    receiver.answer = (call, response) => {
      const hook = this.hooks.get(call.path);
      if (hook?.own && isLooked(++hook.came))
        for (const problem of undescribedEvent(call.body)) this.problems.add(problem);
      (hook?.answer ?? says(200))(call, response);
    };
  }

  async operate(
    method: string,
    path: string,
    body?: object,
    slug = this.app.app.slug,
    headers: Record<string, string> = {},
  ): Promise<Reply> {
    const url = `${this.hub.url}/admin/apps/${slug}${path}`;
    return call(method, url, `Bearer ${this.hub.adminToken}`, body, headers);
  }

  async sunshine(method: string, path: string, body?: object, of = this.app): Promise<Json> {
    const { basePath, appId, keyId, secret } = of.sunshine;
    const basic = `Basic ${Buffer.from(`${keyId}:${secret}`).toString('base64')}`;
    const reply = await call(method, `${basePath}/v2/apps/${appId}${path}`, basic, body);
    if (reply.status > 299)
      throw new Error(`${method} ${path}: ${reply.status} ${JSON.stringify(reply.body)}`);
    return reply.body;
  }

  /** A new endpoint with a path of its own; what came to others is nothing of it. */
  async hook(
    more: { format?: string; [name: string]: unknown } = {},
    answer: Answering = says(200),
  ): Promise<Hook> {
    const path = `/in/${++paths}`;
    const url = `${this.receiver.url}${path}`;
    const { status, body } = await this.operate('POST', '/endpoints', { url, ...more });
    if (status !== 201) throw new Error(JSON.stringify(body));
    const hook = new Hook(this, path, body.endpoint.number, body.secret, !more.format);
    hook.answer = answer;
    this.hooks.set(path, hook);
    return hook;
  }

  /** A group of these people: its id. */
  async group(...externalIds: string[]): Promise<string> {
    const participants = externalIds.map((userExternalId) => ({ userExternalId }));
    const made = await this.sunshine('POST', '/conversations', { type: 'sdkGroup', participants });
    return made.conversation.id;
  }

  /** The message's id. */
  async post(conversation: string, text: string, userExternalId?: string): Promise<string> {
    const author = userExternalId ? { type: 'user', userExternalId } : { type: 'business' };
    const content = { type: 'text', text };
    const made = await this.sunshine('POST', `/conversations/${conversation}/messages`, { author, content });
    return made.messages[0].id;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.hub.stop();
    this.receiver.close();
    if (this.problems.size > 0) throw new Error(`not as described:\n${[...this.problems].join('\n')}`);
  }
}

export async function startWorld(env: Record<string, string> = {}): Promise<World> {
  const receiver = await startReceiver();
  const hub = await startTestHub({
    env: {
      WEBHOOK_ALLOW_HOSTS: receiver.host,
      WEBHOOK_RETRY_SECONDS: '0.05',
      // Answers may take as long as they may anywhere (15 s): this process is the receivers too, and what it hears is held
      // against its description here. An attempt that was given up would be one more than a test counts.
      ...env,
    },
  });
  const app = await hub.createApp('hooked');
  for (const name of ['ann', 'ben'])
    await hub.createUser('hooked', {
      username: name,
      externalId: `x-${name}`,
      displayName: name.toUpperCase(),
    });
  return new World(hub, receiver, app);
}

/** Throws unless the call is genuine. */
export const verified = ({ headers, body }: Received, secret: string): Promise<void> =>
  verifyWebhook({ secrets: [secret], headers, body });
