// Private messages in boxes, the older family of calls, over the same conversations: one story, told through clients that
// this project did not write. How boxes are read, and what that costs: test/conversation/boxes, test/hub/boxes.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requireClient } from '../support/clients.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { type ToldStruct, XML_RPC_CLIENTS } from './tapatalk/bridge.ts';
import { cast } from './tapatalk/cast.ts';

let server: TestHub;
beforeAll(async () => {
  server = await startTestHub();
});
afterAll(() => server.stop());

const b64 = (text: string) => ({ b64: text });
const DATE = { dt: expect.stringMatching(/^\d{8}T\d\d:\d\d:\d\d/) };
const UNIX = expect.stringMatching(/^\d{10}$/);
const list = (answer: ToldStruct) => answer.list as ToldStruct[];
const shown = (answer: ToldStruct) =>
  list(answer).map(({ short_content }) => (short_content as { b64: string }).b64);

describe.each(XML_RPC_CLIENTS)('through %s', (client) => {
  describe.runIf(requireClient(client))('a forum app', () => {
    let company: Awaited<ReturnType<typeof cast>>;
    let people = 0;
    beforeAll(async () => {
      company = await cast(server, client);
    });
    afterAll(() => company?.end());

    /** Three people of whom nobody has written yet. */
    const three = async () => {
      people += 1;
      const [ann, ben, cat] = await Promise.all([
        company.person(`ann${people}`, `Ann ${people}`),
        company.person(`ben${people}`),
        company.person(`cat${people}`),
      ]);
      return { ann, ben, cat, name: (who: string) => b64(`${who}${people}`) };
    };
    type Person = Awaited<ReturnType<typeof company.person>>;
    const send = async (by: Person, to: ReturnType<typeof b64>[], subject: string, body: string) =>
      (await by.device.done('create_message', to, b64(subject), b64(body))).msg_id as string;
    const reply = async (by: Person, pm: string, body: string) =>
      (await by.device.done('create_message', [], b64(''), b64(body), 1, pm)).msg_id as string;
    const box = (of: Person, id: string, ...window: number[]) => of.device.call('get_box', id, ...window);

    test('sends, and both find the same message in their boxes', async () => {
      const { ann, ben, name } = await three();
      const id = await send(ann, [name('ben')], 'Lunch [b]today[/b]', 'At [b]noon[/b]? 🍜');
      const item = {
        msg_id: id,
        msg_subject: b64('Lunch today'),
        msg_from_id: ann.id,
        msg_from: b64(`Ann ${people}`),
        msg_from_user_type: b64('normal'),
        icon_url: '',
        sent_date: DATE,
        timestamp: UNIX,
        is_online: true,
        msg_to: [{ user_id: ben.id, username: b64(`ben${people}`) }],
        msg_state: 1,
        short_content: b64('At noon? 🍜'),
      };
      // An answer shows nobody as online where those who know are not asked in time.
      const soon = { timeout: 30_000 };
      await expect
        .poll(() => box(ben, 'inbox'), soon)
        .toEqual({
          result: true,
          result_text: b64(''),
          total_message_count: 1,
          total_unread_count: 1,
          list: [item],
        });
      const sent = { total_message_count: 1, total_unread_count: 0, list: [{ ...item, msg_state: 2 }] };
      await expect.poll(() => box(ann, 'sent'), soon).toMatchObject(sent);
      expect(await box(ann, 'inbox')).toMatchObject({ total_message_count: 0, list: [] });
      const info = (count: number, unread: number) => ({
        msg_count: count,
        total_message_count: count,
        unread_count: unread,
        total_unread_count: unread,
      });
      expect(await ben.device.done('get_box_info')).toMatchObject({
        list: [
          { box_id: 'inbox', box_name: b64('Inbox'), box_type: 'INBOX', ...info(1, 1) },
          { box_id: 'sent', box_name: b64('Sent'), box_type: 'SENT', ...info(0, 0) },
        ],
      });
      const { short_content: _, msg_state: __, ...envelope } = item;
      await expect
        .poll(() => ben.device.call('get_message', id, 'inbox'), soon)
        .toEqual({
          ...envelope,
          result: true,
          result_text: b64(''),
          text_body: b64('At noon? 🍜'),
          allow_smilies: true,
          can_report: true,
          attachments: [],
          inlineattachments: [],
        });
      expect(await ben.device.call('get_message', id, 'inbox', true)).toMatchObject({
        text_body: b64('At <b>noon</b>? 🍜'),
      });
      expect(await ann.device.call('get_message', id, 'sent')).toMatchObject({ can_report: false });
    });

    test('is one conversation in the newer calls, and what is said there is in the boxes', async () => {
      const { ann, ben, name } = await three();
      const id = await send(ann, [name('ben')], 'One', 'first');
      const [talk] = list(await ben.device.call('get_conversations'));
      expect(talk).toMatchObject({ conv_subject: b64('One'), new_post: true, participant_count: 2 });
      const page = await ben.device.call('get_conversation', talk?.conv_id as string);
      expect(list(page)[0]).toMatchObject({ msg_id: id });
      await ben.device.done('reply_conversation', talk?.conv_id as string, b64('second'));
      expect(shown(await box(ann, 'inbox'))).toEqual(['second']);
      expect(shown(await box(ben, 'sent'))).toEqual(['second']);
    });

    test('replies into the same conversation, and to several people at once', async () => {
      const { ann, ben, cat, name } = await three();
      const id = await send(ann, [name('ben'), name('cat')], 'Party', 'Who comes?');
      const answer = await reply(ben, id, 'I do.');
      expect(list(await box(ben, 'inbox'))[0]).toMatchObject({ msg_id: id, msg_state: 3 });
      for (const who of [ann, cat]) {
        const [newest] = list(await box(who, 'inbox'));
        expect(newest).toMatchObject({ msg_id: answer, msg_subject: b64('Party'), msg_state: 1 });
        expect(newest?.msg_to).toHaveLength(2);
      }
      expect(await ann.device.call('get_conversations')).toMatchObject({ conversation_count: 1 });
      const named = await ben.device.done(
        'create_message',
        [name('cat')],
        b64('Re: Party'),
        b64('With cake.'),
        1,
        id,
      );
      expect(list(await box(cat, 'inbox'))[0]).toMatchObject({
        msg_id: named.msg_id,
        msg_subject: b64('Re: Party'),
      });
    });

    test('refuses a reply that somebody named would not get, and forwards into a new conversation', async () => {
      const { ann, ben, cat, name } = await three();
      const id = await send(ann, [name('ben')], 'Secret', 'Do not tell.');
      const refused = await ben.device.call('create_message', [name('cat')], b64(''), b64('x'), 1, id);
      expect(refused).toMatchObject({
        result: false,
        result_text: { b64: expect.stringContaining(`cat${people}`) },
      });
      const { text_body, msg_subject, msg_id } = await ben.device.done('get_quote_pm', id);
      expect({ msg_id, msg_subject }).toEqual({ msg_id: id, msg_subject: b64('Secret') });
      expect(text_body).toEqual(b64(`[quote="Ann ${people}"]Do not tell.[/quote]\n\n`));
      await ben.device.done('create_message', [name('cat')], b64('Fw: Secret'), text_body as never, 2, id);
      expect(list(await box(cat, 'inbox'))[0]).toMatchObject({
        msg_subject: b64('Fw: Secret'),
        msg_from_id: ben.id,
      });
      expect(await box(ann, 'inbox')).toMatchObject({ total_message_count: 0 });
      expect(await cat.device.call('create_message', [name('ann')], b64('S'), b64('x'), 2, id)).toMatchObject(
        {
          result: false,
          result_reason: 0,
        },
      );
    });

    test('pages through a box over several conversations, newest first, both ends included', async () => {
      const { ann, ben, cat, name } = await three();
      const first = await send(ann, [name('ben')], 'A', 'a0');
      const second = await send(cat, [name('ben')], 'B', 'b0');
      for (let i = 1; i < 4; i++) {
        await reply(ann, first, `a${i}`);
        await reply(ben, first, `mine${i}`);
        await reply(cat, second, `b${i}`);
      }
      const all = ['b3', 'a3', 'b2', 'a2', 'b1', 'a1', 'b0', 'a0'];
      expect(shown(await box(ben, 'inbox'))).toEqual(all);
      expect(shown(await box(ben, 'sent'))).toEqual(['mine3', 'mine2', 'mine1']);
      for (const [start, end, from, to] of [
        [0, 0, 0, 1],
        [0, 2, 0, 3],
        [3, 4, 3, 5],
        [6, 60, 6, 8],
        [8, 20, 8, 8],
        [3, 1, 0, 0],
      ] as const) {
        const page = await box(ben, 'inbox', start, end);
        expect(shown(page), `${start} to ${end}`).toEqual(all.slice(from, to));
        expect(page).toMatchObject({ total_message_count: 8 });
      }
    });

    test('marks what it shows as read, and marks messages read and unread by their ids', async () => {
      const { ann, ben, name } = await three();
      const ids = [await send(ann, [name('ben')], 'S', 'one')];
      for (const text of ['two', 'three']) ids.push(await reply(ann, ids[0] as string, text));
      const [one, two, three_] = ids as [string, string, string];
      const states = async () => list(await box(ben, 'inbox')).map(({ msg_state }) => msg_state);
      expect(await states()).toEqual([1, 1, 1]);
      await ben.device.done('get_message', one, 'inbox');
      expect(await states()).toEqual([1, 1, 2]);
      expect(shown(await box(ben, 'unread'))).toEqual(['three', 'two']);
      expect(await box(ben, 'unread', 0, 0)).toMatchObject({ total_message_count: 2, total_unread_count: 2 });
      await ben.device.done('mark_pm_read', `${two}, ${three_}`);
      expect(await states()).toEqual([2, 2, 2]);
      expect(await ben.device.call('get_inbox_stat')).toMatchObject({ inbox_unread_count: 0 });
      await ben.device.done('mark_pm_unread', two);
      expect(await states()).toEqual([1, 1, 2]);
      await ben.device.done('mark_pm_unread', '');
      expect(await states()).toEqual([1, 1, 2]);
      expect(await ben.device.call('mark_pm_read', `${three_},12345`)).toMatchObject({ result: false });
      expect(await states()).toEqual([1, 1, 2]);
      await ben.device.done('mark_pm_read');
      expect(await states()).toEqual([2, 2, 2]);
      expect(shown(await box(ben, 'unread'))).toEqual([]);
    });

    test('deletes a message for itself alone', async () => {
      const { ann, ben, name } = await three();
      const one = await send(ann, [name('ben')], 'S', 'one');
      const two = await reply(ann, one, 'two');
      await ben.device.done('delete_message', two, 'inbox');
      expect(await box(ben, 'inbox')).toMatchObject({ total_message_count: 1, total_unread_count: 1 });
      expect(shown(await box(ben, 'inbox'))).toEqual(['one']);
      for (const [method, ...params] of [
        ['get_message', two, 'inbox'],
        ['delete_message', two],
        ['get_quote_pm', two],
        ['mark_pm_read', two],
        ['create_message', [], b64(''), b64('x'), 1, two],
      ] as const) {
        expect(await ben.device.call(method, ...(params as unknown as never[])), method).toMatchObject({
          result_reason: 0,
        });
      }
      const [talk] = list(await ben.device.call('get_conversations'));
      expect(talk).toMatchObject({ unread_num: 1, short_content: b64(''), total_message_num: 2 });
      const page = list(await ben.device.call('get_conversation', talk?.conv_id as string));
      expect(page[1]).toMatchObject({ msg_id: two, msg_content: b64('(This message was deleted.)') });

      expect(shown(await box(ann, 'sent'))).toEqual(['two', 'one']);
      expect(list(await ann.device.call('get_conversations'))[0]).toMatchObject({
        short_content: b64('two'),
      });
      await ann.device.done('delete_message', one, 'sent');
      expect(shown(await box(ann, 'sent'))).toEqual(['two']);
      expect(shown(await box(ben, 'inbox'))).toEqual(['one']);
    });

    test('shows nothing of a conversation that it left, and nothing of one that it hid until it comes back', async () => {
      const { ann, ben, name } = await three();
      const one = await send(ann, [name('ben')], 'S', 'one');
      const [talk] = list(await ben.device.call('get_conversations'));
      await ben.device.done('delete_conversation', talk?.conv_id as string, 1);
      expect(await box(ben, 'inbox')).toMatchObject({ total_message_count: 0, list: [] });
      await reply(ann, one, 'two');
      expect(shown(await box(ben, 'inbox'))).toEqual(['two', 'one']);
      await ben.device.done('delete_conversation', talk?.conv_id as string, 2);
      expect(await box(ben, 'inbox')).toMatchObject({ total_message_count: 0, list: [] });
      expect(await ben.device.call('get_message', one, 'inbox')).toMatchObject({
        result: false,
        result_reason: 0,
      });
    });
  });
});
