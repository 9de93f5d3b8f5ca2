// People as forum apps see them, and reports of messages, through clients that this project did not write: who finds whom,
// every field of the answers, and where a report arrives.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { requireClient } from '../support/clients.ts';
import { RealtimeSocket } from '../support/realtime.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import type { Json } from './calls/answer.ts';
import { tokenFor } from './calls/realtime.ts';
import { authorizationOf } from './calls/sunshine.ts';
import { type ToldStruct, XML_RPC_CLIENTS } from './tapatalk/bridge.ts';
import { cast } from './tapatalk/cast.ts';

let server: TestHub;
beforeAll(async () => {
  server = await startTestHub({ env: { LIMITS: 'on' } });
});
afterAll(() => server.stop());

/** An answer shows nobody as online where those who know are not asked in time. */
const SOON = { timeout: 30_000 };

const b64 = (text: string) => ({ b64: text });
const DATE = { dt: expect.stringMatching(/^\d{8}T\d\d:\d\d:\d\d/) };
const UNIX = expect.stringMatching(/^\d{10}$/);
const list = (answer: ToldStruct) => answer.list as ToldStruct[];
const names = (answer: ToldStruct) => list(answer).map(({ username }) => (username as { b64: string }).b64);

describe.each(XML_RPC_CLIENTS)('through %s', (client) => {
  describe.runIf(requireClient(client))('a forum app', () => {
    let company: Awaited<ReturnType<typeof cast>>;
    let alice: Awaited<ReturnType<typeof company.person>>;
    let bob: typeof alice;
    let agent: typeof alice;
    let visitor: typeof alice;

    beforeAll(async () => {
      company = await cast(server, client);
      [alice, bob, agent, visitor] = await Promise.all([
        company.person('alice', 'Alice Liddell'),
        company.person('bob', 'Bob'),
        company.person('helper', 'Helper', 'agent'),
        company.person('alvisitor', 'Alan Visitor', 'visitor'),
      ]);
    });
    afterAll(() => company?.end());

    const open = async (body = 'x') => {
      const { conv_id } = await alice.device.done('new_conversation', [b64('bob')], b64('S'), b64(body));
      const page = await bob.device.call('get_conversation', conv_id as string);
      return { conversation: conv_id as string, message: list(page)[0]?.msg_id as string };
    };
    const page = (id: string, name: string, more: object = {}) => ({
      result: true,
      user_id: id,
      username: b64(name),
      user_name: b64(name),
      user_type: b64('normal'),
      icon_url: '',
      display_text: b64(''),
      post_count: 0,
      reg_time: DATE,
      timestamp_reg: UNIX,
      last_activity_time: DATE,
      timestamp: UNIX,
      is_online: true,
      current_action: b64(''),
      accept_pm: true,
      can_send_pm: true,
      is_ignored: false,
      can_ban: false,
      is_ban: false,
      i_follow_u: false,
      u_follow_me: false,
      accept_follow: false,
      following_count: 0,
      follower: 0,
      custom_fields_list: [],
      ...more,
    });

    test('looks a person up by name or by id, and itself without either', async () => {
      const asked = (...params: Parameters<typeof alice.device.call>[1][]) =>
        alice.device.call('get_user_info', ...params);
      await bob.device.call('get_inbox_stat');
      const ofBob = page(bob.id, 'Bob');
      for (const by of [[b64('BOB')], [b64(''), bob.id], [b64('alice'), bob.id], [b64('bob'), '']])
        await expect.poll(() => asked(...by), SOON).toEqual(ofBob);
      const self = page(alice.id, 'Alice Liddell', { accept_pm: false, can_send_pm: false });
      for (const by of [[], [b64('')], [b64(''), '']]) expect(await asked(...by)).toEqual(self);
      expect(await asked(b64('helper'))).toMatchObject({ user_type: b64('mod') });
    });

    test('tells who takes no messages, and whom one ignores oneself', async () => {
      await bob.device.done('ignore_user', alice.id, 1);
      const seen = await alice.device.call('get_user_info', b64('bob'));
      expect(seen).toMatchObject({ accept_pm: false, can_send_pm: false, is_ignored: false });
      expect(await bob.device.call('get_user_info', b64('alice'))).toMatchObject({ is_ignored: true });
      expect(await agent.device.call('get_user_info', b64('bob'))).toMatchObject({ accept_pm: true });
      await bob.device.done('ignore_user', alice.id, 0);
      expect(await alice.device.call('get_user_info', b64('bob'))).toMatchObject({ accept_pm: true });
    });

    test('finds people by the beginning of either name, page by page, and never itself', async () => {
      for (let i = 0; i < 5; i++)
        await server.createUser(company.app.slug, { username: `zoe${i}`, displayName: `Zoë ${9 - i}` });
      const found = await alice.device.call('search_user', b64('ZOË'));
      expect(found.total).toBe(5);
      expect(names(found)).toEqual(['Zoë 5', 'Zoë 6', 'Zoë 7', 'Zoë 8', 'Zoë 9']);
      expect(list(found)[0]).toEqual({
        user_id: expect.stringMatching(/^\d+$/),
        username: b64('Zoë 5'),
        user_name: b64('Zoë 5'),
        user_type: b64('normal'),
        icon_url: '',
        display_text: b64(''),
      });
      const paged = async (...pages: number[]) =>
        names(await alice.device.call('search_user', b64('zoe'), ...pages));
      expect(await paged(1, 2)).toEqual(['Zoë 5', 'Zoë 6']);
      expect(await paged(3, 2)).toEqual(['Zoë 9']);
      expect(await paged(4, 2)).toEqual([]);
      expect(await paged(0, 0)).toHaveLength(5);
      for (const nobody of ['oe1', 'alice', 'lidd', '', '%', '_'])
        expect(await alice.device.call('search_user', b64(nobody)), nobody).toEqual({ total: 0, list: [] });
      expect(names(await bob.device.call('search_user', b64('ali')))).toEqual(['Alice Liddell']);
    });

    test('shows a name that leads to its bearer, also where two have the same', async () => {
      const [one, two] = [await company.person('sam1', 'Sam'), await company.person('sam2', 'Sam')];
      const found = await alice.device.call('search_user', b64('sam'));
      expect(names(found).sort()).toEqual(['sam1', 'sam2']);
      for (const { user_id, username } of list(found)) {
        const made = await alice.device.done('new_conversation', [username as never], b64('S'), b64('x'));
        const reader = user_id === one.id ? one : two;
        expect(await reader.device.call('get_conversation', made.conv_id as string)).toHaveProperty('list');
      }
    });

    test('finds no visitors, ghosts and voices; a visitor finds those who answer alone', async () => {
      for (const who of [alice, agent]) {
        expect(names(await who.device.call('search_user', b64('al')))).not.toContain('Alan Visitor');
        expect(names(await who.device.call('get_online_users'))).not.toContain('Alan Visitor');
      }
      expect(await alice.device.call('get_user_info', b64('alvisitor'))).toMatchObject({
        result: false,
        result_reason: 0,
        result_text: b64('User not found'),
      });
      expect(await agent.device.call('get_user_info', b64('alvisitor'))).toMatchObject({
        user_id: visitor.id,
      });
      expect(await visitor.device.call('search_user', b64('alice'))).toEqual({ total: 0, list: [] });
      expect(names(await visitor.device.call('search_user', b64('help')))).toEqual(['Helper']);
      expect(await visitor.device.call('get_user_info', b64(''), alice.id)).toMatchObject({ result: false });
      expect(await visitor.device.call('get_user_info')).toMatchObject({ user_id: visitor.id });
    });

    test('recommends those it has had to do with, the newest first', async () => {
      const fresh = await company.person('fresh');
      expect(await fresh.device.call('get_recommended_user')).toEqual({ total: 0, list: [] });
      for (const name of ['bob', 'alice']) {
        await fresh.device.done('new_conversation', [b64(name)], b64('S'), b64('x'));
      }
      expect(names(await fresh.device.call('get_recommended_user'))).toEqual(['Alice Liddell', 'Bob']);
      expect(names(await fresh.device.call('get_recommended_user', 2, 1, 1))).toEqual(['Bob']);
      expect(await fresh.device.call('get_recommended_user', 1, 1)).toMatchObject({ total: 2 });
    });

    test('lists who is online, visitors as a number only', async () => {
      let seen: ToldStruct = {};
      const everybody = async () => {
        seen = await alice.device.call('get_online_users');
        return { there: names(seen), guests: seen.guest_count };
      };
      const there = expect.arrayContaining(['Alice Liddell', 'Bob', 'Helper']);
      await expect.poll(everybody, SOON).toEqual({ there, guests: 1 });
      expect(seen.member_count).toBe(list(seen).length);
      const second = async () => {
        const paged = await alice.device.call('get_online_users', 2, 1, '', '');
        return { there: names(paged), members: paged.member_count };
      };
      await expect.poll(second, SOON).toEqual({ there: [names(seen)[1]], members: seen.member_count });
      const board = await alice.device.call('get_online_users', 1, 20, '7', 'topic');
      expect(board).toEqual({ member_count: 0, guest_count: 0, list: [] });
    });

    test('reports a message to the agents, who hear of it at once and can answer in every door', async () => {
      const { slug } = company.app;
      const token = await tokenFor(server, slug, 'helper');
      const socket = new RealtimeSocket(company.made.realtime.url, ['parlance.v1', `token.${token}`]);
      await socket.next('hello');
      await socket.ask({ t: 'subscribe' });
      const { conversation, message } = await open('You [b]fool[/b] 🤬');
      const page = await bob.device.call('get_conversation', conversation);
      expect(list(page)[0]).toMatchObject({ can_report: true });
      expect(list(await alice.device.call('get_conversation', conversation))[0]).toMatchObject({
        can_report: false,
      });

      await bob.device.done('report_pm', message, b64('He insults me.'));
      const told = list(await agent.device.call('get_conversations'))[0] as ToldStruct;
      expect(told).toMatchObject({
        conv_subject: b64('Report: a message of Alice Liddell'),
        start_user_id: bob.id,
        participant_count: 2,
        unread_num: 1,
      });
      const report = told.conv_id as string;
      const event = await socket.event(Number(report), 2);
      expect(event).toMatchObject({ kind: 'message', author: { id: bob.id } });
      expect(event.metadata).toMatchObject({
        reportedConversation: conversation,
        reportedMessage: message,
        reportedAuthor: alice.id,
      });
      const said = list(await agent.device.call('get_conversation', report))[0] as ToldStruct;
      expect(said.msg_content).toEqual(b64('[quote="Alice Liddell"]You fool 🤬[/quote]\n\nHe insults me.'));

      const { basePath, appId } = company.made.sunshine;
      const by = { authorization: authorizationOf(company.made.sunshine) };
      const ask = async (path: string): Promise<Json> =>
        (await fetch(`${basePath}/v2/apps/${appId}/${path}`, { headers: by })).json();
      const { conversations } = await ask(`conversations?filter[userExternalId]=bob`);
      const shown = conversations.find(({ displayName }: Json) => displayName?.startsWith('Report'));
      expect(shown).toMatchObject({
        type: 'personal',
        isDefault: false,
        metadata: { reportedMessage: message },
      });
      const { messages } = await ask(`conversations/${shown.id}/messages`);
      expect(messages[0].content.text).toContain('He insults me.');
      // The reference leads there.
      const reported = await ask(`conversations/${shown.metadata.reportedConversationId}/messages`);
      expect(reported.messages.map(({ id }: Json) => id)).toContain(shown.metadata.reportedMessageId);

      await agent.device.done('reply_conversation', report, b64('Thank you.'));
      expect(list(await bob.device.call('get_conversation', report))).toHaveLength(2);
      await socket.close();

      // Once more: a reason is one more message there, and none is nothing.
      await bob.device.done('report_pm', message);
      await bob.device.done('report_pm', message, b64('And again.'));
      const again = await bob.device.call('get_conversation', report);
      expect(list(again).map(({ msg_content }) => (msg_content as { b64: string }).b64)).toEqual([
        expect.stringContaining('He insults me.'),
        'Thank you.',
        'And again.',
      ]);
      // Neither the author nor anybody else of the conversation hears of it.
      const ofAlice = list(await alice.device.call('get_conversations', 0, 49));
      expect(ofAlice.map(({ conv_id }) => conv_id)).not.toContain(report);
    });

    test('cannot report what is its own, gone or not its to read', async () => {
      const { conversation, message } = await open();
      expect(await alice.device.call('report_pm', message)).toMatchObject({
        result: false,
        result_reason: -1,
      });
      expect(await visitor.device.call('report_pm', message)).toMatchObject({
        result: false,
        result_reason: 0,
      });
      expect(await bob.device.call('report_pm', conversation)).toMatchObject({
        result: false,
        result_reason: 0,
      });
      await bob.device.done('report_pm', message);
      const report = list(await bob.device.call('get_conversations'))[0]?.conv_id as string;
      await bob.device.done('delete_conversation', report, 2);
      expect(await bob.device.call('report_pm', message, b64('More.'))).toMatchObject({
        result: false,
        result_text: { b64: expect.stringContaining('reported this message before') },
      });
    });

    test('may count on the flags of the configuration', async () => {
      expect(await company.stranger().call('get_config')).toMatchObject({
        search_user: '1',
        user_recommended: '1',
        report_pm: '1',
        advanced_online_users: '1',
      });
      expect(alice.login).toMatchObject({ can_whosonline: true, can_profile: true, can_search: false });
    });
  });
});
