// A call of every method of the forum door, filled in by the names of its parameters so that it works.
import type { Method } from '../../../src/dialects/tapatalk/method.ts';
import { METHODS } from '../../../src/dialects/tapatalk/methods.ts';
import { nameOf } from '../../../src/dialects/tapatalk/named.ts';
import { ROUTES } from '../../../src/dialects/tapatalk/routes.ts';
import { decodeResponse } from '../../../src/xmlrpc/decode.ts';
import { encodeCall } from '../../../src/xmlrpc/encode.ts';
import { array, Base64, bool, type OutValue } from '../../../src/xmlrpc/value.ts';
import { id, number, text, texts, told } from '../../model/forum.ts';
import { canonicalBytes } from '../../support/canonical.ts';
import type { Person, Place } from '../../support/two-apps.ts';
import { type Answer, answerOf, type Json } from './answer.ts';
import type { About } from './sunshine.ts';

export type { About };
export { id, METHODS, ROUTES, text };

/** Parameters of methods, as a call that works fills them in; where it depends on the method: "method parameter". */
const PARAMETERS: Record<string, (about: About) => OutValue> = {
  login_name: ({ member }) => text(member.username),
  password: ({ member }) => text(member.password),
  user_id: ({ guest }) => id(String(guest.number)),
  user_name: ({ guest }) => texts([guest.username]),
  subject: () => text('A subject'),
  text_body: () => text('Some words'),
  invite_reason_text: () => text('Because'),
  attachment_id_array: () => array([]),
  attachment_id: ({ upload = '12345' }) => id(upload),
  forum_id: () => id('0'),
  post_id: () => id('0'),
  group_id: () => id('group'),
  conv_id: ({ talk }) => id(String(talk.number)),
  conversation_id: ({ talk }) => id(String(talk.number)),
  msg_id: ({ talk }) => id(String(talk.message.number)),
  start_num: () => number(0),
  last_num: () => number(9),
  return_html: () => bool(true),
  mode: () => number(1),
  method: () => text('login'),
  'get_user_info user_name': ({ guest }) => text(guest.username),
  // An id would count before the name.
  'get_user_info user_id': () => id(''),
  keywords: ({ guest }) => text(guest.username),
  page: () => number(1),
  perpage: () => number(10),
  id: () => id(''),
  area: () => id('forum'),
  reason: () => text('Because'),
  box_id: () => id('inbox'),
  end_num: () => number(9),
  message_id: ({ talk }) => id(String(talk.message.number)),
  message_ids: ({ talk }) => id(String(talk.message.number)),
  // Who calls has said it.
  'get_message box_id': () => id('sent'),
  'delete_message box_id': () => id('sent'),
  'create_message action': () => number(2),
  pm_id: ({ talk }) => id(String(talk.message.number)),
};

/** Parameters of a call that works, optional ones too. Throws for one that nobody has said how to fill in. */
export function paramsOf(name: string, { parameters }: Method, about: About): OutValue[] {
  return parameters.map((parameter) => {
    const fill = PARAMETERS[`${name} ${parameter.name}`] ?? PARAMETERS[parameter.name];
    if (!fill) throw new Error(`say what "${parameter.name}" of ${name} is in a call that works`);
    return fill(about);
  });
}

/**
 * Makes the call. The answer's body is what it says, or `{fault: {code, text}}`. Throws where its form is not the one that
 * all clients read.
 */
export const send = (
  url: string,
  cookie: string | null,
  method: string,
  params: readonly OutValue[],
  headers: Record<string, string> = {},
): Promise<Answer> => sendXml(url, cookie, encodeCall(method, [...params]), headers);

export async function sendXml(
  url: string,
  cookie: string | null,
  body: string | Uint8Array,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'text/xml', ...(cookie && { cookie }), ...headers },
    body: body as Uint8Array<ArrayBuffer> | string,
  });
  return answerOf(response, (bytes) => {
    const read = decodeResponse(canonicalBytes(bytes));
    return read.fault ? { fault: read.fault } : told(read.value);
  });
}

/** The JSON twin beside an address of XML calls. */
export const twinOf = (url: string): string => url.replace(/mobiquo\.php$/, 'tapatalk.php');

/** Parameters in order as the fields of the JSON twin; a window of positions as the page that it is. */
export function fieldsOf({ parameters }: Method, params: readonly OutValue[]): Json {
  const fields: Json = {};
  for (const [i, value] of params.entries()) {
    const parameter = parameters[i];
    if (!parameter) throw new Error(`there is no parameter ${i}`);
    if (parameter.name === 'start_num') fields.page = 1;
    else if (parameter.name === 'last_num' || parameter.name === 'end_num')
      fields.perPage = (value as number) + 1;
    else fields[nameOf(parameter)] = jsonOf(value);
  }
  return fields;
}

function jsonOf(value: OutValue): Json {
  if (value instanceof Base64)
    return typeof value.content === 'string' ? value.content : new TextDecoder().decode(value.content);
  if (Array.isArray(value)) return value.map(jsonOf);
  return value;
}

/** Makes the call of the JSON twin, by POST in JSON. `url` is that of the XML calls. */
export const sendNamed = async (
  url: string,
  cookie: string | null,
  method: string,
  fields: Json,
  headers: Record<string, string> = {},
): Promise<Answer> =>
  answerOf(
    await fetch(`${twinOf(url)}?method_name=${encodeURIComponent(method)}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(cookie && { cookie }), ...headers },
      body: typeof fields === 'string' ? fields : JSON.stringify(fields),
    }),
  );

/** The cookie of a new session: "name=value". */
export async function signIn({ made }: Pick<Place, 'made'>, person: Person): Promise<string> {
  const answer = await send(made.tapatalk.url, null, 'login', [text(person.username), text(person.password)]);
  const cookie = answer.headers['set-cookie']?.split(';')[0];
  if (answer.body.result !== true || !cookie) throw new Error(`${person.username} could not sign in`);
  return cookie;
}

/** Whether an answer is one of success. Those that only tell something have no `result`. */
export const succeeded = ({ body }: Answer): boolean => !body.fault && body.result !== false;
