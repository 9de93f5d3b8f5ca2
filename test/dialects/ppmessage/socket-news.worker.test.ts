// What connections of PPMessage's clients are told beside messages (contracts/ppmessage.md 9), against the real objects.
import { describe, expect, test } from 'vitest';
import type { ConversationNumber, DeviceNumber } from '../../../src/domain/ids.ts';
import type { JsonObject } from '../../../src/domain/model.ts';
import { userCaller } from '../../../src/hub/apps.ts';
import { openConversation } from '../../../src/hub/conversations.ts';
import { agentReady, attendanceOf, cancelWaiting, routeVisitor } from '../../../src/hub/desk.ts';
import { messagesBySeq } from '../../../src/hub/messages.ts';
import { quiet } from '../../conversation/faults.ts';
import { hub, ids, messagesIn, world } from './socket-world.ts';

quiet();

describe('what is told', () => {
  test('typing, of the conversation that is watched, by others', async () => {
    const { visitor, agent, connect, opened } = await world();
    const [ann, vic, eve] = [await agent(), await visitor(), await visitor()];
    const [desk, page, other] = [await connect(ann), await connect(vic), await connect(eve)];
    const c = await opened(vic);
    const conversation_uuid = ids.uuid('conversation', c);
    for (const client of [desk, page]) client.say({ type: 'typing_watch', conversation_uuid });
    other.say({ type: 'typing_watch', conversation_uuid });
    await other.next({ type: 'ACK', what: 'TYPING_WATCH', code: 10 });
    page.say({ type: 'typing_watch' });
    await page.next({ type: 'ACK', what: 'TYPING_WATCH', code: 4 });
    page.say({ type: 'typing' });
    const user_uuid = ids.uuid('user', vic.user.number);
    expect(await desk.next({ type: 'TYPING' })).toEqual({ type: 'TYPING', user_uuid, conversation_uuid });
    desk.say({ type: 'typing_unwatch' });
    desk.say({ type: 'typing' });
    page.say({ type: 'typing' });
    desk.say({ type: 'nothing' });
    await desk.next({ type: 'ACK', what: 'WS', code: 5 });
    expect([...desk.frames, ...page.frames].filter(({ type }) => type === 'TYPING')).toEqual([]);
  });

  test('who comes and goes: to the team everybody, to visitors the team', async () => {
    const { visitor, agent, connect } = await world();
    const [ann, vic] = [await agent(), await visitor()];
    const desk = await connect(ann);
    const page = await connect(vic);
    const online = await desk.next({ type: 'ONLINE', user_uuid: ids.uuid('user', vic.user.number) });
    expect(online).toEqual({
      type: 'ONLINE',
      user_uuid: ids.uuid('user', vic.user.number),
      mobile: 'UNCHANGED',
      browser: 'ONLINE',
      device_uuid: ids.uuid('device', vic.device),
      extra_data: { title: 'Shop', location: { href: 'https://shop.example/' } },
      createtime: expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/),
    });
    const bob = await agent();
    const second = await connect(bob);
    await page.next({ type: 'ONLINE', user_uuid: ids.uuid('user', bob.user.number), browser: 'ONLINE' });
    second.end();
    await page.next({ type: 'ONLINE', user_uuid: ids.uuid('user', bob.user.number), browser: 'OFFLINE' });
    page.end();
    await desk.next({ type: 'ONLINE', user_uuid: ids.uuid('user', vic.user.number), browser: 'OFFLINE' });
  });

  test('that it is logged out, when the device connects again or the agent takes another one of its kind', async () => {
    const { visitor, agent, connect, opened, message, app } = await world();
    const [ann, vic] = [await agent(), await visitor()];
    const bare = (device: DeviceNumber) => ({
      type: 'MSG',
      msg: { mt: 'SYS', ms: 'LOGOUT', bo: ids.uuid('device', device) },
    });
    const first = await connect(vic);
    const second = await connect(vic);
    expect(await first.next({ type: 'MSG' })).toEqual(bare(vic.device));
    const old = await connect(ann);
    const phone = await connect(await agent('IOS', ann.user));
    const fresh = await agent('WIN', ann.user);
    await agentReady(hub, app, { user: ann.user.number, device: fresh.device, kind: 'browser' }, []);
    expect(await old.next({ type: 'MSG' })).toEqual(bare(ann.device));
    const c = await opened(vic);
    second.say(message(vic, c, 'hello'));
    await phone.next({ type: 'MSG', msg: { bo: 'hello' } });
    expect([...messagesIn(first), ...messagesIn(old)]).toEqual([]);
    expect((await attendanceOf(hub, app, [ann.user.number]))[0]).toMatchObject({
      browser: { device: fresh.device, online: true },
      mobile: { online: true },
    });
  });

  test('that they wait, and whose conversation it became', async () => {
    const { visitor, agent, connect, app } = await world({ routePolicy: 'GROUP' });
    const [ann, vic] = [await agent(), await visitor()];
    const page = await connect(vic);
    const group = { number: 3, members: [ann.user.number] };
    await routeVisitor(hub, app, vic.user.number);
    await page.next({ type: 'ACK', what: 'CONVERSATION', code: 12, extra: {} });
    await routeVisitor(hub, app, vic.user.number, { group: { number: 4, members: [] } });
    await page.next({ type: 'ACK', what: 'CONVERSATION', code: 13, extra: {} });
    await routeVisitor(hub, app, vic.user.number, { group });
    await page.next({ type: 'ACK', what: 'CONVERSATION', code: 11, extra: {} });
    await agentReady(hub, app, { user: ann.user.number, device: ann.device, kind: 'browser' }, [3]);
    const told = await page.next({ type: 'ACK', what: 'CONVERSATION', code: 0 });
    const c = ids.parseUuid('conversation', (told.extra as JsonObject).conversation_uuid as string);
    const caller = userCaller(app, vic.user, 'ppmessage');
    expect(
      (await messagesBySeq(hub, caller, c as ConversationNumber, { limit: 1 })).view.facts,
    ).toMatchObject({
      assignee: ann.user.number,
    });
    expect(await cancelWaiting(hub, app, vic.user.number)).toBe(false);
  });

  test('of what is nobody’s nothing, unless the whole team watches', async () => {
    const { visitor, agent, connect, opened, message, app } = await world({ routePolicy: 'SMART' });
    const [ann, vic] = [await agent(), await visitor()];
    const [desk, page] = [await connect(ann), await connect(vic)];
    const caller = userCaller(app, vic.user, 'realtime');
    const { view } = await openConversation(hub, caller, { kind: 'support', members: [] });
    page.say(message(vic, view.facts.number, 'to nobody'));
    await page.next({ type: 'ACK', what: 'SEND', code: 0 });
    page.say(message(vic, await opened(vic), 'to Ann'));
    await desk.next({ type: 'MSG', msg: { bo: 'to Ann' } });
    expect(messagesIn(desk)).toEqual([]);
  });

  test('of what is somebody else’s nothing: only the agent who has the visitor hears them', async () => {
    const { visitor, agent, connect, message, app } = await world({ routePolicy: 'SMART' });
    const [ann, bob, vic] = [await agent(), await agent(), await visitor()];
    const [first, second] = [await connect(ann), await connect(bob)];
    const page = await connect(vic);
    const fared = await routeVisitor(hub, app, vic.user.number);
    if (fared.state !== 'assigned') throw new Error(fared.state);
    const [theirs, others] = fared.agent === ann.user.number ? [first, second] : [second, first];
    page.say(message(vic, fared.conversation, 'hello'));
    await theirs.next({ type: 'MSG', msg: { bo: 'hello' } });
    others.say({ type: 'nothing' });
    await others.next({ type: 'ACK', what: 'WS' });
    expect(messagesIn(others)).toEqual([]);
  });
});
