// Who changed a message at the remote side (docs/bridges.md, "What comes back"): somebody there, whose words come in, or this hub,
// whose own change comes back as news; in every order in which the two can meet.
import { expect, test } from 'vitest';
import type { Arriving } from '../../src/domain/bridges.ts';
import type { ConversationNumber, EndpointNumber, Seq } from '../../src/domain/ids.ts';
import { Guard } from '../../src/endpoint/guard.ts';
import { type ComesBack, hashOf, Links, wordsHash } from '../../src/endpoint/links.ts';
import { Rewordings } from '../../src/endpoint/rewordings.ts';
import { printOf } from '../../src/text/framed.ts';
import { group } from '../conversation/harness.ts';
import { endpoint } from './harness.ts';

const bridge = {
  ...{ number: 4 as EndpointNumber, conversation: 7 as ConversationNumber },
  ...{ incoming: 9, self: ['bot'] },
};
const SEQ = 5 as Seq;
const back = (words: string): ComesBack => ({ whole: `**Ann:**\n${words}`, head: '**Ann:**\n', tail: '' });

/** One post, `9/2`, that was written by this hub, and the news of it. */
async function posted(parts: string[], work: (post: Post) => void) {
  const { room } = await group(1);
  const { inside } = await endpoint(room.app, 1);
  await inside((_, { sql }) => work(new Post(sql, parts)));
}

class Post {
  private readonly guard: Guard;
  private readonly links: Links;
  private readonly rewordings: Rewordings;

  constructor(sql: SqlStorage, parts: string[]) {
    this.links = new Links(sql);
    this.rewordings = new Rewordings(sql);
    this.guard = new Guard(sql, this.links, this.rewordings);
    for (const part of parts) this.pend(part, 'one');
    this.links.made(SEQ, '0', '9/2');
  }

  private pend(part: string, words: string) {
    const about = { seq: SEQ, part, name: 'Ann', source: '', author: 1, at: 0, version: SEQ };
    this.links.pend({ ...about, content: words, words: `Ann: ${words}`, back: back(words) });
  }

  /** This hub is about to write it. */
  writes(words: string) {
    this.pend('0', words);
    const print = hashOf(printOf(back(words).whole));
    this.rewordings.writes('9/2', { print, words: wordsHash(`Ann: ${words}`) }, 0);
  }

  /** What is let in of the news; `-`: nothing. */
  told(words: string, version?: number, more: Partial<Arriving> = {}): string {
    const said = this.guard.screen(
      {
        ...{ kind: 'edit', source: 'hook:9', remote: '9/2', parent: null, marker: null },
        ...{
          author: { id: 'bot', name: 'bot', bot: false },
          words: `Ann: ${words}`,
          text: back(words).whole,
        },
        ...(version !== undefined && { version }),
        ...more,
      },
      bridge,
      { hub: 'a hub', active: true, now: 0, stop: () => {} },
    );
    return said.pass && said.target === SEQ ? (said.said ?? words) : '-';
  }

  saidThere(words: string): boolean {
    return this.rewordings.saidThere('9/2', words);
  }
}

test.each<[string, (post: Post) => string[], string[]]>([
  ['what it says already changes nothing', (post) => [post.told('one', 1), post.told('one', 2)], ['-', '-']],
  [
    'a rewording comes in, also told twice, and then what it said before',
    (post) => [post.told('two', 1), post.told('two', 1), post.told('one', 2)],
    ['two', 'two', 'one'],
  ],
  [
    'signs, case and markup are words too',
    (post) => [post.told('One', 1), post.told('**One**', 2)],
    ['One', '**One**'],
  ],
  [
    'our own change is an echo, once; the same words by somebody later are theirs',
    (post) => {
      post.writes('two');
      return [post.told('two', 1), post.told('three', 2), post.told('two', 3)];
    },
    ['-', 'three', 'two'],
  ],
  [
    'echoes of two changes, in whatever order they are told',
    (post) => {
      post.writes('two');
      post.writes('three');
      return [post.told('three', 2), post.told('two', 1), post.told('three', 2)];
    },
    ['-', '-', '-'],
  ],
  [
    'echoes of two changes where no version is told',
    (post) => {
      post.writes('two');
      post.writes('three');
      return [post.told('two'), post.told('three')];
    },
    ['-', '-'],
  ],
  [
    'an echo that the network has tidied',
    (post) => {
      post.writes('two, two');
      return [post.told('two,  two.', 1), post.told('two, two!', 2)];
    },
    ['-', 'two, two!'],
  ],
  [
    'theirs before ours: what was lost there is lost here',
    (post) => {
      post.writes('ours');
      return [post.told('theirs', 1), post.told('ours', 2)];
    },
    ['theirs', 'ours'],
  ],
  [
    'theirs after ours: ours, told late, is older',
    (post) => {
      post.writes('ours');
      return [post.told('theirs', 2), post.told('ours', 1)];
    },
    ['theirs', '-'],
  ],
  [
    'theirs, and ours again before the echo of the first: that is no news',
    (post) => {
      post.writes('two');
      const theirs = post.told('theirs', 1);
      post.writes('three');
      return [theirs, post.told('two', 2), post.told('three', 3)];
    },
    ['theirs', '-', '-'],
  ],
])('%s', async (_, told, expected) => {
  await posted(['0'], (post) => expect(told(post)).toEqual(expected));
});

test('a rewording need not be said there, asked twice too, until it says something newer or something else was written', async () => {
  await posted(['0'], (post) => {
    post.told('two', 1);
    post.told('three', 2);
    const asked = ['two', 'two', 'three', 'three', 'two'].map((words) => post.saidThere(words));
    expect(asked).toEqual([true, true, true, true, false]);
    post.told('four', 3);
    post.writes('ours');
    expect(post.saidThere('four')).toBe(false);
  });
});

test('one part of several says nothing of the whole; files that stand aside are no parts of it', async () => {
  await posted(['0', '1'], (post) => expect(post.told('two', 1)).toBe('-'));
  await posted(['0', 'file:0'], (post) => expect(post.told('two', 1)).toBe('two'));
});

test('who says it does not matter for a post of ours; another’s is changed by its author', async () => {
  await posted(['0'], (post) => {
    expect(post.told('two', 1, { author: { id: 'mod', name: 'mod', bot: false } })).toBe('two');
    expect(post.told('three', 2, { remote: '9/3' })).toBe('-');
  });
});
