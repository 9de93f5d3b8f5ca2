import { describe, expect, test } from 'vitest';
import { type Feed, framesOf, type Outlet, Rounds, SOCKETS_PER_TURN } from '../../src/sockets/rounds.ts';

interface Socket {
  name: string;
  position?: number;
  frames: string[];
}

const socket = (name: string, position?: number): Socket => ({ name, position, frames: [] });
const sockets = (count: number): Socket[] => Array.from({ length: count }, (_, i) => socket(`s${i}`));
const seen = (s: Socket): string => s.frames.join(' ');

/** Rounds whose macrotask turns the test runs by hand. */
function setUp() {
  const turns: (() => void)[] = [];
  const rounds = new Rounds<Socket>((turn) => turns.push(turn));
  const outlet: Outlet<Socket> = {
    prefix: '<',
    suffix: '>',
    send: (s, frame) => s.frames.push(frame),
    positionOf: (s) => s.position,
    sent: (s, upTo) => {
      if (s.position !== undefined) s.position = upTo;
    },
  };
  const nextTurn = (): boolean => {
    const turn = turns.shift();
    turn?.();
    return turn !== undefined;
  };
  const allTurns = (): void => {
    for (let i = 0; i < 1_000 && nextTurn(); i++);
  };
  return { rounds, feed: rounds.feed(outlet), outlet, nextTurn, allTurns, pending: () => turns.length };
}

describe('rounds', () => {
  test('an idle feed serves its first hundred at once and the others a hundred per turn', () => {
    const { feed, nextTurn, rounds, pending } = setUp();
    const all = sockets(250);
    feed.push(1, ['1'], all);
    const served = () => all.filter((s) => s.frames.length > 0).length;
    expect(served()).toBe(SOCKETS_PER_TURN);
    nextTurn();
    expect(served()).toBe(2 * SOCKETS_PER_TURN);
    nextTurn();
    expect(served()).toBe(250);
    nextTurn();
    expect([rounds.idle, pending()]).toEqual([true, 0]);
  });

  test('what arrives while others are served joins one frame', () => {
    const { feed, allTurns } = setUp();
    const all = sockets(150);
    for (let seq = 1; seq <= 5; seq++) feed.push(seq, [`${seq}`], all);
    allTurns();
    expect(seen(all[0] as Socket)).toBe('<1> <2,3,4,5>');
    expect(seen(all[149] as Socket)).toBe('<1,2,3,4,5>');
  });

  test('a socket gets nothing that it already has', () => {
    const { feed, allTurns } = setUp();
    const [behind, ahead, far] = [socket('behind', 4), socket('ahead', 6), socket('far', 9)] as const;
    feed.push(5, ['5', '6', '7'], [behind, ahead, far]);
    feed.push(8, ['8'], [behind, ahead, far]);
    allTurns();
    expect([seen(behind), seen(ahead), seen(far)]).toEqual(['<5,6,7> <8>', '<7> <8>', '']);
    expect([behind.position, far.position]).toEqual([8, 9]);
  });

  test('each push has an audience of its own', () => {
    const { feed, allTurns } = setUp();
    const blockers = sockets(100);
    const [stays, leaves] = [socket('stays'), socket('leaves')] as const;
    feed.push(1, ['1'], [...blockers, stays, leaves]);
    feed.push(2, ['2'], [stays]);
    allTurns();
    expect([seen(stays), seen(leaves)]).toEqual(['<1,2>', '<1>']);
  });

  test('flush overtakes the turn and forget gives up what was waiting, without disorder', () => {
    const { feed, allTurns } = setUp();
    const blockers = sockets(100);
    const [hasty, gone] = [socket('hasty'), socket('gone')] as const;
    feed.push(1, ['1'], [...blockers, hasty, gone]);
    feed.flush(hasty);
    feed.forget(gone);
    expect([seen(hasty), seen(gone)]).toEqual(['<1>', '']);
    feed.push(2, ['2'], [hasty, gone]);
    allTurns();
    expect([seen(hasty), seen(gone)]).toEqual(['<1> <2>', '<2>']);
  });

  test('a jump in the numbers sends what is under way first', () => {
    const { feed, allTurns } = setUp();
    const all = sockets(120);
    feed.push(1, ['1'], all);
    feed.push(9, ['9'], all);
    allTurns();
    for (const s of all) expect(seen(s)).toBe('<1> <9>');
  });

  test('a large room does not starve a small one', () => {
    const { rounds, feed, outlet, nextTurn } = setUp();
    const small = rounds.feed({ ...outlet, prefix: '[', suffix: ']' });
    const pair = [socket('a'), socket('b')];
    feed.push(1, ['1'], sockets(1_000));
    small.push(1, ['1'], pair);
    nextTurn();
    nextTurn();
    expect(pair.map(seen)).toEqual(['[1]', '[1]']);
  });

  test('events and sockets in any order and number arrive once and in order', () => {
    const { feed, nextTurn, allTurns } = setUp();
    const all = sockets(330);
    let seq = 0;
    for (let i = 0; i < 400; i++) {
      const events = Array.from({ length: 1 + (i % 3) }, (_, k) => `${seq + k + 1}`);
      feed.push(seq + 1, events, all);
      seq += events.length;
      if (i % 2) nextTurn();
    }
    allTurns();
    const expected = Array.from({ length: seq }, (_, i) => `${i + 1}`).join();
    for (const s of all) expect(s.frames.map((frame) => frame.slice(1, -1)).join()).toBe(expected);
  });

  test('casts follow the events that are under way', () => {
    const { rounds, feed, outlet, allTurns } = setUp();
    const all = sockets(130);
    feed.push(1, ['1'], all);
    rounds.cast('!', all, outlet.send);
    allTurns();
    for (const s of all) expect(seen(s)).toBe('<1> !');
  });

  test('a cast begun by a send that failed joins the turn that is running', () => {
    const { rounds, outlet, allTurns, pending } = setUp();
    const witness = socket('witness');
    const feed: Feed<Socket> = rounds.feed({
      ...outlet,
      send: (s) => rounds.cast(`${s.name} left`, [witness], (w, frame) => w.frames.push(frame)),
    });
    feed.push(1, ['1'], sockets(3));
    expect(pending()).toBe(1);
    allTurns();
    expect(witness.frames).toEqual(['s0 left', 's1 left', 's2 left']);
  });
});

describe('frames', () => {
  test('a frame ends after 200 events or 256 K characters, and a huge event has a frame to itself', () => {
    expect(framesOf('[', Array(450).fill('1'), ']').map((f) => f.split(',').length)).toEqual([200, 200, 50]);
    const half = 'x'.repeat(130 * 1024);
    const huge = 'y'.repeat(300 * 1024);
    expect(framesOf('', [half, half, huge, half], '').map((f) => f.length)).toEqual(
      [half, half, huge, half].map((e) => e.length),
    );
    expect(framesOf('[', [], ']')).toEqual([]);
  });
});
