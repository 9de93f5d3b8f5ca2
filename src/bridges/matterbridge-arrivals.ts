// What came in from a matterbridge becomes part of the bridge's conversation: its files are uploaded, what it says is told to
// the hub. What a message says is matterbridge-wire.ts.
import type { Bridge } from '../domain/bridges.ts';
import { Refused } from '../domain/errors.ts';
import type { FileNumber } from '../domain/ids.ts';
import type { RemoteFile } from '../domain/remote.ts';
import { appCaller } from '../hub/apps.ts';
import { type Arrived, arrive, arrivedAs } from '../hub/arrivals.ts';
import type { App, Hub } from '../hub/context.ts';
import { removeFile, uploadFile } from '../hub/files.ts';
import type { Source } from '../hub/sources.ts';
import { type Enclosed, heardIn, isOf, type Read } from './matterbridge-wire.ts';

/** MediaDownloadSize of matterbridge is 1 MB where nobody chose more. */
const FILES = 10;

interface Opened {
  app: App;
  bridge: Bridge;
  active: boolean;
}

export const sourceOf = ({ app, bridge }: Pick<Opened, 'app' | 'bridge'>): Source => ({
  app,
  key: `bridge:${bridge.number}`,
  network: 'matterbridge',
  label: '',
  target: { conversation: bridge.conversation },
});

/** `done`: false where it has to be told again. `arrived` null: nothing that the hub keeps. */
export interface TakenIn {
  done: boolean;
  arrived: Arrived | null;
  refused: Refused | null;
}

/** Never throws for what the hub refuses: a message that it will never take is done with. */
export async function takeIn(hub: Hub, opened: Opened, message: Read): Promise<TakenIn> {
  const heard = isOf(opened.bridge.place.gateway, message.gateway) ? heardIn(message) : null;
  if (!heard || !opened.active) return { done: true, arrived: null, refused: null };
  const source = sourceOf(opened);
  const { event } = heard;
  let brought: { files: RemoteFile[]; uploads: FileNumber[] } = { files: [], uploads: [] };
  try {
    if (event.kind !== 'message')
      return { done: true, arrived: await arrive(hub, source, event), refused: null };
    // The same id again says that it reads otherwise now, also where it is that of what was said here.
    const before = event.id === null ? null : await arrivedAs(hub, source, event.place, event.id);
    if (!before) brought = await bring(hub, opened.app, heard.enclosed);
    const kind = before ? 'edit' : 'message';
    const arrived = await arrive(hub, source, { ...event, kind, files: brought.files, again: true });
    if (arrived.result !== 'posted') await giveUp(hub, opened.app, brought.uploads);
    return { done: true, arrived, refused: null };
  } catch (error) {
    await giveUp(hub, opened.app, brought.uploads);
    if (!(error instanceof Refused)) throw error;
    const later = error.refusal.code === 'unavailable' || error.refusal.code === 'rate_limited';
    return { done: !later, arrived: null, refused: error };
  }
}

async function bring(hub: Hub, app: App, enclosed: readonly Enclosed[]) {
  const files: RemoteFile[] = [];
  const uploads: FileNumber[] = [];
  for (const { name, url, data } of enclosed.slice(0, FILES)) {
    const uploaded = data && data.byteLength > 0 ? await upload(hub, app, name, data) : null;
    if (uploaded !== null) {
      uploads.push(uploaded);
      files.push({ uploaded });
    } else if (url !== null) files.push({ url, name });
  }
  return { files, uploads };
}

/** Null: the hub does not take it, and its address is shown instead. */
async function upload(
  hub: Hub,
  app: App,
  name: string,
  data: Uint8Array<ArrayBuffer>,
): Promise<FileNumber | null> {
  try {
    const { number } = await uploadFile(hub, appCaller(app, 'bridge'), new Blob([data]).stream(), { name });
    return number;
  } catch (error) {
    if (error instanceof Refused && error.refusal.code !== 'unavailable') return null;
    throw error;
  }
}

async function giveUp(hub: Hub, app: App, uploads: readonly FileNumber[]): Promise<void> {
  for (const number of uploads)
    await removeFile(hub, appCaller(app, 'bridge'), number).catch(() => undefined);
}
