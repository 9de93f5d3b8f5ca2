// The demonstration: its moderator answers for the app, and has the visitor's conversation in her list without being in it.
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import type { Env } from '../../src/env.ts';
import { userCaller } from '../../src/hub/apps.ts';
import { hubOf } from '../../src/hub/context.ts';
import { beginDemonstration } from '../../src/hub/demo.ts';
import { listForUser } from '../../src/hub/lists.ts';
import { createUser } from '../../src/hub/people.ts';
import { createApp } from '../../src/hub/provisioning.ts';

const hub = hubOf(env as unknown as Env, 'http://hub.test', () => {});

test('also where data of an older version has her as a plain member', async () => {
  const { app } = await createApp(hub, 'demo', 'Demo');
  await createUser(hub, app, { username: 'alice', role: 'member' });
  const { member, conversation, visitor } = await beginDemonstration(hub, undefined);
  expect(member.role).toBe('agent');
  const inbox = () =>
    listForUser(hub, userCaller(app, member, 'tapatalk'), { start: 0, count: 20, team: true });
  expect(await inbox()).toMatchObject({
    total: 1,
    rows: [{ facts: { number: conversation }, member: false, unread: 0 }],
  });
  // The same browser again: nothing more is made.
  expect(await beginDemonstration(hub, visitor)).toMatchObject({ conversation, member: { role: 'agent' } });
  expect((await inbox()).total).toBe(1);
  // Nobody takes part in somebody else's by its number.
  const other = await beginDemonstration(hub, undefined, conversation);
  expect(other.conversation).not.toBe(conversation);
  expect((await beginDemonstration(hub, visitor, conversation)).conversation).toBe(conversation);
  expect((await beginDemonstration(hub, visitor, other.conversation)).conversation).toBe(conversation);
});
