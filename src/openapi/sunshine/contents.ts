// Contents and actions of messages of the Sunshine door: as they are sent, and as they are answered. What is answered
// holds no nulls and no field that is not named here.
import {
  added,
  anyObject,
  boolean,
  closed,
  type Fields,
  integer,
  kinds,
  list,
  literal,
  nullable,
  number,
  oneOf,
  open,
  orNull,
  ref,
  type Schema,
  says,
  string,
} from '../schema.ts';
import { metadataIn } from './shared.ts';

/** Code points of a text. */
const TEXT = 4096;
const words = string(0, TEXT);
const label = string(1, 128);

/** Where a button leads. */
const target: Schema = {
  type: 'string',
  format: 'uri',
  minLength: 1,
  maxLength: 2048,
  not: { pattern: '^\\s*([jJ][aA][vV][aA]|[vV][bB])[sS][cC][rR][iI][pP][tT]:|^\\s*[dD][aA][tT][aA]:' },
};

/** `Name` as it is answered and `NamePost` as it is sent, from what the two have in common. */
function both(name: string, required: Fields, optional: Fields): Fields {
  return {
    [`${name}Post`]: open(required, nullable(optional)),
    [name]: closed(required, optional),
  };
}

const metadata = { metadata: metadataIn };
const ACTIONS: Fields = {
  ...both(
    'BuyAction',
    { type: literal('buy'), text: words, amount: says(integer(0, Number.MAX_SAFE_INTEGER), 'In cents.') },
    { currency: string(), ...metadata },
  ),
  ...both(
    'LinkAction',
    { type: literal('link'), text: words, uri: target },
    { default: boolean, ...metadata, extraChannelOptions: anyObject },
  ),
  ...both('LocationRequestAction', { type: literal('locationRequest'), text: words }, metadata),
  ...both('PostbackAction', { type: literal('postback'), text: words, payload: words }, metadata),
  ...both(
    'ReplyAction',
    { type: literal('reply'), text: words, payload: words },
    { iconUrl: ref('WebAddress'), ...metadata },
  ),
  ...both(
    'WebviewAction',
    { type: literal('webview'), text: words, uri: target, fallback: target },
    {
      default: boolean,
      size: oneOf('compact', 'tall', 'full'),
      openOnReceive: boolean,
      ...metadata,
      extraChannelOptions: anyObject,
    },
  ),
};

const IN_ITEMS = {
  buy: 'BuyAction',
  link: 'LinkAction',
  postback: 'PostbackAction',
  webview: 'WebviewAction',
};
const EVERYWHERE = { ...IN_ITEMS, locationRequest: 'LocationRequestAction', reply: 'ReplyAction' };
const sent = (names: Record<string, string>): Schema =>
  kinds(Object.fromEntries(Object.entries(names).map(([type, name]) => [type, `${name}Post`])));

const item = (itemAction: Schema): [Fields, Fields] => [
  { title: label, actions: list(itemAction, 1, 3) },
  {
    description: string(0, 128),
    mediaUrl: ref('WebAddress'),
    mediaType: string(0, 128),
    altText: string(0, 128),
    size: oneOf('compact', 'large'),
    ...metadata,
  },
];

const field: [Fields, Fields] = [
  { type: oneOf('email', 'select', 'text'), name: label, label },
  {
    placeholder: label,
    text: string(1, 256),
    email: label,
    select: list(anyObject, 0, 200),
    format: oneOf('integer', 'decimal'),
    minSize: integer(1, 256),
    maxSize: integer(1, 256),
  },
];

const PARTS: Fields = {
  ItemPost: open(item(ref('ItemActionPost'))[0], nullable(item(ref('ItemActionPost'))[1])),
  Item: closed(...item(ref('ItemAction'))),
  ActionPost: sent(EVERYWHERE),
  Action: kinds(EVERYWHERE),
  ItemActionPost: sent(IN_ITEMS),
  ItemAction: kinds(IN_ITEMS),
  FormFieldPost: {
    ...open(field[0], {
      ...nullable(field[1]),
      maxSize: says(orNull(integer(1, 256)), 'At least minSize.'),
      options: says(
        orNull({ ...list(open({ name: label, label }), 0, 200), 'x-unique-by': 'name' }),
        'Of a select, which needs at least one. Each has a name of its own.',
      ),
    }),
    'x-at-most': ['minSize', 'maxSize'],
    anyOf: [
      { properties: { type: oneOf('email', 'text') } },
      { required: ['options'], properties: { options: { type: 'array', minItems: 1 } } },
    ],
  },
  FormResponseField: closed(field[0], {
    text: string(1, 256),
    email: label,
    select: says(list(closed({ name: label, label }), 1, 1), 'The chosen option.'),
  }),
  FormField: closed(field[0], { ...field[1], options: list(closed({ name: label, label }), 0, 200) }),
};

const lat = { lat: number, long: number };
const address = { address: words, name: words };
const ratio = { imageAspectRatio: oneOf('horizontal', 'square') };

/** One text in up to two forms. */
const rich = nullable({ text: words, htmlText: words, markdownText: words });
const oneMarkup: Schema = {
  not: {
    required: ['htmlText', 'markdownText'],
    properties: { htmlText: { type: 'string' }, markdownText: { type: 'string' } },
  },
};
const given = (name: string): Schema => ({
  required: [name],
  properties: { [name]: { type: 'string', minLength: 1 } },
});
const media: Fields = {
  ...nullable({
    mediaType: says(string(0, 128), 'Kept as it is given: the address is not fetched.'),
    mediaSize: says({ type: 'number', minimum: 0 }, 'Bytes.'),
    altText: string(0, 128),
    attachmentId: string(0, 256),
    blockChatInput: boolean,
  }),
  ...rich,
};
const blocks = { blockChatInput: orNull(boolean) };
const actionsIn = orNull(list(ref('ActionPost'), 0, 25));

const SENT: Fields = {
  TextContentPost: {
    ...open({ type: literal('text') }, { ...rich, actions: actionsIn, payload: orNull(words), ...blocks }),
    ...oneMarkup,
    anyOf: [
      given('text'),
      given('htmlText'),
      given('markdownText'),
      { required: ['actions'], properties: { actions: { type: 'array', minItems: 1 } } },
    ],
  },
  ImageContentPost: {
    ...open({ type: literal('image'), mediaUrl: ref('WebAddress') }, { ...media, actions: actionsIn }),
    ...oneMarkup,
  },
  FileContentPost: { ...open({ type: literal('file'), mediaUrl: ref('WebAddress') }, media), ...oneMarkup },
  CarouselContentPost: open(
    { type: literal('carousel'), items: list(ref('ItemPost'), 1, 10) },
    { displaySettings: orNull(open({}, nullable(ratio))), ...blocks },
  ),
  ListContentPost: open(
    { type: literal('list'), items: list(ref('ItemPost'), 1, 10) },
    { actions: orNull(list(ref('ItemActionPost'), 1, 10)), ...blocks },
  ),
  LocationContentPost: open(
    { type: literal('location'), coordinates: open(lat) },
    { location: orNull(open({}, nullable(address))), ...blocks },
  ),
  FormContentPost: open(
    { type: literal('form'), fields: { ...list(ref('FormFieldPost'), 1, 20), 'x-unique-by': 'name' } },
    { text: orNull(words), ...blocks },
  ),
  TemplateContentPost: open({ type: literal('template'), template: anyObject }, blocks),
};

/** The text of what is shown: plain, cut where clients could not decode it, and with markup where there is some. */
const shownText: Fields = {
  htmlText: says(words, 'The same with markup.'),
  fullTextLength: {
    type: 'integer',
    minimum: TEXT + 1,
    'x-parlance': true,
    description: 'Code points of the whole text, where `text` is cut.',
  },
  fullTextUrl: added(
    ref('Address'),
    'Where the whole text is, where it is too long for here (getMessageText).',
  ),
};
const fallback = { text: says(words, 'What a client shows that has no form for the content.'), ...shownText };
const shownBlocks = { blockChatInput: boolean };
const shownMedia: Fields = {
  mediaType: string(1),
  mediaSize: { type: 'number', minimum: 0 },
  altText: string(0, 128),
  attachmentId: string(0, 256),
  ...shownBlocks,
  text: words,
  ...shownText,
};
const actions = { actions: list(ref('Action'), 0, 25) };

const ANSWERED: Fields = {
  TextContent: closed(
    { type: literal('text'), text: words },
    { ...shownText, ...actions, payload: words, ...shownBlocks },
  ),
  ImageContent: closed({ type: literal('image'), mediaUrl: ref('Address') }, { ...shownMedia, ...actions }),
  FileContent: closed({ type: literal('file'), mediaUrl: ref('Address') }, shownMedia),
  CarouselContent: closed(
    { type: literal('carousel'), items: list(ref('Item'), 1, 10) },
    { displaySettings: closed({}, ratio), ...shownBlocks, ...fallback },
  ),
  ListContent: closed(
    { type: literal('list'), items: list(ref('Item'), 1, 10) },
    { actions: list(ref('ItemAction'), 1, 10), ...shownBlocks, ...fallback },
  ),
  LocationContent: closed(
    { type: literal('location'), coordinates: closed(lat) },
    { location: closed({}, address), ...shownBlocks, ...fallback },
  ),
  FormContent: closed(
    {
      type: literal('form'),
      fields: list(ref('FormField'), 1, 20),
      submitted: says(boolean, 'Whether it was answered: once only.'),
    },
    { text: words, ...shownBlocks },
  ),
  FormResponseContent: says(
    closed({
      type: literal('formResponse'),
      fields: list(ref('FormResponseField'), 0, 20),
      textFallback: says(words, 'A line for each field: its label and its answer.'),
    }),
    'What a visitor of the chat answered; `quotedMessage` is the form. Cannot be posted.',
  ),
  TemplateContent: closed({ type: literal('template'), template: anyObject }, shownBlocks),
};

const CONTENTS = {
  text: 'TextContent',
  image: 'ImageContent',
  file: 'FileContent',
  carousel: 'CarouselContent',
  list: 'ListContent',
  location: 'LocationContent',
  form: 'FormContent',
  template: 'TemplateContent',
};

export const CONTENT_SCHEMAS: Fields = {
  ContentPost: sent(CONTENTS),
  Content: kinds({ ...CONTENTS, formResponse: 'FormResponseContent' }),
  ...SENT,
  ...ANSWERED,
  ...ACTIONS,
  ...PARTS,
};
