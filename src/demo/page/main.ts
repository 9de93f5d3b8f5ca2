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
  realtime: { token: string; visitor: string };
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

/** Whether somebody has posted: the forum is read after every post, and theirs is the one to look at. */
let hasPosted = false;

async function rpc(demo: Demo, method: string, params: readonly OutValue[]): Promise<Struct> {
  const body = encodeCall(method, params);
  const isPost = method === 'reply_conversation';
  if (isPost || !hasPosted) by('xml').textContent = body.replaceAll('><', '>\n<');
  hasPosted ||= isPost;
  const answer = await fetch(demo.forum, { method: 'POST', headers: { 'content-type': 'text/xml' }, body });
  const read = decodeResponse(new Uint8Array(await answer.arrayBuffer()));
  if (read.fault) throw new Error(read.fault.text);
  const value = read.value as Struct;
  if (value.get('result') === false) throw new Error(words(value.get('result_text')));
  return value;
}

async function showPosts(demo: Demo): Promise<void> {
  const { number } = demo.conversation;
  const page = await rpc(demo, 'get_conversation', [string(String(number)), int(0), int(99)]);
  // The page may have gone to another one meanwhile.
  if (number !== demo.conversation.number) return;
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

/** All of it is there to be copied; of the token only the beginning is seen. */
function showCall(demo: Demo): void {
  const { author, content } = bodyOf(demo);
  const { token } = demo.rest;
  by('call').replaceChildren(
    `curl ${location.origin}${pathOf(demo)} \\\n  -H 'Authorization: Bearer ${token.slice(0, 12)}`,
    make('span', token.slice(12), 'token'),
    "' \\\n  -H 'Content-Type: application/json' \\\n",
    `  -d '{"author": ${spaced(author)},\n       "content": ${spaced(content)}}'`,
  );
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

/** Up to where it was told, of which life of the conversation. */
let told: { since: number; epoch?: string } = { since: 0 };

/** A socket with this token; when it ends there is another one. Answers how to say something over the one that there is. */
function connect(
  demo: Demo,
  token: () => string,
  opened: () => object,
  heard: (frame: Heard) => void,
): (said: object) => void {
  let tell: (said: object) => unknown = () => undefined;
  const again = (): void => {
    const socket = new WebSocket(`${location.origin.replace(/^http/, 'ws')}/realtime`, [
      'parlance.v1',
      `token.${token()}`,
    ]);
    tell = (said) => socket.readyState === WebSocket.OPEN && socket.send(JSON.stringify(said));
    socket.onopen = () => tell(opened());
    socket.onmessage = ({ data }) => data === 'pong' || heard(JSON.parse(data) as Heard);
    const pings = setInterval(() => socket.readyState === WebSocket.OPEN && socket.send('ping'), 25_000);
    socket.onclose = () => {
      clearInterval(pings);
      setTimeout(() => void renew(demo).then(again), 1_000);
    };
  };
  again();
  return (said) => void tell(said);
}

const numberOf = ({ conversation }: Demo): string => String(conversation.number);

/** Alice's: all that happens in the conversation. Answers how to go to another one. */
function listen(demo: Demo): (from: string) => void {
  const subscribe = () => ({ t: 'subscribe', c: numberOf(demo), ...told });
  const tell = connect(
    demo,
    () => demo.realtime.token,
    subscribe,
    (frame) => {
      const { t, c, epoch, events, seq = 0 } = frame;
      // Of the one that was left.
      if (c !== undefined && c !== numberOf(demo)) return;
      for (const each of events ?? [frame]) show(each);
      if (t !== 'events' && t !== 'resync') return;
      told = { since: events?.at(-1)?.seq ?? seq, ...(epoch !== undefined && { epoch }) };
      void showPosts(demo).then(() => say(''), failed);
    },
  );
  return (from) => {
    tell({ t: 'unsubscribe', c: from });
    tell(subscribe());
  };
}

/** The visitor's: where they say something in another conversation, one that they have just begun too, all of the page goes there. */
function follow(demo: Demo, goTo: (from: string) => void): void {
  const heard = async ({ c, events = [] }: Heard): Promise<void> => {
    const from = numberOf(demo);
    if (c === undefined || c === from || !events.some(({ kind }) => kind === 'message')) return;
    await renew(demo, c);
    if (numberOf(demo) === from) return;
    told = { since: 0 };
    for (const id of ['posts', 'frames']) by(id).replaceChildren();
    goTo(from);
  };
  let last = Promise.resolve();
  connect(
    demo,
    () => demo.realtime.visitor,
    () => ({ t: 'subscribe' }),
    (frame) => {
      last = last.then(() => heard(frame)).catch(failed);
    },
  );
}

/** A frame of the hub's. */
type Heard = Told & { c?: string; epoch?: string; events?: Told[] };

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

/** What a call came to that nobody answered; a browser's own words for it say less. */
const wordsFor = (error: unknown): string =>
  error instanceof TypeError
    ? 'The hub does not answer. Is it running?'
    : `Something went wrong: ${error instanceof Error ? error.message : error}`;
const failed = (error: unknown): void => say(wordsFor(error));

/** So much before their end what each door is spoken to with is renewed. */
const RENEWED_MS = 45 * 60_000;

async function ask(conversation?: string): Promise<Demo> {
  const known = localStorage.getItem(VISITOR);
  const body = JSON.stringify({ visitor: known === null ? undefined : JSON.parse(known), conversation });
  const answer = await fetch('/demo', { method: 'POST', body });
  if (!answer.ok) throw new Error(`the demo app is not there (${answer.status})`);
  const demo = (await answer.json()) as Demo;
  localStorage.setItem(VISITOR, JSON.stringify(demo.visitor));
  return demo;
}

/** Where nobody answers all stays as it is: it is tried again with the next connection. `c`: the conversation to be in. */
async function renew(demo: Demo, c = numberOf(demo)): Promise<void> {
  const fresh = await ask(c).catch(() => demo);
  // Of a hub that has begun anew.
  if (fresh !== demo && numberOf(fresh) !== c) location.reload();
  Object.assign(demo, fresh);
  showCall(demo);
}

async function begin(): Promise<void> {
  // Two tabs that begin at one moment are one visitor.
  const demo = await navigator.locks.request('demo', () => ask());
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
  follow(demo, listen(demo));
  setInterval(() => void renew(demo), RENEWED_MS);
  by<HTMLButtonElement>('run').onclick = () =>
    makeCall(demo).catch((error: unknown) => {
      by('answer').textContent = wordsFor(error);
    });
  by<HTMLFormElement>('reply').onsubmit = (event) => {
    event.preventDefault();
    const field = by<HTMLInputElement>('words');
    const said = field.value;
    field.value = '';
    rpc(demo, 'reply_conversation', [
      string(String(demo.conversation.number)),
      base64(said),
      base64(''),
    ]).then(
      () => say(''),
      (error) => {
        field.value ||= said;
        failed(error);
      },
    );
  };
}

begin().catch(failed);
