// Messages for the incoming webhooks of Slack, Discord and Mattermost (contracts/webhooks-bridges-widget.md C1, C3): an
// endpoint of this format is such an address. Told of new messages alone; edits would be new messages there.
import { asksFor } from '../../domain/hook-options.ts';
import type { Attachment, Json, JsonObject, MessageEntry } from '../../domain/model.ts';
import { STANDARD_DELAYS_MS } from '../../endpoint/schedule.ts';
import type { Hub } from '../../hub/context.ts';
import type { HookOfApp } from '../../hub/hooks.ts';
import { read } from '../../text/convert.ts';
import { writeFor } from '../../text/networks.ts';
import type { Node } from '../../text/tree.ts';
import type { Fed, Format } from './format.ts';

const TYPE = 'message.created';

/** What is said, by whom. */
interface Said {
  nodes: Node[];
  /** Addresses of attachments. */
  files: (Pick<Attachment, 'name' | 'mime'> & { url: string })[];
  name: string;
  avatar: string | null;
  /** Which message it is; null: none. */
  marked: JsonObject | null;
}

function chat(render: (said: Said) => Record<string, Json>): Format {
  return {
    defaults: { delaysMs: STANDARD_DELAYS_MS, final: [], timeoutMs: 15_000, ordered: true },
    events: (_feed, fed) => {
      // What came in over a bridge does not go out over one again: it may have come from there (L1).
      const said = fed?.entry.kind === 'message' ? fed.entry.message : null;
      return said && !said.deleted && said.door !== 'bridge' ? [{ type: TYPE, suffix: '' }] : [];
    },
    wants: asksFor,
    asks: () => false,
    body: (hub, hook, made) => JSON.stringify(render(saidIn(hub, hook, made))),
    hello: (_hub, hook) => {
      const said = {
        nodes: read(`A test of ${hook.slug}`, 'plain'),
        files: [],
        name: 'Parlance',
        avatar: null,
        marked: null,
      };
      return { type: 'endpoint.test', body: JSON.stringify(render(said)) };
    },
  };
}

function saidIn(hub: Hub, { slug }: HookOfApp, { about, fed }: Fed): Said {
  const { entry, people } = fed as { entry: MessageEntry } & NonNullable<Fed['fed']>;
  const { message, author } = entry;
  const card = people.find(({ user }) => user === author)?.card;
  return {
    nodes: read(message.text, message.markup),
    files: (message.attachments ?? []).map((file) => ({
      ...{ name: file.name, mime: file.mime },
      url: hub.addressOf(file),
    })),
    name: message.override?.name ?? card?.name ?? '',
    avatar: message.override?.avatar ?? card?.avatar ?? null,
    marked: { app: slug, conversation: String(about.facts.number), message: String(entry.id) },
  };
}

const withFiles = (text: string, files: Said['files']): string =>
  [text, ...files.map(({ url }) => url)].filter((part) => part !== '').join('\n');

/** At most so many UTF-16 units, no character cut in two. */
const cut = (text: string, most: number): string =>
  text.length <= most
    ? text
    : `${text
        .slice(0, most - 1)
        .toWellFormed()
        .replace(/\ufffd$/, '')}…`;

const isWeb = (url: string | null): url is string => url !== null && /^https?:\/\//.test(url);

/** Slack cuts longer texts itself (40,000 characters). */
const SLACK_CHARS = 39_000;
const NAME_CHARS = 80;

export const slack = chat(({ nodes, files, name, avatar }) => ({
  text: cut(withFiles(writeFor('slack', nodes), files), SLACK_CHARS) || ' ',
  ...(name !== '' && { username: cut(name, NAME_CHARS) }),
  ...(isWeb(avatar) && { icon_url: avatar }),
}));

/** Discord takes 2,000; others leave as much room (matterbridge). */
const DISCORD_CHARS = 1_950;
/** Names that Discord refuses. */
const REFUSED_NAMES = /discord|clyde|```|@|#|:/gi;

export const discord = chat(({ nodes, files, name, avatar }) => ({
  content: cut(withFiles(writeFor('discord', nodes), files), DISCORD_CHARS) || '\u2026',
  ...(cut(name.replace(REFUSED_NAMES, ''), NAME_CHARS).trim() !== '' && {
    username: cut(name.replace(REFUSED_NAMES, ''), NAME_CHARS).trim(),
  }),
  ...(isWeb(avatar) && { avatar_url: avatar }),
  // Whatever a text says, it calls nobody.
  allowed_mentions: { parse: [] },
}));

/** Mattermost takes 16,383 of one message. */
const MATTERMOST_CHARS = 16_000;
export const mattermost = chat(({ nodes, files, name, avatar, marked }) => ({
  text: cut(writeFor('mattermost', nodes), MATTERMOST_CHARS) || (files.length > 0 ? '' : '\u2026'),
  ...(name !== '' && { username: cut(name, NAME_CHARS) }),
  ...(isWeb(avatar) && { icon_url: avatar }),
  ...(files.length > 0 && {
    attachments: files.map(
      ({ name: fallback, mime, url }): JsonObject =>
        mime.startsWith('image/')
          ? { fallback, image_url: url }
          : { fallback, title: fallback, title_link: url },
    ),
  }),
  // Kept by Mattermost, shown to nobody: whose a message is when it comes back from there (L5).
  ...(marked && { props: { parlance: marked } }),
}));
