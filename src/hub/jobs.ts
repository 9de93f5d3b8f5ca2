// Jobs of an app: begun, listed, looked at, ended. What a kind of job does stands with its subject (exporting.ts, import
// files); how it runs is the Job object.

import { directoryFor } from '../directory/door.ts';
import {
  endJob,
  findJob,
  forgetJob,
  insertJob,
  type JobRow,
  listJobs as listRows,
  reportJob,
  silentJobs,
} from '../directory/jobs.ts';
import { notFound, Refused, unavailable } from '../domain/errors.ts';
import { type JobNumber, jobNumber } from '../domain/ids.ts';
import type { JsonObject } from '../domain/model.ts';
import type { Env } from '../env.ts';
import { keyOf } from '../files/address.ts';
import { newSecret } from '../http/secrets.ts';
import type { JobApi, JobOrder, JobPort, Work } from '../jobs/api.ts';
import { type Caller, type Hub, hubOf } from './context.ts';
import { ask } from './directory.ts';

export type { JobRow } from '../directory/jobs.ts';

/** Jobs of one app that may run at once: they share the hub with everybody who talks. */
const RUNNING = 10;
/** A running job tells of itself much more often than this. */
const SILENT_MS = 300_000;
/** Jobs that one tick of the clock looks after. */
const SWEEP = 100;

/** What a door's jobs are called: its own are those of its name. */
export interface JobKind {
  door: string;
  kind: string;
}

const workName = ({ door, kind }: JobKind, subject: string): string => `${door} ${kind} ${subject}`;

const stubOf = (hub: Hub, job: JobNumber): JobApi => hub.env.JOB.getByName(String(job)) as unknown as JobApi;

/**
 * Begins a job; it goes on by itself. `name`: of the file that it makes or was given. Rate limited: the app has as many
 * running as it may. The row is there before its object knows: what breaks off between them, the sweep ends.
 */
export async function startJob(
  hub: Hub,
  caller: Caller,
  job: JobKind & {
    subject: string;
    name: string;
    params: JsonObject;
    /** It makes a file of this kind. */
    mime?: string;
    /** What it was given, and how many bytes that is. */
    given?: string;
    bytes?: number;
  },
): Promise<JobRow> {
  const app = caller.app.number;
  const { door, kind, subject, name, params, mime, given = '', bytes = 0 } = job;
  const createdAt = Date.now();
  const made = { app, door, kind, subject, name, bytes, createdAt };
  const row = await ask(hub, app, (d1) => insertJob(d1, made, RUNNING));
  if (!row) {
    const message = `${RUNNING} exports and imports of this app are running. Please wait until one has ended.`;
    throw new Refused({ code: 'rate_limited', message, retryAfterMs: 10_000 });
  }
  const number = jobNumber(row.number);
  const output = mime === undefined ? null : { name, mime, key: keyOf(app, number as never, newSecret(16)) };
  const { origin } = hub;
  const order: JobOrder = { job: number, app, work: workName(job, subject), output, origin, params };
  try {
    await stubOf(hub, number).begin(order, given);
  } catch (error) {
    // It may have begun all the same: it must not be told as refused and then be done.
    hub.defer(endWhole(hub, row));
    throw new Refused(unavailable(String(error)));
  }
  return row;
}

/** A page, newest first. */
export const listJobs = (
  hub: Hub,
  { app }: Caller,
  kind: JobKind,
  { start, count }: { start: number; count: number },
): Promise<JobRow[]> =>
  ask(hub, app.number, (d1) => listRows(d1, { ...kind, app: app.number }, start, count));

/** Not found for missing, foreign and ended alike. */
export async function jobByNumber(hub: Hub, { app }: Caller, kind: JobKind, job: JobNumber): Promise<JobRow> {
  const row = await ask(hub, app.number, (d1) => findJob(d1, { ...kind, app: app.number }, job));
  if (!row) throw new Refused(notFound('job'));
  return row;
}

/** Ends a job, wherever it is, and takes its file out; gives what it was. */
export async function deleteJob(hub: Hub, caller: Caller, kind: JobKind, job: JobNumber): Promise<JobRow> {
  const row = await jobByNumber(hub, caller, kind, job);
  await endWhole(hub, row);
  return row;
}

/** The row goes from the lists first; what is not cleared up then, the sweep does. */
async function endWhole(
  hub: Hub,
  { app, number, file }: Pick<JobRow, 'app' | 'number' | 'file'>,
): Promise<void> {
  await ask(hub, app, (d1) => endJob(d1, app, jobNumber(number), Date.now()));
  try {
    await clearUp(hub, { app, number, file });
  } catch (error) {
    console.error(JSON.stringify({ at: 'jobs', job: number, error: String(error) }));
  }
}

async function clearUp(
  hub: Hub,
  { app, number, file }: Pick<JobRow, 'app' | 'number' | 'file'>,
): Promise<void> {
  const job = jobNumber(number);
  await stubOf(hub, job).end(file);
  await ask(hub, app, (d1) => forgetJob(d1, app, job));
}

/** Looks after jobs that have gone silent by `now` (ms since 1970): those that broke off, and those not cleared up. */
export async function sweepJobs(hub: Hub, now: number): Promise<void> {
  const silent = await silentJobs(directoryFor(hub.env, null), now - SILENT_MS, SWEEP);
  for (const row of silent) {
    try {
      if (row.state === 'ended') await clearUp(hub, row);
      else if (!(await stubOf(hub, row.number).nudge())) await breakOff(hub, row);
    } catch (error) {
      console.error(JSON.stringify({ at: 'jobs', job: row.number, error: String(error) }));
    }
  }
}

/** It never came to its object, or its end was never told. */
const breakOff = (hub: Hub, { app, number }: Pick<JobRow, 'app' | 'number'>): Promise<void> =>
  ask(hub, app, (d1) => {
    const error = 'It broke off before it began. Please ask again.';
    const failed = {
      state: 'failed',
      rows: 0,
      percentage: 0,
      bytes: 0,
      file: null,
      error,
      errorData: null,
    } as const;
    return reportJob(d1, app, number, failed, Date.now());
  });

/** Works by name: `{door} {kind} {subject}`. */
export type Works = Readonly<Record<string, Work>>;

/** What a Job object gets: what it can do, and whom to tell. */
export function jobPort(env: Env, works: (hub: Hub) => Works): JobPort {
  // Work of a job has no request: nothing is deferred past the step that began it.
  const hub = hubOf(env, '', () => {});
  const known = works(hub);
  return {
    work: (name) => (Object.hasOwn(known, name) ? (known[name] as Work) : null),
    report: ({ app, job, state, rows, percentage, bytes, file, error }) =>
      reportJob(
        directoryFor(env, app),
        app,
        job,
        {
          state,
          rows,
          percentage,
          bytes,
          file,
          error: error?.message ?? null,
          errorData: error ? JSON.stringify(error.data) : null,
        },
        Date.now(),
      ),
  };
}
