// /docs: the documents of this hub, for people. What they hold is made beforehand (build.ts) from docs/ and the README;
// /docs/api is reference/.

import { json } from '../http/respond.ts';
import { conditional, onlyRead, PAGE_HEADERS } from '../http/texts.ts';
import type { Hub } from '../hub/context.ts';
import frame from './built/document.html';
import policy from './built/document-policy.txt';
import documentsText from './built/documents.txt';

/** By their names below /docs/; '' is the index. */
export interface Documents {
  pages: Record<string, { title: string; text: string }>;
  files: Record<string, { type: string; policy: string; text: string }>;
}

/** Where documents say that a hub is; who reads them here is told where this one is. */
const WRITTEN_ORIGIN = 'http://127.0.0.1:8787';

let documents: Documents | undefined;

/** GET and HEAD of them, with conditions. */
export function handleDocs(request: Request, hub: Hub): Response | Promise<Response> {
  const refused = onlyRead(request);
  if (refused) return refused;
  const name = new URL(request.url).pathname.slice('/docs/'.length).replace(/\/$/, '');
  documents ??= JSON.parse(documentsText) as Documents;
  const file = own(documents.files, name);
  if (file) {
    const headers = { ...PAGE_HEADERS, 'content-type': file.type, 'content-security-policy': file.policy };
    return conditional(request, file.text, headers);
  }
  const page = own(documents.pages, name);
  if (!page) return json({ error: { code: 'not_found', message: 'Not found' } }, 404);
  const here = `<a href="/docs/${name}"`;
  const text = frame
    .replace('<!-- title -->', () => page.title)
    .replace(here, () => `${here} aria-current="page"`)
    .replace('<!-- text -->', () => page.text.replaceAll(WRITTEN_ORIGIN, () => escaped(hub.origin)));
  return conditional(request, text, { ...PAGE_HEADERS, 'content-security-policy': policy });
}

const own = <Value>(record: Record<string, Value>, name: string): Value | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined;

/** A host name is what a client says that it is. */
const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
