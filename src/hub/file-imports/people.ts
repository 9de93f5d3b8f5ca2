// A file of people: all of them are made, or none. Read, looked up, their passwords hashed some at a time, then put in with
// one batch.
import { directoryFor, takenColumn } from '../../directory/door.ts';
import { type FilePerson, insertPeople, takenTokens, takenUsernames } from '../../directory/file-imports.ts';
import { knownExternalIds } from '../../directory/import-people.ts';
import { foldName } from '../../directory/people.ts';
import type { Json } from '../../domain/model.ts';
import type { Step, Tools, Work } from '../../jobs/api.ts';
import { hashOfToken } from '../brought-tokens.ts';
import type { Hub } from '../context.ts';
import { hashPassword, sha1Hex } from '../passwords.ts';
import { usernameFrom } from '../people.ts';
import { failed, firstTwice, partsOf, type RowFormat, readRows, rowError } from './rows.ts';

/** A person as a row says it. */
export interface PersonRow {
  externalId: string;
  name: string;
  avatar: string | null;
  token: string | null;
  /** As it is typed. */
  password: string | null;
  /** ms since 1970; null: it does not say. */
  createdAt: number | null;
}

/** People in one kept part, and passwords hashed in one step: each takes a quarter of a second of the isolate. */
const PART = 100;
const HASHES = 8;
/** What goes in one statement of the batch, as JSON. */
const STATEMENT_CHARS = 400_000;
const LIST = 'people';

/** `password` is the password itself until it is hashed. */
type Kept = FilePerson & { hashed: boolean };

type State = { parts: number; total: number; phase: 'hash' | 'put'; part: number };

export const peopleImport = (hub: Hub, format: RowFormat<PersonRow>): Work => ({
  step: async (tools, state) => {
    const at = state as State | null;
    if (at === null) return begin(hub, tools, format);
    return at.phase === 'hash' ? hash(hub, tools, at) : put(hub, tools, format, at);
  },
});

async function begin(hub: Hub, tools: Tools, format: RowFormat<PersonRow>): Promise<Step> {
  const read = readRows(hub, tools, format);
  if (read.failed) return failed(read.failed);
  const { rows } = read;
  const { app } = tools.order;
  const people = rows.map(
    (row): Kept => ({
      externalId: row.externalId,
      username: '',
      usernameKey: '',
      name: row.name,
      nameKey: foldName(row.name),
      avatar: row.avatar,
      password: row.password,
      hashed: row.password === null,
      token: row.token === null ? null : hashOfToken(hub, app, row.token),
      createdAt: row.createdAt ?? tools.now(),
    }),
  );
  const wrong = await lookUp(hub, tools, people);
  if (wrong) return failed(rowError(tools, format, wrong.index, wrong.message));
  const parts = [...partsOf(people as unknown as Json[], PART)];
  return {
    state: { parts: parts.length, total: people.length, phase: 'hash', part: 0 },
    percentage: 5,
    keep: parts.map((value, place) => ({ list: LIST, place, value })),
  };
}

/** The first row whose names are taken; else everybody is given a user name that is free. */
async function lookUp(
  hub: Hub,
  { order }: Tools,
  people: readonly Kept[],
): Promise<{ index: number; message: string } | null> {
  const { app } = order;
  const d1 = directoryFor(hub.env, app);
  const ids = people.map(({ externalId }) => externalId);
  const tokens = people.map(({ token }) => token);
  const [twice, tokenTwice] = [firstTwice(ids), firstTwice(tokens)];
  const known = await knownExternalIds(d1, app, ids);
  const held = await takenTokens(
    d1,
    tokens.flatMap((token) => token ?? []),
  );
  const index = people.findIndex(
    ({ externalId, token }, i) =>
      i === twice || i === tokenTwice || known.has(externalId) || (token !== null && held.has(token)),
  );
  if (index >= 0) {
    const { externalId } = people[index] as Kept;
    if (known.has(externalId)) return { index, message: 'Email belongs to a user who exists already' };
    if (index === twice) return { index, message: 'Email stands in an earlier row too' };
    if (index === tokenTwice) return { index, message: 'AuthenticationToken stands in an earlier row too' };
    return { index, message: 'AuthenticationToken belongs to a user who exists already' };
  }
  await nameThem(d1, app, people);
  return null;
}

/** What stands before the @; where somebody has that, with something random behind it. */
async function nameThem(d1: D1Database, app: Tools['order']['app'], people: readonly Kept[]): Promise<void> {
  const wanted = people.map(({ externalId }) => usernameFrom(externalId));
  const taken = await takenUsernames(d1, app, [...new Set(wanted.map(foldName))]);
  for (const [i, person] of people.entries()) {
    const own = wanted[i] as string;
    const free = foldName(own) !== '' && !taken.has(foldName(own));
    person.username = free ? own : `${own.slice(0, 40)}-${crypto.randomUUID().slice(0, 8)}`;
    person.usernameKey = foldName(person.username);
    taken.add(person.usernameKey);
  }
}

/** Some passwords of one part. Between two of them whoever shares the isolate has as long. */
async function hash(hub: Hub, tools: Tools, state: State): Promise<Step> {
  const people = tools.kept(LIST, state.part) as unknown as Kept[];
  const open = people.filter(({ hashed }) => !hashed).slice(0, HASHES);
  for (const person of open) {
    const begun = tools.now();
    person.password = await hashPassword(hub.settings, sha1Hex(person.password as string));
    person.hashed = true;
    await new Promise((resolve) => setTimeout(resolve, tools.now() - begun));
  }
  const done = people.every(({ hashed }) => hashed);
  const part = done ? state.part + 1 : state.part;
  return {
    state: { ...state, part, phase: part === state.parts ? 'put' : 'hash' },
    percentage: 5 + (90 * part) / state.parts,
    keep: open.length > 0 ? [{ list: LIST, place: state.part, value: people as unknown as Json }] : [],
  };
}

async function put(hub: Hub, tools: Tools, format: RowFormat<PersonRow>, state: State): Promise<Step> {
  const { app, job } = tools.order;
  const people: Kept[] = [];
  for (let part = 0; part < state.parts; part += 1)
    people.push(...(tools.kept(LIST, part) as unknown as Kept[]));
  try {
    const parts = [...partsOf(people, people.length, STATEMENT_CHARS)];
    await insertPeople(directoryFor(hub.env, app), app, job, parts, tools.now());
  } catch (error) {
    if (takenColumn(error) === null) throw error;
    // Somebody came in between: the next look says who, or finds other user names.
    const wrong = await lookUp(hub, tools, people);
    if (wrong) return failed(rowError(tools, format, wrong.index, wrong.message));
    const parts = [...partsOf(people as unknown as Json[], PART)];
    return {
      state: { ...state, parts: parts.length },
      keep: parts.map((value, place) => ({ list: LIST, place, value })),
    };
  }
  // Isolates may believe that there is nobody of these names.
  for (const { externalId } of people) hub.isolate.users.forget(`${app} external ${externalId}`);
  return { state, rows: state.total, end: { failed: null } };
}
