// `npm run deploy`: brings this worker to the Cloudflare account that wrangler is signed in to. Makes what is missing
// (the database, the bucket, the secrets), migrates, deploys; running it again changes only what has changed.
// `npm run deploy -- --dry-run` prints the commands and runs none.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const DATABASE = 'parlance';
/** As wrangler.toml names it. */
const BUCKET = 'parlance-files';
/** What stands in wrangler.toml for the id of a database that only the account knows. */
const NO_ID = '00000000-0000-0000-0000-000000000000';
/** Beside wrangler.toml, because the paths in it are relative to it. */
const CONFIG = '.wrangler-deploy.toml';
const SECRETS = ['HUB_SECRET', 'ADMIN_TOKEN'] as const;

const dryRun = process.argv.includes('--dry-run');
const commands = {
  list: ['d1', 'list', '--json'],
  create: ['d1', 'create', DATABASE, '--update-config=false'],
  lookForBucket: ['r2', 'bucket', 'info', BUCKET, '--json'],
  makeBucket: ['r2', 'bucket', 'create', BUCKET, '--update-config=false'],
  migrate: ['d1', 'migrations', 'apply', DATABASE, '--remote', '--config', CONFIG],
  secrets: ['secret', 'list', '--format', 'json', '--config', CONFIG],
  deploy: ['deploy', '--config', CONFIG],
};

try {
  if (dryRun) printPlan();
  else deploy();
} catch (error) {
  console.error(`Not deployed: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

function printPlan(): void {
  const show = (args: readonly string[], note = '') => console.log(`wrangler ${args.join(' ')}${note}`);
  show(commands.list);
  show(commands.create, `    (if there is no database "${DATABASE}" yet)`);
  show(commands.lookForBucket);
  show(commands.makeBucket, `    (if there is no bucket "${BUCKET}" yet)`);
  console.log(`write ${CONFIG}: wrangler.toml with the database's id`);
  show(commands.migrate);
  show(commands.secrets);
  show(
    [...commands.deploy, '--secrets-file', '<file>'],
    `    (with those of ${SECRETS.join(', ')} that are missing)`,
  );
}

function deploy(): void {
  const folder = mkdtempSync(join(tmpdir(), 'parlance-deploy-'));
  try {
    const id = databaseId() ?? create();
    writeFileSync(CONFIG, readFileSync('wrangler.toml', 'utf8').replace(NO_ID, id));
    makeBucket();
    run('Bringing the database to the newest schema', commands.migrate);
    const missing = missingSecrets();
    const extra: string[] = [];
    if (Object.keys(missing).length > 0) {
      const file = join(folder, 'secrets.json');
      writeFileSync(file, JSON.stringify(missing), { mode: 0o600 });
      extra.push('--secrets-file', file);
    }
    run('Deploying the worker', [...commands.deploy, ...extra]);
    if (missing.ADMIN_TOKEN) {
      console.log(
        `\nADMIN_TOKEN ${missing.ADMIN_TOKEN}\nIt is not shown again: keep it. Your next step: POST /admin/apps.`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
    rmSync(CONFIG, { force: true });
  }
}

/** The id of the hub's database in this account, or undefined when there is none. */
function databaseId(): string | undefined {
  const { code, stdout } = ask('Looking for the database', commands.list);
  if (code !== 0) throw new Error('the list of databases could not be read.');
  const databases = listIn(stdout) as { name: string; uuid: string }[];
  return databases.find(({ name }) => name === DATABASE)?.uuid;
}

/** Only a bucket that is known to be missing is made: an answer that could not be had is none. */
function makeBucket(): void {
  const { code, stdout, stderr } = ask('Looking for the bucket', commands.lookForBucket);
  if (code === 0) return;
  if (!/bucket does not exist|10006/i.test(stdout + stderr))
    throw new Error('the bucket could not be looked for.');
  run('Making the bucket', commands.makeBucket);
}

function create(): string {
  run('Making the database', commands.create);
  const id = databaseId();
  if (id === undefined) throw new Error('the database was made, but it is not in the list. Try again.');
  return id;
}

/**
 * The secrets that the worker lacks, from the environment or made now. Only a worker that is known to be missing
 * counts as one without secrets: a new HUB_SECRET over the old one would sign everybody out.
 */
function missingSecrets(): Partial<Record<(typeof SECRETS)[number], string>> {
  const { code, stdout, stderr } = ask('Looking for its secrets', commands.secrets);
  const firstTime = code !== 0 && /Worker "[^"]*".* not found/.test(stdout + stderr);
  if (code !== 0 && !firstTime) throw new Error('the list of secrets could not be read.');
  const known = firstTime ? [] : (listIn(stdout) as { name: string }[]).map(({ name }) => name);
  const missing = SECRETS.filter((name) => !known.includes(name));
  return Object.fromEntries(
    missing.map((name) => [name, process.env[name] || randomBytes(32).toString('base64url')]),
  );
}

/** Runs wrangler for its effect; what it prints is for the person. Throws when it fails. */
function run(title: string, args: readonly string[]): void {
  console.log(`\n${title}: wrangler ${args.join(' ')}`);
  const { status } = spawnSync('wrangler', args, { stdio: 'inherit' });
  if (status !== 0) throw new Error(`wrangler ${args.join(' ')} failed.`);
}

/** Runs wrangler for its answer. Its errors are shown unless they are an answer too. */
function ask(
  title: string,
  args: readonly string[],
): { code: number | null; stdout: string; stderr: string } {
  console.log(`\n${title}: wrangler ${args.join(' ')}`);
  const { status, stdout, stderr, error } = spawnSync('wrangler', args, {
    encoding: 'utf8',
    stdio: ['inherit', 'pipe', 'pipe'],
  });
  if (error) throw new Error(`wrangler cannot be run (${error.message}). Start this with npm run deploy.`);
  if (status !== 0) process.stderr.write(stderr);
  return { code: status, stdout, stderr };
}

/** The JSON list in what wrangler prints, which may begin with a banner. */
function listIn(text: string): unknown {
  try {
    return JSON.parse(text.slice(text.search(/^\[/m)));
  } catch {
    throw new Error('wrangler answered something else than a list.');
  }
}
