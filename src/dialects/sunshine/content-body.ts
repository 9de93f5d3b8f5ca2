// Message contents as a post may carry them (contracts/sunshine.md 3). What becomes of them is in content.ts.
import * as v from 'valibot';
import {
  actionAddress,
  integer,
  list,
  may,
  metadata,
  plainObject,
  TEXT_LENGTH,
  text,
  webAddress,
} from './fields.ts';

const words = text(0, TEXT_LENGTH);
const label = text(1, 128);
const blockChatInput = may(v.boolean());

/** Options that only make sense to one vendor's channel: kept as they are. */
const extraChannelOptions = may(plainObject);
const actionMetadata = may(metadata('Action'));

const buy = v.object({
  type: v.literal('buy'),
  text: words,
  amount: integer(0, Number.MAX_SAFE_INTEGER),
  currency: may(v.string()),
  metadata: actionMetadata,
});
const link = v.object({
  type: v.literal('link'),
  text: words,
  uri: actionAddress,
  default: may(v.boolean()),
  metadata: actionMetadata,
  extraChannelOptions,
});
const locationRequest = v.object({
  type: v.literal('locationRequest'),
  text: words,
  metadata: actionMetadata,
});
const postback = v.object({
  type: v.literal('postback'),
  text: words,
  payload: words,
  metadata: actionMetadata,
});
const reply = v.object({
  type: v.literal('reply'),
  text: words,
  payload: words,
  iconUrl: may(webAddress),
  metadata: actionMetadata,
});
const webview = v.object({
  type: v.literal('webview'),
  text: words,
  uri: actionAddress,
  fallback: actionAddress,
  default: may(v.boolean()),
  size: may(v.picklist(['compact', 'tall', 'full'])),
  openOnReceive: may(v.boolean()),
  metadata: actionMetadata,
  extraChannelOptions,
});

/** More buttons than this no client shows; the document names no limit for texts and images. */
const MOST_ACTIONS = 25;
const actions = may(
  list(v.variant('type', [buy, link, locationRequest, postback, reply, webview]), 0, MOST_ACTIONS),
);
const itemAction = v.variant('type', [buy, link, postback, webview]);

const item = v.object({
  title: label,
  description: may(text(0, 128)),
  mediaUrl: may(webAddress),
  mediaType: may(text(0, 128)),
  altText: may(text(0, 128)),
  size: may(v.picklist(['compact', 'large'])),
  actions: list(itemAction, 1, 3),
  metadata: may(metadata('Item')),
});
const items = list(item, 1, 10);

/** One text in up to two forms: the plain one, and one with markup. */
const richText = { text: may(words), htmlText: may(words), markdownText: may(words) };
const twoMarkups = (given: { htmlText?: string | null; markdownText?: string | null }): boolean =>
  typeof given.htmlText === 'string' && typeof given.markdownText === 'string';
const TWO_MARKUPS = 'htmlText and markdownText cannot be used together';

const media = {
  mediaUrl: webAddress,
  /** Read-only for the vendor, who fetches the address; what a client knows is kept here. */
  mediaType: may(text(0, 128)),
  mediaSize: may(v.pipe(v.number(), v.minValue(0, 'should be >= 0'))),
  altText: may(text(0, 128)),
  attachmentId: may(text(0, 256)),
  blockChatInput,
  ...richText,
};

const areDifferent = (all: { name: string }[]): boolean =>
  new Set(all.map(({ name }) => name)).size === all.length;

/** An answer names its option. */
const choices = v.pipe(
  list(v.object({ name: label, label }), 0, 200),
  v.check((all) => areDifferent(all), 'should have options with different names'),
);
/** What nobody could answer is not asked: a text that is longer than it may be, a choice among nothing. */
const formField = v.pipe(
  v.object({
    type: v.picklist(['email', 'select', 'text']),
    name: label,
    label,
    placeholder: may(label),
    text: may(text(1, 256)),
    email: may(label),
    select: may(list(plainObject, 0, 200)),
    format: may(v.picklist(['integer', 'decimal'])),
    minSize: may(integer(1, 256)),
    maxSize: may(integer(1, 256)),
    options: may(choices),
  }),
  v.forward(
    v.check(({ minSize, maxSize }) => (minSize ?? 0) <= (maxSize ?? 256), 'should be >= minSize'),
    ['maxSize'],
  ),
  v.check(({ type, options }) => type !== 'select' || !!options, "should have required property 'options'"),
  v.forward(
    v.check(
      ({ type, options }) => type !== 'select' || options?.length !== 0,
      'should NOT have fewer than 1 items',
    ),
    ['options'],
  ),
);
const fields = v.pipe(
  list(formField, 1, 20),
  v.check((all) => areDifferent(all), 'should have fields with different names'),
);

/** Contents that may be posted; `formResponse` comes from end users only (contracts/sunshine.md 3). */
export const contentBody = v.variant('type', [
  v.pipe(
    v.object({ type: v.literal('text'), ...richText, actions, payload: may(words), blockChatInput }),
    v.check((given) => !twoMarkups(given), TWO_MARKUPS),
    v.check(
      (given) => Boolean(given.text || given.htmlText || given.markdownText || given.actions?.length),
      "should have required property 'text'",
    ),
  ),
  v.pipe(
    v.object({ type: v.literal('image'), ...media, actions }),
    v.check((given) => !twoMarkups(given), TWO_MARKUPS),
  ),
  v.pipe(
    v.object({ type: v.literal('file'), ...media }),
    v.check((given) => !twoMarkups(given), TWO_MARKUPS),
  ),
  v.object({
    type: v.literal('carousel'),
    items,
    displaySettings: may(
      v.pipe(plainObject, v.object({ imageAspectRatio: may(v.picklist(['horizontal', 'square'])) })),
    ),
    blockChatInput,
  }),
  v.object({ type: v.literal('list'), items, actions: may(list(itemAction, 1, 10)), blockChatInput }),
  v.object({
    type: v.literal('location'),
    coordinates: v.object({
      lat: v.pipe(v.number(), v.finite('should be number')),
      long: v.pipe(v.number(), v.finite('should be number')),
    }),
    location: may(v.pipe(plainObject, v.object({ address: may(words), name: may(words) }))),
    blockChatInput,
  }),
  v.object({ type: v.literal('form'), fields, text: may(words), blockChatInput }),
  v.object({ type: v.literal('template'), template: plainObject, blockChatInput }),
]);
export type ContentBody = v.InferOutput<typeof contentBody>;
export type MediaBody = Extract<ContentBody, { type: 'image' | 'file' }>;
export type Items = v.InferOutput<typeof items>;
