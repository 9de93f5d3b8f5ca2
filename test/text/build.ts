// Short names for nodes, so that expected trees can be read at a glance.
import { type Address, address, lineBreak, type Node } from '../../src/text/tree.ts';

const at = (url: string): Address => {
  const safe = address(url);
  if (safe === null) throw new Error(`no address: ${url}`);
  return safe;
};

export const t = (text: string): Node => ({ type: 'text', text });
export const br = lineBreak;
export const b = (...children: Node[]): Node => ({ type: 'bold', children });
export const i = (...children: Node[]): Node => ({ type: 'italic', children });
export const u = (...children: Node[]): Node => ({ type: 'underline', children });
export const s = (...children: Node[]): Node => ({ type: 'strike', children });
export const red = (child: Node, colour = 'red'): Node => ({ type: 'colour', colour, children: [child] });
export const spoiler = (...children: Node[]): Node => ({ type: 'spoiler', children });
export const mention = (name: string, id: string | null = null): Node => ({ type: 'mention', name, id });
export const link = (url: string, ...children: Node[]): Node => ({ type: 'link', url: at(url), children });
export const image = (url: string, alt = ''): Node => ({ type: 'image', url: at(url), alt });
export const code = (text: string): Node => ({ type: 'code', text });
export const codeBlock = (text: string, language?: string): Node =>
  language ? { type: 'codeBlock', text, language } : { type: 'codeBlock', text };
export const quote = (author: string | null, ...children: Node[]): Node => ({
  type: 'quote',
  author,
  children,
});
export const list = (...items: Node[][]): Node => ({ type: 'list', start: null, items });
export const ordered = (start: number, ...items: Node[][]): Node => ({ type: 'list', start, items });
