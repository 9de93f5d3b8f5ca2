// A restore step by step: the log serves until the last one, and stays as it is when the archive is not whole.
import { describe, expect, test } from 'vitest';
import type { RestoreStep } from '../../src/conversation/api.ts';
import type { Person } from '../../src/conversation/core.ts';
import { archivedEntries } from '../../src/directory/conversations.ts';
import { integrationNumber, lineNumber, type UserNumber } from '../../src/domain/ids.ts';
import { expectSame } from '../directory/compare.ts';
import { all, d1, draft, group, makePeople, position, type Room, summary } from './harness.ts';

const FACTS = {
  title: null,
  description: null,
  icon: null,
  options: null,
  metadata: null,
  state: 'open' as const,
  locked: false,
  public: false,
  group: null,
  assignee: null,
  control: null,
};

const begin = (room: Room, epoch: string, entries: number): RestoreStep => ({
  step: 'begin',
  birth: room.birth,
  facts: FACTS,
  blocks: [room.number],
  entries,
  epoch,
});

/** What the archive holds of the conversation, `but` some entries. */
async function entries(room: Room, but: number[] = []): Promise<Extract<RestoreStep, { step: 'entries' }>> {
  const from = room.number * 2 ** 21;
  const rows = await archivedEntries(d1, from, from + 2 ** 21 - 1, 1_000);
  const found = rows.filter((row) => !but.includes(row.id - from));
  return {
    step: 'entries',
    entries: found.map(({ client_id: clientId, author, ...row }) => ({
      ...row,
      author: author as UserNumber | null,
      clientId,
    })),
  };
}

async function people(room: Room, cast: Person[]): Promise<RestoreStep> {
  const place = async ({ user, card }: Person) => {
    const row = (await position(room, user)) as Record<string, number>;
    const where = {
      standing: 'active',
      joinedAt: row.joined_at,
      readAt: 0,
      ownAfter: 0,
      readSeq: 0,
      readN: 0,
    };
    const marks = {
      deliveredSeq: 0,
      deliveredAt: 0,
      hiddenSeq: 0,
      clearedSeq: 0,
      progress: 'NEW',
      muted: false,
    };
    return { user, card, ...where, ...marks, invitedBy: null, removedBy: null, rev: row.rev } as never;
  };
  return { step: 'people', people: await Promise.all(cast.map(place)), outside: [] };
}

async function lived() {
  const found = await group(2);
  for (let i = 0; i < 4; i++) await found.room.post(found.people[0] as Person, `m${i}`);
  return { ...found, a: found.people[0] as Person, before: await found.room.rows() };
}

const shadows = (room: Room) =>
  room.inside((_, { storage }) =>
    all<{ name: string }>(storage, "SELECT name FROM sqlite_master WHERE name LIKE 'restored%'"),
  );
const epochOf = (room: Room) => room.inside(({ core }) => core?.log.epoch);
const line = lineNumber(1);
const bot = { line, integration: integrationNumber(2), name: 'bot', type: 'custom', next: null };
const pass = { action: 'pass', to: line } as const;
const INVALID = { ok: false, refusal: { code: 'invalid' } };
const OK = { ok: true };

describe('a restore', () => {
  test('leaves the log as it was and serving when the archive has a gap', async () => {
    const { room, a, before } = await lived();
    const epoch = await epochOf(room);
    expect(await room.stub.restore(begin(room, 'e1', 5))).toMatchObject(OK);
    expect(await room.stub.restore(await entries(room, [4]))).toMatchObject(INVALID);
    expect(await room.stub.restore({ step: 'end', epoch: 'e1' })).toMatchObject(INVALID);
    expect(await room.rows()).toEqual(before);
    await room.evict();
    expect((await room.pageBySeq(a, { limit: 9 })).messages).toHaveLength(4);
    expect(await epochOf(room)).toBe(epoch);
  });

  test('is refused when the archive ends before the directory', async () => {
    const { room, before } = await lived();
    expect(await room.stub.restore(begin(room, 'e1', 6))).toMatchObject(OK);
    await room.stub.restore(await entries(room));
    expect(await room.stub.restore({ step: 'end', epoch: 'e1' })).toMatchObject(INVALID);
    expect(await room.rows()).toEqual(before);
  });

  test('is refused when the log goes on past the archive and tells another story', async () => {
    const { room, people: cast, a } = await lived();
    const gathered = [begin(room, 'e1', 5), await entries(room), await people(room, cast)];
    await room.inside((_, { storage }) => {
      storage.sql.exec('UPDATE entry SET at = at + 1 WHERE seq = 5');
    });
    await room.evict();
    await room.post(a, 'said meanwhile');
    const before = await room.rows();
    for (const step of gathered) expect(await room.stub.restore(step)).toMatchObject(OK);
    expect(await room.stub.restore({ step: 'end', epoch: 'e1' })).toMatchObject(INVALID);
    expect(await room.rows()).toEqual(before);
  });

  test('keeps everything that is told while it gathers', async () => {
    const { room, people: cast, a } = await lived();
    const [, b] = cast as [Person, Person];
    await room.inside((_, { storage }) => {
      storage.sql.exec("UPDATE entry SET body = replace(body, 'm1', 'spoilt') WHERE kind = 0");
    });
    const gathered = [await entries(room), await people(room, cast)];
    const [, c] = await makePeople(room.app, 2);
    await room.stub.restore(begin(room, 'e1', 5));
    await room.stub.restore(gathered[0] as RestoreStep);
    await room.edit(a, 2, 'edited meanwhile');
    await room.remove(a, 4);
    await room.join(a, [c as Person], draft('welcome', { clientId: 'c-9' }));
    await room.update({ title: 'Meanwhile' });
    await room.stub.control(
      room.as(null),
      { switching: { defaultLine: line, lines: [bot] }, by: null },
      pass,
      {
        waitMs: 10_000,
      },
    );
    await room.read(b);
    await room.stub.restore(gathered[1] as RestoreStep);
    const said = await room.post(c as Person, 'said meanwhile', 0);
    const before = await room.view(b);
    expect(await room.stub.restore({ step: 'end', epoch: 'e1' })).toMatchObject(OK);
    await room.evict();
    const after = await room.view(b);
    const { facts, lastSeq, messageCount, memberCount, unread, readSeq } = before;
    expect(after).toMatchObject({ facts, lastSeq, messageCount, memberCount, unread, readSeq });
    expect(facts.title).toBe('Meanwhile');
    expect(facts.control).toMatchObject({ active: { name: 'bot' }, pending: null });
    expect((await room.pageBySeq(a, { limit: 9 })).messages.map(({ message }) => message.text)).toEqual([
      'edited meanwhile',
      'm1',
      'm3',
      'welcome',
      'said meanwhile',
    ]);
    expect(await room.post(c as Person, 'and on')).toMatchObject({ seq: said.seq + 1, n: said.n + 1 });
    const again = await room.tryPost(a, draft('welcome', { clientId: 'c-9' }));
    expect(again).toMatchObject({ ok: true, value: { duplicate: true } });
    expect(await room.indexed()).toBe(true);
    expect(await room.stub.reindex(room.app)).toMatchObject({ ok: true });
    await expectSame(room);
  });

  test('keeps an erasure that comes while it gathers', async () => {
    const { room, people: cast, a } = await lived();
    const gathered = [begin(room, 'e1', 5), await entries(room), await people(room, cast)];
    for (const step of gathered) await room.stub.restore(step);
    await room.stub.redact(room.as(null), a.user, { waitMs: 10_000 });
    expect(await room.stub.restore({ step: 'end', epoch: 'e1' })).toMatchObject(OK);
    const rows = (await room.rows()).filter(({ kind }) => kind === 0);
    expect(rows.map(({ author, body }) => [author, JSON.parse(body).text])).toEqual(
      Array(4).fill([null, '']),
    );
    expect((await room.view(null)).members.find(({ user }) => user === a.user)?.card.name).toBe('');
    expect(await room.unread(cast[1] as Person)).toBe(0);
  });

  test('does each step once however often it comes, and serves until the last', async () => {
    const { room, people: cast, a, before } = await lived();
    await room.inside((_, { storage }) => {
      storage.sql.exec("UPDATE entry SET body = replace(body, 'm1', 'spoilt') WHERE kind = 0");
    });
    const epoch = await epochOf(room);
    const steps = [begin(room, 'e1', 5), await entries(room), await people(room, cast)];
    for (const step of steps) {
      for (let i = 0; i < 2; i++) expect(await room.stub.restore(step)).toMatchObject(OK);
      await room.evict();
      expect((await room.view(a)).messageCount).toBe(4);
      expect(await epochOf(room)).toBe(epoch);
    }
    for (let i = 0; i < 2; i++)
      expect(await room.stub.restore({ step: 'end', epoch: 'e1' })).toMatchObject(OK);
    expect(await epochOf(room)).toBe('e1');
    const bare = (rows: typeof before) =>
      rows.map(({ indexed: _, delivered: __, body, ...row }) => ({ ...row, body: JSON.parse(body) }));
    expect(bare(await room.rows())).toEqual(bare(before));
    expect(await shadows(room)).toEqual([]);
    const b = cast[1] as Person;
    await room.read(b);
    expect(await position(room, b.user)).toMatchObject({ standing: 'active', read_seq: 5 });
  });

  test('that was cut short leaves nothing that hinders the next one', async () => {
    const { room, people: cast, before } = await lived();
    await room.stub.restore(begin(room, 'e1', 5));
    await room.stub.restore(await entries(room, [5]));
    await room.evict();
    await room.stub.restore(begin(room, 'e2', 5));
    for (const step of [await entries(room), await people(room, cast)]) await room.stub.restore(step);
    expect(await room.stub.restore({ step: 'end', epoch: 'e1' })).toMatchObject(INVALID);
    expect(await room.stub.restore({ step: 'end', epoch: 'e2' })).toMatchObject(OK);
    expect(await room.rows()).toHaveLength(before.length);
  });

  test('gives nothing to a number of another life, nor to a deleted conversation', async () => {
    const { room } = await lived();
    const missing = { ok: false, refusal: { code: 'not_found' } };
    const foreign = { ...room.birth, nonce: 'another' };
    expect(await room.stub.restore({ ...begin(room, 'e1', 5), birth: foreign } as RestoreStep)).toMatchObject(
      missing,
    );
    await room.stub.restore(begin(room, 'e1', 5));
    await room.stub.restore(await entries(room));
    await room.stub.destroy(room.as(null), { waitMs: 5_000 });
    expect(await shadows(room)).toEqual([]);
    for (const step of [begin(room, 'e1', 5), { step: 'end' as const, epoch: 'e1' }])
      expect(await room.stub.restore(step)).toMatchObject(missing);
    expect((await summary(room)).deleted_at).not.toBeNull();
  });
});
