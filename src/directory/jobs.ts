// Jobs in D1: what lists show of them. How far a running one is, it tells itself.
import { type AppNumber, type JobNumber, jobNumber } from '../domain/ids.ts';

export interface JobRow {
  number: JobNumber;
  app: AppNumber;
  door: string;
  kind: string;
  /** What it is about. */
  subject: string;
  state: 'started' | 'finished' | 'failed';
  /** Of the file that it makes or was given. */
  name: string;
  /** Key of the file that it made. */
  file: string | null;
  bytes: number;
  rows: number;
  percentage: number;
  error: string | null;
  /** JSON. */
  errorData: string | null;
  /** ms since 1970. */
  createdAt: number;
}

const COLUMNS =
  'number, app, door, kind, subject, state, name, file, bytes, rows, percentage, error, error_data AS errorData, ' +
  'created_at AS createdAt';

export type NewJob = Pick<JobRow, 'app' | 'door' | 'kind' | 'subject' | 'name' | 'bytes' | 'createdAt'>;

/** A row for a job that begins. Null: `most` of the app are running, or being cleared up. */
export async function insertJob(d1: D1Database, job: NewJob, most: number): Promise<JobRow | null> {
  return d1
    .prepare(
      `INSERT INTO job (app, door, kind, subject, state, name, bytes, created_at, changed_at)
       SELECT ?1, ?2, ?3, ?4, 'started', ?5, ?6, ?7, ?7
       WHERE (SELECT count(*) FROM job WHERE app = ?1 AND state IN ('started', 'ended')) < ?8 RETURNING ${COLUMNS}`,
    )
    .bind(job.app, job.door, job.kind, job.subject, job.name, job.bytes, job.createdAt, most)
    .first<JobRow>();
}

/** What changes of a job that is started; one that is over stays as it is. */
export async function reportJob(
  d1: D1Database,
  app: AppNumber,
  job: JobNumber,
  now: Pick<JobRow, 'state' | 'rows' | 'percentage' | 'bytes' | 'file' | 'error' | 'errorData'>,
  at: number,
): Promise<void> {
  await d1
    .prepare(
      `UPDATE job SET state = ?3, rows = ?4, percentage = ?5, bytes = iif(?6 > 0, ?6, bytes), file = ?7, error = ?8,
         error_data = ?9, changed_at = ?10
       WHERE number = ?1 AND app = ?2 AND state = 'started'`,
    )
    .bind(job, app, now.state, now.rows, now.percentage, now.bytes, now.file, now.error, now.errorData, at)
    .run();
}

/** A page of the app's jobs of one kind, newest first. */
export async function listJobs(
  d1: D1Database,
  { app, door, kind }: Pick<JobRow, 'app' | 'door' | 'kind'>,
  start: number,
  count: number,
): Promise<JobRow[]> {
  const { results } = await d1
    .prepare(
      `SELECT ${COLUMNS} FROM job WHERE app = ?1 AND door = ?2 AND kind = ?3 AND state <> 'ended'
       ORDER BY number DESC LIMIT ?5 OFFSET ?4`,
    )
    .bind(app, door, kind, start, count)
    .all<JobRow>();
  return results;
}

export async function findJob(
  d1: D1Database,
  { app, door, kind }: Pick<JobRow, 'app' | 'door' | 'kind'>,
  job: JobNumber,
): Promise<JobRow | null> {
  return d1
    .prepare(
      `SELECT ${COLUMNS} FROM job WHERE number = ?1 AND app = ?2 AND door = ?3 AND kind = ?4 AND state <> 'ended'`,
    )
    .bind(job, app, door, kind)
    .first<JobRow>();
}

/** Takes it out of every list. False: it was not there. Its object must hear of it, then {@link forgetJob}. */
export async function endJob(d1: D1Database, app: AppNumber, job: JobNumber, now: number): Promise<boolean> {
  const { meta } = await d1
    .prepare(
      "UPDATE job SET state = 'ended', changed_at = ?3 WHERE number = ?1 AND app = ?2 AND state <> 'ended'",
    )
    .bind(job, app, now)
    .run();
  return meta.changes > 0;
}

/** Its object has nothing left. The number does not come back. */
export async function forgetJob(d1: D1Database, app: AppNumber, job: JobNumber): Promise<void> {
  await d1.prepare("DELETE FROM job WHERE number = ?1 AND app = ?2 AND state = 'ended'").bind(job, app).run();
}

/** Jobs of which nothing was heard since `before` (ms since 1970) although something is to be done. */
export async function silentJobs(
  d1: D1Database,
  before: number,
  limit: number,
): Promise<(Pick<JobRow, 'number' | 'app' | 'file'> & { state: 'started' | 'ended' })[]> {
  const { results } = await d1
    .prepare(
      `SELECT number, app, state, file FROM job INDEXED BY job_open
       WHERE state IN ('started', 'ended') AND changed_at < ?1 LIMIT ?2`,
    )
    .bind(before, limit)
    .all<Pick<JobRow, 'number' | 'app' | 'file'> & { state: 'started' | 'ended' }>();
  return results.map((row) => ({ ...row, number: jobNumber(row.number) }));
}
