// What an edit's content makes of a message that is there. The type stays, and so do its uploads: a message never comes to
// hold another file of the hub.
import type { Message, Rewording } from '../../domain/model.ts';
import type { Call } from './call.ts';
import { draftOf, renderContent, tamed } from './content.ts';
import type { ContentBody } from './content-body.ts';
import { refuse } from './errors.ts';
import { type OwnMedia, ownMedia, withOwnMedia } from './media.ts';

type Words = NonNullable<Rewording['words']>;

/** Fields of a payload that only repeat what text and file say themselves. */
const PLAIN_FIELDS: ReadonlySet<string> = new Set([
  'text',
  'mediaUrl',
  'mediaType',
  'mediaSize',
  'altText',
  'attachmentId',
]);

/** The new words of a message. Refused: another type, another upload, or buttons for what another door posted. */
export async function wordsOf(call: Call, message: Message, content: ContentBody): Promise<Words> {
  const shown = renderContent(message, call.hub.addressOf);
  if (content.type !== shown.type) throw refuse('content.type should be the type of the message');
  const own = await ownMedia(call, content);
  checkUploads(message, content, own);
  const draft = draftOf(withOwnMedia(call.caller.user ? tamed(content) : content, own));
  if (!draft)
    throw refuse('content.markdownText should NOT be longer than 4096 characters when converted to HTML');
  const { text, markup, payload = null, attachments } = draft;
  if (message.door === 'sunshine') return { text, markup, payload, ...(attachments && { attachments }) };
  const [first] = message.attachments ?? [];
  const isOther = first?.file === null && attachments?.[0]?.url !== first.url;
  if (isOther || Object.keys(payload ?? {}).some((field) => !PLAIN_FIELDS.has(field)))
    throw refuse('Only the text of a message from another door can be changed');
  return { text, markup };
}

/** The uploads that the content names are the message's; a picture or file that was uploaded stays the one it is. */
function checkUploads(message: Message, content: ContentBody, own: OwnMedia): void {
  const held = new Set((message.attachments ?? []).flatMap(({ file }) => file ?? []));
  const isMedia = content.type === 'image' || content.type === 'file';
  const isKept = !isMedia || held.size === 0 || own.size > 0;
  if (isKept && [...own.values()].every(({ attachment }) => held.has(attachment.file ?? ''))) return;
  throw refuse('content.mediaUrl of an uploaded file cannot be changed');
}
