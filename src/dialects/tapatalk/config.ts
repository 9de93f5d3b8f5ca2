// get_config: what a client may do here, told before it signs in. Flags follow the method table: nothing is
// advertised that would be answered with "unknown method".
import type { App } from '../../hub/context.ts';
import { bool, int, type OutStruct, string, struct } from '../../xmlrpc/value.ts';
import { uploadLimits } from './attachments.ts';

/** The level of the API that clients look for; below 4 they fall back to older calls (contracts/tapatalk.md 1.1). */
const API_LEVEL = '4';
/** Keywords shorter than this find nothing. */
const MIN_SEARCH_LENGTH = 3;

const flag = (on: boolean) => string(on ? '1' : '0');

/**
 * The answer of get_config. `answers`: whether a method of that name is in the table.
 *
 * Three members are typed, all others are `<string>` with "0" and "1" as flags: clients cast them
 * (contracts/tapatalk.md 1.1). Flags that clients take for on when they are missing are sent as "0".
 */
export function configOf(app: App, answers: (method: string) => boolean): OutStruct {
  const off = flag(false);
  const limits = uploadLimits(app.settings);
  return struct({
    // "dev": a server outside the vendor's directory, and no version of anybody's plugin.
    version: string('dev'),
    api_level: string(API_LEVEL),
    is_open: bool(true),
    guest_okay: bool(app.settings.guestOkay),
    min_search_length: int(MIN_SEARCH_LENGTH),

    conversation: flag(answers('get_conversations')),
    inbox_stat: flag(answers('get_inbox_stat')),
    mark_pm_read: flag(answers('mark_conversation_read')),
    mark_pm_unread: flag(answers('mark_conversation_unread')),
    pm_load: flag(answers('get_conversations')),
    report_pm: flag(answers('report_pm')),

    user_id: string('1'),
    search_user: flag(answers('search_user')),
    user_recommended: flag(answers('get_recommended_user')),
    advanced_online_users: flag(answers('get_online_users')),
    avatar: off,
    anonymous: off,
    guest_group_id: string(''),
    ads_disabled_group: string(''),

    // Passwords travel as they are, under TLS: clients that see "1" here send a hash of their own.
    support_md5: off,
    support_sha1: off,
    login_type: string('username'),
    sign_in: off,
    inappreg: off,
    native_register: off,
    sso_login: off,
    sso_signin: off,
    sso_register: off,

    emoji_support: string('1'),
    disable_bbcode: off,
    json_support: string('1'),
    max_attachment: string(String(limits.max_attachment)),
    max_attachment_size: string(String(limits.max_attachment_size)),
    max_png_size: string(String(limits.max_png_size)),
    max_jpg_size: string(String(limits.max_jpg_size)),
    allowed_extensions: string(limits.allowed_extensions),

    push: off,
    push_type: string(''),

    // There are no boards and topics here.
    announcement: off,
    mark_read: off,
    can_unread: off,
    first_unread: off,
    subscribe_forum: off,
  });
}
