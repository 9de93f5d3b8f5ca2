// Files of a message from another network. Those that came with it are uploads like any other; the address of one that is
// elsewhere is shown below the words.
import type { Markup } from '../domain/model.ts';
import type { RemoteFile, RemoteSaid } from '../domain/remote.ts';
import { write } from '../text/convert.ts';
import { link, text } from '../text/tree.ts';
import type { Attaching } from './attaching.ts';
import type { Hub } from './context.ts';
import type { Source } from './sources.ts';

type Words = RemoteSaid['words'];

export interface Brought {
  words: Words;
  attaching?: Attaching;
}

/** The words and files that the message is posted with. */
export async function bringFiles(_hub: Hub, source: Source, event: RemoteSaid): Promise<Brought> {
  const most = source.app.settings.filesPerMessage;
  const uploaded = event.files.flatMap((file) => ('uploaded' in file ? file.uploaded : [])).slice(0, most);
  return {
    words: withLinks(event.words, event.files),
    ...(uploaded.length > 0 && { attaching: { files: uploaded } }),
  };
}

/** Addresses of files, a line each below the words. */
export function withLinks({ text: said, markup }: Words, files: readonly RemoteFile[]): Words {
  const lines = files.flatMap((file) =>
    'url' in file ? write(link(file.url, [text(file.name || file.url)]), markup) : [],
  );
  return { text: [said, ...lines].filter((part) => part !== '').join(GAPS[markup]), markup };
}

const GAPS: Record<Markup, string> = { plain: '\n', bbcode: '\n', markdown: '\n\n', html: '<br>' };
