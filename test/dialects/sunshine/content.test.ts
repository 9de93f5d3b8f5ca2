// A posted content becomes a draft that every door can show, and comes back whole.
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { draftOf, renderContent } from '../../../src/dialects/sunshine/content.ts';
import { contentBody } from '../../../src/dialects/sunshine/content-body.ts';
import type { Message } from '../../../src/domain/model.ts';

const addressOf = ({ url }: { url: string }) => (url.startsWith('/') ? `https://hub.example${url}` : url);

const draft = (content: unknown) => {
  const made = draftOf(v.parse(contentBody, content));
  if (!made) throw new Error('refused');
  return made;
};
const posted = (content: unknown): Message => ({ ...draft(content), door: 'sunshine', clientId: null });
const answered = (content: unknown) => renderContent(posted(content), addressOf);
const elsewhere = (message: Partial<Message>) =>
  renderContent(
    { door: 'tapatalk', type: 'text', text: '', markup: 'plain', clientId: null, ...message },
    addressOf,
  );

const postback = { type: 'postback', text: 'Select', payload: 'TACOS' };
const more = { type: 'link', text: 'More info', uri: 'https://example.org' };
const items = [
  { title: 'Tacos', description: 'Get your tacos today!', size: 'compact', actions: [postback, more] },
  { title: 'Ramen', actions: [postback], metadata: { a: 1 } },
];
const itemsText = '1. Tacos\nGet your tacos today!\nMore info: https://example.org\n\n2. Ramen';

test.each([
  [{ type: 'text', text: 'Hello!' }],
  [
    {
      type: 'text',
      text: 'Pick',
      actions: [{ ...postback, metadata: { a: true } }],
      payload: 'p',
      blockChatInput: true,
    },
  ],
  [{ type: 'text', text: 'plain words', htmlText: '<b>rich words</b>' }],
  [
    {
      type: 'image',
      text: 'Look',
      mediaUrl: 'https://example.org/a.png',
      altText: 'A',
      mediaType: 'image/png',
      mediaSize: 5,
    },
  ],
  [{ type: 'carousel', items, displaySettings: { imageAspectRatio: 'square' }, text: itemsText }],
  [{ type: 'list', items, actions: [more], text: itemsText }],
  [{ type: 'form', text: 'Please', fields: [{ type: 'text', name: 'n', label: 'N' }], submitted: false }],
  [{ type: 'template', template: { name: 'hello', nothing: null } }],
])('%j comes back whole', (content) => {
  expect(answered(content)).toEqual(content);
});

test('fields that were left out or null are not answered', () => {
  expect(answered({ type: 'text', text: 'a', htmlText: null, actions: null })).toEqual({
    type: 'text',
    text: 'a',
  });
  expect(
    answered({ type: 'list', items: [{ ...items[1], description: null }], actions: null }).items,
  ).toEqual([items[1]]);
});

test('a file is named after its address, and typed after its ending, unless its sender says', () => {
  expect(answered({ type: 'file', mediaUrl: 'https://example.org/x/FA%20Q.pdf?v=1' })).toEqual({
    type: 'file',
    mediaUrl: 'https://example.org/x/FA%20Q.pdf?v=1',
    altText: 'FA Q.pdf',
    mediaType: 'application/pdf',
  });
  expect(answered({ type: 'image', mediaUrl: 'https://example.org/' })).toEqual({
    type: 'image',
    mediaUrl: 'https://example.org/',
    altText: 'example.org',
  });
});

test('other doors see a file as an attachment and cards as text', () => {
  expect(draft({ type: 'image', text: 'Look', mediaUrl: 'https://example.org/a.png' })).toMatchObject({
    text: 'Look',
    attachments: [
      { file: null, url: 'https://example.org/a.png', name: 'a.png', mime: 'image/png', bytes: 0 },
    ],
  });
  expect(draft({ type: 'carousel', items }).text).toBe(itemsText);
  expect(
    draft({ type: 'form', text: 'Please', fields: [{ type: 'text', name: 'n', label: 'Name?' }] }).text,
  ).toBe('Please\nName?');
  expect(draft({ type: 'template', template: { name: 'hello' } }).text).toBe('[hello]');
});

test('a location has a map for a text', () => {
  const content = { type: 'location', coordinates: { lat: 45.5, long: -73.6 }, location: { name: 'Here' } };
  expect(answered(content)).toEqual({
    ...content,
    text: 'Location shared:\nhttps://maps.google.com/maps?q=45.5,-73.6',
  });
});

test('a text that no client would decode is cut and says how long it was', () => {
  const content = elsewhere({ text: '😀'.repeat(5000) });
  expect(content).toEqual({ type: 'text', text: `${'😀'.repeat(4095)}…`, fullTextLength: 5000 });
  expect([...(content.text as string)]).toHaveLength(4096);
  expect(elsewhere({ text: 'x'.repeat(4096) })).toEqual({ type: 'text', text: 'x'.repeat(4096) });
});

test('files of other doors are media; those beyond the first are named in the text', () => {
  const file = { file: 'k', url: '/files/k', name: 'a.png', mime: 'image/png', bytes: 5 };
  expect(elsewhere({ text: 'Look', attachments: [file] })).toEqual({
    type: 'image',
    text: 'Look',
    mediaUrl: 'https://hub.example/files/k',
    altText: 'a.png',
    mediaType: 'image/png',
    mediaSize: 5,
  });
  expect(
    elsewhere({
      attachments: [
        { ...file, mime: 'text/plain' },
        { ...file, url: 'https://b.example/b' },
      ],
    }),
  ).toMatchObject({
    type: 'file',
    text: 'https://b.example/b',
  });
});

test('types of other doors, also such as share a name with ours, are shown as text', () => {
  for (const type of ['carousel', 'custom', 'system_event', 'location']) {
    expect(elsewhere({ type, text: 'Bob left', payload: { cards: [] } })).toEqual({
      type: 'text',
      text: 'Bob left',
    });
  }
});

test('after an edit elsewhere the plain wording is that of the new text', () => {
  const message = posted({ type: 'text', text: 'plain words', htmlText: 'rich' });
  expect(renderContent({ ...message, text: 'new', editedAt: 1 }, addressOf)).toMatchObject({
    text: 'new',
    htmlText: 'new',
  });
  // Somebody changed it at another door: who reads it here may put it into a page.
  const edited = { ...message, text: '<b>new</b><script>x</script>', editedAt: 1 };
  const shown = renderContent({ ...edited, editedThrough: 'realtime' }, addressOf);
  expect(shown.htmlText).toContain('<b>new</b>');
  expect(shown.htmlText).not.toContain('<script>');
});

test('a payload that an edit elsewhere has put there is shown as far as it is a content', () => {
  const edited = (content: unknown, payload: Message['payload']) =>
    renderContent({ ...posted(content), payload, editedAt: 1, text: 'New words' }, addressOf);
  const text = { type: 'text', text: 'Pick', actions: [postback] };
  const words = { type: 'text', text: 'New words' };
  expect(edited(text, { actions: [postback], type: 'x', c: 1 })).toEqual({ ...words, actions: [postback] });
  expect(edited(text, { actions: 7 })).toEqual(words);
  expect(edited({ type: 'carousel', items }, { anything: true })).toEqual(words);
  const picture = { type: 'image', mediaUrl: 'https://pictures.example/a.png' };
  expect(edited(picture, { c: 1 })).toEqual({
    ...picture,
    altText: 'a.png',
    mediaType: 'image/png',
    text: 'New words',
  });
});
