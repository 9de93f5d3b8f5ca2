import { describe, expect, test } from 'vitest';
import { configOf } from '../../../src/dialects/tapatalk/config.ts';
import { sent } from './plain.ts';
import { app } from './samples.ts';

const config = (answers: (method: string) => boolean = () => true, of = app) => sent(configOf(of, answers));

describe('get_config', () => {
  test('types three members and sends all others as strings, flags among them as "0" and "1"', () => {
    const typed = new Map<string, string>([
      ['is_open', 'boolean'],
      ['guest_okay', 'boolean'],
      ['min_search_length', 'number'],
    ]);
    for (const [name, value] of Object.entries(config()))
      expect(typeof value, name).toBe(typed.get(name) ?? 'string');
  });
  test('promises conversations, counters and marks on level 4', () => {
    const expected = {
      version: 'dev',
      api_level: '4',
      is_open: true,
      guest_okay: false,
      conversation: '1',
      inbox_stat: '1',
      mark_pm_read: '1',
      mark_pm_unread: '1',
      pm_load: '1',
      user_id: '1',
      emoji_support: '1',
      disable_bbcode: '0',
      support_md5: '0',
      support_sha1: '0',
      push: '0',
      push_type: '',
      sign_in: '0',
      inappreg: '0',
      native_register: '0',
      login_type: 'username',
    };
    expect(config()).toMatchObject(expected);
  });
  test('promises nothing that would be answered with "unknown method"', () => {
    const none = config(() => false);
    for (const flag of [
      'conversation',
      'inbox_stat',
      'mark_pm_read',
      'search_user',
      'user_recommended',
      'report_pm',
    ]) {
      expect(none[flag], flag).toBe('0');
      expect(config()[flag], flag).toBe('1');
    }
  });
  test('keeps what is only for the vendor to itself', () => {
    for (const name of ['sys_version', 'stats', 'api_key', 'push_slug'])
      expect(config()).not.toHaveProperty(name);
  });
  test('says that guests may look where the app says so', () => {
    const open = { ...app, settings: { ...app.settings, guestOkay: true } };
    expect(config(() => true, open).guest_okay).toBe(true);
  });
});
