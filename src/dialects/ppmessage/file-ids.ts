// Files as this API names them: an id under one address. It is the file's signed address in other words, so that whoever has
// it may read the file, for a day at least; every answer has it anew.
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { Attachment } from '../../domain/model.ts';
import type { App, Hub } from '../../hub/context.ts';
import { fileOfAddress, type UploadedFile } from '../../hub/files.ts';

export const DOWNLOADS = '/download/download/';

const ADDRESS = /\/files\/(\d+)\/(\d+\.[\w-]{22})\/(\d+\.[\w-]{32})\//;
const ID = /^(\d{1,16})\.(\d{1,16}\.[\w-]{22})\.(\d{1,12}\.[\w-]{32})$/;

/** Null: the file is not the hub's, and has an address of its own. */
export function fileId(here: Pick<Hub, 'addressOf'>, attachment: Attachment): string | null {
  const parts = attachment.file === null ? null : ADDRESS.exec(here.addressOf(attachment));
  return parts ? parts.slice(1).join('.') : null;
}

/** The path of the file of this id; null: it is none. */
export function pathOfFile(id: string): string | null {
  const parts = ID.exec(id);
  return parts ? `/files/${parts.slice(1).join('/')}/file` : null;
}

/** The uploaded file of this id, whoever uploaded it. Null: it is no file of this app. Not found: it is gone. */
export async function fileOfId(hub: Hub, app: App, id: string): Promise<UploadedFile | null> {
  const path = pathOfFile(id);
  return path === null ? null : fileOfAddress(hub, app, hub.origin + path);
}

/** Characters of a text that is its own id, about. */
const TEXT_BYTES = 64 * 1024;
const TEXT = /^txt\.([\w-]+)$/;

/** The id of a text whose sender is not known when it is sent: the text itself, so that nothing need be kept. */
export const idOfText = (text: string): string => `txt.${deflateRawSync(text).toString('base64url')}`;

/** Null: the id of a file, or none. */
export function textOfId(id: string): string | null {
  const [, packed] = TEXT.exec(id) ?? [];
  if (packed === undefined) return null;
  try {
    const bytes = inflateRawSync(Buffer.from(packed, 'base64url'), { maxOutputLength: TEXT_BYTES });
    return bytes.toString('utf8');
  } catch {
    return null;
  }
}

/** The path under /files of what a client downloads; null: there is no such id. */
export function pathOfDownload(path: string): string | null {
  const [, id] = /^\/+download\/+download\/+([^/]+)\/?$/.exec(path) ?? [];
  return id === undefined ? null : pathOfFile(id);
}
