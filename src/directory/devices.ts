// Devices in D1: a row each, made and found by person, platform and what the client calls itself.
import type { Device, DeviceCard } from '../domain/devices.ts';
import type { AppNumber, DeviceNumber, UserNumber } from '../domain/ids.ts';
import type { JsonObject } from '../domain/model.ts';

/** Devices that one person has; the ones seen longest ago give way. */
export const MOST_DEVICES = 50;

interface Row {
  number: number;
  app: number;
  user: number;
  platform: string;
  client_id: string;
  name: string | null;
  app_version: string | null;
  info: string;
  push_token: string | null;
  created_at: number;
  last_seen_at: number;
}

const deviceOf = (row: Row): Device => ({
  number: row.number as DeviceNumber,
  app: row.app as AppNumber,
  user: row.user as UserNumber,
  platform: row.platform,
  clientId: row.client_id,
  name: row.name,
  appVersion: row.app_version,
  info: JSON.parse(row.info) as JsonObject,
  pushToken: row.push_token,
  createdAt: row.created_at,
  lastSeenAt: row.last_seen_at,
});

/**
 * Makes or changes a device of a living person, seen at `now` (ms). Fields that the card leaves out stay. `unlessSince`:
 * nothing is written where the row says the same already and was seen after that. `device` null: nobody of this number, or
 * nothing was written. `gone`: what gave way to it.
 */
export async function upsertDevice(
  d1: D1Database,
  { app, user }: { app: AppNumber; user: UserNumber },
  card: DeviceCard,
  now: number,
  unlessSince: number | null = null,
): Promise<{ device: Device | null; gone: Device[] }> {
  const fields = { name: ['name', '?5'], appVersion: ['app_version', '?6'], info: ['info', '?7'] } as const;
  const columns = Object.entries({ ...fields, pushToken: ['push_token', '?8'] } as const)
    .filter(([field]) => card[field as keyof typeof card] !== undefined)
    .map(([, [column, value]]) => ({ column, value }));
  const same = columns.map(({ column, value }) => ` AND ${column} IS ${value}`).join('');
  const changes = columns.map(({ column }) => `${column} = excluded.${column}, `).join('');
  const [written, pruned] = await d1.batch<Row>([
    d1
      .prepare(
        `INSERT INTO device (app, user, platform, client_id, name, app_version, info, push_token, created_at, last_seen_at)
         SELECT ?1, number, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9 FROM user
         WHERE number = ?2 AND app = ?1 AND deleted_at IS NULL AND NOT EXISTS (SELECT 1 FROM device
           WHERE user = ?2 AND platform = ?3 AND client_id = ?4 AND last_seen_at > ?10${same})
         ON CONFLICT (user, platform, client_id) DO UPDATE SET
           ${changes}last_seen_at = max(last_seen_at, excluded.last_seen_at)
         RETURNING *`,
      )
      .bind(
        app,
        user,
        card.platform,
        card.clientId,
        card.name ?? null,
        card.appVersion ?? null,
        JSON.stringify(card.info ?? {}),
        card.pushToken ?? null,
        now,
        unlessSince ?? Number.MAX_SAFE_INTEGER,
      ),
    d1
      .prepare(
        `DELETE FROM device WHERE number IN (SELECT number FROM device WHERE user = ?1
           ORDER BY last_seen_at DESC, number DESC LIMIT -1 OFFSET ${MOST_DEVICES}) RETURNING *`,
      )
      .bind(user),
  ]);
  const row = written?.results[0];
  return { device: row ? deviceOf(row) : null, gone: (pruned?.results ?? []).map(deviceOf) };
}

/** A person's devices, the one seen last first. */
export async function findDevices(d1: D1Database, app: AppNumber, user: UserNumber): Promise<Device[]> {
  const { results } = await d1
    .prepare('SELECT * FROM device WHERE user = ?2 AND app = ?1 ORDER BY last_seen_at DESC, number DESC')
    .bind(app, user)
    .all<Row>();
  return results.map(deviceOf);
}

/** Which devices these people have, by person, the one seen last first. */
export async function devicesByUser(
  d1: D1Database,
  app: AppNumber,
  users: readonly UserNumber[],
): Promise<Map<UserNumber, DeviceNumber[]>> {
  const { results } = await d1
    .prepare(
      `SELECT user, number FROM device WHERE user IN (SELECT value FROM json_each(?2)) AND app = ?1
       ORDER BY last_seen_at DESC, number DESC`,
    )
    .bind(app, JSON.stringify(users))
    .all<{ user: UserNumber; number: DeviceNumber }>();
  const found = new Map<UserNumber, DeviceNumber[]>();
  for (const { user, number } of results) found.set(user, [...(found.get(user) ?? []), number]);
  return found;
}

/** The device that was; null: this person has no such device. */
export async function deleteDevice(
  d1: D1Database,
  app: AppNumber,
  user: UserNumber,
  device: DeviceNumber,
): Promise<Device | null> {
  const row = await d1
    .prepare('DELETE FROM device WHERE number = ?3 AND user = ?2 AND app = ?1 RETURNING *')
    .bind(app, user, device)
    .first<Row>();
  return row && deviceOf(row);
}

/** One device by its number; null: none of this app. */
export async function findDevice(
  d1: D1Database,
  app: AppNumber,
  number: DeviceNumber,
): Promise<Device | null> {
  const row = await d1
    .prepare('SELECT * FROM device WHERE number = ?2 AND app = ?1')
    .bind(app, number)
    .first<Row>();
  return row ? deviceOf(row) : null;
}

/** Devices of these people on one platform, each one's last seen first. */
export async function devicesOnPlatform(
  d1: D1Database,
  app: AppNumber,
  users: readonly UserNumber[],
  platform: string,
): Promise<Device[]> {
  const { results } = await d1
    .prepare(
      `SELECT d.* FROM json_each(?2) j CROSS JOIN device d ON d.user = j.value AND d.platform = ?3
       WHERE d.app = ?1 ORDER BY d.last_seen_at DESC, d.number DESC`,
    )
    .bind(app, JSON.stringify(users), platform)
    .all<Row>();
  return results.map(deviceOf);
}
