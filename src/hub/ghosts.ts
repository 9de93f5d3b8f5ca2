// People of other networks: each is a user of the role `ghost`, so that whoever wrote has a name at every door. Nobody can
// sign in as one, nobody finds one, and none can look like somebody who answers for the app
// (contracts/webhooks-bridges-widget.md 2.4).
import { directoryFor } from '../directory/door.ts';
import { findTeam, updateUser as writeUser } from '../directory/people.ts';
import { Refused } from '../domain/errors.ts';
import type { RemoteAuthor } from '../domain/remote.ts';
import { shapeOf } from '../http/look-alikes.ts';
import type { App, Hub, User } from './context.ts';
import { ask } from './directory.ts';
import { createUser, rememberUser, userByExternalId } from './people.ts';
import { markOf, type Source } from './sources.ts';

/** Of a shown name, what stands in brackets included. */
const NAME_CHARS = 80;
const AVATAR_CHARS = 2_048;
const REMOTE_ID_CHARS = 200;
/** Those of a team whose names are kept from others: the first ones. */
const TEAM = 500;
/** Somebody new in the team may be imitated for so long. */
const TEAM_FRESH_MS = 60_000;

/** The user that stands for this remote person, made or brought up to date. */
export async function ghostOf(hub: Hub, source: Source, author: RemoteAuthor): Promise<User> {
  const { app } = source;
  const externalId = `ghost-${markOf(hub, source, 'person', author.id)}`;
  const looks = { name: await shownName(hub, source, author.name), avatar: webAddress(author.avatar) };
  const known = await found(hub, app, externalId);
  if (!known) return make(hub, source, author, externalId, looks);
  if (known.name === looks.name && known.avatar === looks.avatar) return known;
  // Their next message shows it in its conversation; going through all others would cost more than it is worth.
  const changed = await ask(hub, app.number, (d1) => writeUser(d1, app.number, known.number, looks));
  if (!changed) return make(hub, source, author, externalId, looks);
  rememberUser(hub, changed);
  return changed;
}

async function make(
  hub: Hub,
  { app, network }: Source,
  author: RemoteAuthor,
  externalId: string,
  looks: { name: string; avatar: string | null },
): Promise<User> {
  const metadata = { network, remoteId: cut(author.id, REMOTE_ID_CHARS), ...(author.bot && { bot: true }) };
  try {
    return await createUser(hub, app, { externalId, ...looks, role: 'ghost', metadata });
  } catch (error) {
    // Two of their messages arrived at once.
    const taken = error instanceof Refused && error.refusal.code === 'conflict';
    const other = taken ? await found(hub, app, externalId) : null;
    if (!other) throw error;
    return other;
  }
}

async function found(hub: Hub, app: App, externalId: string): Promise<User | null> {
  try {
    return await userByExternalId(hub, app, externalId);
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'not_found') return null;
    throw error;
  }
}

/** `name [Network]`: without what cannot be seen, and never what a reader takes for somebody of the team. */
async function shownName(hub: Hub, { app, network, label }: Source, given: string): Promise<string> {
  const plain = given
    .toWellFormed()
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '')
    .replace(/\s+/g, ' ')
    .trim();
  const name = plain === '' ? label || network : plain;
  const shown = label === '' ? cut(name, NAME_CHARS) : behind(name, label);
  const team = await teamOf(hub, app);
  const passesFor = (text: string) => team.includes(shapeOf(text));
  // Also where the operator wants no network shown: then this one must be.
  return passesFor(shown) ? behind(shown, label === '' ? network : 'remote') : shown;
}

const behind = (name: string, label: string): string => {
  const suffix = ` [${label}]`;
  return cut(name, NAME_CHARS - suffix.length) + suffix;
};

/** At most so many UTF-16 units, no character cut in two. */
const cut = (text: string, most: number): string =>
  text.slice(0, Math.max(0, most)).replace(/[\ud800-\udbff]$/, '');

/** Names that belong to those who answer for the app, as a reader sees them. */
const teamOf = (hub: Hub, app: App): Promise<readonly string[]> =>
  hub.isolate.teams.get(
    String(app.number),
    async () => {
      const team = await findTeam(directoryFor(hub.env, app.number), app.number, TEAM);
      const names = [app.name, ...team.flatMap(({ name, username }) => [name, username])];
      return [...new Set(names.map(shapeOf).filter((shape) => shape !== ''))];
    },
    TEAM_FRESH_MS,
  );

const webAddress = (text: string | null): string | null =>
  text !== null && text.length <= AVATAR_CHARS && /^https?:\/\/[^\s"<>]+$/i.test(text) ? text : null;
