// What a Discourse is asked to do for a message (contracts/webhooks-bridges-widget.md C4): each call as it is made.
import { describe, expect, test } from 'vitest';
import { discourse } from '../../src/bridges/discourse.ts';
import type { Call, ComesBack, Heard, Part, Said, SaidFile } from '../../src/bridges/network.ts';
import type { Bridge } from '../../src/domain/bridges.ts';
import { bare, hashOf, remembered } from '../../src/endpoint/links.ts';
import { read, write } from '../../src/text/convert.ts';
import { printOf } from '../../src/text/framed.ts';
import { readFrom, writeFor } from '../../src/text/networks.ts';

const bridgeTo = (place: Record<string, string>): Bridge =>
  ({
    ...{ number: 4, app: 1, conversation: 7, network: 'discourse', url: 'https://forum.example/sub/' },
    ...{ credentials: { apiKey: 'key', apiUsername: 'bot' }, place, self: [], incoming: null, options: {} },
  }) as unknown as Bridge;
const fileOf = (name: string, bytes: number, mime = 'image/png', held = true): SaidFile => ({
  ...{ name, mime, bytes, url: `https://hub.example/files/${name}` },
  open: async () => (held ? new Blob(['x'.repeat(bytes)], { type: mime }) : null),
});
const saying = (text: string, more: Partial<Said> = {}): Said => ({
  ...{ event: 'e1', author: { name: 'Ann', avatar: null }, title: null, files: [], quoted: null, marker: '' },
  nodes: read(text, 'markdown'),
  ...more,
});
const heard = (body: unknown, status = 200, headers = {}): Heard => ({
  ...{ status, headers: new Headers(headers) },
  body: typeof body === 'string' ? body : JSON.stringify(body),
});

/** All calls that a message takes, each answered. */
async function calls(bridge: Bridge, said: Said, answer: (call: Call) => Heard): Promise<Call[]> {
  const made = new Map<string, string>();
  const all: Call[] = [];
  for (const part of discourse.parts(bridge, said)) {
    const asked = await discourse.create(bridge, said, part, made);
    const call = asked.first ? asked.first.next(answer({ ...asked, url: asked.first.url })) : asked;
    if (!call) throw new Error('nothing to call');
    all.push(call);
    const id = discourse.made(answer(call));
    if (id !== null) made.set(part.key, id);
  }
  return all;
}
const rawOf = ({ body }: Call): string => JSON.parse(String(body)).raw;

test('a post of a topic, by the API’s user, with its author in the first line', async () => {
  const said = saying('Hello **you**');
  const [call] = await calls(bridgeTo({ topic: '9' }), said, () =>
    heard({ id: 1, topic_id: 9, post_number: 2 }),
  );
  expect(call).toEqual({
    method: 'POST',
    url: 'https://forum.example/sub/posts.json',
    headers: {
      'api-key': 'key',
      'api-username': 'bot',
      accept: 'application/json',
      'user-agent': 'Parlance (e1/0)',
    },
    body: JSON.stringify({ raw: '**Ann:**\nHello **you**', skip_validations: true, topic_id: 9 }),
  });
});

test('an answer names the post that it answers, and quotes what is no post of its topic', async () => {
  const bridge = bridgeTo({ topic: '9' });
  const quoted = { remote: '9/3', author: 'Ben', words: 'So?' };
  const answer = () => heard({ id: 1, topic_id: 9, post_number: 4 });
  const [known] = await calls(bridge, saying('Yes', { quoted }), answer);
  expect(JSON.parse(String(known?.body))).toMatchObject({ raw: '**Ann:**\nYes', reply_to_post_number: 3 });
  const [foreign] = await calls(bridge, saying('Yes', { quoted: { ...quoted, remote: '8/3' } }), answer);
  expect(rawOf(foreign as Call)).toBe(
    '**Ann:**\n\n[quote="Ben"]\nSo?\n[/quote]\n\nYes'.replace('\n\n[', '\n['),
  );
});

test('files are uploaded first and shown by their short address; what is not taken is a link', async () => {
  const files = [
    fileOf('a.png', 10),
    fileOf('b.pdf', 10, 'application/pdf'),
    fileOf('c.zip', 9_000_000),
    fileOf('d.png', 10, 'image/png', false),
  ];
  const all = await calls(bridgeTo({ topic: '9' }), saying('Look', { files }), (call) => {
    if (call.method === 'GET') return heard('ok');
    if (!call.url.endsWith('/uploads.json')) return heard({ id: 1, topic_id: 9, post_number: 2 });
    const { name } = (call.body as FormData).get('file') as File;
    return name === 'a.png' ? heard({ short_url: 'upload://abc.png' }) : heard({ errors: ['no'] }, 422);
  });
  expect(all.map(({ method, url }) => `${method} ${new URL(url).pathname}`)).toEqual([
    ...['POST /sub/uploads.json', 'POST /sub/uploads.json', 'GET /sub/srv/status', 'POST /sub/posts.json'],
  ]);
  const form = all[0]?.body as FormData;
  expect([form.get('type'), form.get('synchronous')]).toEqual(['composer', 'true']);
  expect(discourse.spares?.(all[1] as Call, heard('', 422))).toBe(true);
  expect(discourse.spares?.(all[3] as Call, heard('', 422))).toBe(false);
  expect(rawOf(all[3] as Call)).toBe(
    '**Ann:**\nLook\n[c.zip](https://hub.example/files/c.zip)\n\n![a.png](upload://abc.png)\n\n' +
      '[b.pdf](https://hub.example/files/b.pdf)\n\n[d.png](https://hub.example/files/d.png)',
  );
});

test.each<[string, Record<string, string>, object]>([
  ['a topic', { title: 'Chat', category: '5' }, { title: 'Chat', category: 5, external_id: 'parlance-4' }],
  [
    'a private message',
    { recipients: 'ann,ben' },
    { archetype: 'private_message', target_recipients: 'ann,ben', title: 'Conversation 7' },
  ],
])('%s of its own is begun where there is none, and found again', async (_, place, begun) => {
  const bridge = bridgeTo(place);
  const [first] = await calls(bridge, saying('Hi'), () => heard({}, 404));
  expect(JSON.parse(String(first?.body))).toMatchObject(begun);
  for (const location of ['/sub/t/a-slug/12.json', 'https://forum.example/sub/t/12', '/t/slug/12/3?u=x']) {
    const [next] = await calls(bridge, saying('Hi'), () => heard('', 301, { location }));
    expect(JSON.parse(String(next?.body))).toMatchObject({ topic_id: 12, raw: '**Ann:**\nHi' });
    expect(JSON.parse(String(next?.body))).not.toHaveProperty('title');
  }
});

test('an edit and a deletion look the post up by topic and number', async () => {
  const bridge = bridgeTo({ topic: '9' });
  const [part] = discourse.parts(bridge, saying('New')) as [Part];
  const edit = await discourse.edit?.(bridge, saying('New'), part, '9/3', new Map());
  expect(edit?.first?.url).toBe('https://forum.example/sub/posts/by_number/9/3.json');
  expect(edit?.first?.next(heard({ id: 55 }))).toMatchObject({
    method: 'PUT',
    url: 'https://forum.example/sub/posts/55.json',
  });
  expect(discourse.remove?.(bridge, '9/3').first?.next(heard({ id: 55 }))).toMatchObject({
    method: 'DELETE',
    url: 'https://forum.example/sub/posts/55.json',
    body: null,
  });
  expect(discourse.remove?.(bridge, '9/3').first?.next(heard('', 404))).toBeNull();
  expect(discourse.remove?.(bridge, 'upload://a.png').first).toBeUndefined();
});

test('ids and waits are read from whole answers and from the beginning of long ones', () => {
  expect(discourse.made(heard({ id: 1, topic_id: 9, post_number: 2, cooked: '"topic_id": 7' }))).toBe('9/2');
  expect(
    discourse.made(heard('{"id":1,"cooked":"\\"topic_id\\": 7","post_number":2,"topic_id":9,"raw":"long')),
  ).toBe('9/2');
  expect(discourse.made(heard({ success: true, action: 'enqueued' }))).toBeNull();
  const limited = { errors: ['slow'], extras: { wait_seconds: 12 } };
  expect(discourse.rest?.(heard(limited, 429), 0)).toBe(12_000);
});

test('what is long is more than one post, what calls somebody calls nobody', async () => {
  const parts = discourse.parts(bridgeTo({ topic: '9' }), saying(`@all ${'word '.repeat(9_000)}`));
  expect(parts.length).toBe(2);
  for (const { content } of parts) expect(content.length).toBeLessThanOrEqual(30_000);
  expect(parts[0]?.content.startsWith('**Ann:**\n@\u200ball word')).toBe(true);
});

describe('what somebody rewords there comes in without what the bridge put around it', () => {
  const SITE = 'https://elsewhere.example';
  const at = (raw: string) => write(readFrom('discourse', raw, { site: SITE }), 'markdown');
  const picture = fileOf('a.png', 10);
  const large = fileOf('c.zip', 9_000_000);

  test.each<[string, Said]>([
    ['a name', saying('the words')],
    ['a name that is markup', saying('the words', { author: { name: '*A* [b]', avatar: null } })],
    ['a name that says the same', saying('Ann', {})],
    ['a title', saying('the words', { title: 'A *title*' })],
    ['a quotation', saying('the words', { quoted: { remote: null, author: 'Ben', words: 'So?' } })],
    ['an upload', saying('the words', { files: [picture] })],
    ['a link to a file', saying('the words', { files: [large] })],
    [
      'all of it',
      saying('- a\n- list', {
        title: 'T',
        files: [picture, large],
        quoted: { remote: '8/3', author: '', words: 'a' },
      }),
    ],
    ['files alone', saying('', { files: [picture] })],
  ])('%s', (_, said) => {
    const bridge = bridgeTo({ topic: '9' });
    const part = discourse.parts(bridge, said).find(({ key }) => key === '0') as Part;
    const made = new Map([['file:0', 'upload://abc.png']]);
    const call = discourse.create(bridge, said, part, made) as Call;
    const back = remembered(discourse.comesBack?.(bridge, part, made) as ComesBack);
    const link = { back: JSON.stringify(back), name: said.author.name };
    const raw = rawOf(call);
    expect(hashOf(printOf(at(raw)))).toBe(back.print);
    const { head = '', body = '' } = part.framed ?? {};
    const rest = raw.slice(head.length).replace(/^\s+/, '');
    expect(rest.startsWith(body)).toBe(true);
    for (const words of [body, 'Other words', 'Two\n\n**lines**', '1. a\n2. list'])
      expect(bare(at(`${head}${words}\n\n${rest.slice(body.length)}`), link, true)).toBe(at(words).trim());
    expect(bare(at('No name any more'), link, true)).toBe('No name any more');
    if (said.title !== null) return;
    expect(
      bare(
        at(`**${writeFor('discourse', [{ type: 'text', text: said.author.name }])}:**\nwords`),
        link,
        true,
      ),
    ).toBe('words');
  });

  test('of a post whose making is not remembered the name is known', () => {
    const link = { back: '', name: 'Ann' };
    expect(bare('**Ann:**\nwords', link, true)).toBe('words');
    expect(bare('**Ann:**\nwords', link, false)).toBe('**Ann:**\nwords');
  });
});
