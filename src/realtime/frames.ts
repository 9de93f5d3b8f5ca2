// What a client may send, checked field by field (docs/realtime.md). What happens then is protocol.ts.
import * as v from 'valibot';
import { type FieldProblem, invalid, Refused } from '../domain/errors.ts';
import { parseConversation, parseMessage } from '../domain/ids.ts';

/** Largest frame that is read, in bytes of UTF-8. */
export const MAX_FRAME_BYTES = 64 * 1024;
const REF_CHARS = 128;
const CLIENT_ID_CHARS = 128;
const TITLE_CHARS = 500;
const ATTACHMENTS = 20;
/** More problems than this help nobody. */
const PROBLEMS_SHOWN = 10;

const decimal = <T>(parse: (text: string) => T | null) =>
  v.pipe(
    v.string('must be a string'),
    v.transform(parse),
    v.check((n) => n !== null, 'must be a decimal id in a string'),
    v.transform((n) => n as T),
  );

const Conversation = decimal(parseConversation);
const Message = decimal(parseMessage);
const Position = v.pipe(
  v.number('must be a number'),
  v.safeInteger('must be whole'),
  v.minValue(0, 'must not be negative'),
);
const Ref = v.optional(
  v.pipe(v.string('must be a string'), v.maxLength(REF_CHARS, `must have at most ${REF_CHARS} characters`)),
);
const Text = (max: number) =>
  v.pipe(v.string('must be a string'), v.maxLength(max, `must have at most ${max} characters`));
const Markup = v.optional(
  v.picklist(['plain', 'bbcode', 'markdown', 'html'], 'must be plain, bbcode, markdown or html'),
  'plain',
);
const Link = v.pipe(
  Text(2_048),
  v.check((text) => /^https?:\/\//i.test(text) && URL.canParse(text), 'must be a http or https address'),
);
const Json = v.custom<Record<string, never>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'must be an object',
);
const Count = v.pipe(
  v.number('must be a number'),
  v.safeInteger('must be whole'),
  v.minValue(0, 'must not be negative'),
);

const Attachment = v.object({
  url: Link,
  name: v.optional(Text(255), ''),
  mime: v.optional(Text(255), 'application/octet-stream'),
  bytes: v.optional(Count, 0),
  width: v.optional(Count),
  height: v.optional(Count),
  thumbnailUrl: v.optional(Link),
});

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
      clientId: v.optional(
        v.pipe(v.string('must be a string'), v.nonEmpty('must not be empty'), v.maxLength(CLIENT_ID_CHARS)),
      ),
      text: v.optional(v.string('must be a string'), ''),
      markup: Markup,
      type: v.optional(v.pipe(Text(64), v.nonEmpty('must not be empty')), 'text'),
      title: v.optional(Text(TITLE_CHARS)),
      payload: v.optional(Json),
      attachments: v.optional(
        v.pipe(v.array(Attachment), v.maxLength(ATTACHMENTS, `must be at most ${ATTACHMENTS}`)),
      ),
      replyTo: v.optional(Position),
      metadata: v.optional(Json),
    }),
    v.object({
      t: v.literal('edit'),
      ref: Ref,
      c: Conversation,
      id: Message,
      text: v.string('must be a string'),
      markup: Markup,
      payload: v.optional(Json),
    }),
    v.object({ t: v.literal('delete'), ref: Ref, c: Conversation, id: Message }),
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
  const fields = parsed.issues.slice(0, PROBLEMS_SHOWN).map((issue) => ({
    path: v.getDotPath(issue) ?? '',
    message: issue.message,
  }));
  const [first] = fields;
  return unreadable(
    typeof ref === 'string' && ref.length <= REF_CHARS ? ref : undefined,
    `${first?.path} ${first?.message}.`,
    fields,
  );
}

function emptySend(frame: ClientFrame): FieldProblem | null {
  if (frame.t !== 'send' || frame.text !== '' || frame.payload || frame.attachments?.length) return null;
  return { path: 'text', message: 'must not be empty in a message without payload and attachments' };
}

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
