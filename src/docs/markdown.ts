// Markdown as GitHub reads it, made into what stands in a page: headings that links lead to, links between documents, tables
// and code that scroll by themselves. At build time only; the documents are this repository's own.
import GithubSlugger from 'github-slugger';
import { Marked, type Token, type Tokens } from 'marked';

/** Where a document is: its name below /docs/ ('' is the index), and all that is served there. */
export interface Place {
  readonly name: string;
  readonly known: ReadonlySet<string>;
}

/** A document of fewer chapters is seen at a glance. */
const CHAPTERS_FOR_CONTENTS = 4;
/** Longer lines of code do not fit a telephone, so who has no pointer must be able to scroll them. */
const COLUMNS_OF_A_TELEPHONE = 38;

/** Addresses that documents name and no file has: who reads them at a hub can follow them. */
const PAGES_OF_A_HUB = new Set(['/docs/api', '/openapi.json']);

/** The chapters of the README that are served as one document, and as which one. */
const FIRST = 'first-conversation';

interface Heading {
  readonly depth: number;
  readonly id: string;
  /** HTML. */
  readonly words: string;
}

/** The page of a document: its title, and HTML: its head, contents where it is long, and its body. */
export function pageOf(markdown: string, place: Place): { title: string; text: string } {
  const headings: Heading[] = [];
  const marked = reader(place, headings);
  const tokens = marked.lexer(markdown);
  const body = tokens.findIndex((token) => token.type === 'heading' && token.depth === 2);
  const render = (part: Token[]) => marked.parser(part);
  const head = render(body < 0 ? tokens : tokens.slice(0, body));
  const rest = body < 0 ? '' : render(tokens.slice(body));
  const title = plain(headings[0]?.words ?? '');
  const chapters = headings.filter(({ depth }) => depth === 2);
  const contents =
    place.name !== '' && chapters.length >= CHAPTERS_FOR_CONTENTS
      ? `<nav class="contents" aria-label="On this page"><p>On this page</p><ul>${chapters
          .map(({ id, words }) => `<li><a href="#${id}">${plain(words)}</a></li>`)
          .join('')}</ul></nav>`
      : '';
  const groups = place.name === '' ? rest.replace(/<h2[\s\S]*?(?=<h2|$)/g, '<section>$&</section>') : rest;
  return {
    title,
    text: `<div class="head">${head}</div>${contents}<div class="${place.name === '' ? 'groups' : 'body'}">${groups}</div>`,
  };
}

/** The list of documents that stands beside each: the groups of the index, each with what its lines begin with. */
export function groupsIn(index: string, known: ReadonlySet<string>): string {
  const place = { name: '', known };
  const parts: string[] = [];
  for (const token of reader(place, []).lexer(index)) {
    if (token.type === 'heading' && token.depth === 2) parts.push(`<h2>${escaped(token.text)}</h2>`);
    if (token.type !== 'list') continue;
    const links = (token as Tokens.List).items.flatMap(({ tokens }) => firstLink(tokens) ?? []);
    const lines = links.map(
      ({ href, text }) => `<li><a href="${hrefIn(place, href)}">${escaped(text)}</a></li>`,
    );
    parts.push(`<ul>${lines.join('')}</ul>`);
  }
  return parts.join('');
}

function firstLink(tokens: readonly Token[]): Tokens.Link | null {
  for (const token of tokens) {
    if (token.type === 'link') return token as Tokens.Link;
    const found = 'tokens' in token && token.tokens ? firstLink(token.tokens) : null;
    if (found) return found;
  }
  return null;
}

/** Chapters of a document as one: the first names it. Throws an Error where one is not there. */
export function sectionsOf(markdown: string, titles: readonly string[]): string {
  const chapters = markdown.split(/^(?=## )/m);
  const parts = titles.map((title) => {
    const part = chapters.find((chapter) => chapter.startsWith(`## ${title}\n`));
    if (!part) throw new Error(`the README has no chapter "${title}"`);
    return part.trim();
  });
  return parts.join('\n\n').replace(/^#/, '');
}

/**
 * Where a link leads on a hub: null where no page has it (a file of the source), which is shown without one. Documents link
 * as GitHub reads them: from docs/, and the README from the root.
 */
export function hrefIn({ name, known }: Place, href: string): string | null {
  if (/^(https?:|mailto:|#)/.test(href)) return href;
  const base = name === FIRST ? 'http://x/' : 'http://x/docs/';
  const { pathname, hash } = new URL(href, base);
  if (pathname === '/README.md') {
    if (hash === '#the-first-conversation') return `/docs/${FIRST}`;
    return hash === '#an-app-of-your-own' ? `/docs/${FIRST}${hash}` : null;
  }
  if (!pathname.startsWith('/docs/')) return null;
  const wanted = pathname.slice('/docs/'.length).replace(/(^README)?\.md$/, '');
  if (wanted === '') return `/docs${hash}`;
  return known.has(wanted) ? `/docs/${wanted}${hash}` : null;
}

function reader(place: Place, headings: Heading[]): Marked {
  const slugs = new GithubSlugger();
  return new Marked({
    renderer: {
      heading({ tokens, depth }) {
        const words = this.parser.parseInline(tokens);
        const id = slugs.slug(plain(unescaped(words)));
        headings.push({ depth, id, words });
        if (depth === 1) return `<h1 id="${id}">${words}</h1>`;
        return `<h${depth} id="${id}"><a href="#${id}">${words}</a></h${depth}>`;
      },
      link({ href, tokens }) {
        const words = this.parser.parseInline(tokens);
        const there = hrefIn(place, href);
        return there === null ? words : `<a href="${inQuotes(there)}">${words}</a>`;
      },
      codespan({ text }) {
        const words = `<code>${escaped(text)}</code>`;
        return PAGES_OF_A_HUB.has(text) ? `<a href="${text}">${words}</a>` : words;
      },
      // A picture that the hub does not have is left out; one that it has is opened by itself to be seen large.
      image({ href, text }) {
        const there = hrefIn(place, href);
        if (!there?.startsWith('/docs/')) return '';
        return `<a class="picture" href="${there}"><img src="${there}" alt="${inQuotes(text)}"></a>`;
      },
      paragraph({ tokens }) {
        const words = this.parser.parseInline(tokens);
        return words.trim() === '' ? '' : `<p>${words}</p>`;
      },
      code({ text }) {
        const isLong = text.split('\n').some((line) => line.length > COLUMNS_OF_A_TELEPHONE);
        return `<pre${isLong ? ' tabindex="0"' : ''}><code>${escaped(text)}</code></pre>`;
      },
      table({ header, rows }) {
        const shown = header.map(({ tokens }) => this.parser.parseInline(tokens));
        // A heading that says nothing is none.
        const names = shown.map((words) => (words === '' ? '<td></td>' : `<th>${words}</th>`)).join('');
        const head = shown.join('') === '' ? '' : `<thead><tr>${names}</tr></thead>`;
        const lines = rows.map((row) => {
          const cells = row.map(({ tokens }) => `<td>${this.parser.parseInline(tokens)}</td>`);
          return `<tr>${cells.join('')}</tr>`;
        });
        return `<div class="table" tabindex="0"><table>${head}<tbody>${lines.join('')}</tbody></table></div>`;
      },
      text(token) {
        if (token.type === 'text' && token.tokens) return this.parser.parseInline(token.tokens);
        // A sign may be written by its name.
        return escaped(token.text).replace(/&amp;(#?\w{1,8};)/g, '&$1');
      },
      html({ text }) {
        return escaped(text);
      },
    },
  });
}

const plain = (html: string): string => html.replace(/<[^>]*>/g, '');

const SIGNS: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Quotation marks stay as they are in words: pages are full of them. */
const escaped = (text: string): string => text.replace(/[&<>]/g, (sign) => SIGNS[sign] as string);
const inQuotes = (text: string): string => escaped(text).replaceAll('"', '&quot;');

const unescaped = (html: string): string =>
  Object.entries(SIGNS).reduceRight((text, [sign, name]) => text.replaceAll(name, sign), html);
