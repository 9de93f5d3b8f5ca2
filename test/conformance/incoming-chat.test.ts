// Slack-shaped and Discord-shaped hooks as their senders call them (contracts/webhooks-bridges-widget.md C1, C2), read at
// another door.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { png } from '../support/uploads.ts';
import {
  call,
  type IncomingHook,
  type IncomingWorld,
  type Json,
  sender,
  startIncoming,
} from './incoming-world.ts';

let world: IncomingWorld;
let slack: IncomingHook;
let discord: IncomingHook;

beforeAll(async () => {
  world = await startIncoming();
  slack = await world.hook('slack', { name: 'Build' });
  discord = await world.hook('discord', { name: 'Captain Hook' });
});
afterAll(async () => {
  await world?.realtime.hangUp();
  await world?.hub.stop();
});

interface SlackSender {
  send(message: object | string): Promise<{ text: string }>;
}
interface DiscordSender {
  setUsername(name: string): DiscordSender;
  setAvatar(url: string): DiscordSender;
  send(message: unknown): Promise<void>;
  sendFile(path: string): Promise<void>;
}

describe('Slack', () => {
  test('Slack’s own client says something, and everybody sees who did', async () => {
    const { IncomingWebhook } = sender<{ IncomingWebhook: new (url: string) => SlackSender }>(
      '@slack/webhook',
    );
    const answer = await new IncomingWebhook(slack.url).send({
      text: 'Deploy *done* <https://ci.test/1|see>',
      username: 'Deployer',
      icon_url: 'https://ci.test/icon.png',
    } as object);
    expect(answer.text).toBe('ok');
    expect(await slack.last()).toMatchObject({
      by: 'Deployer [Slack]',
      text: 'Deploy **done** [see](https://ci.test/1)',
      markup: 'markdown',
      door: 'bridge',
      author: { avatar: 'https://ci.test/icon.png' },
      clientId: null,
    });
  });

  test('it is read at every other door, by its author’s name', async () => {
    await slack.json({ text: 'for *all*', username: 'Caller' });
    const { sunshine, qiscus } = world.realtime.app;
    const basic = { authorization: `Basic ${btoa(`${sunshine.keyId}:${sunshine.secret}`)}` };
    const id = (await world.sunshineIds()).get(slack.c);
    const rest = `${sunshine.basePath}/v2/apps/${sunshine.appId}/conversations/${id}/messages`;
    const { messages } = (await call(rest, { method: 'GET', headers: basic })).body;
    expect(messages.at(-1)).toMatchObject({
      author: { type: 'user', displayName: 'Caller [Slack]' },
      content: { type: 'text', text: expect.stringContaining('for') },
    });
    const chat = await call(`${qiscus.baseUrl}/api/v2.1/rest/load_comments?room_id=${slack.c}`, {
      method: 'GET',
      headers: { 'qiscus-sdk-app-id': qiscus.appId, 'qiscus-sdk-secret': qiscus.secret },
    });
    expect(chat.body.results.comments[0]).toMatchObject({
      message: expect.stringContaining('for'),
      user: { username: 'Caller [Slack]' },
    });
  });

  test.each<[what: string, body: string, headers: Record<string, string>, text: string]>([
    ['a form', `payload=${encodeURIComponent('{"text":"of a form"}')}`, form(), 'of a form'],
    ['JSON that says that it is a form', '{"text":"of no form"}', form(), 'of no form'],
    ['line breaks in a text', '{"text":"two\nlines\tand"}', {}, 'two\nlines\tand'],
    ['escaped signs', '{"text":"1 &lt; 2 &amp;&amp; 3 &gt; 2"}', {}, '1 < 2 && 3 > 2'],
    ['styles', '{"text":"*b* _i_ ~s~ `c`"}', {}, '**b** _i_ ~~s~~ `c`'],
    [
      'blocks, beside which the text is for notifications',
      JSON.stringify({
        text: 'not shown',
        blocks: [
          { type: 'header', text: { type: 'plain_text', text: 'Head' } },
          {
            type: 'section',
            text: { type: 'mrkdwn', text: 'a *b*' },
            fields: [{ type: 'plain_text', text: '*f*' }],
          },
          { type: 'divider' },
          { type: 'image', image_url: 'https://ci.test/p.png', alt_text: 'p' },
          { type: 'actions', elements: [{ type: 'button' }] },
        ],
      }),
      {},
      '**Head**\na **b**\n\\*f\\*\n![p](https://ci.test/p.png)',
    ],
    [
      'rich text',
      JSON.stringify({
        blocks: [
          {
            type: 'rich_text',
            elements: [
              {
                type: 'rich_text_section',
                elements: [
                  { type: 'text', text: 'bold', style: { bold: true } },
                  { type: 'text', text: ' ' },
                  { type: 'link', url: 'https://ci.test/', text: 'link' },
                  { type: 'emoji', name: 'wave', unicode: '1f44b' },
                ],
              },
              {
                type: 'rich_text_list',
                style: 'ordered',
                elements: [{ type: 'rich_text_section', elements: [{ type: 'text', text: 'one' }] }],
              },
            ],
          },
        ],
      }),
      {},
      '**bold** [link](https://ci.test/)👋\n1. one',
    ],
    [
      'attachments, with numbers where texts should be',
      JSON.stringify({
        attachments: [
          {
            fallback: 'plain',
            pretext: 'before',
            author_name: 'Ada',
            title: 'T',
            title_link: 'https://ci.test/t',
            text: '*x*',
            fields: [{ title: 'N', value: 5, short: true }],
            footer: 'foot',
          },
          { fallback: 'only this' },
        ],
      }),
      {},
      'before\n> Ada\n> **[T](https://ci.test/t)**\n> **x**\n> **N:** 5\n> foot\n\n> only this',
    ],
  ])('%s', async (_, body, headers, text) => {
    expect(await slack.send(body, headers)).toMatchObject({ status: 200, text: 'ok' });
    expect((await slack.last()).text).toBe(text);
  });

  test.each([
    ['blocks', '{"type":"section","accessory":', '}'],
    ['elements', '{"type":"context","elements":[', ']}'],
    ['rich text', '{"type":"rich_text","elements":[{"type":"rich_text_section","elements":[', ']}]}'],
  ])('%s inside each other, as deep as fits, hold nobody up', async (_, open, close) => {
    const deep = `${open.repeat(8_000)}{"type":"divider"}${close.repeat(8_000)}`;
    expect(await slack.send(`{"text":"x","blocks":[${deep}]}`)).toMatchObject({
      status: 400,
      text: 'no_text',
    });
    const beside = `{"blocks":[${deep},{"type":"section","text":{"type":"mrkdwn","text":"still here"}}]}`;
    expect(await slack.send(beside)).toMatchObject({ status: 200 });
    expect((await slack.last()).text).toBe('still here');
  });

  test('nobody is called, and who writes without a name is the hook', async () => {
    await slack.json({ text: '<!channel> <!here> <@U123> @everyone' });
    const { by, text } = await slack.last();
    expect(by).toBe('Build [Slack]');
    expect(text).not.toContain('<!');
  });

  test.each<[what: string, status: number, word: string, send: () => Promise<Json>]>([
    ['no text', 400, 'no_text', () => slack.json({})],
    ['blanks alone', 400, 'no_text', () => slack.json({ text: ' \n' })],
    ['blocks that are none', 400, 'invalid_blocks', () => slack.json({ text: 'x', blocks: 'x' })],
    ['attachments that are none', 400, 'invalid_attachments', () => slack.json({ attachments: [7] })],
    ['no JSON', 400, 'invalid_payload', () => slack.send('{"text":')],
    ['a list', 400, 'invalid_payload', () => slack.send('[1]')],
    ['no UTF-8', 400, 'invalid_payload', () => slack.send(new Uint8Array([0x7b, 0xff]))],
    ['a form without a payload', 400, 'invalid_payload', () => slack.send('text=x', form())],
    ['too much', 413, 'invalid_payload', () => slack.json({ text: 'x'.repeat(1024 * 1024) })],
    ['a wrong token', 404, 'no_service', () => call(`${slack.url}x`, { body: '{"text":"x"}' })],
    ['no such hook', 404, 'no_service', () => call(slack.url.replace(/\/\d+\//, '/999999/'), { body: '{}' })],
    ['another shape’s hook', 404, 'no_service', () => call(discord.url.replace('/discord/', '/slack/'))],
    ['another method', 405, 'method_not_allowed', () => call(slack.url, { method: 'GET' })],
  ])('%s is refused in Slack’s word, and nothing is said', async (_, status, word, send) => {
    const before = (await slack.seen()).length;
    expect(await send()).toMatchObject({ status, text: word });
    expect((await slack.seen()).length).toBe(before);
  });

  test('a locked conversation is an archived channel, one that is gone no channel', async () => {
    const hook = await world.hook('slack');
    await world.operate('PATCH', `/conversations/${hook.c}`, { locked: true });
    expect(await hook.json({ text: 'x' })).toMatchObject({ status: 410, text: 'channel_is_archived' });
    const { basePath, appId, keyId, secret } = world.realtime.app.sunshine;
    const sunshineId = (await world.sunshineIds()).get(hook.c);
    await call(`${basePath}/v2/apps/${appId}/conversations/${sunshineId}`, {
      method: 'DELETE',
      headers: { authorization: `Basic ${btoa(`${keyId}:${secret}`)}` },
    });
    expect(await hook.json({ text: 'x' })).toMatchObject({ status: 404, text: 'channel_not_found' });
  });

  test('where channels are places, each has its conversation, and threads theirs', async () => {
    const hook = await world.hook('slack', {
      open: { title: '#{title}', members: [world.ann.username] },
      options: { channels: true },
    });
    await hook.json({ text: 'one', channel: '#ops' });
    await hook.json({ text: 'two', channel: 'dev' });
    await hook.json({ text: 'three', channel: '#ops' });
    const titles = await world.titles();
    expect((await hook.seen(titles.get('#ops'))).map(({ text }) => text)).toEqual(['one', 'three']);
    expect((await hook.seen(titles.get('#dev'))).map(({ text }) => text)).toEqual(['two']);
  });
});

describe('Discord', () => {
  const message = (id: string): string => `/messages/${id}`;
  const patch = (id: string, body: object) =>
    call(discord.url + message(id), {
      method: 'PATCH',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
    });

  test('a client that was written for Discord says something, shows embeds and sends a file', async () => {
    const { Webhook, MessageBuilder } = sender<{
      Webhook: new (url: string) => DiscordSender;
      MessageBuilder: new () => Json;
    }>('discord-webhook-node');
    const client = new Webhook(discord.url).setUsername('Ferry').setAvatar('https://pics.test/f.png');
    await client.send('**hello** __there__');
    expect(await discord.last()).toMatchObject({
      by: 'Ferry [Discord]',
      author: { avatar: 'https://pics.test/f.png' },
    });
    await client.send(
      new MessageBuilder()
        .setText('look')
        .setTitle('Title')
        .setURL('https://pics.test/')
        .setDescription('*what*')
        .addField('F', 'v', true)
        .setFooter('foot'),
    );
    expect((await discord.last()).text).toBe(
      'look\n> [**Title**](https://pics.test/)\n> _what_\n> **F:** v\n> foot',
    );
    const folder = mkdtempSync(join(tmpdir(), 'parlance-discord-'));
    const path = join(folder, 'dot.png');
    writeFileSync(path, png(2, 1));
    await client.sendFile(path);
    rmSync(folder, { recursive: true });
    const { attachments } = await discord.last();
    expect(attachments).toMatchObject([{ name: 'dot.png', mime: 'image/png', width: 2 }]);
    expect((await fetch(new URL(attachments[0].url, world.hub.url))).status).toBe(200);
  });

  test('without `wait` nothing is answered, with it the message; its number changes and deletes it', async () => {
    expect(await discord.json({ content: 'silent' })).toMatchObject({ status: 204, text: '' });
    const made = await discord.json({ content: 'first', username: 'Ann' }, {}, '?wait=true');
    expect(made).toMatchObject({
      status: 200,
      body: {
        type: 0,
        content: 'first',
        channel_id: discord.c,
        webhook_id: String(discord.number),
        author: { bot: true, username: 'Ann' },
        attachments: [],
        embeds: [],
        edited_timestamp: null,
        mention_everyone: false,
      },
    });
    const { id } = made.body;
    const edited = await patch(id, { content: 'second' });
    expect(edited).toMatchObject({ status: 200, body: { id, content: 'second' } });
    expect(edited.body.edited_timestamp).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+\+00:00$/);
    expect((await discord.last()).text).toBe('second');
    const shown = await call(discord.url + message(id), { method: 'GET' });
    expect(shown.body).toEqual(edited.body);
    expect(await call(discord.url + message(id), { method: 'DELETE' })).toMatchObject({ status: 204 });
    expect((await discord.seen()).map(({ text }) => text)).not.toContain('second');
    for (const method of ['GET', 'DELETE'])
      expect(await call(discord.url + message(id), { method })).toMatchObject({
        status: 404,
        body: { code: 10008, message: 'Unknown Message' },
      });
  });

  test('an edit of the content leaves the embeds, and the other way round', async () => {
    const made = await discord.json({ content: 'c', embeds: [{ title: 'E' }] }, {}, '?wait=true');
    await patch(made.body.id, { content: 'd' });
    expect((await discord.last()).text).toBe('d\n> **E**');
    await patch(made.body.id, { embeds: [] });
    expect((await discord.last()).text).toBe('d');
    expect(await patch(made.body.id, { content: '' })).toMatchObject({ status: 400, body: { code: 50006 } });
  });

  test('another hook’s message is nobody’s, and so is one that people wrote', async () => {
    const other = await world.hook('discord', { conversation: Number(discord.c) });
    const made = await other.json({ content: 'theirs' }, {}, '?wait=true');
    await world.realtime.post(discord.c, world.ann, 'mine');
    const { id: mine } = await discord.last();
    for (const id of [made.body.id, mine, '1', 'x', '99999999999999999999'])
      expect(await patch(id, { content: 'taken' })).toMatchObject({ status: 404, body: { code: 10008 } });
  });

  test('files come beside the payload, which says the words', async () => {
    const body = new FormData();
    body.append('files[0]', new Blob([png(3, 1)], { type: 'image/png' }), 'a.png');
    body.append('payload_json', JSON.stringify({ content: 'with two', username: 'Ann' }));
    body.append('files[1]', new Blob(['words'], { type: 'text/plain' }), 'b.txt');
    const sent = await call(`${discord.url}?wait=true`, { body });
    expect(sent).toMatchObject({
      status: 200,
      body: { content: 'with two', attachments: [{ filename: 'a.png' }, { filename: 'b.txt' }] },
    });
    expect((await discord.last()).attachments.map(({ name }: Json) => name)).toEqual(['a.png', 'b.txt']);
  });

  test('an edit adds files and takes some away', async () => {
    const form = (payload: object, ...names: string[]): FormData => {
      const body = new FormData();
      body.append('payload_json', JSON.stringify(payload));
      for (const [i, name] of names.entries())
        body.append(`files[${i}]`, new Blob([png(2 + i, 1)], { type: 'image/png' }), name);
      return body;
    };
    const made = await call(`${discord.url}?wait=true`, {
      body: form({ content: 'files' }, 'a.png', 'b.png'),
    });
    const { id, attachments } = made.body;
    const edited = await call(`${discord.url}/messages/${id}`, {
      method: 'PATCH',
      body: form({ attachments: [{ id: attachments[1].id }, { id: 0 }] }, 'c.png'),
    });
    const names = ({ attachments: all }: Json) => all.map(({ filename }: Json) => filename);
    expect([edited.status, names(edited.body)]).toEqual([200, ['b.png', 'c.png']]);
    expect(await discord.last()).toMatchObject({
      text: 'files',
      attachments: [{ name: 'b.png' }, { name: 'c.png' }],
    });
    // Nobody reworded it, and its files stay when the sweeper has looked at what found no message.
    expect(edited.body.edited_timestamp).toBeNull();
    await world.hub.tick(new Date(Date.now() + 120_000));
    const { attachments: kept } = await discord.last();
    for (const { url } of kept) expect((await fetch(new URL(url, world.hub.url))).status).toBe(200);
    await patch(id, { content: '', attachments: [] }).then(({ body }) => expect(body.code).toBe(50006));
  });

  test('a forum’s topic is a conversation: named, it is opened; by its number more is said in it', async () => {
    const forum = await world.hook('discord', { open: { members: [world.ann.username] } });
    expect(await forum.json({ content: 'x' })).toMatchObject({ status: 400, body: { code: 220001 } });
    const begun = await forum.json({ content: 'one', thread_name: 'Topic' }, {}, '?wait=true');
    const thread = begun.body.channel_id;
    await forum.json({ content: 'two' }, {}, `?thread_id=${thread}`);
    expect((await world.titles()).get('Topic')).toBe(thread);
    expect((await forum.seen(thread)).map(({ text }) => text)).toEqual(['one', 'two']);
    // Names are not unique: another topic.
    const again = await forum.json({ content: 'three', thread_name: 'Topic' }, {}, '?wait=true');
    expect(again.body.channel_id).not.toBe(thread);
    const error = async (query: string, body: object) => (await forum.json(body, {}, query)).body.code;
    expect(await error(`?thread_id=${discord.c}`, { content: 'x' })).toBe(10003);
    expect(await error('?thread_id=x', { content: 'x' })).toBe(10003);
    expect(await error(`?thread_id=${thread}`, { content: 'x', thread_name: 'T' })).toBe(220002);
    expect((await discord.json({ content: 'x', thread_name: 'T' })).body.code).toBe(220003);
    await world.operate('PATCH', `/conversations/${thread}`, { locked: true });
    expect(await error(`?thread_id=${thread}`, { content: 'x' })).toBe(50083);
  });

  test.each<[what: string, status: number, body: Json, send: () => Promise<Json>]>([
    ['nothing', 400, { code: 50006 }, () => discord.json({})],
    ['no JSON', 400, { code: 50109 }, () => discord.send('{')],
    [
      'a content that is too long',
      400,
      { code: 50035, errors: { content: { _errors: [{ message: 'Must be 2000 or fewer in length.' }] } } },
      () => discord.json({ content: 'x'.repeat(2001) }),
    ],
    [
      'a title that is too long',
      400,
      { code: 50035, errors: { embeds: { 0: { title: { _errors: [{}] } } } } },
      () => discord.json({ embeds: [{ title: 'x'.repeat(257) }] }),
    ],
    [
      'embeds that are too long together',
      400,
      { code: 50035, errors: { embeds: { _errors: [{}] } } },
      () => discord.json({ embeds: [1, 2].map(() => ({ description: 'x'.repeat(3001) })) }),
    ],
    ['eleven embeds', 400, { code: 50035 }, () => discord.json({ embeds: Array(11).fill({ title: 'x' }) })],
    ['too much', 413, { code: 40005 }, () => discord.json({ content: 'x'.repeat(1024 * 1024) })],
    ['a wrong token', 404, { code: 10015 }, () => call(`${discord.url}x`, { body: '{"content":"x"}' })],
    ['another method', 405, { code: 0 }, () => call(discord.url, { method: 'PUT', body: '{}' })],
    ['half of a form', 400, { code: 50035 }, () => discord.send('--b\r\ncontent', multipart())],
  ])('%s is refused in Discord’s form, and nothing is said', async (_, status, body, send) => {
    const before = (await discord.seen()).length;
    expect(await send()).toMatchObject({ status, body });
    expect((await discord.seen()).length).toBe(before);
  });

  test('every answer says how much may be sent, and the hook shows itself', async () => {
    const { headers } = await discord.json({ content: 'x' });
    expect(headers.get('x-ratelimit-limit')).toBe('300');
    expect(Number(headers.get('x-ratelimit-remaining'))).toBeGreaterThan(0);
    expect(headers.get('x-ratelimit-bucket')).toBe(`hook-${discord.number}`);
    expect(await call(discord.url, { method: 'GET' })).toMatchObject({
      status: 200,
      body: { id: String(discord.number), type: 1, name: 'Captain Hook', channel_id: discord.c },
    });
  });

  test('/slack takes what Slack takes, /github what GitHub tells, once', async () => {
    expect(await discord.json({ text: 'a *b*', username: 'S' }, {}, '/slack')).toMatchObject({ text: 'ok' });
    expect(await discord.last()).toMatchObject({ by: 'S [Discord]', text: 'a **b**' });
    const event = {
      action: 'opened',
      issue: { number: 7, title: 'Broken', html_url: 'https://gh.test/7', body: 'It **is**' },
      repository: { full_name: 'o/r', html_url: 'https://gh.test/r' },
      sender: { login: 'octo', id: 1, avatar_url: 'https://gh.test/o.png' },
    };
    const headers = { 'x-github-event': 'issues', 'x-github-delivery': 'd-1' };
    for (const _ of [1, 2])
      expect(await discord.json(event, headers, '/github')).toMatchObject({ status: 204 });
    const said = (await discord.seen()).filter(({ by }) => by === 'octo [Discord]');
    expect(said.map(({ text }) => text)).toEqual([
      '\\[o/r\\] opened [issue #7 Broken](https://gh.test/7)\n> It **is**',
    ]);
    await discord.json({ ...event, action: 'labeled' }, { 'x-github-event': 'issues' }, '/github');
    await discord.json({ zen: 'x' }, { 'x-github-event': 'ping' }, '/github');
    expect((await discord.last()).by).toBe('octo [Discord]');
  });
});

function form(): Record<string, string> {
  return { 'content-type': 'application/x-www-form-urlencoded' };
}
function multipart(): Record<string, string> {
  return { 'content-type': 'multipart/form-data; boundary=b' };
}
