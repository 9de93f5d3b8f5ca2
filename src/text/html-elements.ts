// The elements of HTML that the tree knows, and the nodes that they are. How they are read is html.ts.
import type { LineGap } from './line-gap.ts';
import { codeBlock, coloured, link, type Node, type Style, textOf } from './tree.ts';

const styled = (style: Style, list: string) => list.split(' ').map((name): [string, Style] => [name, style]);
/** The style that an element is. */
export const STYLES: ReadonlyMap<string, Style> = new Map<string, Style>([
  ...styled('bold', 'b strong h1 h2 h3 h4 h5 h6'),
  ...styled('italic', 'i em'),
  ...styled('underline', 'u ins'),
  ...styled('strike', 's strike del'),
]);
const names = (list: string): ReadonlySet<string> => new Set(list.split(' '));
/** Elements with an empty line around them, and those that only begin and end a line. */
export const PARAGRAPHS = names('p h1 h2 h3 h4 h5 h6 dl figure');
export const LINES = names(
  'address article aside center dd details div dt fieldset figcaption footer form header hr li main nav section summary ' +
    'table td th tr',
);
/** Left out with what is in them. */
export const LEFT_OUT = names('script style title');

export type Role = 'style' | 'colour' | 'link' | 'author' | 'quote' | 'list' | 'item' | 'code' | 'pre';
/** Elements with lines of their own, and code, in which nothing but its end is markup. */
export const BLOCKS: ReadonlySet<Role> = new Set<Role>(['quote', 'list', 'item', 'pre', 'code']);

/** An element whose end was not seen yet. */
export interface Open {
  readonly role: Role;
  readonly name: string;
  /** Style, colour, address, language of code or the first number of a list, as the role needs. */
  value: string;
  readonly children: Node[];
  readonly items: Node[][];
  author: string | null;
  /** The lines around a block, while those inside it are read. */
  readonly around: LineGap;
}

/** Nothing is in this element yet, and it is none that stands on lines of its own. */
export const isFresh = ({ role, children }: Open): boolean => !BLOCKS.has(role) && children.length === 0;

/** The nodes that a closed element is. */
export function element({ role, value, children, items, author }: Open): readonly Node[] {
  switch (role) {
    case 'style':
      return [{ type: value as Style, children }];
    case 'colour':
      return coloured(value, children);
    case 'link':
      return children.length > 0 ? link(value, children) : [];
    case 'quote':
      return [{ type: 'quote', author, children }];
    case 'list':
      return [{ type: 'list', start: /^\d{1,8}$/.test(value) ? Number(value) : null, items }];
    case 'code':
      return [{ type: 'code', text: textOf(children) }];
    case 'pre':
      return [codeBlock(textOf(children), value)];
    default:
      return children;
  }
}

/** More of a style than anybody writes by hand is not searched for a colour. */
const LONGEST_STYLE = 500;

/** The colour that a style attribute gives the words, or an empty text. */
export const colourOf = (style = ''): string =>
  /(?:^|;)\s{0,9}color\s{0,9}:([^;]*)/i.exec(style.slice(0, LONGEST_STYLE))?.[1]?.trim() ?? '';

/** The language that the class of a code element names, or an empty text: `language-js` or, as Discourse has it, `lang-js`. */
export const languageOf = (classes = ''): string =>
  /^lang(?:uage)?-([\w+#.-]{1,40})$/.exec(classes.slice(0, LONGEST_STYLE))?.[1] ?? '';
