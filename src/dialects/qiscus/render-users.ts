// People in the forms of this API. Rooms are render-rooms.ts, comments render.ts.
import type { JsonObject } from '../../domain/model.ts';
import type { App, User } from '../../hub/context.ts';

/** Fields of this dialect that the hub has no column for. */
export interface StoredProfile {
  /** What the app's own server keeps with a user. */
  extras?: JsonObject;
}

export interface Account {
  app: App;
  user: User;
  token: string;
  /** The newest comment in all rooms of the user; 0: none. */
  lastCommentId: number;
}

/** A picture as older clients read it. */
export const nested = (url: string | null): JsonObject => ({ avatar: { url: url ?? '' } });

/** A user as they themselves are told. Push is not this hub's: no platform is configured, and `rtKey` opens nothing. */
export const renderAccount = ({ app, user, token, lastCommentId }: Account): JsonObject => ({
  app: { code: app.slug, id: app.number, id_str: String(app.number), name: app.name },
  active: user.deactivatedAt === null,
  avatar: nested(user.avatar),
  avatar_url: user.avatar ?? '',
  email: user.externalId,
  extras: (user.profile as StoredProfile).extras ?? {},
  id: user.number,
  id_str: String(user.number),
  last_comment_id: lastCommentId,
  last_comment_id_str: String(lastCommentId),
  pn_android_configured: false,
  pn_ios_configured: false,
  rtKey: '',
  token,
  username: user.name,
});
