// What messages look like to the incoming webhooks of Slack, Discord and Mattermost, and that no text calls anybody there.
import { expect, test } from 'vitest';
import type { Markup } from '../../src/domain/model.ts';
import { read } from '../../src/text/convert.ts';
import { writeSlack } from '../../src/text/slack-write.ts';
import { discord, mattermost, slack } from '../../src/webhooks/formats/chat.ts';
import type { Fed, Format } from '../../src/webhooks/formats/format.ts';

const entryOf = (message: object) => ({ kind: 'message', seq: 2, id: 1, at: 1, author: 3, n: 1, message });
const fedOf = (text: string, markup: Markup, more: object = {}): Fed =>
  ({
    about: { facts: { number: 7 } },
    fed: {
      entry: entryOf({ door: 'tapatalk', type: 'text', text, markup, ...more }),
      people: [{ user: 3, card: { name: 'Ann of Discord', avatar: 'https://x.example/a.png' } }],
      target: null,
    },
    type: 'message.created',
    suffix: '',
  }) as unknown as Fed;
const hub = { addressOf: ({ url }: { url: string }) => url } as never;
const bodyOf = (format: Format, fed: Fed) =>
  JSON.parse(format.body(hub, { slug: 'demo' } as never, fed) as string);

test.each<[string, Markup, string]>([
  ['Hello', 'plain', 'Hello'],
  ['[b]bold[/b] and [i]italic[/i] and [s]gone[/s]', 'bbcode', '*bold* and _italic_ and ~gone~'],
  ['a & b < c > d', 'plain', 'a &amp; b &lt; c &gt; d'],
  ['<!channel> <@U123> <!here>', 'plain', '&lt;!channel&gt; &lt;@U123&gt; &lt;!here&gt;'],
  ['[url=https://x.example/?a=1&b=2]there[/url]', 'bbcode', '<https://x.example/?a=1&amp;b=2|there>'],
  ['[url]https://x.example/[/url]', 'bbcode', '<https://x.example/>'],
  ['[url=https://x.example/]a|b[/url]', 'bbcode', 'a|b <https://x.example/>'],
  ['[quote]one\ntwo[/quote]', 'bbcode', '> one\n> two'],
  ['`a < b`', 'markdown', '`a &lt; b`'],
  ['[u]under[/u] [color=red]red[/color]', 'bbcode', 'under red'],
])('%s, written in %s, is for Slack: %s', (text, markup, expected) => {
  expect(writeSlack(read(text, markup))).toBe(expected);
});

test('Slack gets words, name and picture, with the addresses of files below', () => {
  const attachments = [{ url: 'https://hub.example/f/1' }];
  expect(bodyOf(slack, fedOf('[b]Hi[/b]', 'bbcode', { attachments }))).toEqual({
    text: '*Hi*\nhttps://hub.example/f/1',
    username: 'Ann of Discord',
    icon_url: 'https://x.example/a.png',
  });
});

test('Discord gets Markdown, a name that it takes, and is told to call nobody', () => {
  expect(bodyOf(discord, fedOf('[b]Hi[/b] @everyone', 'bbcode'))).toEqual({
    content: '**Hi** @\u200beveryone',
    username: 'Ann of',
    avatar_url: 'https://x.example/a.png',
    allowed_mentions: { parse: [] },
  });
  const long = bodyOf(discord, fedOf('👋'.repeat(1_500), 'plain')).content;
  expect([long.length <= 1_950, long.isWellFormed(), long.endsWith('…')]).toEqual([true, true, true]);
});

test('Mattermost gets Markdown, files as attachments, and which message it is', () => {
  const attachments = [
    { url: 'https://hub.example/f/1', name: 'plan.pdf', mime: 'application/pdf' },
    { url: 'https://hub.example/f/2', name: 'a.png', mime: 'image/png' },
  ];
  expect(bodyOf(mattermost, fedOf('[b]Hi[/b]', 'bbcode', { attachments }))).toEqual({
    text: '**Hi**',
    username: 'Ann of Discord',
    icon_url: 'https://x.example/a.png',
    attachments: [
      { fallback: 'plan.pdf', title: 'plan.pdf', title_link: 'https://hub.example/f/1' },
      { fallback: 'a.png', image_url: 'https://hub.example/f/2' },
    ],
    props: { parlance: { app: 'demo', conversation: '7', message: '1' } },
  });
});

test.each<[string, Markup, string]>([
  ['@all (@channel) a@b.example', 'plain', '@\u200ball (@\u200bchannel) a@b.example'],
  ['[b]@here[/b] [quote=@ann]@ben[/quote]', 'bbcode', '**@\u200bhere** \n> **@\u200bann:**\n> @\u200bben'],
  ['`@all`', 'markdown', '`@all`'],
  ['* [@all](https://x.example/)', 'markdown', '- [@\u200ball](https://x.example/)'],
])('%s calls nobody in Mattermost', (text, markup, expected) => {
  expect(bodyOf(mattermost, fedOf(text, markup)).text).toBe(expected);
});

test('only new messages go out, and none that came in over a bridge', () => {
  const told = (fed: Fed['fed']) => slack.events({} as never, fed).map(({ type }) => type);
  expect(told(fedOf('x', 'plain').fed)).toEqual(['message.created']);
  expect(told(fedOf('x', 'plain', { door: 'bridge' }).fed)).toEqual([]);
  expect(told(fedOf('', 'plain', { deleted: true }).fed)).toEqual([]);
  expect(told(null)).toEqual([]);
});
