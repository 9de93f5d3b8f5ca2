// Finding people by the beginning of a name, and those who answer for an app: what is found, and what it may read.
import { beforeAll, describe, expect, test } from 'vitest';
import { findTeam } from '../../src/directory/people.ts';
import { findByStart } from '../../src/directory/people-names.ts';
import { findableBy } from '../../src/domain/access.ts';
import type { AppNumber } from '../../src/domain/ids.ts';
import { d1, makeApp, makePerson } from '../conversation/harness.ts';
import { meteredD1 } from '../conversation/meter.ts';

const { db, meter } = meteredD1();
let app: AppNumber;

/** 20,000 people "crowd i" shown as "Crowd i", every tenth a visitor, beside as many of another app. */
beforeAll(async () => {
  app = await makeApp();
  const other = await makeApp();
  await d1
    .prepare(
      `WITH RECURSIVE up(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM up WHERE i < 39999)
       INSERT INTO user (app, external_id, username, username_key, name, name_key, role, metadata, profile, blocked,
         token_version, created_at)
       SELECT iif(i % 2 = 0, ?1, ?2), 'x' || i, 'crowd' || i, 'crowd' || i, 'Crowd ' || i, 'crowd ' || i,
         iif(i % 20 = 0, 'visitor', 'member'), '{}', '{}', '[]', 1, 1 FROM up`,
    )
    .bind(app, other)
    .run();
});

const find = (start: string) => findByStart(db, app, start, findableBy('member'));

describe('a search for the beginning of a name', () => {
  test('reads at most 1,000 rows in an app of 20,000 people whom all it fits', async () => {
    meter.reset();
    const found = await find('crowd');
    expect(found.length).toBeGreaterThan(150);
    expect(meter.read).toBeLessThanOrEqual(1_000);
  });
  test('reads a handful of rows where one name fits', async () => {
    meter.reset();
    expect(await find('crowd19998')).toHaveLength(1);
    expect(meter.read).toBeLessThanOrEqual(10);
  });
  test('finds nobody of another app, no visitor, and nobody by what stands in the middle', async () => {
    expect(await find('crowd19999')).toEqual([]);
    // 2000 and 20000 are visitors, the odd ones of the other app.
    expect((await find('crowd 2000')).map(({ name_key }) => name_key)).toEqual(
      [20002, 20004, 20006, 20008].map((i) => `crowd ${i}`),
    );
    expect(await find('rowd')).toEqual([]);
    expect(await find('crowd%')).toEqual([]);
  });
});

test('who answers for an app is found without its many others', async () => {
  const team = await Promise.all((['agent', 'admin', 'owner'] as const).map((role) => makePerson(app, role)));
  await makePerson(app, 'business');
  meter.reset();
  expect((await findTeam(db, app, 50)).map(({ number }) => number)).toEqual(
    team.map(({ user }) => user).sort((a, b) => a - b),
  );
  expect(meter.read).toBeLessThanOrEqual(2 * team.length);
});
