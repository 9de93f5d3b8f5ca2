// Bridges in D1: what each has beside its endpoint (hooks.ts), whose number it shares. Secrets arrive sealed.
import type { NetworkName } from '../domain/bridges.ts';
import type { AppNumber, ConversationNumber, EndpointNumber } from '../domain/ids.ts';

/** A bridge as the directory has it. Its name, its state and its secrets are its endpoint's. */
export interface StoredBridge {
  number: EndpointNumber;
  app: AppNumber;
  network: NetworkName;
  conversation: ConversationNumber;
  account: string;
  place: Record<string, string>;
  self: string[];
  incoming: number | null;
}

/** With what its endpoint says. */
export interface BridgeCard extends StoredBridge {
  name: string | null;
  /** The address without what is secret in it. */
  url: string;
  options: Record<string, boolean>;
  perSecond: number | null;
  state: 'active' | 'disabled';
  reason: string | null;
  createdAt: number;
  updatedAt: number;
}

export type NewBridge = Omit<StoredBridge, 'number' | 'app'> &
  Pick<BridgeCard, 'name' | 'url' | 'options' | 'perSecond'> & {
    /** Sealed: the whole address and the credentials. */
    secret: string;
    origin: string;
  };

interface Row {
  number: number;
  app: number;
  network: string;
  conversation: number;
  account: string;
  place: string;
  self: string;
  incoming: number | null;
}

interface CardRow extends Row {
  name: string | null;
  url: string;
  options: string;
  delivery: string;
  state: string;
  reason: string | null;
  created_at: number;
  updated_at: number;
}

const bridgeOf = (row: Row): StoredBridge => ({
  number: row.number as EndpointNumber,
  app: row.app as AppNumber,
  network: row.network as NetworkName,
  conversation: row.conversation as ConversationNumber,
  account: row.account,
  place: JSON.parse(row.place) as Record<string, string>,
  self: JSON.parse(row.self) as string[],
  incoming: row.incoming,
});

const cardOf = (row: CardRow): BridgeCard => ({
  ...bridgeOf(row),
  name: row.name,
  url: row.url,
  options: JSON.parse(row.options) as Record<string, boolean>,
  perSecond: (JSON.parse(row.delivery) as { perSecond?: number }).perSecond ?? null,
  state: row.state as BridgeCard['state'],
  reason: row.reason,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});

const SELECT = `SELECT b.*, e.name, e.url, e.options, e.delivery, e.state, e.reason, e.created_at, e.updated_at
  FROM endpoint e JOIN bridge b ON b.number = e.number`;

/** `many`: the app has as many as it may. `taken`: the conversation has a bridge to this account. */
export async function insertBridge(
  d1: D1Database,
  app: AppNumber,
  bridge: NewBridge,
  most: number,
  now: number,
): Promise<BridgeCard | 'many' | 'taken'> {
  const same = `SELECT 1 FROM bridge b JOIN endpoint e ON e.number = b.number
    WHERE e.app = ?1 AND e.deleted_at IS NULL AND b.conversation = ?2 AND b.account = ?3`;
  const [taken, made] = await d1.batch<CardRow>([
    d1.prepare(same).bind(app, bridge.conversation, bridge.account),
    d1
      .prepare(
        `INSERT INTO endpoint (app, format, url, events, options, secret, name, delivery, origin, created_at, updated_at)
         SELECT ?1, 'bridge', ?4, '[]', ?5, ?6, ?7, ?8, ?9, ?10, ?10
         WHERE NOT EXISTS (${same}) AND
           (SELECT count(*) FROM endpoint WHERE app = ?1 AND format = 'bridge' AND deleted_at IS NULL) < ?11
         RETURNING *`,
      )
      .bind(
        app,
        bridge.conversation,
        bridge.account,
        bridge.url,
        JSON.stringify(bridge.options),
        bridge.secret,
        bridge.name,
        deliveryOf(bridge),
        bridge.origin,
        now,
        most,
      ),
    d1
      .prepare(
        `INSERT INTO bridge (number, app, network, conversation, account, place, self, incoming)
         SELECT last_insert_rowid(), ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE changes() = 1`,
      )
      .bind(
        app,
        bridge.network,
        bridge.conversation,
        bridge.account,
        JSON.stringify(bridge.place),
        JSON.stringify(bridge.self),
        bridge.incoming,
      ),
  ]);
  const endpoint = made?.results[0];
  if (!endpoint) return (taken?.results.length ?? 0) > 0 ? 'taken' : 'many';
  const { network, conversation, account, incoming } = bridge;
  const place = JSON.stringify(bridge.place);
  const self = JSON.stringify(bridge.self);
  return cardOf({ ...endpoint, network, conversation, account, place, self, incoming });
}

const deliveryOf = ({ conversation, perSecond }: Pick<BridgeCard, 'conversation' | 'perSecond'>): string =>
  JSON.stringify({ conversations: [conversation], ...(perSecond !== null && { perSecond }) });

/** The living ones of an app, oldest first. */
export async function bridgesOf(d1: D1Database, app: AppNumber): Promise<BridgeCard[]> {
  const { results } = await d1
    .prepare(`${SELECT} WHERE e.app = ?1 AND e.deleted_at IS NULL ORDER BY e.number`)
    .bind(app)
    .all<CardRow>();
  return results.map(cardOf);
}

/** Null: ended, of another app, never made. */
export async function findBridge(
  d1: D1Database,
  app: AppNumber,
  number: EndpointNumber,
): Promise<BridgeCard | null> {
  const row = await d1
    .prepare(`${SELECT} WHERE e.number = ?1 AND e.app = ?2 AND e.deleted_at IS NULL`)
    .bind(number, app)
    .first<CardRow>();
  return row && cardOf(row);
}

/** What it has beside its endpoint, whether that has ended or not. */
export async function storedBridge(d1: D1Database, number: EndpointNumber): Promise<StoredBridge | null> {
  const row = await d1.prepare('SELECT * FROM bridge WHERE number = ?1').bind(number).first<Row>();
  return row && bridgeOf(row);
}

export type BridgeChange = Partial<
  Pick<BridgeCard, 'name' | 'options' | 'perSecond' | 'place' | 'self' | 'incoming'>
> &
  Partial<Pick<NewBridge, 'url' | 'secret' | 'account'>>;

/**
 * `after` is the bridge with all changes. Both rows at once; the endpoint's last, for its trigger tells others to look again.
 * Null: it has ended.
 */
export async function changeBridge(
  d1: D1Database,
  after: Pick<
    BridgeCard,
    | 'number'
    | 'conversation'
    | 'account'
    | 'place'
    | 'self'
    | 'incoming'
    | 'name'
    | 'options'
    | 'perSecond'
    | 'url'
  >,
  secret: string | null,
  now: number,
): Promise<BridgeCard | null> {
  const [, , found] = await d1.batch<CardRow>([
    d1
      .prepare('UPDATE bridge SET account = ?2, place = ?3, self = ?4, incoming = ?5 WHERE number = ?1')
      .bind(
        after.number,
        after.account,
        JSON.stringify(after.place),
        JSON.stringify(after.self),
        after.incoming,
      ),
    d1
      .prepare(
        `UPDATE endpoint SET url = ?2, options = ?3, name = ?4, delivery = ?5, secret = coalesce(?6, secret), updated_at = ?7
         WHERE number = ?1 AND deleted_at IS NULL`,
      )
      .bind(
        after.number,
        after.url,
        JSON.stringify(after.options),
        after.name,
        deliveryOf(after),
        secret,
        now,
      ),
    d1.prepare(`${SELECT} WHERE e.number = ?1 AND e.deleted_at IS NULL`).bind(after.number),
  ]);
  const row = found?.results[0];
  return row ? cardOf(row) : null;
}
