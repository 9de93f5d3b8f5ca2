// Places outside the hub that messages arrive from: what a hook or a bridge says of itself to arrivals.ts and ghosts.ts.
import { createHmac } from 'node:crypto';
import type { ConversationNumber, UserNumber } from '../domain/ids.ts';
import type { JsonObject } from '../domain/model.ts';
import { type App, derivedKey, type Hub } from './context.ts';

export interface Source {
  app: App;
  /** Names it for ever: client ids, ghosts and conversations derive from it. 'hook:7', 'bridge:3'. */
  key: string;
  /** 'slack', 'discourse'… */
  network: string;
  /** Stands behind the names of its people, in brackets; '': nothing does. */
  label: string;
  target: Target;
}

/** One conversation for everything, or one for each place there. */
export type Target = { conversation: ConversationNumber } | { open: Template };

/** What a conversation begins with that is opened for a topic. */
export interface Template {
  /** `{title}` in it is what the remote place calls the topic. */
  title: string;
  members: readonly UserNumber[];
  public: boolean;
  metadata: JsonObject | null;
}

/** A name for something of this source that nobody outside can make up or read back; 22 characters. */
export const markOf = (hub: Hub, source: Source, what: string, name: string): string =>
  createHmac('sha256', derivedKey(hub.settings.hubSecret, 'sources'))
    .update(JSON.stringify([source.app.number, source.key, what, name]))
    .digest('base64url')
    .slice(0, 22);
