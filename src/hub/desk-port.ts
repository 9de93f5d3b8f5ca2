// What the Desk of an app does to the world: opens the conversation of a visitor who was given to somebody, and speaks to
// connections. The use cases are desk.ts.
import type { DeskPort, Seating } from '../desk/api.ts';
import { ok, Refused, refused } from '../domain/errors.ts';
import type { GateApi } from '../domain/gate.ts';
import type { AppNumber, ConversationNumber } from '../domain/ids.ts';
import { TEAM_ROLES } from '../domain/model.ts';
import type { Env } from '../env.ts';
import { appByNumber, appCaller } from './apps.ts';
import { type App, type Hub, hubOf } from './context.ts';
import { openConversation, updateConversation } from './conversations.ts';
import { userByNumber } from './people.ts';

export function deskPort(env: Env, app: AppNumber, defer: (work: Promise<unknown>) => void): DeskPort {
  return {
    async open(seating) {
      const hub = hubOf(env, '', defer);
      try {
        return ok(await open(hub, await appByNumber(hub, app), seating));
      } catch (error) {
        if (error instanceof Refused) return refused(error.refusal);
        throw error;
      }
    },
    gate: (name) => env.GATE.getByName(name) as unknown as GateApi,
  };
}

/** Its key makes it the same conversation however often this is asked. */
async function open(
  hub: Hub,
  app: App,
  { visitor, agent, group, key }: Seating,
): Promise<ConversationNumber | 'unfit'> {
  if (agent !== null && !(await isOfTheTeam(hub, app, agent))) return 'unfit';
  const caller = appCaller(app, 'ppmessage');
  const { view } = await openConversation(hub, caller, {
    kind: 'support',
    creator: visitor,
    members: [visitor],
    once: { key: `desk ${key}`, print: null },
  });
  const { number } = view.facts;
  if (agent !== null || group !== null)
    await updateConversation(
      hub,
      caller,
      number,
      group === null ? {} : { group },
      agent === null ? {} : { assignee: agent },
    );
  return number;
}

async function isOfTheTeam(hub: Hub, app: App, agent: NonNullable<Seating['agent']>): Promise<boolean> {
  try {
    return TEAM_ROLES.has((await userByNumber(hub, app, agent)).role);
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'not_found') return false;
    throw error;
  }
}
