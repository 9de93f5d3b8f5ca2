// The kinds of tests and where each runs. What a test asserts lives beside the code it mirrors, under test/.
import { basename, dirname, join } from 'node:path';
import { cloudflareTest, readD1Migrations } from '@cloudflare/vitest-pool-workers';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { buildDemo } from './src/demo/build.ts';
import { buildDocs } from './src/docs/build.ts';
import { buildReference } from './src/reference/build.ts';
import { buildWidget } from './src/widget/build.ts';

/** For tests that drive a server. */
const SET_UP = ['test/support/connections.ts', 'test/support/watched.ts'];
/** Files that need the Workers runtime end so; everything else under test/ runs in Node. */
const IN_WORKERD = 'test/**/*.worker.test.ts';
const AGAINST_A_SERVER = ['test/conformance/**/*.test.ts', 'test/model/**/*.test.ts'];
/** Tests of the server as a process: throwing objects out of memory would tell nothing more there. */
const OF_THE_PROCESS = [
  'test/conformance/durability.test.ts',
  'test/conformance/standalone.test.ts',
  'test/conformance/files-memory.test.ts',
  'test/conformance/qiscus-backups-crash.test.ts',
];

/** Pages, whose calls other tests make where objects are thrown out. */
const OF_THE_BROWSER = [
  'test/conformance/api-page.test.ts',
  'test/conformance/demo.test.ts',
  'test/conformance/widget*.test.ts',
];

/**
 * Packages that are one module each in workerd: every file of tests there loads all of them anew, and hundreds of modules take
 * longer than many a file. mqtt-packet would not load at all: aliases reach only what is bundled (wrangler.toml).
 */
const BUNDLED = [
  'bcryptjs',
  'drizzle-orm',
  'drizzle-orm/d1',
  'drizzle-orm/sqlite-core',
  'itty-router',
  'jose',
  'mqtt-packet',
  'valibot',
];

/** Files that take longest, in any project: begun first, so that at its end nobody waits for the one that came last. */
const LONGEST = [
  'test/text/pathological.test.ts',
  'test/fuzz/xmlrpc-grammar.test.ts',
  'test/fuzz/text-grammar.test.ts',
  'test/conversation/boxes.worker.test.ts',
  'test/hub/boxes.worker.test.ts',
  'test/directory/search-budget.worker.test.ts',
  'test/directory/rebuild.worker.test.ts',
  'test/conformance/isolation.test.ts',
  'test/conformance/hostile.test.ts',
  'test/conformance/webhooks.test.ts',
  'test/conformance/refusals.test.ts',
  'test/conformance/ppmessage-socket.test.ts',
  'test/conformance/qiscus-sdk.test.ts',
  'test/conformance/tapatalk-boxes.test.ts',
  'test/conformance/outage.test.ts',
  'test/conformance/files-faults.test.ts',
  'test/conformance/import.test.ts',
  'test/conformance/ppmessage-calls.test.ts',
  'test/conformance/tapatalk-people.test.ts',
  'test/conformance/widget.test.ts',
];

/** What is polled for must merely happen: by itself vitest gives up after a second, which a busy machine needs for less. */
const PATIENT = { poll: { timeout: 30_000 } } as const;

/** Files as vitest has them otherwise, which in a fresh clone knows their sizes alone. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      const at = LONGEST.findIndex((name) => moduleId.endsWith(name));
      return at < 0 ? LONGEST.length : at;
    };
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b));
  }
}

/**
 * Each file starts a hub of its own and waits much (for timers, for peers, for what is cut off to be noticed): it takes
 * three at a time to fill two cores. No promise there is about how long something takes; those are ratios, in bench/.
 */
const againstAServer = {
  environment: 'node',
  expect: PATIENT,
  include: AGAINST_A_SERVER,
  globalSetup: 'test/support/prepared.ts',
  setupFiles: SET_UP,
  maxWorkers: 3,
  // What a file imports (miniflare, the description's schemas) takes longer than many a file of tests.
  isolate: false,
  testTimeout: 120_000,
  hookTimeout: 120_000,
} as const;

// The worker imports what this makes.
await Promise.all([buildReference(), buildWidget(), buildDemo(), buildDocs()]);

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    // The evicted run makes some of the calls, and compares none of them with what is kept: it has nothing that could be out of date.
    resolveSnapshotPath: (file, extension, context) => {
      const kept = `${basename(file)}${extension}`;
      return join(dirname(file), '__snapshots__', context?.config?.name === 'evicted' ? `no-${kept}` : kept);
    },
    projects: [
      {
        test: {
          name: 'unit',
          environment: 'node',
          expect: PATIENT,
          // Without saying so one of two cores is left to vitest itself.
          maxWorkers: 2,
          include: ['test/**/*.test.ts'],
          exclude: [IN_WORKERD, ...AGAINST_A_SERVER],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        resolve: {
          alias: {
            bl: 'bl/BufferList',
            debug: join(import.meta.dirname, 'src/dialects/qiscus/mqtt/silent.cjs'),
          },
        },
        plugins: [
          cloudflareTest(async () => ({
            wrangler: { configPath: './wrangler.toml' },
            // An exception that crosses an object's edge is also logged as uncaught, even when the caller expects it.
            verbose: false,
            miniflare: {
              bindings: {
                TEST_MIGRATIONS: await readD1Migrations(`${import.meta.dirname}/migrations`),
                // Vars win over the secrets that a deployed worker has; the values are for tests alone.
                HOST: '127.0.0.1',
                ADMIN_TOKEN: 'test-admin-token',
                HUB_SECRET: 'dGVzdC1odWItc2VjcmV0LWZvci10aGUtdGVzdHMtMDA',
                // Tests look into the directory right after a call: on a busy machine a flush takes longer than a caller waits.
                INDEX_WAIT_MS: '30000',
                INDEX_WAIT_JOIN_MS: '30000',
                FUZZ_SEED: process.env.FUZZ_SEED ?? '',
              },
            },
          })),
        ],
        test: {
          name: 'workers',
          expect: PATIENT,
          deps: { optimizer: { ssr: { enabled: true, include: BUNDLED } } },
          include: [IN_WORKERD],
          setupFiles: ['test/support/migrate.worker.ts'],
          maxWorkers: 2,
          // Counters are exact, time is not: a busy machine must not fail what it merely slows down.
          testTimeout: 120_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...againstAServer,
          name: 'conformance',
          exclude: [IN_WORKERD, ...OF_THE_PROCESS],
          sequence: { groupOrder: 2 },
        },
      },
      {
        // The same promises when every object is thrown out of memory after each call.
        test: {
          ...againstAServer,
          name: 'evicted',
          exclude: [IN_WORKERD, ...OF_THE_PROCESS, ...OF_THE_BROWSER],
          env: { EVICT_EVERY: '1' },
          sequence: { groupOrder: 3 },
        },
      },
      {
        // Signals, kills and memory are measured on a machine that does nothing else.
        test: {
          ...againstAServer,
          name: 'process',
          include: OF_THE_PROCESS,
          maxWorkers: 1,
          sequence: { groupOrder: 4 },
        },
      },
    ],
  },
});
