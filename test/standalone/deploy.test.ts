import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const ID = '11111111-2222-3333-4444-555555555555';

/**
 * Stands in for wrangler, which would need an account: writes down how it was called, keeps the secrets file, and
 * answers as wrangler 4 does. The state of the account is in the folder: `databases`, `bucket` and `secrets`.
 */
const WRANGLER = `#!/bin/sh
cd "$STATE"
echo "$*" >>calls
case "$*" in
  "d1 list"*) cat databases ;;
  "d1 create"*) echo '[{"name":"parlance","uuid":"${ID}"}]' >databases ;;
  "r2 bucket info"*) cat bucket; exit $(cat bucket-code) ;;
  "d1 migrations"*) cp "$OLDPWD/.wrangler-deploy.toml" config ;;
  "secret list"*) cat secrets; exit $(cat secrets-code) ;;
  "deploy"*"--secrets-file"*) for last; do :; done; cp "$last" deployed ;;
esac
`;

let state: string;
let work: string;

beforeEach(() => {
  state = mkdtempSync(join(tmpdir(), 'parlance-deploy-test-'));
  work = join(state, 'work');
  mkdirSync(work);
  cpSync(join(ROOT, 'wrangler.toml'), join(work, 'wrangler.toml'));
  writeFileSync(join(state, 'wrangler'), WRANGLER);
  chmodSync(join(state, 'wrangler'), 0o755);
  account({ databases: [], secrets: 'Worker "parlance" not found.', code: 1 });
});
afterEach(() => rmSync(state, { recursive: true }));

const NO_BUCKET = 'The specified bucket does not exist. [code: 10006]';

function account(now: {
  databases: object[];
  bucket?: object | string;
  secrets: object[] | string;
  code: number;
}): void {
  const { bucket = NO_BUCKET } = now;
  writeFileSync(join(state, 'bucket'), typeof bucket === 'string' ? bucket : JSON.stringify(bucket));
  writeFileSync(join(state, 'bucket-code'), typeof bucket === 'string' ? '1' : '0');
  writeFileSync(join(state, 'databases'), JSON.stringify(now.databases));
  writeFileSync(
    join(state, 'secrets'),
    typeof now.secrets === 'string' ? now.secrets : JSON.stringify(now.secrets),
  );
  writeFileSync(join(state, 'secrets-code'), String(now.code));
}

function deploy(...args: string[]) {
  const env = { PATH: `${state}:${process.env.PATH}`, STATE: state };
  const options = { cwd: work, env, encoding: 'utf8' as const };
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(ROOT, 'src/standalone/deploy.ts'), ...args],
    options,
  );
  const read = (name: string) =>
    existsSync(join(state, name)) ? readFileSync(join(state, name), 'utf8') : '';
  const calls = read('calls').replace(/\/\S+secrets\.json/, '<file>');
  return {
    status,
    stdout,
    stderr,
    calls,
    config: read('config'),
    deployed: JSON.parse(read('deployed') || '{}'),
  };
}

test('a first deploy makes the database, the bucket and both secrets, and shows the token', () => {
  const { status, stdout, calls, config, deployed } = deploy();
  expect(status).toBe(0);
  expect(calls).toBe(`d1 list --json
d1 create parlance --update-config=false
d1 list --json
r2 bucket info parlance-files --json
r2 bucket create parlance-files --update-config=false
d1 migrations apply parlance --remote --config .wrangler-deploy.toml
secret list --format json --config .wrangler-deploy.toml
deploy --config .wrangler-deploy.toml --secrets-file <file>
`);
  expect(config).toBe(
    readFileSync(join(ROOT, 'wrangler.toml'), 'utf8').replace('00000000-0000-0000-0000-000000000000', ID),
  );
  expect(deployed).toEqual({
    HUB_SECRET: expect.stringMatching(/^[\w-]{43}$/),
    ADMIN_TOKEN: expect.stringMatching(/^[\w-]{43}$/),
  });
  expect(stdout).toContain(`ADMIN_TOKEN ${deployed.ADMIN_TOKEN}`);
  expect(stdout).not.toContain(deployed.HUB_SECRET);
  expect(existsSync(join(work, '.wrangler-deploy.toml'))).toBe(false);
});

test('a later deploy leaves the secrets alone', () => {
  const secrets = [
    { name: 'HUB_SECRET', type: 'secret_text' },
    { name: 'ADMIN_TOKEN', type: 'secret_text' },
  ];
  const bucket = { name: 'parlance-files' };
  account({ databases: [{ name: 'parlance', uuid: ID }], bucket, secrets, code: 0 });
  const { status, calls } = deploy();
  expect(status).toBe(0);
  expect(calls.trim().split('\n').at(-1)).toBe('deploy --config .wrangler-deploy.toml');
  expect(calls).not.toContain('create');
});

test('secrets that cannot be listed stop it: a new HUB_SECRET would sign everybody out', () => {
  account({
    databases: [{ name: 'parlance', uuid: ID }],
    secrets: 'Authentication error [code: 10000]',
    code: 1,
  });
  const { status, stderr, calls } = deploy();
  expect(status).toBe(1);
  expect(stderr).toContain('Not deployed: the list of secrets could not be read.');
  expect(calls).not.toContain('deploy --config');
});

test('a bucket that cannot be looked for stops it', () => {
  account({
    databases: [{ name: 'parlance', uuid: ID }],
    bucket: 'Please enable R2 through the Cloudflare Dashboard. [code: 10042]',
    secrets: [],
    code: 0,
  });
  const { status, stderr, calls } = deploy();
  expect(status).toBe(1);
  expect(stderr).toContain('Not deployed: the bucket could not be looked for.');
  expect(calls).not.toContain('bucket create');
  expect(calls).not.toContain('deploy --config');
});

test('a dry run prints the commands and runs none', () => {
  const { status, stdout, calls } = deploy('--dry-run');
  expect(status).toBe(0);
  expect(calls).toBe('');
  expect(stdout).toContain('wrangler d1 migrations apply parlance --remote --config .wrangler-deploy.toml');
});
