// The socket of PPMessage's clients (contracts/ppmessage.md 9), against the real Gate, Inbox, Desk and conversations.
import { evictDurableObject } from 'cloudflare:test';
import { describe, expect, test } from 'vitest';
import type { ConversationNumber } from '../../../src/domain/ids.ts';
import type { JsonObject } from '../../../src/domain/model.ts';
import { userCaller } from '../../../src/hub/apps.ts';
import { messagesBySeq, post } from '../../../src/hub/messages.ts';
import { arrived } from '../../../src/hub/pushes.ts';
import { quiet } from '../../conversation/faults.ts';
import { bindings, draft } from '../../conversation/harness.ts';
import { bodyOf, Client, hub, ids, messagesIn, world } from './socket-world.ts';

quiet();

describe('auth', () => {
  test('is acknowledged with what was wrong, and then the connection ends', async () => {
    const { visitor, agent } = await world();
    const { auth } = await visitor();
    const other = await (await world()).visitor();
    const { auth: service } = await agent();
    const cases: [object, number][] = [
      [{ ...auth, api_token: undefined }, 8],
      [{ ...auth, api_token: 'x' }, 8],
      [{ ...auth, app_uuid: undefined }, 1],
      [{ ...auth, user_uuid: undefined }, 1],
      [{ ...auth, device_uuid: undefined }, 1],
      [{ ...auth, device_uuid: other.auth.device_uuid }, 1],
      [{ ...auth, is_service_user: undefined }, 2],
      [{ ...auth, extra_data: undefined }, 3],
      [{ ...auth, app_uuid: other.auth.app_uuid }, 8],
      [{ ...auth, user_uuid: other.auth.user_uuid }, 8],
      [{ ...auth, user_uuid: service.user_uuid }, 8],
      [{ ...auth, is_service_user: true }, 9],
    ];
    for (const [frame, code] of cases) {
      const client = await Client.connect();
      client.say(frame);
      await client.next({ type: 'ACK', what: 'AUTH', code });
      await client.until(() => client.closed);
    }
  });

  test('comes first; what is no frame is said to be none', async () => {
    const { visitor, message } = await world();
    const who = await visitor();
    const client = await Client.connect();
    for (const [frame, what, code] of [
      ['{', 'WS', 6],
      ['null', 'WS', 5],
      [{}, 'WS', 5],
      [{ type: 'dance' }, 'WS', 5],
      [{ type: 'typing' }, 'TYPING', 8],
      [{ type: 'typing_watch', conversation_uuid: 'x' }, 'TYPING_WATCH', 8],
      [{ type: 'SEND' }, 'SEND', 4],
      [message(who, 1 as ConversationNumber, 'hi'), 'SEND', 8],
    ] as const) {
      client.say(frame);
      await client.next({ type: 'ACK', what, code });
    }
    client.end();
  });
});

describe('messages', () => {
  test('go from one to the other, once and whole, and are acknowledged by their push id', async () => {
    const { visitor, agent, connect, opened, message, app } = await world();
    const [ann, vic] = [await agent(), await visitor()];
    const [desk, page] = [await connect(ann), await connect(vic)];
    const c = await opened(vic);
    const said = message(vic, c, 'hello');
    page.say(said);
    const sent = said.send as JsonObject;
    expect(await page.next({ type: 'ACK', what: 'SEND' })).toEqual({
      type: 'ACK',
      what: 'SEND',
      code: 0,
      reason: 'success, nothing to say.',
      extra: { uuid: sent.uuid, conversation_uuid: sent.conversation_uuid },
    });
    const pushed = bodyOf(await desk.next({ type: 'MSG', msg: { bo: 'hello' } }));
    expect(pushed).toMatchObject({
      ci: sent.conversation_uuid,
      ct: 'P2S',
      fi: sent.from_uuid,
      ft: 'DU',
      mt: 'NOTI',
      ms: 'TEXT',
      id: sent.uuid,
      from_user: { uuid: sent.from_uuid },
    });
    // The same again is the same message: nobody hears of it twice.
    page.say(said);
    await page.next({ type: 'ACK', what: 'SEND', code: 0 });
    desk.say(message(ann, c, 'how can I help?'));
    await page.next({ type: 'MSG', msg: { bo: 'how can I help?' } });
    expect(messagesIn(page)).toEqual([]);
    expect(messagesIn(desk)).toEqual([]);
    const push = ids.parsePushUuid(pushed.pid as string);
    expect(push).toMatchObject({ conversation: c, device: ann.device });
    const caller = { ...userCaller(app, ann.user, 'ppmessage'), user: ann.user };
    expect(await arrived(hub, caller, [push as never])).toBe(1);
    const stranger = { ...userCaller(app, vic.user, 'ppmessage'), user: vic.user };
    expect(await arrived(hub, stranger, [push as never])).toBe(0);
  });

  test('that are refused say why', async () => {
    const { visitor, agent, connect, opened, message } = await world();
    await agent();
    const [vic, eve] = [await visitor(), await visitor()];
    const page = await connect(vic);
    const c = await opened(vic);
    const others = await opened(eve);
    const uuid = crypto.randomUUID();
    for (const [more, code] of [
      [{ message_body: null }, 4],
      [{ message_body: 7 }, 7],
      [{ message_subtype: 'DANCE' }, 7],
      [{ conversation_uuid: ids.uuid('conversation', others) }, 10],
      [{ from_uuid: ids.uuid('user', eve.user.number) }, 8],
    ] as const) {
      page.say(message(vic, c, 'x', { ...more, uuid }));
      await page.next({ type: 'ACK', what: 'SEND', code, extra: { uuid } });
    }
    page.say({ type: 'send' });
    await page.next({ type: 'ACK', what: 'SEND', code: 4 });
  });

  test('of every other door arrive too, and the person’s own from elsewhere', async () => {
    const { visitor, agent, connect, opened, app } = await world();
    await agent();
    const vic = await visitor();
    const page = await connect(vic);
    const c = await opened(vic);
    await post(hub, userCaller(app, vic.user, 'realtime'), c, draft('from my phone', { door: 'realtime' }));
    await page.next({ type: 'MSG', msg: { bo: 'from my phone' } });
  });

  test('that did not arrive are sent again when the device is back, and those that did are not', async () => {
    const { visitor, agent, connect, opened, message, app } = await world();
    const [ann, vic] = [await agent(), await visitor()];
    const desk = await connect(ann);
    const page = await connect(vic);
    const c = await opened(vic);
    const pids: string[] = [];
    for (const text of ['one', 'two', 'three']) {
      desk.say(message(ann, c, text));
      pids.push(bodyOf(await page.next({ type: 'MSG', msg: { bo: text } })).pid as string);
    }
    const caller = { ...userCaller(app, vic.user, 'ppmessage'), user: vic.user };
    await arrived(hub, caller, [ids.parsePushUuid(pids[1] as string) as never]);
    page.end();
    await page.until(() => page.closed);
    desk.say(message(ann, c, 'four'));
    await desk.next({ type: 'ACK', what: 'SEND', code: 0 });
    await evictDurableObject(bindings.DESK.getByName(String(app.number)));
    const again = await connect(vic);
    await again.next({ type: 'MSG', msg: { bo: 'four' } });
    expect(again.frames.map((frame) => bodyOf(frame).bo)).toEqual(['one', 'three']);
    expect(again.frames.map((frame) => bodyOf(frame).pid)).toEqual([pids[0], pids[2]]);
  });
});

test('a visitor who writes while nobody is there is told so, once until somebody answers', async () => {
  const { visitor, agent, connect, opened, message, app } = await world({
    returnOfflineMessage: true,
    offlineMessage: 'We are closed.',
  });
  const [ann, vic] = [await agent(), await visitor()];
  const page = await connect(vic);
  const c = await opened(vic);
  page.say(message(vic, c, 'anybody?'));
  await page.next({ type: 'MSG', msg: { bo: 'We are closed.' } });
  page.say(message(vic, c, 'hello?'));
  await page.next({ type: 'ACK', what: 'SEND', code: 0 });
  await page.next({ type: 'ACK', what: 'SEND', code: 0 });
  const desk = await connect(ann);
  desk.say(message(ann, c, 'here I am'));
  await page.next({ type: 'MSG', msg: { bo: 'here I am' } });
  const { messages } = await messagesBySeq(hub, userCaller(app, vic.user, 'ppmessage'), c, { limit: 9 });
  expect(messages.map((entry) => entry.message.text)).toEqual([
    'anybody?',
    'We are closed.',
    'hello?',
    'here I am',
  ]);
});
