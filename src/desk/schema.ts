// The tables of one Desk.

/**
 * device: one that was online lately. `gate`: the connection that it is online through; null while a login alone made it so.
 * agent: `ready_at` while they take visitors; `turn`: when they were given the last one, so that the next is somebody else's.
 * seat: a visitor who asked. state 0: waits; 1: given to `agent`, the conversation not opened yet; 2: opened.
 * ack: what arrived at a device: the seq up to which everything did, and those above it.
 */
const TABLES = `
  CREATE TABLE IF NOT EXISTS device (
    number INTEGER PRIMARY KEY,
    user INTEGER NOT NULL,
    kind TEXT NOT NULL,
    service INTEGER NOT NULL,
    online INTEGER NOT NULL,
    gate TEXT,
    since INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    extra TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS device_user ON device (user);
  CREATE INDEX IF NOT EXISTS device_service ON device (service, online) WHERE service = 1 AND online = 1;
  CREATE INDEX IF NOT EXISTS device_old ON device (seen_at) WHERE online = 0;
  CREATE TABLE IF NOT EXISTS agent (
    user INTEGER PRIMARY KEY,
    ready_at INTEGER,
    groups TEXT NOT NULL DEFAULT '[]',
    turn INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE TABLE IF NOT EXISTS seat (
    place INTEGER PRIMARY KEY AUTOINCREMENT,
    visitor INTEGER NOT NULL,
    device INTEGER,
    policy TEXT NOT NULL,
    grp INTEGER NOT NULL,
    state INTEGER NOT NULL,
    agent INTEGER,
    key TEXT NOT NULL,
    conversation INTEGER,
    waited INTEGER NOT NULL DEFAULT 0,
    at INTEGER NOT NULL,
    UNIQUE (visitor, grp)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS seat_waits ON seat (policy, grp, place) WHERE state = 0;
  CREATE INDEX IF NOT EXISTS seat_given ON seat (place) WHERE state = 1;
  CREATE INDEX IF NOT EXISTS seat_done ON seat (at) WHERE state = 2;
  CREATE TABLE IF NOT EXISTS ack (
    device INTEGER NOT NULL,
    conversation INTEGER NOT NULL,
    seqs TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (device, conversation)
  ) STRICT, WITHOUT ROWID;
`;

/** Makes what is missing: cheap where nothing is. */
export function migrate(storage: DurableObjectStorage): void {
  storage.transactionSync(() => storage.sql.exec(TABLES));
}
