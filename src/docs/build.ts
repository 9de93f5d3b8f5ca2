// Makes what /docs serves of docs/*.md and of the README, as texts under built/ that the worker imports: the frame of every
// page, its policy, and what stands in each. How Markdown becomes a page is markdown.ts. What is made is not committed.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundled, inOnePiece, policyFor, writeText } from '../pages/build.ts';
import { groupsIn, pageOf, sectionsOf } from './markdown.ts';
import type { Documents } from './routes.ts';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = join(import.meta.dirname, 'page');
const BUILT = join(import.meta.dirname, 'built');

/** Sections of the README that a running hub shows, as one document. */
const FIRST = ['The first conversation', 'An app of your own'];

/** What documents refer to besides each other. */
const KINDS: Record<string, string> = {
  svg: 'image/svg+xml',
  js: 'text/javascript; charset=utf-8',
  ts: 'text/plain; charset=utf-8',
};

let done: Promise<void> | undefined;

/** Makes them, once in a process. */
export function buildDocs(): Promise<void> {
  done ??= make();
  return done;
}

async function make(): Promise<void> {
  const { 'page.css': style = '' } = await bundled({ page: join(PAGE, 'page.css') });
  const { documents, nav } = documented();
  const frame = inOnePiece(join(PAGE, 'page.html'), style, '').replace('<!-- documents -->', () => nav);
  writeText(BUILT, 'document.html', frame);
  writeText(
    BUILT,
    'document-policy.txt',
    policyFor(null, style, ["img-src 'self' data:", "frame-ancestors 'none'"]),
  );
  writeText(BUILT, 'documents.txt', JSON.stringify(documents));
}

/** Every page and file by its name below /docs/, the index under '', and the list of documents that stands beside each. */
export function documented(): { documents: Documents; nav: string } {
  const names = readdirSync(join(ROOT, 'docs'));
  const read = (name: string) => readFileSync(join(ROOT, 'docs', name), 'utf8');
  const index = read('README.md');
  const first = sectionsOf(readFileSync(join(ROOT, 'README.md'), 'utf8'), FIRST);
  const sources = new Map([
    ['', index],
    ['first-conversation', first],
    ...names
      .filter((name) => name.endsWith('.md') && name !== 'README.md')
      .map((name) => [name.slice(0, -'.md'.length), read(name)] as const),
  ]);
  const files = names.filter((name) => /\.(svg|js|ts)$/.test(name));
  const known = new Set([...sources.keys(), ...files]);
  const pages = Array.from(sources, ([name, source]) => [name, pageOf(source, { name, known })] as const);
  return {
    documents: {
      pages: Object.fromEntries(pages),
      files: Object.fromEntries(files.map((name) => [name, fileOf(name, read(name))])),
    },
    nav: groupsIn(index, known),
  };
}

/** With a policy of its own: opened by itself, a picture may have its own style and nothing else. */
function fileOf(name: string, text: string) {
  const [, style = ''] = /<style>([\s\S]*?)<\/style>/.exec(text) ?? [];
  return {
    type: KINDS[name.slice(name.lastIndexOf('.') + 1)] ?? '',
    policy: policyFor(null, style, []),
    text,
  };
}

if (import.meta.main) await buildDocs();
