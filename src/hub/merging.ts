// Two people of an app turn out to be one: the account at once, then their conversations, some at a time. The directory holds
// how far it got until all have followed.
import {
  type MergedIn,
  type MergeResult,
  type MergeRow,
  type Merging,
  mergeAccounts,
  mergedIn,
  mergeRows,
  mergesDue,
  mergingOf,
  moveMerge,
} from '../directory/merging.ts';
import { findUser, foldName } from '../directory/people.ts';
import { forbidden, Refused } from '../domain/errors.ts';
import type { UserNumber } from '../domain/ids.ts';
import { mergeMetadata } from '../domain/merging.ts';
import type { Card, JsonObject, Role } from '../domain/model.ts';
import { cardOf, erasedCard } from '../domain/user.ts';
import { appByNumber, appCaller } from './apps.ts';
import { MOST_BLOCKED, tellBlocksOf } from './blocks.ts';
import { call } from './calls.ts';
import { type App, actorOf, type Hub, type User } from './context.ts';
import { forgetAtDesk } from './desk.ts';
import { ask } from './directory.ts';
import { tellEnded } from './ending.ts';
import { redactAuthor } from './erasing.ts';
import { hasListeners, tellOfPeople } from './news.ts';
import { recard } from './recarding.ts';

/** Conversations of one step, and asked at a time. The first step comes before the merge is answered. */
const STEP = 50;
const AT_ONCE = 6;
/** People whose steps one sweep takes up, and steps for each. */
const SWEPT_PEOPLE = 20;
const SWEPT_STEPS = 40;
/** How long somebody may act on an older record of a person (DESIGN.md 2): then their conversations are looked through again. */
const AGAIN_MS = 15 * 60_000;

/** Whoever answers for the app, speaks for it or stands for somebody elsewhere is not made somebody else. */
const PLAIN_ROLES: ReadonlySet<Role> = new Set<Role>(['visitor', 'member']);

/**
 * Makes `gone` one with `survivor`. What the survivor has wins, the other fills what is missing. False: one of the two has
 * changed or gone meanwhile, to be looked at again; nothing was done. Forbidden: one of them is more than a member.
 */
export async function mergePeople(hub: Hub, app: App, gone: User, survivor: User): Promise<boolean> {
  if (!PLAIN_ROLES.has(gone.role) || !PLAIN_ROLES.has(survivor.role))
    throw new Refused(forbidden('Only members can be merged: one of these users answers for the app.'));
  const rows = await ask(hub, app.number, (d1) => mergeRows(d1, app.number, [gone.number, survivor.number]));
  const [from, into] = [gone, survivor].map(({ number }) => rows.find((row) => row.number === number));
  if (!from || !into) return false;
  const { result, lost } = resultOf(from, into);
  const at = Date.now();
  const telling = hasListeners(app) ? { discarded: gone, lost } : null;
  const ended = await ask(hub, app.number, (d1) =>
    mergeAccounts(d1, app.number, [from, into], result, at, telling),
  );
  if (!ended) return false;
  await tellEnded(hub, app, gone, ended.tokenVersion, at);
  hub.defer(forgetAtDesk(hub, app, gone.number));
  hub.isolate.users.forget(`${app.number} number ${survivor.number}`);
  hub.isolate.users.forget(`${app.number} external ${survivor.externalId}`);
  tellOfPeople(hub, app, ended.told);
  if (await stepSafely(hub, gone.number)) hub.defer(rest(hub, gone.number));
  if (result.recard) await recard(hub, app, survivor.number);
  return true;
}

/** The survivor's row as it is from then on, and metadata that found no room in it. */
function resultOf(gone: MergeRow, survivor: MergeRow): { result: MergeResult; lost: JsonObject } {
  const { metadata, discarded: lost } = mergeMetadata(parsed(survivor.metadata), parsed(gone.metadata));
  const { zendeskId: _, ...profile } = parsed(gone.profile);
  // Who was never named is called by their external id.
  const name =
    survivor.name === survivor.externalId && gone.name !== gone.externalId ? gone.name : survivor.name;
  const avatar = survivor.avatar ?? gone.avatar;
  const [email, emailKey] =
    survivor.email === null ? [gone.email, gone.emailKey] : [survivor.email, survivor.emailKey];
  const ignored = [...numbers(survivor.blocked), ...numbers(gone.blocked)].filter(
    (each) => each !== survivor.number && each !== gone.number,
  );
  const result = {
    name,
    nameKey: foldName(name),
    avatar,
    locale: survivor.locale ?? gone.locale,
    email,
    emailKey,
    metadata: JSON.stringify(metadata),
    profile: JSON.stringify({ ...profile, ...parsed(survivor.profile) }),
    blocked: JSON.stringify([...new Set(ignored)].slice(0, MOST_BLOCKED)),
    recard: name !== survivor.name || avatar !== survivor.avatar,
  };
  return { result, lost };
}

const parsed = (text: string): JsonObject => JSON.parse(text) as JsonObject;
const numbers = (text: string): number[] => JSON.parse(text) as number[];

async function rest(hub: Hub, user: UserNumber): Promise<void> {
  while (await stepSafely(hub, user));
}

/** Goes on with what broke off, and looks again where that is due; gives how many people are done. */
export async function sweepMerges(hub: Hub, now: number): Promise<number> {
  let done = 0;
  for (const user of await ask(hub, null, (d1) => mergesDue(d1, now, SWEPT_PEOPLE))) {
    let more = true;
    for (let steps = 0; more && steps < SWEPT_STEPS; steps++) more = await stepSafely(hub, user, now);
    if (!more) done += 1;
  }
  return done;
}

/** A step that fails is a sweep's: the merge itself was made. */
async function stepSafely(hub: Hub, user: UserNumber, now = Date.now()): Promise<boolean> {
  try {
    return await step(hub, user, now);
  } catch (error) {
    if (error instanceof Refused) return false;
    throw error;
  }
}

/** Whether there is more to do at once. */
async function step(hub: Hub, user: UserNumber, now: number): Promise<boolean> {
  const merging = await ask(hub, null, (d1) => mergingOf(d1, user, now));
  if (!merging) return false;
  const app = await appByNumber(hub, merging.app);
  const held = await ask(hub, app.number, (d1) => mergedIn(d1, merging, STEP));
  const card = await cardNow(hub, app, merging);
  const failed: number[] = [];
  for (let i = 0; i < held.length; i += AT_ONCE) {
    await Promise.all(
      held.slice(i, i + AT_ONCE).map(async (each) => {
        if (!(await mergeIn(hub, app, each, merging, card))) failed.push(each.number);
      }),
    );
  }
  await tellBlocksOf(hub, app, merging.survivor.number);
  const last = held.at(-1);
  const further = last !== undefined && held.length === STEP ? last.number + 1 : null;
  const next = failed.length > 0 ? Math.min(...failed) : further;
  const again = now < merging.mergedAt + AGAIN_MS ? { from: 1, at: merging.mergedAt + AGAIN_MS } : null;
  const to = next === null ? again : { from: next, at: merging.at };
  const moved = await ask(hub, app.number, (d1) => moveMerge(d1, merging, to));
  return moved && failed.length === 0 && next !== null;
}

/** As they are now, not as they were when this began. */
async function cardNow(hub: Hub, app: App, { survivor }: Merging): Promise<Card> {
  const { number } = survivor;
  const user = await ask(hub, app.number, (d1) => findUser(d1, app.number, { number }));
  return user ? cardOf(user) : erasedCard(survivor.role);
}

/** False: it did not answer. One that is gone needs nothing. */
async function mergeIn(
  hub: Hub,
  app: App,
  { number: c, kind, defaultOf }: MergedIn,
  { chain, survivor }: Merging,
  card: Card,
): Promise<boolean> {
  const merging = { from: chain, into: { user: survivor.number, card }, kind, defaultOf };
  const options = { waitMs: hub.settings.indexWaitJoinMs };
  try {
    await call(hub, c, (stub) => stub.merge(actorOf(appCaller(app, 'operator')), merging, options));
    // They were erased since, and with them whoever they are.
    if (survivor.isErased) await redactAuthor(hub, app, c, survivor.number);
    return true;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return error.refusal.code === 'not_found';
  }
}
