// A job is done once whatever fails on its way: each step, each part of its file, its report. Against the real object and store.
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test';
import { expect, test } from 'vitest';
import type { AppNumber, JobNumber } from '../../src/domain/ids.ts';
import type { Json } from '../../src/domain/model.ts';
import type { JobApi, JobOrder, JobPort, Progress, Work } from '../../src/jobs/api.ts';
import { quiet } from '../conversation/faults.ts';
import { bindings } from '../conversation/harness.ts';

quiet();

type Stub = DurableObjectStub & JobApi;
interface Inside {
  port: JobPort;
  env: { FILES: R2Bucket };
}

let jobs = 1_000_000;
const lost = () => new Error('Network connection lost.');

/** A job with work of the test's own, which goes on only when the test says so. */
class TestJob {
  readonly number = ++jobs as JobNumber;
  readonly key = `1/${this.number}.aaaaaaaaaaaaaaaaaaaaaa`;
  readonly reports: Progress[] = [];
  /** How long before its time each alarm was set, ms. */
  readonly leads: number[] = [];
  readonly stub = bindings.JOB.getByName(String(this.number)) as unknown as Stub;
  private readonly work: Work;
  /** Called before each use of the store and each report; throws to make it fail. */
  fault: (what: 'store' | 'store done' | 'report') => void = () => {};

  constructor(work: Work) {
    this.work = work;
  }

  private async prepare(): Promise<void> {
    await runInDurableObject(this.stub, (instance, { storage }) => {
      const inside = instance as unknown as Inside;
      inside.port = {
        work: (name) => (name === 'test' ? this.work : null),
        report: async (progress) => {
          this.fault('report');
          this.reports.push(progress);
        },
      };
      inside.env = { ...inside.env, FILES: this.store() };
      // Not by itself: an alarm between an eviction and this would find the work of the hub.
      const setAlarm = storage.setAlarm.bind(storage);
      storage.setAlarm = (when) => {
        this.leads.push(Number(when) - Date.now());
        return setAlarm(Date.now() + 3_600_000);
      };
    });
  }

  /** The store, with faults before and after each change. */
  private store(): R2Bucket {
    const around = <T extends object>(target: T): T =>
      new Proxy(target, {
        get: (real, key) => {
          const value = Reflect.get(real, key);
          if (typeof value !== 'function') return value;
          return (...args: unknown[]) => {
            if (key === 'head' || key === 'get') return Reflect.apply(value, real, args);
            this.fault('store');
            const made = Reflect.apply(value, real, args);
            if (!(made instanceof Promise)) return around(made as object);
            return made.then((result) => {
              this.fault('store done');
              return typeof result === 'object' && result !== null && 'uploadPart' in result
                ? around(result as object)
                : result;
            });
          };
        },
      });
    return around(bindings.FILES);
  }

  async begin(given = '', work = 'test'): Promise<void> {
    await this.prepare();
    const output: JobOrder['output'] = { name: 'out.json', mime: 'application/json', key: this.key };
    await this.stub.begin({ job: this.number, app: 1 as AppNumber, work, output, params: {} }, given);
  }

  /** Rings until it is over, thrown out of memory in between. */
  async run(most = 500): Promise<Progress> {
    for (let rings = 0; rings < most; rings += 1) {
      const end = this.reports.find(({ state }) => state !== 'started');
      if (end && (await this.isEmpty())) return end;
      await runDurableObjectAlarm(this.stub);
      if (rings % 3 === 2) {
        await evictDurableObject(this.stub);
        await this.prepare();
      }
    }
    throw new Error('it does not end');
  }

  isEmpty = (): Promise<boolean> =>
    runInDurableObject(
      this.stub,
      async (_, { storage }) =>
        storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'run'").toArray().length === 0 &&
        (await storage.getAlarm()) === null,
    );

  file = async (): Promise<string | null> => (await (await bindings.FILES.get(this.key))?.text()) ?? null;
}

const LINE = `${'ä'.repeat(200_000)}\n`;

/** Writes so many lines of 400 KB, one a step, and keeps a value with each. */
const lines = (count: number, fault: () => void = () => {}): Work => ({
  step: async (tools, state) => {
    fault();
    const at = (state as number | null) ?? 0;
    if (at > 0) expect(tools.kept('lines', at - 1)).toBe(`line ${at - 1}`);
    const made = {
      state: at + 1,
      rows: at + 1,
      percentage: (100 * (at + 1)) / count,
      text: `${at} ${LINE}`,
      keep: [{ list: 'lines', place: at, value: `line ${at}` }],
    };
    fault();
    return at + 1 === count ? { ...made, end: { failed: null } } : made;
  },
});
const written = (count: number): string => Array.from({ length: count }, (_, i) => `${i} ${LINE}`).join('');

/** Fails about one time in three, in an order that is the same each time. */
function moody(seed: number): () => void {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    if (state >>> 16 < 0x5555) throw lost();
  };
}

test.each([1, 2, 3])('its file has every step once, whatever fails (%i)', async (seed) => {
  const job = new TestJob(lines(30, moody(seed)));
  job.fault = moody(seed + 100);
  await job.begin();
  const end = await job.run();
  expect(end).toMatchObject({ state: 'finished', rows: 30, percentage: 100, file: job.key, error: null });
  const file = await job.file();
  expect(file === written(30)).toBe(true);
  expect(end.bytes).toBe(Buffer.byteLength(file ?? ''));
});

test('the next step is never due at the moment of this one: its alarm would be taken for the one that rings', async () => {
  const job = new TestJob(lines(12));
  await job.begin();
  await job.run();
  const [, ...later] = job.leads;
  expect(later.length).toBeGreaterThan(10);
  expect(Math.min(...later)).toBeGreaterThan(0);
});

test('a short file, and none, are files too', async () => {
  const short = new TestJob(lines(1));
  await short.begin();
  expect(await short.run()).toMatchObject({ state: 'finished', bytes: Buffer.byteLength(written(1)) });
  const none = new TestJob({ step: async () => ({ state: null, end: { failed: null } }) });
  await none.begin();
  expect(await none.run()).toMatchObject({ state: 'finished', bytes: 0 });
  expect(await none.file()).toBe('');
});

test('what it was given is there whole, however long', async () => {
  const given = '😀ä'.repeat(700_000);
  let got = '';
  const job = new TestJob({
    step: async (tools) => {
      got = tools.given();
      return { state: null, end: { failed: null } };
    },
  });
  await job.begin(given);
  await job.run();
  expect(got === given).toBe(true);
});

test('a failure is told with what it is about, and leaves no file', async () => {
  const failed = { message: 'Row 2 is wrong', data: { Email: 'x' } };
  const job = new TestJob({
    step: async (tools, state) =>
      (state as number | null) === 20
        ? { state, end: { failed } }
        : lines(1_000)
            .step(tools, state)
            .then((step) => ({ ...step, end: undefined })),
  });
  await job.begin();
  expect(await job.run()).toMatchObject({ state: 'failed', error: failed, file: null });
  expect(await job.file()).toBeNull();
});

test('a step that always fails is given up, and what others saw of it is taken back first', async () => {
  const back: Json[] = [];
  const job = new TestJob({
    step: async (_, state) => {
      if ((state as { back?: true } | null)?.back) {
        back.push(state);
        return { state, end: { failed: { message: 'given up', data: null } } };
      }
      if (state === null) return { state: { seen: true } };
      throw lost();
    },
    abandon: () => ({ back: true }),
  });
  await job.begin();
  expect(await job.run()).toMatchObject({ state: 'failed', error: { message: 'given up' } });
  expect(back).toHaveLength(1);
});

test('past the point of no return nothing is given up', async () => {
  let tries = 0;
  const job = new TestJob({
    step: async (_, state) => {
      if (state === null) return { state: 1, committed: true };
      tries += 1;
      if (tries < 60) throw lost();
      return { state, end: { failed: null } };
    },
  });
  await job.begin();
  expect(await job.run()).toMatchObject({ state: 'finished' });
});

test('ended anywhere it leaves nothing, and does not come back', async () => {
  for (const rings of [0, 3, 20]) {
    const job = new TestJob(lines(1_000));
    await job.begin();
    for (let i = 0; i < rings; i += 1) await runDurableObjectAlarm(job.stub);
    await job.stub.end(null);
    await job.stub.end(job.key);
    expect(await job.isEmpty()).toBe(true);
    expect(await job.file()).toBeNull();
    expect(await job.stub.nudge()).toBe(false);
    expect(job.reports.filter(({ state }) => state !== 'started')).toEqual([]);
  }
});

test('work that this version does not know waits for one that does, and fails in the end', async () => {
  const job = new TestJob(lines(1));
  await job.begin('', 'of tomorrow');
  expect(await job.run()).toMatchObject({ state: 'failed', rows: 0 });
});

test('a lost alarm is set again by whoever looks', async () => {
  const job = new TestJob(lines(2));
  await job.begin();
  await runInDurableObject(job.stub, (_, { storage }) => storage.deleteAlarm());
  expect(await job.stub.nudge()).toBe(true);
  expect(await job.run()).toMatchObject({ state: 'finished' });
});
