// What the forum's calls do to each other, at the corners that contracts/tapatalk.md 4 rules: windows, read marks, hiding
// and leaving, who may bring whom in, closed conversations, people who ignore each other. Fields: tapatalk-fields.test.ts.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bool, int, type OutValue, string } from '../../src/xmlrpc/value.ts';
import { ForumClient, id, number, type Told, text, texts } from '../model/forum.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { type World, worldOf } from './realtime-world.ts';

let hub: TestHub;
let there: World;
let ann: Person;
let ben: Person;
let cat: Person;

interface Person {
  id: string;
  username: string;
  sunshineId: string;
  call: ForumClient['call'];
}

beforeAll(async () => {
  hub = await startTestHub();
  there = await worldOf(hub);
  [ann, ben, cat] = [await person('ann', 'Ann'), await person('ben', 'Ben'), await person('cat', 'Cat')];
});
afterAll(async () => {
  await there?.hangUp();
  await hub?.stop();
});

async function person(username: string, displayName: string, role?: string): Promise<Person> {
  const made = await hub.createUser(there.app.app.slug, { username, password: 'pw', displayName, role });
  const client = new ForumClient(there.app.tapatalk.url);
  await client.login(username, 'pw');
  return { ...made, id: String(made.number), call: (...call) => client.call(...call) };
}

/** A call that must work. */
async function done(who: Person, method: string, ...params: OutValue[]): Promise<Told> {
  const answer = await who.call(method, ...params);
  if (answer.result === false) throw new Error(`${method}: ${answer.result_text}`);
  return answer;
}
const refusalOf = async (who: Person, method: string, ...params: OutValue[]): Promise<string> => {
  const answer = await who.call(method, ...params);
  expect(answer).toMatchObject({ result: false, result_text: expect.stringMatching(/\S/) });
  return answer.result_text;
};

async function open(by: Person, others: Person[], body = 'm0', subject = 'Talk'): Promise<string> {
  const names = texts(others.map(({ username }) => username));
  return (await done(by, 'new_conversation', names, text(subject), text(body))).conv_id;
}
const reply = async (by: Person, c: string, body: string): Promise<string> =>
  (await done(by, 'reply_conversation', id(c), text(body))).msg_id;
const page = (who: Person, c: string, ...window: OutValue[]) =>
  done(who, 'get_conversation', id(c), ...window);
const said = (answer: Told): string[] => answer.list.map((message: Told) => message.msg_content);
const row = async (who: Person, c: string): Promise<Told> =>
  (await done(who, 'get_conversations', int(0), int(49))).list.find((item: Told) => item.conv_id === c);
const counts = async (who: Person) => (await done(who, 'get_inbox_stat')).inbox_unread_count;

describe('a window of messages', () => {
  let c: string;
  const range = (from: number, to: number) =>
    Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => `m${from + i}`);
  beforeAll(async () => {
    c = await open(ann, [ben]);
    for (let i = 1; i < 60; i++) await reply(i % 3 ? ann : ben, c, `m${i}`);
    // Events between messages have no position.
    await done(ben, 'invite_participant', texts(['cat']), id(c));
  });
  test.each([
    ['none: the first twenty', [], range(0, 19)],
    ['a start alone: twenty from there', [5], range(5, 24)],
    ['0,0: the first alone', [0, 0], range(0, 0)],
    ['n,n: one', [7, 7], range(7, 7)],
    ['unaligned', [13, 29], range(13, 29)],
    ['an end before the start: nothing', [9, 3], []],
    ['an end of 0 before the start: nothing', [5, 0], []],
    ['a start below 0: from the first', [-3, 2], range(0, 2)],
    ['both below 0: nothing', [-9, -3], []],
    ['fifty', [0, 49], range(0, 49)],
    ['more than fifty: its first fifty', [0, 50], range(0, 49)],
    ['very many: its first fifty', [3, 2_000_000_000], range(3, 52)],
    ['beyond the end: what is left', [55, 90], range(55, 59)],
    ['the last count as an end', [50, 60], range(50, 59)],
    ['behind the end: nothing', [60, 79], []],
    ['far behind the end: nothing', [2_147_483_600, 2_147_483_647], []],
  ] as [string, number[], string[]][])('%s', async (_, window, expected) => {
    const answer = await page(ann, c, ...window.map(number));
    expect(said(answer)).toEqual(expected);
    expect(answer.total_message_num).toBe(60);
    expect(Object.keys(answer.participants)).toEqual(expect.arrayContaining([ann.id, ben.id]));
    const asText = await page(ann, c, ...window.map((bound) => string(String(bound))));
    expect(said(asText)).toEqual(expected);
  });
  test.each([bool(true), int(1), string('1')])('takes return_html as %j', async (html) => {
    const answer = await page(ann, c, int(0), int(0), html);
    expect(answer.list).toHaveLength(1);
  });
});

describe('a window of conversations', () => {
  let reader: Person;
  let all: string[];
  beforeAll(async () => {
    reader = await person('reader', 'Reader');
    all = [];
    for (let i = 0; i < 25; i++) all.unshift(await open(ann, [reader], 'x', `Number ${i}`));
    // The oldest is the one with the newest message now.
    await reply(ann, all.at(-1) as string, 'again');
    all.unshift(all.pop() as string);
  });
  test.each([
    ['none: the latest twenty', [], [0, 20]],
    ['a start alone', [10], [10, 25]],
    ['0,0', [0, 0], [0, 1]],
    ['unaligned', [3, 7], [3, 8]],
    ['an end before the start', [7, 3], [0, 0]],
    ['a start below 0', [-5, 1], [0, 2]],
    ['beyond the end', [20, 200], [20, 25]],
    ['behind the end', [25, 44], [0, 0]],
  ] as [string, number[], [number, number]][])('%s', async (_, window, slice) => {
    const answer = await done(reader, 'get_conversations', ...window.map(number));
    expect(answer.list.map((item: Told) => item.conv_id)).toEqual(all.slice(...slice));
    expect(answer).toMatchObject({ conversation_count: 25, unread_count: 25 });
  });
});

describe('the read mark', () => {
  const unreadIn = (answer: Told): boolean[] => answer.list.map((message: Told) => message.is_unread);

  test('rises to the newest message shown, and an older page does not lower it', async () => {
    const c = await open(ann, [ben]);
    for (let i = 1; i < 6; i++) await reply(ann, c, `m${i}`);
    expect(unreadIn(await page(ben, c, int(2), int(3)))).toEqual([true, true]);
    expect(await row(ben, c)).toMatchObject({ unread_num: 2, new_post: true });
    // Behind the mark all counts as read, shown or not.
    expect(unreadIn(await page(ben, c, int(0), int(1)))).toEqual([false, false]);
    expect(await row(ben, c)).toMatchObject({ unread_num: 2 });
    expect(unreadIn(await page(ben, c, int(5), int(5)))).toEqual([true]);
    expect(await row(ben, c)).toMatchObject({ unread_num: 0, new_post: false });
  });

  test('stays where it is when nothing is shown, by a quotation, and by a list', async () => {
    const c = await open(ann, [ben]);
    await page(ben, c, int(1), int(0));
    await page(ben, c, int(7), int(9));
    await done(ben, 'get_quote_conversation', id(c), id((await page(ann, c)).list[0].msg_id));
    await row(ben, c);
    expect(await row(ben, c)).toMatchObject({ unread_num: 1, new_post: true });
  });

  test('passes over what its owner says: their own words are never unread to them', async () => {
    const c = await open(ann, [ben]);
    expect(await row(ann, c)).toMatchObject({ unread_num: 0, new_post: false });
    await reply(ben, c, 'm1');
    expect(await row(ann, c)).toMatchObject({ unread_num: 1 });
    await reply(ann, c, 'm2');
    expect(await row(ann, c)).toMatchObject({ unread_num: 0, new_post: false });
    expect(unreadIn(await page(ann, c))).toEqual([false, false, false]);
  });

  test('goes before the last message of somebody else when its owner says so, and up again by reading', async () => {
    const c = await open(ann, [ben]);
    await reply(ben, c, 'm1');
    await reply(ann, c, 'm2');
    const before = await counts(ann);
    await done(ann, 'mark_conversation_unread', id(c));
    expect(await row(ann, c)).toMatchObject({ new_post: true });
    expect(await counts(ann)).toBe(before + 1);
    expect(unreadIn(await page(ann, c))).toEqual([false, true, false]);
    expect(await row(ann, c)).toMatchObject({ new_post: false, unread_num: 0 });
    expect(await counts(ann)).toBe(before);
  });

  test('has nowhere to go back to where only its owner has spoken', async () => {
    const c = await open(ann, [ben]);
    await done(ann, 'mark_conversation_unread', id(c));
    expect(await row(ann, c)).toMatchObject({ new_post: false, unread_num: 0 });
  });

  test('of several conversations moves in all or in none', async () => {
    const [one, two] = [await open(ann, [ben]), await open(ann, [ben])];
    await done(ben, 'mark_conversation_read', id(`${one},${two}`));
    const before = await counts(ben);
    for (const last of ['900000003', 'x', '-1']) {
      await refusalOf(ben, 'mark_conversation_unread', id(`${one},${two},${last}`));
    }
    expect(await counts(ben)).toBe(before);
    await done(ben, 'mark_conversation_unread', id(`${one},,${two},${one}`));
    expect(await counts(ben)).toBe(before + 2);
  });
});

describe('a hidden conversation', () => {
  test('is in no list and no count, can still be read, and is back with the next message, whoever writes it', async () => {
    const c = await open(ann, [ben]);
    const before = await counts(ben);
    const { conversation_count } = await done(ben, 'get_conversations');
    await done(ben, 'delete_conversation', id(c), int(1));
    await done(ben, 'delete_conversation', id(c), int(1));
    expect(await row(ben, c)).toBeUndefined();
    expect(await counts(ben)).toBe(before - 1);
    expect((await done(ben, 'get_conversations')).conversation_count).toBe(conversation_count - 1);
    expect(said(await page(ben, c))).toEqual(['m0']);
    expect(await row(ann, c)).toMatchObject({ participant_count: 2 });
    // That somebody comes is no message.
    await done(ann, 'invite_participant', texts(['cat']), id(c));
    expect(await row(ben, c)).toBeUndefined();
    await reply(ben, c, 'm1');
    expect(await row(ben, c)).toMatchObject({ total_message_num: 2 });
    await done(ben, 'delete_conversation', id(c), int(1));
    await reply(ann, c, 'm2');
    expect(await row(ben, c)).toMatchObject({ new_post: true, unread_num: 1 });
  });
});

describe('who left for ever', () => {
  const back = (users: string[], c: string) =>
    there.operate('POST', `/conversations/${c}/members`, { users });

  test('is out of everything at once, and out of nobody’s sight', async () => {
    const c = await open(ann, [ben, cat]);
    const spoken = await reply(ben, c, 'm1');
    await done(ben, 'delete_conversation', id(c), int(2));
    for (const [method, ...params] of [
      ['get_conversation', id(c)],
      ['reply_conversation', id(c), text('x')],
      ['invite_participant', texts(['ben']), id(c)],
      ['invite_participant', texts(['ann']), id(c)],
      ['get_quote_conversation', id(c), id(spoken)],
      ['mark_conversation_read', id(c)],
      ['mark_conversation_unread', id(c)],
      ['delete_conversation', id(c), int(1)],
      ['delete_conversation', id(c), int(2)],
    ] as [string, ...OutValue[]][]) {
      await refusalOf(ben, method, ...params);
    }
    const seen = await page(cat, c);
    expect(seen).toMatchObject({ participant_count: 2, total_message_num: 2 });
    expect(seen.participants[ben.id]).toMatchObject({ username: 'Ben', has_left: true });
    expect(seen.list[1]).toMatchObject({ msg_author_id: ben.id, has_left: true });
    expect((await row(cat, c)).participants[ben.id]).toMatchObject({ has_left: true });
  });

  test('no member brings back, not even with others; the operator and a back end do', async () => {
    const dan = await person('dan', 'Dan');
    const c = await open(ann, [ben, cat]);
    await done(ben, 'delete_conversation', id(c), int(2));
    expect(await refusalOf(ann, 'invite_participant', texts(['dan', 'ben']), id(c), text('Come!'))).toContain(
      'Ben',
    );
    expect(await page(ann, c)).toMatchObject({ participant_count: 2, total_message_num: 1 });
    await refusalOf(dan, 'get_conversation', id(c));

    expect((await back(['ben', dan.id], c)).status).toBe(200);
    expect(said(await page(ben, c))).toEqual(['m0']);
    expect(await row(ben, c)).toMatchObject({ unread_num: 0 });
    expect((await page(ann, c)).participants[ben.id]).toMatchObject({ has_left: false });

    await done(ben, 'delete_conversation', id(c), int(2));
    const { basePath, appId, keyId, secret } = there.app.sunshine;
    const authorization = `Basic ${btoa(`${keyId}:${secret}`)}`;
    const at = `${basePath}/v2/apps/${appId}/conversations`;
    const listed = await fetch(`${at}?filter[userId]=${dan.sunshineId}`, { headers: { authorization } });
    const [{ id: restId }] = ((await listed.json()) as Told).conversations;
    const joined = await fetch(`${at}/${restId}/join`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ userId: ben.sunshineId }),
    });
    expect(joined.status).toBe(201);
    expect(await page(ben, c)).toMatchObject({ participant_count: 4 });
  });

  test('the operator brings all or none, and nobody twice', async () => {
    const c = await open(ann, [ben]);
    const refused = await back(['cat', 'nobody at all'], c);
    expect([refused.status, await refused.json()]).toMatchObject([
      400,
      { error: { code: 'invalid', fields: [{ path: 'users.1' }] } },
    ]);
    expect(await page(ann, c)).toMatchObject({ participant_count: 2 });
    const taken = await back(['cat', 'CAT', cat.id, 'ben'], c);
    expect((await taken.json()) as Told).toMatchObject({ conversation: { memberCount: 3, messageCount: 1 } });
  });
});

describe('an invitation', () => {
  test('is open to every member, all or nothing, and its reason is their next message', async () => {
    const dan = await person('dan2', 'Dan Two');
    const c = await open(ann, [ben]);
    await refusalOf(cat, 'invite_participant', texts(['cat']), id(c));
    await done(
      ben,
      'invite_participant',
      texts([' CAT ', 'dan two', 'ben']),
      id(c),
      text('They [b]know[/b].'),
    );
    const seen = await page(dan, c);
    expect(seen).toMatchObject({ participant_count: 4, can_invite: true });
    expect(seen.list[1]).toMatchObject({ msg_author_id: ben.id, msg_content: 'They know.', is_unread: true });
    // Invited in turn, Cat invites; who is there already is no mistake, and white space is no reason.
    await done(cat, 'invite_participant', texts(['dan2', 'ann']), id(c), text(' \n'));
    expect(await page(dan, c)).toMatchObject({ participant_count: 4, total_message_num: 2 });
  });

  test('names in its refusal who is not known, and who cannot be told apart', async () => {
    for (const username of ['twin1', 'twin2'])
      await hub.createUser(there.app.app.slug, { username, displayName: 'Twin' });
    const c = await open(ann, [ben]);
    expect(await refusalOf(ann, 'invite_participant', texts(['cat', 'Nobody', 'Twin']), id(c))).toMatch(
      /“Nobody”.*“Twin”/,
    );
    await done(ann, 'invite_participant', texts(['twin1']), id(c));
    expect(await page(ann, c)).toMatchObject({ participant_count: 3 });
  });
});

describe('a closed conversation', () => {
  test('is read, quoted, marked and left, but takes no message, not even as a reason to come', async () => {
    const c = await open(ann, [ben]);
    const first = (await page(ann, c)).list[0].msg_id;
    expect((await there.operate('PATCH', `/conversations/${c}`, { locked: true })).status).toBe(200);
    expect(await refusalOf(ben, 'reply_conversation', id(c), text('x'))).toContain('closed');
    expect(await refusalOf(ben, 'invite_participant', texts(['cat']), id(c), text('Come!'))).toContain(
      'closed',
    );
    expect(await page(ben, c)).toMatchObject({
      is_closed: true,
      can_reply: false,
      participant_count: 2,
      total_message_num: 1,
    });
    await done(ben, 'get_quote_conversation', id(c), id(first));
    await done(ben, 'mark_conversation_unread', id(c));
    expect(await row(ben, c)).toMatchObject({ is_closed: true, new_post: true });
    await done(ben, 'delete_conversation', id(c), int(2));
    await there.operate('PATCH', `/conversations/${c}`, { locked: false });
    await reply(ann, c, 'open again');
    expect(await page(ann, c)).toMatchObject({ is_closed: false, can_reply: true });
  });
});

describe('people who ignore each other', () => {
  test('begin nothing with who ignores them; what they share goes on', async () => {
    const [eve, fay] = [await person('eve', 'Eve'), await person('fay', 'Fay')];
    const shared = await open(eve, [fay]);
    const who = async () => (await fay.call('login', text(''), text(''))).ignored_uids;
    expect(await who()).toBe('');
    await done(fay, 'ignore_user', id(eve.id));
    await done(fay, 'ignore_user', id(ann.id), int(1));
    await done(fay, 'ignore_user', id(eve.id), int(1));
    expect(await who()).toBe(`${eve.id},${ann.id}`);
    expect((await fay.call('login', text('fay'), text('pw'))).ignored_uids).toBe(`${eve.id},${ann.id}`);

    const names = texts(['ben', 'fay']);
    const says = '“Fay” does not take messages from you.';
    expect(await refusalOf(eve, 'new_conversation', names, text('S'), text('x'))).toBe(says);
    const other = await open(eve, [ben]);
    expect(await refusalOf(eve, 'invite_participant', names, id(other), text('Come!'))).toBe(says);
    expect(await page(ben, other)).toMatchObject({ participant_count: 2, total_message_num: 1 });

    await reply(eve, shared, 'm1');
    expect(said(await page(fay, shared))).toEqual(['m0', 'm1']);
    // The other way round there is nothing in the way.
    await open(fay, [eve]);
    await done(ben, 'invite_participant', texts(['fay']), id(other));

    await done(fay, 'ignore_user', id(eve.id), int(0));
    expect(await who()).toBe(ann.id);
    await open(eve, [ben, fay]);
  });
});

describe('what is kept of a message', () => {
  test('a reply’s subject is its title, one line without markup, for the doors that show titles', async () => {
    const c = await open(ann, [ben]);
    await done(ann, 'reply_conversation', id(c), text('m1'), text(' Re: [b]Talk[/b]\n2 '));
    await done(ann, 'reply_conversation', id(c), text('m2'), text('[b] [/b]'));
    const socket = await there.connect({ ...ben, number: Number(ben.id) } as never);
    await socket.ask({ t: 'subscribe', c, since: 0 });
    const titles = ['m0', 'm1', 'm2'].map(
      (words) => socket.events(c).find((event) => event.text === words)?.title ?? null,
    );
    expect(titles).toEqual([null, 'Re: Talk 2', null]);
    expect(said(await page(ben, c))).toEqual(['m0', 'm1', 'm2']);
  });

  test('its words are kept as they were written: other doors get the markup that this one leaves out', async () => {
    const c = await open(ann, [ben], '  [b]bold[/b] 🍜 \n');
    const socket = await there.connect({ ...ben, number: Number(ben.id) } as never);
    await socket.ask({ t: 'subscribe', c, since: 0 });
    const [event] = socket.events(c).filter(({ kind }) => kind === 'message');
    expect(event).toMatchObject({ text: '  [b]bold[/b] 🍜 \n', markup: 'bbcode', door: 'tapatalk' });
    expect(said(await page(ben, c))).toEqual(['bold 🍜']);
    expect(await row(ben, c)).toMatchObject({ short_content: 'bold 🍜' });
  });

  test('deleted through another door it keeps its place, says so, and is not quoted', async () => {
    const c = await open(ann, [ben]);
    const gone = await reply(ann, c, 'm1');
    await reply(ann, c, 'm2');
    const socket = await there.connect({ ...ann, number: Number(ann.id) } as never);
    expect(await socket.ask({ t: 'delete', c, id: gone })).toMatchObject({ t: 'ack' });
    const seen = await page(ben, c);
    expect(said(seen)).toEqual(['m0', '(This message was deleted.)', 'm2']);
    expect(seen.list.map((message: Told) => message.is_unread)).toEqual([true, false, true]);
    await refusalOf(ben, 'get_quote_conversation', id(c), id(gone));
  });
});

describe('people on a page', () => {
  test('are all who speak on it and who spoke last, members or not', async () => {
    const c = await open(ann, [ben]);
    const { basePath, appId, keyId, secret } = there.app.sunshine;
    const authorization = `Basic ${btoa(`${keyId}:${secret}`)}`;
    const at = `${basePath}/v2/apps/${appId}/conversations`;
    const listed = await fetch(`${at}?filter[userId]=${ben.sunshineId}`, { headers: { authorization } });
    const [{ id: restId }] = ((await listed.json()) as Told).conversations;
    const posted = await fetch(`${at}/${restId}/messages`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ author: { type: 'business' }, content: { type: 'text', text: 'from the app' } }),
    });
    expect(posted.status).toBe(201);
    const first = await page(ben, c, int(0), int(0));
    expect(first.participant_count).toBe(2);
    const item = await row(ben, c);
    for (const seen of [first, item]) {
      expect(seen.participants[item.last_user_id]).toMatchObject({
        username: expect.stringMatching(/\S/),
        has_left: false,
      });
    }
    expect([ann.id, ben.id]).not.toContain(item.last_user_id);
  });
});
