// ejabberd as Debian packages it, for the rows that compare live rooms with it: one node, rooms with an archive (MUC and
// MAM) on SQLite, anonymous sign-in, no encryption, on 127.0.0.1. Needs: apt-get install ejabberd erlang-p1-sqlite3.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { claimPort } from '../src/standalone/port.ts';
import { atEnd, temporaryFolder } from './cleanup.ts';

/** Where Debian keeps Erlang's libraries. */
const LIBRARIES = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu'];
const ERLANG = '/usr/bin/erl';
const START_MS = 30_000;

export interface Ejabberd {
  readonly port: number;
  readonly version: string;
}

/** The folder with ejabberd's code, or null where it is not installed. */
export function findEjabberd(): { libraries: string; version: string } | null {
  if (!existsSync(ERLANG)) return null;
  for (const libraries of LIBRARIES) {
    const found = existsSync(libraries) && readdirSync(libraries).find((name) => /^ejabberd-\d/.test(name));
    if (found) return { libraries, version: found.slice('ejabberd-'.length) };
  }
  return null;
}

/** Starts one that is gone at the end of the row. Throws with what it printed when it does not come up. */
export async function startEjabberd(): Promise<Ejabberd> {
  const found = findEjabberd();
  if (!found) throw new Error('ejabberd is not installed');
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'mnesia'));
  const { port } = await claimPort('127.0.0.1', 0);
  const config = join(folder, 'ejabberd.yml');
  writeFileSync(config, configOf(port, folder));
  const server = spawn(
    ERLANG,
    [
      '-noinput',
      '+K',
      'true',
      '+P',
      '250000',
      '-mnesia',
      'dir',
      `"${join(folder, 'mnesia')}"`,
      '-s',
      'ejabberd',
    ],
    {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        ERL_LIBS: found.libraries,
        ERL_CRASH_DUMP_SECONDS: '0',
        EJABBERD_CONFIG_PATH: config,
        EJABBERD_LOG_PATH: join(folder, 'ejabberd.log'),
      },
      stdio: 'ignore',
    },
  );
  atEnd(() => stop(server));
  if (!(await listens(port, server))) {
    const log = join(folder, 'ejabberd.log');
    throw new Error(`ejabberd did not start:\n${existsSync(log) ? readFileSync(log, 'utf8') : ''}`);
  }
  return { port, version: found.version };
}

async function stop(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  server.kill('SIGKILL');
  await ended;
}

async function listens(port: number, server: ChildProcess): Promise<boolean> {
  const until = Date.now() + START_MS;
  while (Date.now() < until && server.exitCode === null) {
    const socket = connect(port, '127.0.0.1');
    const open = await Promise.race([
      once(socket, 'connect').then(() => true),
      once(socket, 'error').then(
        () => false,
        () => false,
      ),
    ]).catch(() => false);
    socket.destroy();
    if (open) return true;
    await delay(100);
  }
  return false;
}

/** Nothing that would slow it down: no shaper, no encryption, few modules, errors alone in the log. */
const configOf = (port: number, folder: string): string => `
hosts: [localhost]
loglevel: error
auth_method: anonymous
anonymous_protocol: sasl_anon
allow_multiple_connections: true
disable_sasl_mechanisms: [digest-md5, X-OAUTH2]
default_db: sql
sql_type: sqlite
sql_database: "${join(folder, 'ejabberd.db')}"
listen:
  - port: ${port}
    ip: "127.0.0.1"
    module: ejabberd_c2s
    access: all
    max_stanza_size: 65536
acl: {}
modules:
  mod_muc:
    access: all
    access_create: all
    history_size: 0
    max_users: 5000
    default_room_options:
      mam: true
      persistent: true
      anonymous: false
      max_users: 5000
  mod_mam:
    default: always
`;
