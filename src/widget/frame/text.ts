// A message's words as elements: the same tree that every door reads (text/), never HTML made of a text.
import { readBbcode } from '../../text/bbcode.ts';
import { readPlain } from '../../text/plain.ts';
import { isBlock, type Node as TextNode } from '../../text/tree.ts';
import { el } from './dom.ts';
import type { Message } from './model.ts';
import { say } from './words.ts';

/** Addresses in plain words are links too: people click on them. */
const ADDRESS = /\bhttps?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]}'’]/g;

const STYLES = { bold: 'strong', italic: 'em', underline: 'u', strike: 's' } as const;

/** So much of Markdown is plain: one line without a sign that could mean anything. */
const PLAIN = /^\p{L}[\p{L}\p{N} ,.?!;:'’"()-]*$/u;

/**
 * Whether it comes as BBCode in a moment (client.ts): to read every markup here takes more than all the rest does, and BBCode
 * takes least, can say most, and is what forum apps write.
 */
export const isToCome = (markup: string | undefined, text = ''): boolean =>
  text !== '' && (markup === 'html' || (markup === 'markdown' && !PLAIN.test(text)));

/** Read once as long as it stays the same. */
function treeOf(message: Message): TextNode[] {
  const { text, markup } = message;
  message.tree ??= isToCome(markup, text) ? [] : (markup === 'bbcode' ? readBbcode : readPlain)(text);
  return message.tree;
}

/** The words of a message. */
export const wordsOf = (message: Message): HTMLElement =>
  el('div', { class: 'words', dir: 'auto' }, ...nodes(treeOf(message)));

/** What somebody hears of it: no signs of a markup, nothing that is hidden. */
export const plainOf = (message: Message): string => plain(treeOf(message)).trim();

const plain = (tree: readonly TextNode[]): string =>
  tree
    .map((node) => {
      if (node.type === 'spoiler') return '…';
      if ('text' in node) return node.text;
      if ('items' in node) return `${node.items.map(plain).join(', ')} `;
      if ('children' in node) return plain(node.children) + (isBlock(node) ? ' ' : '');
      return node.type === 'mention' ? `@${node.name}` : node.type === 'image' ? node.alt : ' ';
    })
    .join('');

const nodes = (tree: readonly TextNode[]): Node[] => {
  const out: Node[] = [];
  tree.forEach((node, index) => {
    // The break beside a block is its line's end.
    if (node.type === 'break' && [tree[index - 1], tree[index + 1]].some((next) => next && isBlock(next)))
      return;
    out.push(...elements(node));
  });
  return out;
};

function elements(node: TextNode): Node[] {
  switch (node.type) {
    case 'text':
      return linked(node.text);
    case 'break':
      return [el('br')];
    case 'bold':
    case 'italic':
    case 'underline':
    case 'strike':
      return [el(STYLES[node.type], {}, ...nodes(node.children))];
    case 'spoiler':
      return [el('details', { class: 'spoiler' }, el('summary', {}, '…'), ...nodes(node.children))];
    case 'colour':
      // Colours that somebody chose for another page's ground may not be read on this one.
      return nodes(node.children);
    case 'link':
      return [anchor(node.url, ...nodes(node.children))];
    case 'image':
      // Nothing is loaded from anybody else: it is a link.
      return [anchor(node.url, node.alt || node.url)];
    case 'code':
      return [el('code', {}, node.text)];
    case 'codeBlock':
      return [el('pre', { tabindex: '0' }, el('code', {}, node.text))];
    case 'mention':
      return [document.createTextNode(`@${node.name}`)];
    case 'quote':
      return [
        el(
          'blockquote',
          {},
          node.author !== null && el('cite', {}, say('quoted', { name: node.author })),
          ...nodes(node.children),
        ),
      ];
    case 'list': {
      const items = node.items.map((item) => el('li', {}, ...nodes(item)));
      return [
        node.start === null ? el('ul', {}, ...items) : el('ol', { start: String(node.start) }, ...items),
      ];
    }
  }
}

/** http, https, mailto and tel: what else an address may be is no link (text/tree.ts). */
export const isSafe = (url: string): boolean =>
  /^(https?:\/\/|mailto:|tel:)/i.test(url) && !/[\s\p{Cc}]/u.test(url);

export const anchor = (url: string, ...children: (Node | string)[]): HTMLAnchorElement =>
  el('a', { href: url, target: '_blank', rel: 'noopener noreferrer nofollow' }, ...children);

function linked(text: string): Node[] {
  const out: Node[] = [];
  let at = 0;
  for (const { 0: url, index } of text.matchAll(ADDRESS)) {
    out.push(document.createTextNode(text.slice(at, index)), anchor(url, url));
    at = index + url.length;
  }
  out.push(document.createTextNode(text.slice(at)));
  return out;
}
