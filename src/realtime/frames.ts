// What a client may send, checked field by field (docs/realtime.md). What happens then is protocol.ts.
import * as v from 'valibot';
import { type FieldProblem, invalid, Refused } from '../domain/errors.ts';
import {
  Conversation,
  Json,
  Markup,
  MessageId,
  Position,
  problemsOf,
  REF_CHARS,
  Ref,
  SAID,
  Text,
} from './fields.ts';
import { NOTHING_SAID, saysNothing } from './saying.ts';

/** Largest frame that is read, in bytes of UTF-8. */
export const MAX_FRAME_BYTES = 64 * 1024;
/** Every frame of a client; tests make their cases from it. */
export const Frame = v.variant(
  't',
  [
    v.object({
      t: v.literal('subscribe'),
      ref: Ref,
      c: v.optional(Conversation),
      since: v.optional(Position),
      epoch: v.optional(Text(64)),
    }),
    v.object({ t: v.literal('unsubscribe'), ref: Ref, c: v.optional(Conversation) }),
    v.object({
      t: v.literal('send'),
      ref: Ref,
      c: Conversation,
      ...SAID,
    }),
    v.object({
      t: v.literal('edit'),
      ref: Ref,
      c: Conversation,
      id: MessageId,
      text: v.string('must be a string'),
      markup: Markup,
      payload: v.optional(Json),
    }),
    v.object({ t: v.literal('delete'), ref: Ref, c: Conversation, id: MessageId }),
    v.object({ t: v.literal('read'), ref: Ref, c: Conversation, seq: v.optional(Position) }),
    v.object({ t: v.literal('typing'), ref: Ref, c: Conversation, on: v.boolean('must be true or false') }),
  ],
  'must be subscribe, unsubscribe, send, edit, delete, read or typing',
);

export type ClientFrame = v.InferOutput<typeof Frame>;

/** A frame that was read, or why not, with the `ref` to answer to where there is one. */
export type Read =
  | { ok: true; frame: ClientFrame }
  | { ok: false; ref: string | undefined; refused: Refused };

/** Reads one text frame. Unknown fields are ignored, so that an older server takes a newer client's frames. */
export function readFrame(text: string): Read {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return unreadable(undefined, 'The frame is not JSON.');
  }
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw)) {
    return unreadable(undefined, 'The frame is not a JSON object.');
  }
  const { ref } = raw as { ref?: unknown };
  const parsed = v.safeParse(Frame, raw);
  if (parsed.success) {
    const empty = emptySend(parsed.output);
    return empty ? unreadable(parsed.output.ref, empty.message, [empty]) : { ok: true, frame: parsed.output };
  }
  const fields = problemsOf(parsed.issues);
  const [first] = fields;
  return unreadable(
    typeof ref === 'string' && ref.length <= REF_CHARS ? ref : undefined,
    `${first?.path} ${first?.message}.`,
    fields,
  );
}

const emptySend = (frame: ClientFrame): FieldProblem | null =>
  frame.t === 'send' && saysNothing(frame) ? NOTHING_SAID : null;

const unreadable = (ref: string | undefined, message: string, fields?: FieldProblem[]): Read => ({
  ok: false,
  ref,
  refused: new Refused(invalid(message, fields)),
});

/** Whether a text has more bytes than a frame may. Counts only where the number of characters leaves it open. */
export function isOversize(text: string): boolean {
  if (text.length > MAX_FRAME_BYTES) return true;
  if (text.length * 3 <= MAX_FRAME_BYTES) return false;
  return new TextEncoder().encode(text).byteLength > MAX_FRAME_BYTES;
}
