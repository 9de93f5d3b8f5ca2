// Showing somebody in this conversation as they look now. What they said stays.
import { forbidden } from '../domain/errors.ts';
import type { Actor } from '../domain/model.ts';
import { sameCard } from '../domain/user.ts';
import { append, type Core, change, demand, type Person } from './core.ts';

/**
 * Takes the person's new card, with an `update` that changes nothing else: by it lists and sockets hear of the name. App
 * credentials only; nothing happens where the card is known, or the person is not.
 */
export function recard(core: Core, actor: Actor, { user, card }: Person): void {
  demand(actor.powers === 'app' ? null : forbidden('Only the app can do this.'));
  const known = core.roster.get(user);
  if (!known || sameCard(known.card, card)) return;
  change(core, (rows) => {
    core.roster.put({ ...known, card });
    for (const alias of core.log.aliasesOf(user)) {
      const shown = core.roster.get(alias);
      if (shown) core.roster.put({ ...shown, card });
    }
    rows.push(append(core, { kind: 'update', author: user, body: { changes: {} } }));
  });
}
