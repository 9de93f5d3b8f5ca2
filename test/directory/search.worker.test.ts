// Search finds words in every script, only where the caller may read, and only what is still there.
import { beforeAll, describe, expect, test } from 'vitest';
import type { Person } from '../../src/conversation/core.ts';
import { searchEntries } from '../../src/directory/search.ts';
import { d1, draft, group, makePeople, openRoom, type Room } from '../conversation/harness.ts';

const search = async (room: Room, user: Person | null, query: string, more: object = {}) =>
  (await searchEntries(d1, room.app, user?.user ?? null, { query, size: 50, ...more })).rows.map(
    (row) => row.text,
  );

/** A text, and words that find it and words that do not. */
const TEXTS: [script: string, text: string, found: string[], not: string[]][] = [
  ['Latin', 'The quick brown fox', ['quick', 'QUICK', 'Fox brown', 'the'], ['quic', 'foxes', 'lazy']],
  [
    'Latin with diacritics',
    'Crème brûlée à la carte, naïve façade',
    ['creme', 'brûlée', 'BRULEE', 'naive', 'FAÇADE'],
    ['carta'],
  ],
  ['Latin, composed or not', 'Ünïcödé re\u0301sume\u0301', ['résumé', 'unicode', 'resume'], ['uni']],
  ['German', 'Straße nach Köln', ['straße', 'koln', 'KÖLN'], ['strasse x']],
  ['Vietnamese', 'Tiếng Việt rất hay', ['tiếng', 'viet', 'hay'], ['nam']],
  ['Turkish', 'İstanbul güzel', ['güzel', 'guzel'], ['ankara']],
  ['Cyrillic', 'Привет, большой мир', ['привет', 'МИР', 'большой привет'], ['прив', 'война']],
  ['Greek', 'Καλημέρα κόσμε', ['καλημέρα', 'ΚΌΣΜΕ'], ['κοσμος']],
  ['Arabic', 'مرحبا بالعالم الجميل', ['مرحبا', 'الجميل'], ['وداعا']],
  ['Hebrew', 'שלום עולם טוב', ['שלום', 'טוב עולם'], ['רע']],
  ['Hindi', 'नमस्ते दुनिया कैसे हो', ['नमस्ते', 'दुनिया'], ['नम', 'अलविदा']],
  ['Tamil', 'வணக்கம் உலகம்', ['வணக்கம்', 'உலகம்'], ['வண']],
  ['Thai', 'สวัสดีชาวโลกที่รัก', ['สวัสดี', 'โลก', 'ชาวโลก', 'รัก'], ['ลาก่อน', 'โลกสวัสดี']],
  [
    'Japanese',
    '東京タワーへ行きました。ありがとう',
    ['東京', 'タワー', '東京タワー', '行き', 'ありがとう', '京'],
    ['大阪', '京東'],
  ],
  ['Japanese half width', 'ｶﾀｶﾅとＡＢＣ', ['カタカナ', 'abc'], ['ひらがな']],
  ['Chinese', '我们今天去北京看长城', ['北京', '长城', '今天', '我', '城', '去北京看'], ['上海', '京北']],
  ['Korean', '안녕하세요 세계 여러분', ['안녕하세요', '세계'], ['안녕', '한국']],
  ['Khmer', 'សួស្តីពិភពលោក', ['សួស្តី', 'ពិភពលោក'], ['លាហើយ']],
  [
    'emoji beside words',
    'launch🚀day 🎉party🎉 👩‍👩‍👧family',
    ['launch', 'day', 'party', 'family'],
    ['launchday'],
  ],
  [
    'digits and signs',
    'Order #4711: 50% off, e-mail a.b@example.com',
    ['4711', '#4711', '50', 'example.com', 'e-mail', 'a.b@example.com'],
    ['471'],
  ],
  [
    'mixed scripts',
    'Tokyo東京2026年',
    ['tokyo', '東京', '2026', '東京2026年', 'tokyo東', '京2026', '東京！'],
    ['2025', '東2026'],
  ],
  [
    'code',
    'call get_conversation(id) in C++',
    ['get_conversation', 'conversation', 'id'],
    ['getconversation'],
  ],
];

describe('a word is found', () => {
  let room: Room;
  let person: Person;
  beforeAll(async () => {
    const made = await group(1);
    room = made.room;
    person = made.people[0] as Person;
    await Promise.all(TEXTS.map(([, text]) => room.post(person, text)));
  });

  test.each(TEXTS)('in %s', async (_, text, found, not) => {
    for (const word of found)
      expect([word, await search(room, person, word)]).toEqual([word, expect.arrayContaining([text])]);
    for (const word of not)
      expect([word, await search(room, person, word)]).not.toEqual([word, expect.arrayContaining([text])]);
  });

  test('together with all the others of the query, wherever they stand', async () => {
    expect(await search(room, person, 'fox the QUICK')).toEqual(['The quick brown fox']);
    expect(await search(room, person, 'fox привет')).toEqual([]);
    expect(await search(room, person, '今天 长城')).toEqual(['我们今天去北京看长城']);
  });
});

test('what nobody can look for finds nothing, and no operator of the index gets through', async () => {
  const { room, people } = await group(1, { first: draft('plain words here') });
  const [a] = people as [Person];
  for (const query of ['', '   ', '🚀', '!!!', '"', "'", '*', '()', '\u0000', '-', 'a'.repeat(10_000)])
    expect([query.slice(0, 5), await search(room, a, query)]).toEqual([query.slice(0, 5), []]);
  for (const query of [
    'plain OR nothing',
    'plain NOT words',
    'words:plain" OR scope:"a1',
    'plai*',
    'NEAR(plain here)',
  ])
    expect([query, await search(room, a, query)]).toEqual([query, []]);
  expect(await search(room, a, 'plain" words')).toEqual(['plain words here']);
});

describe('a search', () => {
  test("finds only what the person may read, never another app's", async () => {
    const { room, people } = await group(2, { first: draft('needle one') });
    const [a, b] = people as [Person, Person];
    const [stranger] = (await makePeople(room.app, 1)) as [Person];
    const own = await openRoom(room.app, { people: [b], first: draft('needle two') });
    const foreign = await group(1, { first: draft('needle three') });
    expect(await search(room, a, 'needle')).toEqual(['needle one']);
    expect((await search(room, b, 'needle')).sort()).toEqual(['needle one', 'needle two']);
    expect(await search(room, stranger, 'needle')).toEqual([]);
    expect((await search(room, null, 'needle')).sort()).toEqual(['needle one', 'needle two']);
    expect(await search(room, foreign.people[0] as Person, 'needle')).toEqual([]);
    expect(await search(foreign.room, a, 'needle')).toEqual([]);
    for (const who of [a, stranger, foreign.people[0] as Person])
      expect(await search(room, who, 'needle', { conversation: own.number })).toEqual([]);
    expect(await search(foreign.room, null, 'needle', { conversation: own.number })).toEqual([]);
    expect(await search(room, b, 'needle', { conversation: own.number })).toEqual(['needle two']);
    await room.leave(b, b);
    expect(await search(room, b, 'needle')).toEqual(['needle two']);
  });

  test('finds what a message says now: not the words before an edit, nothing of a deleted one', async () => {
    const { room, people } = await group(1);
    const [a] = people as [Person];
    const { seq } = await room.post(a, draft('old words', { title: 'Heading' }));
    expect(await search(room, a, 'heading old')).toEqual(['old words']);
    await room.edit(a, seq, 'new words');
    expect(await search(room, a, 'old')).toEqual([]);
    expect(await search(room, a, 'new')).toEqual(['new words']);
    await room.edit(a, seq, 'newest words');
    expect(await search(room, a, 'words')).toEqual(['newest words']);
    await room.remove(a, seq);
    expect(await search(room, a, 'words')).toEqual([]);
    await room.post(a, 'more words');
    await room.remove(null, 'all');
    expect(await search(room, a, 'words')).toEqual([]);
  });

  test('pages inside one conversation, newest first', async () => {
    const { room, people } = await group(1);
    const [a] = people as [Person];
    for (let i = 0; i < 7; i++) await room.post(a, `needle ${i}`);
    const pages: string[][] = [];
    let cursor: string | null | undefined;
    while (cursor !== null) {
      const window = { query: 'needle', size: 3, conversation: room.number, cursor };
      const page = await searchEntries(d1, room.app, a.user, window);
      pages.push(page.rows.map((row) => row.text));
      cursor = page.cursor;
    }
    expect(pages).toEqual([
      ['needle 6', 'needle 5', 'needle 4'],
      ['needle 3', 'needle 2', 'needle 1'],
      ['needle 0'],
    ]);
  });
});
