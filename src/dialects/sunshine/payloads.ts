// The typed part of a message of this door, as an answer may show it. Other doors edit messages too, and give them
// payloads that are theirs: what clients could not decode is left out.
import * as v from 'valibot';
import type { Attachment, JsonObject, Message } from '../../domain/model.ts';
import { contentBody } from './content-body.ts';
import { shownMedia } from './media.ts';

/**
 * The payload with its files' addresses, as it was posted here; of an edited message what of it is a content of the
 * message's type. Null: it is none.
 */
export function fittingPayload(
  message: Message,
  addressOf: (attachment: Attachment) => string,
): JsonObject | null {
  const payload = shownMedia(message.payload ?? {}, message.attachments ?? [], addressOf);
  if (!message.editedAt) return payload;
  const { text, ...rest } = payload;
  // The words are rendered from the message itself: here only something must stand in their place.
  const parsed = v.safeParse(contentBody, { ...rest, text: 'words', type: message.type });
  if (!parsed.success) return null;
  const { type: _, text: __, ...fields } = withoutUnset(parsed.output) as JsonObject;
  return { ...fields, ...(typeof text === 'string' && { text }) };
}

/** The value without fields that are null or undefined: a client's way to leave them out. */
export function withoutUnset(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUnset);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, field]) =>
      field === null || field === undefined ? [] : [[key, withoutUnset(field)]],
    ),
  );
}
