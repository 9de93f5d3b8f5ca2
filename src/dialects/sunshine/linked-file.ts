// A file elsewhere that a content names by its address: what is known of it without fetching it.
import type { Attachment } from '../../domain/model.ts';
import type { MediaBody } from './content-body.ts';

/** Types of files that messages carry most. A name says no more than what its sender calls the file. */
const MIME_TYPES: Record<string, string> = {
  gif: 'image/gif',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  mp3: 'audio/mpeg',
  mp4: 'video/mp4',
  pdf: 'application/pdf',
  png: 'image/png',
  svg: 'image/svg+xml',
  txt: 'text/plain',
  webp: 'image/webp',
  zip: 'application/zip',
};

/** The address is not fetched: size and type are what its sender or its name says, else 0 and empty. */
export function attachmentOf(content: MediaBody): Attachment {
  const file = fileName(content.mediaUrl);
  const ending = /\.([a-z0-9]{1,5})$/i.exec(file)?.[1]?.toLowerCase() ?? '';
  return {
    file: null,
    url: content.mediaUrl,
    name: content.altText || file,
    mime: content.mediaType || MIME_TYPES[ending] || '',
    bytes: content.mediaSize ?? 0,
  };
}

/** The last step of the address's path, which the vendor takes for a missing altText; at most its 128 characters. */
function fileName(address: string): string {
  const url = new URL(address);
  const last = url.pathname.split('/').filter(Boolean).at(-1) ?? url.hostname;
  let name = last;
  try {
    name = decodeURIComponent(last);
  } catch {
    // A stray percent sign: the name as it is written.
  }
  return [...name].slice(0, 128).join('');
}
