// What another network can be told of a tree: what it has no word for becomes words, and nobody is called who should not
// be. How it is then written is the writers' matter, which network it is networks.ts'.
import { linkified } from './bare-links.ts';
import type { Network } from './networks.ts';
import { settle } from './settle.ts';
import { slackItems, slackLink } from './slack-told.ts';
import { link, type Mention, type Node, text, textOf } from './tree.ts';

/** Who may be called by what is written: nobody, unless somebody says so. */
export type Calls = (mention: Mention) => boolean;

interface Abilities {
  readonly underline: boolean;
  readonly spoiler: boolean;
  readonly images: boolean;
  /** Mentions there are names: elsewhere they are ids, and a name alone calls nobody. */
  readonly callsByName: boolean;
}

const ABILITIES: Readonly<Record<Network, Abilities>> = {
  slack: { underline: false, spoiler: false, images: false, callsByName: false },
  discord: { underline: true, spoiler: true, images: false, callsByName: false },
  mattermost: { underline: false, spoiler: false, images: true, callsByName: true },
  discourse: { underline: true, spoiler: true, images: true, callsByName: true },
};

/** What is put before words that cannot be hidden. */
const SPOILER = '(spoiler) ';
const bare = (content: string): string => content.replaceAll('\u200b', '');

const LONGEST_AUTHOR = 100;

/** The tree as `network` can be told it, settled. Mentions stay only where `calls` allows them. */
export function told(nodes: readonly Node[], network: Network, calls: Calls = () => false): Node[] {
  const able = ABILITIES[network];
  const slack = network === 'slack';

  const all = (children: readonly Node[], inLink: boolean): Node[] =>
    children.flatMap((node) => one(node, inLink));
  const one = (node: Node, inLink: boolean): Node[] => {
    switch (node.type) {
      case 'text':
        return [slack ? text(bare(node.text)) : node];
      case 'mention': {
        const known = node.id !== null || able.callsByName || EVERYBODY.test(node.name);
        return [!inLink && known && calls(node) ? node : text(`@${node.name}`)];
      }
      case 'image':
        return able.images ? [node] : all(link(node.url, [text(node.alt || node.url)]), inLink);
      case 'colour':
        return all(node.children, inLink);
      case 'underline':
        return able.underline
          ? [{ ...node, children: all(node.children, inLink) }]
          : all(node.children, inLink);
      case 'spoiler': {
        const children = all(node.children, inLink);
        return able.spoiler ? [{ ...node, children }] : [text(SPOILER), ...children];
      }
      case 'link': {
        const children = all(node.children, true);
        return slack ? slackLink({ ...node, children }) : [{ ...node, children }];
      }
      case 'code':
        if (!slack) return [node];
        return node.text.includes('`') ? [text(bare(node.text))] : [{ type: 'code', text: bare(node.text) }];
      case 'codeBlock':
        return [slack ? { type: 'codeBlock', text: bare(node.text) } : node];
      case 'quote': {
        // Discourse tells whoever is quoted if a comma follows the name.
        const author =
          network === 'discourse'
            ? (node.author?.replace(/[,<>]/g, ' ').slice(0, LONGEST_AUTHOR) ?? null)
            : node.author;
        return [{ ...node, author, children: all(node.children, false) }];
      }
      case 'list':
        return [
          {
            ...node,
            items: node.items.flatMap((item) => (slack ? slackItems(all(item, false)) : [all(item, false)])),
          },
        ];
      case 'break':
        return [node];
      default:
        return [{ ...node, children: all(node.children, inLink) }];
    }
  };
  const tree = settle(all(nodes, false));
  return slack ? tree : settle(linkified(tree));
}

const EVERYBODY = /^(?:everyone|here)$/;

const NAMED = /(?<![\p{L}\p{N}])@(?=\u200b*[\p{L}\p{N}_])/gu;
/** Whatever Discord might take for a call, wherever it stands. */
const CALLING = /@(?=\u200b*(?:everyone|here|[!&]?\d))/g;
const AT: Readonly<Record<Network, RegExp | null>> = {
  slack: null,
  discord: CALLING,
  mattermost: NAMED,
  discourse: NAMED,
};

/** The tree with a zero-width space behind each @ of its words that the network would call somebody by. */
export function uncalling(nodes: readonly Node[], network: Network): Node[] {
  const at = AT[network];
  if (at === null) return [...nodes];
  const guard = (content: string): string => content.replace(at, '@\u200b');
  return nodes.map((node): Node => {
    if (node.type === 'text') return text(guard(node.text));
    if (node.type === 'image') return { ...node, alt: guard(node.alt) };
    if (node.type === 'quote') {
      const author = node.author === null ? null : guard(node.author);
      return { ...node, author, children: uncalling(node.children, network) };
    }
    if (node.type === 'list') return { ...node, items: node.items.map((item) => uncalling(item, network)) };
    // An address that is its own name is written without words.
    if (node.type === 'link' && textOf(node.children) === node.url) return node;
    return 'children' in node ? { ...node, children: uncalling(node.children, network) } : node;
  });
}

const MENTION: Readonly<Record<Network, RegExp | null>> = {
  slack: null,
  discord: /@(\u200b*)(everyone|here|[!&]?\d+)/g,
  mattermost: /(?<![\p{L}\p{N}])@(\u200b*)([\p{L}\p{N}_](?:[\p{L}\p{N}_.-]*[\p{L}\p{N}_])?)/gu,
  discourse: /(?<![\p{L}\p{N}])@(\u200b*)([\p{L}\p{N}_](?:[\p{L}\p{N}_.-]*[\p{L}\p{N}_])?)/gu,
};

/** The way back: guards are taken away, and what calls somebody without one is a mention. */
export function called(nodes: readonly Node[], network: Network): Node[] {
  const pattern = MENTION[network];
  if (pattern === null) return [...nodes];
  const unguarded = (content: string): string =>
    content.replace(pattern, (_, guards: string, name: string) => `@${guards.slice(1)}${name}`);
  return nodes.flatMap((node): Node[] => {
    if (node.type === 'text') return mentionsIn(node.text, pattern);
    if (node.type === 'image') return [{ ...node, alt: unguarded(node.alt) }];
    if (node.type === 'quote') {
      const author = node.author === null ? null : unguarded(node.author);
      return [{ ...node, author, children: called(node.children, network) }];
    }
    if (node.type === 'list') return [{ ...node, items: node.items.map((item) => called(item, network)) }];
    if (node.type === 'link') return [{ ...node, children: unlinked(node.children, unguarded) }];
    return 'children' in node ? [{ ...node, children: called(node.children, network) }] : [node];
  });
}

/** Nobody is called by the name of a link. */
const unlinked = (nodes: readonly Node[], bare: (content: string) => string): Node[] =>
  nodes.map((node): Node => {
    if (node.type === 'text') return text(bare(node.text));
    return 'children' in node && node.type !== 'quote'
      ? { ...node, children: unlinked(node.children, bare) }
      : node;
  });

function mentionsIn(content: string, pattern: RegExp): Node[] {
  const out: Node[] = [];
  let from = 0;
  for (const found of content.matchAll(pattern)) {
    const [whole, guards = '', name = ''] = found;
    const end = found.index + whole.length;
    out.push(text(content.slice(from, found.index)));
    // Numbers behind an @ are no mention at Discord, but for those in brackets.
    if (guards === '' && !/^[!&]?\d+$/.test(name)) out.push({ type: 'mention', name, id: null });
    else out.push(text(`@${guards.slice(1)}${name}`));
    from = end;
  }
  out.push(text(content.slice(from)));
  return out;
}
