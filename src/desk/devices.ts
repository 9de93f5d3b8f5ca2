// Devices of one app: which are online and through what, whose they are, and what arrived at them. Who takes visitors is
// agents.ts.
import type { Arrival, Attendance, DeviceKind } from '../domain/desk.ts';
import type { DeviceNumber, UserNumber } from '../domain/ids.ts';

/** A device that was not online for so long is forgotten, a few with each one that comes. */
const FORGOTTEN_AFTER_MS = 30 * 86_400_000;
const FORGET_AT_ONCE = 10;

export interface DeviceRow extends Record<string, SqlStorageValue> {
  number: number;
  user: number;
  kind: string;
  service: number;
  online: number;
  gate: string | null;
  since: number;
  seen_at: number;
  extra: string | null;
}

export class Devices {
  private readonly sql: SqlStorage;

  constructor(sql: SqlStorage) {
    this.sql = sql;
  }

  of(device: DeviceNumber): DeviceRow | null {
    return this.sql.exec<DeviceRow>('SELECT * FROM device WHERE number = ?', device).toArray()[0] ?? null;
  }

  ofUser(user: UserNumber): DeviceRow[] {
    return this.sql.exec<DeviceRow>('SELECT * FROM device WHERE user = ?', user).toArray();
  }

  /** Takes it as online; `gate` null: by a login, which leaves a connection that it has. Gives how it was. */
  arrive({ user, device, kind, service }: Arrival, gate: string | null, extra: string | null, now: number) {
    const before = this.of(device);
    const same = before?.user === user ? before : null;
    this.sql.exec(
      `INSERT OR REPLACE INTO device (number, user, kind, service, online, gate, since, seen_at, extra)
       VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?)`,
      device,
      user,
      kind,
      service ? 1 : 0,
      gate ?? (same?.online ? same.gate : null),
      same?.since ?? now,
      now,
      extra ?? same?.extra ?? null,
    );
    // Another person's: what arrived there was not for this one.
    if (before && !same) this.sql.exec('DELETE FROM ack WHERE device = ?', device);
    this.forgetOld(now);
    return before;
  }

  /** False: it was not online. */
  leave(device: DeviceNumber, now: number): boolean {
    const left = this.sql.exec(
      'UPDATE device SET online = 0, gate = NULL, seen_at = ? WHERE number = ? AND online = 1 RETURNING 1',
      now,
      device,
    );
    return left.toArray().length > 0;
  }

  /** The connection ended, and the device is online all the same. */
  letGo(device: DeviceNumber): void {
    this.sql.exec('UPDATE device SET gate = NULL WHERE number = ?', device);
  }

  /** An agent's other devices of the kind that are online. */
  rivals({ user, device, kind, service }: Arrival): DeviceRow[] {
    if (!service) return [];
    return this.ofUser(user).filter(
      (row) => row.number !== device && row.kind === kind && row.service === 1 && row.online === 1,
    );
  }

  /** Connections of the team's devices, or of everybody's, at most `limit`. */
  gates(whose: 'team' | 'everybody', limit: number): { gate: string; device: DeviceNumber }[] {
    const which = whose === 'team' ? 'service = 1 AND ' : '';
    return this.sql
      .exec<{ gate: string; device: number }>(
        `SELECT gate, number AS device FROM device WHERE ${which}online = 1 AND gate IS NOT NULL LIMIT ?`,
        limit,
      )
      .toArray() as { gate: string; device: DeviceNumber }[];
  }

  /** Who of the team has a device online. */
  team(limit: number): UserNumber[] {
    return this.sql
      .exec<{ user: number }>(
        'SELECT DISTINCT user FROM device WHERE service = 1 AND online = 1 ORDER BY user LIMIT ?',
        limit,
      )
      .toArray()
      .map(({ user }) => user as UserNumber);
  }

  attendance(user: UserNumber): Omit<Attendance, 'ready'> {
    const rows = this.ofUser(user).sort((a, b) => b.online - a.online || b.seen_at - a.seen_at);
    const last = (kind: DeviceKind) => {
      const row = rows.find((each) => each.kind === kind);
      return row ? { device: row.number as DeviceNumber, online: row.online === 1 } : null;
    };
    return { user, browser: last('browser'), mobile: last('mobile') };
  }

  forget(user: UserNumber): void {
    this.sql.exec('DELETE FROM ack WHERE device IN (SELECT number FROM device WHERE user = ?)', user);
    this.sql.exec('DELETE FROM device WHERE user = ?', user);
  }

  private forgetOld(now: number): void {
    const old = this.sql
      .exec<{ number: number }>(
        'SELECT number FROM device WHERE online = 0 AND seen_at < ? LIMIT ?',
        now - FORGOTTEN_AFTER_MS,
        FORGET_AT_ONCE,
      )
      .toArray();
    for (const { number } of old) {
      this.sql.exec('DELETE FROM ack WHERE device = ?', number);
      this.sql.exec('DELETE FROM device WHERE number = ?', number);
    }
  }
}
