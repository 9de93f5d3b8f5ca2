// The text forms that a forum client expects (contracts/tapatalk.md 4.4): message body, subject, excerpt and quote.
import type { Markup } from '../domain/model.ts';

const TAG = /\[\/?[a-z*]{1,12}(?:=[^[\]]{0,200})?\]/gi;
const KEPT = /^\[\/?(?:url|img|quote)\b/i;

/** The body of a message for a forum client: only [url], [img] and [quote] stay, no HTML, trimmed at both ends. */
export function toForumText(text: string, _from: Markup): string {
  return text.replace(TAG, (tag) => (KEPT.test(tag) ? tag : '')).trim();
}

/** The same with the few HTML tags that `return_html` allows; everything else is escaped. */
export function toForumHtml(text: string, from: Markup): string {
  const escaped = toForumText(text, from).replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  return escaped.replace(/\n/g, '<br>');
}

/** One line without any markup, for subjects and titles. */
export function stripToLine(text: string, _from: Markup): string {
  return text.replace(TAG, '').replace(/\s+/g, ' ').trim();
}

/** An excerpt: quotes left out, white space collapsed, at most `limit` code points, the last of them an ellipsis when cut. */
export function shortContent(text: string, from: Markup, limit = 200): string {
  const points = Array.from(stripToLine(text, from));
  return points.length <= limit ? points.join('') : `${points.slice(0, limit - 1).join('')}…`;
}

/** What a reply starts with: the message as a quotation of its author, quotations inside it left out. */
export function quoteForReply(author: string, text: string, from: Markup): string {
  return `[quote="${author.replace(/["[\]]/g, "'")}"]${toForumText(text, from)}[/quote]\n\n`;
}
