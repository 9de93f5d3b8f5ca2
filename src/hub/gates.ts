// Connections that say who they are only after the upgrade: the object that each gets, and who holds one.
import type { Holder } from '../domain/gate.ts';
import { TEAM_ROLES } from '../domain/model.ts';
import { cardOf } from '../domain/user.ts';
import { withPassage } from '../gate/passage.ts';
import type { Caller, Hub } from './context.ts';
import type { Claims } from './sessions.ts';

/** Gives the connection an object of its own, which speaks this protocol on it. The answer completes the upgrade. */
export async function openGate(
  hub: Hub,
  request: Request,
  how: { protocol: string; subprotocol: string | null },
): Promise<Response> {
  const gate = hub.env.GATE.getByName(crypto.randomUUID());
  const passed = withPassage(request, { ...how, origin: hub.origin });
  return (await gate.fetch(passed as never)) as unknown as Response;
}

/** Whom a verified token lets a connection speak for. */
export function holderOf(caller: Caller, claims: Claims): Holder {
  const { app, user, session, version, expiresAt } = claims;
  const { card } = caller.user ? { card: cardOf(caller.user) } : claims;
  return {
    app,
    user,
    session,
    version,
    expiresAt,
    card,
    powers: TEAM_ROLES.has(card.role) ? 'team' : 'member',
  };
}
