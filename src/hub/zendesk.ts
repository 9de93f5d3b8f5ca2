// The link between a person and their record in Zendesk Support: found by it, and led over to the record that survived
// there.
import { takenColumn } from '../directory/door.ts';
import { findByZendesk, relinkZendesk } from '../directory/zendesk.ts';
import { notFound, Refused } from '../domain/errors.ts';
import type { App, Hub, User } from './context.ts';
import { ask } from './directory.ts';
import { mergePeople } from './merging.ts';
import { rememberUser } from './people.ts';

/** Somebody else may be changing the same links: what they decided is looked at again. */
const TRIES = 5;

/**
 * The person of a record in Zendesk Support. `surviving`: the record that this one was merged into there; the person is its
 * from then on, and asking again finds them by it. Where each is somebody's, the two become one (merging.ts). Not found:
 * nobody has either. Forbidden: one of two is more than a member.
 */
export async function syncUser(
  hub: Hub,
  app: App,
  zendeskId: string,
  surviving: string | null,
): Promise<User> {
  const target = surviving ?? zendeskId;
  for (let tries = 0; tries < TRIES; tries++) {
    const found = await ask(hub, app.number, (d1) =>
      findByZendesk(d1, app.number, [...new Set([zendeskId, target])]),
    );
    const [merged, survivor] = [found.get(zendeskId), found.get(target)];
    if (survivor) {
      if (!merged || merged.number === survivor.number) {
        rememberUser(hub, survivor);
        return survivor;
      }
      // As they are then, or what somebody else decided meanwhile: both are looked up again.
      await mergePeople(hub, app, merged, survivor);
      continue;
    }
    if (!merged) throw new Refused(notFound('user'));
    try {
      await ask(hub, app.number, (d1) => relinkZendesk(d1, app.number, merged.number, zendeskId, target));
    } catch (error) {
      if (takenColumn(error) === null) throw error;
    }
  }
  throw new Refused({
    code: 'conflict',
    message: 'The links of these records are being changed. Try again.',
  });
}
