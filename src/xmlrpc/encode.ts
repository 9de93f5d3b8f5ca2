// Values to XML-RPC documents, in the narrow form that every reader in the field parses (contracts/tapatalk.md 3.1).
//
// The rules that shape the code: one typed element in every value, no element closed in its start tag, no attributes,
// comments or CDATA, booleans 1 and 0, base64 padded on one line, dates with +00:00, no nil, nothing behind the root.
import { bytesToBase64, textToBase64 } from './base64.ts';
import type { FaultCode } from './fault.ts';
import { Base64, DateTime, int, type OutStruct, type OutValue, string, struct } from './value.ts';

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>';

/** The document that answers a call with a value. */
export function encodeResponse(value: OutValue): string {
  return `${DECLARATION}<methodResponse><params><param>${write(BARE, value)}</param></params></methodResponse>`;
}

/** The document that refuses a call. Legacy clients cast faultCode to int and faultString to string. */
export function encodeFault(code: FaultCode, text: string): string {
  const value = struct({ faultCode: int(code), faultString: string(text) });
  return `${DECLARATION}<methodResponse><fault>${write(BARE, value)}</fault></methodResponse>`;
}

/** A call, for tools and tests. */
export function encodeCall(method: string, params: readonly OutValue[]): string {
  let list = '';
  for (const param of params) list += `<param>${write(BARE, param)}</param>`;
  return `${DECLARATION}<methodCall><methodName>${escaped(method)}</methodName><params>${list}</params></methodCall>`;
}

/**
 * The markup around a value, for each type, put together once per member name: an answer repeats a dozen names fifty
 * times, and most of what is written is this markup.
 */
class Frame {
  readonly stringHead: string;
  readonly stringTail: string;
  readonly base64Head: string;
  readonly base64Tail: string;
  readonly intHead: string;
  readonly intTail: string;
  readonly dateHead: string;
  readonly dateTail: string;
  readonly arrayHead: string;
  readonly arrayTail: string;
  readonly structHead: string;
  readonly structTail: string;
  readonly yes: string;
  readonly no: string;

  constructor(before: string, after: string) {
    const head = `${before}<value>`;
    const tail = `</value>${after}`;
    this.stringHead = `${head}<string>`;
    this.stringTail = `</string>${tail}`;
    this.base64Head = `${head}<base64>`;
    this.base64Tail = `</base64>${tail}`;
    this.intHead = `${head}<int>`;
    this.intTail = `</int>${tail}`;
    this.dateHead = `${head}<dateTime.iso8601>`;
    this.dateTail = `+00:00</dateTime.iso8601>${tail}`;
    this.arrayHead = `${head}<array><data>`;
    this.arrayTail = `</data></array>${tail}`;
    this.structHead = `${head}<struct>`;
    this.structTail = `</struct>${tail}`;
    this.yes = `${head}<boolean>1</boolean>${tail}`;
    this.no = `${head}<boolean>0</boolean>${tail}`;
  }
}

const BARE = new Frame('', '');

const frames = new Map<string, Frame>();
// Dialects use about 150 names.
const FRAMES_MAX = 512;

/** The frame of a member; none for names made of ids (participants are keyed by user), which must not fill the memory. */
function memberFrame(name: string): Frame | undefined {
  const known = frames.get(name);
  if (known) return known;
  const first = name.charCodeAt(0);
  if (frames.size >= FRAMES_MAX || (first >= 0x30 && first <= 0x39)) return undefined;
  const frame = new Frame(`<member><name>${escaped(name)}</name>`, '</member>');
  frames.set(name, frame);
  return frame;
}

function write(frame: Frame, value: OutValue): string {
  switch (typeof value) {
    case 'string':
      return frame.stringHead + escaped(value) + frame.stringTail;
    case 'boolean':
      return value ? frame.yes : frame.no;
    case 'number':
      return frame.intHead + int(value) + frame.intTail;
    case 'object':
      if (value instanceof Base64) {
        const { content } = value;
        const text = typeof content === 'string' ? textToBase64(content) : bytesToBase64(content);
        return frame.base64Head + text + frame.base64Tail;
      }
      if (value instanceof DateTime) return frame.dateHead + dateText(value.epochMs) + frame.dateTail;
      if (Array.isArray(value)) return frame.arrayHead + items(value) + frame.arrayTail;
      if (value !== null) return frame.structHead + members(value as OutStruct) + frame.structTail;
  }
  throw new TypeError('a value that the XML-RPC profile cannot carry');
}

function items(values: readonly OutValue[]): string {
  let out = '';
  for (const value of values) out += write(BARE, value);
  return out;
}

function members(values: OutStruct): string {
  let out = '';
  // Not for…in: an object keyed by ids among others makes V8 throw its compiled loop away, again and again.
  for (const name of Object.keys(values)) {
    const value = values[name];
    if (value === undefined) continue;
    const frame = memberFrame(name);
    if (frame) out += write(frame, value);
    else out += `<member><name>${escaped(name)}</name>${write(BARE, value)}</member>`;
  }
  return out;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are the subject
const SPECIAL = /[&<>\0-\x08\x0b-\x1f\ufffe\uffff]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these characters are the subject
const SPECIALS = /\r\n?|[&<>\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;

/**
 * Text as it may stand in an element. Characters that XML 1.0 cannot carry are dropped, lone surrogates become U+FFFD,
 * line ends become LF (a reader would make them so). Quotes need no escape between tags, and one escape less is one
 * that clients which unescape twice cannot get wrong (3.1 rule 7).
 */
function escaped(text: string): string {
  // isWellFormed first: with surrogates in the pattern every emoji would take the slow way.
  const sound = text.isWellFormed() ? text : text.toWellFormed();
  return SPECIAL.test(sound) ? sound.replace(SPECIALS, escapeOf) : sound;
}

function escapeOf(special: string): string {
  switch (special) {
    case '&':
      return '&amp;';
    case '<':
      return '&lt;';
    case '>':
      return '&gt;';
    case '\r':
    case '\r\n':
      return '\n';
    default:
      return '';
  }
}

const DAY_SECONDS = 86_400;
const TWO_DIGITS = Array.from({ length: 60 }, (_, n) => String(n).padStart(2, '0'));
// Most dates in an answer fall on the same few days, so the last day's text is kept.
let lastDay = Number.NaN;
let lastDayText = '';

/** `20260102T03:04:05` of a time in ms, in UTC. */
function dateText(epochMs: number): string {
  const seconds = Math.floor(epochMs / 1000);
  const day = Math.floor(seconds / DAY_SECONDS);
  if (day !== lastDay) {
    lastDayText = `${new Date(day * DAY_SECONDS * 1000).toISOString().slice(0, 10).replaceAll('-', '')}T`;
    lastDay = day;
  }
  const time = seconds - day * DAY_SECONDS;
  const minutes = Math.floor(time / 60);
  return `${lastDayText + TWO_DIGITS[Math.floor(minutes / 60)]}:${TWO_DIGITS[minutes % 60]}:${TWO_DIGITS[time % 60]}`;
}
