// Bridges in both directions (docs/bridges.md): what comes back is known, whoever brings it and however fast; nothing runs in
// circles; edits and deletions travel both ways.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bridges, type Json, type Post, startBridges, type Told } from './bridges-world.ts';

let bridges: Bridges;

beforeAll(async () => {
  bridges = await startBridges();
});
afterAll(() => bridges?.world.stop());

/** A conversation with a bridge both ways. */
async function linked(network: string, more: object = {}) {
  const talk = await bridges.talk('x-ann', 'x-ben');
  return { talk, ...(await joined(talk.number, network, more)) };
}

async function joined(conversation: number, network: string, more: object = {}) {
  const hook = await bridges.hook(conversation);
  const made = await bridges.bridge(network, conversation, { incoming: hook.number, perSecond: 50, ...more });
  return { hook, ...made };
}

const textOf = ({ body }: Post): string => body.content ?? body.text;
const rest = async (number: number): Promise<Json> =>
  (await bridges.settled(number, ({ status }) => status.waiting === 0)).status;
const say = (talk: { id: string }, text: string) => bridges.world.post(talk.id, text, 'x-ann');

test('an echo is known, also before the answer, by the id, by who it is, by its words', async () => {
  const { talk, hook, peer, number } = await linked('discord');
  const webhook = /(\d+)\/token/.exec(peer.path)?.[1] ?? '';
  const answers: Json[] = [];
  peer.told = async (post) => {
    answers.push(await hook.said({ id: post.id, text: textOf(post) }, { id: webhook, name: 'ANN' }));
  };
  await say(talk, 'echo, please');
  await peer.until(() => answers.length === 1);
  await rest(number);
  // The same once more, by another name: its id is known now.
  answers.push(await hook.said({ id: peer.posts[0]?.id, text: 'echo, please' }, { name: 'somebody' }));
  expect(answers).toEqual(Array(2).fill({ result: 'dropped', reason: 'ours' }));

  const plain = await linked('mattermost');
  plain.peer.told = async (post) => {
    answers.push(await plain.hook.said({ id: 'p1', text: textOf(post) }, { id: 'bot', name: 'ANN' }));
  };
  await say(plain.talk, '**not** a loop');
  await plain.peer.until(() => answers.length === 3);
  await rest(plain.number);
  answers.push(await plain.hook.said({ id: 'p1', text: 'not a loop' }, { id: 'bot', name: 'ANN' }));
  expect(answers.slice(2)).toEqual(Array(2).fill({ result: 'dropped', reason: 'ours' }));
  expect(await bridges.seen(plain.talk.id)).toEqual(['ANN: **not** a loop']);
  expect(await bridges.seen(talk.id)).toEqual(['ANN: echo, please']);
  expect((await rest(number)).counts).toMatchObject({ sent: 1, ours: 2, entered: 0, copies: 0 });
});

test('what others carry between two places of one conversation is kept out and shown', async () => {
  const { talk, hook, peer, number } = await linked('discord');
  const other = await joined(talk.number, 'mattermost');
  const results: Json[] = [];
  // A relay of somebody else's between the two places.
  peer.passed = async (post) => {
    results.push(await other.hook.said({ text: `<ANN> ${textOf(post)}` }, { id: 'relay', name: 'relay' }));
  };
  other.peer.passed = async (post) => {
    results.push(await hook.said({ text: textOf(post) }, { id: 'relay', name: post.body.username }));
  };
  await say(talk, 'hello to everybody in the ring');
  await bridges.settled(number, () => results.length === 2);
  expect(results).toEqual(Array(2).fill({ result: 'dropped', reason: 'copy' }));
  expect([peer.posts.length, other.peer.posts.length]).toEqual([1, 1]);
  expect(await bridges.seen(talk.id)).toEqual(['ANN: hello to everybody in the ring']);
  const shown = [...(await rest(number)).copies, ...(await rest(other.number)).copies];
  expect(shown.map(({ author }) => author).sort()).toEqual(['ANN', 'relay']);
  // Somebody there says the same as somebody else did, and it is no copy; what the relay makes of both ends.
  expect(await hook.said({ text: 'ok' }, { name: 'cat' })).toMatchObject({ result: 'posted' });
  expect(await other.hook.said({ text: 'ok' }, { name: 'dan' })).toMatchObject({ result: 'posted' });
  await peer.until(({ posts }) => posts.length >= 2);
  await rest(number);
  await rest(other.number);
  expect([peer.posts.length, other.peer.posts.length]).toEqual([expect.toSatisfy((n) => n <= 5), 2]);
  peer.passed = async () => {};
  other.peer.passed = async () => {};
  // What the relay had taken up before may come yet.
  await expect
    .poll(async () => {
      await bridges.operate('DELETE', number, '/copies');
      return (await rest(number)).copies;
    })
    .toEqual([]);
});

test('what was kept out is let in when the operator says so: at the end, once, and out over the other bridge', async () => {
  const { talk, hook, peer, number } = await linked('discord');
  const other = await joined(talk.number, 'mattermost');
  const [words, kept] = ['the very same words', { result: 'dropped', reason: 'copy' }];
  expect(await hook.said({ id: 'm1', text: words }, { name: 'cat' })).toMatchObject({ result: 'posted' });
  expect(await other.hook.said({ id: 'm2', text: words, replyTo: 'm0' }, { name: 'dan' })).toEqual(kept);
  expect(await other.hook.said({ id: 'm3', text: words }, { name: 'eve' })).toEqual(kept);
  await say(talk, 'meanwhile');
  const copies = async () => (await rest(number)).copies;
  const [third, second] = await copies();
  expect(second).toMatchObject({ author: 'dan', text: words, releasedAt: null, message: null });
  const release = ({ id }: Json) => bridges.operate('POST', number, `/copies/${id}/release`);
  const lock = (locked: boolean) =>
    bridges.world.operate('PATCH', `/conversations/${talk.number}`, { locked });

  await lock(true);
  expect((await release(second)).status).toBe(423);
  await lock(false);
  const [first, ...again] = await Promise.all([release(second), release(second), release(second)]);
  expect(first).toEqual({
    status: 200,
    body: {
      copy: { ...second, releasedAt: expect.stringMatching(/Z$/), message: expect.stringMatching(/^\d+$/) },
    },
  });
  expect([...again, await release(second)]).toEqual(Array(3).fill(first));
  expect((await copies())[1]).toEqual(first?.body.copy);
  // Somebody's relay brings it round.
  expect(await hook.said({ text: words }, { id: 'relay', name: 'relay' })).toEqual(kept);
  const seen = [`cat: ${words}`, 'ANN: meanwhile', `dan: ${words}`];
  expect(await bridges.seen(talk.id)).toEqual(seen);
  // What was said at one place is said at the other.
  await peer.until(({ posts }) => posts.length >= 2);
  await rest(number);
  await rest(other.number);
  expect([peer.texts, other.peer.texts]).toEqual([
    ['meanwhile', words],
    [words, 'meanwhile'],
  ]);

  const edited = await other.hook.said({ id: 'm2', text: 'other words' }, { name: 'dan' }, 'message.edited');
  expect(edited).toMatchObject({ result: 'edited' });
  await other.hook.gone('m3');
  const refused = await release(third);
  expect([refused.status, refused.body.error]).toMatchObject([
    409,
    { code: 'conflict', message: 'It was deleted where it was said.' },
  ]);
  await bridges.operate('DELETE', number, '/copies');
  for (const gone of [second, third]) expect((await release(gone)).status).toBe(404);
  // Its number is nobody else's.
  await hook.said({ text: 'nobody says this twice' }, { name: 'fay' });
  expect(await hook.said({ text: 'nobody says this twice' }, { name: 'gil' })).toEqual(kept);
  expect((await copies()).every(({ id }: Json) => id > third.id)).toBe(true);
  expect((await release(second)).status).toBe(404);
  expect((await bridges.seen(talk.id)).length).toBe(4);
});

test('two conversations whose bridges lead into each other pass a message on once', async () => {
  const one = await linked('discord', { incoming: null });
  const two = await linked('discord', { incoming: null });
  const results: Json[] = [];
  one.peer.passed = async (post) => {
    results.push(
      await two.hook.said({ id: post.id, text: textOf(post) }, { id: 'w1', name: post.body.username }),
    );
  };
  two.peer.passed = async (post) => {
    results.push(
      await one.hook.said({ id: post.id, text: textOf(post) }, { id: 'w2', name: post.body.username }),
    );
  };
  await say(one.talk, 'round');
  await bridges.settled(one.number, () => results.length === 2);
  // What is posted is told on before that is answered: either answer may come first.
  expect(results.sort((a, b) => b.result.localeCompare(a.result))).toMatchObject([
    { result: 'posted' },
    { result: 'dropped', reason: 'copy' },
  ]);
  expect(await bridges.seen(one.talk.id)).toEqual(['ANN: round']);
  expect(await bridges.seen(two.talk.id)).toEqual(['ANN: round']);
});

test('what changes on its way round is stopped, and goes on when the operator says so', async () => {
  const { talk, hook, number } = await linked('discord');
  const other = await joined(talk.number, 'mattermost');
  const results: Json[] = [];
  const relayed = (from: Told, i: number) =>
    from.said({ text: `${i}, and again something else` }, { name: `relay ${i}` });
  const began = Date.now();
  // Two at a time, one from each side, so that more than twenty come within ten seconds: on a machine that does much else too.
  while (results.length < 100 && !results.some(({ reason }) => reason === 'paused'))
    results.push(
      ...(await Promise.all([relayed(hook, results.length), relayed(other.hook, results.length + 1)])),
    );
  const quick = Date.now() - began < 10_000;
  const stopped = results.findIndex(({ reason }) => reason === 'paused');
  expect(stopped).toBeGreaterThanOrEqual(20);
  if (quick) expect(stopped).toBe(20);
  // The bridge knows it first; the directory has it a moment later.
  const { bridge } = await bridges.settled(number, (now) => now.bridge.state === 'paused');
  expect(bridge.reason).toBe('messages went in circles');
  expect(await hook.said({ text: 'while it is paused' }, { name: 'cat' })).toMatchObject({
    reason: 'paused',
  });
  await bridges.operate('POST', number, '/resume');
  expect(await hook.said({ text: 'and on' }, { name: 'cat' })).toMatchObject({ result: 'posted' });
});

test('edits and deletions travel both ways', async () => {
  const { talk, hook, peer, number } = await linked('discord');
  const mine = await say(talk, 'said here');
  await peer.until(({ posts }) => posts.length === 1);
  await rest(number);
  const there = peer.posts[0]?.id ?? '';
  const edited = 'message.edited';
  expect(await hook.said({ id: there, text: 'changed there' }, { name: 'mod' }, edited)).toMatchObject({
    result: 'edited',
  });
  expect(await bridges.seen(talk.id)).toEqual(['ANN: changed there']);
  await bridges.world.sunshine('PATCH', `/conversations/${talk.id}/messages/${mine}`, {
    content: { type: 'text', text: 'changed here' },
  });
  await peer.until(({ texts }) => texts[0] === 'changed here');
  await rest(number);
  // The news of that is our own doing.
  expect(await hook.said({ id: there, text: 'changed here' }, { name: 'mod' }, edited)).toMatchObject({
    reason: 'ours',
  });
  const reply = await hook.said({ text: 'an answer', replyTo: there }, { name: 'cat' });
  expect(reply).toMatchObject({ result: 'posted' });
  expect(await hook.gone(there)).toMatchObject({ result: 'deleted' });
  expect(await bridges.seen(talk.id)).toEqual(['cat: an answer']);
  const { counts } = await rest(number);
  expect(counts).toMatchObject({ sent: 1, entered: 3, ours: 1 });
  // Nothing that came from there was sent there.
  if (!process.env.EVICT_EVERY) expect(peer.calls.map(({ method }) => method)).toEqual(['POST', 'PATCH']);
});

test('a cut between the parts of a message: what is missing is sent, and nothing twice', async () => {
  const { talk, peer, number } = await linked('discord');
  const words = Array.from({ length: 520 }, (_, i) => `word${i}`).join(' ');
  let calls = 0;
  peer.meddle = (_call, response) => {
    if (++calls !== 2) return false;
    response.destroy();
    return true;
  };
  await say(talk, words);
  await peer.until(({ posts }) => posts.length === 3);
  expect(peer.texts.join(' ').replace(/\s+/g, ' ')).toBe(words);
  await rest(number);
  expect(peer.posts.length).toBe(3);
});

test('a network that asks for rest gets it, and one that is gone is left alone until the operator says so', async () => {
  const { talk, peer, number } = await linked('discord');
  let asked = 0;
  peer.meddle = (_call, response) => {
    if (++asked > 2) return false;
    response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '1' });
    response.end(JSON.stringify({ message: 'slowly', retry_after: 0.2, global: false }));
    return true;
  };
  await say(talk, 'in time');
  await peer.until(({ posts }) => posts.length === 1);
  const [first, second, third] = peer.calls.map(({ at }) => at) as [number, number, number];
  if (!process.env.EVICT_EVERY) expect([second - first >= 200, third - second >= 200]).toEqual([true, true]);
  // A call that was cut off with its object is counted by nobody.
  const limited = process.env.EVICT_EVERY ? expect.any(Number) : 2;
  expect((await rest(number)).counts).toMatchObject({ sent: 1, limited });

  peer.meddle = (_call, response) => {
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end('{"message": "Unknown Webhook", "code": 10015}');
    return true;
  };
  for (let i = 0; i < 25; i++) await say(talk, `waits ${i}`);
  const { bridge } = await bridges.settled(
    number,
    (now) => now.bridge.state === 'paused' && now.status.waiting === 25,
  );
  expect(bridge.reason).toBe('discord answered 404 {"message": "Unknown Webhook", "code": 10015}');
  peer.meddle = () => false;
  await bridges.operate('POST', number, '/resume');
  // The first was tried before; the others are one.
  const [, tried, digest] = await peer.until(({ posts }) => posts.length === 3);
  expect(textOf(tried as Post)).toBe('waits 0');
  expect(textOf(digest as Post).split('\n')).toEqual([
    '**24 messages came while this place could not be told of them**',
    ...Array.from({ length: 24 }, (_, i) => `**ANN**: waits ${i + 1}`),
  ]);
  expect((await rest(number)).counts).toMatchObject({ sent: 2, digests: 1 });
});
