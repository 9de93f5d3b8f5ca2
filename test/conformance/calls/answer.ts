// One answer of a hub as a test compares it: whole, with what differs from call to call masked. Every door's calls
// in this folder give it.

// biome-ignore lint/suspicious/noExplicitAny: answers are compared whole, or picked apart by tests that know their form.
export type Json = any;

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Json;
}

/** Headers of the transport, and the id that every answer has of its own. */
const OWN_HEADERS = new Set(['content-length', 'date', 'x-request-id', 'connection', 'keep-alive']);

const UUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;
const TIME = /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g;

/** The headers that mean something. */
export function headersOf(headers: Headers): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => !OWN_HEADERS.has(name)));
}

/** An HTTP answer; `read` makes the body of its bytes, by default JSON, else text. */
export async function answerOf(
  response: Response,
  read: (bytes: Uint8Array) => Json = jsonOrText,
): Promise<Answer> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  return { status: response.status, headers: headersOf(response.headers), body: read(bytes) };
}

function jsonOrText(bytes: Uint8Array): Json {
  const text = new TextDecoder().decode(bytes);
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The answer with ids of requests and times masked, and each of `given` (what the caller sent) as "<given>". */
export function masked(answer: Answer, given: readonly string[] = []): Answer {
  // The longest first: one may be a part of another.
  const echoed = given.filter(Boolean).sort((a, b) => b.length - a.length);
  // A number among digits is another number; a short word among letters is another word.
  const whole = echoed.map((value) => new RegExp(`(?<![\\w.])${escaped(value)}(?![\\w.])`, 'g'));
  const mask = (text: string): string =>
    whole.reduce(
      (rest, each) => rest.replaceAll(each, '<given>'),
      text.replaceAll(UUID, '<uuid>').replaceAll(TIME, '<time>'),
    );
  const plain = JSON.stringify(answer.body ?? null);
  return {
    ...answer,
    body: JSON.parse(plain, (_, value) => (typeof value === 'string' ? mask(value) : value)),
  };
}

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
