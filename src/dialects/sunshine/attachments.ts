// Attachments: upload and remove (contracts/sunshine.md 3). How a message shows an upload is media.ts.
import * as v from 'valibot';
import { invalid, notFound, Refused } from '../../domain/errors.ts';
import { conversationNumber } from '../../domain/ids.ts';
import { boundaryOf, readMultipart } from '../../http/multipart.ts';
import { json } from '../../http/respond.ts';
import { viewConversation } from '../../hub/conversations.ts';
import {
  discardFile,
  fileOfAddress,
  keepFile,
  type Received,
  receiveFile,
  removeFile,
} from '../../hub/files.ts';
import { bodyOf, type Call, done } from './call.ts';
import { refuse } from './errors.ts';
import { plainObject, text } from './fields.ts';

/** Everything of a form around its file. */
const FORM_BYTES = 256 * 1024;
/** The part that holds the file. */
const PART = 'source';

/**
 * Takes a file for a message to come, as it arrives. `for` and `conversationId` say what it is for, as the vendor has
 * them: here the message decides that by naming the address, so they are checked, and change nothing. With a token of
 * their own, the file is that person's.
 */
export async function uploadAttachment(call: Call): Promise<Response> {
  await checkQuery(call);
  const { hub, caller, request } = call;
  const boundary = boundaryOf(request.headers.get('content-type'));
  if (boundary === null || !request.body) throw refuse('The request body should be multipart/form-data');
  const file = await received(call, request.body, boundary);
  if (!file) throw wrong('', `should have required property '${PART}'`);
  const { attachment, mime } = await keepFile(hub, caller, file);
  return json({ attachment: { mediaUrl: hub.addressOf(attachment), mediaType: mime } }, 201);
}

async function checkQuery(call: Call): Promise<void> {
  const { hub, caller, url } = call;
  const access = url.searchParams.get('access');
  if (access === null) throw wrong('', "should have required property 'access'");
  if (access !== 'public') throw wrong('access', ONE_OF_THE_ALLOWED);
  const purpose = url.searchParams.get('for');
  if (purpose !== null && purpose !== 'message') throw wrong('for', ONE_OF_THE_ALLOWED);
  const id = url.searchParams.get('conversationId');
  if (id === null) return;
  const n = hub.ids.parseHex('conversation', id);
  if (n === null) throw new Refused(notFound('conversation'));
  await viewConversation(hub, caller, conversationNumber(n));
}

const ONE_OF_THE_ALLOWED = 'should be equal to one of the allowed values';
const wrong = (path: string, message: string): Refused =>
  new Refused(invalid('The request is not valid.', [{ path, message }]));

/** The form's file, with all of the form read; null: it has none. Where it breaks off, nothing of it stays. */
async function received(
  { hub, app, caller, request }: Call,
  body: ReadableStream<Uint8Array>,
  boundary: string,
): Promise<Received | null> {
  const expected = Number(request.headers.get('content-length')) || null;
  let file: Received | null = null;
  try {
    for await (const part of readMultipart(body, boundary, app.settings.fileBytes + FORM_BYTES)) {
      if (part.name !== PART || file) continue;
      file = await receiveFile(hub, caller, { name: part.filename ?? 'file', expected }, part.bytes);
    }
    return file;
  } catch (error) {
    if (file) discardFile(hub, caller, file);
    throw error;
  }
}

export const attachmentDeleteBody = v.pipe(plainObject, v.object({ mediaUrl: text(1, 2048) }));

/** An address of another host is refused as such, one of ours that leads to no file of the app is not found. */
export async function deleteAttachment(call: Call): Promise<Response> {
  const { mediaUrl } = await bodyOf(call, attachmentDeleteBody);
  const file = await fileOfAddress(call.hub, call.app, mediaUrl);
  if (!file) throw refuse(`Unsupported media URL for attachment deletion: ${mediaUrl}`);
  await removeFile(call.hub, call.caller, file.number);
  return done();
}
