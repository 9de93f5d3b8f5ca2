// Exports and imports of an app: asked for here, done by jobs (contracts/qiscus.md 5). Rows are backup-rows.ts and
// backup-comments.ts.
import { notFound, Refused } from '../../domain/errors.ts';
import { plainName } from '../../domain/file-types.ts';
import { type JobNumber, jobNumber } from '../../domain/ids.ts';
import type { Json, JsonObject } from '../../domain/model.ts';
import { boundaryOf, fieldText, type Part, readMultipart } from '../../http/multipart.ts';
import type { Hub } from '../../hub/context.ts';
import { type ExportFormat, exportWorks } from '../../hub/exporting.ts';
import { messagesImport } from '../../hub/file-imports/messages.ts';
import { peopleImport } from '../../hub/file-imports/people.ts';
import { roomsImport } from '../../hub/file-imports/rooms.ts';
import { countRows, FILE_BYTES } from '../../hub/file-imports/rows.ts';
import {
  deleteJob,
  type JobKind,
  type JobRow,
  jobByNumber,
  listJobs,
  startJob,
  type Works,
} from '../../hub/jobs.ts';
import { COMMENTS, commentRow } from './backup-comments.ts';
import { conversationOf, personRow, ROOMS, roomRow, USERS } from './backup-rows.ts';
import { type Call, fileOperation, operation } from './call.ts';
import { choice, integer, may, refuseField, text } from './fields.ts';

const RESOURCES = ['users', 'rooms', 'comments'] as const;
type Resource = (typeof RESOURCES)[number];

const EXPORTS: JobKind = { door: 'qiscus', kind: 'export' };
const IMPORTS: JobKind = { door: 'qiscus', kind: 'import' };

const DAY_MS = 86_400_000;
/** The time zone of `created_at` and file names (contracts/qiscus.md 5). Days of exports are those of UTC, as rows are. */
const ZONE = { text: '+07:00', ms: 7 * 3_600_000 };
/** Histories in one answer. */
const PAGE = 20;
/** What a form has beside its file. */
const FORM_BYTES = 64 * 1024;
const TYPE_BYTES = 64;

const FORMAT: ExportFormat = {
  mime: 'application/json',
  person: (_, person) => personRow(person),
  room: roomRow,
  message: (hub, { app }, message) => commentRow(hub, app, message),
};

/** What the jobs of this door do. */
export function backupWorks(hub: Hub): Works {
  const exports = exportWorks(hub, FORMAT);
  return {
    'qiscus export users': exports.people,
    'qiscus export rooms': exports.rooms,
    'qiscus export comments': exports.messages,
    'qiscus import users': peopleImport(hub, USERS),
    'qiscus import rooms': roomsImport(hub, { ...ROOMS, door: 'qiscus', conversationOf }),
    'qiscus import comments': messagesImport(hub, COMMENTS),
  };
}

/** `2017-07-17T10:19:44+07:00`, of ms since 1970. */
const stamp = (ms: number): string => `${new Date(ms + ZONE.ms).toISOString().slice(0, 19)}${ZONE.text}`;

/** Begins an export of what was made on these days, both included. The one answer that names no `backup_history`. */
export const createExport = operation(
  { type: choice(RESOURCES), start_date: text(10), end_date: text(10) },
  async ({ hub, caller }, given) => {
    const [from, last] = [dayOf('start_date', given.start_date), dayOf('end_date', given.end_date)];
    if (last < from) throw refuseField('end_date', 'is before start_date');
    const row = await startJob(hub, caller, {
      ...EXPORTS,
      subject: given.type,
      name: `${stamp(Date.now())}_exported_${given.type}.json`,
      params: { from, to: last + DAY_MS },
      mime: FORMAT.mime,
    });
    return renderExport(hub, row);
  },
);

function dayOf(name: string, value: string): number {
  const ms = /^\d{4}-\d\d-\d\d$/.test(value) ? Date.parse(`${value}T00:00:00Z`) : Number.NaN;
  // A day that the month does not have would become one of the next.
  if (!(new Date(ms).getTime() >= 0) || !new Date(ms).toISOString().startsWith(value))
    throw refuseField(name, 'must be a day like 2017-07-17');
  return ms;
}

const paged = { page: may(integer(1, 1_000_000)) };

const pageOf = (page = 1) => ({ start: (page - 1) * PAGE, count: PAGE });

export const listExports = operation(paged, async ({ hub, caller }, { page }) => {
  const rows = await listJobs(hub, caller, EXPORTS, pageOf(page));
  return { backup_histories: rows.map((row) => renderExport(hub, row)) };
});

export const getExport = operation({}, async (call) => {
  const row = await jobByNumber(call.hub, call.caller, EXPORTS, numberIn(call));
  return { backup_history: renderExport(call.hub, row) };
});

/** Ends it if it still runs; its file goes too. */
export const deleteExport = operation({}, async (call) => {
  const row = await deleteJob(call.hub, call.caller, EXPORTS, numberIn(call));
  return { backup_history: renderExport(call.hub, row) };
});

function numberIn({ hub, params }: Call): JobNumber {
  const number = hub.ids.parseUuid('job', params.backup_unique_id ?? '');
  if (number === null) throw new Refused(notFound('job'));
  return jobNumber(number);
}

const common = (
  hub: Hub,
  { createdAt, name, subject, bytes, state, rows, number, percentage }: JobRow,
): JsonObject => ({
  created_at: stamp(createdAt),
  original_filename: name,
  percentage,
  resource_name: subject,
  size: bytes,
  status: state,
  total_rows: rows,
  unique_id: hub.ids.uuid('job', number),
});

const renderExport = (hub: Hub, row: JobRow): JsonObject => ({
  ...common(hub, row),
  // Signed anew with each answer: it holds for a day at least, for whoever has it.
  download_url:
    row.file === null
      ? ''
      : hub.addressOf({ file: row.file, url: '', name: row.name, mime: FORMAT.mime, bytes: row.bytes }),
  error_message: row.error ?? '',
});

/** Takes a file of rows, all of it or nothing: what is wrong with a row, the history says. */
export const createImport = fileOperation({ type: choice(RESOURCES) }, async ({ hub, caller, request }) => {
  const form = await readForm(request);
  const { type } = form;
  const name = form.name ?? `${type}.json`;
  if (!/\.json$/i.test(name)) throw refuseField('file', 'must be a .json file');
  countRows(form.text);
  const row = await startJob(hub, caller, {
    ...IMPORTS,
    subject: type,
    name,
    params: {},
    given: form.text,
    bytes: form.bytes,
  });
  return { backup_history: renderImport(hub, row) };
});

interface Form {
  type: Resource;
  name: string | null;
  text: string;
  bytes: number;
}

async function readForm({ body, headers }: Request): Promise<Form> {
  const boundary = boundaryOf(headers.get('content-type'));
  if (!boundary || !body) throw refuseField('file', 'is required: send type and file as multipart/form-data');
  let type: string | null = null;
  let file: { name: string | null; bytes: Uint8Array } | null = null;
  for await (const part of readMultipart(body, boundary, FILE_BYTES + FORM_BYTES)) {
    if (part.name === 'type') type = await fieldText(part, TYPE_BYTES);
    else if (part.name === 'file') file = { name: part.filename, bytes: await bytesOf(part) };
  }
  const known = RESOURCES.find((resource) => resource === type?.trim());
  if (!known) throw refuseField('type', !type ? 'is required' : `must be one of ${RESOURCES.join(', ')}`);
  if (!file || file.bytes.byteLength === 0) throw refuseField('file', file ? 'is empty' : 'is required');
  const name = file.name === null ? null : plainName(file.name);
  return { type: known, name, text: textOf(file.bytes), bytes: file.bytes.byteLength };
}

async function bytesOf(part: Part): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of part.bytes) {
    size += chunk.byteLength;
    if (size > FILE_BYTES)
      throw new Refused({
        code: 'too_large',
        message: 'The file is larger than 4 MB.',
        limitBytes: FILE_BYTES,
      });
    chunks.push(new Uint8Array(chunk));
  }
  return Buffer.concat(chunks);
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    throw refuseField('file', 'is not in UTF-8');
  }
}

export const listImports = operation(paged, async ({ hub, caller }, { page }) => {
  const rows = await listJobs(hub, caller, IMPORTS, pageOf(page));
  return { backup_histories: rows.map((row) => renderImport(hub, row)) };
});

/** While it runs there is an empty error; once it is done there is none (contracts/qiscus.md 5). */
const renderImport = (hub: Hub, row: JobRow): JsonObject => ({
  ...common(hub, row),
  errors:
    row.state === 'finished'
      ? {}
      : {
          Message: row.error ?? '',
          Data: row.errorData === null ? null : (JSON.parse(row.errorData) as Json),
        },
});
