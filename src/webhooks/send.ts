// One call to a receiver: where it may go, how long it may take, what of the answer is kept.
import type { Answer } from '../endpoint/schedule.ts';
import { refuseWebhook, resolvesOutside, type Surroundings } from '../http/outgoing.ts';
import type { Resolver } from '../http/resolve.ts';

/** Read of an answer, and kept of it (contracts/webhooks-bridges-widget.md W25). */
const READ_BYTES = 64 * 1024;
const KEPT_BYTES = 16 * 1024;
/** Headers of an answer that are kept. */
const KEPT_HEADERS = [
  'content-type',
  'content-length',
  'retry-after',
  'server',
  'date',
  'location',
  'x-request-id',
];
const KEPT_HEADER_CHARS = 200;
const TEXTUAL =
  /^(text\/|application\/(json|xml|problem\+json|[a-z.+-]+\+(json|xml)|x-www-form-urlencoded))/i;

export interface Call {
  /** POST where none is said. */
  method?: string;
  url: string;
  headers: Record<string, string>;
  body: string | FormData | null;
  timeoutMs: number;
  /** Gives it up. */
  signal?: AbortSignal;
}

const none = (reason: string, ms: number, timedOut = false): Answer => ({
  ...{ status: null, reason, timedOut, retryAfter: null, ms, excerpt: null, headers: {} },
});

/** What came of it; never throws. The address and what it resolves to are looked at before each call (W22). */
export const send = async (call: Call, around: Surroundings, resolver: Resolver): Promise<Answer> =>
  (await exchange(call, around, resolver)).answer;

/** An answer as whoever asked needs it. */
export interface Reply {
  headers: Headers;
  /** What was read of it, where it is text: 64 KiB. */
  text: string;
}

/** The same with the answer itself; null: there was none. */
export async function exchange(
  call: Call,
  around: Surroundings,
  resolver: Resolver,
): Promise<{ answer: Answer; reply: Reply | null }> {
  const began = Date.now();
  const since = () => Date.now() - began;
  const failed = (reason: string, timedOut = false) => ({
    answer: none(reason, since(), timedOut),
    reply: null,
  });
  const problem = refuseWebhook(call.url, around);
  if (problem) return failed(`the address ${problem}`);
  const resolved = await resolvesOutside(new URL(call.url), around.allowed, resolver);
  if (!resolved.ok) return failed(resolved.reason);
  const late = AbortSignal.timeout(call.timeoutMs);
  const signal = call.signal ? AbortSignal.any([late, call.signal]) : late;
  try {
    const { method = 'POST', url, headers, body } = call;
    // Never followed: it was this address that was looked at.
    return await read(await fetch(url, { method, headers, body, redirect: 'manual', signal }), since);
  } catch (error) {
    if (late.aborted) return failed(`no answer within ${call.timeoutMs} ms`, true);
    return failed(`no connection (${(error as Error).name})`);
  }
}

/** An answer that has begun. `since`: ms that it took. */
export async function read(
  response: Response,
  since: () => number,
): Promise<{ answer: Answer; reply: Reply }> {
  const firstMs = since();
  const bytes = await beginningOf(response);
  const text = bytes && new TextDecoder().decode(bytes);
  const answer: Answer = {
    status: response.status,
    reason: null,
    timedOut: false,
    retryAfter: response.headers.get('retry-after'),
    ms: since(),
    firstMs,
    excerpt: bytes && new TextDecoder().decode(bytes.subarray(0, KEPT_BYTES)),
    headers: keptHeaders(response.headers),
  };
  return { answer, reply: { headers: response.headers, text: text ?? '' } };
}

/** The beginning of the answer, where that is text. An answer that never ends is not waited for. */
async function beginningOf(response: Response): Promise<Uint8Array | null> {
  if (!response.body) return null;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body as ReadableStream<Uint8Array>) {
    chunks.push(chunk);
    size += chunk.byteLength;
    // Leaving the loop cancels the rest.
    if (size >= READ_BYTES) break;
  }
  if (!TEXTUAL.test(response.headers.get('content-type') ?? '')) return null;
  const whole = new Uint8Array(await new Blob(chunks as Uint8Array<ArrayBuffer>[]).arrayBuffer());
  return whole.subarray(0, READ_BYTES);
}

const keptHeaders = (headers: Headers): Record<string, string> =>
  Object.fromEntries(
    KEPT_HEADERS.flatMap((name) => {
      const value = headers.get(name);
      return value === null ? [] : [[name, value.slice(0, KEPT_HEADER_CHARS)]];
    }),
  );
