// What a webhook is told of people and their devices, whatever conversation they are in (contracts/sunshine.md 7). Pure.
import type { Device } from '../../domain/devices.ts';
import type { Ids } from '../../domain/ids.ts';
import type { Door, JsonObject } from '../../domain/model.ts';
import type { User } from '../../hub/context.ts';
import { renderClient } from './clients.ts';
import { eventOf, renderPerson, renderSource, type Shown, type WebhookEvent } from './event.ts';

/** Where and when it happened: `at` in ms since 1970. */
export interface Happening {
  door: Door;
  at: number;
}

/** `reason`: they proved who they are for the first time. */
export const userUpdated = (
  ids: Ids,
  user: User,
  shown: Shown,
  { door, at, reason }: Happening & { reason?: 'authentication' },
): WebhookEvent =>
  eventOf('user:update', at, [ids.hex('user', user.number), at], {
    user: renderPerson(ids, user, shown),
    ...(reason && { reason }),
    source: renderSource(ids, door, shown),
  });

/** The person as they were: only what tells who it was, for the rest is gone. */
export const userRemoved = (ids: Ids, user: User, { at }: Pick<Happening, 'at'>): WebhookEvent =>
  eventOf('user:remove', at, [ids.hex('user', user.number)], {
    user: renderPerson(ids, user, { includeFullUser: false, includeFullSource: false }),
  });

/** Two people turned out to be one. Here that is always an API call, and conversations stay as many as they were. */
export const usersMerged = (
  ids: Ids,
  { surviving, discarded, lost }: { surviving: User; discarded: User; lost: JsonObject },
  shown: Shown,
  { at }: Pick<Happening, 'at'>,
): WebhookEvent =>
  eventOf('user:merge', at, [ids.hex('user', surviving.number), ids.hex('user', discarded.number)], {
    mergedUsers: {
      surviving: renderPerson(ids, surviving, shown),
      discarded: renderPerson(ids, discarded, shown),
    },
    ...(Object.keys(lost).length > 0 && { discardedMetadata: lost }),
    reason: 'api',
  });

/** A device came to a person's account: they signed in with it. */
export const clientAdded = (
  ids: Ids,
  user: User,
  device: Device,
  shown: Shown,
  happening: Happening,
): WebhookEvent => clientEvent('client:add', ids, user, device, shown, { ...happening, reason: 'sdkLogin' });

/** What is known of a device changed: its name, its version, its token for push. The vendor's reasons fit none of these. */
export const clientUpdated = (
  ids: Ids,
  user: User,
  device: Device,
  shown: Shown,
  happening: Happening,
): WebhookEvent => clientEvent('client:update', ids, user, device, shown, happening);

/** A device went from a person's account: by their own doing (`sdk`), or by the app's. */
export const clientRemoved = (
  ids: Ids,
  user: User,
  device: Device,
  shown: Shown,
  happening: Happening & { reason: 'sdk' | 'api' },
): WebhookEvent => clientEvent('client:remove', ids, user, device, shown, happening);

const clientEvent = (
  type: 'client:add' | 'client:update' | 'client:remove',
  ids: Ids,
  user: User,
  device: Device,
  shown: Shown,
  { door, at, reason }: Happening & { reason?: string },
): WebhookEvent =>
  eventOf(type, at, [ids.hex('device', device.number), ...(type === 'client:update' ? [at] : [])], {
    user: renderPerson(ids, user, { ...shown, includeFullUser: false }),
    client: renderClient(ids, device, user.name),
    ...(reason && { reason }),
    ...(type !== 'client:update' && { source: renderSource(ids, door, shown) }),
  });
