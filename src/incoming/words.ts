// What people wrote at other networks, in a markup that conversations have. What each network's markup means is text/.
import type { Markup } from '../domain/model.ts';
import { withinLength } from '../domain/remote.ts';
import { read, write } from '../text/convert.ts';
import { readFrom } from '../text/networks.ts';
import { settle } from '../text/settle.ts';
import type { Node } from '../text/tree.ts';

interface Words {
  text: string;
  markup: Markup;
}

/** Nodes as the Markdown of conversations. */
export const markdownOf = (nodes: readonly Node[]): string => write(settle(nodes), 'markdown');

const markdown = (nodes: readonly Node[]): Words => ({ text: markdownOf(nodes), markup: 'markdown' });

export const wordsFrom = {
  /** `site`: the forum's address; null: nobody knows it. */
  discourse: (raw: string, site: string | null): Words =>
    markdown(readFrom('discourse', withinLength(raw), site === null ? {} : { site })),
  mattermost: (text: string): Words => markdown(readFrom('mattermost', withinLength(text))),
  rocketchat: (text: string): Words => markdown(readRocketchat(text)),
};

export const readMrkdwn = (text: string): Node[] => readFrom('slack', withinLength(text));
export const readDiscord = (text: string): Node[] => readFrom('discord', withinLength(text));
export const readMarkdownWords = (text: string): Node[] => read(withinLength(text), 'markdown');

const CODE = /(```[\s\S]*?```|`[^`\n]*`)/;
const LINK = /\[([^\][\n|]{1,500})\]\((https?:\/\/[^\s()|]{1,2000})\)/g;

/**
 * Rocket.Chat writes bold and strike with one sign as Slack does, or with two, and links as Markdown has them: said in
 * Slack's way, outside of code.
 */
export function readRocketchat(text: string): Node[] {
  const escaped = withinLength(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const parts = escaped.split(CODE).map((part, i) =>
    i % 2 === 1
      ? part
      : part
          .replace(LINK, (_, label: string, url: string) => `<${url}|${label}>`)
          .replaceAll('**', '*')
          .replaceAll('~~', '~'),
  );
  return readFrom('slack', parts.join(''));
}
