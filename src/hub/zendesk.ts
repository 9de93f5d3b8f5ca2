// The link between a person and their record in Zendesk Support: found by it, and led over to the record that survived
// there. Two people are not made one.
import { takenColumn } from '../directory/door.ts';
import { findByZendesk, relinkZendesk } from '../directory/zendesk.ts';
import { invalid, notFound, Refused } from '../domain/errors.ts';
import type { App, Hub, User } from './context.ts';
import { ask } from './directory.ts';
import { rememberUser } from './people.ts';

/** Somebody else may be changing the same links: what they decided is looked at again. */
const TRIES = 3;

/**
 * The person of a record in Zendesk Support. `surviving`: the record that this one was merged into there; the person is its
 * from then on, and asking again finds them by it. Not found: nobody has either. Invalid: each is somebody's, and two people
 * cannot become one here.
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
      if (merged && merged.number !== survivor.number) throw new Refused(TWO_PEOPLE);
      rememberUser(hub, survivor);
      return survivor;
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

/**
 * What somebody has said stays theirs in every log, so one person cannot take over another's messages; and who may read a
 * conversation must not change because two records were merged elsewhere.
 */
const TWO_PEOPLE = invalid(
  'zendeskId and survivingZendeskId belong to two different users, which this hub cannot merge: delete one of them, or unlink it',
);
