// People in the forms of this API (contracts/ppmessage.md 6): the whole row, the short one of lists, and what others see.
import type { DeviceNumber, UserNumber } from '../../domain/ids.ts';
import type { JsonObject } from '../../domain/model.ts';
import type { App, Hub, User } from '../../hub/context.ts';
import { iconOf } from './icons.ts';
import { deviceUuid, secondsOf, stampOfMs, userUuid } from './ids.ts';
import { emailShown, isAnonymous } from './message-body.ts';
import {
  isDistributor,
  isService,
  KEPT_FLAGS,
  KEPT_TEXTS,
  keptOf,
  type StoredProfile,
  statusOf,
} from './user-columns.ts';

type Here = Pick<Hub, 'ids' | 'origin' | 'addressOf'>;

/** What is known of somebody beyond their record (standing.ts). */
export interface Standing {
  browser: { device: DeviceNumber; online: boolean } | null;
  mobile: { device: DeviceNumber; online: boolean } | null;
  /** A visitor's. */
  ppcomBrowser: DeviceNumber | null;
  ppcomMobile: DeviceNumber | null;
  ready: boolean;
  group: { uuid: string; group_name: string } | null;
}

const changedAt = ({ lastActiveAt, createdAt }: User): number => Math.max(lastActiveAt ?? 0, createdAt);

/** The name by which clients sort people; of Latin names that is the name. */
const nameOf = (user: User, email: string): string => (isAnonymous(user) ? user.name : email);

/**
 * Every column but the password. The trace by which a visitor's browser proves who it is is never shown. `whole` false: what
 * others see of somebody; the rest is null.
 */
export function userRow(
  here: Here,
  app: App,
  user: User,
  standing: Standing,
  { whole = true }: { whole?: boolean } = {},
): JsonObject {
  const kept = keptOf(user);
  const profile = user.profile as StoredProfile;
  const uuid = (device: DeviceNumber | null | undefined): string | null =>
    whole && device ? deviceUuid(here, device) : null;
  const email = emailOf(here, app, user, whole);
  const own = <T>(value: T | null | undefined): T | null => (whole ? (value ?? null) : null);
  return {
    uuid: userUuid(here, user.number),
    user_name: nameOf(user, email),
    user_fullname: user.name,
    user_firstname: own(profile.givenName),
    user_lastname: own(profile.surname),
    user_email: email,
    user_icon: iconOf(here, user.number, user.avatar),
    user_language: own(user.locale),
    user_status: statusOf(user, isAnonymous(user)),
    is_anonymous_user: isAnonymous(user),
    ...Object.fromEntries(KEPT_TEXTS.map((name) => [name, own(kept[name])])),
    user_signature: kept.user_signature ?? null,
    ...Object.fromEntries(KEPT_FLAGS.map((name) => [name, own(kept[name])])),
    create_status: null,
    is_email_verified: null,
    is_mobile_verified: null,
    latest_send_message_time: null,
    ppcom_trace_uuid: null,
    service_user_status: isService(user) ? (standing.ready ? 'READY' : null) : null,
    browser_device_uuid: isService(user) ? uuid(standing.browser?.device) : null,
    mobile_device_uuid: isService(user) ? uuid(standing.mobile?.device) : null,
    ppcom_browser_device_uuid: uuid(standing.ppcomBrowser),
    ppcom_mobile_device_uuid: uuid(standing.ppcomMobile),
    createtime: stampOfMs(user.createdAt),
    updatetime: stampOfMs(changedAt(user)),
  };
}

/** Of people who are no service users, others see the id that their own system has for them, as at every door. */
export const emailOf = (here: Here, app: App, user: User, whole: boolean): string =>
  emailShown(here, app, whole || isService(user) ? user : { ...user, email: null });

/** The same row with its times as whole seconds, as some calls have them. */
export const withSeconds = (row: JsonObject, user: User): JsonObject => ({
  ...row,
  createtime: secondsOf(user.createdAt),
  updatetime: secondsOf(changedAt(user)),
});

export const flagsOf = (user: User): JsonObject => ({
  is_owner_user: user.role === 'owner',
  is_service_user: isService(user),
  is_distributor_user: isDistributor(user),
});

/** The short row of lists. `seconds`: its time as whole seconds. */
export const shortRow = (
  here: Here,
  app: App,
  user: User,
  standing: Standing,
  { whole = true, seconds = false }: { whole?: boolean; seconds?: boolean } = {},
): JsonObject => ({
  uuid: userUuid(here, user.number),
  user_fullname: user.name,
  user_icon: iconOf(here, user.number, user.avatar),
  user_email: emailOf(here, app, user, whole),
  user_signature: keptOf(user).user_signature ?? null,
  updatetime: seconds ? secondsOf(changedAt(user)) : stampOfMs(changedAt(user)),
  // Visitors' devices are others, which this answer never counts (contracts/ppmessage.md 9).
  is_browser_online: isService(user) && standing.browser?.online === true,
  is_mobile_online: isService(user) && standing.mobile?.online === true,
  group: standing.group,
});

/** Newest first, as lists of people are. */
export const newestFirst = (a: User, b: User): number => changedAt(b) - changedAt(a) || a.number - b.number;

/** Who begins a conversation, with four columns. */
export const fourColumns = (here: Here, app: App, user: User | null, number: UserNumber | null) =>
  user === null || number === null
    ? null
    : {
        uuid: userUuid(here, number),
        user_fullname: user.name,
        user_icon: iconOf(here, number, user.avatar),
        user_email: emailOf(here, app, user, true),
      };
