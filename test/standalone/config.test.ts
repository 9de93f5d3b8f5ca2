import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { unstable_readConfig } from 'wrangler';
import { BUCKETS, COMPATIBILITY_DATE, COMPATIBILITY_FLAGS, OBJECTS } from '../../src/standalone/runtime.ts';
import { VERSION } from '../../src/version.ts';

/** What is compared; wrangler's own type comes from a package that it does not ship. */
interface Config {
  compatibility_date: string;
  compatibility_flags: string[];
  durable_objects: { bindings: { name: string; class_name: string }[] };
  migrations: { new_sqlite_classes?: string[] }[];
  d1_databases: { binding: string }[];
  r2_buckets: { binding: string; bucket_name: string }[];
}

test('the standalone server runs the worker as wrangler.toml says', () => {
  const config: Config = unstable_readConfig({ config: `${import.meta.dirname}/../../wrangler.toml` });
  expect(config.compatibility_date).toBe(COMPATIBILITY_DATE);
  expect(config.compatibility_flags).toEqual(COMPATIBILITY_FLAGS);
  const bindings = config.durable_objects.bindings.map(({ name, class_name }) => [name, class_name]);
  expect(Object.fromEntries(bindings)).toEqual(OBJECTS);
  expect(config.migrations.flatMap((step) => step.new_sqlite_classes ?? [])).toEqual(Object.values(OBJECTS));
  expect(config.d1_databases.map(({ binding }) => binding)).toEqual(['DB']);
  const buckets = config.r2_buckets.map(({ binding, bucket_name }) => [binding, bucket_name]);
  expect(Object.fromEntries(buckets)).toEqual(BUCKETS);
});

test('the hub says the version that the package has', () => {
  const { version } = JSON.parse(readFileSync(`${import.meta.dirname}/../../package.json`, 'utf8'));
  expect(VERSION).toBe(version);
});
