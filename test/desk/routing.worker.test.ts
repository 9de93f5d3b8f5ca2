// Who gets which visitor: against the real Desk, conversations and directory.
import { evictDurableObject, runInDurableObject } from 'cloudflare:test';
import { describe, expect, test } from 'vitest';
import type { DeskApi, DeskPort } from '../../src/desk/api.ts';
import type { RoutePolicy, ServiceGroup } from '../../src/domain/desk.ts';
import { ok, unwrap } from '../../src/domain/errors.ts';
import {
  type ConversationNumber,
  type DeviceNumber,
  deviceNumber,
  type UserNumber,
  userNumber,
} from '../../src/domain/ids.ts';
import { appByNumber, appCaller } from '../../src/hub/apps.ts';
import { type App, hubOf } from '../../src/hub/context.ts';
import { deleteConversation, viewConversation } from '../../src/hub/conversations.ts';
import {
  agentReady,
  attendanceOf,
  cancelWaiting,
  deviceAway,
  type Fared,
  groupChanged,
  routeVisitor,
  standingOf,
} from '../../src/hub/desk.ts';
import { holderOf } from '../../src/hub/gates.ts';
import { updateUser, userByNumber } from '../../src/hub/people.ts';
import { inboxStub } from '../../src/hub/realtime.ts';
import { issueToken, verifyToken } from '../../src/hub/sessions.ts';
import { withClaims } from '../../src/sockets/socket.ts';
import { quiet } from '../conversation/faults.ts';
import { bindings, makeApp, makePerson } from '../conversation/harness.ts';

quiet();

const hub = hubOf(bindings, 'https://hub.example', () => {});
let devices = 0;
const nextDevice = (): DeviceNumber => deviceNumber(++devices);

/** An app with `agents` of the team, who are all in its one group. */
async function desk(routePolicy: App['settings']['routePolicy'], agents: number) {
  const app = await appByNumber(hub, await makeApp({ routePolicy }));
  const team = await Promise.all(Array.from({ length: agents }, () => makePerson(app.number, 'agent')));
  const members = team.map(({ user }) => user);
  const group: ServiceGroup = { number: 7, members };
  const ready = (user: UserNumber, groups = [group.number]) =>
    agentReady(hub, app, { user, device: nextDevice(), kind: 'browser' }, groups);
  const visitor = async () => (await makePerson(app.number, 'visitor')).user;
  const visitors = (count: number) => Promise.all(Array.from({ length: count }, visitor));
  const route = (who: UserNumber) => routeVisitor(hub, app, who, { group });
  const view = (c: never) => viewConversation(hub, appCaller(app, 'ppmessage'), c);
  const stub = () => bindings.DESK.getByName(String(app.number)) as unknown as DurableObjectStub & DeskApi;
  /** Conversations that are opened in an instant, where who gets whom is all that counts. */
  const openQuickly = () =>
    runInDurableObject(stub(), (instance) => {
      let last = 0;
      const inside = instance as unknown as { port(): DeskPort };
      const { gate } = inside.port();
      inside.port = () => ({ gate, open: async () => ok(++last as ConversationNumber) });
    });
  return { app, members, group, ready, visitor, visitors, route, view, stub, openQuickly };
}

const assigned = (fared: Fared | null) => {
  if (fared?.state !== 'assigned') throw new Error(JSON.stringify(fared));
  return fared;
};
const countsBy = (agents: readonly (UserNumber | null)[]): number[] => {
  const counts = new Map<unknown, number>();
  for (const agent of agents) counts.set(agent, (counts.get(agent) ?? 0) + 1);
  return [...counts.values()].sort((a, b) => a - b);
};

/** A browser of our own protocol. */
async function connectRealtime(app: App, user: UserNumber): Promise<WebSocket> {
  const person = await userByNumber(hub, app, user);
  const { caller, claims } = await verifyToken(
    hub,
    (await issueToken(hub, person, 'realtime')).token,
    'realtime',
  );
  const upgrade = new Request('https://hub.example/realtime', { headers: { upgrade: 'websocket' } });
  const holder = { ...holderOf(caller, claims), origin: hub.origin };
  const { webSocket } = await inboxStub(hub, app, user).fetch(withClaims(upgrade, holder));
  webSocket?.accept();
  return webSocket as WebSocket;
}

/** Until `look` gives something: what an object does behind an answer has no other sign. */
async function until<T>(look: () => Promise<T | null | undefined | false>): Promise<T> {
  let found: T | null | undefined | false = null;
  await expect
    .poll(async () => {
      found = await look();
      return Boolean(found);
    })
    .toBe(true);
  return found as T;
}

/** Numbers of people whom the directory need not know. */
const somebody = (count: number): UserNumber[] => Array.from({ length: count }, (_, i) => userNumber(i + 1));
/** Asks the Desk itself, as the hub does once it has looked who there is. */
const ask = async (stub: DeskApi, visitor: UserNumber, policy: RoutePolicy, group: ServiceGroup) =>
  unwrap(await stub.route({ visitor, device: null, policy, present: [], group }));

describe('200 visitors who open at once, against 5 agents', () => {
  test('SMART: go to those who are online, in turns', async () => {
    const { members, group, ready, stub, openQuickly } = await desk('SMART', 5);
    await openQuickly();
    for (const agent of members.slice(0, 4)) await ready(agent, []);
    const fared = await Promise.all(somebody(200).map((who) => ask(stub(), who, 'SMART', group)));
    expect(new Set(fared.map((each) => assigned(each).conversation)).size).toBe(200);
    expect(countsBy(fared.map((each) => assigned(each).agent))).toEqual([50, 50, 50, 50]);
  });

  test('ALL: go to nobody in particular', async () => {
    const { group, stub, openQuickly } = await desk('ALL', 5);
    await openQuickly();
    const fared = await Promise.all(somebody(200).map((who) => ask(stub(), who, 'ALL', group)));
    expect(new Set(fared.map((each) => assigned(each).conversation)).size).toBe(200);
    expect(countsBy(fared.map((each) => assigned(each).agent))).toEqual([200]);
  });

  test('GROUP: wait in the order of their coming, and are given out the moment somebody is ready', async () => {
    const { members, group, ready, stub, app, openQuickly } = await desk('GROUP', 5);
    await openQuickly();
    const all = somebody(200);
    // By one stub, whose calls arrive in the order in which they were made.
    const one = stub();
    const fared = await Promise.all(all.map((who) => ask(one, who, 'GROUP', group)));
    expect(fared.map((each) => (each.state === 'waiting' ? each.position : 0))).toEqual(all);
    const [first, second] = members as [UserNumber, UserNumber];
    await ready(first, []);
    expect((await standingOf(hub, app, all[0] as UserNumber))?.state).toBe('waiting');
    await ready(second);
    const done = await until(async () => {
      const now = await Promise.all(all.map((who) => standingOf(hub, app, who)));
      return now.every((each) => each?.state === 'assigned') && now;
    });
    expect(countsBy(done.map((each) => assigned(each).agent))).toEqual([200]);
    expect(new Set(done.map((each) => assigned(each).conversation)).size).toBe(200);
  });
});

describe('what is opened', () => {
  test('ALL: is the visitor’s own, and nobody’s alone', async () => {
    const { visitor, route, view } = await desk('ALL', 2);
    const who = await visitor();
    const { conversation } = assigned(await route(who));
    expect(await view(conversation as never)).toMatchObject({
      facts: { kind: 'support', assignee: null, creator: who },
      memberCount: 1,
    });
  });

  test('GROUP: has its agent, who is in it, and its group', async () => {
    const { members, ready, visitors, route, view } = await desk('GROUP', 2);
    for (const agent of members) await ready(agent);
    const fared = await Promise.all((await visitors(6)).map(route));
    expect(countsBy(fared.map((each) => assigned(each).agent))).toEqual([3, 3]);
    const { conversation, agent } = assigned(fared[0] as Fared);
    expect(await view(conversation as never)).toMatchObject({
      facts: { assignee: agent, group: 7 },
      memberCount: 2,
    });
  });
});

describe('a visitor', () => {
  test('who asks many times at once has one conversation and one agent', async () => {
    const { members, ready, visitor, route } = await desk('SMART', 3);
    for (const agent of members) await ready(agent);
    const who = await visitor();
    const fared = await Promise.all(Array.from({ length: 20 }, () => route(who)));
    expect(new Set(fared.map((each) => JSON.stringify(each))).size).toBe(1);
    expect(await route(who)).toEqual(fared[0]);
  });

  test('keeps their place over a restart, moves up when another one gives up, and is gone when they do', async () => {
    const { members, ready, visitors, route, stub, app } = await desk('GROUP', 1);
    const [a, b, c] = (await visitors(3)) as [UserNumber, UserNumber, UserNumber];
    for (const who of [a, b, c]) await route(who);
    await evictDurableObject(stub());
    expect(await standingOf(hub, app, c)).toEqual({ state: 'waiting', position: 3, length: 3 });
    expect(await cancelWaiting(hub, app, a)).toBe(true);
    expect(await cancelWaiting(hub, app, a)).toBe(false);
    expect(await standingOf(hub, app, c)).toEqual({ state: 'waiting', position: 2, length: 2 });
    await ready(members[0] as UserNumber);
    await until(async () => (await standingOf(hub, app, c))?.state === 'assigned');
    expect(await standingOf(hub, app, a)).toBeNull();
  });

  test('has nobody where there is no team, no group or nobody in it', async () => {
    const everybody = await desk('ALL', 0);
    expect(await everybody.route(await everybody.visitor())).toEqual({ state: 'nobody', reason: 'no team' });
    const grouped = await desk('GROUP', 0);
    const who = await grouped.visitor();
    expect(await grouped.route(who)).toEqual({ state: 'nobody', reason: 'empty group' });
    expect(await routeVisitor(hub, grouped.app, who)).toEqual({ state: 'nobody', reason: 'no group' });
  });

  test('whose conversation was deleted gets another one', async () => {
    const { app, visitor, route } = await desk('ALL', 1);
    const who = await visitor();
    const { conversation } = assigned(await route(who));
    await deleteConversation(hub, appCaller(app, 'operator'), conversation);
    expect(assigned(await route(who)).conversation).not.toBe(conversation);
  });

  test('whose conversation could not be opened is tried again by the Desk itself', async () => {
    const { app, members, ready, visitor, route, stub } = await desk('SMART', 1);
    await ready(members[0] as UserNumber);
    await runInDurableObject(stub(), (instance) => {
      const inside = instance as unknown as { port: () => object };
      inside.port = () => ({
        open: async () => {
          throw new Error('Network connection lost.');
        },
      });
    });
    const who = await visitor();
    await expect(route(who)).rejects.toMatchObject({ refusal: { code: 'unavailable' } });
    expect(await standingOf(hub, app, who)).toMatchObject({ state: 'waiting', position: 1 });
    await evictDurableObject(stub());
    await until(async () => (await standingOf(hub, app, who))?.state === 'assigned');
  });
});

describe('an agent', () => {
  test('who is connected through another door is online too, as soon as a visitor asks how it stands', async () => {
    const { app, members, visitor, route } = await desk('SMART', 2);
    const [who, user] = [await visitor(), members[1] as UserNumber];
    expect((await route(who)).state).toBe('waiting');
    const page = await connectRealtime(app, user);
    await until(async () => (await standingOf(hub, app, who))?.state === 'assigned');
    expect(assigned(await route(await visitor())).agent).toBe(user);
    page.close();
  });

  test('has one device of a kind; signed out everywhere they take nobody', async () => {
    const { app, members, group, visitor, route } = await desk('GROUP', 1);
    const [user] = members as [UserNumber];
    const [old, browser, phone] = [nextDevice(), nextDevice(), nextDevice()];
    await agentReady(hub, app, { user, device: old, kind: 'browser' }, [group.number]);
    await agentReady(hub, app, { user, device: browser, kind: 'browser' }, [group.number]);
    await agentReady(hub, app, { user, device: phone, kind: 'mobile' }, [group.number]);
    expect(await attendanceOf(hub, app, [user])).toEqual([
      {
        user,
        browser: { device: browser, online: true },
        mobile: { device: phone, online: true },
        ready: true,
      },
    ]);
    await deviceAway(hub, app, user, browser);
    expect(assigned(await route(await visitor())).agent).toBe(user);
    await deviceAway(hub, app, user, phone);
    expect((await route(await visitor())).state).toBe('waiting');
    expect((await attendanceOf(hub, app, [user]))[0]).toMatchObject({ ready: false });
  });

  test('who is not of the team any more is given nobody, and who joins the group gets those who wait', async () => {
    const { app, members, group, ready, visitor, route } = await desk('GROUP', 2);
    const [leaver, joiner] = members as [UserNumber, UserNumber];
    const alone = { ...group, members: [leaver] };
    await ready(leaver);
    await updateUser(hub, app, leaver, { role: 'member' });
    await ready(joiner, []);
    const who = await visitor();
    expect((await routeVisitor(hub, app, who, { group: alone })).state).toBe('waiting');
    await groupChanged(hub, app, group);
    const given = await until(async () => {
      const now = await standingOf(hub, app, who);
      return now?.state === 'assigned' && now;
    });
    expect(given.agent).toBe(joiner);
    expect(assigned(await route(await visitor())).agent).toBe(joiner);
  });
});
