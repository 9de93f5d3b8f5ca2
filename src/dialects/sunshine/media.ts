// Addresses of uploaded files in contents: found in what is posted, kept as paths that do not expire, and shown with a
// fresh signature. How a message gets its files is the hub's; contents as such are content.ts.
import { Refused } from '../../domain/errors.ts';
import type { Attachment, Json, JsonObject } from '../../domain/model.ts';
import { fileOfAddress, type UploadedFile } from '../../hub/files.ts';
import type { Call } from './call.ts';
import type { ContentBody } from './content-body.ts';
import { refuse } from './errors.ts';

/** Uploads that a content shows, by the address that it names them with. */
export type OwnMedia = ReadonlyMap<string, UploadedFile>;

/** Addresses that the fields `mediaUrl` of a content hold. */
function mediaOf(content: ContentBody): string[] {
  switch (content.type) {
    case 'image':
    case 'file':
      return [content.mediaUrl];
    case 'carousel':
    case 'list':
      return content.items.flatMap(({ mediaUrl }) => mediaUrl ?? []);
    default:
      return [];
  }
}

/** The uploads of this app among a content's addresses; every other address is somebody else's. Not found: see the hub. */
export async function ownMedia({ hub, app }: Call, content: ContentBody): Promise<OwnMedia> {
  const own = new Map<string, UploadedFile>();
  for (const address of new Set(mediaOf(content))) {
    const file = await fileOfAddress(hub, app, address);
    if (file) own.set(address, file);
  }
  return own;
}

/** The content with its uploads named by path, and described as what they are. */
export function withOwnMedia(content: ContentBody, own: OwnMedia): ContentBody {
  if (own.size === 0) return content;
  const kept = <Media extends { mediaUrl?: string | null; mediaType?: string | null }>(
    media: Media,
  ): Media => {
    const file = own.get(media.mediaUrl ?? '');
    return file ? { ...media, mediaUrl: file.attachment.url, mediaType: file.mime } : media;
  };
  switch (content.type) {
    case 'image':
    case 'file': {
      const file = own.get(content.mediaUrl);
      const altText = content.altText || [...(file?.name ?? '')].slice(0, 128).join('');
      return file ? { ...kept(content), altText, mediaSize: file.bytes } : content;
    }
    case 'carousel':
    case 'list':
      return { ...content, items: content.items.map(kept) };
    default:
      return content;
  }
}

/** Whether an address is the path of an upload; posted addresses are whole ones. */
export const isOwnPath = (address: string): boolean => address.startsWith('/');

/** A payload with the paths of its message's files as addresses that can be read. */
export function shownMedia(
  payload: JsonObject,
  attachments: readonly Attachment[],
  addressOf: (attachment: Attachment) => string,
): JsonObject {
  const addresses = new Map(
    attachments.filter(({ file }) => file !== null).map((each) => [each.url, addressOf(each)]),
  );
  const shown = (fields: JsonObject): JsonObject => {
    const address = typeof fields.mediaUrl === 'string' ? addresses.get(fields.mediaUrl) : undefined;
    return address === undefined ? fields : { ...fields, mediaUrl: address };
  };
  const { items } = payload;
  if (addresses.size === 0) return payload;
  const isObject = (item: Json): item is JsonObject =>
    typeof item === 'object' && item !== null && !Array.isArray(item);
  return {
    ...shown(payload),
    ...(Array.isArray(items) && { items: items.map((item) => (isObject(item) ? shown(item) : item)) }),
  };
}

/** Says why an upload cannot be in a message: a file is in one at most, and only its uploader gives it away. */
export async function refusingTaken<Result>(own: OwnMedia, post: () => Promise<Result>): Promise<Result> {
  try {
    return await post();
  } catch (error) {
    const taken = error instanceof Refused && error.refusal.code === 'not_found';
    if (own.size > 0 && taken && error.refusal.subject === 'file')
      throw refuse(
        'The attachment of content.mediaUrl is in another message, or was uploaded by somebody else: upload it again',
      );
    throw error;
  }
}
