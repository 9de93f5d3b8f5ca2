// What callers may ask of a Relay object, and what it asks of the world around it. Messages are texts here: what is in them
// is the network's.

/** How it stands with the connection that a relay keeps to another server. */
export interface RelayStatus {
  /** Clients that listen here. */
  listening: number;
  /** Null: it keeps no connection. */
  connected: boolean | null;
  /** Why the last try failed. */
  problem: string | null;
  /** Messages that nobody has fetched, and that have not arrived in the hub. */
  kept: number;
  waiting: number;
}

export interface RelayApi {
  /** Tells whoever listens; those who ask later find it in the ring. */
  publish(message: string): Promise<void>;
  /** All that the ring holds, the oldest first; it is empty then. */
  drain(): Promise<string[]>;
  /** What it is about has changed: it connects, connects anew, or lets go. */
  changed(): Promise<void>;
  status(): Promise<RelayStatus>;
}

/** How a listener wants to be told: on a WebSocket, or in an answer that does not end, a line for each message. */
export const LISTEN_PATH = { websocket: '/websocket', stream: '/stream' } as const;

export interface RelayPort {
  /** What every listener is told first. */
  greeting(): string;
  /**
   * A message that came in. False: not now, it shall be tried again. Called for one after the other.
   * Throws: as false.
   */
  arrived(message: string): Promise<boolean>;
  /** The message as other listeners of this place are shown it; null: it is none that they are. */
  echoed(message: string, place: string): string | null;
  /** Whether what it is for is gone. */
  ended(): Promise<boolean>;
  /** Opens the connection that it shall keep; null: it shall keep none. Throws with the reason where it cannot be now. */
  connect(): Promise<WebSocket | null>;
  /** What the server on the other side has kept for us. Throws as above. */
  missed(): Promise<string[]>;
}
