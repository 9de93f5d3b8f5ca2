// What a bridge lets in after its operator said so (docs/bridges.md), with the clock moved: what others carry of it is kept out by
// it, and a circle that stopped the bridge is forgotten when it goes on.
import { evictDurableObject } from 'cloudflare:test';
import { expect, test } from 'vitest';
import type { Arriving, Screened } from '../../src/domain/bridges.ts';
import { unwrap } from '../../src/domain/errors.ts';
import type { ConversationNumber, EndpointNumber } from '../../src/domain/ids.ts';
import type { EndpointApi } from '../../src/endpoint/api.ts';
import { Guard } from '../../src/endpoint/guard.ts';
import { Links } from '../../src/endpoint/links.ts';
import { group } from '../conversation/harness.ts';
import { endpoint } from './harness.ts';

const bridge = {
  ...{ number: 4 as EndpointNumber, conversation: 7 as ConversationNumber },
  ...{ incoming: 9, self: [] },
};

test('what is let in after all is known as what was said: its echo is a copy, and a paused bridge or a full ring does not stop it', async () => {
  const { room } = await group(1);
  const { inside } = await endpoint(room.app, 1);
  await inside((_, { sql }) => {
    const guard = new Guard(sql, new Links(sql));
    let stopped = 0;
    const say = (
      name: string,
      now: number,
      { active = true, ...more }: Partial<Arriving> & { active?: boolean } = {},
    ) => {
      const event: Arriving = {
        ...{ kind: 'message', source: 'hook:9', remote: null, parent: null, marker: null },
        ...{ author: { id: name, name, bot: false }, words: 'the very same words' },
        ...more,
      };
      const said = guard.screen(event, bridge, {
        hub: 'a hub',
        active,
        now,
        stop: () => {
          stopped += 1;
        },
      });
      return said.pass ? 'in' : said.reason;
    };
    expect([say('cat', 0), say('dan', 1), say('dan', 2, { source: 'hook:8' })]).toEqual([
      'in',
      'copy',
      'copy',
    ]);
    // So long after the first that only this one makes the next a copy.
    expect(say('dan', 20_000, { released: true })).toBe('in');
    expect(say('relay', 21_000, { source: 'hook:8' })).toBe('copy');
    expect(say('eve', 22_000, { active: false })).toBe('paused');
    for (let i = 0; i < 40; i++)
      expect(say(`${i}`, 30_000, { released: true, active: false, source: `hook:${8 + (i % 2)}` })).toBe(
        'in',
      );
    expect(stopped).toBe(0);
    expect(say('fay', 30_001, { words: 'something else' })).toBe('paused');
    expect(stopped).toBe(1);
  });
});

test('a bridge that goes on forgets the circle that stopped it, also after its object was out of memory', async () => {
  const { room } = await group(1);
  const { inside, stub } = await endpoint(room.app, 1);
  /** `count` messages, all within a second, that come from two sides in turn: what became of the last, and how often it stopped. */
  const cross = (count: number) =>
    inside((_, { sql }) => {
      const guard = new Guard(sql, new Links(sql));
      const stops: number[] = [];
      let last: Screened | null = null;
      for (let i = 0; i < count; i++)
        last = guard.screen(
          {
            ...{ kind: 'message', source: `hook:${8 + (i % 2)}`, remote: null, parent: null, marker: null },
            ...{ author: { id: `${i}`, name: `${i}`, bot: false }, words: `${count} ${i}` },
          },
          { ...bridge, incoming: null },
          { hub: 'a hub', active: true, now: i, stop: () => stops.push(i) },
        );
      return { passed: last?.pass, stops: stops.length };
    });
  expect(await cross(21)).toEqual({ passed: false, stops: 1 });
  await evictDurableObject(stub);
  unwrap(await (stub as unknown as EndpointApi).changed({ resume: true }));
  expect(await cross(20)).toEqual({ passed: true, stops: 0 });
});
