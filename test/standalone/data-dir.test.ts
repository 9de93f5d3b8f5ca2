import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openDataDir, secretsOf } from '../../src/standalone/data-dir.ts';

const folder = mkdtempSync(join(tmpdir(), 'parlance-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('secrets are made once and kept', () => {
  const dataDir = openDataDir(folder);
  const secrets = secretsOf(dataDir);
  expect(secrets.hubSecret).toMatch(/^[\w-]{43}$/);
  expect(secretsOf(dataDir)).toEqual(secrets);
  dataDir.close();
});

test('a damaged secrets file is never made anew, because that would sign everybody out', () => {
  const dataDir = openDataDir(folder);
  writeFileSync(dataDir.file('secrets.json'), '{"hubSecret":');
  expect(() => secretsOf(dataDir)).toThrow(/secrets\.json is damaged/);
  dataDir.close();
});
