// The documents, as GitHub reads their Markdown and as a hub serves them: nothing leads nowhere, each is listed once, and
// no page holds anything but words. What a browser makes of them is test/conformance/api-page.test.ts.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, normalize } from 'node:path';
import GithubSlugger from 'github-slugger';
import { marked, type Token } from 'marked';
import { describe, expect, test } from 'vitest';
import { documented } from '../../src/docs/build.ts';
import { hrefIn, pageOf, sectionsOf } from '../../src/docs/markdown.ts';

/** What is asked of a page here; jsdom comes without types. */
interface Node {
  readonly id: string;
  readonly tagName: string;
  readonly innerHTML: string;
  readonly textContent: string;
  getAttribute(name: string): string | null;
  querySelector(selector: string): Node | null;
  querySelectorAll(selector: string): Iterable<Node>;
  cloneNode(deep: true): Node;
  remove(): void;
}
const { JSDOM } = createRequire(import.meta.url)('jsdom') as {
  JSDOM: new (html: string) => { window: { document: { body: Node } } };
};

const ROOT = join(import.meta.dirname, '../..');
const SOURCES = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs')).flatMap((name) => (name.endsWith('.md') ? [`docs/${name}`] : [])),
];

const { documents, nav } = documented();
const parsed = new Map(
  Object.entries(documents.pages).map(([name, { title, text }]) => [
    name,
    { title, page: new JSDOM(text).window.document.body },
  ]),
);

/** Every token of a document, nested ones too. */
function tokensOf(file: string): Token[] {
  const all: Token[] = [];
  marked.walkTokens(marked.lexer(readFileSync(join(ROOT, file), 'utf8')), (token) => {
    all.push(token);
  });
  return all;
}

/** The anchors that GitHub gives the headings of a file. */
function anchorsOf(file: string): Set<string> {
  const slugs = new GithubSlugger();
  const headings = tokensOf(file).filter(({ type }) => type === 'heading');
  return new Set(headings.map((token) => slugs.slug('text' in token ? token.text.replaceAll('`', '') : '')));
}

describe('as Markdown', () => {
  test.each(SOURCES)('%s leads nowhere that is not there', (file) => {
    const dead = tokensOf(file).flatMap((token) => {
      if (token.type !== 'link' && token.type !== 'image') return [];
      const href = token.href as string;
      if (/^https?:/.test(href)) return [];
      const [path = '', anchor] = href.split('#');
      const there = path === '' ? file : normalize(join(dirname(file), path));
      if (!existsSync(join(ROOT, there))) return [href];
      return anchor !== undefined && !anchorsOf(there).has(anchor) ? [href] : [];
    });
    expect(dead).toEqual([]);
  });

  test('the index of docs/ names each document once', () => {
    const links = tokensOf('docs/README.md').flatMap((token) => (token.type === 'link' ? [token.href] : []));
    const expected = SOURCES.slice(1).map((file) => basename(file));
    expect(links.filter((href) => href.endsWith('.md')).sort()).toEqual(
      expected.filter((name) => name !== 'README.md').sort(),
    );
  });

  test.each(SOURCES)('%s holds no HTML', (file) => {
    expect(tokensOf(file).filter(({ type }) => type === 'html')).toEqual([]);
  });
});

describe('as pages', () => {
  test('there is one of each document, and one of the README', () => {
    const names = SOURCES.slice(1).map((file) => basename(file, '.md'));
    expect([...parsed.keys()].sort()).toEqual(
      names
        .map((name) => (name === 'README' ? '' : name))
        .concat('first-conversation')
        .sort(),
    );
  });

  test.each([...parsed])('"%s" leads nowhere that is not there', (name, { page }) => {
    // By the router: what is no document.
    const others = new Set(['/docs/api', '/openapi.json']);
    const dead = [...page.querySelectorAll('a[href], img[src]')].flatMap((one) => {
      const href = one.getAttribute('href') ?? one.getAttribute('src') ?? '';
      if (/^https:/.test(href) || others.has(href)) return [];
      const { pathname, hash } = new URL(href, `http://hub/docs${name && `/${name}`}`);
      const there = pathname.replace(/^\/docs\/?/, '');
      if (!/^\/docs(\/|$)/.test(pathname)) return [href];
      if (Object.hasOwn(documents.files, there)) return [];
      const target = parsed.get(there);
      return target && (hash === '' || target.page.querySelector(`[id="${hash.slice(1)}"]`)) ? [] : [href];
    });
    expect(dead).toEqual([]);
  });

  test.each([...parsed])(
    '"%s" has one title, headings in order, and only words',
    (_name, { title, page }) => {
      expect(title).toMatch(/^\w/);
      expect([...page.querySelectorAll('h1')].map(({ innerHTML }) => innerHTML)).toEqual([title]);
      const depths = [...page.querySelectorAll('h1, h2, h3, h4')].map(({ tagName }) => Number(tagName[1]));
      expect(depths.every((depth, at) => depth <= (depths[at - 1] ?? 0) + 1)).toBe(true);
      const ids = [...page.querySelectorAll('[id]')].map(({ id }) => id);
      expect(ids.filter((id, at) => ids.indexOf(id) !== at)).toEqual([]);
      expect(
        page.querySelector('script, style, iframe, object, embed, form, [style], [onload], [onerror]'),
      ).toBeNull();
      // Markdown that was not understood.
      const words = [...page.querySelectorAll('p, li, td, th')].map((one) => {
        const copy = one.cloneNode(true);
        for (const code of copy.querySelectorAll('code, pre')) code.remove();
        return copy.textContent;
      });
      expect(words.filter((text) => /\]\(|\*\*|`|^\|/.test(text))).toEqual([]);
    },
  );

  test('beside each stands a list of all', () => {
    const list = new JSDOM(nav).window.document.body;
    const names = [...list.querySelectorAll('a')].map((link) =>
      link.getAttribute('href')?.slice('/docs/'.length),
    );
    expect(names.sort()).toEqual([...parsed.keys()].filter((name) => name !== '').sort());
  });
});

describe('Markdown', () => {
  const place = { name: 'here', known: new Set(['', 'here', 'there', 'first-conversation', 'plan.svg']) };
  const shown = (markdown: string) => pageOf(markdown, place).text;

  test.each([
    ['there.md', '/docs/there'],
    ['there.md#a', '/docs/there#a'],
    ['#a', '#a'],
    ['README.md', '/docs'],
    ['../README.md#the-first-conversation', '/docs/first-conversation'],
    ['../README.md#on-cloudflare', null],
    ['../src/index.ts', null],
    ['nowhere.md', null],
    ['https://example.org/a.md', 'https://example.org/a.md'],
    ['javascript:alert(1)', null],
  ])('a link to %s leads to %s', (href, there) => {
    expect(hrefIn(place, href)).toBe(there);
    const link = there === null ? 'x' : `<a href="${there}">x</a>`;
    expect(shown(`[x](${href})`)).toContain(`<p>${link}</p>`);
  });

  test('HTML is shown as it is written, signs by name as signs, and pictures that the hub lacks are left out', () => {
    expect(shown('a <b onclick="x">b</b>')).toContain('a &lt;b onclick="x"&gt;b&lt;/b&gt;');
    expect(shown('a&nbsp;b & c < d `&nbsp;`')).toContain('a&nbsp;b &amp; c &lt; d <code>&amp;nbsp;</code>');
    expect(shown('![p"q](plan.svg)')).toContain('alt="p&quot;q"');
    expect(shown('![p](https://example.org/a.png)')).not.toMatch(/<(a|img|p)/);
    expect(shown('![p](plan.svg)')).toContain('<img src="/docs/plan.svg" alt="p">');
  });

  test('chapters that are not there are missed', () => {
    expect(sectionsOf('# T\n\n## A\na\n## B\nb\n', ['B', 'A'])).toBe('# B\nb\n\n## A\na');
    expect(() => sectionsOf('## A\n', ['B'])).toThrow('"B"');
  });
});
