// A client of the Qiscus door that can send one call in every encoding that clients have (contracts/qiscus.md 3). What the
// hub promises is in qiscus*.test.ts.
import { Agent, request } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import type { AppCredentials } from '../../src/standalone/demo.ts';

// biome-ignore lint/suspicious/noExplicitAny: answers are compared whole, or picked apart by tests that know their form.
export type Json = any;

/** Parameters as a program has them: texts, numbers, booleans, lists, objects. */
export type Values = Record<string, Json>;

export interface Sent {
  status: number;
  body: Json;
  headers: Record<string, string>;
}

/** A request before it goes out. */
interface Wire {
  query?: string;
  type?: string;
  body?: string | Buffer;
}

const scalar = (value: Json): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

/** Pairs of a form; `key` gives the name of the i-th value of a list. */
function pairs(values: Values, key: (name: string, i: number) => string): URLSearchParams {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined) continue;
    if (Array.isArray(value))
      for (const [i, each] of value.entries()) form.append(key(name, i), scalar(each));
    else form.append(name, value === null ? '' : scalar(value));
  }
  return form;
}

const FORM = 'application/x-www-form-urlencoded';
const asForm = (key: (name: string, i: number) => string) => (values: Values) => ({
  type: FORM,
  body: pairs(values, key).toString(),
});

function multipart(values: Values): Wire {
  const boundary = '----a-boundary-of-a-test';
  const parts = [...pairs(values, (name) => `${name}[]`)].map(
    ([name, value]) => `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  return {
    type: `multipart/form-data; boundary=${boundary}`,
    body: `${parts.join('')}--${boundary}--\r\n`,
  };
}

/** Everything but lists as text, as clients send that have no numbers. */
const stringly = (values: Values): Values =>
  Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map(scalar) : scalar(value),
    ]),
  );

/** How clients send a POST or a DELETE. */
export const POST_ENCODINGS: Record<string, (values: Values) => Wire> = {
  json: (values) => ({ type: 'application/json; charset=utf-8', body: JSON.stringify(values) }),
  'json of texts': (values) => ({ type: 'application/json', body: JSON.stringify(stringly(values)) }),
  'form, name[]': asForm((name) => `${name}[]`),
  'form, name[i]': asForm((name, i) => `${name}[${i}]`),
  'form, name[][i]': asForm((name, i) => `${name}[][${i}]`),
  'form, the name again': asForm((name) => name),
  multipart,
  query: (values) => ({ query: pairs(values, (name) => `${name}[]`).toString() }),
};

/** How clients send a GET. */
export const GET_ENCODINGS: Record<string, (values: Values) => Wire> = {
  'query, name[]': (values) => ({ query: pairs(values, (name) => `${name}[]`).toString() }),
  'query, name[i]': (values) => ({ query: pairs(values, (name, i) => `${name}[${i}]`).toString() }),
  'a form as body': asForm((name) => `${name}[]`),
  'query and body': (values) => ({
    query: pairs(values, (name) => `${name}[]`).toString(),
    ...asForm((name) => `${name}[]`)(Object.fromEntries(Object.keys(values).map((name) => [name, '']))),
  }),
};

/** Header names as clients write them. */
export const SECRET_HEADERS = ['QISCUS_SDK_SECRET', 'QISCUS-SDK-SECRET', 'Qiscus_Sdk-Secret'] as const;

/** A connection for each call: one that the server has just ended would fail the next call. */
const agent = new Agent({ keepAlive: false });

/** Sends it with Node's own client, which can give a GET a body and headers any name. */
export function send(
  url: string,
  method: string,
  { query, type, body }: Wire,
  headers: Record<string, string>,
): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const asked = request(
      `${url}${query ? `?${query}` : ''}`,
      {
        method,
        agent,
        headers: {
          ...headers,
          ...(type && { 'content-type': type }),
          ...(body !== undefined && { 'content-length': String(Buffer.byteLength(body)) }),
        },
      },
      (answer) => {
        textOf(answer).then((read) => {
          const shown = Object.fromEntries(
            Object.entries(answer.headers).map(([name, value]) => [name, String(value)]),
          );
          resolve({ status: answer.statusCode ?? 0, body: parsed(read), headers: shown });
        }, reject);
      },
    );
    asked.on('error', reject);
    asked.end(body);
  });
}

function parsed(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

export interface QiscusClient {
  /** A call of `/api/v2/rest/`; POST as JSON and GET by query unless an encoding is named. */
  call(method: 'GET' | 'POST' | 'DELETE', name: string, values?: Values, encoding?: string): Promise<Sent>;
  /** `results` of a call that must work. */
  get(name: string, values?: Values): Promise<Json>;
  post(name: string, values?: Values): Promise<Json>;
}

/** The app's own server, with its secret. */
export function qiscusClient({ qiscus }: Pick<AppCredentials, 'qiscus'>): QiscusClient {
  const call: QiscusClient['call'] = (method, name, values = {}, encoding) => {
    const encodings = method === 'GET' ? GET_ENCODINGS : POST_ENCODINGS;
    const encode = encodings[encoding ?? (method === 'GET' ? 'query, name[]' : 'json')];
    if (!encode) throw new Error(`no encoding ${encoding}`);
    const url = `${qiscus.baseUrl}/api/v2/rest/${name}`;
    return send(url, method, encode(values), { QISCUS_SDK_SECRET: qiscus.secret });
  };
  const results = async (method: 'GET' | 'POST', name: string, values?: Values): Promise<Json> => {
    const { status, body } = await call(method, name, values);
    if (status !== 200) throw new Error(`${name}: ${status} ${JSON.stringify(body)}`);
    return body.results;
  };
  return {
    call,
    get: (name, values) => results('GET', name, values),
    post: (name, values) => results('POST', name, values),
  };
}

/** An envelope of success. */
export const okay = (results: Json) => ({ status: 200, results });
/** An envelope of refusal. */
export const refusal = (status: number, message: string, ...sentences: string[]) => ({
  status,
  error: { message, detailed_messages: sentences.length > 0 ? sentences : [message] },
});
