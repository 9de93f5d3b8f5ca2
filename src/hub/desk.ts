// The Desk's use cases: who gets a visitor, who waits, whose devices are online, what arrived at them. The decisions are the
// object's (src/desk), in one place for each app.
import type { Acknowledged, DeskApi, Pushed } from '../desk/api.ts';
import { findTeam } from '../directory/people.ts';
import type { Arrival, Attendance, Hopeless, Routed, RoutePolicy, ServiceGroup } from '../domain/desk.ts';
import { ok, Refused, type Result, unavailable, unwrap } from '../domain/errors.ts';
import type { ConversationNumber, DeviceNumber, UserNumber } from '../domain/ids.ts';
import { appCaller } from './apps.ts';
import type { App, Hub } from './context.ts';
import { viewConversation } from './conversations.ts';
import { ask } from './directory.ts';
import { onlineUsers } from './presence.ts';

export type { Pushed } from '../desk/api.ts';
export type { Arrival, Attendance, DeviceKind, Routed, RoutePolicy, ServiceGroup } from '../domain/desk.ts';

const ATTEMPTS = 4;
const PAUSE_MS = 20;
/** Agents who are looked for before nobody is there. */
const TEAM_MOST = 200;

/** How a visitor fared: theirs, a place in the queue, or that there is nobody who could ever have them. */
export type Fared = Routed | { state: 'nobody'; reason: Hopeless };

const stubOf = (hub: Hub, app: Pick<App, 'number'>): DeskApi =>
  hub.env.DESK.getByName(String(app.number)) as unknown as DeskApi;

/** One call, with the refusal thrown. All of them may be made twice. */
async function call<T>(
  hub: Hub,
  app: Pick<App, 'number'>,
  work: (desk: DeskApi) => Promise<Result<T>>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return unwrap(await work(stubOf(hub, app)));
    } catch (error) {
      if (error instanceof Refused) throw error;
      if (attempt >= ATTEMPTS) {
        console.error(JSON.stringify({ at: 'desk call', request: hub.requestId, error: String(error) }));
        throw new Refused(unavailable(String(error)));
      }
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * attempt));
    }
  }
}

const plain = <T>(hub: Hub, app: Pick<App, 'number'>, work: (desk: DeskApi) => Promise<T>): Promise<T> =>
  call(hub, app, async (desk) => ok(await work(desk)));

// ---- visitors ----

/**
 * Gives a visitor without a conversation to whom the app's policy says (contracts/ppmessage.md 8), and opens their
 * conversation; asked again, the answer is the same. ALL: to the whole team, nobody is assigned. SMART: to somebody online,
 * else as GROUP, else they wait. GROUP: to somebody ready of the group, else they wait in the order of their coming.
 * `group`: the one that was asked for, else the app's own one for visitors; null: there is none.
 */
export async function routeVisitor(
  hub: Hub,
  app: App,
  visitor: UserNumber,
  { device = null, group = null }: { device?: DeviceNumber | null; group?: ServiceGroup | null } = {},
): Promise<Fared> {
  const policy = app.settings.routePolicy;
  const team = policy === 'GROUP' ? [] : await teamNumbers(hub, app);
  const nobody = nobodyFor(policy, team, group);
  if (nobody) {
    if (nobody.state === 'nobody')
      hub.defer(plain(hub, app, (desk) => desk.hopeless(visitor, nobody.reason)));
    return nobody;
  }
  const present = policy === 'SMART' ? await connected(hub, app, team) : [];
  const asking = { visitor, device, policy, present, group: policy === 'ALL' ? null : group };
  const routed = await call(hub, app, (desk) => desk.route(asking));
  if (routed.state !== 'assigned' || (await isThere(hub, app, routed.conversation))) return routed;
  // Deleted since: what the Desk remembers must not keep the visitor from another one.
  await plain(hub, app, (desk) => desk.dismiss(visitor, routed.conversation));
  return call(hub, app, (desk) => desk.route(asking));
}

function nobodyFor(
  policy: RoutePolicy,
  team: readonly UserNumber[],
  group: ServiceGroup | null,
): Extract<Fared, { state: 'nobody' }> | null {
  if (policy !== 'GROUP') return team.length === 0 ? { state: 'nobody', reason: 'no team' } : null;
  if (!group) return { state: 'nobody', reason: 'no group' };
  return group.members.length === 0 ? { state: 'nobody', reason: 'empty group' } : null;
}

const teamNumbers = async (hub: Hub, app: App): Promise<UserNumber[]> =>
  (await ask(hub, app.number, (d1) => findTeam(d1, app.number, TEAM_MOST))).map(({ number }) => number);

/** Who of them is connected through any door. */
const connected = async (hub: Hub, app: App, team: readonly UserNumber[]): Promise<UserNumber[]> => [
  ...(await onlineUsers(hub, app, team, { live: true })),
];

async function isThere(hub: Hub, app: App, c: ConversationNumber): Promise<boolean> {
  try {
    await viewConversation(hub, appCaller(app, 'ppmessage'), c);
    return true;
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'not_found') return false;
    throw error;
  }
}

/** How it stands with a visitor who asked; null: they did not, or gave up. */
export async function standingOf(hub: Hub, app: App, visitor: UserNumber): Promise<Routed | null> {
  const standing = await plain(hub, app, (desk) => desk.standing(visitor));
  if (standing?.state !== 'waiting' || app.settings.routePolicy !== 'SMART') return standing;
  // Nobody tells the Desk who comes in through another door: it is looked at when somebody asks.
  const present = await connected(hub, app, await teamNumbers(hub, app));
  if (present.length > 0) await plain(hub, app, (desk) => desk.offer(present));
  return standing;
}

/** The visitor waits no longer. False: they did not wait. */
export const cancelWaiting = (hub: Hub, app: App, visitor: UserNumber): Promise<boolean> =>
  plain(hub, app, (desk) => desk.cancel(visitor));

// ---- the team ----

/**
 * An agent signs in with a device and takes visitors of these groups from now on. The device is online, and the one before
 * it of its kind is told to log out (contracts/ppmessage.md 6, PPKEFU_LOGIN).
 */
export const agentReady = (
  hub: Hub,
  app: App,
  arrival: Omit<Arrival, 'service'>,
  groups: readonly number[],
): Promise<void> => plain(hub, app, (desk) => desk.ready({ ...arrival, service: true }, [...groups]));

/** A visitor's device is online, without a connection: until one that it has ends, or {@link deviceAway}. */
export const visitorHere = (hub: Hub, app: App, arrival: Omit<Arrival, 'service'>): Promise<void> =>
  plain(hub, app, (desk) => desk.came({ ...arrival, service: false }));

/** Somebody signs out with a device, and its connection ends; an agent without another one online takes no visitors. */
export const deviceAway = (hub: Hub, app: App, user: UserNumber, device: DeviceNumber): Promise<void> =>
  plain(hub, app, (desk) => desk.away(user, device));

/** Others are in this group now: those who wait for it may be given to them. */
export const groupChanged = (hub: Hub, app: App, group: ServiceGroup): Promise<void> =>
  plain(hub, app, (desk) => desk.regrouped(group));

/** Whether anybody of the team is there: by a device, or connected through any other door. */
export async function isTeamThere(hub: Hub, app: App): Promise<boolean> {
  if ((await plain(hub, app, (desk) => desk.present(1))).length > 0) return true;
  return (await connected(hub, app, await teamNumbers(hub, app))).length > 0;
}

// ---- devices ----

/** Which of their devices are online, and who takes visitors, in the order asked for. */
export const attendanceOf = (hub: Hub, app: App, users: readonly UserNumber[]): Promise<Attendance[]> =>
  plain(hub, app, (desk) => desk.attendance([...users]));

/** Whose device it is and whether it is online, as far as it ever was; null: never, or long ago. */
export const deviceStanding = (
  hub: Hub,
  app: App,
  device: DeviceNumber,
): Promise<{ user: UserNumber; online: boolean } | null> => plain(hub, app, (desk) => desk.device(device));

/** The connection `gate` is this device's from now on. Gives what arrived at the device before. */
export const deviceConnected = (
  hub: Hub,
  app: App,
  arrival: Arrival,
  { gate, extra }: { gate: string; extra: string | null },
): Promise<Pushed> => plain(hub, app, (desk) => desk.connected(arrival, gate, extra));

/** That connection ended. */
export const deviceDisconnected = (
  hub: Hub,
  app: Pick<App, 'number'>,
  device: DeviceNumber,
  gate: string,
): Promise<void> => plain(hub, app, (desk) => desk.disconnected(device, gate));

/** These messages arrived at somebody's device. False: it is not theirs. */
export const acknowledge = (
  hub: Hub,
  app: App,
  user: UserNumber,
  device: DeviceNumber,
  seen: Acknowledged[],
): Promise<boolean> => plain(hub, app, (desk) => desk.acknowledged(user, device, seen));

/** What arrived at a device; null: it was never connected, or is somebody else's. */
export const pushedTo = (
  hub: Hub,
  app: App,
  user: UserNumber,
  device: DeviceNumber,
): Promise<Pushed | null> => plain(hub, app, (desk) => desk.pushed(user, device));

/** The Desk knows nothing of this person any more. */
export const forgetAtDesk = (hub: Hub, app: Pick<App, 'number'>, user: UserNumber): Promise<void> =>
  plain(hub, app, (desk) => desk.forget(user));
