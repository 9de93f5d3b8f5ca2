// An event that is too long to be sent comes short, with the address of the whole (docs/webhooks.md).
import { createExecutionContext } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { unwrap } from '../../src/domain/errors.ts';
import type { EndpointApi } from '../../src/endpoint/api.ts';
import type { Env } from '../../src/env.ts';
import worker from '../../src/index.ts';
import { all, group } from '../conversation/harness.ts';
import { ANSWER, endpoint, feedOf } from '../endpoint/harness.ts';

const get = (url: string): Promise<Response> =>
  worker.fetch(new Request(url), env as unknown as Env, createExecutionContext());

test('up to 256 KB an event is sent whole; above, its whole text is at an address that nobody guesses', async () => {
  const { room } = await group(2);
  const one = await endpoint(room.app, 1);
  const api = one.stub as unknown as EndpointApi;
  await one.answering(async () => ANSWER);
  // Three bytes a letter: 255,000 and 258,000.
  const text = (seq: number) => '語'.repeat(seq === 2 ? 85_000 : 88_000);
  await api.take(feedOf(room, 1, 2, 2, text));
  const bodies = await one.inside((_, storage) =>
    all<{ body: string }>(storage, 'SELECT body FROM delivery ORDER BY id').map(({ body }) =>
      JSON.parse(body),
    ),
  );
  expect([bodies[0].data.message.text, bodies[0].whole]).toEqual([text(2), undefined]);
  const { data, whole } = bodies[1];
  expect([data.message, data.conversation]).toEqual([{ id: '3', seq: 3 }, { id: '77' }]);
  const answer = await get(whole.url);
  expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'private, no-store']);
  const bytes = await answer.arrayBuffer();
  expect(bytes.byteLength).toBe(whole.bytes);
  const full = JSON.parse(new TextDecoder().decode(bytes));
  expect([full.type, full.data.message.text]).toEqual(['message.created', text(3)]);

  const other = await endpoint(room.app, 1);
  const spoiled = [
    whole.url.replace(/.$/, (last: string) => (last === '0' ? '1' : '0')),
    whole.url.replace(/\?.*/, ''),
    whole.url.replace(/_3\?/, '_2?'),
    whole.url.replace(/bodies\/[0-9a-f]{24}/, `bodies/${'0'.repeat(24)}`),
  ];
  for (const url of spoiled) expect([url, (await get(url)).status]).toEqual([url, 404]);
  expect(unwrap(await (other.stub as unknown as EndpointApi).status()).waiting).toBe(0);

  // What is erased from the journal is gone there too.
  await one.inside((sender) => sender.queue.erase(77, 1));
  expect((await get(whole.url)).status).toBe(404);
});
