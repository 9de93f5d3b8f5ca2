// A forum's private messages, a conversation in each line: once for each key, every line whole or not at all.
// Figures behind the limits: docs/import.md.
import type { ImportedLog, ImportedMember } from '../conversation/api.ts';
import { type Allotted, allotImported, type Found, findPeople } from '../directory/import-conversations.ts';
import { foldName } from '../directory/people.ts';
import { BadLine, type FieldProblem, invalid, Refused, unavailable } from '../domain/errors.ts';
import type { Card, Markup } from '../domain/model.ts';
import { call } from './calls.ts';
import type { App, Hub } from './context.ts';
import { ask } from './directory.ts';
import { groupsOf, type Import, type Numbered } from './import-lines.ts';
import { maskedWords } from './masking.ts';

/** Conversations whose people and numbers are asked for together, and characters in their lines. */
const GROUP_LINES = 50;
const GROUP_CHARS = 4_000_000;
const AT_ONCE = 16;
/**
 * Lines of one call. On one machine each object holds three files open until the call that used it ends, however early
 * the object goes: 750, where 1,024 are the usual limit. On Cloudflare they are 250 calls of 10,000, and 20 queries of
 * 1,000.
 */
const CALL_LINES = 250;
/** How long one conversation waits for the directory: while D1 is away an import must stop, or all of it would wait there. */
const INDEX_WAIT_MS = 20_000;

/** A person by what the forum calls them: one of both. */
export interface Reference {
  externalId?: string;
  username?: string;
}

export interface ImportedPlace extends Reference {
  /** Messages from the first one on that they have read; absent: all of them. */
  readUpTo?: number;
  /** Since when they are out (ms since 1970); true: since the last message. */
  left?: number | true;
  /** Out for ever: nobody but themselves and the app brings them back. */
  barred?: boolean;
}

/** `name`: of somebody who has no account any more. */
export type ImportedAuthor = Reference & { name?: string };

export interface ImportedConversation {
  /** Unique in the app. */
  key: string;
  title?: string | null;
  /** Absent: whoever wrote first. */
  creator?: Reference;
  /** ms since 1970; absent: the first message's time. */
  createdAt?: number;
  locked?: boolean;
  members: ImportedPlace[];
  messages: { author: ImportedAuthor; date: number; text: string; markup?: Markup; title?: string | null }[];
}

type Lines = readonly Numbered<ImportedConversation>[];

/**
 * Takes conversations in, in groups. A key that was here before is passed over. Refused, with the line named and nothing
 * of it taken: people whom nobody knows, messages out of order. Unavailable: the line and those after it are to be sent
 * again; some of the same group may be in already.
 */
export async function* importConversations(
  hub: Hub,
  app: App,
  lines: AsyncIterable<Numbered<ImportedConversation>>,
): Import {
  const counts = { imported: 0, present: 0, messages: 0 };
  let taken = 0;
  const groups = groupsOf(lines, { lines: GROUP_LINES, chars: GROUP_CHARS, keyOf: ({ key }) => key });
  for await (const { group, failure } of groups) {
    if (taken + group.length > CALL_LINES) return group[0]?.line ?? (failure as BadLine).line;
    taken += group.length;
    const { ready, bad } = await prepare(hub, app, group);
    if (ready.length > 0) {
      const allotted = await allot(hub, app, ready);
      await takeAllIn(hub, app, ready, allotted, counts);
      yield { line: (ready.at(-1) as Ready).line, counts: { ...counts } };
    }
    if (bad ?? failure) throw bad ?? failure;
  }
  return null;
}

/** A line whose people were found. */
type Ready = Omit<ImportedLog, 'birth'> & {
  line: number;
  key: string;
  title: string | null;
  creator: Found | null;
  createdAt: number;
};

/** The lines before the first one that names somebody unknown or contradicts itself. */
async function prepare(hub: Hub, app: App, group: Lines): Promise<{ ready: Ready[]; bad: BadLine | null }> {
  const references = group.flatMap(({ value }) => [
    ...value.members,
    ...value.messages.map(({ author }) => author),
    ...(value.creator ? [value.creator] : []),
  ]);
  const ids = new Set(references.flatMap(({ externalId }) => externalId ?? []));
  const keys = new Set(
    references.flatMap(({ username }) => (username === undefined ? [] : foldName(username))),
  );
  const { number } = app;
  const byId = await ask(hub, number, (d1) => findPeople(d1, number, 'external_id', [...ids]));
  const byName = await ask(hub, number, (d1) => findPeople(d1, number, 'username_key', [...keys]));
  const find = ({ externalId, username = '' }: Reference) =>
    externalId === undefined ? byName.get(foldName(username)) : byId.get(externalId);
  const ready: Ready[] = [];
  for (const line of group) {
    const problems: FieldProblem[] = [];
    const one = read(line, find, problems, app);
    if (problems.length > 0)
      return { ready, bad: new BadLine(line.line, invalid('Some fields are wrong.', problems.slice(0, 10))) };
    ready.push(one);
  }
  return { ready, bad: null };
}

function read(
  { line, value }: Numbered<ImportedConversation>,
  find: (reference: Reference) => Found | undefined,
  problems: FieldProblem[],
  app: App,
): Ready {
  const { key, title = null, locked = false, members, messages } = value;
  const kept = (words: string) => maskedWords(app, { text: words }).text;
  const wrong = (path: string, message: string) => problems.push({ path, message });
  const known = (reference: Reference, path: string): Found => {
    const found = find(reference);
    const field = reference.externalId === undefined ? 'username' : 'externalId';
    if (!found) wrong(`${path}.${field}`, 'is nobody of this app');
    return found ?? NOBODY;
  };
  const createdAt = value.createdAt ?? messages[0]?.date ?? 0;
  const people = members.map((member, i): ImportedMember => {
    const { left, barred = false, readUpTo = messages.length } = member;
    if (readUpTo > messages.length) wrong(`members.${i}.readUpTo`, 'is more than there are messages');
    if (typeof left === 'number' && left < createdAt)
      wrong(`members.${i}.left`, 'is before the conversation began');
    const standing = barred ? 'barred' : left === undefined ? 'active' : 'left';
    const leftAt = typeof left === 'number' ? left : null;
    return { ...known(member, `members.${i}`), standing, leftAt, readN: readUpTo };
  });
  const inside = new Set<number>();
  for (const [i, { user }] of people.entries()) {
    if (inside.has(user) && problems.length === 0) wrong(`members.${i}`, 'is there twice');
    inside.add(user);
  }
  const outside = new Map<number, Found>();
  const said = messages.map(({ author, date, text, markup = 'plain', title: heading = null }, i) => {
    const before = messages[i - 1]?.date ?? createdAt;
    if (date < before)
      wrong(
        `messages.${i}.date`,
        i === 0 ? 'is before the conversation began' : 'is before the message before it',
      );
    const words = { text: kept(text), title: heading && kept(heading) };
    const rest = { ...words, at: date, markup };
    if (author.name !== undefined) return { ...rest, author: null, name: author.name };
    const found = known(author, `messages.${i}.author`);
    if (!inside.has(found.user)) outside.set(found.user, found);
    return { ...rest, author: found.user, name: null };
  });
  const creator = value.creator ? known(value.creator, 'creator') : (find(messages[0]?.author ?? {}) ?? null);
  const shelves = app.settings.inboxShards;
  return {
    line,
    key,
    title,
    creator,
    createdAt,
    locked,
    people,
    outside: [...outside.values()],
    messages: said,
    shelves,
  };
}

const NOBODY = { user: 0 as Found['user'], card: null as unknown as Card };

function allot(hub: Hub, app: App, ready: readonly Ready[]): Promise<Map<string, Allotted>> {
  const claimed = ready.map(({ key, creator, createdAt, title }) => ({
    importKey: key,
    nonce: crypto.randomUUID(),
    creator: creator?.user ?? null,
    createdAt,
    title,
  }));
  return ask(hub, app.number, (d1) => allotImported(d1, app.number, claimed));
}

/** Some at a time. Throws for the first line that could not be taken in, when all that were begun have ended. */
async function takeAllIn(
  hub: Hub,
  app: App,
  ready: readonly Ready[],
  allotted: ReadonlyMap<string, Allotted>,
  counts: { imported: number; present: number; messages: number },
): Promise<void> {
  const failures: BadLine[] = [];
  const rest = ready.values();
  const work = async () => {
    for (const one of rest) {
      if (failures.length > 0) return;
      try {
        const place = allotted.get(one.key);
        if (!place || place.birth.app !== app.number)
          throw new Refused(unavailable('no number was allotted'));
        if (place.done) counts.present += 1;
        else {
          await takeIn(hub, one, place);
          counts.imported += 1;
          counts.messages += one.messages.length;
        }
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        failures.push(new BadLine(one.line, error.refusal));
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  const [first] = failures.sort((a, b) => a.line - b.line);
  if (first) throw first;
}

async function takeIn(hub: Hub, one: Ready, { birth }: Allotted): Promise<void> {
  const { locked, people, outside, messages, shelves } = one;
  const log: ImportedLog = { birth, locked, people, outside, messages, shelves };
  await call(hub, birth.number, (stub) => stub.takeIn(log, { waitMs: INDEX_WAIT_MS }));
  hub.isolate.given.saw(birth.number);
}
