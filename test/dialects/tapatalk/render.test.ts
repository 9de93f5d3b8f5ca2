import { describe, expect, test } from 'vitest';
import {
  type Company,
  conversationItem,
  conversationPage,
  lastPosterOf,
  messageItem,
  userType,
} from '../../../src/dialects/tapatalk/render.ts';
import { userNumber } from '../../../src/domain/ids.ts';
import type { Attachment } from '../../../src/domain/model.ts';
import type { ConversationRow } from '../../../src/hub/lists.ts';
import { b64, type PlainStruct, sent } from './plain.ts';
import { app, card, entry, facts, person } from './samples.ts';

const alice = person(10, 'Alice', { card: card('Alice', { avatar: 'https://x.example/a.png' }) });
const bob = person(11, 'Bob');
const company = (more: Partial<Company> = {}): Company => ({
  app,
  reader: alice.user,
  people: [alice, bob],
  online: new Set([alice.user]),
  canInvite: true,
  isMember: true,
  ...more,
});
const row = (more: Partial<ConversationRow> = {}): ConversationRow => ({
  facts: facts(),
  lastSeq: 5,
  lastMessageAt: Date.UTC(2026, 0, 2, 3, 5, 6, 789),
  lastLogTime: Date.UTC(2026, 0, 2, 3, 5, 6, 789) * 1000,
  lastAuthor: bob.user,
  messageCount: 4,
  preview: 'See you there',
  people: [],
  memberCount: 2,
  unread: 1,
  readSeq: 4,
  muted: false,
  member: true,
  businessReadAt: 0,
  ...more,
});

const PARTICIPANTS = {
  '10': {
    user_id: '10',
    username: b64('Alice'),
    icon_url: 'https://x.example/a.png',
    user_type: b64('normal'),
    display_text: b64(''),
    is_online: true,
    has_left: false,
  },
  '11': {
    user_id: '11',
    username: b64('Bob'),
    icon_url: '',
    user_type: b64('normal'),
    display_text: b64(''),
    is_online: false,
    has_left: false,
  },
};

describe('an item of get_conversations', () => {
  test('is this, wholly', () => {
    expect(sent(conversationItem(row(), company()))).toEqual({
      conv_id: '12',
      conv_subject: b64('Lunch'),
      conv_title: b64('Lunch'),
      reply_count: 3,
      participant_count: 2,
      total_message_num: 4,
      start_user_id: '10',
      start_conv_time: { dt: '2026-01-02T03:04:05.000Z' },
      start_timestamp: '1767323045',
      last_user_id: '11',
      last_conv_time: { dt: '2026-01-02T03:05:06.000Z' },
      timestamp: '1767323106',
      short_content: b64('See you there'),
      new_post: true,
      unread_num: 1,
      can_invite: true,
      can_edit: false,
      can_close: false,
      can_upload: true,
      is_closed: false,
      delete_mode: 3,
      participants: PARTICIPANTS,
    });
  });
  test('counts replies as text for apps that cast it to one', () => {
    const old = { ...app, settings: { ...app.settings, legacyStrings: true } };
    expect(sent(conversationItem(row(), company({ app: old }))).reply_count).toBe('3');
  });
  test('has no replies and nothing new before the first message', () => {
    const empty = row({ messageCount: 0, unread: 0, lastAuthor: null });
    expect(sent(conversationItem(empty, company()))).toMatchObject({
      reply_count: 0,
      new_post: false,
      unread_num: 0,
      last_user_id: '10',
    });
  });
  test('names the app where the log names nobody', () => {
    expect(lastPosterOf(app, row({ lastAuthor: null }))).toBe(app.systemUser);
    const ownerless = row({ facts: facts({ creator: null }) });
    expect(sent(conversationItem(ownerless, company())).start_user_id).toBe(String(app.systemUser));
  });
});

describe('participants', () => {
  const participants = (more: Partial<Company>) =>
    sent(conversationItem(row(), company(more))).participants as PlainStruct;

  test('are a struct even when there are none: apps cast it', () => {
    expect(participants({ people: [] })).toEqual({});
  });
  test('who left, in whichever way, stay named and are marked', () => {
    const people = (['active', 'left', 'barred', 'outside'] as const).map((standing, i) =>
      person(20 + i, standing, { standing }),
    );
    const left = Object.values(participants({ people })).map((p) => (p as PlainStruct).has_left);
    expect(left).toEqual([false, true, true, false]);
  });
  test('are normal people, moderators or administrators', () => {
    expect((['visitor', 'member', 'agent', 'admin', 'owner', 'ghost'] as const).map(userType)).toEqual([
      'normal',
      'normal',
      'mod',
      'admin',
      'admin',
      'normal',
    ]);
  });
});

describe('the title', () => {
  const titled = (title: string | null, more: Partial<Company> = {}) =>
    sent(conversationItem(row({ facts: facts({ title }) }), company(more))).conv_subject;

  test('has no BBCode and no line breaks', () => {
    expect(titled('[b]Lunch[/b]\n at [url=http://x.example]noon[/url]')).toEqual(b64('Lunch at noon'));
  });
  test('of a conversation without one is the other people in it, or the app', () => {
    expect(titled(null)).toEqual(b64('Bob'));
    const crowd = [alice, bob, person(12, 'Carol'), person(13, 'Dan'), person(14, 'Eve')];
    expect(titled('', { people: crowd })).toEqual(b64('Bob, Carol, Dan…'));
    expect(titled(null, { people: [alice] })).toEqual(b64('The Board'));
  });
});

const addressOf = ({ file, url }: Attachment): string =>
  file === null ? url : `https://hub.example${url}?signed`;

describe('a message', () => {
  const seen = { author: bob, reader: alice.user, readSeq: 4, online: true, html: false, addressOf };

  test('is this, wholly', () => {
    expect(sent(messageItem(entry(5, 11, ' [b]See[/b] you [url]http://x.example[/url]\n'), seen))).toEqual({
      msg_id: String(12 * 2 ** 21 + 5),
      msg_content: b64('See you [url]http://x.example[/url]'),
      msg_author_id: '11',
      msg_author_user_type: b64('normal'),
      is_unread: true,
      new_post: true,
      is_online: true,
      has_left: false,
      post_time: { dt: '2026-01-02T03:04:06.000Z' },
      timestamp: '1767323046',
      can_edit: false,
      can_delete: false,
      can_report: true,
      attachments: [],
      inlineattachments: [],
    });
  });
  test('is unread past the mark, unless the reader wrote it or it was deleted', () => {
    const unread = (of: PlainStruct) => [of.is_unread, of.new_post];
    expect(unread(sent(messageItem(entry(4, 11, 'x'), seen)))).toEqual([false, false]);
    expect(unread(sent(messageItem(entry(5, 10, 'x'), { ...seen, author: alice })))).toEqual([false, false]);
    expect(unread(sent(messageItem(entry(5, 11, '', { deleted: true }), seen)))).toEqual([false, false]);
  });
  test('that was deleted keeps its place and says so', () => {
    const gone = sent(messageItem(entry(5, 11, '', { deleted: true }), seen));
    expect(gone.msg_content).toEqual(b64('(This message was deleted.)'));
  });
  test('is escaped as HTML only when that was asked for', () => {
    const text = '1 < 2 [url]http://x.example[/url]';
    expect(sent(messageItem(entry(5, 11, text), seen)).msg_content).toEqual(b64(text));
    const html = sent(messageItem(entry(5, 11, text), { ...seen, html: true })).msg_content;
    expect(html).toEqual(b64('1 &lt; 2 [url]http://x.example[/url]'));
  });
});

test('a page of get_conversation is this around its messages', () => {
  const view = { facts: facts({ locked: true }), messageCount: 6, clearedN: 2, memberCount: 2 };
  const message = messageItem(entry(5, 11, 'x'), {
    author: bob,
    reader: userNumber(10),
    readSeq: 0,
    online: false,
    html: false,
    addressOf,
  });
  const page = sent(conversationPage(view, company({ canInvite: false }), [message]));
  expect(page).toEqual({
    conv_id: '12',
    conv_title: b64('Lunch'),
    conv_subject: b64('Lunch'),
    participant_count: 2,
    total_message_num: 4,
    can_invite: false,
    can_edit: false,
    can_close: false,
    can_upload: false,
    is_closed: true,
    delete_mode: 3,
    can_reply: false,
    is_deleted: false,
    participants: PARTICIPANTS,
    list: [sent(message)],
  });
});
