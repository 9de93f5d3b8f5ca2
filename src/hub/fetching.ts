// Copies of files that are elsewhere: fetched from where the hub may call (http/outgoing.ts), never along a redirect, and
// taken as uploads are, whatever their sender says that they are.
import { Refused } from '../domain/errors.ts';
import type { FileNumber } from '../domain/ids.ts';
import { resolvesOutside } from '../http/outgoing.ts';
import { resolverOf } from '../http/resolve.ts';
import { appCaller } from './apps.ts';
import type { App, Hub } from './context.ts';
import { refuseTarget } from './endpoints.ts';
import { takesFiles, uploadFile } from './files.ts';

const MOST_BYTES = 25 * 1024 * 1024;
const TIMEOUT_MS = 20_000;

export interface FileElsewhere {
  url: string;
  name: string;
  headers?: Record<string, string>;
}

/** The upload that it became; null: it cannot be had (where it is, how large, of what kind). Never throws. */
export async function fetchFile(
  hub: Hub,
  app: App,
  { url, name, headers }: FileElsewhere,
): Promise<FileNumber | null> {
  try {
    if (!takesFiles(app) || refuseTarget(hub, app, url) !== null) return null;
    const { webhookAllowHosts: allowed } = hub.settings;
    const resolved = await resolvesOutside(new URL(url), allowed, resolverOf(hub.env));
    if (!resolved.ok) return null;
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(url, { headers, redirect: 'manual', signal });
    const expected = Number(response.headers.get('content-length') ?? 0) || null;
    const most = Math.min(MOST_BYTES, app.settings.fileBytes);
    if (response.status !== 200 || !response.body || (expected ?? 0) > most) {
      await response.body?.cancel();
      return null;
    }
    const upload = { name: name || nameIn(url), expected };
    const made = await uploadFile(hub, appCaller(app, 'bridge'), upTo(most, response.body), upload);
    return made.number;
  } catch (error) {
    if (!(error instanceof Refused))
      console.error(JSON.stringify({ at: 'fetching', request: hub.requestId, error: (error as Error).name }));
    return null;
  }
}

const nameIn = (url: string): string => {
  const last = new URL(url).pathname.split('/').at(-1) ?? '';
  try {
    return decodeURIComponent(last) || 'file';
  } catch {
    return last;
  }
};

async function* upTo(most: number, stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.byteLength;
    if (size > most) throw new Refused({ code: 'too_large', message: 'The file is too large.' });
    yield chunk;
  }
}
