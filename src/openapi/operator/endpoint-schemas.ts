// Endpoints in the operator API: what is given, and what is shown of them and of what they were sent.
import {
  boolean,
  closed,
  type Fields,
  integer,
  list,
  number,
  oneOf,
  orNull,
  ref,
  type Schema,
  says,
  string,
} from '../schema.ts';

const MOST = Number.MAX_SAFE_INTEGER;
const KIND = oneOf('direct', 'group', 'support');
const DOOR = oneOf('tapatalk', 'sunshine', 'qiscus', 'ppmessage', 'realtime', 'bridge', 'operator');
const SIGNATURE = oneOf(
  ...['standard', 'github', 'slack', 'discourse', 'token', 'sunshine', 'qiscus', 'none'],
);
const OWN_FORMATS = ['parlance', 'qiscus', 'slack', 'discord', 'mattermost'];
export const STATE = oneOf('waiting', 'delivered', 'dead', 'discarded');

/** Everything that an endpoint may ask for. */
const ASKS = oneOf(
  ...['*', 'conversation.*', 'message.*', 'member.*', 'signal.*', 'user.*', 'endpoint.*'],
  ...['created', 'updated', 'assigned', 'control', 'deleted'].map((name) => `conversation.${name}`),
  ...['created', 'edited', 'deleted'].map((name) => `message.${name}`),
  ...['joined', 'left', 'erased', 'merged'].map((name) => `member.${name}`),
  ...['signal.read', 'signal.typing', 'user.updated', 'user.removed', 'user.merged'],
  ...['disabled', 'enabled', 'failing', 'recovered', 'blocked', 'exhausted'].map(
    (name) => `endpoint.${name}`,
  ),
  ...['slow', 'dropped', 'forgeable'].map((name) => `endpoint.${name}`),
);

const texts = (value: Schema): Schema => ({ type: 'object', additionalProperties: value });

const delivery: Fields = {
  signature: SIGNATURE,
  ed25519: says(boolean, 'An Ed25519 signature beside the secret’s.'),
  ordered: says(boolean, 'One at a time of each conversation.'),
  concurrency: integer(1, 50),
  perSecond: { ...number, minimum: 0.1, maximum: 1_000 },
  timeoutSeconds: { ...number, minimum: 3, maximum: 30 },
  schedule: says(list(integer(1, 86_400), 1, 20), 'Seconds before the second attempt, the third…'),
  conversations: list(integer(1, MOST), 1, 1_000),
  kinds: list(KIND, 1),
  doors: list(DOOR, 1),
  tags: says({ ...texts(string(1, 200)), maxProperties: 20 }, 'Only conversations whose metadata says so.'),
  challenge: says(boolean, 'Nothing is sent before the receiver has echoed a challenge.'),
  probe: says(boolean, 'A call with a wrong signature once a day: who takes it does not verify.'),
  keepDays: integer(1, 30),
  keepMost: integer(100, 100_000),
};

const given: Fields = {
  events: says(list(ASKS, 1), 'Names, families, or `*`: every entry.'),
  name: orNull(string(1, 100)),
  options: closed({}, { thin: says(boolean, 'Ids alone, no words.') }),
  delivery: closed({}, delivery),
  headers: says(texts(string()), 'At most 20, sent with each call; their values are shown to nobody.'),
};

const moment = orNull(ref('Moment'));
const share: Schema = { type: 'number', minimum: 0, maximum: 1 };

const card: Fields = {
  id: integer(1),
  event: says(string(1), 'As `webhook-id`.'),
  type: string(1),
  conversation: orNull(integer(1)),
  seq: integer(0),
  state: STATE,
  reason: orNull(string()),
  attempts: integer(0),
  status: orNull(integer(100)),
  takenAt: ref('Moment'),
  endedAt: moment,
  dueAt: says(moment, 'When it is tried next; null: after others of its conversation, or never.'),
};

/** As somebody may write one. */
export const TIME: Schema = { type: 'string', format: 'date-time' };

/** Which deliveries, by what they have in common; also in a query. */
const common: Fields = {
  state: STATE,
  type: string(0, 100),
  conversation: integer(1, MOST),
  status: integer(100, 999),
  from: TIME,
  to: TIME,
};

export const OPERATOR_ENDPOINT_SCHEMAS: Fields = {
  OperatorEndpoint: closed({
    number: integer(1),
    integration: orNull(integer(1)),
    format: oneOf(...OWN_FORMATS, 'sunshine', 'bridge'),
    url: string(),
    events: list(string(1)),
    name: orNull(string()),
    options: texts(boolean),
    delivery: closed({ signature: SIGNATURE }, delivery),
    headers: says(list(string(1)), 'Their names.'),
    state: oneOf('active', 'disabled'),
    reason: says(orNull(string()), 'Why it is disabled.'),
    secrets: says(
      list(closed({ id: integer(1), validUntil: moment })),
      'Those that sign now, the newest first.',
    ),
    publicKeys: says(orNull(string()), 'Where its Ed25519 keys are.'),
    createdAt: ref('Moment'),
    updatedAt: ref('Moment'),
  }),
  OperatorEndpointPost: closed(
    { url: string(1, 2048) },
    { format: oneOf(...OWN_FORMATS), ...given, secret: says(string(0, 300), 'The receiver’s own.') },
  ),
  OperatorEndpointPatch: closed({}, { url: string(1, 2048), ...given }),
  OperatorEndpointStatus: closed({
    waiting: integer(0),
    dead: integer(0),
    oldestWaiting: moment,
    failingSince: moment,
    consecutiveFailures: integer(0),
    lastSuccess: moment,
    dropped: says(integer(0), 'Let go before they were sent: more came than is kept.'),
    droppedAt: moment,
    recent: says(
      closed({
        attempts: integer(0),
        succeeded: orNull(share),
        p50: orNull(integer(0)),
        p99: orNull(integer(0)),
      }),
      'Of the newest attempts: how many, the share that succeeded, milliseconds.',
    ),
  }),
  OperatorAttempt: closed({
    attempt: integer(1),
    at: ref('Moment'),
    ms: integer(0),
    status: orNull(integer(100)),
    reason: says(orNull(string()), 'Why there was no answer.'),
    bytes: integer(0),
    excerpt: says(orNull(string()), 'The beginning of a textual answer.'),
    headers: texts(string()),
    next: says(moment, 'When it is tried again.'),
    replay: boolean,
  }),
  OperatorDelivery: closed(card),
  OperatorDeliveryWhole: closed({
    ...card,
    body: says(orNull(string()), 'The text that is sent; null until the first attempt, and once erased.'),
    log: list(ref('OperatorAttempt')),
    curl: says(orNull(string()), 'The call for a shell, signed now; secrets are names of variables.'),
  }),
  OperatorDeliveryChoicePost: {
    anyOf: [
      closed({ ids: list(integer(1, MOST), 1, 1_000) }),
      {
        ...closed({}, { ...common, after: says(integer(1, MOST), '`next` of the call before.') }),
        minProperties: 1,
      },
    ],
  },
  OperatorNotice: closed({
    id: integer(1),
    at: ref('Moment'),
    what: oneOf(
      ...['disabled', 'enabled', 'failing', 'recovered', 'blocked', 'exhausted'],
      ...['slow', 'dropped', 'forgeable'],
    ),
    about: says({ type: 'object' }, 'What belongs to it (docs/webhooks.md).'),
  }),
};
