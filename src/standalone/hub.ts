// Starts and stops a whole hub on this machine. No process concerns (arguments, signals, what is printed): start.ts.
import { createHash } from 'node:crypto';
import { DEFAULT_HOST, parsePlace, parseSettings, settingsIn } from '../domain/settings.ts';
import { VERSION } from '../version.ts';
import { type Bundle, bundleWorker, WORKER_ENTRY } from './build.ts';
import { type DataDir, openDataDir, readJson, secretsOf, writeJson } from './data-dir.ts';
import { credentialsAt, knownDemo, makeDemo } from './demo.ts';
import { migrate, migrationNames } from './migrate.ts';
import type { StartFacts } from './page.ts';
import { claimPort, inUrl } from './port.ts';
import type { Runtime, RuntimeOptions } from './runtime.ts';

export interface HubOptions {
  /** Settings by their names (docs/settings.md); what is not a setting is ignored. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The worker's source. */
  readonly entry?: string;
  /** The worker as `bundleWorker` made it, where that was done before; `entry` counts for nothing then. */
  readonly bundle?: Bundle;
  /** What the names of hosts stand for; by default what this machine's resolver says. */
  readonly names?: RuntimeOptions['names'];
  /** Takes what the worker prints, line by line; by default nothing does. */
  readonly print?: RuntimeOptions['print'];
  /** Called when the runtime died and could not be brought back: the hub no longer serves. */
  readonly onLost?: (error: Error) => void;
}

export interface Hub {
  /** Where it serves: an origin without a slash at the end. */
  readonly url: string;
  readonly adminToken: string;
  readonly facts: StartFacts;
  /** What is worth a warning, one sentence each. */
  readonly warnings: readonly string[];
  /** Does what is due at this time; a hub that runs does it by itself every ten minutes. */
  tick(now: Date): Promise<void>;
  stop(): Promise<void>;
  /** Kills the runtime without warning, as a crash would, and waits until it serves again. */
  kill9(): Promise<void>;
}

/** As often as wrangler.toml says for Cloudflare. */
const TICK_MS = 600_000;

/** Two ports in a row that somebody takes between our look and our start are bad luck; more is not luck. */
const PORT_ATTEMPTS = 3;

/**
 * Starts a hub and answers when it serves: the schema is current and the demo app is there.
 * Throws an Error whose message says in plain words what is wrong: a setting, the port, the folder, the schema.
 */
export async function startHub(options: HubOptions = {}): Promise<Hub> {
  const env = { ...settingsIn(options.env ?? {}) };
  // Given, not defaulted: that is how the worker knows that it is on one machine (domain/settings.ts).
  env.HOST ??= DEFAULT_HOST;
  const place = parsePlace(env);
  const dataDir = openDataDir(place.dataDir);
  try {
    const made = secretsOf(dataDir);
    const vars = { ADMIN_TOKEN: made.adminToken, HUB_SECRET: made.hubSecret, ...env };
    const settings = parseSettings(vars);
    // Miniflare takes a third of a second to load; esbuild works meanwhile, in a process of its own.
    const bundling = options.bundle ?? bundleWorker({ entry: options.entry ?? WORKER_ENTRY });
    const [bundle, { cleanUp, startRuntime }] = await Promise.all([bundling, import('./runtime.ts')]);
    await cleanUp(dataDir);
    const print = options.print ?? (() => {});
    for (let attempt = 1; ; attempt += 1) {
      const listen = await claimPort(place.host, place.port);
      const url = `http://${inUrl(reachable(place.host))}:${listen.port}`;
      const origin = settings.publicUrl ?? url;
      const { names } = options;
      const common = { bundle, dataDir, vars: { ...vars, PORT: String(listen.port) }, names, print };
      const warnings = await prepare(startRuntime, common, origin, settings.adminToken);
      try {
        const runtime = await startRuntime({ ...common, listen, onLost: options.onLost });
        dataDir.announce({ pid: process.pid, url });
        return running(
          runtime,
          dataDir,
          url,
          origin,
          settings.adminToken,
          env.ADMIN_TOKEN === undefined,
          warnings,
        );
      } catch (error) {
        const taken = (error as { code?: string }).code === 'ERR_ADDRESS_IN_USE';
        if (!taken || place.port !== 0 || attempt === PORT_ATTEMPTS) throw error;
      }
    }
  } catch (error) {
    dataDir.close();
    throw error;
  }
}

function running(
  runtime: Runtime,
  dataDir: DataDir,
  url: string,
  origin: string,
  adminToken: string,
  adminTokenMade: boolean,
  warnings: readonly string[],
): Hub {
  const demo = knownDemo(dataDir);
  // A tick that fails is made up for by the next one.
  const clock = setInterval(() => void runtime.tick(new Date()).catch(() => {}), TICK_MS);
  clock.unref();
  return {
    url,
    tick: (now) => runtime.tick(now),
    adminToken,
    warnings,
    facts: {
      version: VERSION,
      url,
      dataDir: dataDir.path,
      adminToken,
      adminTokenMade,
      credentials: demo && credentialsAt(demo, origin),
      people: demo?.people.filter(({ made }) => made) ?? [],
    },
    stop: async () => {
      clearInterval(clock);
      await runtime.stop();
      dataDir.close();
    },
    kill9: () => runtime.crash(),
  };
}

/**
 * Brings the data to where this version expects it, before anybody can reach the hub: whoever sees it serve finds
 * the schema current and the demo app complete. Costs nothing when there is nothing to do.
 */
async function prepare(
  startRuntime: (options: RuntimeOptions) => Promise<Runtime>,
  common: RuntimeOptions,
  origin: string,
  adminToken: string,
): Promise<string[]> {
  const { dataDir } = common;
  // Beside the database, so that who removes the one removes the other.
  const marker = dataDir.file('d1/schema.json');
  const schema = createHash('sha256').update(migrationNames().join()).digest('hex');
  const current = readJson<{ schema: string }>(marker)?.schema === schema;
  if (current && knownDemo(dataDir)?.complete) return [];
  const runtime = await startRuntime(common);
  try {
    await migrate(await runtime.database());
    writeJson(marker, { schema });
    try {
      await makeDemo(runtime, dataDir, origin, adminToken);
    } catch (error) {
      return [`The demo app is not complete: ${error instanceof Error ? error.message : error}.`];
    }
    return [];
  } finally {
    await runtime.stop();
  }
}

/** A host that a client on this machine can use for one that only a server can: "every address". */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}
