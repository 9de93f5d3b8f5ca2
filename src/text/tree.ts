// The small document tree that every markup is read into and written from: its nodes and how they are made.
// What is equal in it is settle.ts; what each markup means lives in its reader and writer.

declare const brand: unique symbol;
/** An address that may stand in a link: an allowed scheme, no character that could end an attribute or a tag. */
export type Address = string & { readonly [brand]: 'address' };

export type Style = 'bold' | 'italic' | 'underline' | 'strike' | 'spoiler';

export type Node =
  /** Never holds a newline once settled. */
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'break' }
  | { readonly type: Style; readonly children: readonly Node[] }
  /** `colour` is a name or #hex, in lower case. */
  | { readonly type: 'colour'; readonly colour: string; readonly children: readonly Node[] }
  | { readonly type: 'link'; readonly url: Address; readonly children: readonly Node[] }
  | { readonly type: 'image'; readonly url: Address; readonly alt: string }
  | { readonly type: 'code'; readonly text: string }
  | Mention
  | Block;

/**
 * Somebody called by another network's own means: the name that is shown, without its @, and what that network knows them
 * by. Our own markups have none: there it is the words `@name`.
 */
export interface Mention {
  readonly type: 'mention';
  readonly name: string;
  readonly id: string | null;
}

/** Nodes that stand on lines of their own. One break beside such a node is its line's end and shows no empty line. */
export type Block =
  | { readonly type: 'quote'; readonly author: string | null; readonly children: readonly Node[] }
  /** `language`: only where one was named, as LANGUAGE has it. */
  | { readonly type: 'codeBlock'; readonly text: string; readonly language?: string }
  /** `start`: the number of the first item, null for bullets. */
  | { readonly type: 'list'; readonly start: number | null; readonly items: readonly (readonly Node[])[] };

/** Counts the characters that a reader looks at. */
export interface Meter {
  steps: number;
}

/** Elements inside each other that a reader follows; deeper markup stays text, so that nothing recurses for ever. */
export const MAX_DEPTH = 32;

/** Longer addresses are no links: nobody's are, and each is written out once per link. */
const MAX_ADDRESS_LENGTH = 4096;
const SCHEME = /^(?:https?:\/\/[^/?#]|mailto:.|tel:.)/i;
/** What an address may not hold as it is: white space, controls, invisible characters and every markup's delimiters. */
const UNSAFE = /[\s\p{Cc}\p{Cf}"<>[\]\\^`{|}]/gu;

/** The address as it may stand in a link, or null: http, https, mailto and tel only; `www.` gets its http. */
export function address(url: string): Address | null {
  const trimmed = url.trim();
  const full = /^www\./i.test(trimmed) ? `http://${trimmed}` : trimmed;
  if (full.length > MAX_ADDRESS_LENGTH) return null;
  const safe = full.toWellFormed().replace(UNSAFE, encodeURIComponent);
  return SCHEME.test(safe) ? (safe.replace(/^[a-z]+/i, (scheme) => scheme.toLowerCase()) as Address) : null;
}

export const text = (content: string): Node => ({ type: 'text', text: content });
export const lineBreak: Node = { type: 'break' };

/** A link, or its children alone where the address is none that may be followed. Without children it shows the address. */
export function link(url: string, children: readonly Node[]): Node[] {
  const target = address(url);
  const shown = children.length > 0 ? children : [text(url.trim())];
  return target === null ? [...shown] : [{ type: 'link', url: target, children: shown }];
}

/** An image, or its description (without one: the address as text) where the address is none that may be loaded. */
export function image(url: string, alt = ''): Node[] {
  const source = address(url);
  // No picture has a mail or telephone address.
  if (source === null || !/^http/i.test(source)) return [text(alt.trim() || url.trim())];
  return [{ type: 'image', url: source, alt }];
}

/** The name of a language behind a fence of code. */
const LANGUAGE = /^[\w+#.-]{1,40}$/;

/** A block of code, with its language if that is the name of one. */
export const codeBlock = (content: string, language = ''): Node =>
  LANGUAGE.test(language)
    ? { type: 'codeBlock', text: content, language: language.toLowerCase() }
    : { type: 'codeBlock', text: content };

const COLOUR = /^(?:#(?:[0-9a-f]{3}|[0-9a-f]{6})|[a-z]{3,20})$/;
const RGB = /^rgb\(\s{0,4}(\d{1,3})\s{0,4},\s{0,4}(\d{1,3})\s{0,4},\s{0,4}(\d{1,3})\s{0,4}\)$/;

/** Children in a colour given as a name, #hex or rgb(); without it where it is none of these. */
export function coloured(value: string, children: readonly Node[]): Node[] {
  const given = value.trim().toLowerCase();
  const rgb = RGB.exec(given);
  const colour = rgb ? `#${rgb.slice(1).map(hexByte).join('')}` : given;
  return COLOUR.test(colour) ? [{ type: 'colour', colour, children }] : [...children];
}

const hexByte = (decimal: string): string => Math.min(255, Number(decimal)).toString(16).padStart(2, '0');

export const isBlock = (node: Node): node is Block =>
  node.type === 'quote' || node.type === 'codeBlock' || node.type === 'list';

/** Nodes with at least one break between a block, or other nodes `set` apart, and what stands beside it. */
export function apart(nodes: readonly Node[], set: (node: Node) => boolean = isBlock): Node[] {
  const out: Node[] = [];
  for (const node of nodes) {
    const last = out.at(-1);
    if (last && last.type !== 'break' && node.type !== 'break' && (set(last) || set(node))) {
      out.push(lineBreak);
    }
    out.push(node);
  }
  return out;
}

/** The words that a reader sees, lines divided by \n: without addresses and descriptions of images. */
export function textOf(nodes: readonly Node[]): string {
  return apart(nodes).map(wordsOf).join('');
}

function wordsOf(node: Node): string {
  switch (node.type) {
    case 'text':
    case 'code':
    case 'codeBlock':
      return node.text;
    case 'break':
      return '\n';
    case 'image':
      return '';
    case 'mention':
      return `@${node.name}`;
    case 'list':
      return node.items.map(textOf).join('\n');
    case 'quote':
      return (node.author === null ? '' : `${node.author}:\n`) + textOf(node.children);
    default:
      return textOf(node.children);
  }
}
