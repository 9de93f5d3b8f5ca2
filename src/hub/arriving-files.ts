// Files of a message from another network. Those that came with it are uploads like any other. One that is somewhere else is
// copied: at once where that is quick, else behind the answer, for which nobody there waits long
// (contracts/webhooks-bridges-widget.md W30, 2.4). Until then, and where it cannot be had, its address stands below the
// words: that is what is durable.
import type { ConversationNumber, FileNumber, Seq } from '../domain/ids.ts';
import type { Attachment, Draft, Markup } from '../domain/model.ts';
import type { RemoteFile, RemoteSaid } from '../domain/remote.ts';
import { write } from '../text/convert.ts';
import { link, text } from '../text/tree.ts';
import { appCaller } from './apps.ts';
import { type Attaching, claim, posting } from './attaching.ts';
import type { Caller, Hub } from './context.ts';
import { fetchFile } from './fetching.ts';
import { editMessage, messageOf } from './messages.ts';
import type { Source } from './sources.ts';

type Words = RemoteSaid['words'];
type Elsewhere = Exclude<RemoteFile, { uploaded: FileNumber }>;

/** A sender gives up after three seconds (Slack, Discord): so long it may take to have the files. */
const AT_ONCE_MS = 1_500;
/** Files of one message that are copied. */
const MOST_COPIED = 10;

export interface Brought {
  words: Words;
  attaching?: Attaching;
  /** Call when the message is there: it gets the files that took longer. */
  later?: (c: ConversationNumber, seq: Seq, draft: Draft) => void;
}

/** A copy that is being made; undefined: it is not there yet, null: it cannot be had. */
interface Copy {
  file: Elsewhere;
  number: FileNumber | null | undefined;
  done: Promise<void>;
}

const copyOf = (hub: Hub, source: Source, file: Elsewhere): Copy => {
  const copy: Copy = { file, number: undefined, done: Promise.resolve() };
  copy.done = fetchFile(hub, source.app, file).then((number) => {
    copy.number = number;
  });
  return copy;
};

/** The words and files that the message is posted with. */
export async function bringFiles(hub: Hub, source: Source, event: RemoteSaid): Promise<Brought> {
  const most = source.app.settings.filesPerMessage;
  const uploaded = event.files.flatMap((file) => ('uploaded' in file ? file.uploaded : []));
  const elsewhere = event.files.filter((file): file is Elsewhere => 'url' in file);
  const room = Math.max(0, Math.min(MOST_COPIED, most - uploaded.length));
  const copies = elsewhere.slice(0, room).map((file) => copyOf(hub, source, file));
  await allWithin(AT_ONCE_MS, copies);
  const here = [...uploaded.slice(0, most), ...copies.flatMap(({ number }) => number ?? [])];
  const pending = copies.filter(({ number }) => number === undefined);
  const shown = [...copies.filter(({ number }) => !number).map(({ file }) => file), ...elsewhere.slice(room)];
  const words = withLinks(event.words, shown);
  return {
    words,
    ...(here.length > 0 && { attaching: { files: here } }),
    ...(pending.length > 0 && {
      later: (c, seq, draft) => hub.defer(attachLate(hub, source, { c, seq, draft, pending, shown, event })),
    }),
  };
}

async function allWithin(ms: number, copies: readonly Copy[]): Promise<void> {
  if (copies.length === 0) return;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([Promise.all(copies.map(({ done }) => done)), late]);
  clearTimeout(timer);
}

interface Late {
  c: ConversationNumber;
  seq: Seq;
  draft: Draft;
  pending: readonly Copy[];
  /** Files whose addresses stand below the words. */
  shown: readonly Elsewhere[];
  event: RemoteSaid;
}

async function attachLate(hub: Hub, source: Source, late: Late): Promise<void> {
  const { c, seq, draft, pending, shown, event } = late;
  await Promise.all(pending.map(({ done }) => done));
  const made = pending.filter(({ number }) => number);
  const had = new Set(made.map(({ file }) => file));
  const files = made.flatMap(({ number }) => number ?? []);
  if (files.length === 0) return;
  const words = withLinks(
    event.words,
    shown.filter((file) => !had.has(file)),
  );
  await attach(hub, source, c, seq, { files, instead: { of: draft.text, words } });
}

/** What a message of another network has beside its words from now on. */
export interface Attached {
  /** Uploads that it gets. */
  files?: readonly FileNumber[];
  /** Which of those that it has it keeps; absent: all. */
  keep?: (index: number) => boolean;
  /** These words, as long as nobody has changed the ones that it had. */
  instead?: { of: string; words: Words };
}

/** Gives a message files, or takes some from it; nobody reworded it. Does nothing where it was deleted since. */
export async function attach(
  hub: Hub,
  source: Source,
  c: ConversationNumber,
  seq: Seq,
  { files = [], keep, instead }: Attached,
): Promise<void> {
  const caller: Caller = appCaller(source.app, 'bridge');
  const { message } = await messageOf(hub, caller, c, seq);
  const { origin } = message;
  if (message.deleted || !origin) return;
  const had = message.attachments ?? [];
  const kept = keep ? had.filter((_, i) => keep(i)) : had;
  const { text: said, markup } = instead?.of === message.text ? instead.words : message;
  const change = (more: readonly Attachment[]) =>
    editMessage(hub, caller, c, seq, {
      words: { text: said, markup, attachments: [...kept, ...more] },
      unmarked: true,
    });
  if (files.length === 0) {
    await change([]);
    return;
  }
  // Under a claim of its own: the sweeper finds out by it which message they are in.
  const draft: Draft = { ...message, clientId: origin.client };
  const claimed = await claim(hub, caller, { files }, draft, { conversation: c });
  if (claimed) await posting(hub, caller, claimed, () => change(claimed.attachments));
}

/** Addresses of files, a line each below the words. */
export function withLinks({ text: said, markup }: Words, files: readonly RemoteFile[]): Words {
  const lines = files.flatMap((file) =>
    'url' in file ? write(link(file.url, [text(file.name || file.url)]), markup) : [],
  );
  return { text: [said, ...lines].filter((part) => part !== '').join(GAPS[markup]), markup };
}

const GAPS: Record<Markup, string> = { plain: '\n', bbcode: '\n', markdown: '\n\n', html: '<br>' };
