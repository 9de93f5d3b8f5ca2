// What endpoints of the format `parlance` are told, as JSON Schema: one document for each type, whole in itself. Served under a
// version in its address: what is added stays within it, what changes or goes begins another (docs/webhooks.md).
import { ORIGIN, SCHEMAS_PATH } from './origin.ts';
import {
  anyObject,
  boolean,
  closed,
  type Fields,
  integer,
  list,
  literal,
  number,
  oneOf,
  orNull,
  type Schema,
  says,
  string,
} from './schema.ts';

const id: Schema = { type: 'string', pattern: '^[1-9][0-9]*$' };
const moment: Schema = {
  type: 'string',
  pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$',
};
const text = string();
const maybe = orNull(text);
const shared = (name: string): Schema => ({ $ref: `#/$defs/${name}` });
const either = (...schemas: Schema[]): Schema => ({ anyOf: schemas });
const ROLES = oneOf('visitor', 'member', 'agent', 'admin', 'owner', 'business', 'system', 'ghost');
const KINDS = oneOf('direct', 'group', 'support');

const SHARED: Fields = {
  person: says(
    either(
      closed({ id }),
      closed({
        ...{ id, externalId: maybe, username: maybe, name: text, avatar: maybe },
        role: orNull(ROLES),
      }),
    ),
    'Somebody: their id alone where the endpoint asked for thin events.',
  ),
  conversation: either(
    closed({ id }),
    closed(
      {
        ...{ id, kind: KINDS, title: maybe, description: maybe, icon: maybe },
        ...{ state: oneOf('open', 'closed'), locked: boolean, public: boolean, uniqueId: maybe },
        ...{ assignee: orNull(id), metadata: orNull(anyObject), memberCount: integer(0), createdAt: moment },
      },
      { customer: says(shared('person'), 'Of a support conversation.') },
    ),
  ),
  attachment: closed(
    { name: text, mime: text, bytes: integer(0), url: says(text, 'Opens it for a day.') },
    { width: number, height: number },
  ),
  message: either(
    closed({ id, seq: integer(1) }),
    closed({
      ...{ id, seq: integer(1), at: moment, type: text, text, title: maybe },
      door: oneOf('tapatalk', 'sunshine', 'qiscus', 'ppmessage', 'realtime', 'bridge', 'operator'),
      markup: oneOf('plain', 'bbcode', 'markdown', 'html'),
      payload: says({}, 'What a structured message holds; null: it is none.'),
      attachments: list(shared('attachment')),
      ...{ replyTo: orNull(id), metadata: orNull(anyObject), editedAt: orNull(moment), deleted: boolean },
    }),
  ),
  holder: orNull(closed({ integration: id, name: text })),
  user: closed({
    ...{ id, externalId: text, username: text, email: maybe, name: text, avatar: maybe, locale: maybe },
    ...{ role: ROLES, metadata: anyObject },
  }),
  whole: says(
    closed({ url: text, bytes: integer(1) }),
    'Where the event is too long to be sent: the address of the whole text.',
  ),
};

const person = shared('person');
const author = { author: either(person, { type: 'null' }) };
const message = shared('message');
const short = closed({ id, seq: integer(1) });
const gone = closed({ id });
const removed = closed({ id, externalId: text });

interface Known {
  says: string;
  /** Beside `app`. */
  data: Fields;
  optional?: Fields;
  /** Beside `app`, `conversation` and `seq` too. */
  ofConversation?: boolean;
}

const entry = (what: string, data: Fields, optional: Fields = {}): Known => ({
  ...{ says: what, optional, ofConversation: true },
  data: { ...author, ...data },
});
const notice = (what: string, data: Fields): Known => ({
  says: what,
  data: { endpoint: says(integer(1), 'Its number.'), ...data },
});
const signal = (what: string, data: Fields): Known => ({
  says: what,
  data: { conversation: closed({ id, kind: KINDS }), member: person, ...data },
});

const EVENTS: Readonly<Record<string, Known>> = {
  'message.created': entry('Something was said.', { message }),
  'message.edited': entry(
    'A message was changed.',
    { message: says(message, 'As it is now.') },
    { messageAuthor: author.author },
  ),
  'message.deleted': entry('A message is gone.', {
    message: short,
    through: says(boolean, 'Everything up to it went.'),
  }),
  'conversation.created': entry('A conversation was opened.', {}),
  'conversation.updated': entry('Something about a conversation changed.', {
    changed: says(list(text), 'Names of fields.'),
  }),
  'conversation.assigned': entry('Somebody of the team has it, or nobody.', { assignee: author.author }),
  'conversation.control': entry('Which integration speaks for the business.', {
    action: oneOf('select', 'pass', 'offer', 'accept', 'release'),
    active: shared('holder'),
    pending: shared('holder'),
  }),
  'conversation.deleted': { says: 'A conversation is gone.', data: {}, ofConversation: true },
  'member.joined': entry('People came in.', { members: list(person) }),
  'member.left': entry('People went.', { members: list(person), removed: boolean, barred: boolean }),
  'member.erased': entry('Author and words of somebody are gone.', { member: gone }),
  'member.merged': entry('Somebody is somebody else now.', { member: gone, into: author.author }),
  'signal.read': signal('How far somebody has read.', { seq: integer(0) }),
  'signal.typing': signal('Somebody types, or stops.', { on: boolean }),
  'user.updated': { says: 'A person’s record changed.', data: { user: shared('user') } },
  'user.removed': { says: 'A person was erased.', data: { user: removed } },
  'user.merged': {
    says: 'Two people of the app were one.',
    data: { user: shared('user'), discarded: removed },
  },
  'endpoint.disabled': notice('It is left alone.', { reason: text }),
  'endpoint.enabled': notice('It is told again.', {}),
  'endpoint.failing': notice('It fails and fails.', { failures: integer(1) }),
  'endpoint.recovered': notice('It is well again.', { failures: says(integer(1), 'In a row, until then.') }),
  'endpoint.blocked': notice('A conversation waits behind its first event.', {
    conversation: integer(0),
    delivery: integer(1),
  }),
  'endpoint.exhausted': notice('A delivery is dead.', { delivery: integer(1), reason: text }),
  'endpoint.slow': notice('An answer took long to begin.', { ms: integer(0), delivery: integer(1) }),
  'endpoint.dropped': notice('More came than is kept.', {
    dropped: says(integer(1), 'Deliveries that were let go before they were sent, ever.'),
  }),
  'endpoint.forgeable': notice('It took a wrong signature.', { status: integer(200) }),
  'endpoint.test': { says: 'Nothing: a test.', data: {} },
  'endpoint.challenge': { says: 'To be echoed.', data: { challenge: string(1) } },
};

/** The schema of each type of event, by the type; their addresses begin with `ORIGIN`. */
export const eventSchemas = (): Record<string, Schema> =>
  Object.fromEntries(Object.entries(EVENTS).map(([type, known]) => [type, schemaOf(type, known)]));

function schemaOf(type: string, known: Known): Schema {
  const place: Fields = known.ofConversation ? { conversation: shared('conversation'), seq: integer(0) } : {};
  const event = closed(
    {
      type: literal(type),
      timestamp: moment,
      data: closed({ app: says(text, 'Its slug.'), ...place, ...known.data }, known.optional),
    },
    { whole: shared('whole') },
  );
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `${ORIGIN}${SCHEMAS_PATH}/${type}.json`,
    title: type,
    description: known.says,
    ...event,
    $defs: defsOf(event),
  };
}

/** Of what is shared, what this needs, and what that needs. */
function defsOf(schema: Schema): Fields {
  const found: Record<string, Schema> = {};
  const look = (one: Schema) => {
    for (const [, name = ''] of JSON.stringify(one).matchAll(/"#\/\$defs\/(\w+)"/g)) {
      if (name in found) continue;
      found[name] = SHARED[name] as Schema;
      look(found[name]);
    }
  };
  look(schema);
  return found;
}
