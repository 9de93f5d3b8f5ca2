// When somebody looks different, the conversations that they are or were in follow: their cards are kept there, so that
// showing a message asks nobody. Some at a time; the directory holds how far it got until all have.
import { conversationsFrom } from '../directory/erasing.ts';
import { findUser } from '../directory/people.ts';
import { moveRecard, recardsDue } from '../directory/recarding.ts';
import { Refused } from '../domain/errors.ts';
import type { ConversationNumber, UserNumber } from '../domain/ids.ts';
import type { Role } from '../domain/model.ts';
import { cardOf } from '../domain/user.ts';
import { appByNumber, appCaller } from './apps.ts';
import { call } from './calls.ts';
import { type App, actorOf, type Hub, type User } from './context.ts';
import { ask } from './directory.ts';

/** Conversations of one step, and asked at a time. The first step comes before the change is answered. */
const STEP = 50;
const AT_ONCE = 6;
/** People whose steps one sweep takes up, and steps for each. */
const SWEPT_PEOPLE = 20;
const SWEPT_STEPS = 40;

/** Roles that leave their cards only where they are or were members: the others may write from outside. */
const PLAIN_ROLES: ReadonlySet<Role> = new Set<Role>(['visitor', 'member']);

/**
 * Shows the person as they are now in the first conversations before this resolves, in the rest behind the answer. The
 * directory was told with the change that this has begun: what breaks off here is gone on with by a sweep.
 */
export async function recard(hub: Hub, app: App, user: UserNumber): Promise<void> {
  const next = await stepSafely(hub, app, user, 1);
  if (next !== null) hub.defer(recardRest(hub, app, user, next));
}

async function recardRest(hub: Hub, app: App, user: UserNumber, from: number): Promise<void> {
  for (let at: number | null = from; at !== null; ) at = await stepSafely(hub, app, user, at);
}

/** Goes on with what broke off; gives how many people are shown as they are, everywhere. */
export async function sweepRecards(hub: Hub): Promise<number> {
  let done = 0;
  for (const { app: number, user, from } of await ask(hub, null, (d1) => recardsDue(d1, SWEPT_PEOPLE))) {
    const app = await appByNumber(hub, number);
    let at: number | null = from;
    for (let steps = 0; at !== null && steps < SWEPT_STEPS; steps++)
      at = await stepSafely(hub, app, user, at);
    if (at === null) done += 1;
  }
  return done;
}

/** A step that fails is a sweep's: the change itself was made. */
async function stepSafely(hub: Hub, app: App, user: UserNumber, from: number): Promise<number | null> {
  try {
    return await step(hub, app, user, from);
  } catch (error) {
    if (error instanceof Refused) return null;
    throw error;
  }
}

/** Where to go on; null: that was all, or somebody else goes on. */
async function step(hub: Hub, app: App, number: UserNumber, from: number): Promise<number | null> {
  // As they are now, not as they were when this began.
  const user = await ask(hub, app.number, (d1) => findUser(d1, app.number, { number }));
  if (!user) return null;
  const whose = PLAIN_ROLES.has(user.role) ? number : null;
  const held = await ask(hub, app.number, (d1) => conversationsFrom(d1, app.number, whose, from, STEP));
  const failed: number[] = [];
  for (let i = 0; i < held.length; i += AT_ONCE) {
    const asked = held.slice(i, i + AT_ONCE);
    await Promise.all(
      asked.map(async ({ number: c }) => {
        if (!(await recardIn(hub, app, c, user))) failed.push(c);
      }),
    );
  }
  const last = held.at(-1);
  const further = last !== undefined && held.length === STEP ? last.number + 1 : null;
  const next = failed.length > 0 ? Math.min(...failed) : further;
  const moved = await ask(hub, app.number, (d1) => moveRecard(d1, number, from, next));
  return moved && failed.length === 0 ? next : null;
}

/** False: it did not answer. One that is gone needs nothing. */
async function recardIn(hub: Hub, app: App, c: ConversationNumber, user: User): Promise<boolean> {
  const person = { user: user.number, card: cardOf(user) };
  const actor = actorOf(appCaller(app, 'operator'));
  try {
    await call(hub, c, (stub) => stub.recard(actor, person, { waitMs: hub.settings.indexWaitMs }));
    return true;
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'not_found') return true;
    if (error instanceof Refused) return false;
    throw error;
  }
}
