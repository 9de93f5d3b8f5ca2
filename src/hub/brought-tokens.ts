// Tokens that people brought along from another server: kept as keyed hashes, good until their person's tokens are reset.
import { createHmac } from 'node:crypto';
import { holderOf } from '../directory/file-imports.ts';
import type { AppNumber } from '../domain/ids.ts';
import { type App, derivedKey, type Hub, type User } from './context.ts';
import { ask } from './directory.ts';
import { userByNumber } from './people.ts';

/** What is kept of a token. Another app's person may have brought the same one. */
export const hashOfToken = (hub: Hub, app: AppNumber, token: string): string =>
  createHmac('sha256', derivedKey(hub.settings.hubSecret, 'brought tokens'))
    .update(`${app} ${token}`)
    .digest('base64url');

/** Whose token this is; null: nobody's, or one that was reset since. Asks D1: for texts that are no token of the hub. */
export async function personOfBroughtToken(hub: Hub, app: App, token: string): Promise<User | null> {
  const hash = hashOfToken(hub, app.number, token);
  const user = await ask(hub, app.number, (d1) => holderOf(d1, app.number, hash));
  return user === null ? null : userByNumber(hub, app, user);
}
