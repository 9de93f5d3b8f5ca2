// What a writer's output holds in the eyes of others than our own readers: lenient ones, which take for a link, an image, a
// tag or a mention whatever looks like one. Laws and fuzzing ask it; nothing here reads a tree back.
import type { Markup } from '../../src/domain/model.ts';
import { type Node, textOf } from '../../src/text/tree.ts';

/** Exactly what writeHtml may write. */
export const TAG_OF_OURS =
  /<\/?(?:b|i|u|s|code|pre|blockquote|cite|ul|ol|li|a|span)>|<br>|<ol start="\d+">|<span style="color:[#a-z0-9]+">|<span class="spoiler">|<code class="language-[\w+#.-]+">|<a href="(?:https?:\/\/|mailto:|tel:)[^"<>\s]+" rel="nofollow noopener">|<img src="https?:\/\/[^"<>\s]+" alt="[^"<>]*">/g;

/** Every node of a tree, whatever it lies in. */
export function* everyNode(nodes: readonly Node[]): Generator<Node> {
  for (const node of nodes) {
    yield node;
    if (node.type === 'list') for (const item of node.items) yield* everyNode(item);
    else if ('children' in node) yield* everyNode(node.children);
  }
}

/** The addresses of a tree's links and images. */
export const addressesOf = (nodes: readonly Node[]): string[] =>
  [...everyNode(nodes)].flatMap((node) => (node.type === 'link' || node.type === 'image' ? [node.url] : []));

const MENTION = /@[\p{L}\p{N}]+/gu;

/** What looks like a mention in a text written for people, in the words of others: "@name". */
export const mentionsIn = (written: string): string[] => written.match(MENTION) ?? [];

/** Everything that a tree says where a mention may stand. */
export const saidBy = (nodes: readonly Node[]): string =>
  [
    textOf(nodes),
    ...[...everyNode(nodes)].flatMap((node) => (node.type === 'image' ? [node.alt] : [])),
    ...addressesOf(nodes),
  ].join('\n');

/** The node that a BBCode tag of boards stands for; '' for those that no tree holds. */
const NODE_OF: Readonly<Record<string, Node['type'] | ''>> = {
  b: 'bold',
  i: 'italic',
  u: 'underline',
  s: 'strike',
  spoiler: 'spoiler',
  strike: '',
  color: 'colour',
  colour: '',
  url: 'link',
  email: 'link',
  img: 'image',
  quote: 'quote',
  list: 'list',
  code: 'codeBlock',
  icode: 'code',
  ...Object.fromEntries(
    'php html tt size font center left right justify indent sub sup highlight'
      .split(' ')
      .map((name) => [name, '']),
  ),
};
/** Tags in which nothing else is one. */
const RAW = /\[(code|icode|php|html|tt)(=[^\]]*)?\]([\s\S]*?)\[\/\1\]/gi;
const TAG = /\[(?:(\/)([a-z]+)|([a-z]+)(?:=([^[\]\r\n]*)|(?<=\[(?:quote|img)) [^[\]\r\n]*)?)\]/gi;

interface Pair {
  readonly name: string;
  readonly value: string;
  readonly inside: string;
}

/**
 * Tags as a board with patterns in place of a parser finds them: each `[name…]` behind which there is a `[/name]`, wherever
 * that stands.
 */
export function pairsIn(written: string): Pair[] {
  if (!written.includes('[/')) return [];
  const pairs: Pair[] = [];
  const rest = written.replace(RAW, (_, name: string, value = '', inside = '') => {
    pairs.push({ name: name.toLowerCase(), value, inside });
    return ' ';
  });
  const tags = [...rest.matchAll(TAG)].map((found) => ({
    closing: found[1] === '/',
    name: (found[2] ?? found[3] ?? '').toLowerCase(),
    value: found[4] ?? '',
    from: found.index,
    end: found.index + found[0].length,
  }));
  tags.forEach(({ closing, name, value, end }, at) => {
    if (closing || NODE_OF[name] === undefined) return;
    const close = tags.slice(at + 1).find((tag) => tag.closing && tag.name === name);
    if (close) pairs.push({ name, value, inside: rest.slice(end, close.from) });
  });
  return pairs;
}

/** The names of BBCode tags of which a text written from `nodes` has more than the tree. */
export function foreignTags(written: string, nodes: readonly Node[]): string[] {
  const held = new Map<string, number>();
  for (const { type } of everyNode(nodes)) held.set(type, (held.get(type) ?? 0) + 1);
  const seen = new Map<string, number>();
  for (const { name } of pairsIn(written)) seen.set(name, (seen.get(name) ?? 0) + 1);
  return [...seen]
    .filter(([name, count]) => count > (held.get(NODE_OF[name] || '') ?? 0))
    .map(([name]) => name);
}

const CODE_IN_MARKDOWN = /(?<![\\`])(`+)(?!`)(?:[\s\S]*?[^`])?\1(?!`)/g;
const escapedAt = (text: string, at: number): boolean =>
  (/\\*$/.exec(text.slice(0, at))?.[0].length ?? 0) % 2 === 1;

/** What looks like an address that may be followed or loaded, as far as a pattern can tell. */
export function targetsIn(written: string, markup: Markup): string[] {
  switch (markup) {
    case 'plain':
      return [];
    case 'html':
      return [...written.matchAll(/<[a-z]+((?:\s[a-z]+="[^"]*")+)>/g)]
        .flatMap(([, attributes]) => [...(attributes as string).matchAll(/\s([a-z]+)="([^"]*)"/g)])
        .flatMap(([, name, url]) => (name === 'href' || name === 'src' ? [unescaped(url as string)] : []));
    case 'bbcode':
      return pairsIn(written).flatMap(({ name, value, inside }) => {
        if (name === 'img') return [inside];
        if (name === 'url') return [value || inside];
        return name === 'email' ? [`mailto:${value || inside}`] : [];
      });
    case 'markdown': {
      const text = written.replace(CODE_IN_MARKDOWN, ' ');
      const behind = [...text.matchAll(/\]\(((?:\\.|[^\s()\\]|\([^\s()\\]*\))*)\)/g)];
      const angled = [...text.matchAll(/<((?:[a-z][a-z0-9+.-]*:|[\w.+-]+@)[^<>\s]*)>/gi)];
      return [...behind, ...angled]
        .filter(({ index }) => !escapedAt(text, index))
        .map(([, url]) => (url as string).replace(/\\([!-/:-@[-`{-~])/g, '$1'));
    }
  }
}

const unescaped = (text: string): string =>
  text.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
