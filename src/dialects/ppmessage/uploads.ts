// POST /upload/upload/ and /ppkefu/upload/: files and long texts, named by their ids in the message that follows
// (contracts/ppmessage.md 7). Ids are file-ids.ts; what a message makes of them is sending.ts.
import { invalid, notFound, Refused } from '../../domain/errors.ts';
import { readBody } from '../../http/body.ts';
import { boundaryOf, fieldText, readMultipart } from '../../http/multipart.ts';
import { json } from '../../http/respond.ts';
import { appByNumber, userCaller } from '../../hub/apps.ts';
import type { Caller, Hub } from '../../hub/context.ts';
import {
  discardFile,
  keepFile,
  type Received,
  receiveFile,
  type UploadedFile,
  uploadFile,
} from '../../hub/files.ts';
import { anyUserByNumber } from '../../hub/people.ts';
import { accessOf, actingFor } from './auth.ts';
import { preflight, shown } from './cors.ts';
import { failedOf } from './errors.ts';
import { fileId, idOfText } from './file-ids.ts';
import { parseUser } from './ids.ts';
import { tokenOf } from './routes.ts';

const FIELD_BYTES = 64 * 1024;
/** Everything around the file. */
const FORM_BYTES = 256 * 1024;
/** Web clients send a file without a token, and say behind it whose it is: so much is kept in memory until then. */
const UNKNOWN_BYTES = 4 * 1024 * 1024;

/** Answers an upload: `fuuid` of a file, `fid` of a text, as the client asked. A refusal is a status with a sentence. */
export async function handleUpload(request: Request, hub: Hub): Promise<Response> {
  if (request.method === 'OPTIONS') return preflight();
  try {
    if (request.method !== 'POST') return refusal(405, 'Files are sent with POST.');
    const boundary = boundaryOf(request.headers.get('content-type'));
    if (boundary === null || !request.body) throw missing();
    const isProved = request.headers.has('authorization');
    return shown(await (isProved ? streamed(request, hub, boundary) : gathered(request, hub, boundary)));
  } catch (error) {
    return refused(error, hub);
  }
}

const missing = (): Refused =>
  new Refused(invalid('A form with a file, or a text in content_txt, is required.'));

/** `fid` beside `fuuid`: each client reads its own. */
function answer(hub: Hub, { attachment, mime }: UploadedFile): Response {
  const id = fileId(hub, attachment);
  return json({ fuuid: id, fid: id, mime });
}

/** With a token in the header: a part in memory at a time. */
async function streamed(request: Request, hub: Hub, boundary: string): Promise<Response> {
  const access = await accessOf(hub, tokenOf(request));
  const named = new URL(request.url).searchParams.get('user_uuid');
  let caller: Caller | null = access.person?.caller ?? null;
  if (named !== null) caller = await actingFor(hub, access, parseUser(hub, named));
  // A form says whose it is behind its file: it has to be gathered.
  if (!caller) return gathered(request, hub, boundary, async (user) => actingFor(hub, access, user));
  let file: Received | null = null;
  let text: string | null = null;
  try {
    const most = caller.app.settings.fileBytes + FORM_BYTES;
    const expected = Number(request.headers.get('content-length')) || null;
    for await (const part of readMultipart(request.body as ReadableStream<Uint8Array>, boundary, most)) {
      if (part.filename !== null && !file)
        file = await receiveFile(hub, caller, { name: part.filename, expected }, part.bytes);
      else if (part.name === 'content_txt') text = await fieldText(part, FIELD_BYTES);
      else await fieldText(part, FIELD_BYTES);
    }
  } catch (error) {
    if (file) discardFile(hub, caller, file);
    throw error;
  }
  if (file) return answer(hub, await keepFile(hub, caller, file));
  return textOf(hub, caller, text);
}

/** A visitor, by the id that their web client sends: an upload alone is read by nobody and posted by their token alone. */
async function visitorNamed(hub: Hub, user: ReturnType<typeof parseUser>): Promise<Caller> {
  const found = user === null ? null : await anyUserByNumber(hub, user);
  if (found?.role !== 'visitor') throw new Refused(notFound('user'));
  return { ...userCaller(await appByNumber(hub, found.app), found, 'ppmessage'), powers: 'member' };
}

async function gathered(
  request: Request,
  hub: Hub,
  boundary: string,
  whose: (user: ReturnType<typeof parseUser>) => Promise<Caller> = (user) => visitorNamed(hub, user),
): Promise<Response> {
  const bytes = await readBody(request, UNKNOWN_BYTES);
  const again = new Response(bytes as Uint8Array<ArrayBuffer>).body as ReadableStream<Uint8Array>;
  let file: { name: string; bytes: Uint8Array } | null = null;
  const fields = new Map<string, string>();
  for await (const part of readMultipart(again, boundary, UNKNOWN_BYTES)) {
    if (part.filename !== null && !file) file = { name: part.filename, bytes: await joined(part.bytes) };
    else fields.set(part.name, await fieldText(part, FIELD_BYTES));
  }
  const text = fields.get('content_txt') ?? null;
  const named = fields.get('user_uuid');
  if (!file && text !== null && named === undefined) return textOf(hub, null, text);
  const caller = await whose(named === undefined ? null : parseUser(hub, named));
  if (!file) return textOf(hub, caller, text);
  const upload = { name: file.name, expected: file.bytes.byteLength };
  return answer(hub, await uploadFile(hub, caller, once(file.bytes), upload));
}

/** A long text. Of a client that does not say who it is, the id is the text: nothing of it is kept. */
async function textOf(hub: Hub, caller: Caller | null, text: string | null): Promise<Response> {
  if (!text) throw missing();
  if (!caller) return json({ fid: idOfText(text), mime: 'text/plain' });
  const bytes = new TextEncoder().encode(text);
  const upload = { name: 'text.txt', expected: bytes.byteLength };
  return answer(hub, await uploadFile(hub, caller, once(bytes), upload));
}

async function joined(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk.slice());
  return new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const STATUS: Partial<Record<string, number>> = {
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  too_large: 413,
  rate_limited: 429,
  unavailable: 503,
};

function refused(error: unknown, hub: Hub): Response {
  const known = error instanceof Refused ? error.refusal : null;
  if (known) return refusal(STATUS[known.code] ?? 400, known.message);
  const { error: name } = failedOf(error, hub.requestId);
  const isToken = name === 'WRONG_ACCESS_TOKEN' || name === 'NO_ACCESS_TOKEN';
  if (isToken) return refusal(401, 'This token is no good here.');
  return name === 'SYS_ERR' ? refusal(500, 'Something went wrong.') : refusal(404, 'User not found');
}

const refusal = (status: number, message: string): Response =>
  shown(json({ error: { message } }, status, status === 405 ? { allow: 'POST' } : {}));
