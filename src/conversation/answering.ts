// Answers to forms: who may give one, whether it fits, and the form's mark that it was answered. What forms ask is
// domain/forms.ts.
import { forbidden, invalid, notFound, ok, type Result, refused } from '../domain/errors.ts';
import { FORM, FORM_RESPONSE, formOf, isAnswered, readAnswer } from '../domain/forms.ts';
import type { Seq } from '../domain/ids.ts';
import type { Actor, Draft, Message, Rewording } from '../domain/model.ts';
import { append, type Core, reread } from './core.ts';
import { type EntryRow, isDeleted } from './rows.ts';

type Body = Omit<Message, 'clientId'>;

/** An answer that fits. */
export interface Answer {
  draft: Draft;
  form: { seq: Seq; body: Body };
}

/**
 * The answer to a form that a draft is; null: it is none. In a customer's conversation the customer is asked, elsewhere any
 * member but whoever asks. Refused: invalid (no form, wrong fields), forbidden, conflict (answered already).
 */
export function answerIn(core: Core, actor: Actor, draft: Draft): Result<Answer | null> {
  if (draft.type !== FORM_RESPONSE) return ok(null);
  const { log } = core;
  const row = draft.replyTo ? log.row(draft.replyTo) : null;
  if (row && isDeleted(row)) return refused(notFound('message'));
  const body = row && (JSON.parse(row.body) as Body);
  const asked = body && formOf(body);
  if (!asked) return refused(invalid('What this answers is no form.', [NO_FORM]));
  const isAsker = row.author !== null && row.author === actor.user;
  if (actor.powers === 'app' || isAsker || (actor.powers === 'team' && log.facts.kind === 'support'))
    return refused(forbidden('Only who was asked can answer a form.'));
  if (isAnswered(body))
    return refused({ code: 'conflict', subject: 'message', message: 'This form was answered already.' });
  if (draft.attachments?.length) return refused(invalid('An answer to a form has no files.', [NO_FILES]));
  const read = readAnswer(asked, draft.payload?.fields);
  if (Array.isArray(read)) return refused(invalid('Some fields are wrong.', read));
  const { text, fields } = read;
  return ok({
    draft: { ...draft, text, markup: 'plain', payload: { fields } },
    form: { seq: row.seq, body },
  });
}

const NO_FORM = { path: 'replyTo', message: 'must be the seq of a form' };
const NO_FILES = { path: 'attachments', message: 'must not be in an answer to a form' };

/** The form was answered: in its own row, with an entry that tells everybody. Nobody has reworded it. */
export function markAnswered(core: Core, actor: Actor, { seq, body }: Answer['form']): EntryRow {
  core.log.rewrite(seq, { ...body, payload: { ...body.payload, submitted: true } });
  reread(core);
  return append(core, { kind: 'edit', author: actor.user, body: { target: seq } });
}

/**
 * The new words of a form keep it answered, and its fields where they come from a door that makes no forms. What was answered
 * is not reworded: refused.
 */
export function reworded(message: Body, { words, door }: Rewording): Result<Rewording['words']> {
  if (!words) return ok(undefined);
  if (message.type === FORM_RESPONSE) return refused(forbidden('What answers a form stays as it is.'));
  if (message.type !== FORM || message.door !== 'sunshine') return ok(words);
  const { payload = message.payload } = door === message.door ? words : message;
  return ok({ ...words, payload: { ...payload, submitted: isAnswered(message) } });
}
