// Uploading through the forum door as its apps do, and small files of known kinds.
import { deflateSync } from 'node:zlib';
import { decodeResponse } from '../../src/xmlrpc/decode.ts';
import { encodeCall } from '../../src/xmlrpc/encode.ts';
import { base64 } from '../../src/xmlrpc/value.ts';
import { told } from '../model/forum.ts';
import { canonicalBytes } from './canonical.ts';

/** What upload.php answered: its members as texts, numbers and booleans. */
export interface Uploaded {
  readonly status: number;
  readonly signedIn: string | null;
  readonly result?: boolean;
  readonly result_text?: string;
  readonly attachment_id: string;
  readonly group_id: string;
  readonly filesize: number;
  readonly fault?: { code: number; text: string };
}

/** The upload address beside that of the calls. */
export const uploadUrlOf = (url: string): string => url.replace(/mobiquo\.php$/, 'upload.php');

/** Sends a form to upload.php. */
export async function sendForm(url: string, cookie: string | null, form: FormData): Promise<Uploaded> {
  const response = await fetch(uploadUrlOf(url), {
    method: 'POST',
    headers: cookie ? { cookie } : {},
    body: form,
  });
  const read = decodeResponse(canonicalBytes(new Uint8Array(await response.arrayBuffer())));
  const around = { status: response.status, signedIn: response.headers.get('mobiquo_is_login') };
  if (read.fault) return { ...around, fault: read.fault } as Uploaded;
  return { ...around, ...(told(read.value) as object) } as Uploaded;
}

/** A form that uploads this. */
export function formOf(
  bytes: Uint8Array<ArrayBuffer> | string,
  { name = 'picture.png', part = 'content', group = '' } = {},
): FormData {
  const form = new FormData();
  form.set('method_name', 'upload_attach');
  form.set('type', 'pm');
  form.set('group_id', group);
  form.set(part, new File([bytes], name, { type: 'application/octet-stream' }));
  return form;
}

/** A session's cookie, "name=value". */
export async function forumCookie(
  url: string,
  { username, password }: { username: string; password: string },
): Promise<string> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'text/xml' },
    body: encodeCall('login', [base64(username), base64(password)]),
  });
  const cookie = response.headers.get('set-cookie')?.split(';')[0];
  if (!cookie || !/_\d+=[^d]/.test(cookie)) throw new Error(`${username} could not sign in`);
  return cookie;
}

/** A PNG of one colour; only its header matters here. */
export function png(width: number, height: number): Uint8Array<ArrayBuffer> {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8);
  const chunk = (type: string, data: Uint8Array) => {
    const size = Buffer.alloc(4);
    size.writeUInt32BE(data.length);
    // Nobody here checks the checksum.
    return Buffer.concat([size, Buffer.from(type), data, Buffer.alloc(4)]);
  };
  const rows = deflateSync(Buffer.alloc(height * (1 + 3 * width)));
  return new Uint8Array(
    Buffer.concat([
      Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
      chunk('IHDR', header),
      chunk('IDAT', rows),
      chunk('IEND', Buffer.alloc(0)),
    ]),
  );
}
