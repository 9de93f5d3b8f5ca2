// Exports and imports of the Qiscus door as a program that moves does them: asked for, waited for, read. What the hub promises is
// in qiscus-backups.test.ts.
import { setTimeout as delay } from 'node:timers/promises';
import type { AppCredentials } from '../../src/standalone/demo.ts';
import { type Json, type QiscusClient, qiscusClient, type Sent, send } from './qiscus-client.ts';

export type Resource = 'users' | 'rooms' | 'comments';

/** All days there are. */
export const EVER = { start_date: '1970-01-01', end_date: '2100-12-31' };
/** A job of a test takes a second or two; this is for a machine that does much else. */
const PATIENCE_MS = 90_000;

export interface BackupClient extends QiscusClient {
  /** The history of an export once it is over. */
  export(type: Resource, days?: object): Promise<Json>;
  /** The rows of a whole export. */
  rows(type: Resource, days?: object): Promise<Json[]>;
  /** The history of an import once it is over; rows, or the text of the file. */
  import(type: Resource, rows: Json): Promise<Json>;
  /** The answer to an import. */
  upload(form: { type?: string; name?: string; file?: string | Buffer }): Promise<Sent>;
  /** The history of this export or import once it is over. */
  over(kind: 'exports' | 'imports', uniqueId: string): Promise<Json>;
}

const BOUNDARY = '----a-boundary-of-a-test';

export function backupClient(made: Pick<AppCredentials, 'qiscus'>): BackupClient {
  const client = qiscusClient(made);
  const over: BackupClient['over'] = async (kind, id) => {
    for (let waited = 0; waited < PATIENCE_MS; waited += 20) {
      const found =
        kind === 'exports'
          ? (await client.get(`exports/${id}`)).backup_history
          : (await client.get('imports')).backup_histories.find((each: Json) => each.unique_id === id);
      if (found.status !== 'started') return found;
      await delay(20);
    }
    throw new Error(`${kind} ${id} is not over`);
  };
  const upload: BackupClient['upload'] = ({ type, name = 'rows.json', file }) => {
    const part = (head: string, body: string | Buffer) =>
      Buffer.concat([
        Buffer.from(`--${BOUNDARY}\r\ncontent-disposition: form-data; ${head}\r\n\r\n`),
        Buffer.from(body),
        Buffer.from('\r\n'),
      ]);
    const body = Buffer.concat([
      ...(file === undefined ? [] : [part(`name="file"; filename="${name}"`, file)]),
      ...(type === undefined ? [] : [part('name="type"', type)]),
      Buffer.from(`--${BOUNDARY}--\r\n`),
    ]);
    const { baseUrl, secret } = made.qiscus;
    return send(
      `${baseUrl}/api/v2/rest/imports`,
      'POST',
      { type: `multipart/form-data; boundary=${BOUNDARY}`, body },
      { QISCUS_SDK_SECRET: secret },
    );
  };
  const exported: BackupClient['export'] = async (type, days = EVER) =>
    over('exports', (await client.post('exports', { type, ...days })).unique_id);
  return {
    ...client,
    over,
    upload,
    export: exported,
    rows: async (type, days) => {
      const history = await exported(type, days);
      if (history.status !== 'finished') throw new Error(`the export failed: ${history.error_message}`);
      return (await fetch(history.download_url)).json() as Promise<Json[]>;
    },
    import: async (type, rows) => {
      const file = typeof rows === 'string' ? rows : JSON.stringify(rows);
      const { status, body } = await upload({ type, file });
      if (status !== 200) throw new Error(`imports: ${status} ${JSON.stringify(body)}`);
      return over('imports', body.results.backup_history.unique_id);
    },
  };
}
