// Addresses that stand in a text as they are: links at other networks, words here.
import { address, type Node, text } from './tree.ts';

const URL = /(?<![\p{L}\p{N}])https?:\/\/[^\s<>"]+/giu;
/** Signs at the end of an address are the sentence's. */
const TAIL = /[.,:;!?'*_~|\]}`]/;

/** The tree with its bare addresses as links. */
export const linkified = (nodes: readonly Node[]): Node[] =>
  nodes.flatMap((node): Node[] => {
    if (node.type === 'text') return links(node.text);
    if (node.type === 'list') return [{ ...node, items: node.items.map(linkified) }];
    if (node.type === 'link' || !('children' in node)) return [node];
    return [{ ...node, children: linkified(node.children) }];
  });

function links(content: string): Node[] {
  if (!content.includes('://')) return [text(content)];
  const out: Node[] = [];
  let from = 0;
  for (const found of content.matchAll(URL)) {
    const url = withoutTail(found[0]);
    const target = address(url);
    if (target !== url) continue;
    out.push(text(content.slice(from, found.index)), { type: 'link', url: target, children: [text(url)] });
    from = found.index + url.length;
  }
  out.push(text(content.slice(from)));
  return out;
}

function withoutTail(found: string): string {
  let unpaired = 0;
  for (const char of found) unpaired += char === ')' ? 1 : char === '(' ? -1 : 0;
  let end = found.length;
  for (; end > 0; end--) {
    const last = found[end - 1] as string;
    if (last === ')' && unpaired > 0) unpaired--;
    else if (!TAIL.test(last)) break;
  }
  return found.slice(0, end);
}
