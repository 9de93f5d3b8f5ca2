// Connections that say who they are only after the upgrade: the object that each gets, and who holds one.
import { Refused } from '../domain/errors.ts';
import type { Holder } from '../domain/gate.ts';
import { TEAM_ROLES } from '../domain/model.ts';
import { cardOf } from '../domain/user.ts';
import { withPassage } from '../gate/passage.ts';
import type { Caller, Hub } from './context.ts';
import type { Claims } from './sessions.ts';

/**
 * Connections that one address opens at once, and how long each one after them takes to come back. One that speaks for nobody
 * ends after a minute (gate/alone.ts), so an address has 500 of them at most.
 */
const OPENINGS = 200;
const OPENING_REFILL_MS = 200;

/** Throws rate_limited where an address opens too many. Without addresses nobody is held up for what others do. */
export function rationOpening({
  settings,
  isolate: { opened },
  clientAddress,
}: Pick<Hub, 'clientAddress'> & {
  settings: Pick<Hub['settings'], 'limits'>;
  isolate: Pick<Hub['isolate'], 'opened'>;
}): void {
  const address = settings.limits === 'off' ? null : clientAddress();
  if (address === null) return;
  const now = Date.now();
  const retryAfterMs = opened.wait(address, OPENING_REFILL_MS, OPENINGS * OPENING_REFILL_MS, now);
  if (retryAfterMs > 0) {
    const message = 'Too many connections are being opened. Please try again later.';
    throw new Refused({ code: 'rate_limited', message, retryAfterMs });
  }
  opened.take(address, OPENING_REFILL_MS, now);
}

/**
 * Gives the connection an object of its own, which speaks this protocol on it. The answer completes the upgrade. Rate
 * limited by address.
 */
export async function openGate(
  hub: Hub,
  request: Request,
  how: { protocol: string; subprotocol: string | null },
): Promise<Response> {
  rationOpening(hub);
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
