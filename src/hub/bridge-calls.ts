// Calls to the Endpoint objects of bridges: whether what arrives may come in, what was kept out, what they have done.
import type { Arriving, Screened } from '../domain/bridges.ts';
import { readMarker } from '../domain/bridges.ts';
import type { ConversationNumber, EndpointNumber, MessageNumber, Seq } from '../domain/ids.ts';
import type { RemoteDeletion, RemoteSaid } from '../domain/remote.ts';
import type { BridgeApi, Copy, Counts } from '../endpoint/bridge-api.ts';
import { convert, read } from '../text/convert.ts';
import { textOf } from '../text/tree.ts';
import { derivedKey, type Hub } from './context.ts';
import { callEndpoint } from './endpoint-calls.ts';
import type { Source } from './sources.ts';

export type { Copy, Counts } from '../endpoint/bridge-api.ts';

/** What was kept out, with what has to be known of its source when that is gone. */
export type Kept = RemoteSaid & { via?: Pick<Source, 'network' | 'label'> };

/** This hub's name in what its calls carry: tells nobody anything. */
export const bridgeTag = (hub: Hub): string =>
  Buffer.from(derivedKey(hub.settings.hubSecret, 'bridges').slice(0, 6)).toString('hex');

const call = <T>(
  hub: Hub,
  number: EndpointNumber,
  work: Parameters<typeof callEndpoint<T, BridgeApi>>[2],
): Promise<T> => callEndpoint<T, BridgeApi>(hub, number, work);

/** `target`, `parent`: messages of this conversation that were sent there. `said`: see {@link Screened}. */
export type Admitted =
  | { pass: true; target: Seq | null; said?: string; parent: Seq | null; hops: number }
  | { pass: false; reason: 'ours' | 'copy' | 'paused' };

/**
 * Asks the bridges of a conversation whether what arrives may come in (contracts/webhooks-bridges-widget.md 2.3). A conversation
 * without bridges asks nobody. `released`: it does, and they know of it. Unavailable: one of them does not answer.
 */
export async function admit(
  hub: Hub,
  source: Source,
  c: ConversationNumber,
  event: RemoteSaid | RemoteDeletion,
  { released = false }: { released?: boolean } = {},
): Promise<Admitted> {
  const { version, endpoints } = source.app.hooks;
  const bridges = endpoints.filter(({ only }) => only === c);
  const hops = hopsOf(hub, event);
  if (bridges.length === 0) return { pass: true, target: null, parent: null, hops };
  const arriving = { ...arrivingOf(source, event), ...(released && { released }) };
  const verdicts = await Promise.all(
    bridges.map(({ number }) => call<Screened>(hub, number, (stub) => stub.screen(arriving, version))),
  );
  const reasons = verdicts.map((verdict) => (verdict.pass ? null : verdict.reason));
  const reason = reasons.find((one) => one === 'ours' || one === 'paused');
  if (reason) return { pass: false, reason };
  const keeper = bridges[reasons.indexOf('copy')];
  if (keeper) {
    const { network, label } = source;
    const kept = JSON.stringify({ ...event, via: { network, label } });
    await call(hub, keeper.number, (stub) => stub.keepCopy(source.key, kept));
    return { pass: false, reason: 'copy' };
  }
  const known = verdicts.flatMap((one) => (one.pass ? [one] : []));
  const about = known.find((one) => one.target !== null);
  const parent = known.find((one) => one.parent !== null)?.parent ?? null;
  return { pass: true, target: about?.target ?? null, said: about?.said, parent, hops };
}

function arrivingOf({ key }: Source, event: RemoteSaid | RemoteDeletion): Arriving {
  if (event.kind === 'delete')
    return {
      ...{ kind: 'delete', source: key, remote: event.id, parent: null },
      ...{ author: { id: '', name: '', bot: false }, words: '', marker: null },
    };
  const { author, words, again, version } = event;
  const changes = event.kind === 'edit' || again === true;
  return {
    ...(changes && words.markup !== 'html' && { text: convert(words.text, words.markup, 'markdown') }),
    ...(version !== undefined && { version }),
    ...(again && { again }),
    kind: event.kind === 'edit' ? 'edit' : 'message',
    source: key,
    remote: event.id,
    parent: event.parent ?? null,
    author: {
      id: author.id,
      name: author.name,
      bot: author.bot,
      ...(author.handle !== undefined && { handle: author.handle }),
    },
    words: textOf(read(words.text, words.markup)),
    marker: event.marker ?? null,
  };
}

/** Bridges that it has crossed before: what this hub sent from another conversation of its own has crossed one more. */
function hopsOf(hub: Hub, event: RemoteSaid | RemoteDeletion): number {
  const told = event.hops ?? 0;
  const marker = event.kind === 'delete' ? null : event.marker;
  const own = marker ? readMarker(bridgeTag(hub), marker) : null;
  return Math.max(told, own ? own.hops + 1 : 0);
}

export const bridgeStatus = (hub: Hub, number: EndpointNumber): Promise<{ counts: Counts; copies: Copy[] }> =>
  call(hub, number, (stub) => stub.bridgeStatus());

export const dropCopiesOf = (hub: Hub, number: EndpointNumber): Promise<null> =>
  call(hub, number, (stub) => stub.dropCopies());

/** `message`: it is this one now, unless it was let in before. Not found: it was dropped, or never kept. */
export const copyOf = (
  hub: Hub,
  number: EndpointNumber,
  id: number,
  message: MessageNumber | null = null,
): Promise<Copy> => call(hub, number, (stub) => stub.copy(id, message));
