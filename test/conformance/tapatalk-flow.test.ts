// A forum's evening, from signing in to coming back after leaving, through each XML-RPC library that this project did not
// write. Single calls and their corners: tapatalk.test.ts and beside it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requireClient } from '../support/clients.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { formOf, forumCookie, png, sendForm } from '../support/uploads.ts';
import { type World, worldOf } from './realtime-world.ts';
import { Device, type ToldStruct, XML_RPC_CLIENTS, type XmlRpcClient } from './tapatalk/bridge.ts';

/** Messages that are there when somebody pages back, and what one screen shows. */
const MESSAGES = 1_000;
const SCREEN = 20;
/** Posts of the back end that are under way at a time. */
const AT_ONCE = 16;

let server: TestHub;
beforeAll(async () => {
  server = await startTestHub({ env: { LIMITS: 'on' } });
});
afterAll(() => server?.stop());

const b64 = (text: string) => ({ b64: text });
const textOf = (told: unknown): string => (told as { b64: string }).b64;
const listOf = (answer: ToldStruct) => answer.list as ToldStruct[];
const textsOf = (answer: ToldStruct) => listOf(answer).map(({ msg_content }) => textOf(msg_content));

interface Person {
  id: string;
  sunshineId: string;
  name: string;
  device: Device;
}

describe.each(XML_RPC_CLIENTS)('an evening through %s', (client: XmlRpcClient) => {
  describe.runIf(requireClient(client))('in this order', () => {
    let there: World;
    let ann: Person;
    let ben: Person;
    let cat: Person;
    let dan: Person;
    /** The conversation as this door and the REST door name it. */
    let talk: string;
    let restId: string;

    beforeAll(async () => {
      there = await worldOf(server);
    });
    afterAll(async () => {
      for (const person of [ann, ben, cat, dan]) person?.device.end();
      await there?.hangUp();
    });

    const rest = async (method: string, path: string, body?: object) => {
      const { basePath, appId, keyId, secret } = there.app.sunshine;
      const answer = await fetch(`${basePath}/v2/apps/${appId}${path}`, {
        method,
        headers: { authorization: `Basic ${btoa(`${keyId}:${secret}`)}`, 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
      });
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
      // biome-ignore lint/suspicious/noExplicitAny: the answer's form is the subject of other tests.
      return (await answer.json()) as any;
    };
    const rowOf = async (who: Person) =>
      listOf(await who.device.call('get_conversations', 0, 19)).find(({ conv_id }) => conv_id === talk);
    const total = async (who: Person) =>
      Number((await who.device.call('get_conversation', talk, 0, 0)).total_message_num);

    test('four people sign in', async () => {
      const signIn = async (username: string, displayName: string): Promise<Person> => {
        const password = `${username} söcret`;
        const user = await server.createUser(there.app.app.slug, { username, password, displayName });
        const device = new Device(client, there.app.tapatalk.url);
        expect(await device.call('get_config')).toMatchObject({ api_level: '4', conversation: '1' });
        const answer = await device.ask('login', b64(username), b64(password));
        expect(answer).toMatchObject({
          signedIn: 'true',
          value: { result: true, user_id: String(user.number) },
        });
        return { id: String(user.number), sunshineId: user.sunshineId, name: displayName, device };
      };
      [ann, ben, cat, dan] = await Promise.all([
        signIn('ann', 'Ann Müller'),
        signIn('ben', 'Ben'),
        signIn('cat', 'Cat 🐈'),
        signIn('dan', 'Dan'),
      ]);
    });

    test('Ann looks two of them up, and opens a conversation with what the picker gave her', async () => {
      const people: { b64: string }[] = [];
      for (const [beginning, who] of [
        ['ben', ben],
        ['CAT', cat],
      ] as const) {
        const found = await ann.device.call('search_user', b64(beginning), 1, 20);
        expect(found).toMatchObject({ total: 1, list: [{ user_id: who.id, username: b64(who.name) }] });
        people.push(listOf(found)[0]?.username as { b64: string });
      }
      const made = await ann.device.done(
        'new_conversation',
        people,
        b64('Tonight'),
        b64('Who [b]comes[/b]? 🍜'),
      );
      talk = made.conv_id as string;
      for (const who of [ben, cat]) {
        expect(await rowOf(who)).toMatchObject({ conv_title: b64('Tonight'), new_post: true, unread_num: 1 });
      }
      expect(await rowOf(ann)).toMatchObject({ new_post: false, participant_count: 3 });
      expect(await rowOf(dan)).toBeUndefined();
      const { conversations } = await rest('GET', `/conversations?filter[userId]=${ben.sunshineId}`);
      restId = conversations[0].id;
    });

    test('Ben replies, and Cat answers with a quotation of him', async () => {
      const { msg_id } = await ben.device.done(
        'reply_conversation',
        talk,
        b64('I do.\n'),
        b64('Re: Tonight'),
      );
      const { text_body } = await cat.device.call('get_quote_conversation', talk, msg_id as string);
      expect(text_body).toEqual(b64('[quote="Ben"]I do.[/quote]\n\n'));
      await cat.device.done('reply_conversation', talk, b64(`${textOf(text_body)}Me too.`));
      expect(textsOf(await ann.device.call('get_conversation', talk, 0, 19))).toEqual([
        'Who comes? 🍜',
        'I do.',
        '[quote="Ben"]I do.[/quote]\n\nMe too.',
      ]);
    });

    test('Ben sends a picture of the table, and Ann opens it', async () => {
      const { url } = there.app.tapatalk;
      const picture = png(4, 3);
      // No XML-RPC: none of the libraries does this part.
      const cookie = await forumCookie(url, { username: 'ben', password: 'ben söcret' });
      const { attachment_id, group_id } = await sendForm(url, cookie, formOf(picture, { name: 'Table.png' }));
      await ben.device.done('reply_conversation', talk, b64('Ours.'), b64(''), [attachment_id], group_id);
      const message = listOf(await ann.device.call('get_conversation', talk, 0, 19)).at(-1) as ToldStruct;
      expect(message).toMatchObject({ msg_content: b64('Ours.'), msg_author_id: ben.id });
      const [file] = message.attachments as ToldStruct[];
      expect(file).toMatchObject({
        filename: b64('Table.png'),
        filesize: picture.length,
        content_type: 'image',
      });
      const opened = await fetch(file?.url as string);
      expect(new Uint8Array(await opened.arrayBuffer())).toEqual(picture);
    });

    test('Ben invites Dan, who reads why and what was said before', async () => {
      expect(await dan.device.call('get_conversation', talk)).toMatchObject({ result: false });
      await ben.device.done('invite_participant', [b64('Dan')], talk, b64('Dan drives.'));
      const page = await dan.device.call('get_conversation', talk);
      expect(textsOf(page)).toHaveLength(5);
      expect(textsOf(page).at(-1)).toBe('Dan drives.');
      expect(listOf(page).at(-1)).toMatchObject({ msg_author_id: ben.id, is_unread: true });
      expect(page.participant_count).toBe(4);
    });

    test(`somebody who was away pages back through ${MESSAGES} messages, each once and in order`, async () => {
      const authors = [ben, dan];
      const before = await total(ann);
      let next = before;
      const post = async () => {
        while (next < MESSAGES) {
          const n = next++;
          const userId = authors[n % 2]?.sunshineId;
          const content = { type: 'text', text: `message ${n}` };
          await rest('POST', `/conversations/${restId}/messages`, {
            author: { type: 'user', userId },
            content,
          });
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, post));
      const row = await rowOf(ann);
      expect(row).toMatchObject({ total_message_num: MESSAGES, reply_count: MESSAGES - 1, new_post: true });

      const screens: ToldStruct[] = [];
      for (let start = MESSAGES - SCREEN; start >= 0; start -= SCREEN) {
        const page = await ann.device.call('get_conversation', talk, start, start + SCREEN - 1, false);
        expect(page.total_message_num).toBe(MESSAGES);
        for (const { msg_author_id } of listOf(page)) {
          expect(page.participants).toHaveProperty(msg_author_id as string);
        }
        screens.unshift(page);
      }
      const all = screens.flatMap(listOf);
      expect(new Set(all.map(({ msg_id }) => msg_id)).size).toBe(MESSAGES);
      const numbers = all.map(({ msg_id }) => Number(msg_id));
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
      const said = all.map(({ msg_content }) => textOf(msg_content)).slice(before);
      const sent = Array.from({ length: MESSAGES - before }, (_, i) => `message ${before + i}`);
      expect(said.toSorted()).toEqual(sent.toSorted());
      // The newest were shown first, so nothing is new any more.
      expect(await rowOf(ann)).toMatchObject({ new_post: false, unread_num: 0 });
    });

    test('Ann marks it unread for later, and read', async () => {
      const unread = async () => (await ann.device.call('get_inbox_stat')).inbox_unread_count;
      expect(await unread()).toBe(0);
      await ann.device.done('mark_conversation_unread', talk);
      expect(await rowOf(ann)).toMatchObject({ new_post: true });
      expect(await unread()).toBe(1);
      await ann.device.done('mark_conversation_read', talk);
      expect(await rowOf(ann)).toMatchObject({ new_post: false, unread_num: 0 });
      expect(await unread()).toBe(0);
    });

    test('Cat leaves for ever, is still named, and no member brings her back', async () => {
      await cat.device.done('delete_conversation', talk, 2);
      expect(await rowOf(cat)).toBeUndefined();
      await ben.device.done('reply_conversation', talk, b64('Where is Cat?'));
      expect(await rowOf(cat)).toBeUndefined();
      expect(await cat.device.call('get_conversation', talk)).toMatchObject({
        result: false,
        result_reason: 0,
      });
      const page = await ann.device.call('get_conversation', talk, 0, 19);
      expect(page.participant_count).toBe(3);
      expect(page.participants).toMatchObject({ [cat.id]: { username: b64(cat.name), has_left: true } });
      expect(await ann.device.call('invite_participant', [b64('cat')], talk, b64('Please!'))).toMatchObject({
        result: false,
        result_text: { b64: expect.stringContaining(cat.name) },
        result_reason: 2,
      });
      expect(await total(ann)).toBe(MESSAGES + 1);
    });

    test('the operator brings her back, and she goes on where everybody is', async () => {
      const answer = await there.operate('POST', `/conversations/${talk}/members`, { users: ['cat'] });
      expect([answer.status, await answer.json()]).toMatchObject([200, { conversation: { memberCount: 4 } }]);
      expect(await rowOf(cat)).toMatchObject({ total_message_num: MESSAGES + 1, unread_num: 0 });
      await cat.device.done('reply_conversation', talk, b64('Back.'));
      const page = await ann.device.call('get_conversation', talk, MESSAGES + 1, MESSAGES + 1);
      expect(textsOf(page)).toEqual(['Back.']);
      expect(listOf(page)[0]).toMatchObject({ msg_author_id: cat.id, has_left: false });
      expect(page.participants).toMatchObject({ [cat.id]: { has_left: false } });
    });

    test('Ben reads and answers in it with the older calls, from his inbox', async () => {
      const [newest] = listOf(await ben.device.call('get_box', 'inbox', 0, 4));
      expect(newest).toMatchObject({
        msg_subject: b64('Tonight'),
        short_content: b64('Back.'),
        msg_from_id: cat.id,
        msg_state: 1,
      });
      const pm = newest?.msg_id as string;
      expect(await ben.device.call('get_message', pm, 'inbox')).toMatchObject({ text_body: b64('Back.') });
      expect(await rowOf(ben)).toMatchObject({ new_post: false });
      const { msg_id } = await ben.device.done('create_message', [], b64(''), b64('Welcome!'), 1, pm);
      const page = await ann.device.call('get_conversation', talk, MESSAGES + 2, MESSAGES + 2);
      expect(listOf(page)).toMatchObject([{ msg_id, msg_content: b64('Welcome!'), msg_author_id: ben.id }]);
      const [sent] = listOf(await ben.device.call('get_box', 'sent', 0, 0));
      expect(sent).toMatchObject({ msg_id, short_content: b64('Welcome!') });
    });

    test('and everybody signs out', async () => {
      for (const { device } of [ann, ben, cat, dan]) {
        expect(await device.ask('logout_user')).toMatchObject({ signedIn: 'false', value: { result: true } });
        expect(await device.ask('get_conversations')).toMatchObject({
          signedIn: 'false',
          value: { result: false },
        });
      }
    });
  });
});
