// Text from one markup to another. What each markup means lives in its reader and writer.
import type { Markup } from '../domain/model.ts';
import { readBbcode } from './bbcode.ts';
import { writeBbcode } from './bbcode-write.ts';
import { readHtml } from './html.ts';
import { writeHtml } from './html-write.ts';
import { readMarkdown } from './markdown.ts';
import { writeMarkdown } from './markdown-write.ts';
import { readPlain, writePlain } from './plain.ts';
import { type Meter, type Node, text } from './tree.ts';

const READERS: Readonly<Record<Markup, (source: string, meter?: Meter) => Node[]>> = {
  plain: readPlain,
  bbcode: readBbcode,
  markdown: readMarkdown,
  html: readHtml,
};
const WRITERS: Readonly<Record<Markup, (nodes: readonly Node[]) => string>> = {
  plain: writePlain,
  bbcode: writeBbcode,
  markdown: writeMarkdown,
  html: writeHtml,
};

/** What may mean something in some markup: signs, control characters, white space other than single spaces between words. */
const ANY_MARKUP = /[[\]<>&*_~`#\\+=\p{Cc}\u200b-]|^\s|\s$|\s\s|^\d{1,9}[.)]/u;

/** The settled tree of a text. Never throws; `meter` counts the characters looked at. */
export function read(source: string, markup: Markup, meter: Meter = { steps: 0 }): Node[] {
  if (ANY_MARKUP.test(source)) return READERS[markup](source, meter);
  // Most messages are a few words on one line, the same in every markup.
  meter.steps += source.length;
  return source === '' ? [] : [text(source)];
}

/** A settled tree in a markup. */
export const write = (nodes: readonly Node[], markup: Markup): string => WRITERS[markup](nodes);

/** Rewrites `source`, written in `from`, in the markup `to`. Never throws: what cannot be read stays literal text. */
export function convert(source: string, from: Markup, to: Markup): string {
  if (from === to || !ANY_MARKUP.test(source)) return source;
  return write(read(source, from), to);
}
