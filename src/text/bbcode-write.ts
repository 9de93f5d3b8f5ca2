// The tree to BBCode, and to the mixture of BBCode and HTML that forum clients take. The way back is bbcode.ts.
import { readBbcode } from './bbcode.ts';
import { guarded, guardedCode, halvesIn } from './bbcode-tags.ts';
import type { Node, Style } from './tree.ts';

/** How a dialect of BBCode writes what is not a tag of links, images, quotes, lists or code. */
export interface Form {
  readonly words: (content: string) => string;
  readonly newline: string;
  readonly styles: Readonly<Record<Style, readonly [string, string]>>;
  readonly colour: (colour: string) => readonly [string, string];
}

const BBCODE: Form = {
  words: (content) => content,
  newline: '\n',
  styles: {
    bold: ['[b]', '[/b]'],
    italic: ['[i]', '[/i]'],
    underline: ['[u]', '[/u]'],
    strike: ['[s]', '[/s]'],
    spoiler: ['[spoiler]', '[/spoiler]'],
  },
  colour: (colour) => [`[color=${colour}]`, '[/color]'],
};

/** Writes a settled tree. A text that would be read as a tag is guarded, and only then. */
export function writeBbcode(nodes: readonly Node[], form: Form = BBCODE): string {
  const bare = write(nodes, form, (content) => content);
  // Most brackets begin no tag, and most tags in a text have no other half: they can stay as they are.
  if (!bare.includes('[') || !looksTagged(nodes)) return bare;
  return staysText(nodes, form === BBCODE ? bare : write(nodes, BBCODE, (content) => content))
    ? bare
    : write(nodes, form, guarded);
}

/**
 * Whether nobody takes the tags in the texts of a tree for tags: our reader does not, and a board that searches with
 * patterns finds no other half of one, be it in a quote or beside the tag of a real link.
 */
function staysText(nodes: readonly Node[], bare: string): boolean {
  if (halvesIn(bare) > halvesIn(write(nodes, BBCODE, guarded))) return false;
  return JSON.stringify(readBbcode(bare)) === JSON.stringify(nodes);
}

const looksTagged = (nodes: readonly Node[]): boolean =>
  nodes.some((node) => {
    if (node.type === 'text') return guarded(node.text) !== node.text;
    if (node.type === 'list') return node.items.some(looksTagged);
    return 'children' in node && looksTagged(node.children);
  });

function write(nodes: readonly Node[], form: Form, guard: (content: string) => string): string {
  const all = (children: readonly Node[]): string => children.map(one).join('');
  const one = (node: Node): string => {
    switch (node.type) {
      case 'text':
        return form.words(guard(node.text));
      case 'mention':
        return form.words(guard(`@${node.name}`));
      case 'break':
        return form.newline;
      case 'image':
        return `[img]${form.words(node.url)}[/img]`;
      case 'code':
        return `[icode]${guardedCode(node.text)}[/icode]`;
      case 'codeBlock':
        return `[code${node.language ? `=${node.language}` : ''}]${guardedCode(node.text)}[/code]`;
      case 'quote':
        return `[quote${node.author === null ? '' : `="${form.words(node.author)}"`}]${all(node.children)}[/quote]`;
      case 'list': {
        const items = node.items.map((item) => `[*]${all(item)}\n`).join('');
        return `[list${node.start === null ? '' : `=${node.start}`}]\n${items}[/list]`;
      }
      case 'link':
        return linked(form.words(node.url), all(node.children));
      case 'colour':
        return form.colour(node.colour).join(all(node.children));
      default:
        return form.styles[node.type].join(all(node.children));
    }
  };
  return all(nodes);
}

function linked(url: string, shown: string): string {
  if (url === shown) return `[url]${url}[/url]`;
  if (!url.startsWith('mailto:')) return `[url=${url}]${shown}[/url]`;
  const mailbox = url.slice('mailto:'.length);
  return mailbox === shown ? `[email]${mailbox}[/email]` : `[email=${mailbox}]${shown}[/email]`;
}
