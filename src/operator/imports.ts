// Imports over the operator API: NDJSON in, line by line, and NDJSON out: how far it has come as it goes, and a last
// line that says how it ended. What a line means and does: import-schemas.ts and the hub.
import type { IRequest } from 'itty-router';
import * as v from 'valibot';
import { BadLine, invalid, Refused } from '../domain/errors.ts';
import { linesOf } from '../http/lines.ts';
import type { Hub } from '../hub/context.ts';
import type { Import, Numbered, Progress } from '../hub/import-lines.ts';
import { errorBody } from './errors.ts';
import { problemsOf } from './schemas.ts';

const NDJSON = 'application/x-ndjson; charset=utf-8';
/** What a sender may still send after the end was decided, so that it comes to read why: then the connection goes. */
const DRAIN_BYTES = 100 * 1024 * 1024;

/**
 * Runs an import of a request's lines. What is wrong within the first group of them is an ordinary refusal; once
 * something was written, the answer is a stream. Whoever stops reading it, or sending, stops the import there.
 */
export async function answerImport<S extends v.GenericSchema>(
  request: IRequest,
  hub: Hub,
  schema: S,
  lineBytes: number,
  run: (lines: AsyncIterable<Numbered<v.InferOutput<S>>>) => Import,
): Promise<Response> {
  const body = request.body as ReadableStream<Uint8Array> | null;
  if (!body) throw new Refused(invalid('The body holds no line.'));
  const begin = async () => {
    const progress = run(readLines(body, schema, lineBytes, fromOf(request)));
    return { progress, first: await progress.next() };
  };
  const { progress, first } = await begin().catch(async (error: unknown) => {
    await drain(body);
    throw error;
  });
  if (first.done && first.value === null) throw new Refused(invalid('The body holds no line.'));
  return new Response(answerStream(hub, progress, first, body), { headers: { 'content-type': NDJSON } });
}

/** `?from=5001`: lines before it are passed over. */
function fromOf(request: IRequest): number {
  const text = new URL(request.url).searchParams.get('from') ?? '1';
  if (!/^[1-9]\d{0,8}$/.test(text)) {
    const fields = [{ path: 'from', message: 'must be the number of a line, from 1' }];
    throw new Refused(invalid('A parameter is wrong.', fields));
  }
  return Number(text);
}

async function* readLines<S extends v.GenericSchema>(
  body: ReadableStream<Uint8Array>,
  schema: S,
  lineBytes: number,
  from: number,
): AsyncGenerator<Numbered<v.InferOutput<S>>> {
  for await (const { number: line, text } of linesOf(body, lineBytes)) {
    if (line < from) continue;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw new BadLine(line, invalid('The line is not valid JSON.'));
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw new BadLine(line, invalid('The line is not a JSON object.'));
    const parsed = v.safeParse(schema, value, { abortEarly: false });
    if (!parsed.success)
      throw new BadLine(line, invalid('Some fields are wrong.', problemsOf(parsed.issues)));
    yield { line, chars: text.length, value: parsed.output };
  }
}

/** A line for each step, made when the reader wants one; the last one says how it ended. */
function answerStream(
  hub: Hub,
  progress: Import,
  first: IteratorResult<Progress, number | null>,
  body: ReadableStream<Uint8Array>,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let counts: Progress['counts'] = {};
  let next: typeof first | null = first;
  const step = async (): Promise<{ line: object; last: boolean }> => {
    const { done, value } = next ?? (await progress.next());
    next = null;
    if (done)
      return {
        line: { done: value === null, ...counts, ...(value === null ? {} : { next: value }) },
        last: true,
      };
    counts = value.counts;
    return { line: { line: value.line, ...counts }, last: false };
  };
  return new ReadableStream({
    async pull(controller) {
      const { line, last } = await step().catch((error: unknown) => ({
        line: { done: false, ...counts, ...errorBody(error, hub.requestId).body },
        last: true,
      }));
      if (last) await drain(body);
      controller.enqueue(encoder.encode(`${JSON.stringify(line)}\n`));
      if (last) controller.close();
    },
    async cancel() {
      await progress.return(null);
    },
  });
}

async function drain(body: ReadableStream<Uint8Array>): Promise<void> {
  let left = DRAIN_BYTES;
  try {
    for await (const chunk of body) {
      left -= chunk.byteLength;
      if (left < 0) return;
    }
  } catch {
    // It was read to its end, or its sender is gone.
  }
}
