import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readD1Migrations } from '@cloudflare/vitest-pool-workers';
import { Miniflare } from 'miniflare';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MIGRATIONS_DIR, migrate, migrationNames, statementsOf } from '../../src/standalone/migrate.ts';

/** Statements without comments and layout, which the two readers treat differently. */
const plain = (sql: string) =>
  sql
    .replace(/--.*$/gm, '')
    .replace(/\s+/g, ' ')
    .replace(/[; ]+$/, '')
    .trim();

test('every migration is read as wrangler reads it', async () => {
  const theirs = await readD1Migrations(MIGRATIONS_DIR);
  expect(migrationNames()).toEqual(theirs.map(({ name }) => name));
  for (const { name, queries } of theirs) {
    const ours = statementsOf(readFileSync(join(MIGRATIONS_DIR, name), 'utf8'));
    expect(ours.map(plain), name).toEqual(queries.map(plain));
  }
});

describe('migrate', () => {
  let miniflare: Miniflare;
  let db: D1Database;
  beforeAll(async () => {
    miniflare = new Miniflare({ modules: true, script: 'export default {}', cf: false, d1Databases: ['DB'] });
    db = (await miniflare.getD1Database('DB')) as D1Database;
  });
  afterAll(() => miniflare.dispose());

  test('applies everything once', async () => {
    expect(await migrate(db)).toEqual(migrationNames());
    expect(await migrate(db)).toEqual([]);
    const { results } = await db.prepare('select name from d1_migrations order by id').all();
    expect(results.map(({ name }) => name)).toEqual(migrationNames());
  });

  test('applies nothing of a file that fails, and names it', async () => {
    const folder = `${import.meta.dirname}/broken-migrations`;
    await db.prepare('delete from d1_migrations').run();
    await expect(migrate(db, folder)).rejects.toThrow(/^Migration 0000_half\.sql failed: .*no_such_table/);
    const { results } = await db.prepare("select name from sqlite_master where name = 'half'").all();
    expect(results).toEqual([]);
  });

  test('refuses a database that a newer version wrote', async () => {
    await db.prepare("insert into d1_migrations (name) values ('9999_later.sql')").run();
    await expect(migrate(db)).rejects.toThrow(
      'The data was written by a newer Parlance (it has the migration 9999_later.sql).',
    );
  });
});
