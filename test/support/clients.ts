// Programs that some checks drive and that `npm ci` does not bring. The checks themselves live in test/conformance/.
import { spawnSync } from 'node:child_process';

/** Each optional client, with a command that exits 0 when it can be driven. */
const PROBES = {
  python3: ['python3', '-c', 'import xmlrpc.client'],
  'perl RPC::XML': ['perl', '-MRPC::XML', '-MRPC::XML::Client', '-e', '1'],
  'php xmlrpc': ['php', '-r', 'exit(extension_loaded("xmlrpc") ? 0 : 1);'],
  chromium: ['chromium', '--version'],
} as const satisfies Record<string, readonly [string, ...string[]]>;

export type Client = keyof typeof PROBES;

export const CLIENTS = Object.keys(PROBES) as Client[];

/** A probe that hangs must not hang the whole run. */
const PROBE_TIMEOUT_MS = 20_000;

const known = new Map<Client, boolean>();

/** Whether the client can be driven on this machine; probed once per process. */
export function haveClient(client: Client): boolean {
  let have = known.get(client);
  if (have === undefined) {
    const [command, ...args] = PROBES[client];
    have = spawnSync(command, args, { stdio: 'ignore', timeout: PROBE_TIMEOUT_MS }).status === 0;
    known.set(client, have);
  }
  return have;
}

/**
 * For `describe.runIf(requireClient('python3'))(…)`: true when the client is here, false when it is missing and
 * may be, and an error when it is missing although `REQUIRE_CLIENTS=1` asks for every one of them.
 */
export function requireClient(client: Client): boolean {
  if (haveClient(client)) return true;
  if (process.env.REQUIRE_CLIENTS === '1') {
    throw new Error(`REQUIRE_CLIENTS=1, but ${client} cannot be run here (${PROBES[client].join(' ')})`);
  }
  return false;
}
