// What a bridge lets in after its operator said so (docs/bridges.md), with the clock moved: what others carry of it is kept out by it.
import { expect, test } from 'vitest';
import type { Arriving } from '../../src/domain/bridges.ts';
import type { ConversationNumber, EndpointNumber } from '../../src/domain/ids.ts';
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
