// What a post says, in short: whether a client id stands for the same message again.
import { createHash } from 'node:crypto';
import type { UserNumber } from '../domain/ids.ts';
import type { Draft } from '../domain/model.ts';

/** What makes two posts the same: who, and everything that they say. */
export function fingerprint(user: UserNumber | null, draft: Draft): string {
  const { text, markup, type, payload, title, attachments, replyTo, metadata, extras, override } = draft;
  const said = JSON.stringify([
    user,
    text,
    markup,
    type,
    payload ?? null,
    title ?? null,
    attachments ?? [],
    replyTo ?? null,
    metadata ?? null,
    extras ?? null,
    // Only where there is one: prints of before stay what they are.
    ...(override ? [override] : []),
  ]);
  return createHash('sha256').update(said).digest('base64url').slice(0, 22);
}
