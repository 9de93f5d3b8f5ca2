// The page that shows the idea: one conversation in a forum app's words, in the chat, by REST and as events. Each part speaks
// to its own door of the hub, as its clients do.
import { decodeResponse } from '../../xmlrpc/decode.ts';
import { encodeCall } from '../../xmlrpc/encode.ts';
import { base64, type InValue, int, type OutValue, string } from '../../xmlrpc/value.ts';

interface Demo {
  visitor: string;
  conversation: { number: number; id: string };
  member: { name: string; externalId: string };
  forum: string;
  rest: { appId: string; token: string };
  realtime: { token: string };
}

/** Where the chat keeps who its visitor is (widget/frame/config.ts). */
const VISITOR = 'parlance:demo:visitor';
const FRAMES_SHOWN = 40;

const by = <Kind extends HTMLElement>(id: string): Kind => document.getElementById(id) as Kind;
const utf8 = new TextDecoder();

function make(name: string, content: string | (Node | string)[], className = ''): HTMLElement {
  const element = document.createElement(name);
  if (className) element.className = className;
  element.append(...(typeof content === 'string' ? [content] : content));
  return element;
}

const say = (words: string): void => {
  by('state').textContent = words;
};

// ---- the forum's door ----

type Struct = ReadonlyMap<string, InValue>;
const words = (value: InValue | undefined): string =>
  value instanceof Uint8Array
    ? utf8.decode(value)
    : value === undefined || value === null
      ? ''
      : String(value);

async function rpc(demo: Demo, method: string, params: readonly OutValue[]): Promise<Struct> {
  const body = encodeCall(method, params);
  by('xml').textContent = body.replaceAll('><', '>\n<');
  const answer = await fetch(demo.forum, { method: 'POST', headers: { 'content-type': 'text/xml' }, body });
  const read = decodeResponse(new Uint8Array(await answer.arrayBuffer()));
  if (read.fault) throw new Error(read.fault.text);
  return read.value as Struct;
}

async function showPosts(demo: Demo): Promise<void> {
  const page = await rpc(demo, 'get_conversation', [
    string(String(demo.conversation.number)),
    int(0),
    int(99),
  ]);
  const people = new Map<string, string>();
  for (const [id, person] of (page.get('participants') as Struct | undefined) ?? [])
    people.set(id, words((person as Struct).get('username')));
  const list = by('posts');
  const posts = (page.get('list') as Struct[] | undefined) ?? [];
  posts.forEach((post, index) => {
    const author = people.get(words(post.get('msg_author_id'))) ?? words(post.get('msg_author'));
    const at = new Date(Number(words(post.get('timestamp'))) * 1000);
    const time = make('time', at.toLocaleTimeString([], { timeStyle: 'short' }));
    const face = make('span', [...author][0]?.toUpperCase() ?? '', 'face');
    face.setAttribute('aria-hidden', 'true');
    const row = make('li', [
      face,
      make('div', [make('strong', author), ' ', time, make('p', words(post.get('msg_content')))]),
    ]);
    // What is there stays: the list is live, and what is new in it is read out.
    const old = list.children[index];
    if (!old) list.append(row);
    else if (old.textContent !== row.textContent) old.replaceWith(row);
  });
  list.scrollTop = list.scrollHeight;
}

// ---- the REST door ----

let count = 0;
const bodyOf = (demo: Demo) => ({
  author: { type: 'user', userExternalId: demo.member.externalId },
  content: { type: 'text', text: `By REST, number ${count + 1}` },
});
const pathOf = ({ rest, conversation }: Demo): string =>
  `/v2/apps/${rest.appId}/conversations/${conversation.id}/messages`;

/** As one types it. */
const spaced = (fields: object): string =>
  JSON.stringify(fields, null, 1).replace(/\n */g, ' ').replace('{ ', '{').replace(' }', '}');

function showCall(demo: Demo): void {
  const { author, content } = bodyOf(demo);
  by('call').textContent = [
    `curl ${location.origin}${pathOf(demo)} \\`,
    `  -H 'Authorization: Bearer ${demo.rest.token.slice(0, 12)}…' \\`,
    "  -H 'Content-Type: application/json' \\",
    `  -d '{"author": ${spaced(author)},`,
    `       "content": ${spaced(content)}}'`,
  ].join('\n');
}

async function makeCall(demo: Demo): Promise<void> {
  const answer = await fetch(pathOf(demo), {
    method: 'POST',
    headers: { authorization: `Bearer ${demo.rest.token}`, 'content-type': 'application/json' },
    body: JSON.stringify(bodyOf(demo)),
  });
  count += 1;
  by('answer').textContent = `${answer.status} ${answer.statusText}`;
  showCall(demo);
}

// ---- events ----

function listen(demo: Demo): void {
  const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/realtime`, [
    'parlance.v1',
    `token.${demo.realtime.token}`,
  ]);
  const c = String(demo.conversation.number);
  socket.onopen = () => socket.send(JSON.stringify({ t: 'subscribe', c, since: 0 }));
  socket.onmessage = ({ data }) => {
    if (data === 'pong') return;
    const frame = JSON.parse(data) as Told & { events?: Told[] };
    for (const told of frame.events ?? [frame]) show(told);
    if (frame.events) void showPosts(demo).catch(failed);
  };
  const pings = setInterval(() => socket.readyState === WebSocket.OPEN && socket.send('ping'), 25_000);
  socket.onclose = () => {
    clearInterval(pings);
    setTimeout(() => listen(demo), 1_000);
  };
}

interface Told {
  t?: string;
  kind?: string;
  seq?: number;
  door?: string;
  text?: string;
}

/** A line for what happened; the whole of it below. */
function show(told: Told): void {
  const list = by('frames');
  const { t, kind = t ?? '', seq, door, text = '' } = told;
  const line = make('summary', [
    make('span', seq === undefined ? '' : String(seq), 'seq'),
    make('span', kind, 'kind'),
    make('span', text, 'text'),
    ...(door ? [make('span', door, 'door')] : []),
  ]);
  list.prepend(make('li', [make('details', [line, make('pre', JSON.stringify(told, null, 2))])]));
  while (list.children.length > FRAMES_SHOWN) list.lastChild?.remove();
}

const failed = (error: unknown): void =>
  say(`Something went wrong: ${error instanceof Error ? error.message : error}`);

async function begin(): Promise<void> {
  const known = localStorage.getItem(VISITOR);
  const body = JSON.stringify({ visitor: known === null ? undefined : JSON.parse(known) });
  const answer = await fetch('/demo', { method: 'POST', body });
  if (!answer.ok) throw new Error(`the demo app is not there (${answer.status})`);
  const demo = (await answer.json()) as Demo;
  localStorage.setItem(VISITOR, JSON.stringify(demo.visitor));
  type Call = (...call: unknown[]) => unknown;
  const page = window as unknown as { Parlance?: Call & { q?: unknown[] } };
  // The script may not have come yet: what is asked before waits for it.
  page.Parlance ??= Object.assign((...call: unknown[]) => page.Parlance?.q?.push(call), {
    q: [] as unknown[],
  });
  // Only now: whoever opened it before would be somebody else there.
  page.Parlance('show');
  if (matchMedia('(min-width: 1100px)').matches) page.Parlance('open', true);
  await rpc(demo, 'login', [base64(''), base64('')]);
  await showPosts(demo);
  by('posts').ariaLive = 'polite';
  // Not every browser lets the arrow keys reach what is scrolled.
  for (const id of ['posts', 'frames', 'call', 'xml']) by(id).tabIndex = 0;
  showCall(demo);
  listen(demo);
  by<HTMLButtonElement>('run').onclick = () => makeCall(demo).catch(failed);
  by<HTMLFormElement>('reply').onsubmit = (event) => {
    event.preventDefault();
    const field = by<HTMLInputElement>('words');
    const said = field.value;
    field.value = '';
    rpc(demo, 'reply_conversation', [
      string(String(demo.conversation.number)),
      base64(said),
      base64(''),
    ]).catch(failed);
  };
}

begin().catch(failed);
