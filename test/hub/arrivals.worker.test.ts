// What happened at another network, told once, twice, late and out of order: the log has it once, as it is there now.
import { expect, test } from 'vitest';
import type { Role } from '../../src/domain/model.ts';
import type { RemoteEvent, RemoteSaid } from '../../src/domain/remote.ts';
import { appByNumber, appCaller } from '../../src/hub/apps.ts';
import { arrive } from '../../src/hub/arrivals.ts';
import { hubOf } from '../../src/hub/context.ts';
import { viewConversation } from '../../src/hub/conversations.ts';
import { messagesBySeq } from '../../src/hub/messages.ts';
import { createUser, userByExternalId, usersByNames } from '../../src/hub/people.ts';
import { issueToken } from '../../src/hub/sessions.ts';
import type { Source, Target } from '../../src/hub/sources.ts';
import { bindings, group, makeApp } from '../conversation/harness.ts';

const hub = hubOf(bindings, 'http://hub.test', () => {});

const said = (id: string, text: string, more: Partial<RemoteSaid> = {}): RemoteSaid => ({
  kind: 'message',
  id,
  place: 'general',
  author: { id: 'U1', name: 'Alice', avatar: 'https://pictures.test/alice.png', bot: false },
  words: { text, markup: 'markdown' },
  files: [],
  at: null,
  ...more,
});

async function sourceOf(target?: Target, more: Partial<Source> = {}) {
  const { room } = await group(1);
  const app = await appByNumber(hub, room.app);
  const source: Source = {
    app,
    key: 'hook:1',
    network: 'slack',
    label: 'Slack',
    target: target ?? { conversation: room.number },
    ...more,
  };
  const tell = (event: RemoteEvent) => arrive(hub, source, event);
  const shown = async (c = room.number) => {
    const { messages, view } = await messagesBySeq(hub, appCaller(app, 'operator'), c, {
      limit: 50,
      withDeleted: true,
    });
    const names = new Map(view.members.map(({ user, card }) => [user, card.name]));
    return messages.map(({ author, message }) => ({
      by: author === null ? null : names.get(author),
      text: message.deleted ? null : message.text,
      replyTo: message.replyTo ?? null,
    }));
  };
  return { app, source, tell, shown, room };
}

test('a message is posted once, as its author, in the words that they used', async () => {
  const { tell, shown, app, room } = await sourceOf();
  const first = await tell(said('m1', '**hello**'));
  expect(first).toMatchObject({ result: 'posted', conversation: room.number });
  expect(await tell(said('m1', '**hello**'))).toMatchObject({ ...first, result: 'known' });
  // The same id with other words: what it was before somebody changed it, told late.
  expect(await tell(said('m1', 'hello, before'))).toMatchObject({ ...first, result: 'known' });
  expect(await shown()).toEqual([{ by: 'Alice [Slack]', text: '**hello**', replyTo: null }]);
  const { messages } = await messagesBySeq(hub, appCaller(app, 'operator'), room.number, { limit: 1 });
  expect(messages[0]?.message).toMatchObject({
    door: 'bridge',
    markup: 'markdown',
    clientId: null,
    origin: { bridge: 'slack', account: 'hook:1', id: 'm1', hops: 1 },
  });
});

test('ten tellings at once are one message', async () => {
  const { tell, shown } = await sourceOf();
  const results = await Promise.all(Array.from({ length: 10 }, () => tell(said('m1', 'once'))));
  expect(results.map(({ result }) => result).sort()).toEqual([...Array(9).fill('known'), 'posted']);
  expect(await shown()).toHaveLength(1);
});

test('edits apply in the order of their versions, whatever order they come in', async () => {
  const { tell, shown } = await sourceOf();
  await tell(said('m1', 'one', { version: 1 }));
  expect(await tell(said('m1', 'three', { kind: 'edit', version: 3 }))).toMatchObject({ result: 'edited' });
  expect(await tell(said('m1', 'two', { kind: 'edit', version: 2 }))).toMatchObject({ result: 'known' });
  expect(await tell(said('m1', 'three', { kind: 'edit', version: 3 }))).toMatchObject({ result: 'known' });
  expect((await shown()).map(({ text }) => text)).toEqual(['three']);
});

test('an edit that overtakes its message posts it, and the message is then known', async () => {
  const { tell, shown } = await sourceOf();
  expect(await tell(said('m1', 'new', { kind: 'edit', version: 2 }))).toMatchObject({ result: 'posted' });
  expect(await tell(said('m1', 'old', { version: 1 }))).toMatchObject({ result: 'known' });
  expect((await shown()).map(({ text }) => text)).toEqual(['new']);
});

test('a deletion takes the words away, once; one that overtakes its message keeps it out', async () => {
  const { tell, shown } = await sourceOf();
  await tell(said('m1', 'gone soon'));
  expect(await tell({ kind: 'delete', id: 'm1', place: 'general' })).toMatchObject({ result: 'deleted' });
  expect(await tell({ kind: 'delete', id: 'm1', place: 'general' })).toMatchObject({ result: 'known' });
  expect(await tell(said('m1', 'gone soon'))).toMatchObject({ result: 'known' });
  expect(await tell({ kind: 'delete', id: 'm2', place: 'general' })).toEqual({
    result: 'dropped',
    reason: 'unknown',
  });
  expect(await tell(said('m2', 'never shown'))).toEqual({ result: 'dropped', reason: 'deleted' });
  expect((await shown()).map(({ text }) => text)).toEqual([null]);
});

test('what was deleted can be brought back, and is changed where it is now', async () => {
  const { tell, shown } = await sourceOf();
  await tell(said('m1', 'first'));
  await tell({ kind: 'delete', id: 'm1', place: 'general' });
  expect(await tell(said('m1', 'first', { kind: 'restore' }))).toMatchObject({ result: 'posted' });
  expect(await tell(said('m1', 'first', { kind: 'restore' }))).toMatchObject({ result: 'known' });
  await tell(said('m1', 'second', { kind: 'edit' }));
  expect((await shown()).map(({ text }) => text)).toEqual([null, 'second']);
  await tell({ kind: 'delete', id: 'm1', place: 'general' });
  expect((await shown()).map(({ text }) => text)).toEqual([null, null]);
});

test('an answer names what it answers; one to something that never came stands by itself', async () => {
  const { tell, shown, room } = await sourceOf();
  const first = await tell(said('m1', 'question'));
  await tell(said('m2', 'answer', { parent: 'm1' }));
  await tell(said('m3', 'answer to nothing', { parent: 'elsewhere' }));
  const [, second, third] = await shown(room.number);
  expect(second?.replyTo).toBe((first as { seq: number }).seq);
  expect(third?.replyTo).toBeNull();
});

test('what went round three bridges, and what says nothing, is dropped', async () => {
  const { tell, shown } = await sourceOf();
  expect(await tell(said('m1', 'again', { hops: 3 }))).toEqual({ result: 'dropped', reason: 'hops' });
  expect(await tell(said('m2', '  '))).toEqual({ result: 'dropped', reason: 'empty' });
  expect(await tell(said('m3', 'still', { hops: 2 }))).toMatchObject({ result: 'posted' });
  expect(await shown()).toHaveLength(1);
});

test('each topic has a conversation of its own, opened once, and follows what becomes of the topic', async () => {
  const open = { title: 'Forum: {title}', members: [], public: false, metadata: { team: 'sales' } };
  const { tell, app } = await sourceOf({ open });
  const both = await Promise.all([
    tell(said('m1', 'one', { place: 't9', title: 'Nine' })),
    tell(said('m2', 'two', { place: 't9', title: 'Nine' })),
  ]);
  const numbers = both.map((arrived) => ('conversation' in arrived ? arrived.conversation : null));
  expect(numbers[0]).toBe(numbers[1]);
  const other = await tell(said('m3', 'three', { place: 't10', title: 'Ten' }));
  expect(other).not.toMatchObject({ conversation: numbers[0] });
  const view = () => viewConversation(hub, appCaller(app, 'operator'), numbers[0] as never);
  expect((await view()).facts).toMatchObject({ title: 'Forum: Nine', metadata: { team: 'sales' } });
  await tell({ kind: 'topic', place: 't9', title: 'Nine, renamed', locked: true });
  expect((await view()).facts).toMatchObject({ title: 'Forum: Nine, renamed', locked: true });
  await expect(tell(said('m4', 'late', { place: 't9' }))).rejects.toMatchObject({
    refusal: { code: 'locked' },
  });
});

test('a ghost shows the name and picture that it has now, and nobody gets in as one or finds one', async () => {
  const { tell, shown, app } = await sourceOf();
  await tell(said('m1', 'one'));
  await tell(
    said('m2', 'two', { author: { id: 'U1', name: 'Alice Two', avatar: 'javascript:alert(1)', bot: false } }),
  );
  expect((await shown()).map(({ by }) => by)).toEqual(['Alice Two [Slack]', 'Alice Two [Slack]']);
  expect(await usersByNames(hub, app, ['Alice Two [Slack]'])).toEqual([null]);
  const { results } = await bindings.DB.prepare("SELECT * FROM user WHERE app = ?1 AND role = 'ghost'")
    .bind(app.number)
    .all<{ external_id: string; avatar: string | null }>();
  expect(results).toHaveLength(1);
  expect(results[0]?.avatar).toBeNull();
  const ghost = await userByExternalId(hub, app, results[0]?.external_id as string);
  await expect(issueToken(hub, ghost, 'realtime')).rejects.toMatchObject({ refusal: { code: 'forbidden' } });
});

test('the same name at two hooks is two people', async () => {
  const { source, room } = await sourceOf();
  await arrive(hub, source, said('m1', 'one'));
  await arrive(hub, { ...source, key: 'hook:2' }, said('m1', 'two'));
  const count = await bindings.DB.prepare("SELECT count(*) AS n FROM user WHERE app = ?1 AND role = 'ghost'")
    .bind(room.app)
    .first();
  expect(count).toEqual({ n: 2 });
});

test.each([
  ['Support', '', 'Support [slack]'],
  ['ЅuppоrT', '', 'ЅuppоrT [slack]'],
  ['Sup\u200bport', '', 'Support [slack]'],
  ['Bob', '', 'Bob'],
  ['Support', 'Slack', 'Support [Slack]'],
  ['\u202e', 'Slack', 'Slack [Slack]'],
  ['x'.repeat(200), 'Slack', `${'x'.repeat(72)} [Slack]`],
])('%s behind the label “%s” is shown as %s', async (name, label, shown) => {
  const number = await makeApp();
  const app = await appByNumber(hub, number);
  await createUser(hub, app, { username: 'support', name: 'Support', role: 'agent' as Role });
  const target = { open: { title: '{title}', members: [], public: false, metadata: null } };
  const source: Source = { app, key: 'hook:1', network: 'slack', label, target };
  const arrived = await arrive(
    hub,
    source,
    said('m1', 'hi', { author: { id: 'U1', name, avatar: null, bot: false } }),
  );
  const { members } = await viewConversation(
    hub,
    appCaller(app, 'operator'),
    (arrived as unknown as { conversation: never }).conversation,
  );
  expect(members.map(({ card }) => card.name)).toEqual([shown]);
});
