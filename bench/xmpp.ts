// Occupants of an XMPP room, a process of their own: the same work as sockets.ts does at the hub, against ejabberd.
// Stanzas are told apart with a search for their ends and not parsed: the less this costs, the stricter the comparison.
import { connect, type Socket } from 'node:net';
import { serveJobs } from './child.ts';
import type { PostJob, SocketsResult } from './sockets.ts';

export interface EnterJob {
  readonly do: 'open';
  readonly port: number;
  /** The room's name; made by the first who enters. */
  readonly room: string;
  readonly count: number;
}

export type XmppJob = EnterJob | PostJob | { readonly do: 'close' };

const PATIENCE_MS = 30_000;
const DOMAIN = 'localhost';
const MESSAGE_END = '</message>';

/** One connection: signed in, in the room; counts its messages and insists on one order for all. */
class Occupant {
  /** Messages of the room received. */
  received = 0;
  private readonly socket: Socket;
  private text = '';
  private expected: { pattern: RegExp; resolve: () => void } | null = null;
  private readonly echoes = new Map<string, () => void>();
  private waiting: { count: number; resolve: () => void }[] = [];
  private live = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => this.take(text));
    socket.on('error', (error) => fail(error));
    socket.on('close', () => {
      if (!closing) fail(new Error('a connection was closed'));
    });
  }

  static async enter(port: number, room: string, nick: string, first: boolean): Promise<Occupant> {
    const socket = connect(port, '127.0.0.1');
    const me = new Occupant(socket);
    const header = `<?xml version='1.0'?><stream:stream to='${DOMAIN}' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>`;
    await me.ask(header, /<\/stream:features>/);
    await me.ask(`<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='ANONYMOUS'/>`, /<success/);
    await me.ask(header, /<\/stream:features>/);
    await me.ask(`<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>`, /<\/iq>/);
    const at = `${room}@conference.${DOMAIN}`;
    await me.ask(
      `<presence to='${at}/${nick}'><x xmlns='http://jabber.org/protocol/muc'><history maxstanzas='0'/></x></presence>`,
      /<subject[/>]|code='201'/,
    );
    if (first) {
      const form = `<query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query>`;
      await me.ask(
        `<iq type='set' id='make' to='${at}'>${form}</iq>`,
        /id='make'[^>]*type='result'|type='result'[^>]*id='make'/,
      );
    }
    me.live = true;
    me.text = '';
    return me;
  }

  /** Sends and waits for what matches. */
  private ask(stanza: string, pattern: RegExp): Promise<void> {
    return new Promise((resolve) => {
      this.text = '';
      this.expected = { pattern, resolve };
      this.socket.write(stanza);
    });
  }

  /** Posts to the room and waits for the room's own copy. */
  post(room: string, text: string): Promise<void> {
    const id = `m${++posted}`;
    return new Promise((resolve) => {
      this.echoes.set(id, resolve);
      this.socket.write(
        `<message to='${room}@conference.${DOMAIN}' type='groupchat' id='${id}'><body>${text}</body></message>`,
      );
    });
  }

  /** Until `count` messages of the room are here. */
  reach(count: number): Promise<void> {
    if (this.received >= count) return Promise.resolve();
    return new Promise((resolve) => {
      this.waiting.push({ count, resolve });
    });
  }

  private take(text: string): void {
    this.text += text;
    if (!this.live) {
      if (!this.expected?.pattern.test(this.text)) return;
      const { resolve } = this.expected;
      this.expected = null;
      resolve();
      return;
    }
    let from = 0;
    for (let end = this.text.indexOf(MESSAGE_END); end >= 0; end = this.text.indexOf(MESSAGE_END, from)) {
      const stanza = this.text.slice(from, end);
      from = end + MESSAGE_END.length;
      const id = /\sid='(m\d+)'/.exec(stanza)?.[1];
      if (id === undefined) continue;
      this.inOrder(id);
      this.received += 1;
      const echo = this.echoes.get(id);
      if (echo) {
        this.echoes.delete(id);
        echo();
      }
    }
    this.text = this.text.slice(from);
    if (this.waiting.length === 0) return;
    const due = this.waiting.filter(({ count }) => count <= this.received);
    this.waiting = this.waiting.filter(({ count }) => count > this.received);
    for (const { resolve } of due) resolve();
  }

  /** Whoever sees a message first says what the order is; every other occupant must see the same. */
  private inOrder(id: string): void {
    const known = order[this.received];
    if (known === undefined) order.push(id);
    else if (known !== id) fail(new Error(`message ${this.received} was ${id} here and ${known} elsewhere`));
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.socket.once('close', () => resolve());
      this.socket.end('</stream:stream>');
    });
  }
}

let occupants: Occupant[] = [];
let order: string[] = [];
let room = '';
let posted = 0;
let closing = false;
/** Rejects the job that is under way. */
let fail: (error: Error) => void = () => {};

const nothing = (): SocketsResult => ({ seconds: 0, acks: new Float64Array(), deliveries: 0 });

async function open(job: EnterJob): Promise<SocketsResult> {
  closing = false;
  room = job.room;
  order = [];
  occupants = [];
  // One after the other: everybody in a room hears of everybody who enters.
  for (let i = 0; i < job.count; i++) {
    occupants.push(await Occupant.enter(job.port, room, `person-${i}`, i === 0));
  }
  return nothing();
}

async function post({ inFlight, text, seconds }: PostJob): Promise<SocketsResult> {
  const acks: number[] = [];
  const before = received();
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  const work = async (_: unknown, slot: number): Promise<void> => {
    const me = occupants[slot % occupants.length] as Occupant;
    while (elapsed() < seconds) {
      const sent = performance.now();
      await me.post(room, text);
      acks.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, work));
  await Promise.all(occupants.map((occupant) => occupant.reach(order.length)));
  return { seconds: elapsed(), acks: Float64Array.from(acks), deliveries: received() - before };
}

const received = (): number => occupants.reduce((sum, occupant) => sum + occupant.received, 0);

async function close(): Promise<SocketsResult> {
  closing = true;
  await Promise.all(occupants.map((occupant) => occupant.close()));
  occupants = [];
  return nothing();
}

function run(job: XmppJob): Promise<SocketsResult> {
  return new Promise((resolve, reject) => {
    const limit = job.do === 'post' ? job.seconds * 1000 + PATIENCE_MS : 2 * PATIENCE_MS;
    const late = setTimeout(() => reject(new Error(`"${job.do}" did not end within ${limit} ms`)), limit);
    fail = reject;
    const work = job.do === 'open' ? open(job) : job.do === 'post' ? post(job) : close();
    work.then(resolve, reject).finally(() => clearTimeout(late));
  });
}

if (import.meta.main) serveJobs(run);
