// One conversation bridged to four networks: a message that arrives from one keeps its meaning in each of the others, byte for
// byte as that network is told it (contracts/webhooks-bridges-widget.md 2.4). More texts: test/text/pairs.test.ts.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Forum } from './bridges-peers.ts';
import { eventually, sidesOf, type Talk } from './bridges-sides.ts';
import { type Bridges, type Json, type Peer, startBridges } from './bridges-world.ts';

const NETWORKS = ['slack', 'discord', 'mattermost', 'discourse'] as const;
type Network = (typeof NETWORKS)[number];

const TOKEN = 'a-token-of-26-characters-0';
const ELSEWHERE = 'https://x.example/plan.txt';

let bridges: Bridges;
let talk: Talk;
let forum: Forum;
const peers = {} as Record<Exclude<Network, 'discourse'>, Peer>;
const hooks = {} as Record<Exclude<Network, 'discourse'>, string>;
const { forumOf } = sidesOf(() => bridges);

beforeAll(async () => {
  bridges = await startBridges();
  talk = await bridges.talk('x-ann', 'x-ben');
  for (const network of ['slack', 'discord', 'mattermost'] as const) {
    const hook = {
      shape: network,
      conversation: talk.number,
      ...(network === 'mattermost' && { secret: TOKEN }),
    };
    const { body } = await bridges.world.operate('POST', '/hooks', hook);
    hooks[network] = body.url;
    const made = await bridges.bridge(network, talk.number, { incoming: body.hook.number, perSecond: 50 });
    peers[network] = made.peer;
  }
  ({ forum } = await forumOf(talk));
  for (const from of NETWORKS) await SAY[from](WORDS[from](codeOf(from)));
});
afterAll(() => bridges?.world.stop());

/** Tells the messages apart. */
const codeOf = (from: Network): string => `x < ${NETWORKS.indexOf(from)}`;

/** The same message as each network has it: a quote, bold, code, a link, a mention. */
const inMarkdown = (code: string) => `> so?\n\n**yes**, \`${code}\` [there](https://x.example/a), @bob`;
const WORDS: Record<Network, (code: string) => string> = {
  slack: (code) => `> so?\n*yes*, \`${code.replace('<', '&lt;')}\` <https://x.example/a|there>, <@U1|bob>`,
  discord: inMarkdown,
  mattermost: inMarkdown,
  discourse: inMarkdown,
};

const json = (url: string, body: object): Promise<Response> =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

/** Somebody says it there, with a file, as that network tells its hooks. */
const SAY: Record<Network, (words: string) => Promise<unknown>> = {
  slack: (text) => {
    const file = { fallback: 'plan.txt', title: 'plan.txt', title_link: ELSEWHERE };
    return json(hooks.slack, { text, username: 'carol', attachments: [file] });
  },
  discord: (content) => {
    const form = new FormData();
    form.set('payload_json', JSON.stringify({ content, username: 'carol' }));
    form.set('files[0]', new File(['the plan'], 'plan.txt', { type: 'text/plain' }));
    return fetch(`${hooks.discord}?wait=true`, { method: 'POST', body: form });
  },
  mattermost: (text) =>
    json(hooks.mattermost, {
      ...{ token: TOKEN, channel_id: 'town', user_id: 'u1', user_name: 'carol', post_id: 'p1' },
      ...{ timestamp: 1_800_000_000_000, text: `${text}\n\n[plan.txt](${ELSEWHERE})` },
    }),
  discourse: (raw) =>
    forum.tell('post_created', forum.say('carol', `${raw}\n\n[plan.txt|attachment](upload://abc.txt)`)),
};

const NAMES: Record<Network, string> = {
  slack: 'carol [Slack]',
  discord: 'carol [Discord]',
  mattermost: 'carol [Mattermost]',
  discourse: 'CAROL [Forum]',
};

/** Where a file of the hub's own is read. */
const FILE = /http:\/\/127\.0\.0\.1:\d+\/files\/\d+\/[\w.-]+\/[\w.-]+\/plan\.txt/g;
const plain = (text: string): string => text.replaceAll(FILE, 'FILE').replaceAll(forum.url, 'FORUM');

/** What came to a network of the message that `from` told; null: nothing yet. */
function cameTo(to: Network, from: Network): Json {
  const code = codeOf(from).replace('<', to === 'slack' ? '&lt;' : '<');
  if (to === 'discourse') {
    const raw = forum.posts.find((post) => post.username === 'hubbot' && post.raw.includes(code))?.raw;
    return raw === undefined ? null : { text: plain(raw), name: null };
  }
  const post = peers[to].posts.find(({ body }) => (body.content ?? body.text).includes(code));
  if (!post) return null;
  const { content, text, username, attachments } = JSON.parse(plain(JSON.stringify(post.body)));
  return { text: content ?? text, name: username, ...(attachments && { attachments }) };
}

const Z = '\u200b';
/** As each network is to be told it; `at`: what stands before a name there, so that nobody is called. */
const markdown = (code: string, at: string) =>
  `> so?\n\n**yes**, \`${code}\` [there](https://x.example/a), ${at}bob`;
const ARRIVES: Record<Network, (code: string) => string> = {
  slack: (code) => `> so?\n*yes*, \`${code.replace('<', '&lt;')}\` <https://x.example/a|there>, @bob`,
  discord: (code) => markdown(code, '@'),
  mattermost: (code) => markdown(code, `@${Z}`),
  discourse: (code) => markdown(code, `@${Z}`),
};

/** The file below the words: one that the sender's network names by its address, or one that the hub has. */
function fileAt(to: Network, from: Network): { line: string; attachments?: object[] } {
  if (from === 'discord') {
    const shown = { fallback: 'plan.txt', title: 'plan.txt', title_link: 'FILE' };
    if (to === 'mattermost') return { line: '', attachments: [shown] };
    return { line: to === 'slack' ? '\n<FILE|plan.txt>' : '\n\n[plan.txt](FILE)' };
  }
  const url = from === 'discourse' ? 'FORUM/uploads/short-url/abc.txt' : ELSEWHERE;
  // Slack's attachments have a bar beside them, and their titles are bold.
  if (from === 'slack') return { line: to === 'slack' ? '' : `\n> [**plan.txt**](${url})` };
  return { line: to === 'slack' ? `\n\n<${url}|plan.txt>` : `\n\n[plan.txt](${url})` };
}

describe.each(NETWORKS)('what is said at %s', (from) => {
  test.each(NETWORKS.filter((to) => to !== from))('means the same at %s', async (to) => {
    await eventually(async () => expect(cameTo(to, from)).not.toBeNull());
    const { line, attachments } = fileAt(to, from);
    const text = ARRIVES[to](codeOf(from)) + line;
    const escaped = NAMES[from].replace(/[[\]]/g, '\\$&');
    // A Discourse has no names of others: they stand above the words.
    const whole = to === 'discourse' ? `**${escaped}:**\n${text}` : text;
    const name = to === 'discourse' ? null : NAMES[from];
    expect(cameTo(to, from)).toEqual({ text: whole, name, ...(attachments && { attachments }) });
  });

  test('does not come back', async () => {
    for (const to of NETWORKS.filter((each) => each !== from))
      await eventually(async () => expect(cameTo(to, from)).not.toBeNull());
    expect(cameTo(from, from)).toBeNull();
  });
});
