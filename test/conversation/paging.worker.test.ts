// Pages of messages, by ordinal and by seq, against a model that reads the whole log.

import { expect, test } from 'vitest';
import { append, type Core, type Person } from '../../src/conversation/core.ts';
import { remove, removeAll } from '../../src/conversation/posting.ts';
import {
  type MessagePage,
  messageAt,
  pageByOrdinal,
  pageBySeq,
  viewOf,
} from '../../src/conversation/reading.ts';
import type { EntryRow } from '../../src/conversation/rows.ts';
import { timeBefore } from '../../src/conversation/times.ts';
import { fc } from '../fuzz/made-up.ts';
import { draft, group, type Room } from './harness.ts';

/** m: a message, e: an event, d: deletes one of the messages so far, a: deletes all of them. */
const step = fc.tuple(fc.constantFrom('m', 'm', 'm', 'e', 'e', 'd', 'a'), fc.nat(100));
const anyLog = fc.array(step, { maxLength: 60 });

interface Place {
  seq: number;
  n: number;
  deleted: boolean;
}

/** A new log of these steps in the object's tables, and its messages as the model has them. */
function build(core: Core, room: Room, steps: [string, number][]): Place[] {
  core.storage.sql.exec('DELETE FROM entry');
  core.storage.sql.exec("DELETE FROM meta WHERE key LIKE 'gone%'");
  core.log.load();
  const messages: Place[] = [];
  const { clientId: _, ...body } = draft('m');
  for (const [what, which] of steps) {
    if (what === 'm') {
      const { seq, n } = append(core, { kind: 'message', author: null, body });
      messages.push({ seq, n, deleted: false });
    } else if (what === 'e')
      append(core, { kind: 'update', author: null, body: { changes: { title: 't' } } });
    else if (what === 'a') {
      removeAll(core, room.as(null));
      for (const message of messages) message.deleted = true;
    } else if (messages.length > 0) {
      const target = messages[which % messages.length] as Place;
      remove(core, room.as(null), target.seq);
      target.deleted = true;
    }
  }
  return messages;
}

const places = (page: { messages: { seq: number; n: number; message: { deleted?: boolean } }[] }): Place[] =>
  page.messages.map(({ seq, n, message }) => ({ seq, n, deleted: message.deleted ?? false }));

test('by ordinal, with events anywhere among the messages', async () => {
  const { room } = await group(1);
  await room.inside(({ core }) => {
    if (!core) throw new Error('not born');
    fc.assert(
      fc.property(anyLog, fc.integer({ min: -2, max: 65 }), fc.nat(65), (steps, a, b) => {
        const messages = build(core, room, steps);
        const page = pageByOrdinal(core, room.as(null), a, b, false);
        expect(places(page)).toEqual(messages.filter(({ n }) => n >= a && n <= b));
        expect(page.hasMore).toBe(messages.some(({ n }) => n > b));
      }),
      { numRuns: 300 },
    );
  });
});

test('by ordinal, for a member who cleared the beginning: positions count from behind it, and it is not to be had', async () => {
  const { room, people } = await group(1);
  const [ann] = people as [Person];
  await room.inside(({ core }) => {
    if (!core) throw new Error('not born');
    const any = fc.integer({ min: -2, max: 65 });
    fc.assert(
      fc.property(anyLog, any, fc.nat(65), fc.nat(65), (steps, a, b, clearedSeq) => {
        const messages = build(core, room, steps);
        const me = { ...core.roster.members.get(ann.user), clearedSeq, readSeq: 0, readN: 0 };
        core.roster.members.set(ann.user, me as never);
        const left = messages.filter(({ seq }) => seq > clearedSeq);
        const page = pageByOrdinal(core, room.as(ann), a, b, false);
        expect(places(page)).toEqual(left.slice(Math.max(0, a - 1), Math.max(0, b)));
        expect(page.hasMore).toBe(b < left.length);
        const view = viewOf(core, room.as(ann));
        expect(view.messageCount - view.clearedN).toBe(left.length);
        for (const { seq } of messages) {
          const read = () => messageAt(core, room.as(ann), { seq });
          if (seq > clearedSeq) expect(read().seq).toBe(seq);
          else expect(read).toThrow('Message not found');
        }
      }),
      { numRuns: 300 },
    );
  });
});

test('by seq, both ways, deleted ones in their place or stepped over', async () => {
  const { room } = await group(1);
  const bound = fc.integer({ min: 0, max: 70 });
  await room.inside(({ core }) => {
    if (!core) throw new Error('not born');
    fc.assert(
      fc.property(
        anyLog,
        fc.option(bound),
        fc.nat(12),
        fc.boolean(),
        fc.boolean(),
        (steps, at, limit, up, all) => {
          const messages = build(core, room, steps).filter((m) => all || !m.deleted);
          const side = at === null ? {} : up ? { after: at } : { before: at };
          const page = pageBySeq(core, room.as(null), { ...side, limit, withDeleted: all });
          const beyond = messages.filter(({ seq }) => at === null || (up ? seq > at : seq < at));
          const expected =
            at !== null && up ? beyond.slice(0, limit) : beyond.slice(Math.max(0, beyond.length - limit));
          expect(places(page)).toEqual(expected);
          expect(page.hasMore).toBe(beyond.length > expected.length);
        },
      ),
      { numRuns: 300 },
    );
  });
});

test('walking page by page gives every message once', async () => {
  const { room } = await group(1);
  await room.inside(({ core }) => {
    if (!core) throw new Error('not born');
    fc.assert(
      fc.property(anyLog, fc.integer({ min: 1, max: 7 }), fc.boolean(), (steps, limit, up) => {
        const living = build(core, room, steps).filter((m) => !m.deleted);
        const found: Place[] = [];
        let at: { after: number } | { before: number } = up ? { after: 0 } : { before: 1_000_000 };
        for (let more = true; more; ) {
          const page = pageBySeq(core, room.as(null), { ...at, limit });
          const shown = places(page);
          if (up) found.push(...shown);
          else found.unshift(...shown);
          more = page.hasMore;
          at = up ? { after: shown.at(-1)?.seq ?? 0 } : { before: shown[0]?.seq ?? 0 };
        }
        expect(found).toEqual(living);
      }),
      { numRuns: 100 },
    );
  });
});

test('by log time: each message is found by its own, and comes with that of the one before it', async () => {
  const { room } = await group(1);
  await room.inside(({ core }) => {
    if (!core) throw new Error('not born');
    fc.assert(
      fc.property(anyLog, fc.nat(12), fc.nat(30), fc.nat(70), (steps, limit, skip, at) => {
        const messages = build(core, room, steps);
        const living = messages.filter((m) => !m.deleted);
        const timeOf = ({ seq }: { seq: number }) => core.log.row(seq)?.at ?? 0;
        for (const message of messages) {
          const time = timeOf(message);
          expect(messageAt(core, room.as(null), { time })).toMatchObject({ seq: message.seq, at: time });
          expect(() => messageAt(core, room.as(null), { time: time - 0.5 })).toThrow('Message not found');
          expect(timeBefore(core.log, core.log.row(message.seq) as EntryRow)).toBe(
            timeOf(living.filter(({ seq }) => seq < message.seq).at(-1) ?? { seq: 0 }),
          );
        }
        const check = (page: MessagePage, expected: Place[]) => {
          expect(places(page)).toEqual(expected);
          const before = expected.map(({ seq }) => living.filter((m) => m.seq < seq).at(-1));
          expect(page.timed?.before).toEqual(before.map((m) => (m ? timeOf(m) : 0)));
        };
        const passed = living.slice(0, Math.max(0, living.length - skip));
        const window = { limit, timed: true };
        check(
          pageBySeq(core, room.as(null), { ...window, skip }),
          passed.slice(Math.max(0, passed.length - limit)),
        );
        // Bounds fall on messages, on events and beside them.
        const bound = (core.log.row(at)?.at ?? core.log.last.at + 1) - (at % 2);
        const after = living.filter((m) => timeOf(m) > bound);
        const before = living.filter((m) => timeOf(m) < bound);
        check(pageBySeq(core, room.as(null), { ...window, afterTime: bound }), after.slice(0, limit));
        check(
          pageBySeq(core, room.as(null), { ...window, beforeTime: bound }),
          before.slice(Math.max(0, before.length - limit)),
        );
      }),
      { numRuns: 200 },
    );
  });
});
