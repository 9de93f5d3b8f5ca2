// Exports and imports at the Qiscus door (contracts/qiscus.md 5): an app moves whole into another one, a bad row leaves nothing,
// and what histories tell.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AppCredentials } from '../../src/standalone/demo.ts';
import { MqttSocket } from '../support/mqtt.ts';
import { startTestHub, type TestHub } from '../support/server.ts';
import { type BackupClient, backupClient, EVER, type Resource } from './qiscus-backup-client.ts';
import { type Json, refusal } from './qiscus-client.ts';

let hub: TestHub;
let made: AppCredentials;
let app: BackupClient;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const STAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+07:00$/;
const admin = (path: string, body: string) =>
  fetch(`${hub.url}/admin/apps/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${hub.adminToken}` },
    body,
  });
const operate = (method: string, body: object) =>
  fetch(`${hub.url}/admin/apps/${made.app.slug}`, {
    method,
    headers: { authorization: `Bearer ${hub.adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
const sunshine = async (path: string, body: object): Promise<Json> => {
  const { basePath, appId, keyId, secret } = made.sunshine;
  const answer = await fetch(`${basePath}/v2/apps/${appId}/${path}`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`${keyId}:${secret}`)}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
};

beforeAll(async () => {
  hub = await startTestHub();
  made = await hub.createApp();
  app = backupClient(made);
});
afterAll(() => hub?.stop());

const person = (Email: string, more: object = {}) => ({
  Email,
  Name: Email.split('@')[0],
  AvatarUrl: '',
  AuthenticationToken: '',
  Password: '',
  CreateAt: '2017-05-10T11:46:30Z',
  ...more,
});
const room = (UniqueId: string, emails: string[], more: object = {}) => ({
  Name: UniqueId,
  Type: 'group',
  Options: '',
  CreatorEmail: emails[0],
  CreatedAt: '2017-05-11T06:35:27Z',
  AvatarUrl: '',
  UniqueId,
  ParticipantEmails: emails,
  ...more,
});
const comment = (UniqueId: string, RoomUniqueId: string, CreatorEmail: string, more: object = {}) => ({
  Message: `says ${UniqueId}`,
  DisableLinkPreview: false,
  Type: 'text',
  UniqueId,
  CreatorEmail,
  RoomUniqueId,
  CreatedAt: '2017-05-11T19:14:24Z',
  Payload: null,
  ParentCommentUniqueId: '',
  ...more,
});
const reply = (id: string, to: string, roomId: string, by: string, more: object = {}) =>
  comment(id, roomId, by, {
    Type: 'reply',
    Payload: { text: `says ${id}`, replied_comment_id: 1 },
    ParentCommentUniqueId: to,
    ...more,
  });
const withoutSecrets = (rows: Json[]) =>
  rows.map((row) => ({
    ...row,
    ...('Password' in row && { Password: '', AuthenticationToken: '' }),
  }));

describe('an app that moves', () => {
  const [ann, ben, cat] = ['ann@example.org', 'ben@example.org', 'cat@example.org'];
  let there: BackupClient;
  const before = {} as Record<Resource, Json[]>;

  beforeAll(async () => {
    for (const [email, username] of [
      [ann, 'Ann'],
      [ben, 'Ben'],
      [cat, 'Cat'],
    ]) {
      await app.post('login_or_register', {
        email,
        username,
        password: 'secret',
        avatar_url: 'https://example.org/a.png',
      });
    }
    const direct = (await app.get('get_or_create_room_with_target', { emails: [ann, ben] })).room.id;
    const group = (
      await app.post('create_room', { name: 'Trip', participants: [ann, ben, cat], creator: cat })
    ).room_id;
    await app.post('get_or_create_channel', { unique_id: 'news', participants: [ann], room_name: 'News' });
    const said = (sender_email: string, room_id: number | string, more: object) =>
      app.post('post_comment', { sender_email, room_id, ...more }).then(({ comment: { id } }) => id);
    const first = await said(ann, direct, { message: 'Halo <b>ben</b> 😀', unique_temp_id: 'android_1' });
    await said(ben, direct, { message: 'Hi', extras: { mood: 'good' }, disable_link_preview: true });
    await said(ben, direct, { type: 'reply', payload: { text: 'indeed', replied_comment_id: first } });
    const gone = await said(cat, group, { message: 'gone soon', unique_temp_id: 'gone' });
    await said(ann, group, { type: 'reply', payload: { text: 'to what is gone', replied_comment_id: gone } });
    await said(ann, group, {
      type: 'location',
      payload: {
        name: 'Monas',
        address: 'Jakarta',
        latitude: -6.17,
        longitude: 106.82,
        map_url: 'https://maps.example.org/1',
      },
    });
    await said(cat, group, {
      type: 'buttons',
      payload: {
        text: 'Choose',
        buttons: [{ label: 'Go', type: 'link', payload: { url: 'https://example.org' } }],
      },
    });
    await said(cat, group, { type: 'custom', payload: { type: 'poll', content: { a: [1, null, 'x'] } } });
    const { user } = await app.get('user_profile', { user_email: cat });
    const form = new FormData();
    form.append('file', new File(['a plan'], 'plan.txt'));
    const headers = { 'qiscus-sdk-token': user.token };
    const uploaded = await fetch(`${hub.url}/api/v2/sdk/upload`, { method: 'POST', headers, body: form });
    const { url } = ((await uploaded.json()) as Json).results.file;
    await said(cat, group, { type: 'file_attachment', payload: { url, caption: 'The plan' } });
    await app.post('post_system_event_message', {
      system_event_type: 'add_member',
      room_id: group,
      subject_email: cat,
      object_email: [ben],
    });
    // A unique id is its room's alone: this one is in the room of two as well.
    const welcome = await said(ann, 'news', { message: 'Welcome', unique_temp_id: 'android_1' });
    await said(ann, 'news', { type: 'reply', payload: { text: 'all', replied_comment_id: welcome } });
    // Other doors: a support conversation with a carousel, and a forum's old talk with BBCode and a lost account.
    const { conversation } = await sunshine('conversations', {
      type: 'personal',
      participants: [{ userExternalId: cat, subscribeSDKClient: false }],
    });
    const talk = `conversations/${conversation.id}/messages`;
    await sunshine(talk, {
      author: { type: 'user', userExternalId: cat },
      content: { type: 'text', text: 'Help' },
    });
    await sunshine(talk, {
      author: { type: 'business' },
      content: {
        type: 'carousel',
        items: [{ title: 'One', actions: [{ type: 'link', text: 'See', uri: 'https://example.org/1' }] }],
      },
    });
    const old = {
      key: 'pm-1',
      title: 'Lunch',
      members: [{ externalId: ann }, { externalId: cat }],
      messages: [
        {
          author: { externalId: ann },
          date: '2009-01-31T12:00:00Z',
          markup: 'bbcode',
          text: 'At [b]noon[/b]?\n[quote]When?[/quote]',
        },
        { author: { name: 'Old Joe' }, date: '2009-01-31T12:05:00Z', text: 'At one.' },
      ],
    };
    const taken = await admin(`${made.app.slug}/conversations/import`, JSON.stringify(old));
    expect(await taken.text()).toContain('"done":true');
    for (const type of ['users', 'rooms', 'comments'] as const) before[type] = await app.rows(type);
  });

  test('is written in the schema of imports, as the door shows it', () => {
    expect(before.users).toContainEqual({
      Email: ann,
      Name: 'Ann',
      AvatarUrl: 'https://example.org/a.png',
      AuthenticationToken: '',
      Password: '',
      CreateAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
    expect(before.users.map(({ Email }) => Email)).toEqual([ann, ben, cat]);
    expect(before.rooms).toHaveLength(5);
    expect(before.rooms[0]).toEqual({
      Name: `${ann} ${ben}`,
      Type: 'single',
      Options: '',
      CreatorEmail: ann,
      CreatedAt: expect.stringMatching(/Z$/),
      AvatarUrl: '',
      UniqueId: expect.stringMatching(/^room-[0-9a-f]{24}$/),
      ParticipantEmails: [ann, ben],
    });
    expect(before.rooms[1]).toMatchObject({
      Name: 'Trip',
      CreatorEmail: cat,
      ParticipantEmails: [ann, ben, cat],
    });
    expect(before.rooms[2]).toMatchObject({ UniqueId: 'news', IsPublicChannel: true });
    const [halo, hi, indeed] = before.comments;
    expect(halo).toEqual({
      Message: 'Halo <b>ben</b> 😀',
      DisableLinkPreview: false,
      Type: 'text',
      UniqueId: 'android_1',
      CreatorEmail: ann,
      RoomUniqueId: before.rooms[0].UniqueId,
      CreatedAt: expect.stringMatching(/Z$/),
      Payload: null,
      ParentCommentUniqueId: '',
    });
    expect(hi).toMatchObject({ DisableLinkPreview: true, Extras: { mood: 'good' } });
    expect(indeed).toMatchObject({
      Type: 'reply',
      Payload: { text: 'indeed', replied_comment_id: 1 },
      ParentCommentUniqueId: 'android_1',
    });
    expect(before.comments.map(({ Type, Message }) => `${Type}: ${Message}`)).toEqual([
      'text: Halo <b>ben</b> 😀',
      'text: Hi',
      'reply: indeed',
      'text: gone soon',
      'reply: to what is gone',
      'location: Monas - Jakarta\nhttps://maps.example.org/1',
      'buttons: Choose',
      'custom: ',
      expect.stringMatching(/^file_attachment: \[file\] .*\/plan\.txt \[\/file\] The plan$/),
      'system_event: Cat added Ben',
      'text: Welcome',
      'reply: all',
      'text: Help',
      // Its card has no description, which this schema wants of a carousel.
      'text: 1. One\nSee: https://example.org/1',
      'text: At noon?\n> When?',
      'text: At one.',
    ]);
  });

  test('is in an empty app what it was: exported there, it compares equal', async () => {
    there = backupClient(await hub.createApp());
    for (const type of ['users', 'rooms', 'comments'] as const) {
      const rows =
        type === 'users' ? before.users.map((row) => ({ ...row, Password: 'secret' })) : before[type];
      expect(await there.import(type, rows)).toEqual({
        created_at: expect.stringMatching(STAMP),
        errors: {},
        original_filename: 'rows.json',
        percentage: 100,
        resource_name: type,
        size: Buffer.byteLength(JSON.stringify(rows)),
        status: 'finished',
        total_rows: rows.length,
        unique_id: expect.stringMatching(UUID),
      });
    }
    for (const type of ['users', 'rooms', 'comments'] as const)
      expect(withoutSecrets(await there.rows(type)), type).toEqual(withoutSecrets(before[type]));
  });

  test('has its files for as long as the app keeps its messages, a year where it never deletes', async () => {
    const moved = (await there.rows('comments')).find(({ Type }) => Type === 'file_attachment');
    const { url } = moved.Payload;
    expect(await (await fetch(url)).text()).toBe('a plan');
    const expires = Number(/\/files\/[^/]+\/[^/]+\/(\d+)\./.exec(url)?.[1]) * 1000;
    expect((expires - Date.now()) / 86_400_000).toBeGreaterThan(365);
    await operate('PATCH', { settings: { retentionSeconds: 30 * 86_400 } });
    const [kept] = (await app.rows('comments')).filter(({ Type }) => Type === 'file_attachment');
    await operate('PATCH', { settings: { retentionSeconds: 0 } });
    const days =
      (Number(/(\d+)\.[\w-]{32}\/plan/.exec(kept.Payload.url)?.[1]) * 1000 - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(30);
    expect(days).toBeLessThan(32);
  });

  test('goes on there: old comments are read, new ones come after them', async () => {
    const { rooms_info } = await there.get('get_user_rooms', { user_email: ann });
    expect(rooms_info).toHaveLength(4);
    for (const each of rooms_info) expect(each.unread_count).toBe(0);
    const { comment: said } = await there.post('post_comment', {
      sender_email: ann,
      room_id: 'news',
      message: 'and on',
    });
    const { comments } = await there.get('load_comments', { room_id: 'news' });
    expect(comments.map(({ message }: Json) => message)).toEqual(['and on', 'all', 'Welcome']);
    expect(said.comment_before_id).toBe(comments[1].id);
    const found = await there.post('search_messages', { user_email: cat, query: 'Choose' });
    expect(found.comments.map(({ message }: Json) => message)).toEqual(['Choose']);
  });

  test('cannot come twice, nor back', async () => {
    const twice = await there.import('users', before.users);
    expect(twice).toMatchObject({ status: 'failed', total_rows: 0 });
    expect(twice.errors).toEqual({
      Message: 'Row 1: Email belongs to a user who exists already',
      Data: before.users[0],
    });
    for (const back of [there, app]) {
      const rooms = await back.import('rooms', before.rooms);
      expect(rooms.errors.Message).toBe('Row 1: UniqueId belongs to a room that exists already');
      const comments = await back.import('comments', before.comments);
      expect(comments.status).toBe('failed');
    }
  });
});

describe('a file', () => {
  const [ann, ben] = ['fay@example.org', 'gus@example.org'];
  let place: BackupClient;

  beforeAll(async () => {
    place = backupClient(await hub.createApp());
    expect(await place.import('users', [person(ann), person(ben)])).toMatchObject({ status: 'finished' });
    const rooms = [room('r1', [ann, ben]), room('s1', [ann, ben], { Type: 'single' })];
    expect(await place.import('rooms', rooms)).toMatchObject({ status: 'finished', total_rows: 2 });
  });

  const good = person('new@example.org');
  const goodRoom = room('new', [ann]);
  const goodComment = comment('new', 'r1', ann);
  const CASES: [Resource, string, Json[], string][] = [
    [
      'users',
      'an email that is there',
      [good, person(ann)],
      'Row 2: Email belongs to a user who exists already',
    ],
    ['users', 'an email twice', [good, good], 'Row 2: Email stands in an earlier row too'],
    [
      'users',
      'a token twice',
      [
        person('x1', { AuthenticationToken: 'randomstring' }),
        person('x2', { AuthenticationToken: 'randomstring' }),
      ],
      'Row 2: AuthenticationToken stands in an earlier row too',
    ],
    [
      'users',
      'a token that can be guessed',
      [good, person('x', { AuthenticationToken: 'short' })],
      'Row 2: AuthenticationToken is shorter than 8 characters',
    ],
    ['users', 'no email', [good, { Name: 'x' }], 'Row 2: Email is required'],
    ['users', 'an email that is no text', [good, person('x', { Email: 7 })], 'Row 2: Email must be text'],
    [
      'users',
      'a reserved email',
      [good, person('parlance:system')],
      'Row 2: Email begins with parlance:, which is reserved',
    ],
    [
      'users',
      'half a character',
      [good, person('x', { Name: '\ud83d' })],
      'Row 2: Name has half of a character',
    ],
    [
      'users',
      'an avatar that runs',
      [good, person('x', { AvatarUrl: 'javascript:alert(1)' })],
      'Row 2: AvatarUrl must be an address of the web',
    ],
    [
      'users',
      'a date that is none',
      [good, person('x', { CreateAt: 'yesterday' })],
      'Row 2: CreateAt must be a moment since 1970, like 2017-05-11T19:14:24Z',
    ],
    ['users', 'a row that is none', [good, ['x']], 'Row 2: is not a JSON object.'],
    [
      'rooms',
      'a unique id that is there',
      [goodRoom, room('r1', [ann])],
      'Row 2: UniqueId belongs to a room that exists already',
    ],
    ['rooms', 'a unique id twice', [goodRoom, goodRoom], 'Row 2: UniqueId stands in an earlier row too'],
    [
      'rooms',
      'a stranger',
      [goodRoom, room('x', [ann, 'nobody'])],
      'Row 2: ParticipantEmails has somebody who does not exist: nobody',
    ],
    [
      'rooms',
      'a creator who is a stranger',
      [goodRoom, room('x', [ann], { CreatorEmail: 'nobody' })],
      "Row 2: CreatorEmail is nobody's: nobody",
    ],
    [
      'rooms',
      'a single room of three',
      [goodRoom, room('x', [ann, ben, 'z'], { Type: 'single' })],
      'Row 2: ParticipantEmails must be exactly two different ones in a single room',
    ],
    [
      'rooms',
      'a single room of one',
      [goodRoom, room('x', [ann, ann], { Type: 'single' })],
      'Row 2: ParticipantEmails must be exactly two different ones in a single room',
    ],
    [
      'rooms',
      'a single room of others',
      [goodRoom, room('x', [ann, ben], { Type: 'single', CreatorEmail: 'z' })],
      'Row 2: CreatorEmail must be one of the two participants of a single room',
    ],
    [
      'rooms',
      'a pair that has its room',
      [goodRoom, room('x', [ben, ann], { Type: 'single' })],
      'Row 2: ParticipantEmails are the two of a single room that exists already',
    ],
    [
      'rooms',
      'a type that is none',
      [goodRoom, room('x', [ann], { Type: 'channel' })],
      'Row 2: Type must be single or group',
    ],
    [
      'comments',
      'a unique id twice',
      [goodComment, goodComment],
      'Row 2: UniqueId stands in an earlier row too',
    ],
    [
      'comments',
      'a room that is not there',
      [goodComment, comment('x', 'nowhere', ann)],
      'Row 2: RoomUniqueId is of no room: nowhere',
    ],
    [
      'comments',
      'an author who is not there',
      [goodComment, comment('x', 'r1', 'nobody')],
      "Row 2: CreatorEmail is nobody's: nobody",
    ],
    [
      'comments',
      'a type that is none',
      [goodComment, comment('x', 'r1', ann, { Type: 'song' })],
      'Row 2: Type must be one of text',
    ],
    [
      'comments',
      'a payload that lacks something',
      [goodComment, comment('x', 'r1', ann, { Type: 'contact_person', Payload: { name: 'x' } })],
      'Row 2: payload.value is required',
    ],
    [
      'comments',
      'no date',
      [goodComment, comment('x', 'r1', ann, { CreatedAt: '' })],
      'Row 2: CreatedAt is required',
    ],
    [
      'comments',
      'a date to come',
      [goodComment, comment('x', 'r1', ann, { CreatedAt: '2999-01-01T00:00:00Z' })],
      'Row 2: CreatedAt is in the future',
    ],
    [
      'comments',
      'a reply to nothing',
      [goodComment, reply('x', 'none', 'r1', ann)],
      'Row 2: ParentCommentUniqueId is of no comment in this room',
    ],
    [
      'comments',
      'a reply to a later row',
      [reply('x', 'new', 'r1', ann), goodComment],
      'Row 1: ParentCommentUniqueId is of no earlier row',
    ],
    [
      'comments',
      'a reply into another room',
      [goodComment, reply('x', 'new', 's1', ann)],
      'Row 2: ParentCommentUniqueId is of no comment in this room',
    ],
    [
      'comments',
      'a reply by number',
      [goodComment, reply('x', 'new', 'r1', ann, { Payload: { text: 'x', replied_comment_id: 5 } })],
      'Row 2: Payload must have a replied_comment_id of 1',
    ],
    [
      'comments',
      'a reply from before',
      [goodComment, reply('x', 'new', 'r1', ann, { CreatedAt: '2017-01-01T00:00:00Z' })],
      'Row 2: CreatedAt is before that of the comment that it answers',
    ],
  ];
  test.each(['users', 'rooms', 'comments'] as const)(
    'of %s with a bad row leaves nothing, and says why',
    async (type) => {
      const before = await place.rows(type);
      for (const [of, what, rows, message] of CASES) {
        if (of !== type) continue;
        const history = await place.import(type, rows);
        expect(history, what).toMatchObject({ status: 'failed', total_rows: 0, resource_name: type });
        expect(history.errors.Message, what).toContain(message);
      }
      expect(await place.rows(type)).toEqual(before);
    },
  );

  test('shows no secret with its error', async () => {
    const bad = person(ann, { Password: 'hush hush', AuthenticationToken: 'a token that is hidden' });
    const { errors } = await place.import('users', [bad]);
    expect(errors.Data).toEqual({ ...bad, Password: '', AuthenticationToken: '' });
  });

  test.each([
    ['no array', '{"Email": "x"}', 'The file is not a JSON array of rows: it does not begin with [.'],
    ['no end', '[{"Email": "x"}', 'The file is not a JSON array of rows: it ends early.'],
    ['more behind', '[{"Email": "x"}] x', 'The file is not a JSON array of rows: something follows its end.'],
    ['nothing', '[]', 'The file has no rows.'],
    [
      'a deep row',
      `[${'['.repeat(60)}${']'.repeat(60)}]`,
      'The file is not a JSON array of rows: a row is deeper than 40 levels.',
    ],
  ])('that holds %s is refused at once', async (_, file, sentence) => {
    const { status, body } = await place.upload({ type: 'users', file });
    expect({ status, body }).toEqual({ status: 400, body: refusal(400, 'Validation error', sentence) });
  });

  test('needs a type and a name, and has 4 MB at most', async () => {
    const refused = async (form: Parameters<BackupClient['upload']>[0]) => (await place.upload(form)).body;
    expect(await refused({ file: '[{}]' })).toEqual(refusal(400, 'Validation error', 'type is required'));
    expect(await refused({ type: 'songs', file: '[{}]' })).toEqual(
      refusal(400, 'Validation error', 'type must be one of users, rooms, comments'),
    );
    expect(await refused({ type: 'users' })).toEqual(refusal(400, 'Validation error', 'file is required'));
    expect(await refused({ type: 'users', file: '[{}]', name: 'a.csv' })).toEqual(
      refusal(400, 'Validation error', 'file must be a .json file'),
    );
    expect(await refused({ type: 'users', file: Buffer.from([0x5b, 0xff, 0x5d]) })).toEqual(
      refusal(400, 'Validation error', 'file is not in UTF-8'),
    );
    const large = (bytes: number) => `[${' '.repeat(bytes - 2 - 23)}{"Email":"big@x", "a":1}]`.slice(-bytes);
    const over = await place.upload({ type: 'users', file: `${large(4 * 1024 * 1024)} ` });
    expect(over).toMatchObject({ status: 413, body: refusal(413, 'Request entity too large') });
    const just = JSON.stringify([person('big@example.org')]);
    const padded = `${' '.repeat(4 * 1024 * 1024 - just.length)}${just}`;
    expect(await place.import('users', padded)).toMatchObject({ status: 'finished', size: 4 * 1024 * 1024 });
  });

  test('of comments goes only where nobody has written, and after what a file before it brought', async () => {
    const at = (second: number) => ({ CreatedAt: `2017-06-01T00:00:0${second}Z` });
    const first = [comment('c2', 'r1', ben, at(2)), comment('c1', 'r1', ann, at(1))];
    expect(await place.import('comments', first)).toMatchObject({ status: 'finished', total_rows: 2 });
    const early = await place.import('comments', [comment('c0', 'r1', ann, at(0))]);
    expect(early.errors.Message).toBe('Row 1: CreatedAt is before that of the last comment in its room');
    const again = await place.import('comments', [
      comment('c3', 'r1', ann, at(3)),
      comment('c1', 'r1', ann, at(4)),
    ]);
    expect(again.errors.Message).toBe('Row 2: UniqueId belongs to a comment that exists already');
    const more = [reply('c3', 'c1', 'r1', ben, at(3)), comment('s', 's1', ann, at(3))];
    expect(await place.import('comments', more)).toMatchObject({ status: 'finished', total_rows: 2 });
    expect((await place.rows('comments')).map(({ UniqueId }) => UniqueId)).toEqual(['c1', 'c2', 'c3', 's']);
    const { comments } = await place.get('load_comments', { room_id: 'r1' });
    expect(comments[0]).toMatchObject({ timestamp: '2017-06-01T00:00:03Z', type: 'reply' });
    expect(comments[0].payload).toMatchObject({
      replied_comment_message: 'says c1',
      replied_comment_id: comments[2].id,
    });
    await place.post('post_comment', { sender_email: ann, room_id: 'r1', message: 'live' });
    const late = await place.import('comments', [
      comment('z', 's1', ann, at(9)),
      comment('y', 'r1', ann, at(9)),
    ]);
    expect(late.errors.Message).toContain('Row 2: comments cannot go into its room');
    // Nothing of it is there, and people may write in the room that it would have gone into.
    expect((await place.rows('comments')).map(({ UniqueId }) => UniqueId)).not.toContain('z');
    await place.post('post_comment', { sender_email: ann, room_id: 's1', message: 'live' });
  });

  test('of comments keeps its dates in a room that was made today', async () => {
    await place.post('get_or_create_channel', { unique_id: 'made today', participants: [ann] });
    expect(await place.import('comments', [comment('old', 'made today', ann)])).toMatchObject({
      status: 'finished',
    });
    const { comments } = await place.get('load_comments', { room_id: 'made today' });
    expect(comments[0]).toMatchObject({ message: 'says old', timestamp: '2017-05-11T19:14:24Z' });
    const { rooms_info } = await place.get('get_user_rooms', { user_email: ann });
    expect(rooms_info.find((each: Json) => each.unique_id === 'made today')).toMatchObject({
      last_comment_timestamp: '2017-05-11T19:14:24Z',
      unread_count: 0,
    });
  });
});

test('people who came along sign in with what they had', async () => {
  const place = await hub.createApp();
  const [email, token, password] = ['ida@example.org', 'a token of before', 'a password of before'];
  const rows = [person(email, { AuthenticationToken: token, Password: password })];
  expect(await backupClient(place).import('users', rows)).toMatchObject({ status: 'finished' });
  const sdk = (name: string, init: RequestInit & { headers?: Record<string, string> } = {}) =>
    fetch(`${place.qiscus.baseUrl}/api/v2/sdk/${name}`, {
      ...init,
      headers: { 'qiscus-sdk-app-id': place.qiscus.appId, ...init.headers },
    });
  const profile = () => sdk('my_profile', { headers: { 'qiscus-sdk-token': token } });
  for (const _ of ['looked up', 'remembered']) {
    const answer = await profile();
    expect([answer.status, ((await answer.json()) as Json).results.user.email]).toEqual([200, email]);
  }
  // Realtime too: a client names its app in its id, since such a token does not say whose it is.
  const listens = async (clientId: string) => {
    const client = await MqttSocket.connect(`${hub.url.replace('http', 'ws')}/mqtt`, { clientId });
    const granted = await client.subscribe(`${token}/c`, `u/${email}/s`);
    client.socket.terminate();
    return granted;
  };
  const { slug } = place.app;
  expect(await listens(`${slug}_${email}_1700000000000`)).toEqual([0, 0]);
  expect(await listens(`${made.app.slug}_${email}_1700000000000`)).toEqual([128, 128]);
  // The same people may have moved into another app of this hub too.
  const twin = await hub.createApp();
  await backupClient(twin).import('users', [{ ...rows[0], Name: 'Twin' }]);
  const there = await sdk('my_profile', {
    headers: { 'qiscus-sdk-app-id': twin.qiscus.appId, 'qiscus-sdk-token': token },
  });
  expect(((await there.json()) as Json).results.user.username).toBe('Twin');
  const login = (given: string) =>
    sdk('login_or_register', { method: 'POST', body: new URLSearchParams({ email, password: given }) });
  expect((await login(password)).status).toBe(200);
  expect((await login('another one')).status).toBe(401);
  await backupClient(place).post('reset_user_token', { user_email: email });
  expect((await profile()).status).toBe(401);
  expect(await listens(`${slug}_${email}_1700000000000`)).toEqual([128, 128]);
});

describe('an export', () => {
  test('has its days, both included, by the dates of rows', async () => {
    const place = backupClient(await hub.createApp());
    const days = [
      '2017-05-09T23:59:59Z',
      '2017-05-10T00:00:00Z',
      '2017-05-11T23:59:59Z',
      '2017-05-12T00:00:00Z',
    ];
    await place.import(
      'users',
      days.map((CreateAt, i) => person(`u${i}`, { CreateAt })),
    );
    await place.import(
      'rooms',
      days.map((CreatedAt, i) => room(`r${i}`, ['u1'], { CreatedAt })),
    );
    await place.import(
      'comments',
      days.map((CreatedAt, i) => comment(`c${i}`, 'r0', 'u1', { CreatedAt })),
    );
    const wanted = { start_date: '2017-05-10', end_date: '2017-05-11' };
    const ids = async (type: Resource, key: string) =>
      (await place.rows(type, wanted)).map((row) => row[key]);
    expect(await ids('users', 'Email')).toEqual(['u1', 'u2']);
    expect(await ids('rooms', 'UniqueId')).toEqual(['r1', 'r2']);
    expect(await ids('comments', 'UniqueId')).toEqual(['c1', 'c2']);
  });

  test('begins, ends, is listed and goes, with its file', async () => {
    const place = backupClient(await hub.createApp());
    const { status, body } = await place.call('POST', 'exports', { type: 'users', ...EVER });
    const begun = {
      created_at: expect.stringMatching(STAMP),
      download_url: '',
      error_message: '',
      original_filename: `${body.results.created_at}_exported_users.json`,
      percentage: 0,
      resource_name: 'users',
      size: 0,
      status: 'started',
      total_rows: 0,
      unique_id: expect.stringMatching(UUID),
    };
    expect({ status, body }).toEqual({ status: 200, body: { status: 200, results: begun } });
    const { unique_id } = body.results;
    const history = await place.over('exports', unique_id);
    const ended = {
      ...begun,
      status: 'finished',
      percentage: 100,
      size: 5,
      download_url: expect.stringContaining(`${hub.url}/files/`),
    };
    expect(history).toEqual(ended);
    const file = await fetch(history.download_url);
    expect(file.headers.get('content-type')).toBe('application/json');
    expect(file.headers.get('content-disposition')).toContain('attachment');
    expect(await file.json()).toEqual([]);
    const listed = async () => (await place.get('exports')).backup_histories;
    expect(await listed()).toEqual([ended]);
    expect(await place.get('exports', { page: 2 })).toEqual({ backup_histories: [] });
    const gone = await place.call('DELETE', `exports/${unique_id}`);
    expect(gone.body).toEqual({ status: 200, results: { backup_history: ended } });
    for (const method of ['GET', 'DELETE'] as const) {
      const { body: answer } = await place.call(method, `exports/${unique_id}`);
      expect(answer).toEqual(refusal(404, 'Backup not found'));
    }
    expect(await listed()).toEqual([]);
    expect((await fetch(history.download_url)).status).toBe(404);
  });

  test.each([
    [{ type: 'songs', ...EVER }, 'type must be one of users, rooms, comments'],
    [{ type: 'users' }, 'start_date is required'],
    [{ type: 'users', ...EVER, start_date: '17-07-2017' }, 'start_date must be a day like 2017-07-17'],
    [{ type: 'users', ...EVER, end_date: '2017-02-30' }, 'end_date must be a day like 2017-07-17'],
    [{ type: 'users', start_date: '2017-02-02', end_date: '2017-02-01' }, 'end_date is before start_date'],
  ])('is refused for %o', async (values, sentence) => {
    const { body } = await app.call('POST', 'exports', values);
    expect(body).toMatchObject({ status: 400, error: { message: 'Validation error' } });
    expect(body.error.detailed_messages).toContain(sentence);
  });
});
