// Files that client SDKs send: uploaded first, and then named by their address in a comment (contracts/qiscus.md 9). What
// comments say else is comments.ts.
import { invalid, Refused } from '../../../domain/errors.ts';
import type { Draft, JsonObject } from '../../../domain/model.ts';
import { readBody } from '../../../http/body.ts';
import { boundaryOf, fieldText, readMultipart } from '../../../http/multipart.ts';
import { json } from '../../../http/respond.ts';
import type { Attaching } from '../../../hub/attaching.ts';
import type { Caller, Hub } from '../../../hub/context.ts';
import {
  discardFile,
  fileOfAddress,
  keepFile,
  type Received,
  receiveFile,
  uploadFile,
} from '../../../hub/files.ts';
import { headerOf } from '../auth.ts';
import type { Call } from '../call.ts';
import type { Kept } from '../payloads.ts';
import { personAccess } from './access.ts';

/** A field of the form, and everything around the file. */
const FIELD_BYTES = 16 * 1024;
const FORM_BYTES = 256 * 1024;
/** Of a form that says who sends it only behind its file: so much is kept in memory until it is known. */
const UNKNOWN_BYTES = 4 * 1024 * 1024;

/** POST upload: a form with one file. Its address is good for a day at least, and as long as the file is in a comment. */
export async function upload(request: Request, hub: Hub, url: URL): Promise<Response> {
  const boundary = boundaryOf(request.headers.get('content-type'));
  if (boundary === null || !request.body) throw missing();
  const token = headerOf(request, 'qiscus-sdk-token') ?? url.searchParams.get('token');
  const file = token
    ? await streamed(request, hub, (await personAccess(request, hub, url, token)).caller, boundary)
    : await gathered(request, hub, url, boundary);
  const { name, bytes, attachment } = file;
  const address = hub.addressOf(attachment);
  return json({ results: { file: { name, pages: 1, size: bytes, url: address } }, status: 200 });
}

const missing = (): Refused =>
  new Refused(invalid('Validation error', [{ path: 'file', message: 'is required, in a form of parts' }]));

/** A part in memory at a time. */
async function streamed(request: Request, hub: Hub, caller: Caller, boundary: string) {
  let file: Received | null = null;
  try {
    const most = caller.app.settings.fileBytes + FORM_BYTES;
    const expected = Number(request.headers.get('content-length')) || null;
    for await (const part of readMultipart(request.body as ReadableStream<Uint8Array>, boundary, most)) {
      if (part.filename === null) await fieldText(part, FIELD_BYTES);
      else if (!file) file = await receiveFile(hub, caller, { name: part.filename, expected }, part.bytes);
    }
  } catch (error) {
    if (file) discardFile(hub, caller, file);
    throw error;
  }
  if (!file) throw missing();
  return keepFile(hub, caller, file);
}

/** One client writes its token behind the file. */
async function gathered(request: Request, hub: Hub, url: URL, boundary: string) {
  const bytes = await readBody(request, UNKNOWN_BYTES);
  let file: { name: string; bytes: Uint8Array } | null = null;
  let token: string | null = null;
  const again = new Response(bytes as Uint8Array<ArrayBuffer>).body as ReadableStream<Uint8Array>;
  for await (const part of readMultipart(again, boundary, UNKNOWN_BYTES)) {
    if (part.filename !== null && !file) file = { name: part.filename, bytes: await joined(part.bytes) };
    else if (part.name === 'token') token = await fieldText(part, FIELD_BYTES);
  }
  const { caller } = await personAccess(request, hub, url, token);
  if (!file) throw missing();
  return uploadFile(hub, caller, once(file.bytes), { name: file.name, expected: file.bytes.byteLength });
}

async function joined(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk.slice());
  return new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** The address alone, as clients of before files post it. */
const FILE_TEXT = /^\s*\[file\]\s*(\S+)\s*\[\/file\]\s*$/;

/**
 * The draft with the upload that it names by its address, and which upload that is; the draft as it is where it names none.
 * What the log keeps of the address is a path: addresses expire, and are made anew for every reader.
 */
export async function withUpload(
  { hub, app }: Pick<Call, 'hub' | 'app'>,
  draft: Draft,
): Promise<{ draft: Draft; attaching?: Attaching }> {
  const [attachment] = draft.attachments ?? [];
  const address = attachment?.url ?? FILE_TEXT.exec(draft.text)?.[1];
  if (!address) return { draft };
  const file = await fileOfAddress(hub, app, address).catch((error: unknown) => {
    // It looks like one of ours, and is not there: words like any others.
    if (error instanceof Refused && error.refusal.code === 'not_found') return null;
    throw error;
  });
  if (!file) return { draft };
  const path = file.attachment.url;
  const kept = (draft.extras ?? {}) as Kept;
  const { payload } = kept;
  const extras: Kept = {
    ...kept,
    message: (kept.message ?? draft.text).replaceAll(address, path),
    ...(payload?.url === address && { payload: { ...payload, url: path } }),
  };
  const text = attachment ? draft.text : '';
  return {
    draft: { ...draft, type: 'file', text, attachments: [], extras: extras as JsonObject },
    attaching: { files: [file.number] },
  };
}
