// The text forms that a forum client expects (contracts/tapatalk.md 4.4): message body, subject, excerpt and quote.
import type { Markup } from '../domain/model.ts';
import { type Form, writeBbcode } from './bbcode-write.ts';
import { read } from './convert.ts';
import { escapedText } from './entities.ts';
import { listsAsText, says } from './plain.ts';
import { authorName, settleTrimmed } from './settle.ts';
import { apart, type Node, text, textOf } from './tree.ts';

/**
 * The body of a message for a forum client: only [url], [img] and [quote] stay, no HTML, trimmed at both ends. Code is a
 * quote, items are lines, a linked image is the image (contracts/tapatalk.md 4.4; rules 1 to 3 of msg_content).
 */
export function toForumText(source: string, from: Markup): string {
  return writeBbcode(forumTree(read(source, from), false)).trim();
}

const NONE = ['', ''] as const;
const HTML: Form = {
  words: escapedText,
  newline: '<br>',
  styles: {
    bold: ['<b>', '</b>'],
    italic: ['<i>', '</i>'],
    underline: ['<u>', '</u>'],
    strike: NONE,
    spoiler: NONE,
  },
  colour: (colour) => [`<font color="${colour}">`, '</font>'],
};

/** The same with the few HTML tags that `return_html` allows: b, i, u, font and br. Everything else is escaped. */
export function toForumHtml(source: string, from: Markup): string {
  return writeBbcode(forumTree(read(source, from), true), HTML).trim();
}

/** One line without any markup, for subjects and titles. */
export function stripToLine(source: string, from: Markup): string {
  return oneLine(textOf(read(source, from)));
}

const oneLine = (words: string): string => words.replace(/\s+/g, ' ').trim();

/** An excerpt: quotes left out, white space collapsed, at most `limit` code points, the last of them an ellipsis when cut. */
export function shortContent(source: string, from: Markup, limit = 200): string {
  const line = oneLine(textOf(withoutQuotes(read(source, from))));
  if (line.length <= limit) return line;
  // A code point is one or two units long.
  const points = Array.from(line.slice(0, 2 * limit + 2));
  return points.length <= limit ? line : `${points.slice(0, limit - 1).join('')}…`;
}

/**
 * What a reply starts with: the message as a quotation of its author, quotations inside it left out
 * (contracts/tapatalk.md 4.4). Quotes and brackets in the name are replaced: no board has an escape for them.
 */
export function quoteForReply(author: string, source: string, from: Markup): string {
  const children = forumTree(withoutQuotes(read(source, from)), false);
  const name = authorName(author);
  // An empty quote is no node, but a reply may still say whom it answers.
  const quote: Node = { type: 'quote', author: name, children: children.length > 0 ? children : [text('')] };
  return `${writeBbcode([quote])}\n\n`;
}

/** The nodes without quotes, and with code as lines: it would be a quote again. */
function withoutQuotes(nodes: readonly Node[]): Node[] {
  return apart(nodes).flatMap((node): Node[] => {
    if (node.type === 'quote') return [];
    if (node.type === 'codeBlock') return [text(node.text)];
    if (node.type === 'list') return [{ ...node, items: node.items.map(withoutQuotes) }];
    return [node];
  });
}

/** The tree that a forum client can be told: words, breaks, links, images and quotes, and a few styles if `dressed`. */
function forumTree(nodes: readonly Node[], dressed: boolean): Node[] {
  return settleTrimmed(reduced(nodes, dressed));
}

const reduced = (nodes: readonly Node[], dressed: boolean): Node[] =>
  listsAsText(nodes).flatMap((node) => reducedNode(node, dressed));

function reducedNode(node: Node, dressed: boolean): Node[] {
  switch (node.type) {
    case 'text':
    case 'break':
    case 'list':
      return [node];
    case 'image':
      return [{ ...node, alt: '' }];
    case 'code':
      return [text(node.text)];
    case 'mention':
      return [text(`@${node.name}`)];
    case 'codeBlock':
      return [{ type: 'quote', author: null, children: [text(node.text)] }];
    case 'quote':
      return [{ ...node, children: reduced(node.children, dressed) }];
    case 'link':
      return linked(node, dressed);
    case 'strike':
    case 'spoiler':
      return reduced(node.children, dressed);
    default: {
      const children = reduced(node.children, dressed);
      return dressed ? [{ ...node, children }] : children;
    }
  }
}

/** A link's images stand alone, and the words around them keep the link. A mail address that is its own name is one. */
function linked(node: Extract<Node, { type: 'link' }>, dressed: boolean): Node[] {
  const children = reduced(node.children, dressed);
  if (!node.url.startsWith('http') && says(textOf(children), node.url)) return children;
  if (!children.some(holdsImage)) return [{ ...node, children }];
  return children.map((child) =>
    holdsImage(child) || textOf([child]).trim() === '' ? child : { ...node, children: [child] },
  );
}

const holdsImage = (node: Node): boolean =>
  node.type === 'image' || ('children' in node && node.children.some(holdsImage));
