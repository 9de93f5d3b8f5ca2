// Subscribers, a process of their own: many sockets in one conversation, each frame parsed and the order of its events
// checked, as a careful client would. Some of them post. Started by run.ts.
import { WebSocket } from 'ws';
import { serveJobs } from './child.ts';

export interface OpenJob {
  readonly do: 'open';
  /** ws://…/realtime */
  readonly url: string;
  /** One socket for each. */
  readonly tokens: readonly string[];
  readonly conversation: string;
  /** The sockets attach to the conversation itself; posts then go over a second socket of their sender. */
  readonly direct: boolean;
}

/** One round of posts, `inFlight` at a time, each over another socket. */
export interface PostJob {
  readonly do: 'post';
  readonly inFlight: number;
  readonly text: string;
  /** When a post counts as done: acknowledged, or also seen by its sender in the conversation. */
  readonly until: 'ack' | 'echo';
  readonly seconds: number;
}

export type SocketsJob = OpenJob | PostJob | { readonly do: 'close' };

export interface SocketsResult {
  /** From the first post until every socket has every event. */
  readonly seconds: number;
  /** ms from sending a post to its ack. */
  readonly acks: Float64Array;
  /** Events that sockets received. */
  readonly deliveries: number;
}

/** What has not come after this long never will. */
const PATIENCE_MS = 30_000;
/** Sockets that open at the same time. */
const OPENING = 32;

interface Frame {
  readonly t: string;
  readonly ref?: string;
  readonly seq?: number;
  readonly message?: string;
  readonly events?: readonly { readonly seq: number }[];
}

/** A subscriber: counts, and insists on gap-free events in order. */
class Subscriber {
  readonly socket: WebSocket;
  /** Where posts are sent. */
  sender: WebSocket;
  lastSeq = 0;
  received = 0;
  private readonly acks = new Map<string, (frame: Frame) => void>();
  private waiting: { seq: number; resolve: () => void }[] = [];

  private constructor(socket: WebSocket) {
    this.socket = socket;
    this.sender = socket;
    socket.on('message', (data) => this.take(JSON.parse(String(data)) as Frame));
    socket.on('close', (code) => {
      if (!closing) fail(new Error(`a socket was closed: ${code}`));
    });
  }

  static async open({ url, conversation, direct }: OpenJob, token: string): Promise<Subscriber> {
    if (!direct) {
      const subscriber = new Subscriber(await connect(url, token));
      const { seq = 0 } = await subscriber.ask({ t: 'subscribe', c: conversation });
      subscriber.lastSeq = seq;
      return subscriber;
    }
    return new Subscriber(await connect(`${url}/c/${conversation}`, token));
  }

  async addSender(url: string, token: string): Promise<void> {
    this.sender = await connect(url, token);
    this.sender.on('message', (data) => this.take(JSON.parse(String(data)) as Frame));
  }

  get awaitsAck(): boolean {
    return this.acks.size > 0;
  }

  /** Sends a frame and gives its ack. */
  ask(frame: object): Promise<Frame> {
    const ref = String(++refs);
    return new Promise((resolve, reject) => {
      this.acks.set(ref, (answer) => {
        if (answer.t === 'ack') resolve(answer);
        else reject(new Error(`the server answered ${JSON.stringify(answer)}`));
      });
      this.sender.send(JSON.stringify({ ...frame, ref }));
    });
  }

  /** Until the event with this seq is here. */
  reach(seq: number): Promise<void> {
    if (this.lastSeq >= seq) return Promise.resolve();
    return new Promise((resolve) => {
      this.waiting.push({ seq, resolve });
    });
  }

  private take(frame: Frame): void {
    if (frame.t === 'events') {
      for (const { seq } of frame.events ?? []) {
        // The first event of a directly attached socket is wherever the conversation stands.
        if (this.lastSeq > 0 && seq !== this.lastSeq + 1) {
          fail(new Error(`event ${seq} came after ${this.lastSeq}`));
        }
        this.lastSeq = seq;
        this.received += 1;
      }
      const due = this.waiting.filter(({ seq }) => seq <= this.lastSeq);
      if (due.length === 0) return;
      this.waiting = this.waiting.filter(({ seq }) => seq > this.lastSeq);
      for (const { resolve } of due) resolve();
    } else if (frame.ref !== undefined) {
      this.acks.get(frame.ref)?.(frame);
      this.acks.delete(frame.ref);
    }
  }
}

let subscribers: Subscriber[] = [];
let conversation = '';
let refs = 0;
let closing = false;
/** Rejects the job that is under way. */
let fail: (error: Error) => void = () => {};

async function connect(url: string, token: string): Promise<WebSocket> {
  const socket = new WebSocket(url, ['parlance.v1', `token.${token}`], { perMessageDeflate: false });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  socket.on('error', (error) => fail(error));
  return socket;
}

async function open(job: OpenJob): Promise<SocketsResult> {
  conversation = job.conversation;
  closing = false;
  const tokens = [...job.tokens];
  const opened: Subscriber[] = [];
  const work = async () => {
    for (let token = tokens.pop(); token !== undefined; token = tokens.pop()) {
      const subscriber = await Subscriber.open(job, token);
      if (job.direct) await subscriber.addSender(job.url, token);
      opened.push(subscriber);
    }
  };
  await Promise.all(Array.from({ length: OPENING }, work));
  subscribers = opened;
  return { seconds: 0, acks: new Float64Array(), deliveries: 0 };
}

async function post({ inFlight, text, until, seconds }: PostJob): Promise<SocketsResult> {
  const acks: number[] = [];
  const before = received();
  let highest = 0;
  const start = performance.now();
  const elapsed = () => (performance.now() - start) / 1000;
  const work = async (_: unknown, slot: number): Promise<void> => {
    const me = subscribers[slot % subscribers.length] as Subscriber;
    while (elapsed() < seconds) {
      const sent = performance.now();
      const { seq = 0 } = await me.ask({ t: 'send', c: conversation, clientId: `b-${refs}-${start}`, text });
      acks.push(performance.now() - sent);
      highest = Math.max(highest, seq);
      if (until === 'echo') await me.reach(seq);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, work));
  await Promise.all(subscribers.map((subscriber) => subscriber.reach(highest)));
  return { seconds: elapsed(), acks: Float64Array.from(acks), deliveries: received() - before };
}

const received = (): number => subscribers.reduce((sum, subscriber) => sum + subscriber.received, 0);

async function close(): Promise<SocketsResult> {
  closing = true;
  const sockets = subscribers.flatMap(({ socket, sender }) =>
    sender === socket ? [socket] : [socket, sender],
  );
  await Promise.all(
    sockets.map(
      (socket) =>
        new Promise<void>((resolve) => {
          socket.once('close', () => resolve());
          socket.close();
        }),
    ),
  );
  subscribers = [];
  return { seconds: 0, acks: new Float64Array(), deliveries: 0 };
}

/** Where the sockets stand, for the message of a job that does not end. */
function standing(): string {
  const at = Map.groupBy(subscribers, ({ lastSeq }) => lastSeq);
  const groups = [...at].map(([seq, { length }]) => `${length} at event ${seq}`).slice(0, 10);
  const waiting = subscribers.filter((subscriber) => subscriber.awaitsAck).length;
  return `sockets: ${groups.join(', ')}; ${waiting} without an ack`;
}

function run(job: SocketsJob): Promise<SocketsResult> {
  return new Promise((resolve, reject) => {
    const limit = job.do === 'post' ? job.seconds * 1000 + PATIENCE_MS : 2 * PATIENCE_MS;
    const late = setTimeout(
      () => reject(new Error(`"${job.do}" did not end within ${limit} ms; ${standing()}`)),
      limit,
    );
    fail = reject;
    const work = job.do === 'open' ? open(job) : job.do === 'post' ? post(job) : close();
    work.then(resolve, reject).finally(() => clearTimeout(late));
  });
}

if (import.meta.main) serveJobs(run);
