// Live sockets in one conversation: posts over sockets and how many deliveries they make: DESIGN.md 10.
import type { Bench } from '../bench.ts';
import { Child } from '../child.ts';
import { median, quantile } from '../figures.ts';
import { Forum } from '../forum.ts';
import { openFiles } from '../machine.ts';
import { type Ours, startOurs } from '../servers.ts';
import type { PostJob, SocketsJob, SocketsResult } from '../sockets.ts';
import { type Line, ms, rate } from '../table.ts';
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
}

/** Opens `count` sockets, posts over them for some rounds and closes them again, for each number in flight. */
async function measure(
  bench: Bench,
  { ours, sockets, conversation, tokens }: Room,
  count: number,
  {
    inFlight,
    until,
    direct = false,
  }: { inFlight: readonly number[]; until: PostJob['until']; direct?: boolean },
): Promise<Figures[]> {
  const url = ours.app.realtime.url;
  await sockets.ask({ do: 'open', url, tokens: tokens.slice(0, count), conversation, direct });
  const figures: Figures[] = [];
  for (const n of inFlight) {
    bench.note(`${count} sockets${direct ? ' attached directly' : ''}, ${n} in flight`);
    const { seconds } = bench;
    const job: PostJob = { do: 'post', inFlight: n, text: TEXT, until, seconds };
    await sockets.ask({ ...job, seconds: WARM_UP_SECONDS });
    const rounds: SocketsResult[] = [];
    while (rounds.length < bench.rounds) rounds.push(await sockets.ask(job));
    figures.push(figuresOf(rounds));
  }
  await sockets.ask({ do: 'close' });
  return figures;
}

function figuresOf(rounds: readonly SocketsResult[]): Figures {
  const acks = rounds.flatMap((round) => [...round.acks]).sort((a, b) => a - b);
  return {
    postsPerSecond: median(rounds.map((round) => round.acks.length / round.seconds)),
    deliveriesPerSecond: median(rounds.map((round) => round.deliveries / round.seconds)),
    ackP50: quantile(acks, 0.5),
    ackP99: quantile(acks, 0.99),
  };
}

const shown = ({ postsPerSecond, deliveriesPerSecond, ackP50, ackP99 }: Figures): string =>
  `${rate(postsPerSecond)}, ${rate(deliveriesPerSecond)} delivered, ack p50 ${ms(ackP50)} p99 ${ms(ackP99)} ms`;

export async function sockets(bench: Bench): Promise<Line[]> {
  const room = await roomOf(bench, 100);
  const lines: Line[] = [];
  for (const count of [1, 50, 100]) {
    const figures = await measure(bench, room, count, { inFlight: IN_FLIGHT, until: 'echo' });
    lines.push(...figures.map((each, i) => lineOf(`${plural(count)}, ${IN_FLIGHT[i]} in flight`, each)));
  }
  const direct = await measure(bench, room, 100, { inFlight: IN_FLIGHT, until: 'echo', direct: true });
  lines.push(
    ...direct.map((each, i) => lineOf(`100 sockets attached directly, ${IN_FLIGHT[i]} in flight`, each)),
  );
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

export async function crowd(bench: Bench): Promise<Line[]> {
  if (Number(openFiles()) < CROWD_FILES) {
    bench.note(`left out: ${CROWD} sockets need ${CROWD_FILES} open files (ulimit -n)`);
    return [];
  }
  const room = await roomOf(bench, CROWD);
  const [figures] = (await measure(bench, room, CROWD, { inFlight: [1], until: 'ack' })) as [Figures];
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
