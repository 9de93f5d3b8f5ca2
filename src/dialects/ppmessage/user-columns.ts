// The columns that this API has of a person, and where each comes from (docs/ppmessage.md): some are the hub's, some are
// kept for this API alone, and what nobody keeps is null. Whole answers are render-users.ts.
import { type JsonObject, type Role, TEAM_ROLES } from '../../domain/model.ts';
import type { User } from '../../hub/context.ts';

/** What only this API keeps of a person: texts, and flags of its clients. */
export const KEPT_TEXTS = [
  'user_mobile',
  'user_signature',
  'user_company',
  'user_wechat',
  'user_qq',
  'user_defined',
] as const;
export const KEPT_FLAGS = [
  'user_mute_notification',
  'user_silence_notification',
  'user_mute_other_mobile_device',
  'user_show_badge',
] as const;

type Kept = Partial<Record<(typeof KEPT_TEXTS)[number], string | null>> &
  Partial<Record<(typeof KEPT_FLAGS)[number], boolean | null>> & {
    user_status?: string;
    /** False: visitors are not given to them where no group is. Absent: they are. */
    distributor?: boolean;
  };

/** Fields of other doors stand beside it in a profile. */
export interface StoredProfile {
  givenName?: string;
  surname?: string;
  ppmessage?: Kept;
}

export const keptOf = ({ profile }: Pick<User, 'profile'>): Kept =>
  (profile as StoredProfile).ppmessage ?? {};

/** The profile with these columns changed. */
export const withKept = ({ profile }: Pick<User, 'profile'>, change: Kept): JsonObject =>
  ({ ...profile, ppmessage: { ...(profile as StoredProfile).ppmessage, ...change } }) as JsonObject;

export const STATUSES = [
  'OWNER_0',
  'OWNER_1',
  'OWNER_2',
  'OWNER_3',
  'ADMIN',
  'SERVICE',
  'ANONYMOUS',
  'THIRDPARTY',
] as const;
export type Status = (typeof STATUSES)[number];

/** A person's part in the app, by what this API calls their status. */
export const roleOf = (status: Status): Role =>
  status.startsWith('OWNER')
    ? 'owner'
    : status === 'ADMIN'
      ? 'admin'
      : status === 'SERVICE'
        ? 'agent'
        : status === 'ANONYMOUS'
          ? 'visitor'
          : 'member';

/** The other way round; of owners the one that was given. */
export function statusOf(user: Pick<User, 'role' | 'profile'>, isAnonymous: boolean): Status {
  const { user_status: given } = keptOf(user);
  const known = STATUSES.find((each) => each === given);
  if (known && roleOf(known) === user.role) return known;
  switch (user.role) {
    case 'owner':
      return 'OWNER_2';
    case 'admin':
      return 'ADMIN';
    case 'agent':
      return 'SERVICE';
    default:
      return isAnonymous ? 'ANONYMOUS' : 'THIRDPARTY';
  }
}

const VOICES: ReadonlySet<Role> = new Set(['system', 'business', 'ghost']);
/** Who signs what the app or another network says, and is nobody that could be met or changed. */
export const isVoice = ({ role }: Pick<User, 'role'>): boolean => VOICES.has(role);
export const isService = ({ role }: Pick<User, 'role'>): boolean => TEAM_ROLES.has(role);
export const isDistributor = (user: Pick<User, 'role' | 'profile'>): boolean =>
  isService(user) && keptOf(user).distributor !== false;
