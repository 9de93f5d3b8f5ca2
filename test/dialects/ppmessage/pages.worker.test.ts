// Pages of somebody who is in very many conversations: the newest ones are known without looking at all of theirs, and
// nothing is left out behind them (contracts/ppmessage.md 6, PP_PAGE_USER_CONVERSATION; DESIGN.md 10).
import { expect, test } from 'vitest';
import { pageOf } from '../../../src/dialects/ppmessage/lists.ts';
import { type OpenConversation, openOf } from '../../../src/directory/open-lists.ts';
import { d1 } from '../../conversation/harness.ts';
import { makeCrowd, memberOf } from '../../directory/crowd.ts';

const SIZE = 90;

test('lose nothing behind the newest five hundred, by offset and from an anchor either way', async () => {
  const crowd = await makeCrowd(700);
  const user = await memberOf(crowd, 700);
  const list = (all: boolean) => openOf(d1, crowd.app, user, { watches: false, all });
  const [newest, everything] = [await list(false), await list(true)];
  expect([newest.whole, newest.total, everything.whole, everything.total]).toEqual([false, 700, true, 700]);
  expect(newest.rows.length).toBeGreaterThan(400);
  const all = everything.rows.map(({ number }) => number);
  expect(newest.rows.map(({ number }) => number)).toEqual(all.slice(0, newest.rows.length));

  let looks = 0;
  const page = (window: object): readonly OpenConversation[] => {
    const shown = { size: SIZE, offset: 0, ...window };
    const near = pageOf(newest, shown);
    if (near === null) looks += 1;
    return near ?? pageOf(everything, shown) ?? [];
  };
  const numbers = (rows: readonly OpenConversation[]) => rows.map(({ number }) => number);

  const byOffset = Array.from({ length: 9 }, (_, offset) => numbers(page({ offset })));
  expect(byOffset.flat()).toEqual(all);

  const older = all.slice(0, 1);
  for (let some = page({ max_uuid: older.at(-1) }); some.length > 0; some = page({ max_uuid: older.at(-1) }))
    older.push(...numbers(some));
  expect(older).toEqual(all);

  const newer = all.slice(-1);
  for (let some = page({ min_uuid: newer[0] }); some.length > 0; some = page({ min_uuid: newer[0] }))
    newer.unshift(...numbers(some));
  expect(newer).toEqual(all);

  // Near the top nobody looks at all of them: not for what is newer than the newest either.
  looks = 0;
  for (const window of [
    {},
    { offset: 3 },
    { max_uuid: all[99] },
    { min_uuid: all[0] },
    { min_uuid: all[40] },
  ])
    page(window);
  expect(looks).toBe(0);
});
