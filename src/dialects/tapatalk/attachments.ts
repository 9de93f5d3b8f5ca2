// What attachments look like in this dialect: the structs beside a message, and those that its text names. Pure: where
// a file can be read is told by whoever calls.
import { endingOf } from '../../domain/file-types.ts';
import type { Attachment, Message } from '../../domain/model.ts';
import type { AppSettings } from '../../hub/context.ts';
import { fileNumberOf } from '../../hub/files.ts';
import { base64, bool, int, type OutStruct, string, struct } from '../../xmlrpc/value.ts';

/** Where an attachment can be read. */
export type AddressOf = (attachment: Attachment) => string;

/** The largest number of XML-RPC. */
const MAX_INT = 2 ** 31 - 1;

const isPicture = ({ mime }: Attachment): boolean => mime.startsWith('image/');

/** "image", "pdf", or the ending of the name (contracts/tapatalk.md 2 row 10). */
function contentType(attachment: Attachment): string {
  if (isPicture(attachment)) return 'image';
  if (attachment.mime === 'application/pdf') return 'pdf';
  return endingOf(attachment.name) || 'file';
}

/** One item of a message's `attachments` (contracts/tapatalk.md 1.9). */
export function attachmentItem(attachment: Attachment, addressOf: AddressOf): OutStruct {
  const url = addressOf(attachment);
  const number = fileNumberOf(attachment);
  // There are no smaller copies: apps scale the picture.
  const thumbnail = isPicture(attachment) ? (attachment.file === null && attachment.thumbnailUrl) || url : '';
  return struct({
    attachment_id: string(number === null ? '' : String(number)),
    group_id: string(''),
    filename: base64(attachment.name),
    filesize: int(Math.min(attachment.bytes, MAX_INT)),
    content_type: string(contentType(attachment)),
    url: string(url),
    thumbnail_url: string(thumbnail),
    can_view_url: bool(true),
    can_view_thumbnail_url: bool(true),
  });
}

const TAG = /\[attach(?:=[^\]]{0,40})?\]\s*([1-9]\d{0,15})\s*\[\/attach\]/gi;

/** The text with its own attachments in the places that it names: pictures as pictures (contracts/tapatalk.md 4.4). */
export function withInlineFiles({ text, markup, attachments = [] }: Message, addressOf: AddressOf): string {
  if (markup !== 'bbcode' || attachments.length === 0) return text;
  const named = new Map(attachments.map((attachment) => [String(fileNumberOf(attachment)), attachment]));
  return text.replace(TAG, (tag, number: string) => {
    const attachment = named.get(number);
    if (!attachment) return tag;
    const url = addressOf(attachment);
    // A bracket in a name would end the tag.
    const name = attachment.name.replace(/[[\]]/g, '_');
    return isPicture(attachment) ? `[img]${url}[/img]` : `[url=${url}]${name}[/url]`;
  });
}

/** What login tells of uploads; get_config says the same in strings. */
export function uploadLimits({ fileBytes, filesPerMessage, fileTypes }: AppSettings) {
  const takes = filesPerMessage > 0;
  const bytesOf = (ending: string) => (takes && fileTypes.includes(ending) ? fileBytes : 0);
  return {
    max_attachment: filesPerMessage,
    max_attachment_size: takes ? fileBytes : 0,
    max_png_size: bytesOf('png'),
    max_jpg_size: bytesOf('jpg'),
    allowed_extensions: takes
      ? fileTypes.flatMap((one) => (one === 'jpg' ? ['jpg', 'jpeg'] : [one])).join(',')
      : '',
  };
}
