// Ending everything that a person holds: their tokens, and the sockets that were opened with them.
import { raiseTokenVersion } from '../directory/revocations.ts';
import type { App, Hub, User } from './context.ts';
import { ask } from './directory.ts';
import { endSockets } from './realtime.ts';

/** Ends every token that this person holds, everywhere within 5 s. Gives the version of those made from now on. */
export async function revokeUser(hub: Hub, app: App, user: User): Promise<number> {
  const at = Date.now();
  const version = await ask(hub, app.number, (d1) => raiseTokenVersion(d1, user.number, at));
  await tellEnded(hub, app, user, version, at);
  return version;
}

/** Tells this isolate and the person's Inbox, now that D1 has it, that tokens older than `version` are over. */
export async function tellEnded(hub: Hub, app: App, user: User, version: number, at: number): Promise<void> {
  hub.isolate.revocations.add({ user: user.number, session: null, tokenVersion: version, at });
  // Under both names: a token made from an older record would be dead when it is given out.
  hub.isolate.users.forget(`${app.number} number ${user.number}`);
  hub.isolate.users.forget(`${app.number} external ${user.externalId}`);
  await endSockets(hub, app, user.number, { tokenVersion: version });
}
