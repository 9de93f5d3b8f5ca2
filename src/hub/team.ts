// Who answers for an app, as everybody may know.
import { findTeam } from '../directory/people.ts';
import type { App, Hub, User } from './context.ts';
import { ask } from './directory.ts';

/** People of the team that lists show. */
const MOST = 500;

/** Its agents, admins and owners, by number. */
export const teamOf = (hub: Hub, app: App): Promise<User[]> =>
  ask(hub, app.number, (d1) => findTeam(d1, app.number, MOST));
