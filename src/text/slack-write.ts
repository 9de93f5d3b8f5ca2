// Slack's mrkdwn from the tree (contracts/webhooks-bridges-widget.md C1). Only written: what comes from there is read elsewhere.
import { listsAsText, says } from './plain.ts';
import { apart, type Node } from './tree.ts';

/** Slack reads these three as markup wherever they stand, and mentions begin with one of them. */
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

const MARK = { bold: '*', italic: '_', strike: '~', underline: '', spoiler: '' } as const;

/** Writes a settled tree. What Slack has no word for, as colours, stays as its words. */
export const writeSlack = (nodes: readonly Node[]): string => apart(listsAsText(nodes)).map(one).join('');

function one(node: Node): string {
  switch (node.type) {
    case 'text':
      return escaped(node.text);
    case 'code':
      return `\`${escaped(node.text)}\``;
    case 'codeBlock':
      return `\`\`\`\n${escaped(node.text)}\n\`\`\``;
    case 'mention':
      return escaped(`@${node.name}`);
    case 'break':
      return '\n';
    case 'image':
      return linked(node.url, escaped(node.alt));
    case 'link': {
      const shown = writeSlack(node.children);
      return linked(node.url, says(shown, node.url) ? '' : shown);
    }
    case 'quote': {
      const author = node.author === null ? '' : `${escaped(node.author)}:\n`;
      return (author + writeSlack(node.children)).replace(/^/gm, '> ');
    }
    case 'bold':
    case 'italic':
    case 'strike':
    case 'underline':
    case 'spoiler': {
      const inner = writeSlack(node.children);
      const mark = MARK[node.type];
      return inner.trim() === '' ? inner : mark + inner + mark;
    }
    default:
      return 'children' in node ? writeSlack(node.children) : '';
  }
}

/** An address ends at `|` and `>`, which no address of the tree holds. */
const linked = (url: string, shown: string): string =>
  shown === '' || shown.includes('\n') || shown.includes('|')
    ? `${shown}${shown === '' ? '' : ' '}<${escaped(url)}>`
    : `<${escaped(url)}|${shown}>`;
