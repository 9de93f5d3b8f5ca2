// Whatever a sender writes, a shape reads it or refuses it: nothing else is thrown, and nothing that it makes of it is a
// message that nobody could have written.

import { expect, test } from 'vitest';
import { Refused } from '../../src/domain/errors.ts';
import type { RemoteEvent } from '../../src/domain/remote.ts';
import { discourseEvent } from '../../src/incoming/discourse.ts';
import { githubEvent } from '../../src/incoming/github.ts';
import { parlanceEvent } from '../../src/incoming/parlance.ts';
import { repairedJson } from '../../src/incoming/repaired.ts';
import { rocketchatEvent, rocketchatMessage } from '../../src/incoming/rocketchat.ts';
import { slackEvent } from '../../src/incoming/slack.ts';
import { xenforoEvent } from '../../src/incoming/xenforo.ts';
import { fc } from '../fuzz/made-up.ts';

/** Names of fields that some shape reads, so that what is made up is looked at. */
const NAMES = [
  ...[
    'text',
    'username',
    'icon_url',
    'channel',
    'thread_ts',
    'blocks',
    'attachments',
    'type',
    'fields',
    'elements',
  ],
  ...[
    'accessory',
    'title',
    'value',
    'image_url',
    'style',
    'url',
    'unicode',
    'post',
    'topic',
    'id',
    'topic_id',
  ],
  ...['post_number', 'post_type', 'raw', 'cooked', 'avatar_template', 'reply_to_post_number', 'created_at'],
  ...[
    'content_type',
    'event',
    'content_id',
    'data',
    'thread_id',
    'message',
    'User',
    'Thread',
    'avatar_urls',
    'name',
  ],
  ...[
    'conversation',
    'author',
    'markup',
    'replyTo',
    'editedAt',
    'timestamp',
    'message_id',
    'channel_id',
    'user_id',
  ],
  ...[
    'bot',
    'tmid',
    'alias',
    'avatar',
    'action',
    'issue',
    'commits',
    'sender',
    'login',
    'repository',
    '__proto__',
  ],
];
const WORDS = [
  ...[
    'section',
    'header',
    'rich_text',
    'rich_text_section',
    'rich_text_list',
    'context',
    'image',
    'mrkdwn',
    'link',
  ],
  ...[
    'insert',
    'update',
    'delete',
    'post',
    'thread',
    'message.created',
    'message.deleted',
    'conversation.updated',
  ],
  ...[
    'markdown',
    'html',
    'opened',
    'created',
    '*b* <https://x.test|x> `c` <!channel>',
    '2026-01-31T12:00:00Z',
    '',
  ],
];
const value = fc.letrec<{ json: unknown }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 5, depthSize: 'medium' },
    fc.oneof(
      fc.constantFrom(...WORDS),
      fc.string({ unit: 'binary' }),
      fc.double(),
      fc.boolean(),
      fc.constant(null),
    ),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(fc.constantFrom(...NAMES), tie('json'), { maxKeys: 6 }),
  ),
})).json;

const SHAPES: Record<string, (body: unknown) => RemoteEvent | null> = {
  slack: (body) => slackEvent(body, {}, 'Hook'),
  'slack, of Markdown and with channels': (body) =>
    slackEvent(body, { markup: 'markdown', channels: true }, 'Hook'),
  'discourse post': (body) => discourseEvent('post_created', body, 'https://forum.test'),
  'discourse topic': (body) => discourseEvent('topic_edited', body, null),
  xenforo: xenforoEvent,
  'rocketchat outgoing': rocketchatEvent,
  'rocketchat incoming': (body) => rocketchatMessage(body, 'Hook'),
  parlance: parlanceEvent,
  'github push': (body) => githubEvent('push', null, body),
  'github issues': (body) => githubEvent('issues', 'd', body),
};

test.each(Object.entries(SHAPES))('%s', (_, read) => {
  fc.assert(
    fc.property(value, (body) => {
      let event: RemoteEvent | null;
      try {
        event = read(body);
      } catch (error) {
        expect(error).toBeInstanceOf(Refused);
        return;
      }
      if (event === null) return;
      expect(typeof event.place).toBe('string');
      if (!('words' in event)) return;
      expect(typeof event.words.text).toBe('string');
      expect(typeof event.author.id).toBe('string');
      expect(event.author.id).not.toBe('');
      expect(event.version === undefined || Number.isFinite(event.version)).toBe(true);
      expect(event.at === null || Number.isFinite(event.at)).toBe(true);
    }),
    { numRuns: 400 },
  );
});

test('JSON with bare line breaks and tabs in its texts is read as if they were escaped', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (given) => {
      const careful = JSON.stringify(given);
      const careless = careful.replace(
        /(?<!\\)((?:\\\\)*)\\([nrt])/g,
        (_, before: string, sign: string) => before + { n: '\n', r: '\r', t: '\t' }[sign],
      );
      expect(repairedJson(careless)).toEqual(JSON.parse(careful));
    }),
    { numRuns: 500 },
  );
  for (const bad of ['', '{', '"\n', '{"a":1\\', '{"a":"\\'])
    expect(() => repairedJson(bad)).toThrow(Refused);
});

test('a message that is too long to be read in every markup is refused before it is read in one', () => {
  const answerTo = (body: object): string => {
    try {
      return slackEvent(body, {}, 'somebody').kind;
    } catch (error) {
      return error instanceof Refused ? error.refusal.code : String(error);
    }
  };
  expect(answerTo({ text: 'a '.repeat(75_001) })).toBe('too_large');
  expect(answerTo({ attachments: new Array(100).fill({ text: 'a '.repeat(2_500) }) })).toBe('too_large');
  expect(answerTo({ text: 'a '.repeat(20_000) })).toBe('message');
});
