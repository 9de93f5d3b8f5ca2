// Request bodies of conversations, participants, activities and users (contracts/sunshine.md 2, 3).
// Messages and their contents are in content.ts; nothing here knows the hub.
import * as v from 'valibot';
import {
  integer,
  list,
  may,
  metadata,
  metadataChanges,
  moment,
  namesOneUser,
  ONE_OF,
  oneUser,
  plainObject,
  text,
  webAddress,
} from './fields.ts';

/** People named at the creation of a conversation. */
const MOST_PARTICIPANTS = 10;

/**
 * A person to take part. `subscribeSDKClient` is accepted and has no effect: there are no SDK clients to subscribe,
 * every member's devices follow at once.
 */
export const participantBody = v.pipe(
  plainObject,
  v.object({ ...oneUser, subscribeSDKClient: may(v.boolean()) }),
  v.check((given) => namesOneUser(given), ONE_OF),
);

const conversationFields = {
  displayName: may(text(1, 100)),
  description: may(text(1, 100)),
  iconUrl: may(webAddress),
  metadata: may(metadata('Conversation')),
};

/** A personal conversation has exactly one participant, a group at most ten and none needed. */
export const conversationCreateBody = v.variant('type', [
  v.object({
    type: v.literal('personal'),
    participants: list(participantBody, 1, 1),
    ...conversationFields,
  }),
  v.object({
    type: v.literal('sdkGroup'),
    participants: may(list(participantBody, 0, MOST_PARTICIPANTS)),
    ...conversationFields,
  }),
]);

/** What is left out stays, a null unsets; metadata is replaced as a whole. */
export const conversationUpdateBody = v.pipe(plainObject, v.object(conversationFields));

/** Exactly one of three ids. */
export const leaveBody = v.pipe(
  plainObject,
  v.object({ ...oneUser, participantId: may(v.string()) }),
  v.check(
    (given) =>
      [given.userId, given.userExternalId, given.participantId].filter((id) => typeof id === 'string')
        .length === 1,
    ONE_OF,
  ),
);

const business = v.object({
  type: v.literal('business'),
  displayName: may(text(0, 256)),
  avatarUrl: may(webAddress),
  /** `agent` and `bot` are for answers only. */
  subtypes: may(list(v.picklist(['AI', 'activity']), 0, 1)),
});
const person = v.object({
  type: v.literal('user'),
  ...oneUser,
  brandId: may(text(1, 24)),
  displayName: may(text(0, 256)),
  avatarUrl: may(webAddress),
});

/** Who is said to act: the business, or one person by exactly one id. */
export const authorBody = v.variant('type', [
  business,
  v.pipe(
    person,
    v.check((given) => namesOneUser(given), ONE_OF),
  ),
]);
/** The same with a token that says who acts: the id may be left out. */
export const ownAuthorBody = v.variant('type', [business, person]);
export type AuthorBody = v.InferOutput<typeof ownAuthorBody>;

const ACTIVITIES = ['conversation:read', 'typing:start', 'typing:stop'] as const;

/** An addition of this hub: how far was read, by a message or by its place. */
const horizon = { messageId: may(v.string()), seq: may(integer(1, Number.MAX_SAFE_INTEGER)) };
export interface Horizon {
  messageId?: string | null;
  seq?: number | null;
}
const hasOneHorizon = ({ messageId, seq }: Horizon): boolean =>
  typeof messageId !== 'string' || typeof seq !== 'number';
const ONE_HORIZON = 'messageId and seq cannot be used together';
const fitsHorizon = ({ type, messageId, seq }: Horizon & { type: string }): boolean =>
  type === 'conversation:read' || (typeof messageId !== 'string' && typeof seq !== 'number');
const NO_HORIZON = "messageId and seq are only supported for 'conversation:read'";

/** People only read; typing is the business's (contracts/sunshine.md 3). */
export const activityBody = v.pipe(
  plainObject,
  v.object({ author: authorBody, type: v.picklist(ACTIVITIES), ...horizon }),
  v.check((given) => hasOneHorizon(given), ONE_HORIZON),
  v.check((given) => fitsHorizon(given), NO_HORIZON),
  v.check(
    ({ author, type }) => author.type === 'business' || type === 'conversation:read',
    "Only 'conversation:read' is supported for authors of type 'user'",
  ),
);
/** With a token of their own, people type too. */
export const ownActivityBody = v.pipe(
  plainObject,
  v.object({ author: ownAuthorBody, type: v.picklist(ACTIVITIES), ...horizon }),
  v.check((given) => hasOneHorizon(given), ONE_HORIZON),
  v.check((given) => fitsHorizon(given), NO_HORIZON),
);

const profile = v.pipe(
  plainObject,
  v.object({
    givenName: may(text(1, 128)),
    surname: may(text(1, 128)),
    email: may(v.pipe(text(1, 128), v.email('should match format "email"'))),
    avatarUrl: may(webAddress),
    locale: may(text(1, 64)),
  }),
);
export type ProfileBody = v.InferOutput<typeof profile>;

/** The id in Zendesk Support, which only answers have at the vendor's. */
const zendeskId = may(text(1, 64));

export const userCreateBody = v.pipe(
  plainObject,
  v.object({
    externalId: text(1, 1024),
    zendeskId,
    brandId: may(text(1, 24)),
    signedUpAt: may(moment),
    toBeRetained: may(v.boolean()),
    profile: may(profile),
    metadata: may(metadata('User')),
  }),
);

/** Fields and keys of `profile` and `metadata` are merged into what is there; a null takes one away. */
export const userUpdateBody = v.pipe(
  plainObject,
  v.object({
    signedUpAt: may(moment),
    toBeRetained: may(v.boolean()),
    zendeskId,
    profile: may(profile),
    metadata: may(metadataChanges),
  }),
);
export type UserUpdateBody = v.InferOutput<typeof userUpdateBody>;

export const syncUserBody = v.pipe(plainObject, v.object({ survivingZendeskId: may(text(1, 64)) }));
