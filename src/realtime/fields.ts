// Fields of frames and bodies, each with what it must be (docs/realtime.md). Which frames and calls there are stands in
// frames.ts and call-forms.ts.
import * as v from 'valibot';
import { isTooDeep, MOST_DEPTH } from '../domain/depth.ts';
import type { FieldProblem } from '../domain/errors.ts';
import { type FileNumber, parseConversation, parseMessage } from '../domain/ids.ts';

export const REF_CHARS = 128;
const CLIENT_ID_CHARS = 128;
const TITLE_CHARS = 500;
const ATTACHMENTS = 20;
/** More problems than this help nobody. */
const PROBLEMS_SHOWN = 10;

export const decimal = <T>(parse: (text: string) => T | null) =>
  v.pipe(
    v.string('must be a string'),
    v.transform(parse),
    v.check((n) => n !== null, 'must be a decimal id in a string'),
    v.transform((n) => n as T),
  );

/** Null: it is no file's number. */
export const parseFile = (text: string): FileNumber | null =>
  /^[1-9]\d{0,14}$/.test(text) ? (Number(text) as FileNumber) : null;

export const Conversation = decimal(parseConversation);
export const MessageId = decimal(parseMessage);
const File = decimal(parseFile);

export const Position = v.pipe(
  v.number('must be a number'),
  v.safeInteger('must be whole'),
  v.minValue(0, 'must not be negative'),
);
export const Text = (max: number) =>
  v.pipe(v.string('must be a string'), v.maxLength(max, `must have at most ${max} characters`));
export const Ref = v.optional(Text(REF_CHARS));
export const Title = Text(TITLE_CHARS);
export const Markup = v.optional(
  v.picklist(['plain', 'bbcode', 'markdown', 'html'], 'must be plain, bbcode, markdown or html'),
  'plain',
);
export const Json = v.pipe(
  v.custom<Record<string, never>>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'must be an object',
  ),
  v.check((value) => !isTooDeep(value), `must have at most ${MOST_DEPTH} levels`),
);
const Link = v.pipe(
  Text(2_048),
  v.check((text) => /^https?:\/\//i.test(text) && URL.canParse(text), 'must be a http or https address'),
);

const Attachment = v.object({
  url: Link,
  name: v.optional(Text(255), ''),
  mime: v.optional(Text(255), 'application/octet-stream'),
  bytes: v.optional(Position, 0),
  width: v.optional(Position),
  height: v.optional(Position),
  thumbnailUrl: v.optional(Link),
});

const TOO_MANY = `must be at most ${ATTACHMENTS}`;

/** What a message is made of. */
export const SAID = {
  clientId: v.optional(
    v.pipe(v.string('must be a string'), v.nonEmpty('must not be empty'), v.maxLength(CLIENT_ID_CHARS)),
  ),
  text: v.optional(v.string('must be a string'), ''),
  markup: Markup,
  type: v.optional(v.pipe(Text(64), v.nonEmpty('must not be empty')), 'text'),
  title: v.optional(Title),
  payload: v.optional(Json),
  attachments: v.optional(v.pipe(v.array(Attachment, 'must be a list'), v.maxLength(ATTACHMENTS, TOO_MANY))),
  files: v.optional(v.pipe(v.array(File, 'must be a list'), v.maxLength(ATTACHMENTS, TOO_MANY))),
  replyTo: v.optional(Position),
  metadata: v.optional(Json),
};

/** What is wrong where, for whoever sent it. */
export const problemsOf = (issues: readonly v.BaseIssue<unknown>[]): FieldProblem[] =>
  issues.slice(0, PROBLEMS_SHOWN).map((issue) => ({
    path: v.getDotPath(issue as Parameters<typeof v.getDotPath>[0]) ?? '',
    message: issue.message,
  }));
