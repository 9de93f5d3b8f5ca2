// The real thing beside the model: one conversation of three people, each at a door of their own.
import type { MadeUser } from '../support/operator.ts';
import { RealtimeSocket } from '../support/realtime.ts';
import type { TestHub } from '../support/server.ts';
import { ForumClient, id, number, type Told, text, texts } from './forum.ts';

/** ann uses a forum app, ben's back end REST, cat a socket. */
export type Person = 'ann' | 'ben' | 'cat';

export class World {
  readonly hub: TestHub;
  readonly forum: ForumClient;
  readonly people: Record<Person, MadeUser>;
  readonly slug: string;
  private readonly sunshine: { appId: string; keyId: string; secret: string };
  private readonly token: string;
  socket!: RealtimeSocket;
  /** The conversation as the forum and realtime name it, and as REST does. */
  c = '';
  restId = '';
  /** Message ids by ordinal, as each door named them when it learned of them. */
  readonly seqs: number[] = [];
  /** Every event that cat was sent, over all her sockets. */
  readonly events: Told[] = [];

  private constructor(
    hub: TestHub,
    forum: ForumClient,
    people: Record<Person, MadeUser>,
    slug: string,
    sunshine: World['sunshine'],
    token: string,
  ) {
    this.slug = slug;
    this.hub = hub;
    this.forum = forum;
    this.people = people;
    this.sunshine = sunshine;
    this.token = token;
  }

  /** An app of its own with the three people signed in. */
  static async make(hub: TestHub): Promise<World> {
    const { app, sunshine, tapatalk } = await hub.createApp();
    const make = (username: Person) =>
      hub.createUser(app.slug, { username, password: username === 'ann' ? 'pw' : undefined });
    const people = { ann: await make('ann'), ben: await make('ben'), cat: await make('cat') };
    const forum = new ForumClient(tapatalk.url);
    await forum.login('ann', 'pw');
    const reply = await fetch(`${hub.url}/admin/apps/${app.slug}/users/cat/token`, {
      method: 'POST',
      headers: { authorization: `Bearer ${hub.adminToken}` },
    });
    const { token } = (await reply.json()) as { token: string };
    return new World(hub, forum, people, app.slug, sunshine, token);
  }

  /** A new conversation that ann opens with her first message. */
  async open(first: string): Promise<void> {
    const opened = await this.forum.call(
      'new_conversation',
      texts(['ben', 'cat']),
      text('Model'),
      text(first),
    );
    if (opened.result !== true) throw new Error(`new_conversation: ${JSON.stringify(opened)}`);
    this.c = opened.conv_id;
    this.seqs.length = 0;
    this.events.length = 0;
    this.restId = await this.idInRest();
    await this.connect(0);
    await this.socket.event(this.c, 2);
    this.learn();
  }

  /** The conversation as ben's list names it, once the list has it; digits 9 to 16 of an id are the number. */
  private async idInRest(): Promise<string> {
    for (;;) {
      const { body } = await this.rest('GET', `/conversations?filter[userId]=${this.people.ben.sunshineId}`);
      const ids = (body.conversations ?? []).map((each: Told) => each.id as string);
      const found = ids.find((each: string) => Number.parseInt(each.slice(8, 16), 16) === Number(this.c));
      if (found) return found;
    }
  }

  /** A socket that resumes after `since`. */
  async connect(since: number): Promise<void> {
    this.socket = new RealtimeSocket(`${this.hub.url.replace('http', 'ws')}/realtime`, [
      'parlance.v1',
      `token.${this.token}`,
    ]);
    await this.socket.next('hello');
    this.socket.send({ t: 'subscribe', c: this.c, since, ref: 'from' });
  }

  /** Cuts the socket as a lost network does, and comes back where it was. */
  async reconnect(): Promise<void> {
    await this.socket.settled();
    this.learn();
    this.socket.socket.terminate();
    await this.socket.end();
    await this.connect(this.events.at(-1)?.seq ?? 0);
  }

  /** Takes over what the socket has received so far. */
  learn(): void {
    const had = this.events.length;
    const last = this.events.at(-1)?.seq ?? 0;
    const fresh = this.socket.events(this.c).filter((event) => !this.events.includes(event));
    this.events.push(...fresh);
    if (had > 0 && fresh.some((event) => (event.seq as number) <= last))
      throw new Error('an event came twice');
    for (const event of fresh) if (event.kind === 'message') this.seqs.push(event.seq as number);
  }

  /** Until cat has every message that the model has. */
  async caughtUp(messages: number): Promise<void> {
    const missing = () => messages - this.seqs.length;
    while (missing() > 0) {
      await this.socket.next('events', (frame) => frame.c === this.c);
      this.learn();
    }
  }

  async rest(
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; body: Told }> {
    const { appId, keyId, secret } = this.sunshine;
    const answer = await fetch(`${this.hub.url}/v2/apps/${appId}${path}`, {
      method,
      headers: {
        authorization: `Basic ${Buffer.from(`${keyId}:${secret}`).toString('base64')}`,
        'content-type': 'application/json',
        ...headers,
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    return { status: answer.status, body: await answer.json() };
  }

  restConversation = (method: string, path: string, body?: object, headers?: Record<string, string>) =>
    this.rest(method, `/conversations/${this.restId}${path}`, body, headers);

  /** Every message of the forum door, page by page; null when ann may not read. */
  async forumMessages(): Promise<string[] | null> {
    const lines: string[] = [];
    for (let start = 0; ; start += 50) {
      const page = await this.forum.call('get_conversation', id(this.c), number(start), number(start + 49));
      if (page.result === false) return null;
      lines.push(...page.list.map((m: Told) => m.msg_content));
      if (lines.length >= page.total_message_num) return lines;
    }
  }

  async restMessages(): Promise<string[]> {
    const { body } = await this.restConversation('GET', '/messages');
    return body.messages.map((m: Told) => m.content.text);
  }

  /** Unread messages of every active member. */
  async unread(): Promise<Record<string, number>> {
    const { body } = await this.restConversation('GET', '/participants?page[size]=100');
    const names = new Map(Object.entries(this.people).map(([name, user]) => [user.sunshineId, name]));
    return Object.fromEntries(body.participants.map((p: Told) => [names.get(p.userId), p.unreadCount]));
  }

  async close(): Promise<void> {
    await this.socket.close();
  }
}
