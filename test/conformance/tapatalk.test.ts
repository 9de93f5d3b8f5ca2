// The forum door as clients of other projects see it: one story, told through each client's own XML-RPC library.
// Headers, encodings, faults and the exact form of documents: tapatalk-wire.test.ts.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requireClient } from '../support/clients.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { type Device, type Told, type ToldStruct, XML_RPC_CLIENTS } from './tapatalk/bridge.ts';
import { cast } from './tapatalk/cast.ts';

let server: TestHub;
beforeAll(async () => {
  server = await startTestHub({ env: { LIMITS: 'on' } });
});
afterAll(() => server.stop());

const b64 = (text: string) => ({ b64: text });
const DATE = { dt: expect.stringMatching(/^\d{8}T\d\d:\d\d:\d\d/) };
const UNIX = expect.stringMatching(/^\d{10}$/);
const refusal = (text: unknown, reason: number) => ({
  result: false,
  result_text: { b64: text },
  result_reason: reason,
});

const list = (answer: ToldStruct) => answer.list as ToldStruct[];
const texts = (answer: ToldStruct) =>
  list(answer).map((message) => (message.msg_content as { b64: string }).b64);
const named = (participants: Told | undefined) =>
  Object.fromEntries(
    Object.entries(participants as Record<string, ToldStruct>).map(([id, p]) => [
      id,
      [(p.username as { b64: string }).b64, p.has_left],
    ]),
  );

describe.each(XML_RPC_CLIENTS)('through %s', (client) => {
  describe.runIf(requireClient(client))('a forum app', () => {
    let company: Awaited<ReturnType<typeof cast>>;
    let alice: Awaited<ReturnType<typeof company.person>>;
    let bob: typeof alice;
    let carol: typeof alice;

    beforeAll(async () => {
      company = await cast(server, client);
      [alice, bob, carol] = await Promise.all([
        company.person('alice', 'Alice Liddell'),
        company.person('bob'),
        company.person('carol'),
      ]);
    });
    afterAll(() => company?.end());

    const open = async (subject = 'Lunch', body = 'At noon?', names = ['bob']) => {
      const { conv_id } = await alice.device.done(
        'new_conversation',
        names.map(b64),
        b64(subject),
        b64(body),
      );
      return conv_id as string;
    };
    const listed = async (who: typeof alice, conversation: string) =>
      list(await who.device.call('get_conversations', 0, 49)).find((item) => item.conv_id === conversation);

    test('reads the configuration without signing in, with strings for flags', async () => {
      const config = await company.stranger().call('get_config');
      const wanted = { api_level: '4', conversation: '1', is_open: true, guest_okay: false };
      expect(config).toMatchObject({ ...wanted, inbox_stat: '1', mark_pm_read: '1', mark_pm_unread: '1' });
      expect(config.min_search_length).toEqual(expect.any(Number));
    });

    test('signs in, is told who it is, and stays signed in until it signs out', async () => {
      const device = company.stranger();
      const answer = await device.ask('login', b64('ALICE'), b64('pw-alice'), false, '1');
      expect(answer).toMatchObject({ signedIn: 'true' });
      expect('value' in answer && answer.value).toMatchObject({
        result: true,
        result_text: b64(''),
        user_id: alice.id,
        username: b64('Alice Liddell'),
        login_name: b64('alice'),
        usergroup_id: ['member'],
        email: b64(''),
        icon_url: '',
        post_count: 0,
        user_type: b64('normal'),
        can_pm: true,
        can_send_pm: true,
        can_moderate: false,
        max_attachment: 10,
        max_attachment_size: 50 * 1024 * 1024,
        ignored_uids: '',
      });
      expect(await device.ask('login', b64(''), b64(''))).toMatchObject({ value: { user_id: alice.id } });
      expect(await device.ask('get_inbox_stat')).toMatchObject({ signedIn: 'true' });
      expect(await device.ask('logout_user')).toMatchObject({ signedIn: 'false', value: { result: true } });
      expect(await device.ask('get_inbox_stat')).toMatchObject({
        signedIn: 'false',
        value: refusal('You are not logged in or you do not have permission to do this action.', 1),
      });
    });

    test('is refused with one text for a wrong password and for a name that nobody has', async () => {
      const device = company.stranger();
      const wrong = await device.ask('login', b64('alice'), b64('nope'));
      expect(wrong).toMatchObject({ signedIn: 'false', value: refusal(expect.any(String), 1) });
      expect(await device.ask('login', b64('nobody-here'), b64('nope'))).toEqual(wrong);
    });

    test('opens a conversation that everybody in it finds at the top of their list', async () => {
      const conversation = await open('Lunch [b]today[/b] 🍜', 'At [b]noon[/b]? 🍜 & <so on>');
      // An answer shows nobody as online where those who know are not asked in time.
      await expect
        .poll(() => listed(bob, conversation), { timeout: 30_000 })
        .toEqual({
          conv_id: conversation,
          conv_subject: b64('Lunch today 🍜'),
          conv_title: b64('Lunch today 🍜'),
          reply_count: 0,
          participant_count: 2,
          total_message_num: 1,
          start_user_id: alice.id,
          start_conv_time: DATE,
          start_timestamp: UNIX,
          last_user_id: alice.id,
          last_conv_time: DATE,
          timestamp: UNIX,
          short_content: b64('At noon? 🍜 & <so on>'),
          new_post: true,
          unread_num: 1,
          can_invite: true,
          can_edit: false,
          can_close: false,
          can_upload: true,
          is_closed: false,
          delete_mode: 3,
          participants: {
            [alice.id]: participant(alice.id, 'Alice Liddell'),
            [bob.id]: participant(bob.id, 'bob'),
          },
        });
      const top = await bob.device.call('get_conversations');
      expect(list(top)[0]).toMatchObject({ conv_id: conversation, unread_num: 1 });
      expect(top).toMatchObject({ result: true, can_upload: true });
      expect(await listed(alice, conversation)).toMatchObject({ new_post: false, unread_num: 0 });
    });

    test('replies, and both read the same messages in the same order', async () => {
      const conversation = await open();
      const { msg_id } = await bob.device.done('reply_conversation', conversation, b64(' Yes.\n'));
      const page = await alice.device.call('get_conversation', conversation);
      expect(page).toMatchObject({
        conv_id: conversation,
        conv_title: b64('Lunch'),
        conv_subject: b64('Lunch'),
        participant_count: 2,
        total_message_num: 2,
        can_invite: true,
        can_edit: false,
        can_close: false,
        can_upload: true,
        can_reply: true,
        is_closed: false,
        delete_mode: 3,
      });
      expect(list(page)[1]).toEqual({
        msg_id,
        msg_content: b64('Yes.'),
        msg_author_id: bob.id,
        msg_author_user_type: b64('normal'),
        is_unread: true,
        new_post: true,
        is_online: expect.any(Boolean),
        has_left: false,
        post_time: DATE,
        timestamp: UNIX,
        can_edit: false,
        can_delete: false,
        can_report: true,
        attachments: [],
        inlineattachments: [],
      });
      expect(list(page)[0]).toMatchObject({ msg_author_id: alice.id, is_unread: false });
      // It shows nobody as online where those who know are not asked in time.
      const again = () => alice.device.call('get_conversation', conversation);
      await expect.poll(async () => list(await again())[1]?.is_online, { timeout: 30_000 }).toBe(true);
      const same = await bob.device.call('get_conversation', conversation, 0, 19);
      expect(list(same).map((m) => m.msg_id)).toEqual(list(page).map((m) => m.msg_id));
    });

    test('takes the longer forms of each call', async () => {
      const made = await alice.device.done('new_conversation', [b64('bob')], b64('S'), b64('one'), [], '');
      const conversation = made.conv_id as string;
      await bob.device.done('reply_conversation', conversation, b64('two'), b64('Re: S'));
      await bob.device.done('reply_conversation', conversation, b64('three'), b64('Re: S'), [''], '');
      expect(texts(await alice.device.call('get_conversation', conversation, 0, 2, false))).toEqual([
        'one',
        'two',
        'three',
      ]);
    });

    test('reads in windows with both ends in, and gets nothing for one that ends before it starts', async () => {
      const conversation = await open('Many', 'm0');
      for (let i = 1; i < 5; i++) await alice.device.done('reply_conversation', conversation, b64(`m${i}`));
      const window = async (...bounds: number[]) => {
        const page = await bob.device.call('get_conversation', conversation, ...bounds);
        expect(page.total_message_num).toBe(5);
        return texts(page);
      };
      expect(await window(3, 1)).toEqual([]);
      expect(await window(0, 0)).toEqual(['m0']);
      expect(await window(1, 1)).toEqual(['m1']);
      expect(await window(1, 3)).toEqual(['m1', 'm2', 'm3']);
      expect(await window(3, 60)).toEqual(['m3', 'm4']);
      expect(await window(9, 20)).toEqual([]);
      const conversations = await alice.device.call('get_conversations', 1, 0);
      expect(conversations.list).toEqual([]);
      expect(conversations.conversation_count).toBeGreaterThan(0);
      expect(list(await alice.device.call('get_conversations', 0, 0))).toHaveLength(1);
    });

    test('marks as read what it shows and nothing newer, and says what was unread before', async () => {
      const conversation = await open('Marks', 'm0');
      for (let i = 1; i < 4; i++) await alice.device.done('reply_conversation', conversation, b64(`m${i}`));
      const unread = async (...bounds: number[]) =>
        list(await bob.device.call('get_conversation', conversation, ...bounds)).map((m) => m.is_unread);
      expect(await listed(bob, conversation)).toMatchObject({ unread_num: 4, new_post: true });
      expect(await unread(3, 1)).toEqual([]);
      expect(await listed(bob, conversation)).toMatchObject({ unread_num: 4 });
      expect(await unread(0, 1)).toEqual([true, true]);
      expect(await listed(bob, conversation)).toMatchObject({ unread_num: 2, new_post: true });
      expect(await unread(0, 3)).toEqual([false, false, true, true]);
      expect(await listed(bob, conversation)).toMatchObject({ unread_num: 0, new_post: false });
    });

    test('marks conversations unread and read, one, several or all, and counts conversations', async () => {
      const [one, two] = [await open('One', 'a'), await open('Two', 'b')];
      const count = async () => (await bob.device.call('get_inbox_stat')).inbox_unread_count as number;
      await bob.device.done('mark_conversation_read');
      expect(await bob.device.call('get_inbox_stat')).toEqual({
        inbox_unread_count: 0,
        subscribed_topic_unread_count: 0,
      });
      await alice.device.done('reply_conversation', one, b64('c'));
      expect(await count()).toBe(1);
      await alice.device.done('reply_conversation', one, b64('d'));
      expect(await count()).toBe(1);
      await bob.device.done('mark_conversation_unread', `${one}, ${two}`);
      expect(await count()).toBe(2);
      expect(await bob.device.call('get_conversations')).toMatchObject({ unread_count: 2 });
      expect(await listed(bob, two)).toMatchObject({ new_post: true, unread_num: 1 });
      await bob.device.done('mark_conversation_read', `${one}`);
      expect(await count()).toBe(1);
      await bob.device.done('mark_conversation_unread', '');
      expect(await count()).toBe(1);
      expect(await bob.device.call('mark_conversation_read', `${two},999999999`)).toMatchObject({
        result: false,
      });
      expect(await count()).toBe(1);
      await bob.device.done('mark_conversation_read', '');
      expect(await count()).toBe(0);
    });

    test('invites by name; the reason is the next message, and who comes later reads what was said', async () => {
      const conversation = await open('Party', 'Who comes?');
      expect(await carol.device.call('get_conversation', conversation)).toMatchObject(
        refusal(expect.any(String), 0),
      );
      await bob.device.done(
        'invite_participant',
        [b64('CAROL'), b64('bob')],
        conversation,
        b64('She asked.'),
      );
      const page = await carol.device.call('get_conversation', conversation);
      expect(texts(page)).toEqual(['Who comes?', 'She asked.']);
      expect(list(page)[1]).toMatchObject({ msg_author_id: bob.id });
      expect(page.participant_count).toBe(3);
      expect(named(page.participants)).toEqual({
        [alice.id]: ['Alice Liddell', false],
        [bob.id]: ['bob', false],
        [carol.id]: ['carol', false],
      });
    });

    test('names nobody it does not know: an unknown name refuses the whole call and is told', async () => {
      const conversation = await open();
      const before = await carol.device.call('get_conversations');
      const names = [b64('carol'), b64('Nobody Known')];
      const unknown = refusal(expect.stringContaining('Nobody Known'), -1);
      expect(await alice.device.call('new_conversation', names, b64('S'), b64('x'))).toEqual(unknown);
      expect(await alice.device.call('invite_participant', names, conversation)).toEqual(unknown);
      expect(await carol.device.call('get_conversations')).toEqual(before);
      const alone = await alice.device.call('new_conversation', [b64('alice')], b64('S'), b64('x'));
      expect(alone).toMatchObject({ result: false });
      const self = await alice.device.done('new_conversation', ['alice', 'bob'].map(b64), b64('S'), b64('x'));
      expect(await listed(bob, self.conv_id as string)).toMatchObject({ participant_count: 2 });
    });

    test('finds people by display name too', async () => {
      const made = await bob.device.done('new_conversation', [b64('alice LIDDELL')], b64('S'), b64('x'));
      expect(await listed(alice, made.conv_id as string)).toMatchObject({ last_user_id: bob.id });
    });

    test('hides a conversation, which comes back with the next message', async () => {
      const conversation = await open();
      await bob.device.done('delete_conversation', conversation, 1);
      expect(await listed(bob, conversation)).toBeUndefined();
      expect(await listed(alice, conversation)).toMatchObject({ participant_count: 2 });
      await alice.device.done('reply_conversation', conversation, b64('Still there?'));
      expect(await listed(bob, conversation)).toMatchObject({ short_content: b64('Still there?') });
    });

    test('leaves for ever: out at once, still named to the others, and not to be invited back', async () => {
      const conversation = await open();
      await bob.device.done('reply_conversation', conversation, b64('Bye.'));
      await bob.device.done('delete_conversation', conversation, 2);
      expect(await listed(bob, conversation)).toBeUndefined();
      for (const answer of [
        await bob.device.call('get_conversation', conversation),
        await bob.device.call('reply_conversation', conversation, b64('Me again')),
        await bob.device.call('get_conversation', '999999999'),
      ]) {
        expect(answer).toEqual(refusal('Conversation not found', 0));
      }
      await alice.device.done('reply_conversation', conversation, b64('Gone.'));
      expect(await listed(bob, conversation)).toBeUndefined();
      const page = await alice.device.call('get_conversation', conversation);
      expect(page.participant_count).toBe(1);
      expect(named(page.participants)[bob.id]).toEqual(['bob', true]);
      expect(list(page)[1]).toMatchObject({ msg_author_id: bob.id, has_left: true });
      expect(await alice.device.call('invite_participant', [b64('bob')], conversation)).toMatchObject({
        result: false,
        result_text: { b64: expect.stringContaining('bob') },
      });
    });

    test('quotes a message with its author', async () => {
      const conversation = await open('Quote', '[quote="x"]old[/quote] The [b]new[/b] 🍜 ');
      const message = list(await bob.device.call('get_conversation', conversation))[0]?.msg_id as string;
      const { text_body } = await bob.device.call('get_quote_conversation', conversation, message);
      expect(text_body).toMatchObject({
        b64: expect.stringMatching(/^\[quote="Alice Liddell"\].*\[\/quote\]\n\n$/s),
      });
      expect((text_body as { b64: string }).b64).toContain('new');
      expect((text_body as { b64: string }).b64).not.toContain('old');
      const other = await open();
      for (const [of, id] of [
        [other, message],
        [conversation, '1'],
        [conversation, 'x'],
      ] as const) {
        expect(await bob.device.call('get_quote_conversation', of, id)).toMatchObject({ result: false });
      }
    });

    test('shows BBCode that apps know, and HTML only where it is asked for', async () => {
      const conversation = await open('Text', '[b]bold[/b] [url=http://x.example/]link[/url] 1<2 & 3');
      const content = async (html: boolean) =>
        texts(await bob.device.call('get_conversation', conversation, 0, 0, html))[0];
      expect(await content(false)).toBe('bold [url=http://x.example/]link[/url] 1<2 & 3');
      expect(await content(true)).toContain('1&lt;2 &amp; 3');
    });

    test('is told in words what is wrong with a call, and nothing of it is done', async () => {
      const conversation = await open();
      const total = async () =>
        (await alice.device.call('get_conversation', conversation, 0, 0)).total_message_num;
      const refused: [string, Parameters<Device['ask']>[1][]][] = [
        ['new_conversation', [[b64('bob')], b64('S'), b64(' \n\t')]],
        ['new_conversation', [[b64('bob')], b64('[b] [/b]'), b64('x')]],
        ['new_conversation', [[], b64('S'), b64('x')]],
        ['new_conversation', [[b64('bob')], b64('S'), b64('x'), ['77'], '']],
        ['reply_conversation', [conversation, b64('  ')]],
        ['reply_conversation', [conversation, b64('a\u0000b')]],
        ['reply_conversation', [conversation, b64('x'), b64(''), ['77'], '']],
        ['reply_conversation', ['not an id', b64('x')]],
        ['delete_conversation', [conversation, 3]],
        ['delete_conversation', ['0', 1]],
        ['mark_conversation_read', ['x']],
      ];
      for (const [method, params] of refused) {
        const answer = await alice.device.call(method, ...params);
        expect(answer, method).toMatchObject({ result: false, result_text: { b64: expect.any(String) } });
      }
      expect(await total()).toBe(1);
    });

    test('is told by a fault what is no call at all', async () => {
      const faults: [number, string, Parameters<Device['ask']>[1][]][] = [
        [-32601, 'no_such_method', []],
        [-32601, 'system.multicall', [[]]],
        [-32602, 'new_conversation', [[b64('bob')], b64('S')]],
        [-32602, 'get_conversations', ['many', 'more']],
        [-32602, 'delete_conversation', ['1']],
      ];
      for (const [code, method, params] of faults) {
        const answer = await alice.device.ask(method, ...params);
        expect(answer, method).toEqual({ fault: { code, text: expect.any(String) }, signedIn: 'true' });
      }
    });

    const participant = (id: string, name: string) => ({
      user_id: id,
      username: b64(name),
      icon_url: '',
      user_type: b64('normal'),
      display_text: b64(''),
      is_online: true,
      has_left: false,
    });
  });
});
