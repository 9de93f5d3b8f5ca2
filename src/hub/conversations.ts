// Opening, viewing, changing and deleting conversations.

import type { Opening as ObjectOpening } from '../conversation/api.ts';
import {
  type Allotted,
  allotConversation,
  type Claims,
  pairOf,
  releaseDefault,
} from '../directory/conversations.ts';
import { refuseRead } from '../domain/access.ts';
import { notFound, ok, Refused } from '../domain/errors.ts';
import type { ConversationNumber, Ordinal, Seq, UserNumber } from '../domain/ids.ts';
import type {
  Birth,
  ConversationFacts,
  ConversationView,
  Draft,
  FactsChange,
  JsonObject,
  Kind,
  Posted,
} from '../domain/model.ts';
import { type Once, refuseOther } from '../domain/once.ts';
import { cardOf } from '../domain/user.ts';
import { type Attaching, type Claim, claim, place, posting, release, withFiles } from './attaching.ts';
import { blockersAmong, refuseBlocked } from './blocks.ts';
import { call, reach, waitOf } from './calls.ts';
import { actorOf, type Caller, type Hub, type User } from './context.ts';
import { controllingOf, switchingOf } from './control.ts';
import { ask } from './directory.ts';
import { masked } from './masking.ts';
import { usersByNumbers } from './people.ts';
import { ration } from './rations.ts';

export interface Opening {
  kind: Kind;
  title?: string | null;
  description?: string | null;
  icon?: string | null;
  options?: string | null;
  metadata?: JsonObject | null;
  /** Who opened it, without being in it by that; absent: the caller, who is. */
  creator?: UserNumber;
  /** Who is in it, beside the caller when the caller is a person. */
  members: UserNumber[];
  uniqueId?: string | null;
  public?: boolean;
  /** The first message, posted with the birth. */
  first?: Draft;
  /** Made once, however often it is asked for. Conflict where its key was used for another. */
  once?: Once;
  /** False: a support conversation that does not become its customer's default one. */
  asDefault?: boolean;
  /** True: not another support conversation where its customer has a default one; the first message is one more in that. */
  inDefault?: boolean;
  /** Uploads that the first message is to have; not with `once`: each try claims them anew. */
  attaching?: Attaching;
}

export interface Opened {
  view: ConversationView;
  posted: Posted | null;
  /** False: another call made it first, and this one found it. */
  created: boolean;
}

/**
 * A new conversation with its people and first message, all or nothing; or the one that holds its claim already
 * (uniqueId, pair): there the first message is one more, and a caller who may not read it is told its number and kind
 * alone. The first support conversation of a person becomes their default one: D1's index decides.
 * Forbidden: somebody named has blocked the caller. Conflict: a person has their one support conversation, and the app
 * allows no second. Rate limited: each person named counts as a message.
 */
export async function openConversation(hub: Hub, caller: Caller, opening: Opening): Promise<Opened> {
  const people = await peopleOf(hub, caller, opening.members);
  if (opening.kind !== 'support') refuseBlocked(caller, people);
  // One message to each: a mailing must not cost less than its letters.
  if (caller.user) ration(hub, caller.app, caller.user.number, Math.max(1, people.length - 1));
  const { first, attaching } = opening;
  const claimed = first && attaching && (await claim(hub, caller, attaching, first, { conversation: null }));
  if (!claimed) return open(hub, caller, opening, people);
  return posting(hub, caller, claimed, () => open(hub, caller, opening, people, claimed));
}

async function open(
  hub: Hub,
  caller: Caller,
  opening: Opening,
  people: readonly User[],
  claimed?: Claim,
): Promise<Opened> {
  const { birth, won } = await allot(hub, caller, opening, people);
  hub.isolate.given.saw(birth.number);
  const first = masked(caller.app, opening.first) ?? null;
  const said = first && claimed ? withFiles(first, claimed) : first;
  if (claimed && won) await place(hub, caller, claimed, birth.number);
  // What is asked for again may have broken off before the conversation was born.
  const posts = won || (opening.once !== undefined && !claimed);
  const isNewPair = won && opening.kind === 'direct';
  const opened = await openObject(hub, caller, birth, {
    people: people.map((user) => ({ user: user.number, card: cardOf(user) })),
    ...(isNewPair && { blockers: await blockersAmong(hub, caller.app, numbersOf(people)) }),
    first: posts ? said : null,
    before: claimed?.until,
  });
  // Whoever was put out of their default one has none any more.
  if (!won && opening.inDefault && !mayRead(caller, opened.view))
    return open(hub, caller, { ...opening, inDefault: false }, people, claimed);
  const view = shownTo(caller, opened.view);
  if (won) {
    // Another call may have opened it before, with nothing said in it. By its client id it is said once.
    const isSaid = !said?.clientId || opening.once !== undefined || opened.posted?.duplicate === false;
    const posted = isSaid ? opened.posted : await postIn(hub, caller, birth.number, said, claimed?.until);
    return { view, posted, created: true };
  }
  // What another call's conversation is begun with is said in it like any message.
  const more = said && opening.once === undefined && mayRead(caller, opened.view) ? said : null;
  if (claimed) await (more ? place(hub, caller, claimed, birth.number) : release(hub, caller, claimed));
  const posted = more && (await postIn(hub, caller, birth.number, more, claimed?.until));
  return { view, posted, created: false };
}

async function openObject(
  hub: Hub,
  caller: Caller,
  birth: Birth,
  opening: Pick<ObjectOpening, 'people' | 'first' | 'before' | 'blockers'>,
): Promise<{ view: ConversationView; posted: Posted | null }> {
  const switching = await switchingOf(hub, caller.app);
  const given = {
    ...opening,
    actor: actorOf(caller),
    birth,
    switching,
    waitMs: hub.settings.indexWaitJoinMs,
  };
  try {
    return await call(hub, birth.number, (stub) => stub.open(given));
  } catch (error) {
    // Refused, it was never born: it must not stay anybody's default one.
    const refused = error instanceof Refused && error.refusal.code !== 'unavailable';
    if (refused && birth.defaultOf) {
      await ask(hub, caller.app.number, (d1) => releaseDefault(d1, birth)).catch(() => undefined);
    }
    throw error;
  }
}

async function postIn(
  hub: Hub,
  caller: Caller,
  c: ConversationNumber,
  draft: Draft,
  before?: number,
): Promise<Posted> {
  const options = {
    author: null,
    waitMs: waitOf(hub, caller),
    before,
    control: await controllingOf(hub, caller),
  };
  return call(hub, c, (stub) => stub.post(actorOf(caller), draft, options), Boolean(draft.clientId));
}

/** What the caller may see of the conversation they named: of one that others hold, that it is there and what kind. */
function shownTo(caller: Caller, view: ConversationView): ConversationView {
  if (caller.powers === 'app') return view;
  const { unreadByUser: _, readByUser: __, ...shown } = view;
  if (view.facts.public || mayRead(caller, view)) return shown;
  const { app, number, kind } = view.facts;
  const facts = { ...NOTHING_KNOWN, app, number, kind, door: caller.door };
  return { ...UNSEEN, facts };
}

const mayRead = (caller: Caller, view: ConversationView): boolean =>
  refuseRead(view.facts, actorOf(caller), view.me ?? undefined) === null;

const NOTHING_KNOWN = {
  creator: null,
  createdAt: 0,
  uniqueId: null,
  public: false,
  defaultOf: null,
  title: null,
  description: null,
  icon: null,
  options: null,
  metadata: null,
  assignee: null,
  control: null,
  group: null,
  state: 'open',
  locked: false,
} as const satisfies Partial<ConversationFacts>;

const UNSEEN = {
  epoch: '',
  lastSeq: 0 as Seq,
  lastAt: 0,
  messageCount: 0 as Ordinal,
  lastMessage: null,
  members: [],
  memberCount: 0,
  me: null,
  clearedN: 0 as Ordinal,
  unread: 0,
  readSeq: 0 as Seq,
};

/** The caller first, then those named, each once. */
async function peopleOf(hub: Hub, caller: Caller, members: readonly UserNumber[]): Promise<User[]> {
  const others = [...new Set(members)].filter((number) => number !== caller.user?.number);
  const found = await usersByNumbers(hub, caller.app, others);
  const people = others.map((number) => {
    const user = found.get(number);
    if (!user) throw new Refused(notFound('user'));
    return user;
  });
  return caller.user ? [caller.user, ...people] : people;
}

async function allot(hub: Hub, caller: Caller, opening: Opening, people: readonly User[]): Promise<Allotted> {
  const birth = {
    app: caller.app.number,
    nonce: crypto.randomUUID(),
    kind: opening.kind,
    creator: opening.creator ?? caller.user?.number ?? null,
    door: caller.door,
    createdAt: Date.now(),
    public: opening.public ?? false,
    title: opening.title ?? null,
    description: opening.description ?? null,
    icon: opening.icon ?? null,
    options: opening.options ?? null,
    metadata: opening.metadata ?? null,
  };
  const claims: Claims = {
    uniqueId: opening.uniqueId,
    pair: opening.kind === 'direct' ? pairOf(...(numbersOf(people) as [UserNumber, UserNumber])) : null,
    createKey: opening.once?.key,
    createPrint: opening.once?.print,
  };
  const allotOne = async (what: Claims): Promise<Allotted> => {
    const allotted = await ask(hub, caller.app.number, (d1) => allotConversation(d1, birth, what));
    const refusal =
      allotted.by === 'createKey' ? refuseOther(allotted.print, opening.once?.print ?? null) : null;
    if (refusal) throw new Refused(refusal);
    return allotted;
  };
  if (opening.kind !== 'support' || opening.asDefault === false) return allotOne(claims);
  const customer = people[0]?.number ?? null;
  const asDefault = { ...claims, defaultOf: customer };
  const first = await allotOne(asDefault);
  if (first.won || first.by === 'createKey') return first;
  // The person has a default conversation already: this one is another. Unless that one broke off before it was born.
  const again = (await isStillborn(hub, first))
    ? await takeOver(hub, first.birth, () => allotOne(asDefault))
    : null;
  if (again?.won || again?.by === 'createKey') return again;
  if (opening.inDefault) return again ?? first;
  if (!caller.app.settings.multiConvo) {
    const message = 'This person has a conversation already, and the app allows one.';
    throw new Refused({ code: 'conflict', subject: 'conversation', message });
  }
  return allotOne(claims);
}

/** The call that was to open it has ended long since, one way or the other. */
const STILLBORN_AFTER_MS = 60_000;

/** Whether this number holds its claim for a conversation that there never was. Asks the object only when it may be. */
async function isStillborn(hub: Hub, { birth, told }: Allotted): Promise<boolean> {
  if (told || birth.defaultOf === null || Date.now() - birth.createdAt < STILLBORN_AFTER_MS) return false;
  const { born } = await call(hub, birth.number, async (stub) => ok(await stub.lag()));
  return !born;
}

async function takeOver(hub: Hub, birth: Birth, allotAgain: () => Promise<Allotted>): Promise<Allotted> {
  await ask(hub, birth.app, (d1) => releaseDefault(d1, birth));
  return allotAgain();
}

const numbersOf = (people: readonly User[]): UserNumber[] => people.map(({ number }) => number);

/** Not found for missing, foreign and not-a-member alike. `marks`: with how far its people have read. */
export const viewConversation = (
  hub: Hub,
  caller: Caller,
  c: ConversationNumber,
  options: { marks?: boolean } = {},
): Promise<ConversationView> => reach(hub, caller, c, (stub) => stub.view(actorOf(caller), options));

/**
 * Changes facts; `assignee` gives it to somebody of the team, who becomes a member, or to nobody (null). All or nothing,
 * by app credentials and the team. Invalid: the assignee is not of the team; not found: nobody of this app.
 */
export async function updateConversation(
  hub: Hub,
  caller: Caller,
  c: ConversationNumber,
  changes: FactsChange,
  { assignee }: { assignee?: UserNumber | null } = {},
): Promise<ConversationView> {
  const assign = typeof assignee === 'number' ? await personOf(hub, caller, assignee) : assignee;
  const waitMs = assign ? hub.settings.indexWaitJoinMs : waitOf(hub, caller);
  return reach(hub, caller, c, (stub) => stub.update(actorOf(caller), changes, { waitMs, assign }));
}

/** Gives the conversation to somebody of the team, or to nobody: see `updateConversation`. */
export const assignConversation = (
  hub: Hub,
  caller: Caller,
  c: ConversationNumber,
  assignee: UserNumber | null,
): Promise<ConversationView> => updateConversation(hub, caller, c, {}, { assignee });

async function personOf(hub: Hub, caller: Caller, number: UserNumber) {
  const user = (await usersByNumbers(hub, caller.app, [number])).get(number);
  if (!user) throw new Refused(notFound('user'));
  return { user: number, card: cardOf(user) };
}

/** The record, its messages and its place in every list; app credentials only. */
export async function deleteConversation(hub: Hub, caller: Caller, c: ConversationNumber): Promise<void> {
  await reach(hub, caller, c, (stub) =>
    stub.destroy(actorOf(caller), { waitMs: hub.settings.indexWaitJoinMs }),
  );
}
