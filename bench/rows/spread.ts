// The same posts spread over many conversations, beside a hub without an index: DESIGN.md 10.
import { type Bench, compare, type Target } from '../bench.ts';
import { ratioOf } from '../figures.ts';
import { NO_INDEX, type Ours, startOurs } from '../servers.ts';
import { type Line, loadOf, times } from '../table.ts';
import { sunshinePost } from './posts.ts';

const CONVERSATIONS = 200;
const IN_FLIGHT = 16;
const LEAST_RATIO = 0.55;

export async function spread(bench: Bench): Promise<Line[]> {
  const [ours, without] = [await startOurs(bench.entry), await startOurs(NO_INDEX)];
  bench.note(`${CONVERSATIONS} conversations on each of two hubs`);
  const targets = { without: await targetOf(without), ours: await targetOf(ours) };
  bench.note(`posts over ${CONVERSATIONS} conversations, ${IN_FLIGHT} in flight`);
  const figures = await compare(bench, IN_FLIGHT, targets);
  const ratio = ratioOf(figures.ours, figures.without);
  return [
    {
      what: `posts over ${CONVERSATIONS} conversations, ${IN_FLIGHT} in flight, against no index`,
      against: loadOf(figures.without),
      ours: loadOf(figures.ours),
      ratio: times(ratio),
      budget: `>= ${LEAST_RATIO}x`,
      met: ratio >= LEAST_RATIO,
    },
  ];
}

async function targetOf(hub: Ours): Promise<Target> {
  const alice = await hub.createUser({ username: 'alice', displayName: 'Alice' });
  const bob = await hub.createUser({ username: 'bob', displayName: 'Bob' });
  const requests: string[] = [];
  while (requests.length < CONVERSATIONS) {
    const { id } = await hub.createConversation([alice, bob]);
    requests.push(sunshinePost(hub, id, alice.sunshineId));
  }
  return { port: hub.port, requests, expect: { status: 201 } };
}
