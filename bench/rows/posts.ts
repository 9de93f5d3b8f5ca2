// Posts into one hot conversation, durable and indexed, beside the bare floor: DESIGN.md 10.
import { type Bench, compare, type Target } from '../bench.ts';
import type { Figures } from '../figures.ts';
import { ratioOf } from '../figures.ts';
import { rawRequest } from '../http.ts';
import { type Ours, type Server, startFloor, startOurs } from '../servers.ts';
import { type Line, loadOf, ms, times } from '../table.ts';

const IN_FLIGHT = [1, 4, 16, 64] as const;
const LEAST_RATIO: Readonly<Record<number, number>> = { 16: 1.3, 64: 1.7 };

/** What is posted: a chat message of middling length. */
export const TEXT =
  'The quick brown fox met the lazy dog at the river, and they agreed to share the boat on the way home.';

/** A Sunshine post of this text to a conversation, by the app's key, in the name of a member. */
export function sunshinePost(ours: Ours, conversationId: string, userId: string): string {
  return rawRequest({
    port: ours.port,
    path: `/v2/apps/${ours.app.sunshine.appId}/conversations/${conversationId}/messages`,
    headers: ours.sunshineHeaders,
    body: JSON.stringify({ author: { type: 'user', userId }, content: { type: 'text', text: TEXT } }),
  });
}

const floorTarget = ({ port }: Server, path: string): Target => ({
  port,
  requests: [rawRequest({ port, path, body: TEXT })],
  expect: { status: 201 },
});

export async function posts(bench: Bench): Promise<Line[]> {
  const floor = await startFloor();
  const ours = await startOurs(bench.entry);
  const [alice, bob] = [
    await ours.createUser({ username: 'alice', displayName: 'Alice' }),
    await ours.createUser({ username: 'bob', displayName: 'Bob' }),
  ];
  const conversation = await ours.createConversation([alice, bob]);
  const hub: Target = {
    port: ours.port,
    requests: [sunshinePost(ours, conversation.id, alice.sunshineId)],
    expect: { status: 201 },
  };
  const lines: Line[] = [];
  for (const inFlight of IN_FLIGHT) {
    bench.note(`posts, ${inFlight} in flight`);
    const both = { floor: floorTarget(floor, '/post'), ours: hub };
    const figures = await compare(bench, inFlight, both);
    lines.push(lineOf(inFlight, figures));
    if (inFlight === 1) {
      bench.note('one D1 batch alone');
      const { nothing, batch } = await compare(bench, 1, {
        nothing: floorTarget(floor, '/nothing'),
        batch: floorTarget(floor, '/batch'),
      });
      lines.push(oneInFlight(figures, batch.p50 - nothing.p50));
    }
    if (inFlight === 64) lines.push(tail(figures));
  }
  return lines;
}

interface Pair {
  readonly floor: Figures;
  readonly ours: Figures;
}

function lineOf(inFlight: number, { floor, ours }: Pair): Line {
  const ratio = ratioOf(ours, floor);
  const least = LEAST_RATIO[inFlight];
  return {
    what: `posts, ${inFlight} in flight, against the floor`,
    against: loadOf(floor),
    ours: loadOf(ours),
    ratio: times(ratio),
    budget: least === undefined ? '' : `>= ${least}x`,
    met: least === undefined ? null : ratio >= least,
  };
}

/** `batchMs`: what one D1 batch alone takes, without the call around it. */
function oneInFlight({ floor, ours }: Pair, batchMs: number): Line {
  const most = floor.p50 + batchMs;
  return {
    what: 'posts, 1 in flight, p50',
    against: `${ms(floor.p50)} + one D1 batch ${ms(batchMs)} = ${ms(most)} ms`,
    ours: `${ms(ours.p50)} ms`,
    ratio: times(ours.p50 / most),
    budget: '<= floor + one D1 batch',
    met: ours.p50 <= most,
  };
}

const tail = ({ floor, ours }: Pair): Line => ({
  what: `posts, 64 in flight, p99 of ${ours.count}`,
  against: `${ms(floor.p99)} ms`,
  ours: `${ms(ours.p99)} ms`,
  ratio: times(ours.p99 / floor.p99),
  budget: "below the floor's",
  met: ours.p99 < floor.p99,
});
