// A text on its way from one network to another, by way of what a conversation keeps: its meaning stays on each of the twelve
// ways between Slack, Discord, Mattermost and Discourse (contracts/webhooks-bridges-widget.md 2.4).
import { describe, expect, test } from 'vitest';
import { read } from '../../src/text/convert.ts';
import { kept, type Network, readFrom, writeFor } from '../../src/text/networks.ts';

type Said = Readonly<Record<Network, string>>;
const Z = '\u200b';

const same = (text: string): Said => ({ slack: text, discord: text, mattermost: text, discourse: text });
const said = (slack: string, markdown: string, others: Partial<Said> = {}): Said => ({
  slack,
  discord: markdown,
  mattermost: markdown,
  discourse: markdown,
  ...others,
});
/** What a network that cannot say it gets, where the source can: `[what is sent, what arrives]`. */
interface Case {
  readonly name: string;
  readonly sent: Partial<Said>;
  readonly arrives: Said;
}
const whole = (name: string, said: Said): Case => ({ name, sent: said, arrives: said });

const CASES: readonly Case[] = [
  whole('words', same('Hello, you two')),
  whole('words in any script', same('Grüße, 日本 🍜')),
  whole('bold', said('*b*', '**b**')),
  whole('italic', said('_i_', '_i_')),
  whole('strike', said('~s~', '~~s~~')),
  whole('bold in a sentence', said('a *b c* d', 'a **b c** d')),
  whole('bold and italic', said('*_x_*', '**_x_**')),
  whole('italic in bold', said('*a _b_ c*', '**a _b_ c**')),
  whole('styles side by side', said('*a* _b_ ~c~', '**a** _b_ ~~c~~')),
  whole('code', said('`a*b*c`', '`a*b*c`')),
  whole('code with signs', said('`a &lt; b &amp; c`', '`a < b & c`')),
  whole('code in bold', said('*`x`*', '**`x`**')),
  whole('a link', said('<https://x.example/a|there>', '[there](https://x.example/a)')),
  whole(
    'a link with a query',
    said('<https://x.example/?a=1&amp;b=2|there>', '[there](https://x.example/?a=1&b=2)'),
  ),
  whole('a link in bold', said('*<https://x.example/|there>*', '[**there**](https://x.example/)')),
  whole('a bare address', said('see <https://x.example/a> now', 'see https://x.example/a now')),
  whole('a mail address', said('<mailto:a@b.example|write>', '[write](mailto:a@b.example)')),
  whole('signs', { ...said('1 &lt; 2 &amp; 3 &gt; 2', '1 < 2 & 3 > 2') }),
  whole('lines', same('a\nb\n\nc')),
  whole('a block of code', said('```\na\n  b *c*\n```', '```\na\n  b *c*\n```')),
  {
    name: 'a block of code in a language',
    sent: { discord: '```js\nx()\n```', mattermost: '```js\nx()\n```', discourse: '```js\nx()\n```' },
    arrives: said('```\nx()\n```', '```js\nx()\n```'),
  },
  whole('a quote', said('&gt; a\n&gt; b', '> a\n> b', { slack: '> a\n> b' })),
  whole('a quote and an answer', said('> a\nb', '> a\n\nb')),
  whole(
    'a quote of somebody',
    said('> *Ann:*\n> a\nb', '> **Ann:**\n> a\n\nb', { discourse: '[quote="Ann"]\na\n[/quote]\n\nb' }),
  ),
  {
    name: 'a quote of a post',
    sent: { discourse: '[quote="Ann, post:1, topic:2"]\na\n[/quote]\n\nb' },
    arrives: said('> *Ann:*\n> a\nb', '> **Ann:**\n> a\n\nb', {
      discourse: '[quote="Ann"]\na\n[/quote]\n\nb',
    }),
  },
  whole('a quote in a quote', said('> a\n> > b', '> a\n> > b')),
  whole('a quote with code', said('> ```\n> x\n> ```', '> ```\n> x\n> ```')),
  {
    name: 'a quote of all that follows',
    sent: { slack: '&gt;&gt;&gt; a\nb', discord: '>>> a\nb' },
    arrives: said('> a\n> b', '> a\n> b'),
  },
  whole('a list', said('• a\n• b', '- a\n- b')),
  whole('a list that counts', said('1. a\n2. b', '1. a\n2. b')),
  whole('a list in a list', said('• a\n    ◦ b\n• c', '- a\n  - b\n- c')),
  whole('a list below words', said('x\n• a\n• b\ny', 'x\n- a\n- b\n\ny')),
  whole('styles in a list', said('• *a*\n• <https://x.example/|b>', '- **a**\n- [b](https://x.example/)')),
  {
    name: 'underlined',
    sent: { discord: '__u__', discourse: '[u]u[/u]' },
    arrives: { slack: 'u', discord: '__u__', mattermost: 'u', discourse: '[u]u[/u]' },
  },
  {
    name: 'hidden',
    sent: { discord: 'a ||b||', discourse: 'a [spoiler]b[/spoiler]' },
    arrives: {
      slack: 'a (spoiler) b',
      discord: 'a ||b||',
      mattermost: 'a (spoiler) b',
      discourse: 'a [spoiler]b[/spoiler]',
    },
  },
  {
    name: 'an image',
    sent: { mattermost: '![a](https://x.example/i.png)', discourse: '![a|690x388](https://x.example/i.png)' },
    arrives: said('<https://x.example/i.png|a>', '![a](https://x.example/i.png)', {
      discord: '[a](https://x.example/i.png)',
    }),
  },
  {
    name: 'an upload',
    sent: { discourse: '![a|690x388](upload://q1w2.png) [b.pdf|attachment](upload://e3.pdf)' },
    arrives: said(
      '<https://forum.example/uploads/short-url/q1w2.png|a> <https://forum.example/uploads/short-url/e3.pdf|b.pdf>',
      '![a](https://forum.example/uploads/short-url/q1w2.png) [b.pdf](https://forum.example/uploads/short-url/e3.pdf)',
      {
        discord:
          '[a](https://forum.example/uploads/short-url/q1w2.png) [b.pdf](https://forum.example/uploads/short-url/e3.pdf)',
      },
    ),
  },
  {
    name: 'somebody is mentioned',
    sent: { slack: 'hi <@U1>', discord: 'hi <@1>', mattermost: 'hi @bob', discourse: 'hi @bob' },
    arrives: { slack: 'hi @bob', discord: 'hi @bob', mattermost: `hi @${Z}bob`, discourse: `hi @${Z}bob` },
  },
  {
    name: 'everybody is mentioned',
    sent: {
      slack: '<!everyone> hi',
      discord: '@everyone hi',
      mattermost: '@everyone hi',
      discourse: '@everyone hi',
    },
    arrives: same(`@${Z}everyone hi`) && {
      slack: '@everyone hi',
      discord: `@${Z}everyone hi`,
      mattermost: `@${Z}everyone hi`,
      discourse: `@${Z}everyone hi`,
    },
  },
  {
    name: 'a mention of another network in words',
    sent: {
      mattermost: 'a <!here> <@U1>',
      discord: 'a \\<!here> \\<\\@U1>',
      discourse: 'a \\<!here> \\<\\@U1>',
    },
    arrives: {
      slack: 'a &lt;!here&gt; &lt;@U1&gt;',
      discord: 'a \\<!here> \\<@U1>',
      mattermost: `a \\<!here> \\<@${Z}U1>`,
      discourse: `a \\<!here> \\<@${Z}U1>`,
    },
  },
  {
    name: 'a channel',
    sent: { slack: 'in <#C1|general>' },
    arrives: same('in #general'),
  },
  {
    name: 'signs that mean something elsewhere',
    sent: { slack: 'a|b #c 2 * 3 [x](y)' },
    arrives: said('a|b #c 2 * 3 [x](y)', 'a|b #c 2 * 3 \\[x\\](y)'),
  },
  {
    name: 'a file below the words',
    sent: said(
      'look:\n<https://hub.example/files/1/a.pdf|a.pdf>',
      'look:\n[a.pdf](https://hub.example/files/1/a.pdf)',
    ),
    arrives: said(
      'look:\n<https://hub.example/files/1/a.pdf|a.pdf>',
      'look:\n[a.pdf](https://hub.example/files/1/a.pdf)',
    ),
  },
  {
    name: 'all of it in one message',
    sent: said(
      '> *Ann:*\n> so?\n*yes*, `x` <https://x.example/|there>\n• a\n• b\n```\ncode\n```',
      '> **Ann:**\n> so?\n\n**yes**, `x` [there](https://x.example/)\n- a\n- b\n\n```\ncode\n```',
    ),
    arrives: said(
      '> *Ann:*\n> so?\n*yes*, `x` <https://x.example/|there>\n• a\n• b\n```\ncode\n```',
      '> **Ann:**\n> so?\n\n**yes**, `x` [there](https://x.example/)\n- a\n- b\n\n```\ncode\n```',
      {
        discourse:
          '[quote="Ann"]\nso?\n[/quote]\n\n**yes**, `x` [there](https://x.example/)\n- a\n- b\n\n```\ncode\n```',
      },
    ),
  },
];

const NETWORKS: readonly Network[] = ['slack', 'discord', 'mattermost', 'discourse'];
const WAYS = NETWORKS.flatMap((from) =>
  NETWORKS.filter((to) => to !== from).map((to) => [from, to] as const),
);
const place = {
  names: (id: string) => (id === 'U1' || id === '1' ? 'bob' : null),
  site: 'https://forum.example',
};

test('there are twelve ways and at least 40 cases', () => {
  expect(WAYS).toHaveLength(12);
  expect(CASES.length).toBeGreaterThanOrEqual(40);
});

describe.each(WAYS)('from %s to %s', (from, to) => {
  const sent = CASES.filter((each) => each.sent[from] !== undefined);
  test.each(sent)('$name', ({ sent, arrives }) => {
    const { text, markup } = kept(readFrom(from, sent[from] as string, place));
    expect(writeFor(to, read(text, markup))).toBe(arrives[to]);
  });
});

describe('a mention that may call', () => {
  const tree = readFrom('slack', 'hi <@U1|bob> and <!here>');
  test('calls only those who are allowed', () => {
    expect(writeFor('slack', tree, ({ id }) => id === 'U1')).toBe('hi <@U1> and @here');
    expect(writeFor('slack', tree)).toBe('hi @bob and @here');
  });
  test('calls by the means of its network', () => {
    expect(writeFor('discord', readFrom('discord', '<@1> @everyone', place), () => true)).toBe(
      '<@1> @everyone',
    );
    expect(writeFor('mattermost', tree, () => true)).toBe('hi @bob and @here');
  });
});
