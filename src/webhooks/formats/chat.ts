// Messages for the incoming webhooks of Slack and of Discord (contracts/webhooks-bridges-widget.md C1, C3): an endpoint of
// this format is such an address. Told of new messages alone; edits would be new messages there.
import { asksFor } from '../../domain/hook-options.ts';
import type { Json, MessageEntry } from '../../domain/model.ts';
import { STANDARD_DELAYS_MS } from '../../endpoint/schedule.ts';
import type { Hub } from '../../hub/context.ts';
import { read, write } from '../../text/convert.ts';
import { writeSlack } from '../../text/slack-write.ts';
import type { Node } from '../../text/tree.ts';
import type { Fed, Format } from './format.ts';

const TYPE = 'message.created';

/** What is said, by whom. */
interface Said {
  nodes: Node[];
  /** Addresses of attachments, below the words. */
  files: string[];
  name: string;
  avatar: string | null;
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
    body: (hub, _hook, made) => JSON.stringify(render(saidIn(hub, made))),
    hello: (_hub, hook) => {
      const said = {
        nodes: read(`A test of ${hook.slug}`, 'plain'),
        files: [],
        name: 'Parlance',
        avatar: null,
      };
      return { type: 'endpoint.test', body: JSON.stringify(render(said)) };
    },
  };
}

function saidIn(hub: Hub, { fed }: Fed): Said {
  const { entry, people } = fed as { entry: MessageEntry } & NonNullable<Fed['fed']>;
  const { message, author } = entry;
  const card = people.find(({ user }) => user === author)?.card;
  return {
    nodes: read(message.text, message.markup),
    files: (message.attachments ?? []).map((file) => hub.addressOf(file)),
    name: message.override?.name ?? card?.name ?? '',
    avatar: message.override?.avatar ?? card?.avatar ?? null,
  };
}

const withFiles = (text: string, files: readonly string[]): string =>
  [text, ...files].filter((part) => part !== '').join('\n');

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
  text: cut(withFiles(writeSlack(nodes), files), SLACK_CHARS) || ' ',
  ...(name !== '' && { username: cut(name, NAME_CHARS) }),
  ...(isWeb(avatar) && { icon_url: avatar }),
}));

/** Discord takes 2,000; others leave as much room (matterbridge). */
const DISCORD_CHARS = 1_950;
/** Names that Discord refuses. */
const REFUSED_NAMES = /discord|clyde|```|@|#|:/gi;

export const discord = chat(({ nodes, files, name, avatar }) => ({
  content: cut(withFiles(write(nodes, 'markdown'), files), DISCORD_CHARS) || '\u2026',
  ...(cut(name.replace(REFUSED_NAMES, ''), NAME_CHARS).trim() !== '' && {
    username: cut(name.replace(REFUSED_NAMES, ''), NAME_CHARS).trim(),
  }),
  ...(isWeb(avatar) && { avatar_url: avatar }),
  // Whatever a text says, it calls nobody.
  allowed_mentions: { parse: [] },
}));
