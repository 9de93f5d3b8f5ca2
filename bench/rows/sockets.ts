// Live sockets in one conversation: posts over sockets and how many deliveries they make: DESIGN.md 10.
import type { Bench } from '../bench.ts';
import { Child } from '../child.ts';
import { findEjabberd, startEjabberd } from '../ejabberd.ts';
import { interleaved, median, quantile } from '../figures.ts';
import { Forum } from '../forum.ts';
import { openFiles } from '../machine.ts';
import { type Ours, startOurs } from '../servers.ts';
import type { PostJob, SocketsJob, SocketsResult } from '../sockets.ts';
import { type Line, ms, rate, times } from '../table.ts';
import type { XmppJob } from '../xmpp.ts';
import { TEXT } from './posts.ts';

const PASSWORD = 'correct horse battery staple';
const WARM_UP_SECONDS = 0.7;
const IN_FLIGHT = [1, 16];

/** The crowd's budget. */
const CROWD = 1_000;
const CROWD_POSTS_PER_SECOND = 100;
const CROWD_ACK_MS = 10;
/** A socket here, its twin in workerd, and what else is open. */
const CROWD_FILES = 4_096;

type Sockets = Child<SocketsJob, SocketsResult>;

interface Room {
  readonly ours: Ours;
  readonly sockets: Sockets;
  readonly conversation: string;
  readonly tokens: readonly string[];
}

/** A hub with one conversation of `members` people, each with a token. */
async function roomOf(bench: Bench, members: number): Promise<Room> {
  const ours = await startOurs(bench.entry);
  bench.note(`${members} people`);
  await ours.createUser({ username: 'owner', displayName: 'Owner', password: PASSWORD });
  const names = Array.from({ length: members }, (_, i) => `person-${i}`);
  const tokens: string[] = [];
  const left = [...names];
  const work = async () => {
    for (let username = left.pop(); username !== undefined; username = left.pop()) {
      await ours.createUser({ username, displayName: `Person ${username}` });
      tokens.push(await ours.tokenOf(username));
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  const forum = await Forum.signIn(ours, 'owner', PASSWORD);
  const conversation = await forum.newConversation(names, TEXT);
  return { ours, sockets: new Child<SocketsJob, SocketsResult>('sockets.ts'), conversation, tokens };
}

interface Figures {
  readonly postsPerSecond: number;
  readonly deliveriesPerSecond: number;
  readonly ackP50: number;
  readonly ackP99: number;
  /** Of each round. */
  readonly posts: readonly number[];
  readonly deliveries: readonly number[];
}

/** Somebody whose sockets are open: gives a round of posts. */
type Round = (job: PostJob) => Promise<SocketsResult>;

/** Opens `count` sockets of the hub's room; the answer closes them again. */
async function openOurs(room: Room, count: number, direct = false): Promise<() => Promise<unknown>> {
  const { ours, sockets, conversation, tokens } = room;
  const url = ours.app.realtime.url;
  await sockets.ask({ do: 'open', url, tokens: tokens.slice(0, count), conversation, direct });
  return () => sockets.ask({ do: 'close' });
}

/** Rounds of posts to each in turn, `inFlight` at a time. */
async function measure<Name extends string>(
  bench: Bench,
  inFlight: number,
  until: PostJob['until'],
  contestants: Readonly<Record<Name, Round>>,
): Promise<Record<Name, Figures>> {
  const job: PostJob = { do: 'post', inFlight, text: TEXT, until, seconds: bench.seconds };
  const names = Object.keys(contestants) as Name[];
  for (const name of names) await contestants[name]({ ...job, seconds: WARM_UP_SECONDS });
  const runs = Object.fromEntries(names.map((name) => [name, () => contestants[name](job)]));
  const rounds = await interleaved(bench.rounds, runs as Record<Name, () => Promise<SocketsResult>>);
  return Object.fromEntries(names.map((name) => [name, figuresOf(rounds[name])])) as Record<Name, Figures>;
}

function figuresOf(rounds: readonly SocketsResult[]): Figures {
  const acks = rounds.flatMap((round) => [...round.acks]).sort((a, b) => a - b);
  const posts = rounds.map((round) => round.acks.length / round.seconds);
  const deliveries = rounds.map((round) => round.deliveries / round.seconds);
  return {
    postsPerSecond: median(posts),
    deliveriesPerSecond: median(deliveries),
    ackP50: quantile(acks, 0.5),
    ackP99: quantile(acks, 0.99),
    posts,
    deliveries,
  };
}

const shown = ({ postsPerSecond, deliveriesPerSecond, ackP50, ackP99 }: Figures): string =>
  `${rate(postsPerSecond)}, ${rate(deliveriesPerSecond)} delivered, ack p50 ${ms(ackP50)} p99 ${ms(ackP99)} ms`;

/** What DESIGN.md 10 asks of a room against ejabberd's. */
interface Budget {
  readonly of: 'posts' | 'deliveries';
  readonly least: number;
}

const BUDGETS: Readonly<Record<string, Budget>> = {
  '2, 1': { of: 'posts', least: 1.75 },
  '100, 1': { of: 'posts', least: 1.75 },
  '100, 16': { of: 'deliveries', least: 8 },
  '100 direct, 1': { of: 'posts', least: 2 },
};

export async function sockets(bench: Bench): Promise<Line[]> {
  const room = await roomOf(bench, 100);
  const peer = findEjabberd() ? await startEjabberd() : null;
  if (!peer) bench.note('without ejabberd, which is not installed: docs/bench.md');
  const xmpp = peer && new Child<XmppJob, SocketsResult>('xmpp.ts');
  const lines: Line[] = [];
  for (const [count, direct] of [[1], [2], [50], [100], [100, true]] as const) {
    const closeOurs = await openOurs(room, count, direct);
    const ours: Round = (job) => room.sockets.ask(job);
    await xmpp?.ask({ do: 'open', port: peer?.port as number, room: `room-${count}-${direct}`, count });
    for (const inFlight of IN_FLIGHT) {
      const name = `${count}${direct ? ' direct' : ''}, ${inFlight}`;
      bench.note(`sockets: ${name} in flight`);
      const what = `${plural(count)}${direct ? ' attached directly' : ''}, ${inFlight} in flight`;
      if (!xmpp) lines.push(lineOf(what, (await measure(bench, inFlight, 'echo', { ours })).ours));
      else {
        const contestants = { theirs: (job: PostJob) => xmpp.ask(job), ours };
        const figures = await measure(bench, inFlight, 'echo', contestants);
        lines.push(besideEjabberd(what, figures, BUDGETS[name]));
      }
    }
    await closeOurs();
    await xmpp?.ask({ do: 'close' });
  }
  return lines;
}

const plural = (count: number): string => (count === 1 ? '1 socket' : `${count} sockets`);

const lineOf = (what: string, figures: Figures): Line => ({
  what,
  against: '',
  ours: shown(figures),
  ratio: '',
  budget: '',
  met: null,
});

function besideEjabberd(
  what: string,
  { ours, theirs }: { ours: Figures; theirs: Figures },
  budget: Budget | undefined,
): Line {
  const of = budget?.of ?? 'posts';
  const ratio = median(ours[of].map((figure, i) => figure / (theirs[of][i] ?? Number.NaN)));
  return {
    what: `${what}, against ejabberd`,
    against: `${rate(theirs.postsPerSecond)}, ${rate(theirs.deliveriesPerSecond)} delivered`,
    ours: shown(ours),
    ratio: times(ratio),
    budget: budget ? `>= ${budget.least}x ${of}` : '',
    met: budget ? ratio >= budget.least : null,
  };
}

export async function crowd(bench: Bench): Promise<Line[]> {
  if (Number(openFiles()) < CROWD_FILES) {
    bench.note(`left out: ${CROWD} sockets need ${CROWD_FILES} open files (ulimit -n)`);
    return [];
  }
  const room = await roomOf(bench, CROWD);
  const close = await openOurs(room, CROWD);
  bench.note(`${CROWD} sockets, 1 in flight`);
  const { ours: figures } = await measure(bench, 1, 'ack', { ours: (job) => room.sockets.ask(job) });
  await close();
  const { postsPerSecond, ackP50 } = figures;
  return [
    {
      ...lineOf(`${CROWD} sockets, 1 in flight`, figures),
      budget: `>= ${CROWD_POSTS_PER_SECOND} posts/s`,
      met: postsPerSecond >= CROWD_POSTS_PER_SECOND,
    },
    {
      ...lineOf(`${CROWD} sockets, 1 in flight, ack p50`, figures),
      ours: `${ms(ackP50)} ms`,
      budget: `<= ${CROWD_ACK_MS} ms`,
      met: ackP50 <= CROWD_ACK_MS,
    },
  ];
}
