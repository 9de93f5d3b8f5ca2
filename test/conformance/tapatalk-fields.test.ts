// Every field of the private-conversation document, in and out, call by call: its XML element and its value, where it
// stands and what it says (contracts/tapatalk.md 1 and 2 rule where plugins and the document disagree). What calls do to
// each other is tapatalk.test.ts and tapatalk-semantics.test.ts.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeCall } from '../../src/xmlrpc/encode.ts';
import { array, base64, bool, int, type OutValue, string } from '../../src/xmlrpc/value.ts';
import { canonicalText } from '../support/canonical.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { formOf, png, sendForm } from '../support/uploads.ts';
import { at, type Wire, wireOf } from './tapatalk/elements.ts';

interface Person {
  id: string;
  cookie: string;
}

let hub: TestHub;
let url: string;
let slug: string;
let ann: Person;
let ben: Person;
let cat: Person;
/** Never signs in. */
let dan: Person;

/** ann's conversation with the others; cat has spoken and left for ever. */
let trip: { id: string; messages: string[] };
let list: Wire;
let page: Wire;
let startedAt: number;

const AVATAR = 'https://forum.example/avatars/ben.png?a=1&b=2';

async function call(who: Person | null, method: string, ...params: OutValue[]): Promise<Wire> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'text/xml', ...(who?.cookie && { cookie: who.cookie }) },
    body: encodeCall(method, params),
  });
  return wireOf(canonicalText(new Uint8Array(await answer.arrayBuffer())));
}

async function person(username: string, more: object = {}): Promise<Person> {
  const user = await hub.createUser(slug, { username, password: `pw-${username}`, ...more });
  return { id: String(user.number), cookie: '' };
}

async function signIn(who: Person, username: string): Promise<void> {
  const params = [base64(username), base64(`pw-${username}`)];
  const answer = await fetch(url, { method: 'POST', body: encodeCall('login', params) });
  who.cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
}

const names = (...usernames: string[]) => array(usernames.map((name) => base64(name)));
const told = (answer: Wire, field: string): string =>
  Object.values(at(answer, field) ?? {})[0] as unknown as string;

async function reply(who: Person, text: string, ...more: OutValue[]): Promise<string> {
  return told(await call(who, 'reply_conversation', string(trip.id), base64(text), ...more), 'msg_id');
}

const PICTURE = png(4, 3);

beforeAll(async () => {
  hub = await startTestHub();
  const made = await hub.createApp();
  slug = made.app.slug;
  url = made.tapatalk.url;
  startedAt = Math.floor(Date.now() / 1000);
  ann = await person('ann', { displayName: 'Ann Lee' });
  ben = await person('ben', { displayName: 'Ben "B" Ö. 🍜', avatarUrl: AVATAR });
  cat = await person('cat');
  dan = await person('dan', { role: 'agent' });
  for (const [who, username] of [
    [ann, 'ann'],
    [ben, 'ben'],
    [cat, 'cat'],
  ] as const) {
    await signIn(who, username);
  }
  // Older, so that it stands second.
  await call(ben, 'new_conversation', names('ann'), base64('Older'), base64('x'));
  const opened = await call(
    ann,
    'new_conversation',
    names('ben', 'cat', 'dan'),
    base64('[b]Trip[/b] to\n [url=http://x.example]Rome[/url] & "back"'),
    base64('\n\t [b]First[/b] [quote]q[/quote] [color=red]<&>[/color] \n'),
  );
  trip = { id: told(opened, 'conv_id'), messages: [] };
  const { attachment_id, group_id } = await sendForm(
    url,
    ben.cookie,
    formOf(PICTURE, { name: 'Röm & so.png' }),
  );
  const files = [base64(''), array([string(attachment_id)]), string(group_id)];
  await reply(ben, 'Second [url=http://x.example/a]link[/url]', ...files);
  await reply(cat, '[url=http://x.example/b][img]http://x.example/b.png[/img][/url]');
  await call(cat, 'delete_conversation', string(trip.id), int(2));
  // An answer shows nobody as online where those who know are not asked in time.
  for (let tries = 0; tries < 100; tries++) {
    list = await call(ann, 'get_conversations');
    if (told(list, `list.0.participants.${ben.id}.is_online`) === '1') break;
  }
  page = await call(ann, 'get_conversation', string(trip.id), int(0), int(9));
  const messages = at(page, 'list') as { array: Wire[] };
  trip.messages = messages.array.map((message) => told(message, 'msg_id'));
}, 60_000);
afterAll(() => hub?.stop());

const yes: Wire = { boolean: '1' };
const no: Wire = { boolean: '0' };
const count = (n: number): Wire => ({ int: String(n) });
const words = (text: string): Wire => ({ base64: text });
const id = (text: string): Wire => ({ string: text });
const ID: Wire = { string: expect.stringMatching(/^[1-9]\d*$/) as unknown as string };
/** Seconds since 1970, in the time of this run. */
const TIMESTAMP: Wire = {
  string: expect.toSatisfy(
    (text: string) => /^\d{10}$/.test(text) && +text >= startedAt && +text <= Date.now() / 1000 + 1,
  ) as unknown as string,
};
const DATE: Wire = {
  'dateTime.iso8601': expect.stringMatching(/^\d{8}T\d\d:\d\d:\d\d\+00:00$/) as unknown as string,
};
/** Whole: apps ask for it as it stands. */
const ADDRESS: Wire = {
  string: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/\S+$/) as unknown as string,
};
/** A struct or an array: what is in it has rows of its own. */
const STRUCT = { struct: expect.any(Object) } as unknown as Wire;
const ARRAY = { array: expect.any(Array) } as unknown as Wire;
const EMPTY: Wire = { array: [] };

/** A field by its path, and what stands there; functions where it is known only when the scene is set. */
type Row = readonly [path: string, value: Wire | (() => Wire)];

const wanted = (value: Row[1]): Wire => (typeof value === 'function' ? value() : value);
/** `{ben}` is ben's id. */
const filled = (path: string): string =>
  path.replace(/\{(\w+)\}/g, (_, name: string) => ({ ann, ben, cat, dan })[name]?.id ?? '');

const participant = (who: string, username: string, icon: string, online: Wire, left: Wire): Row[] => [
  [`participants.{${who}}`, STRUCT],
  [`participants.{${who}}.username`, words(username)],
  [`participants.{${who}}.icon_url`, id(icon)],
  [`participants.{${who}}.is_online`, online],
  [`participants.{${who}}.has_left`, left],
];

const PARTICIPANTS: Row[] = [
  ['participants', STRUCT],
  ...participant('ann', 'Ann Lee', '', yes, no),
  ...participant('ben', 'Ben "B" Ö. 🍜', AVATAR, yes, no),
  ...participant('cat', 'cat', '', yes, yes),
  ...participant('dan', 'dan', '', no, no),
  [`participants.{dan}.user_type`, words('mod')],
];

const TITLE = words('Trip to Rome & "back"');

const LISTED: Row[] = [
  ['conv_id', () => id(trip.id)],
  ['reply_count', count(2)],
  ['participant_count', count(3)],
  ['total_message_num', count(3)],
  ['start_user_id', () => id(ann.id)],
  ['start_timestamp', TIMESTAMP],
  ['start_conv_time', DATE],
  ['last_user_id', () => id(cat.id)],
  ['timestamp', TIMESTAMP],
  ['last_conv_time', DATE],
  ['conv_subject', TITLE],
  ['conv_title', TITLE],
  ['new_post', yes],
  ['unread_num', count(2)],
  ['delete_mode', count(3)],
  ['can_invite', yes],
  ['can_edit', no],
  ['can_close', no],
  ['is_closed', no],
  ...PARTICIPANTS,
];

const PAGE: Row[] = [
  ['conv_id', () => id(trip.id)],
  ['conv_title', TITLE],
  ['conv_subject', TITLE],
  ['participant_count', count(3)],
  ['total_message_num', count(3)],
  ['can_invite', yes],
  ['can_edit', no],
  ['can_close', no],
  ['is_closed', no],
  ['can_reply', yes],
  ['delete_mode', count(3)],
  ...PARTICIPANTS,
  ['list', ARRAY],
];

const message = (
  index: number,
  content: string,
  author: () => Person,
  unread: Wire,
  left: Wire,
  attachments: Wire = EMPTY,
): Row[] =>
  (
    [
      ['msg_id', () => id(trip.messages[index] as string)],
      ['msg_content', words(content)],
      ['msg_author_id', () => id(author().id)],
      ['is_unread', unread],
      ['new_post', unread],
      ['is_online', yes],
      ['has_left', left],
      ['timestamp', TIMESTAMP],
      ['post_time', DATE],
      ['attachments', attachments],
    ] satisfies Row[]
  ).map(([field, value]) => [`list.${index}.${field}`, value]);

const MESSAGES: Row[] = [
  ...message(0, 'First [quote]q[/quote] <&>', () => ann, no, no),
  ...message(1, 'Second [url=http://x.example/a]link[/url]', () => ben, yes, no, ARRAY),
  ['list.1.attachments.0.filename', words('Röm & so.png')],
  ['list.1.attachments.0.filesize', count(PICTURE.length)],
  ['list.1.attachments.0.content_type', id('image')],
  ['list.1.attachments.0.url', ADDRESS],
  ['list.1.attachments.0.thumbnail_url', ADDRESS],
  ...message(2, '[img]http://x.example/b.png[/img]', () => cat, yes, yes),
];

const at0 = (rows: readonly Row[]): Row[] => rows.map(([path, value]) => [`list.0.${path}`, value]);

describe('get_conversations answers', () => {
  const TOP: Row[] = [
    ['result', yes],
    ['conversation_count', count(2)],
    ['unread_count', count(2)],
    ['can_upload', () => at(page, 'can_upload') as Wire],
    ['list', ARRAY],
  ];
  test.each([...TOP, ...at0(LISTED)])('%s', (path, value) => {
    expect(at(list, filled(path))).toEqual(wanted(value));
  });
  test('nothing else in an item but what is named here or is made for apps that look for it', () => {
    const known = LISTED.map(([path]) => path).filter((path) => !path.includes('.'));
    const item = at(list, 'list.0') as { struct: object };
    expect(Object.keys(item.struct).sort()).toEqual([...known, 'can_upload', 'short_content'].sort());
  });
});

describe('get_conversation answers', () => {
  test.each([...PAGE, ...MESSAGES])('%s', async (path, value) => {
    if (!path.endsWith('.is_online')) return expect(at(page, filled(path))).toEqual(wanted(value));
    // As in the list; the first answer alone says what was unread.
    const now = () => call(ann, 'get_conversation', string(trip.id), int(0), int(9));
    await expect.poll(async () => at(await now(), filled(path)), { timeout: 30_000 }).toEqual(wanted(value));
  });
  test('can_upload, as a boolean that says what get_config says', async () => {
    const most = told(await call(null, 'get_config'), 'max_attachment');
    expect(at(page, 'can_upload')).toEqual(Number(most) > 0 ? yes : no);
  });
  test('an address of a file that whoever has it can open', async () => {
    const file = await fetch(told(page, 'list.1.attachments.0.url'));
    expect(file.headers.get('content-type')).toBe('image/png');
    expect(new Uint8Array(await file.arrayBuffer())).toEqual(PICTURE);
  });
  test('a time as text and as a date, both the same', () => {
    const seconds = (date: string) => Date.parse(date.replace(/^(\d{4})(\d\d)(\d\d)/, '$1-$2-$3')) / 1000;
    for (const [of, date, text] of [
      [list, 'list.0.start_conv_time', 'list.0.start_timestamp'],
      [list, 'list.0.last_conv_time', 'list.0.timestamp'],
      [page, 'list.0.post_time', 'list.0.timestamp'],
      [page, 'list.2.post_time', 'list.2.timestamp'],
    ] as const) {
      expect(seconds(told(of, date))).toBe(Number(told(of, text)));
    }
    expect(told(list, 'list.0.timestamp')).toBe(told(page, 'list.2.timestamp'));
  });
  test.each([
    ['without it', []],
    ['false', [bool(false)]],
    ['true', [bool(true)]],
  ] as const)('msg_content with return_html: %s', async (_, html) => {
    const window = html.length > 0 ? [int(0), int(0), ...html] : [];
    const answer = await call(ann, 'get_conversation', string(trip.id), ...window);
    const dressed = html.length > 0 && _ === 'true';
    expect(at(answer, 'list.0.msg_content')).toEqual(
      words(
        dressed
          ? '<b>First</b> [quote]q[/quote] <font color="red">&lt;&amp;&gt;</font>'
          : 'First [quote]q[/quote] <&>',
      ),
    );
  });
});

/** Every answer of success says so in the same two fields. */
const SUCCESS: Row[] = [
  ['result', yes],
  ['result_text', words('')],
];

/** A call: its parameters at one of its arities, and every field of its answer. */
type Case = readonly [what: string, method: string, params: () => OutValue[], rows: readonly Row[]];

const CASES: Case[] = [
  [
    'user_name, subject, text_body',
    'new_conversation',
    () => [names('ben', 'cat'), base64('S'), base64('x')],
    [...SUCCESS, ['conv_id', ID]],
  ],
  [
    'user_name, subject, text_body, attachment_id_array, group_id',
    'new_conversation',
    () => [names('ben'), base64('S'), base64('x'), array([]), string('')],
    [...SUCCESS, ['conv_id', ID]],
  ],
  [
    'the same with words as <string>',
    'new_conversation',
    () => [array([string('ben')]), string('S'), string('x'), array([string('')]), string('')],
    [...SUCCESS, ['conv_id', ID]],
  ],
  [
    'conversation_id, text_body',
    'reply_conversation',
    () => [string(trip.id), base64('x')],
    [...SUCCESS, ['msg_id', ID]],
  ],
  [
    'conversation_id, text_body, subject',
    'reply_conversation',
    () => [string(trip.id), base64('x'), base64('Re: Trip')],
    [...SUCCESS, ['msg_id', ID]],
  ],
  [
    'conversation_id, text_body, subject, attachment_id_array, group_id',
    'reply_conversation',
    () => [string(trip.id), base64('x'), base64(''), array([]), string('')],
    [...SUCCESS, ['msg_id', ID]],
  ],
  [
    'conversation_id as <int>, text_body as <string>',
    'reply_conversation',
    () => [int(Number(trip.id)), string('x')],
    [...SUCCESS, ['msg_id', ID]],
  ],
  ['user_name, conversation_id', 'invite_participant', () => [names('dan'), string(trip.id)], SUCCESS],
  [
    'user_name, conversation_id, invite_reason_text',
    'invite_participant',
    () => [names('dan'), string(trip.id), base64('He asked.')],
    SUCCESS,
  ],
  [
    'conv_id, msg_id',
    'get_quote_conversation',
    () => [string(trip.id), string(trip.messages[1] as string)],
    [['text_body', words(`[quote="Ben 'B' Ö. 🍜"]Second [url=http://x.example/a]link[/url][/quote]\n\n`)]],
  ],
  ['conv_id', 'mark_conversation_unread', () => [string(trip.id)], SUCCESS],
  ['two ids', 'mark_conversation_unread', () => [string(`${trip.id},${trip.id}`)], SUCCESS],
  ['no id', 'mark_conversation_unread', () => [], SUCCESS],
  ['conversation id', 'mark_conversation_read', () => [string(trip.id)], SUCCESS],
  ['conversation ids', 'mark_conversation_read', () => [string(` ${trip.id} , ${trip.id},`)], SUCCESS],
  ['an empty id', 'mark_conversation_read', () => [string('')], SUCCESS],
  ['no id', 'mark_conversation_read', () => [], SUCCESS],
  ['mode 1', 'delete_conversation', () => [string(trip.id), int(1)], SUCCESS],
  ['mode as text', 'delete_conversation', () => [string(trip.id), string('1')], SUCCESS],
  [
    'nothing',
    'get_inbox_stat',
    () => [],
    [
      ['inbox_unread_count', count(0)],
      ['subscribed_topic_unread_count', count(0)],
    ],
  ],
];

describe.each(CASES)('%s: %s', (_, method, params, rows) => {
  test('answers each field, and no other', async () => {
    const answer = await call(ann, method, ...params());
    for (const [path, value] of rows) expect([path, at(answer, path)]).toEqual([path, wanted(value)]);
    expect(Object.keys((answer as { struct: object }).struct).sort()).toEqual(
      rows.map(([path]) => path).sort(),
    );
  });
});

describe('a window', () => {
  const subjects = async (...window: OutValue[]) => {
    const answer = await call(ben, 'get_conversations', ...window);
    return (at(answer, 'list') as { array: Wire[] }).array.map((item) => told(item, 'conv_id'));
  };
  test.each([
    ['start_num', [int(0)]],
    ['start_num, last_num', [int(0), int(19)]],
    ['start_num, last_num as <string>', [string('0'), string(' 19 ')]],
  ])('of get_conversations by %s is what no parameters mean', async (_, window) => {
    expect(await subjects(...window)).toEqual(await subjects());
    expect((await subjects()).length).toBeGreaterThan(1);
  });
  test.each([
    ['conv_id', []],
    ['conv_id, start_num', [int(0)]],
    ['conv_id, start_num, last_num', [int(0), int(19)]],
    ['conv_id, start_num, last_num, return_html', [int(0), int(19), bool(false)]],
    ['conv_id, start_num, last_num as <string>, return_html as <int>', [string('0'), string('19'), int(0)]],
  ])('of get_conversation by %s is the first messages', async (_, window) => {
    const answer = await call(ben, 'get_conversation', string(trip.id), ...window);
    const shown = (at(answer, 'list') as { array: Wire[] }).array.map((item) => told(item, 'msg_id'));
    expect(shown.slice(0, 3)).toEqual(trip.messages);
  });
});

test.each([
  ['new_conversation', () => [names('nobody-at-all'), base64('S'), base64('x')]],
  ['reply_conversation', () => [string('900000003'), base64('x')]],
  ['invite_participant', () => [names('nobody-at-all'), string(trip.id)]],
  ['get_conversation', () => [string('900000003')]],
  ['get_quote_conversation', () => [string(trip.id), string('900000003')]],
  ['delete_conversation', () => [string('900000003'), int(2)]],
  ['mark_conversation_unread', () => [string('900000003')]],
  ['mark_conversation_read', () => [string('900000003')]],
] as [string, () => OutValue[]][])(
  '%s, refused, says so in result and result_text',
  async (method, params) => {
    const answer = await call(ann, method, ...params());
    expect(at(answer, 'result')).toEqual(no);
    expect(at(answer, 'result_text')).toEqual(words(expect.stringMatching(/\S/) as unknown as string));
  },
);
