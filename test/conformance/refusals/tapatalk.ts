// What the forum door must refuse, made from its method table: the session, the number and the type of parameters, what
// they name, the document. Faults for calls that cannot be understood, `result` false for the rest
// (contracts/tapatalk.md 3, "Errors").
import { expect } from 'vitest';
import type { Method } from '../../../src/dialects/tapatalk/method.ts';
import { encodeCall } from '../../../src/xmlrpc/encode.ts';
import { array, base64, bool, int, type OutValue, struct } from '../../../src/xmlrpc/value.ts';
import { id, text, texts } from '../../model/forum.ts';
import { NOWHERE } from '../../support/two-apps.ts';
import type { Json } from '../calls/answer.ts';
import type { About } from '../calls/sunshine.ts';
import { METHODS, paramsOf, send, sendXml } from '../calls/tapatalk.ts';
import { type NamePlace, namePlaces, valueAt } from '../isolation/tapatalk.ts';
import type { Attempt, Scene } from './attempt.ts';

/** The cap of contracts/tapatalk.md 5.3. */
const CAP_BYTES = 256 * 1024;

const headersOf = (signedIn: boolean) => ({
  'content-type': 'text/xml; charset=utf-8',
  'cache-control': 'no-store',
  mobiquo_is_login: String(signedIn),
});

/** A fault, with a string that says something. */
const fault = (code: number, signedIn: boolean) => ({
  status: 200,
  headers: headersOf(signedIn),
  body: { fault: { code, text: expect.stringMatching(/\S/) } },
});

/** An ordinary answer that says no, whole. */
const no = (reason: number, signedIn: boolean, says: Json = expect.stringMatching(/\S/)) => ({
  status: 200,
  headers: headersOf(signedIn),
  body: { result: false, result_text: says, result_reason: reason },
});

const NOT_SIGNED_IN = 'You are not logged in or you do not have permission to do this action.';

/** By cat, who is in no conversation of the sample, or by ann, who is; null: by nobody. */
type By = 'ann' | 'cat' | null;
const cookieOf = ({ cookies, here }: Scene, by: By): string | null =>
  by === null ? null : (cookies.get(here[by]) ?? null);

const methods: [name: string, method: Method, by: By][] = [...METHODS].map(([name, method]) => [
  name,
  method,
  method.needsLogin ? 'ann' : null,
]);

const attempt = (
  name: string,
  what: string,
  by: By,
  refusal: Json,
  params: (works: OutValue[], scene: Scene) => OutValue[],
): Attempt => ({
  name: `${name}: ${what}`,
  refusal,
  make: (scene) => {
    const method = METHODS.get(name) as Method;
    const given = params(paramsOf(name, method, scene.about), scene);
    return send(scene.here.made.tapatalk.url, cookieOf(scene, by), name, given);
  },
});

const put = (params: OutValue[], index: number, value: OutValue): OutValue[] =>
  params.map((each, i) => (i === index ? value : each));

/** Values that no parameter of a kind takes. */
const WRONG: Record<Method['parameters'][number]['kind'], Record<string, OutValue>> = {
  text: { 'a struct': struct({ a: int(1) }), 'a number': int(7), 'a boolean': bool(true) },
  texts: { 'a text': text('somebody'), 'a struct': struct({}), 'a list of numbers': array([int(7)]) },
  id: { 'a boolean': bool(true), 'a struct': struct({}), 'a list': array([id('1')]) },
  ids: { 'a text': id('1'), 'a struct': struct({}), 'a list of lists': array([array([])]) },
  integer: { words: id('many'), 'a fraction': id('1.5'), 'a boolean': bool(true), 'a list': array([]) },
  flag: { words: id('perhaps'), 'a number': int(2), 'a struct': struct({}) },
};

function parameters(): Attempt[] {
  return methods.flatMap(([name, method, by]) => {
    const bad = fault(-32602, by !== null);
    const least = method.parameters.filter(({ optional }) => !optional).length;
    const count = [
      ...(least > 0 ? [attempt(name, 'too few parameters', by, bad, (all) => all.slice(0, least - 1))] : []),
      ...(method.ignoresRest
        ? []
        : [attempt(name, 'a parameter too many', by, bad, (all) => [...all, int(1)])]),
    ];
    const types = method.parameters.flatMap((parameter, index) =>
      Object.entries(WRONG[parameter.kind]).map(([what, value]) =>
        attempt(name, `${parameter.name} as ${what}`, by, bad, (all) => put(all, index, value)),
      ),
    );
    const unfit = method.parameters.flatMap(({ name: at, kind }, index) => {
      if (kind !== 'text' && kind !== 'texts') return [];
      const as = (value: OutValue): OutValue => (kind === 'texts' ? array([value]) : value);
      return [
        attempt(name, `${at} with a control character`, by, no(-1, by !== null), (all) =>
          put(all, index, as(base64('a\u0007b'))),
        ),
        attempt(name, `${at} that is no UTF-8`, by, no(-1, by !== null), (all) =>
          put(all, index, as(base64(new Uint8Array([0x61, 0xff, 0x62])))),
        ),
      ];
    });
    return [...count, ...types, ...unfit];
  });
}

const sessions = (): Attempt[] =>
  methods
    .filter(([, method]) => method.needsLogin)
    .map(([name]) => attempt(name, 'without a session', null, no(1, false, NOT_SIGNED_IN), (all) => all));

/** What a name of nothing is answered with. */
const MISSING: Record<Exclude<NamePlace['kind'], 'search'>, { value: string; answer: Json }> = {
  conversation: { value: String(NOWHERE.conversation), answer: no(0, true, 'Conversation not found') },
  conversations: { value: String(NOWHERE.conversation), answer: no(0, true, 'Conversation not found') },
  message: { value: String(NOWHERE.conversation * 2 ** 21 + 2), answer: no(0, true, 'Message not found') },
  'any message': {
    value: String(NOWHERE.conversation * 2 ** 21 + 2),
    answer: no(0, true, 'Message not found'),
  },
  messages: {
    value: String(NOWHERE.conversation * 2 ** 21 + 2),
    answer: no(0, true, 'Message not found'),
  },
  user: { value: String(NOWHERE.user), answer: no(0, true, 'User not found') },
  people: { value: 'nobody-at-all', answer: no(-1, true, 'There is nobody called “nobody-at-all”.') },
  person: { value: 'nobody-at-all', answer: no(0, true, 'User not found') },
  account: { value: 'nobody-at-all', answer: no(1, false, 'The user name or the password is wrong.') },
  file: { value: '12345', answer: no(0, true, 'Attachment 12345 not found') },
  upload: { value: '12345', answer: no(0, true, 'Attachment 12345 not found') },
};

const unknownNames = (): Attempt[] =>
  namePlaces().flatMap((place) => {
    if (place.kind === 'search') return [];
    const { value, answer } = MISSING[place.kind];
    const by: By = place.kind === 'account' ? null : 'ann';
    const named =
      (text: string) =>
      (all: OutValue[], { here }: Scene) =>
        put(all, place.index, valueAt(place, text, here));
    const unknown = attempt(place.method, `${place.at} of nothing`, by, answer, named(value));
    if (place.kind !== 'conversation' && place.kind !== 'conversations') return [unknown];
    const outside = attempt(
      place.method,
      `${place.at} of a conversation that the caller is not in`,
      'cat',
      no(0, true, 'Conversation not found'),
      (all) => all,
    );
    if (place.kind === 'conversation') return [unknown, outside];
    const beside = attempt(
      place.method,
      `${place.at} of nothing beside one that is there`,
      'ann',
      answer,
      (all, { about }) => put(all, place.index, id(`${about.talk.number},${value}`)),
    );
    return [unknown, outside, beside];
  });

const document = (
  what: string,
  refusal: Json,
  spoil: (xml: string) => string | Uint8Array,
  headers: Record<string, string> = {},
): Attempt[] =>
  methods.map(([name, method, by]) => ({
    name: `${name}: ${what}`,
    refusal: refusal(by !== null),
    make: (scene) => {
      const xml = encodeCall(name, paramsOf(name, method, scene.about as About));
      return sendXml(scene.here.made.tapatalk.url, cookieOf(scene, by), spoil(xml), headers);
    },
  }));

function documents(): Attempt[] {
  const unparsable = (signedIn: boolean) => fault(-32700, signedIn);
  const noCall = (signedIn: boolean) => fault(-32600, signedIn);
  const tooLarge = (signedIn: boolean) => no(-1, signedIn, 'The request is larger than 256 KiB.');
  const foreignPage = { origin: 'https://elsewhere.example.org' };
  return [
    ...document('cut off', unparsable, (xml) => xml.slice(0, xml.length - 20)),
    ...document('with a DOCTYPE', unparsable, (xml) => xml.replace('<methodCall', '<!DOCTYPE a><methodCall')),
    ...document('with bytes that are no UTF-8', unparsable, (xml) =>
      Buffer.concat([Buffer.from(xml), Buffer.from([0xff])]),
    ),
    ...document('as an answer', noCall, (xml) => xml.replaceAll('methodCall', 'methodResponse')),
    ...document('over the cap', tooLarge, (xml) =>
      xml.replace('<params>', `${' '.repeat(CAP_BYTES)}<params>`),
    ),
    ...document(
      'from a page of another origin',
      (signedIn: boolean) => no(2, signedIn, NOT_SIGNED_IN),
      (xml) => xml,
      foreignPage,
    ),
  ];
}

const bare = (name: string, by: By, refusal: Json, body: string): Attempt => ({
  name,
  refusal,
  make: (scene) => sendXml(scene.here.made.tapatalk.url, cookieOf(scene, by), body),
});

/** Every refusal that can be made of the table alone. */
export const forumAttempts: readonly Attempt[] = [
  ...sessions(),
  ...parameters(),
  ...unknownNames(),
  ...documents(),
];

/** What is no call of any method, and calls that are well formed and may not be. */
export const forumRefusals: readonly Attempt[] = [
  bare('an unknown method', 'ann', fault(-32601, true), encodeCall('no_such_method', [])),
  bare('an unknown method by nobody', null, fault(-32601, false), encodeCall('no_such_method', [])),
  bare('a method of objects', null, fault(-32601, false), encodeCall('constructor', [])),
  bare('many calls in one', null, fault(-32601, false), encodeCall('system.multicall', [array([])])),
  bare('no body', null, fault(-32700, false), ''),
  bare('a form', null, fault(-32700, false), 'method_name=get_config'),
  bare('JSON', null, fault(-32700, false), '{"method":"get_config"}'),
  {
    name: 'login: a wrong password',
    refusal: no(1, false, 'The user name or the password is wrong.'),
    make: ({ here }) =>
      send(here.made.tapatalk.url, null, 'login', [
        text(here.ann.username),
        text('a wrong password of a test'),
      ]),
  },
  {
    name: 'any method: an app that does not exist',
    refusal: no(0, false, 'App not found'),
    make: ({ server }) => send(`${server.url}/forum/no-such-app/mobiquo/mobiquo.php`, null, 'get_config', []),
  },
  attempt('delete_conversation', 'a mode that is none', 'ann', no(-1, true), (all) => put(all, 1, int(3))),
  attempt('ignore_user', 'a mode that is none', 'ann', no(-1, true), (all) => put(all, 1, int(2))),
  attempt('ignore_user', 'oneself', 'ann', no(-1, true), (all, { here }) =>
    put(all, 0, id(String(here.ann.number))),
  ),
  attempt('new_conversation', 'with nobody', 'ann', no(-1, true), (all) => put(all, 0, array([]))),
  attempt('new_conversation', 'with oneself', 'ann', no(-1, true), (all, { here }) =>
    put(all, 0, texts([here.ann.username])),
  ),
  attempt('new_conversation', 'without a subject', 'ann', no(-1, true), (all) => put(all, 1, text(' \n'))),
  attempt('new_conversation', 'with a subject too long', 'ann', no(-1, true), (all) =>
    put(all, 1, text('x'.repeat(256))),
  ),
  attempt('reply_conversation', 'with a subject too long', 'ann', no(-1, true), (all) =>
    put(all, 2, text('x'.repeat(256))),
  ),
  attempt('new_conversation', 'without words', 'ann', no(-1, true), (all) => put(all, 2, text(' \n'))),
  attempt('reply_conversation', 'without words', 'ann', no(-1, true), (all) => put(all, 1, text('\t '))),
  attempt('reply_conversation', 'in a closed conversation', 'ann', no(2, true), (all, { locked }) =>
    put(all, 0, id(String(locked.number))),
  ),
  attempt('invite_participant', 'somebody into a support conversation', 'ann', no(2, true), (all, { here }) =>
    put(all, 1, id(String(here.support.number))),
  ),
  attempt('get_box', 'a box that is none', 'ann', no(-1, true), (all) => put(all, 0, id('moon'))),
  attempt('get_message', 'a box that is none', 'ann', no(-1, true), (all) => put(all, 1, id('constructor'))),
  attempt('get_message', 'a box where it is not', 'ann', no(0, true, 'Message not found'), (all) =>
    put(all, 1, id('inbox')),
  ),
  attempt('delete_message', 'a box where it is not', 'ann', no(0, true, 'Message not found'), (all) =>
    put(all, 1, id('unread')),
  ),
  attempt('create_message', 'an action that is none', 'ann', no(-1, true), (all) => put(all, 3, int(4))),
  attempt('create_message', 'an action without its message', 'ann', no(-1, true), (all) =>
    put(all, 4, id('')),
  ),
  attempt('create_message', 'a message without an action', 'ann', no(-1, true), (all) => put(all, 3, int(0))),
  attempt('create_message', 'a reply to somebody who is not there', 'ann', no(-1, true), (all, { here }) =>
    put(put(all, 3, int(1)), 0, texts([here.fay.username])),
  ),
  attempt('create_message', 'a reply in a closed conversation', 'ann', no(2, true), (all, { locked }) =>
    put(put(put(all, 3, int(1)), 0, array([])), 4, id(String(locked.message.number))),
  ),
  attempt('create_message', 'without a subject', 'ann', no(-1, true), (all) => put(all, 1, text(' '))),
  attempt('create_message', 'without words', 'ann', no(-1, true), (all) => put(all, 2, text(' '))),
  attempt('mark_pm_read', 'too many at once', 'ann', no(-1, true), () => [
    id(Array.from({ length: 41 }, (_, i) => (NOWHERE.conversation + i) * 2 ** 21 + 2).join()),
  ]),
  attempt('get_recommended_user', 'a mode that is none', 'ann', no(-1, true), (all) => put(all, 2, int(2))),
  attempt('get_online_users', 'an area that is none', 'ann', no(-1, true), (all) => put(all, 3, id('moon'))),
  attempt(
    'report_pm',
    'a message of her own',
    'ann',
    no(-1, true, 'This is your own message.'),
    (all) => all,
  ),
  attempt('mark_conversation_read', 'too many at once', 'ann', no(-1, true), () => [
    id(Array.from({ length: 41 }, (_, i) => NOWHERE.conversation + i).join()),
  ]),
];
