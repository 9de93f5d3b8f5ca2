// A message as a client hands it in, on a socket or in a call: whether it says anything, and what the hub makes of it.
import type * as v from 'valibot';
import type { FieldProblem } from '../domain/errors.ts';
import type { Draft } from '../domain/model.ts';
import type { Attaching } from '../hub/attaching.ts';
import type { SAID } from './fields.ts';

export type Said = v.InferOutput<v.ObjectSchema<typeof SAID, undefined>>;

export const NOTHING_SAID: FieldProblem = {
  path: 'text',
  message: 'must not be empty in a message without payload, files and attachments',
};

export const saysNothing = ({ text, payload, files, attachments }: Said): boolean =>
  text === '' && !payload && !files?.length && !attachments?.length;

export const draftOf = (said: Said): Draft => ({
  door: 'realtime',
  text: said.text,
  markup: said.markup,
  type: said.type,
  title: said.title,
  payload: said.payload,
  attachments: said.attachments?.map((attachment) => ({ file: null, ...attachment })),
  replyTo: said.replyTo,
  metadata: said.metadata,
  clientId: said.clientId,
});

/** The uploads that the message is to have. */
export const attachingOf = ({ files }: Said): Attaching | undefined =>
  files?.length ? { files } : undefined;
