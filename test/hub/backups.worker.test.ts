// What exports and imports do step by step, when every step is done twice, when others come in between, and when answers of the
// directory are lost. Through the door they are conformance/qiscus-backups.test.ts.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { backupWorks } from '../../src/dialects/qiscus/backups.ts';
import { insertJob } from '../../src/directory/jobs.ts';
import { Refused } from '../../src/domain/errors.ts';
import { type JobNumber, jobNumber } from '../../src/domain/ids.ts';
import type { Json, JsonObject } from '../../src/domain/model.ts';
import type { Env } from '../../src/env.ts';
import { appByNumber, appCaller } from '../../src/hub/apps.ts';
import { verifyBroughtToken } from '../../src/hub/brought-tokens.ts';
import { type App, type Caller, type Hub, hubOf } from '../../src/hub/context.ts';
import { openConversation } from '../../src/hub/conversations.ts';
import { revokeUser } from '../../src/hub/ending.ts';
import { deleteJob, jobByNumber, listJobs, startJob, sweepJobs } from '../../src/hub/jobs.ts';
import { post } from '../../src/hub/messages.ts';
import { createUser, userByExternalId } from '../../src/hub/people.ts';
import type { Step, Tools } from '../../src/jobs/api.ts';
import { quiet } from '../conversation/faults.ts';
import { bindings, d1, draft, makeApp } from '../conversation/harness.ts';

quiet();

const waiting: Promise<unknown>[] = [];
const hubWith = (more: Partial<Env> = {}): Hub =>
  hubOf({ ...bindings, LIMITS: 'off', ...more } as Env, 'https://hub.example', (work) => waiting.push(work));
let hub: Hub;
let app: App;
let caller: Caller;
beforeEach(async () => {
  hub = hubWith();
  app = await appByNumber(hub, await makeApp());
  caller = appCaller(app, 'qiscus');
});
afterEach(() => Promise.all(waiting.splice(0)));

/** A job without its object: steps are asked for one at a time. */
class Run {
  private readonly kept = new Map<string, string>();
  private readonly given: string;
  private readonly work: string;
  private readonly params: JsonObject;
  private job: JobNumber | null = null;
  state: Json | null = null;
  text = '';
  steps: Step[] = [];
  end: NonNullable<Step['end']> | null = null;

  constructor(work: string, rows: readonly object[] = [], params: JsonObject = { from: 0, to: 4e12 }) {
    [this.work, this.given, this.params] = [`qiscus ${work}`, JSON.stringify(rows), params];
  }

  /** Does the next step, twice unless told otherwise; what comes of the second is kept. */
  async step(times = 2, through: Hub = hub): Promise<Step> {
    this.job ??= jobNumber(await newJob());
    const tools: Tools = {
      order: { job: this.job, app: app.number, work: this.work, output: null, params: this.params },
      now: () => Date.now(),
      given: () => this.given,
      kept: (list, place) => JSON.parse(this.kept.get(`${list} ${place}`) ?? 'null'),
    };
    let step: Step | null = null;
    const work = backupWorks(through)[this.work];
    for (let time = 0; time < times; time += 1) step = (await work?.step(tools, this.state)) ?? null;
    const made = step as Step;
    for (const { list, place, value } of made.keep ?? [])
      this.kept.set(`${list} ${place}`, JSON.stringify(value));
    this.state = JSON.parse(JSON.stringify(made.state));
    this.text += made.text ?? '';
    this.steps.push(made);
    this.end = made.end ?? null;
    return made;
  }

  async run(times = 2): Promise<this> {
    for (let steps = 0; this.end === null; steps += 1) {
      if (steps > 500) throw new Error('it does not end');
      await this.step(times);
    }
    return this;
  }

  abandon(): void {
    const given = { message: 'given up', data: null };
    this.state = backupWorks(hub)[this.work]?.abandon?.(this.state, given) ?? null;
  }
}

const newJob = async (): Promise<number> => {
  const job = {
    app: app.number,
    door: 'qiscus',
    kind: 'import',
    subject: 'x',
    name: 'x',
    bytes: 0,
    createdAt: 1,
  };
  return (await insertJob(d1, job, 100))?.number as number;
};
const EXPORT = { door: 'qiscus', kind: 'export' };
const IMPORT = { door: 'qiscus', kind: 'import' };

const person = (Email: string, more: object = {}) => ({ Email, Name: Email, ...more });
const room = (UniqueId: string, people: string[], more: object = {}) => ({
  UniqueId,
  Name: UniqueId,
  Type: 'group',
  CreatorEmail: people[0],
  ParticipantEmails: people,
  CreatedAt: '2017-05-11T06:35:27Z',
  ...more,
});
const comment = (UniqueId: string, RoomUniqueId: string, CreatorEmail: string, more: object = {}) => ({
  UniqueId,
  RoomUniqueId,
  CreatorEmail,
  Message: UniqueId,
  CreatedAt: '2017-05-11T19:14:24Z',
  ...more,
});
const exported = async (what: string): Promise<Json[]> =>
  JSON.parse((await new Run(`export ${what}`).run(1)).text);
const emails = async () => (await exported('users')).map((row) => (row as JsonObject).Email);

/** A database whose next batch is done, and whose answer is lost. */
function losing(): Partial<Env> {
  let lost = false;
  const DB = new Proxy(d1, {
    get: (real, key) => {
      const value = Reflect.get(real, key);
      if (key !== 'batch') return typeof value === 'function' ? value.bind(real) : value;
      return async (statements: D1PreparedStatement[]) => {
        const done = await real.batch(statements);
        if (!lost) {
          lost = true;
          throw new Error('D1_ERROR: Network connection lost.');
        }
        return done;
      };
    },
  });
  return { DB };
}

async function moved(people = ['ann', 'ben']): Promise<void> {
  expect(
    (
      await new Run(
        'import users',
        people.map((id) => person(id)),
      ).run()
    ).end,
  ).toEqual({ failed: null });
  const rooms = [room('r1', people), room('r2', people), room('s', people, { Type: 'single' })];
  expect((await new Run('import rooms', rooms).run()).end).toEqual({ failed: null });
}

describe('when every step is done twice', () => {
  test('a file of each kind goes in once', async () => {
    await moved();
    const rows = Array.from({ length: 450 }, (_, i) =>
      comment(`c${i}`, i % 2 ? 'r1' : 'r2', i % 3 ? 'ann' : 'ben'),
    );
    const run = await new Run('import comments', rows).run();
    expect(run.end).toEqual({ failed: null });
    expect(run.steps.at(-1)?.rows).toBe(450);
    expect(await emails()).toEqual(['ann', 'ben']);
    expect(await exported('rooms')).toHaveLength(3);
    const found = (await exported('comments')) as JsonObject[];
    expect(found.map(({ UniqueId }) => UniqueId).sort()).toEqual(rows.map(({ UniqueId }) => UniqueId).sort());
    for (const id of ['r1', 'r2']) {
      const order = found.filter(({ RoomUniqueId }) => RoomUniqueId === id).map(({ UniqueId }) => UniqueId);
      expect(order).toEqual(rows.filter((row) => row.RoomUniqueId === id).map(({ UniqueId }) => UniqueId));
    }
  });
});

describe('when the answer of the directory is lost', () => {
  test.each(['users', 'rooms'])('%s that are in already are not put in again', async (what) => {
    if (what === 'rooms') await moved();
    const rows = what === 'users' ? [person('x'), person('y')] : [room('x', ['ann']), room('y', ['ben'])];
    const before = (await exported(what)).length;
    const run = new Run(`import ${what}`, rows);
    const through = hubWith(losing());
    while ((run.state as { phase?: string } | null)?.phase !== 'put') await run.step();
    await expect(run.step(1, through)).rejects.toThrow('connection lost');
    expect((await run.run(1)).end).toEqual({ failed: null });
    expect(await exported(what)).toHaveLength(before + 2);
  });
});

describe('when somebody comes in between', () => {
  const upTo = async (run: Run, phase: string) => {
    while ((run.state as { phase?: string } | null)?.phase !== phase) await run.step();
  };

  test('with the email of a row, nothing goes in, and the row is named', async () => {
    const run = new Run('import users', [person('x'), person('y')]);
    await upTo(run, 'put');
    await createUser(hub, app, { externalId: 'y', username: 'somebody' });
    await run.run(1);
    expect(run.end?.failed).toEqual({
      message: 'Row 2: Email belongs to a user who exists already',
      data: person('y'),
    });
    expect(await emails()).toEqual(['y']);
  });

  test('with a user name that was to be given, the row gets another', async () => {
    const run = new Run('import users', [person('x@example.org')]);
    await upTo(run, 'put');
    await createUser(hub, app, { externalId: 'else', username: 'x' });
    expect((await run.run(1)).end).toEqual({ failed: null });
    expect((await userByExternalId(hub, app, 'x@example.org')).username).toMatch(/^x-[0-9a-f]{8}$/);
  });

  test('with the unique id of a room, none is made', async () => {
    await moved();
    const run = new Run('import rooms', [room('x', ['ann']), room('y', ['ben'])]);
    await upTo(run, 'put');
    await openConversation(hub, caller, { kind: 'group', members: [], uniqueId: 'y' });
    await run.run(1);
    expect(run.end?.failed?.message).toBe('Row 2: UniqueId belongs to a room that exists already');
    expect((await exported('rooms')).map((row) => (row as JsonObject).UniqueId)).not.toContain('x');
  });

  test('people post when an import is given up, and not before', async () => {
    await moved();
    const run = new Run('import comments', [comment('c', 'r1', 'ann'), comment('d', 'r2', 'ann')]);
    await upTo(run, 'add');
    const rooms = await d1
      .prepare("SELECT number FROM conversation WHERE app = ?1 AND unique_id = 'r1'")
      .bind(app.number)
      .first<number>('number');
    const say = () => post(hub, caller, rooms as never, draft('now'), { author: { externalId: 'ann' } });
    await expect(say()).rejects.toSatisfy(
      (error) => error instanceof Refused && error.refusal.code === 'unavailable',
    );
    run.abandon();
    await run.run();
    expect(run.end).toEqual({ failed: { message: 'given up', data: null } });
    await say();
    expect((await exported('comments')).map((row) => (row as JsonObject).Message)).toEqual(['now']);
  });
});

test('a slice of an export is bounded by its rows and by its characters', async () => {
  await moved();
  const rows = (from: number, size: number) =>
    Array.from({ length: 400 }, (_, i) =>
      comment(`c${from + i}`, 'r1', 'ann', { Message: 'x'.repeat(size) }),
    );
  for (const each of [rows(0, 10), rows(400, 10), rows(800, 9_000)])
    expect((await new Run('import comments', each).run(1)).end).toEqual({ failed: null });
  const run = await new Run('export comments').run(1);
  expect(JSON.parse(run.text)).toHaveLength(1_200);
  for (const { text = '' } of run.steps) {
    expect(text.split('\n').length).toBeLessThanOrEqual(552);
    expect(text.length).toBeLessThan(1_600_000);
  }
  expect(run.steps.length).toBeGreaterThanOrEqual(4);
});

describe('a token that somebody brought along', () => {
  const TOKEN = 'a token of before';
  const bring = (email: string) =>
    new Run('import users', [person(email, { AuthenticationToken: TOKEN })]).run();

  test('is theirs until it is reset, in their app, and may then come again', async () => {
    await bring('ann');
    const ann = await userByExternalId(hub, app, 'ann');
    expect((await verifyBroughtToken(hub, app, TOKEN, 'qiscus'))?.caller.user?.number).toBe(ann.number);
    expect(await verifyBroughtToken(hub, app, 'a token of nobody', 'qiscus')).toBeNull();
    const other = await appByNumber(hub, await makeApp());
    expect(await verifyBroughtToken(hub, other, TOKEN, 'qiscus')).toBeNull();
    expect((await bring('ben')).end?.failed?.message).toContain(
      'AuthenticationToken belongs to a user who exists',
    );
    await revokeUser(hub, app, ann);
    expect(await verifyBroughtToken(hub, app, TOKEN, 'qiscus')).toBeNull();
    expect((await bring('ben')).end).toEqual({ failed: null });
    const ben = await userByExternalId(hub, app, 'ben');
    expect((await verifyBroughtToken(hub, app, TOKEN, 'qiscus'))?.caller.user?.number).toBe(ben.number);
  });

  test('lies nowhere in the directory', async () => {
    await bring('ann');
    const { results } = await d1.prepare('SELECT * FROM brought_token').all();
    expect(JSON.stringify(results)).not.toContain(TOKEN);
  });
});

describe('the list of jobs', () => {
  const begin = () =>
    startJob(hub, caller, {
      ...EXPORT,
      subject: 'users',
      name: 'x.json',
      params: { from: 0, to: 1 },
      mime: 'application/json',
    });
  const LATER = Date.now() + 3_600_000;

  test('has ten of an app under way at most', async () => {
    for (let i = 0; i < 10; i += 1) await newJob();
    await expect(begin()).rejects.toSatisfy(
      (error) => error instanceof Refused && error.refusal.code === 'rate_limited',
    );
  });

  test('is looked after: what broke off before it began has failed, what was ended is cleared up', async () => {
    const number = jobNumber(await newJob());
    await sweepJobs(hub, LATER);
    expect(await jobByNumber(hub, caller, IMPORT, number)).toMatchObject({
      state: 'failed',
      error: expect.stringContaining('broke off'),
    });
    await d1.prepare("UPDATE job SET state = 'ended' WHERE number = ?1").bind(number).run();
    await sweepJobs(hub, LATER);
    expect(await d1.prepare('SELECT number FROM job WHERE number = ?1').bind(number).first()).toBeNull();
  });

  test('is each app its own, newest first, and forgets what is deleted', async () => {
    const [first, second] = [await begin(), await begin()];
    const other = appCaller(await appByNumber(hub, await makeApp()), 'qiscus');
    const numbers = async (who: Caller) =>
      (await listJobs(hub, who, EXPORT, { start: 0, count: 20 })).map((row) => row.number);
    expect(await numbers(caller)).toEqual([second.number, first.number]);
    expect(await numbers(other)).toEqual([]);
    const missing = { code: 'not_found', subject: 'job' };
    const refusalOf = (work: Promise<unknown>) =>
      work.then(
        () => null,
        (error: Refused) => error.refusal,
      );
    expect(await refusalOf(jobByNumber(hub, other, EXPORT, jobNumber(first.number)))).toMatchObject(missing);
    expect(await refusalOf(deleteJob(hub, other, EXPORT, jobNumber(first.number)))).toMatchObject(missing);
    expect(await refusalOf(jobByNumber(hub, caller, IMPORT, jobNumber(first.number)))).toMatchObject(missing);
    await deleteJob(hub, caller, EXPORT, jobNumber(first.number));
    expect(await numbers(caller)).toEqual([second.number]);
  });
});
