// Texts from and for the networks that bridges reach: each in its own markup, by way of the tree. Which markups a
// conversation keeps is convert.ts.
import type { Markup } from '../domain/model.ts';
import { linkified } from './bare-links.ts';
import { write } from './convert.ts';
import { DISCORD, DISCOURSE, discourseAt, type Flavour, MATTERMOST } from './flavour.ts';
import { readMarkdown } from './markdown.ts';
import { writeMarkdown } from './markdown-write.ts';
import { settle } from './settle.ts';
import { readSlack } from './slack.ts';
import { writeSlack } from './slack-write.ts';
import { type Calls, called, told, uncalling } from './told.ts';
import type { Meter, Node } from './tree.ts';

/** Slack's mrkdwn, Discord's Markdown, Mattermost's Markdown, and what Discourse calls the raw text of a post. */
export type Network = 'slack' | 'discord' | 'mattermost' | 'discourse';

/** What is known about the place that a text comes from. */
export interface Place {
  /** What somebody is called whom the network mentions by an id; null: unknown, the id is shown. */
  readonly names?: (id: string) => string | null;
  /** A Discourse's address, without a slash at its end: its texts name pages and uploads below it without saying so. */
  readonly site?: string;
}

const FLAVOURS: Readonly<Record<Exclude<Network, 'slack'>, Flavour>> = {
  discord: DISCORD,
  mattermost: MATTERMOST,
  discourse: DISCOURSE,
};

/** The settled tree of a text from a network. Never throws; `meter` counts the characters looked at. */
export function readFrom(
  network: Network,
  source: string,
  place: Place = {},
  meter: Meter = { steps: 0 },
): Node[] {
  const nodes =
    network === 'slack' ? readSlack(source, meter) : readMarkdownOf(network, source, place, meter);
  return named(nodes, place);
}

function readMarkdownOf(
  network: Exclude<Network, 'slack'>,
  source: string,
  { site }: Place,
  meter: Meter,
): Node[] {
  const flavour = network === 'discourse' && site !== undefined ? discourseAt(site) : FLAVOURS[network];
  const nodes = readMarkdown(source, meter, flavour);
  meter.steps += source.length;
  return settle(called(linkified(nodes), network));
}

function named(nodes: readonly Node[], { names }: Place): Node[] {
  if (!names) return [...nodes];
  return nodes.map((node): Node => {
    if (node.type === 'mention') return { ...node, name: (node.id !== null && names(node.id)) || node.name };
    if (node.type === 'list') return { ...node, items: node.items.map((item) => named(item, { names })) };
    return 'children' in node ? { ...node, children: named(node.children, { names }) } : node;
  });
}

/**
 * A settled tree in a network's markup. Nobody there is called by it, whatever its words are, but for mentions that the
 * tree holds and `calls` allows.
 */
export function writeFor(network: Network, nodes: readonly Node[], calls?: Calls): string {
  const tree = told(nodes, network, calls);
  return network === 'slack' ? writeSlack(tree) : writeMarkdown(uncalling(tree, network), FLAVOURS[network]);
}

/** A tree as a conversation keeps it: in the plainest markup that can say all of it. */
export function kept(nodes: readonly Node[]): { text: string; markup: Markup } {
  const markup = holds(nodes, BBCODE_ALONE) ? 'bbcode' : holds(nodes, MARKED) ? 'markdown' : 'plain';
  return { text: write(nodes, markup), markup };
}

type Kind = Node['type'];
const BBCODE_ALONE: ReadonlySet<Kind> = new Set<Kind>(['underline', 'colour', 'spoiler']);
const MARKED: ReadonlySet<Kind> = new Set<Kind>([
  'bold',
  'italic',
  'strike',
  'link',
  'image',
  'code',
  'codeBlock',
  'quote',
  'list',
]);

const holds = (nodes: readonly Node[], kinds: ReadonlySet<Kind>): boolean =>
  nodes.some((node) => {
    if (kinds.has(node.type)) return true;
    if (node.type === 'list') return node.items.some((item) => holds(item, kinds));
    return 'children' in node && holds(node.children, kinds);
  });
