// Beginning and ending sessions of the client SDK, and what it is told of the hub (contracts/qiscus.md 9).
import { notFound, Refused } from '../../../domain/errors.ts';
import type { JsonObject } from '../../../domain/model.ts';
import { userCaller } from '../../../hub/apps.ts';
import type { User } from '../../../hub/context.ts';
import { issueNonce, readIdentity, useNonce } from '../../../hub/identity.ts';
import { listForUser } from '../../../hub/lists.ts';
import { updateUser } from '../../../hub/people.ts';
import { registerUser, signUp } from '../../../hub/registering.ts';
import { endPair, issuePair, renew, type TokenPair } from '../../../hub/renewing.ts';
import { endSession } from '../../../hub/sessions.ts';
import { unauthorized } from '../auth.ts';
import { type Call, isPerson, operation } from '../call.ts';
import { address, choice, isWebAddress, may, newName, object, refuseField, text, user } from '../fields.ts';
import { renderAccount, type StoredProfile } from '../render-users.ts';
import { tokenOf, tokenText } from '../tokens.ts';

/** ms between two questions for news, without and with a live connection: the SDK's own defaults. */
const SYNC_MS = 5_000;
const SYNC_CONNECTED_MS = 10_000;
/** A signed token, and an identity token with what an app puts into it. */
const TOKEN_LENGTH = 8_000;

/**
 * What clients configure themselves by. Empty texts keep what the client has: it has found its way here already. The
 * address of the realtime service is given in the one form that every client takes: they make another one out of an
 * address without "wss://" in it, so where the hub has no TLS it stands behind, where it says nothing.
 */
export const config = operation({}, async ({ hub }) => {
  const broker = `${hub.origin.replace(/^http/, 'ws')}/mqtt`;
  return {
    base_url: '',
    broker_lb_url: '',
    broker_url: broker.startsWith('wss://') ? broker : `${broker}?wss://`,
    enable_event_report: false,
    enable_realtime: true,
    enable_realtime_check: false,
    enable_sync: true,
    enable_sync_event: true,
    auto_refresh_token: true,
    sync_interval: SYNC_MS,
    sync_on_connect: SYNC_CONNECTED_MS,
    extras: '',
  };
});

/**
 * Signs somebody in with their password, and makes their account where there is none and the app lets clients do that. An
 * account without a password is nobody's to claim here. What else is given becomes theirs.
 */
export const loginOrRegister = operation(
  {
    email: newName(),
    password: text(),
    username: may(text()),
    avatar_url: may(address()),
    extras: object(),
    device_token: may(text(4_000)),
    device_platform: may(choice(['ios', 'android', 'rn'])),
  },
  async (call, given) => {
    const { hub, app } = call;
    const { email, password, username: name, avatar_url: avatar, extras } = given;
    const { user: person, isNew } = await signUp(hub, app, { externalId: email, password, name, avatar });
    if (!isPerson(person)) throw unauthorized();
    const changed =
      (!isNew && name !== undefined && name !== person.name) ||
      (!isNew && avatar !== undefined && avatar !== person.avatar) ||
      extras !== null;
    const profile = { ...person.profile, ...(extras && { extras }) } satisfies StoredProfile as JsonObject;
    const kept = changed
      ? await updateUser(hub, app, person.number, {
          ...(name && { name }),
          ...(avatar && { avatar }),
          profile,
        })
      : person;
    return { user: await accountOf(call, kept) };
  },
);

/** The first half of a sign-in by the app's own server. `expired_at` in s since 1970. */
export const nonce = operation({}, async ({ hub, app }) => {
  const issued = issueNonce(hub, app);
  return { nonce: issued.nonce, expired_at: Math.floor(issued.expiresAt / 1000) };
});

/** The second half: who the app's server says that it is, made where there is nobody of that id. */
export const verifyIdentityToken = operation({ identity_token: text(TOKEN_LENGTH) }, async (call, given) => {
  const { hub, app } = call;
  const {
    nonce: used,
    externalId,
    name,
    avatar,
  } = await readIdentity(hub, app, 'qiscus', given.identity_token);
  if (externalId === '' || externalId.length > 255) throw refuseField('identity_token', 'names nobody');
  const person = await registerUser(hub, app, externalId, (known) => {
    if (known && !isPerson(known)) throw unauthorized();
    return { ...(name && { name }), ...(isWebAddress(avatar) && { avatar }) };
  });
  await useNonce(hub, person, used);
  return { user: await accountOf(call, person) };
});

/** A new pair of tokens for one whose first has expired; the old ones stay what they are. */
export const refreshUserToken = operation(
  { user_id: user(), refresh_token: text(TOKEN_LENGTH) },
  async ({ hub, app }, given) => {
    const renewed = await renew(hub, tokenOf(given.refresh_token)).catch((error: unknown) => {
      if (error instanceof Refused && error.refusal.code === 'unauthorized') throw REFUSED();
      throw error;
    });
    if (renewed.app.number !== app.number || renewed.user.externalId !== given.user_id) throw REFUSED();
    return pairOf(renewed.pair);
  },
);

const REFUSED = (): Refused => new Refused({ code: 'unauthorized', message: 'refresh token invalid' });

const pairOf = ({ token, renewal, expiresAt }: TokenPair): JsonObject => ({
  token: tokenText(token),
  refresh_token: tokenText(renewal),
  token_expires_at: new Date(expiresAt).toISOString(),
});

/** The token of this call has expired from now on; its refresh token makes a new one. */
export const expireUserToken = operation({ user_id: may(user()) }, async (call, given) => {
  refuseOther(call, given.user_id);
  if (call.session) await endSession(call.hub, call.session);
  return {};
});

/** Ends the session, and what would make a new token of it. */
export const logout = operation({ user_id: may(user()) }, async (call, given) => {
  refuseOther(call, given.user_id);
  if (call.session) await endPair(call.hub, call.session);
  return {};
});

/** A session is its own person's to end. */
function refuseOther({ caller }: Call, id: string | undefined): void {
  if (id !== undefined && id !== caller.user?.externalId) throw new Refused(notFound('user'));
}

/** The user with a new pair of tokens, and where the SDK begins to ask for news. */
async function accountOf(call: Call, person: User): Promise<JsonObject> {
  const [pair, shown] = await Promise.all([issuePair(call.hub, person), accountFields(call, person)]);
  return { ...renderAccount({ ...shown, token: '' }), ...shown.more, ...pairOf(pair) };
}

/** What an account is shown with, but its token. */
export async function accountFields({ hub, app }: Pick<Call, 'hub' | 'app'>, person: User) {
  const now = Date.now();
  const { rows } = await listForUser(hub, userCaller(app, person, 'qiscus'), { start: 0, count: 1 });
  const extras = (person.profile as StoredProfile).extras ?? {};
  return {
    app,
    user: person,
    lastCommentId: rows[0]?.lastLogTime ?? 0,
    // µs: ids of events are made of times (sync.ts).
    more: { last_sync_event_id: now * 1000, user_extras: extras } satisfies JsonObject,
  };
}
