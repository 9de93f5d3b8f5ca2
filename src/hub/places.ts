// Which conversation a remote place is: the one that its source is bound to, or one of its own, opened when something is
// first said there. D1's unique index decides which of two calls opens it.
import { Refused } from '../domain/errors.ts';
import type { ConversationNumber } from '../domain/ids.ts';
import type { RemoteTopic } from '../domain/remote.ts';
import { appCaller } from './apps.ts';
import type { Hub } from './context.ts';
import { openConversation, updateConversation, viewConversation } from './conversations.ts';
import { conversationByUniqueId } from './named.ts';
import { usersByNumbers } from './people.ts';
import { markOf, type Source } from './sources.ts';

const TITLE_CHARS = 200;

const uniqueIdOf = (hub: Hub, source: Source, place: string): string =>
  `${source.key}:${markOf(hub, source, 'place', place)}`;

/** The conversation of a place, opened where there is none. */
export async function openPlace(
  hub: Hub,
  source: Source,
  place: string,
  title: string | null | undefined,
): Promise<ConversationNumber> {
  const { target, app } = source;
  if ('conversation' in target) return target.conversation;
  const known = await placeKnown(hub, source, place);
  if (known !== null) return known;
  const { title: template, members, public: isPublic, metadata } = target.open;
  // Who was erased since is missed by nobody.
  const living = members.length > 0 ? [...(await usersByNumbers(hub, app, members)).keys()] : [];
  const { view } = await openConversation(hub, appCaller(app, 'bridge'), {
    kind: 'group',
    title: titled(template, title || place) || source.label || source.network,
    members: living,
    uniqueId: uniqueIdOf(hub, source, place),
    public: isPublic,
    metadata,
  });
  return view.facts.number;
}

/** The conversation of a place; null: nothing was said there yet. */
export async function placeKnown(
  hub: Hub,
  { target, ...source }: Source,
  place: string,
): Promise<ConversationNumber | null> {
  if ('conversation' in target) return target.conversation;
  try {
    return await conversationByUniqueId(hub, source.app, uniqueIdOf(hub, { target, ...source }, place));
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'not_found') return null;
    throw error;
  }
}

/** Whether this conversation is one that the source opened, or is bound to. */
export async function isPlaceOf(hub: Hub, source: Source, c: ConversationNumber): Promise<boolean> {
  const { target, app, key } = source;
  if ('conversation' in target) return target.conversation === c;
  try {
    const { facts } = await viewConversation(hub, appCaller(app, 'bridge'), c);
    return facts.door === 'bridge' && facts.uniqueId?.startsWith(`${key}:`) === true;
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'not_found') return false;
    throw error;
  }
}

/**
 * The place is called otherwise now, or nothing can be said in it any more. Only where it has a conversation of its own:
 * one that was there before is its owner's to name. Null: there is none.
 */
export async function changePlace(
  hub: Hub,
  source: Source,
  { place, title, locked }: RemoteTopic,
): Promise<ConversationNumber | null> {
  const { target, app } = source;
  if ('conversation' in target) return null;
  const c = await placeKnown(hub, source, place);
  if (c === null) return title === undefined || locked ? null : openPlace(hub, source, place, title);
  const changes = {
    ...(title !== undefined && { title: titled(target.open.title, title) }),
    ...(locked !== undefined && { locked }),
  };
  await updateConversation(hub, appCaller(app, 'bridge'), c, changes);
  return c;
}

const titled = (template: string, title: string): string =>
  template
    .replaceAll('{title}', () => title)
    .trim()
    .slice(0, TITLE_CHARS)
    .replace(/[\ud800-\udbff]$/, '');
