// Letting in what a bridge kept out as a copy, because its operator says that it is none (docs/bridges.md). What is kept out is
// endpoint/guard.ts; how anything arrives is arrivals.ts.
import type { BridgeCard } from '../directory/bridges.ts';
import { Refused } from '../domain/errors.ts';
import { type Arrived, arriveReleased } from './arrivals.ts';
import { type Copy, copyOf, type Kept } from './bridge-calls.ts';
import type { App, Hub } from './context.ts';
import type { Source } from './sources.ts';

const REASONS: Partial<Record<string, string>> = {
  deleted: 'It was deleted where it was said.',
  empty: 'Nothing of it is left: files that come with a message are kept for a day.',
  hops: 'It has crossed too many bridges.',
};

/**
 * Posts it at the end of its conversation, once however often this is asked: what was said since stands before it, and nobody's
 * place in the log moves. Not found: it was dropped. Conflict: it cannot be said any more. Locked, unavailable as for any post.
 */
export async function releaseCopy(hub: Hub, app: App, bridge: BridgeCard, id: number): Promise<Copy> {
  const copy = await copyOf(hub, bridge.number, id);
  if (copy.message !== null) return copy;
  const { via, ...event } = JSON.parse(copy.event) as Kept;
  const { network, label } = via ?? { network: bridge.network, label: '' };
  const target = { conversation: bridge.conversation };
  const source: Source = { app, key: copy.source, network, label, target };
  const name = `copy ${bridge.number} ${copy.at} ${id}`;
  const arrived = await arriveReleased(hub, source, event, name).catch((error) => {
    if (!isGone(error)) throw error;
    const files = event.files.filter((file) => 'url' in file);
    return arriveReleased(hub, source, { ...event, files }, name);
  });
  return copyOf(hub, bridge.number, id, messageIn(arrived));
}

/** A file that came with it is not there any more. */
const isGone = (error: unknown): boolean =>
  error instanceof Refused && error.refusal.code === 'not_found' && error.refusal.subject === 'file';

function messageIn(arrived: Arrived) {
  if ('id' in arrived) return arrived.id;
  const why = arrived.result === 'dropped' ? REASONS[arrived.reason] : undefined;
  throw new Refused({ code: 'conflict', subject: 'message', message: why ?? 'It cannot be let in.' });
}
