// Slack's mrkdwn from the tree (contracts/webhooks-bridges-widget.md C1). The way back is slack.ts; what Slack has no word
// for is told.ts.
//
// Slack has no escape but for & < >. A mark that words only happen to hold is parted from its letters by a zero-width
// space, and only where it would be read.
import { charBefore, WORD } from './markdown-inline.ts';
import { around, type Container, firstChar, rowsOf, without } from './rows.ts';
import { settle } from './settle.ts';
import { readSlackInline } from './slack-inline.ts';
import { apart, isBlock, type Node, type Style, text, textOf } from './tree.ts';

const GUARD = '\u200b';
const MARKS: Readonly<Record<Style, string>> = {
  bold: '*',
  italic: '_',
  strike: '~',
  underline: '',
  spoiler: '',
};
const STYLES: ReadonlySet<Container> = new Set<Container>([
  'bold',
  'italic',
  'strike',
  'underline',
  'spoiler',
]);
const NESTED_INDENT = 4;

/** Writes a settled tree; colours, underlines and spoilers stay as their words. */
export const writeSlack = (nodes: readonly Node[]): string => block(nodes, 0);

/** Slack reads these three as markup wherever they stand, and mentions begin with one of them. */
const escaped = (content: string): string =>
  content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** The contents of a document, quote or item. `depth`: lists around. */
function block(nodes: readonly Node[], depth: number): string {
  let out = '';
  let above: Node | undefined;
  rowsOf(apart(nodes)).forEach((row, index) => {
    const first = row[0];
    if (index > 0) out += '\n';
    if (!first) return;
    // Of two quotes or lists in a row one would go on where the other ends.
    if (above?.type === first.type && (first.type === 'quote' || first.type === 'list')) out += '\n';
    out += isBlock(first) ? blockOf(first, depth) : guardedStart(written(row));
    above = first;
  });
  return out;
}

function blockOf(node: Extract<Node, { type: 'quote' | 'codeBlock' | 'list' }>, depth: number): string {
  if (node.type === 'codeBlock') return `\`\`\`\n${escaped(parted(node.text))}\n\`\`\``;
  if (node.type === 'list') return listed(node, depth);
  const author: Node[] =
    node.author === null ? [] : [{ type: 'bold', children: [text(`${node.author}:`)] }, { type: 'break' }];
  return block([...author, ...node.children], 0)
    .split('\n')
    .map((line) => (line === '' ? '>' : `> ${line}`))
    .join('\n');
}

/** Lines behind a bullet or a number, as Slack's own editor makes of a list. */
function listed({ start, items }: Extract<Node, { type: 'list' }>, depth: number): string {
  const indent = ' '.repeat(depth * NESTED_INDENT);
  return items
    .map((item, index) => {
      const mark = start === null ? (depth % 2 === 0 ? '•' : '◦') : `${start + index}.`;
      const [first, ...rest] = block(item, depth + 1).split('\n');
      const inside = rest.map((line) => (/^ *(?:[•◦]|\d{1,8}\.) /.test(line) ? line : `${indent}  ${line}`));
      // A list at once in an item begins a line of its own.
      return item[0]?.type === 'list'
        ? [first, ...rest].join('\n')
        : [`${indent}${mark} ${first}`, ...inside].join('\n');
    })
    .join('\n');
}

/** A line that would be a quote or an item by how it begins, kept from it. */
const guardedStart = (line: string): string =>
  /^(?:&gt;|[ \t]*(?:[•◦▪▫∙‣]|\d{1,8}\.)[ \t])/u.test(line) ? GUARD + line : line;

/** Three ticks begin code wherever they stand. */
const parted = (content: string): string => content.replace(/`{3,}/g, (run) => [...run].join(GUARD));

/** One line: marks in its words guarded only if they would be read, and styles left out that would not be. */
function written(row: readonly Node[]): string {
  const bare = inline(row, escaped);
  if (same(bare, row)) return bare;
  const safe = inline(row, guarded);
  return says(safe, row) ? safe : inline(settle(without(row, STYLES)), guarded);
}

const readAgain = (line: string): Node[] => settle(readSlackInline(line, { steps: 0 }));
const same = (line: string, row: readonly Node[]): boolean =>
  !line.includes('```') && JSON.stringify(readAgain(line)) === JSON.stringify(settle(row));
const says = (line: string, row: readonly Node[]): boolean => textOf(readAgain(line)) === textOf(row);

/** Words with a guard on both sides of each mark that may begin or end something. */
const guarded = (content: string): string =>
  escaped(content).replace(/[*_~`]/g, (mark, at: number, all: string) => {
    const inWord = WORD.test(all[at - 1] ?? ' ') && WORD.test(all[at + 1] ?? ' ');
    return inWord && mark !== '`' ? mark : GUARD + mark + GUARD;
  });

function inline(nodes: readonly Node[], words: (content: string) => string): string {
  let out = '';
  nodes.forEach((node, index) => {
    const next = nodes[index + 1];
    out += one(node, charBefore(out, out.length), next ? firstChar(next) : ' ', words);
  });
  return out;
}

function one(node: Node, before: string, after: string, words: (content: string) => string): string {
  switch (node.type) {
    case 'text':
      return words(node.text);
    case 'mention':
      return node.id === null
        ? words(`@${node.name}`)
        : `<${node.id.startsWith('!') ? '' : '@'}${escaped(node.id)}>`;
    case 'code':
      return node.text.includes('`')
        ? guarded(node.text)
        : marked(`\`${escaped(node.text)}\``, before, after);
    case 'image':
      return linked(node.url, node.alt);
    case 'link':
      return styled(node, before, after, words);
    case 'bold':
    case 'italic':
    case 'strike':
    case 'underline':
    case 'spoiler': {
      const inner = inline(node.children, words);
      const mark = MARKS[node.type];
      return mark === ''
        ? inner
        : marked(
            around(inner, () => mark),
            before,
            after,
          );
    }
    default:
      return 'children' in node ? inline(node.children, words) : '';
  }
}

/** Marks are none beside letters: a zero-width space parts them. */
const marked = (piece: string, before: string, after: string): string =>
  (WORD.test(before) && /^[*_~`]/.test(piece) ? GUARD : '') +
  piece +
  (WORD.test(after) && /[*_~`]$/.test(piece) ? GUARD : '');

/** A link: its name has no style of its own, but the whole of it may have some. */
function styled(
  node: Extract<Node, { type: 'link' }>,
  before: string,
  after: string,
  words: (content: string) => string,
): string {
  const [only, ...others] = node.children;
  if (only && others.length === 0 && 'children' in only && only.type !== 'quote') {
    return one({ ...only, children: [{ ...node, children: only.children }] }, before, after, words);
  }
  return linked(node.url, textOf(node.children));
}

/** An address ends at `|` and `>`, which no address of the tree holds. */
const linked = (url: string, shown: string): string => {
  if (shown === '' || shown === url) return `<${escaped(url)}>`;
  return shown.includes('|')
    ? `${guarded(shown)} <${escaped(url)}>`
    : `<${escaped(url)}|${escaped(parted(shown))}>`;
};
