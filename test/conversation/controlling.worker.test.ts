// Who speaks for the business: entries of the log, a fact that the directory shows, and a check that posts are let in by.
import { describe, expect, test } from 'vitest';
import type { Controlling } from '../../src/conversation/controlling.ts';
import type { Person } from '../../src/conversation/core.ts';
import { findApp } from '../../src/directory/apps.ts';
import type { ControlCommand, Switching } from '../../src/domain/control.ts';
import { integrationNumber, lineNumber } from '../../src/domain/ids.ts';
import { type App, hubOf } from '../../src/hub/context.ts';
import { restoreConversation } from '../../src/hub/maintenance.ts';
import { expectSame } from '../directory/compare.ts';
import {
  actorOf,
  allot,
  bindings,
  d1,
  draft,
  makeApp,
  makePeople,
  makePerson,
  type Room,
  summary,
} from './harness.ts';
import { meterRoom } from './meter.ts';

const WAIT = { waitMs: 10_000 };
const [BOT, DESK] = [integrationNumber(11), integrationNumber(12)];
const line = (number: number, integration: typeof BOT, name: string) => ({
  line: lineNumber(number),
  integration,
  name,
  type: 'custom',
});
const bot = line(1, BOT, 'bot');
const desk = line(2, DESK, 'desk');
const switching: Switching = {
  defaultLine: bot.line,
  lines: [
    { ...bot, next: desk.line },
    { ...desk, next: null },
  ],
};
const by = (integration: typeof BOT | null): Controlling => ({ switching, by: integration });

async function support() {
  const app = await makeApp();
  const [customer] = (await makePeople(app, 1)) as [Person];
  const business = await makePerson(app, 'business');
  const room = await allot(app, { people: [customer], kind: 'support', by: actorOf(app, null) });
  const opening = {
    actor: room.opener,
    birth: room.birth,
    people: [customer],
    first: null,
    switching,
    ...WAIT,
  };
  await room.stub.open(opening);
  const author = { user: business.user, card: business.card };
  const speak = (control: Controlling | undefined, text = 'hello', clientId?: string) =>
    room.stub.post(room.as(null), draft(text, { clientId }), { author, control, ...WAIT });
  const command = (who: typeof BOT | null, what: ControlCommand) =>
    room.stub.control(room.as(null), by(who), what, WAIT);
  return { room, customer, speak, command };
}

const controls = async (room: Room) =>
  (await room.rows()).filter(({ kind }) => kind === 8).map(({ body }) => JSON.parse(body));
const refused = (code: string) => ({ ok: false, refusal: { code } });

describe('control', () => {
  test('is an entry each time it changes, and shows in the directory', async () => {
    const { room, command } = await support();
    await command(BOT, { action: 'offer', to: 'next', metadata: { language: 'en' } });
    await command(DESK, { action: 'accept' });
    await command(DESK, { action: 'release' });
    expect(await controls(room)).toEqual([
      { action: 'select', active: bot },
      { action: 'offer', active: bot, pending: desk, metadata: { language: 'en' } },
      { action: 'accept', active: desk },
      { action: 'release' },
    ]);
    expect(JSON.parse((await summary(room)).control as string)).toEqual({ active: null, pending: null });
    await expectSame(room);
  });

  test('is told to people without what integrations tell each other', async () => {
    const { room, command } = await support();
    await command(null, { action: 'pass', to: desk.line, metadata: { note: 'a difficult one' } });
    const replay = await room.stub.replay(room.as(null), 2, null);
    const [event] = (replay as { value: { events: string[] } }).value.events.map((each) => JSON.parse(each));
    const { at: _, ...told } = event;
    expect(told).toEqual({
      seq: 3,
      kind: 'control',
      action: 'pass',
      active: { id: '2', name: 'desk' },
      pending: null,
    });
  });

  test('lets nobody else post, and writes nothing then', async () => {
    const { room, speak, command } = await support();
    const rows = async () => (await room.rows()).length;
    const before = await rows();
    expect(await speak(by(DESK))).toMatchObject(refused('forbidden'));
    expect(await rows()).toBe(before);
    expect(await speak(by(BOT), 'mine', 'c-1')).toMatchObject({ ok: true });
    await command(BOT, { action: 'pass', to: desk.line });
    expect(await speak(by(BOT))).toMatchObject(refused('forbidden'));
    // What it said before, said again, is still the same message.
    expect(await speak(by(BOT), 'mine', 'c-1')).toMatchObject({ ok: true, value: { duplicate: true } });
    expect(await speak(by(null))).toMatchObject({ ok: true });
    expect(await speak(undefined)).toMatchObject({ ok: true });
  });

  test('costs a post nothing while somebody has it, and falls to the default with the next post', async () => {
    const { room, customer, speak, command } = await support();
    await speak(by(BOT));
    const meter = await meterRoom(room);
    await speak(by(BOT));
    await room.stub.post(room.as(customer), draft('hello'), { author: null, control: by(null), ...WAIT });
    expect(meter.written).toBe(2);
    await command(BOT, { action: 'release' });
    expect((await room.view(null)).facts.control).toEqual({ active: null, pending: null });
    await room.stub.post(room.as(customer), draft('anybody?'), { author: null, control: by(null), ...WAIT });
    expect((await room.view(null)).facts.control).toEqual({ active: bot, pending: null });
    const kinds = (await room.rows()).slice(-3).map(({ kind }) => kind);
    expect(kinds).toEqual([8, 8, 0]);
  });

  test('is found again by the same birth, and comes back with a restore', async () => {
    const { room, command, speak } = await support();
    await speak(by(BOT));
    const again = await room.stub.open({
      actor: room.opener,
      birth: room.birth,
      people: [],
      first: draft('first'),
      switching,
      ...WAIT,
    });
    expect(again).toMatchObject({ ok: true, value: { posted: { seq: 3, duplicate: true } } });
    await command(BOT, { action: 'offer', to: desk.line });
    const hub = hubOf(bindings, 'https://hub.example', () => undefined);
    await restoreConversation(hub, (await findApp(d1, { number: room.app })) as App, room.number);
    expect((await room.view(null)).facts.control).toEqual({ active: bot, pending: desk });
  });
});
