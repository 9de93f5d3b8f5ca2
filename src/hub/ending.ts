// Ending everything that a person holds: their tokens, and the sockets that were opened with them.
import { raiseTokenVersion } from '../directory/revocations.ts';
import type { App, Hub, User } from './context.ts';
import { ask } from './directory.ts';
import { endSockets } from './realtime.ts';

/** Ends every token that this person holds, everywhere within 5 s. Gives the version of those made from now on. */
export async function revokeUser(hub: Hub, app: App, user: User): Promise<number> {
  const at = Date.now();
  const version = await ask(hub, app.number, (d1) => raiseTokenVersion(d1, user.number, at));
  hub.isolate.revocations.add({ user: user.number, session: null, tokenVersion: version, at });
  // Under both names: a token made from an older record would be dead when it is given out.
  hub.isolate.users.forget(`${app.number} number ${user.number}`);
  hub.isolate.users.forget(`${app.number} external ${user.externalId}`);
  await endSockets(hub, app, user.number, { tokenVersion: version });
  return version;
}
