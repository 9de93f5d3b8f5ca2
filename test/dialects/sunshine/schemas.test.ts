// What bodies are accepted, and the titles of what is refused, in the words of ajv that the vendor's titles show.
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { contentBody } from '../../../src/dialects/sunshine/content-body.ts';
import { refuseIssues, renderError } from '../../../src/dialects/sunshine/errors.ts';
import * as bodies from '../../../src/dialects/sunshine/schemas.ts';

/** Titles of the 400 that a body gets; none when it is accepted. */
async function titles(schema: v.GenericSchema, body: unknown): Promise<string[]> {
  const result = v.safeParse(schema, body);
  if (result.success) return [];
  const answer = (await renderError(refuseIssues(result.issues), 'r').json()) as {
    errors: { title: string }[];
  };
  return answer.errors.map((error) => error.title);
}

const person = { userId: 'u', subscribeSDKClient: false };
const metadataOf = (bytes: number) => ({ a: 'x'.repeat(bytes - '{"a":""}'.length) });

const CONVERSATIONS: [unknown, string[]][] = [
  [{ type: 'personal', participants: [person] }, []],
  [{ type: 'sdkGroup' }, []],
  [{ type: 'sdkGroup', participants: [] }, []],
  [{ type: 'sdkGroup', participants: [{ userExternalId: 'e', userId: null }] }, []],
  [
    {
      type: 'sdkGroup',
      participants: null,
      displayName: null,
      description: null,
      iconUrl: null,
      metadata: null,
    },
    [],
  ],
  [{ type: 'sdkGroup', displayName: '💬'.repeat(100), metadata: metadataOf(4096) }, []],
  [{}, ["should have required property 'type'"]],
  [[], ["should have required property 'type'"]],
  ['x', ['should be object']],
  [null, ['should be object']],
  [{ type: 'room' }, ['type should be equal to one of the allowed values']],
  [{ type: 'personal' }, ["should have required property 'participants'"]],
  [{ type: 'personal', participants: [] }, ['participants should NOT have fewer than 1 items']],
  [{ type: 'personal', participants: [person, person] }, ['participants should NOT have more than 1 items']],
  [
    { type: 'sdkGroup', participants: Array(11).fill(person) },
    ['participants should NOT have more than 10 items'],
  ],
  [{ type: 'sdkGroup', participants: {} }, ['participants should be array']],
  [{ type: 'sdkGroup', participants: [{}] }, ['participants[0] should match exactly one schema in oneOf']],
  [
    { type: 'sdkGroup', participants: [{ userId: 'a', userExternalId: 'b' }] },
    ['participants[0] should match exactly one schema in oneOf'],
  ],
  [{ type: 'sdkGroup', participants: [person, { userId: 5 }] }, ['participants[1].userId should be string']],
  [{ type: 'sdkGroup', participants: ['u'] }, ['participants[0] should be object']],
  [{ type: 'sdkGroup', displayName: '' }, ['displayName should NOT be shorter than 1 characters']],
  [
    { type: 'sdkGroup', displayName: 'x'.repeat(101) },
    ['displayName should NOT be longer than 100 characters'],
  ],
  [
    { type: 'sdkGroup', description: 5, displayName: 6 },
    ['displayName should be string', 'description should be string'],
  ],
  [{ type: 'sdkGroup', iconUrl: 'nowhere' }, ['iconUrl should match format "uri"']],
  [{ type: 'sdkGroup', iconUrl: 'javascript:alert(1)' }, ['iconUrl should match format "uri"']],
  [
    { type: 'sdkGroup', metadata: metadataOf(4097) },
    ['Conversation metadata is limited to 4096 bytes in size.'],
  ],
  [
    { type: 'sdkGroup', metadata: { a: 'é'.repeat(2048) } },
    ['Conversation metadata is limited to 4096 bytes in size.'],
  ],
  [{ type: 'sdkGroup', metadata: { a: { b: 1 } } }, ['metadata.a should be string,number,boolean']],
  [
    { type: 'sdkGroup', metadata: { a: [1], b: null } },
    ['metadata.a should be string,number,boolean', 'metadata.b should be string,number,boolean'],
  ],
  [{ type: 'sdkGroup', metadata: [1] }, ['metadata should be object']],
];
test.each(CONVERSATIONS)('creating a conversation with %j', async (body, wanted) => {
  expect(await titles(bodies.conversationCreateBody, body)).toEqual(wanted);
});

test('an update may leave out or unset every field, and is an object', async () => {
  expect(await titles(bodies.conversationUpdateBody, {})).toEqual([]);
  expect(v.parse(bodies.conversationUpdateBody, { displayName: null })).toEqual({ displayName: null });
  expect(await titles(bodies.conversationUpdateBody, [])).toEqual(['should be object']);
});

test('exactly one id names who leaves', async () => {
  for (const one of [{ userId: 'a' }, { userExternalId: 'b' }, { participantId: 'c', userId: null }]) {
    expect(await titles(bodies.leaveBody, one)).toEqual([]);
  }
  for (const other of [{}, { userId: 'a', participantId: 'c' }]) {
    expect(await titles(bodies.leaveBody, other)).toEqual(['should match exactly one schema in oneOf']);
  }
});

const ACTIVITIES: [unknown, string[]][] = [
  [{ author: { type: 'user', userId: 'u' }, type: 'conversation:read' }, []],
  [{ author: { type: 'business' }, type: 'typing:start' }, []],
  [
    { author: { type: 'user', userId: 'u' }, type: 'typing:start' },
    ["Only 'conversation:read' is supported for authors of type 'user'"],
  ],
  [
    { author: { type: 'user' }, type: 'conversation:read' },
    ['author should match exactly one schema in oneOf'],
  ],
  [
    { author: { type: 'bot' }, type: 'typing:stop' },
    ['author.type should be equal to one of the allowed values'],
  ],
  [
    { author: {}, type: 'typing:end' },
    ["author should have required property 'type'", 'type should be equal to one of the allowed values'],
  ],
  [{}, ["should have required property 'author'", "should have required property 'type'"]],
];
test.each(ACTIVITIES)('the activity %j', async (body, wanted) => {
  expect(await titles(bodies.activityBody, body)).toEqual(wanted);
});

const USERS: [unknown, string[]][] = [
  [{ externalId: 'e' }, []],
  [
    {
      externalId: 'x'.repeat(1024),
      profile: { givenName: null },
      metadata: null,
      signedUpAt: '2025-02-03T19:10:08.152Z',
    },
    [],
  ],
  [{}, ["should have required property 'externalId'"]],
  [{ externalId: '' }, ['externalId should NOT be shorter than 1 characters']],
  [{ externalId: 'x'.repeat(1025) }, ['externalId should NOT be longer than 1024 characters']],
  [{ externalId: 'e', profile: { email: 'nobody' } }, ['profile.email should match format "email"']],
  [
    { externalId: 'e', profile: { surname: 'x'.repeat(129), locale: '' } },
    [
      'profile.surname should NOT be longer than 128 characters',
      'profile.locale should NOT be shorter than 1 characters',
    ],
  ],
  [{ externalId: 'e', signedUpAt: 'yesterday' }, ['signedUpAt should match format "date-time"']],
  [{ externalId: 'e', toBeRetained: 'no' }, ['toBeRetained should be boolean']],
  [{ externalId: 'e', metadata: metadataOf(4097) }, ['User metadata is limited to 4096 bytes in size.']],
];
test.each(USERS)('creating a user with %j', async (body, wanted) => {
  expect(await titles(bodies.userCreateBody, body)).toEqual(wanted);
});

const uri = 'https://example.org/a.png';
const postback = { type: 'postback', text: 'Go', payload: 'GO' };
const item = { title: 'Tacos', actions: [postback] };
const field = { type: 'text', name: 'n', label: 'N' };
const option = (name: string) => ({ name, label: name });
const CONTENTS: [unknown, string[]][] = [
  [{ type: 'text', text: 'hi' }, []],
  [{ type: 'text', text: '😀'.repeat(4096) }, []],
  [{ type: 'text', htmlText: '<b>hi</b>', text: null }, []],
  [
    {
      type: 'text',
      actions: [
        { type: 'reply', text: '', payload: 'p', iconUrl: uri },
        { type: 'locationRequest', text: 'Where?' },
      ],
    },
    [],
  ],
  [{ type: 'text', text: '😀'.repeat(4097) }, ['text should NOT be longer than 4096 characters']],
  [{ type: 'text' }, ["should have required property 'text'"]],
  [{ type: 'text', text: '' }, ["should have required property 'text'"]],
  [
    { type: 'text', htmlText: '<b>', markdownText: '*' },
    ['htmlText and markdownText cannot be used together'],
  ],
  [
    { type: 'text', text: 'a', actions: [{ type: 'buy', text: 'Buy' }] },
    ["actions[0] should have required property 'amount'"],
  ],
  [
    { type: 'text', text: 'a', actions: [{ type: 'buy', text: 'Buy', amount: 9.99 }] },
    ['actions[0].amount should be integer'],
  ],
  [
    { type: 'text', text: 'a', actions: [{ type: 'link', text: 'Go', uri: 'javascript:alert(1)' }] },
    ['actions[0].uri should match format "uri"'],
  ],
  [{ type: 'text', text: 'a', actions: [{ type: 'link', text: 'Call', uri: 'tel:+1' }] }, []],
  [
    { type: 'text', text: 'a', actions: [{ type: 'webview', text: 'Go', uri }] },
    ["actions[0] should have required property 'fallback'"],
  ],
  [
    { type: 'text', text: 'a', actions: [{ type: 'dance', text: 'Go' }] },
    ['actions[0].type should be equal to one of the allowed values'],
  ],
  [{ type: 'image', mediaUrl: uri, altText: 'x'.repeat(128) }, []],
  [{ type: 'image' }, ["should have required property 'mediaUrl'"]],
  [{ type: 'file', mediaUrl: 'file:///etc/passwd' }, ['mediaUrl should match format "uri"']],
  [
    { type: 'file', mediaUrl: uri, altText: 'x'.repeat(129) },
    ['altText should NOT be longer than 128 characters'],
  ],
  [{ type: 'carousel', items: [item], displaySettings: { imageAspectRatio: 'square' } }, []],
  [{ type: 'carousel', items: [] }, ['items should NOT have fewer than 1 items']],
  [{ type: 'carousel', items: Array(11).fill(item) }, ['items should NOT have more than 10 items']],
  [
    { type: 'list', items: [{ ...item, actions: [] }] },
    ['items[0].actions should NOT have fewer than 1 items'],
  ],
  [
    { type: 'list', items: [{ ...item, actions: Array(4).fill(postback) }] },
    ['items[0].actions should NOT have more than 3 items'],
  ],
  [
    { type: 'list', items: [{ ...item, title: '', size: 'huge' }] },
    [
      'items[0].title should NOT be shorter than 1 characters',
      'items[0].size should be equal to one of the allowed values',
    ],
  ],
  [
    { type: 'list', items: [{ ...item, actions: [{ type: 'reply', text: 'a', payload: 'b' }] }] },
    ['items[0].actions[0].type should be equal to one of the allowed values'],
  ],
  [{ type: 'location', coordinates: { lat: 1, long: 2 }, location: { name: 'Here' } }, []],
  [
    { type: 'location', coordinates: { lat: '1' } },
    ['coordinates.lat should be number', "coordinates should have required property 'long'"],
  ],
  [{ type: 'location' }, ["should have required property 'coordinates'"]],
  [{ type: 'form', fields: [field] }, []],
  [{ type: 'form', fields: [] }, ['fields should NOT have fewer than 1 items']],
  [
    { type: 'form', fields: Array.from({ length: 21 }, (_, i) => ({ ...field, name: `${i}` })) },
    ['fields should NOT have more than 20 items'],
  ],
  [{ type: 'form', fields: [field, field] }, ['fields should have fields with different names']],
  [
    { type: 'form', fields: [{ ...field, minSize: 0, maxSize: 257 }] },
    ['fields[0].minSize should be >= 1', 'fields[0].maxSize should be <= 256'],
  ],
  [
    {
      type: 'form',
      fields: [{ ...field, type: 'select', options: Array.from({ length: 201 }, (_, i) => option(`${i}`)) }],
    },
    ['fields[0].options should NOT have more than 200 items'],
  ],
  [{ type: 'form', fields: [{ ...field, minSize: 5, maxSize: 5 }] }, []],
  [{ type: 'form', fields: [{ ...field, minSize: 200 }] }, []],
  [
    { type: 'form', fields: [{ ...field, minSize: 5, maxSize: 4 }] },
    ['fields[0].maxSize should be >= minSize'],
  ],
  [{ type: 'form', fields: [{ ...field, type: 'select', options: [option('a')] }] }, []],
  [{ type: 'form', fields: [{ ...field, options: [] }] }, []],
  [
    {
      type: 'form',
      fields: [
        { ...field, type: 'select' },
        { ...field, name: 'b', type: 'select', options: [] },
        { ...field, name: 'c', type: 'select', options: [option('a'), option('b'), option('a')] },
      ],
    },
    [
      "fields[0] should have required property 'options'",
      'fields[1].options should NOT have fewer than 1 items',
      'fields[2].options should have options with different names',
    ],
  ],
  [{ type: 'template', template: { name: 'hello', components: [{ any: null }] } }, []],
  [{ type: 'template', template: [] }, ['template should be object']],
  [{ type: 'formResponse', fields: [] }, ['type should be equal to one of the allowed values']],
  [{}, ["should have required property 'type'"]],
];
test.each(CONTENTS)('the content %j', async (body, wanted) => {
  expect(await titles(contentBody, body)).toEqual(wanted);
});

test('a lone surrogate, which no answer could carry, is replaced', () => {
  expect(v.parse(contentBody, { type: 'text', text: 'a\ud800b' })).toMatchObject({ text: 'a\ufffdb' });
});
