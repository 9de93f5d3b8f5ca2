// Whether an endpoint that hangs takes anything from another one of its app (contracts/webhooks-bridges-widget.md W13): how long
// events take to the second one, from the post to the receiver, beside the same with a first one that answers.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Bench } from '../bench.ts';
import { atEnd } from '../cleanup.ts';
import { interleaved, quantile } from '../figures.ts';
import { type Ours, startOurs } from '../servers.ts';
import { type Line, ms, times } from '../table.ts';

const CONVERSATIONS = 10;
/** An event that has not come by then never will. */
const PATIENCE_MS = 60_000;

export async function hooks(bench: Bench): Promise<Line[]> {
  bench.note('an endpoint beside one that hangs');
  const [answering, hanging] = [await prepared(bench, 'answers'), await prepared(bench, 'hangs')];
  for (const side of [answering, hanging]) await side(0.7);
  const results = await interleaved(bench.rounds, {
    answering: () => answering(bench.seconds),
    hanging: () => hanging(bench.seconds),
  });
  const [theirs, ours] = [results.answering, results.hanging].map((rounds) =>
    rounds.flat().sort((a, b) => a - b),
  ) as [number[], number[]];
  return ([0.5, 0.99] as const).map((share) => {
    const [without, beside] = [quantile(theirs, share), quantile(ours, share)];
    return {
      what: `an event from the post to its receiver, p${share * 100}, beside an endpoint that hangs`,
      against: `${ms(without)} ms beside one that answers`,
      ours: `${ms(beside)} ms of ${ours.length}`,
      ratio: times(beside / without),
      budget: '< 2.00x',
      met: beside / without < 2,
    };
  });
}

/** A hub with two endpoints; gives a round of posts, one in flight, whose latencies are those at the second one. */
async function prepared(
  bench: Bench,
  first: 'answers' | 'hangs',
): Promise<(seconds: number) => Promise<number[]>> {
  const arrived = new Map<string, () => void>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    if (request.url === '/first' && first === 'hangs') return;
    response.end();
    if (request.url !== '/second') return;
    arrived.get(JSON.parse(Buffer.concat(chunks).toString()).data.message.text)?.();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(async () => {
    server.closeAllConnections();
    server.close();
  });
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ours = await startOurs(bench.entry, undefined, { WEBHOOK_ALLOW_HOSTS: host });
  for (const path of ['first', 'second']) await endpoint(ours, `http://${host}/${path}`);
  const ann = await ours.createUser({ username: 'ann', displayName: 'Ann' });
  const talks = await Promise.all(
    Array.from({ length: CONVERSATIONS }, () => ours.createConversation([ann])),
  );
  let posts = 0;
  const post = async (): Promise<number> => {
    const text = `event ${posts}`;
    const talk = talks[posts % CONVERSATIONS] as { id: string };
    posts += 1;
    const began = performance.now();
    const there = new Promise<number>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('an event did not arrive')), PATIENCE_MS);
      arrived.set(text, () => {
        clearTimeout(late);
        resolve(performance.now() - began);
      });
    });
    const author = { type: 'user', userId: ann.sunshineId };
    await ours.sunshine('POST', `/conversations/${talk.id}/messages`, {
      author,
      content: { type: 'text', text },
    });
    const took = await there;
    arrived.delete(text);
    return took;
  };
  return async (seconds) => {
    const latencies: number[] = [];
    for (const until = performance.now() + seconds * 1000; performance.now() < until; )
      latencies.push(await post());
    return latencies;
  };
}

async function endpoint({ url, adminToken, app }: Ours, target: string): Promise<void> {
  const delivery = { perSecond: 1_000 };
  const answer = await fetch(`${url}/admin/apps/${app.app.slug}/endpoints`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ url: target, events: ['message.created'], delivery }),
  });
  if (answer.status !== 201) throw new Error(`an endpoint: ${answer.status} ${await answer.text()}`);
}
