// A forum's members, thousands at once: upserted by external id, a line each, until the first bad one.
// Figures behind the limits: docs/import.md.
import { takenColumn } from '../directory/door.ts';
import { knownExternalIds, type PersonRow, type Upserted, upsertPeople } from '../directory/import-people.ts';
import { foldName } from '../directory/people.ts';
import { BadLine, invalid } from '../domain/errors.ts';
import type { JsonObject, Role } from '../domain/model.ts';
import type { App, Hub } from './context.ts';
import { ask } from './directory.ts';
import { groupsOf, type Import, type Numbered } from './import-lines.ts';
import { endSockets } from './realtime.ts';

/** One D1 batch of three statements, at most one more: 50,000 lines make 300 to 400 queries. */
const GROUP_LINES = 500;
/** D1 takes 2 MB in one value, and a character is at most three bytes. */
const GROUP_CHARS = 500_000;
/** Lines of one call, and groups, whatever cuts them: a Worker may make 1,000 queries. */
const CALL_LINES = 50_000;
const CALL_GROUPS = 200;
/** Changed roles of one call: each is a call to an Inbox, and a Worker may make 10,000. */
const ROLES_ENDED = 2_000;

/** A person as a line says it: what is absent stays as it is, null unsets. */
export interface ImportedPerson {
  externalId: string;
  username?: string;
  email?: string | null;
  name?: string;
  avatar?: string | null;
  locale?: string | null;
  role?: Role;
  metadata?: JsonObject;
  /** Of another system (imported-passwords.ts). */
  passwordHash?: string | null;
  /** ms since 1970. */
  createdAt?: number;
}

/**
 * Makes and changes people. Whatever it was told before a bad line stays: the same lines again change nothing. Refused:
 * a name that somebody else has, and a person nobody knows without a user name.
 */
export async function* importPeople(
  hub: Hub,
  app: App,
  lines: AsyncIterable<Numbered<ImportedPerson>>,
): Import {
  const counts = { created: 0, updated: 0, unchanged: 0 };
  let [taken, begun, ended] = [0, 0, 0];
  const groups = groupsOf(lines, {
    lines: GROUP_LINES,
    chars: GROUP_CHARS,
    keyOf: (person) => person.externalId,
  });
  for await (const { group, failure } of groups) {
    const full = taken + group.length > CALL_LINES || begun >= CALL_GROUPS || ended >= ROLES_ENDED;
    if (full) return group[0]?.line ?? (failure as BadLine).line;
    taken += group.length;
    begun += 1;
    const { whole, unknown } = await upToUnknown(hub, app, group);
    for await (const { rows, done } of upsertGroup(hub, app, whole)) {
      counts.created += done.created.length;
      counts.updated += done.updated.length;
      counts.unchanged += rows.length - done.created.length - done.updated.length;
      ended += done.ended.length;
      await forget(hub, app, rows, done);
      yield { line: (rows.at(-1) as Numbered<unknown>).line, counts: { ...counts } };
    }
    if (unknown ?? failure) throw unknown ?? failure;
  }
  return null;
}

/** The lines before the first one that says no user name for somebody whom nobody knows yet. */
async function upToUnknown(hub: Hub, app: App, group: readonly Numbered<ImportedPerson>[]) {
  const nameless = group.filter(({ value }) => value.username === undefined);
  if (nameless.length === 0) return { whole: group, unknown: null };
  const ids = nameless.map(({ value }) => value.externalId);
  const known = await ask(hub, app.number, (d1) => knownExternalIds(d1, app.number, ids));
  const bad = nameless.find(({ value }) => !known.has(value.externalId));
  if (!bad) return { whole: group, unknown: null };
  const message = 'is missing: nobody has this external id yet';
  const unknown = new BadLine(bad.line, invalid('A field is missing.', [{ path: 'username', message }]));
  return { whole: group.slice(0, group.indexOf(bad)), unknown };
}

type Rows = readonly Numbered<ImportedPerson>[];

/**
 * Upserts all of a group in one batch. When a name in it is taken, halves it until the line is found: everything before
 * that is written, nothing of it and after it.
 */
async function* upsertGroup(hub: Hub, app: App, rows: Rows): AsyncGenerator<{ rows: Rows; done: Upserted }> {
  const [first] = rows;
  if (!first) return;
  try {
    const given = rows.map(({ value }) => personRow(value));
    yield { rows, done: await ask(hub, app.number, (d1) => upsertPeople(d1, app.number, given, Date.now())) };
  } catch (error) {
    const column = takenColumn(error);
    if (column === null) throw error;
    if (rows.length === 1) throw takenLine(first.line, column);
    const middle = Math.ceil(rows.length / 2);
    yield* upsertGroup(hub, app, rows.slice(0, middle));
    yield* upsertGroup(hub, app, rows.slice(middle));
  }
}

/** Fields by the index or the column that refused them. */
const FIELDS: Record<string, string> = {
  user_email: 'email',
  email_key: 'email',
  user_username: 'username',
  username_key: 'username',
};

function takenLine(line: number, column: string): BadLine {
  const path = FIELDS[column] ?? 'externalId';
  return new BadLine(line, {
    code: 'conflict',
    subject: 'user',
    message: `Somebody else has this ${path}.`,
    fields: [{ path, message: 'is already taken by somebody else' }],
  });
}

/** What this isolate remembers of them is old; whoever has another role is let go (hub/people.ts). */
async function forget(hub: Hub, app: App, rows: Rows, { updated, ended }: Upserted): Promise<void> {
  for (const { value } of rows) hub.isolate.users.forget(`${app.number} external ${value.externalId}`);
  for (const number of updated) hub.isolate.users.forget(`${app.number} number ${number}`);
  const at = Date.now();
  for (const { user, tokenVersion } of ended) {
    hub.isolate.revocations.add({ user, session: null, tokenVersion, at });
    await endSockets(hub, app, user, { tokenVersion });
  }
}

/** A person as the directory takes one: with names folded. */
export const personRow = (person: ImportedPerson): PersonRow => {
  const { externalId, username, email, name, avatar, locale, role, metadata, passwordHash, createdAt } =
    person;
  return {
    externalId,
    ...(username === undefined ? {} : { username, usernameKey: foldName(username) }),
    ...(email === undefined ? {} : { email, emailKey: email === null ? null : foldName(email) }),
    ...(name === undefined ? {} : { name, nameKey: foldName(name) }),
    ...(metadata === undefined ? {} : { metadata: JSON.stringify(metadata) }),
    ...(passwordHash === undefined ? {} : { password: passwordHash }),
    // JSON leaves out what is absent.
    ...{ avatar, locale, role, createdAt },
  };
};
