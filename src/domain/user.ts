// A person of an app, as the directory knows them.
import type { AppNumber, UserNumber } from './ids.ts';
import type { Card, JsonObject, Role } from './model.ts';

export interface User {
  number: UserNumber;
  app: AppNumber;
  externalId: string;
  email: string | null;
  username: string;
  /** Display name. */
  name: string;
  avatar: string | null;
  locale: string | null;
  role: Role;
  metadata: JsonObject;
  /** givenName, surname, signedUpAt, toBeRetained… as given. */
  profile: JsonObject;
  hasPassword: boolean;
  blocked: UserNumber[];
  tokenVersion: number;
  /** ms since 1970. */
  createdAt: number;
  lastActiveAt: number | null;
  deletedAt: number | null;
  /** ms since 1970: since then they may not sign in at any door. Null: they may. */
  deactivatedAt: number | null;
}

/** What others see of somebody who was erased: that there was somebody, and whether they answered for the app. */
export const erasedCard = (role: Role): Card => ({
  externalId: '',
  username: '',
  name: '',
  avatar: null,
  role,
});

export const cardOf = (user: User): Card => ({
  externalId: user.externalId,
  username: user.username,
  name: user.name,
  avatar: user.avatar,
  role: user.role,
});

/** Whether two cards show the same. */
export const sameCard = (a: Card, b: Card): boolean =>
  a.name === b.name &&
  a.avatar === b.avatar &&
  a.username === b.username &&
  a.role === b.role &&
  a.externalId === b.externalId;
