// XML-RPC documents to values. The tokenizer is scan.ts, scalars are read in scalars.ts, encodings in charset.ts.
//
// Why our own: this codec is the request path of the forum door, and the one published package that would fit,
// xmlrpc-parser 1.0.3, was read and tested (contracts/tapatalk.md 5.5) and is not fit for it. It answers false to
// <boolean>1</boolean>, hands ints, i8 and nil over as text or "", drops CDATA, corrupts emoji and binary base64, lets a
// member named __proto__ set a prototype, accepts a DOCTYPE, and one tag with 40,000 attributes costs it seconds. Types
// and bytes are gone by the time it answers, so nothing wrapped around it could bring them back. It stays what it can
// be: the oracle of a differential test, on the subset that it reads right.
//
// Everything here is linear in the document; recursion is bounded by Limits.depth; XmlRpcFault is all that is thrown.
import { bytesOf } from './base64.ts';
import { characterData } from './chars.ts';
import { textOf } from './charset.ts';
import { badParam, notACall, unparsable } from './fault.ts';
import { booleanOf, dateTimeOf, doubleOf, i8Of, intOf, nilOf, trimmed } from './scalars.ts';
import { CLOSE, EMPTY, END, type Limits, OPEN, Scanner, type TagKind } from './scan.ts';
import type { InStruct, InValue } from './value.ts';

/** A call as it came in: what the parameters mean is read by read.ts. */
export interface MethodCall {
  readonly method: string;
  readonly params: readonly InValue[];
}

/** An answer, as tools and tests read it. */
export type MethodResponse =
  | { readonly fault?: undefined; readonly value: InValue }
  | { readonly fault: { readonly code: number; readonly text: string } };

/** Limits for what strangers send (contracts/tapatalk.md 5.3). */
export const CALL_LIMITS: Limits = { bytes: 262_144, tokens: 20_000, depth: 32 };
/** Limits for answers: a page of 50 conversations with many members is larger than any call. */
export const RESPONSE_LIMITS: Limits = { bytes: 16_777_216, tokens: 2_000_000, depth: 32 };

const SLASH = 0x2f;
const BANG = 0x21;
const QUESTION = 0x3f;
const METHOD_NAME = /^[A-Za-z0-9_.:/]{1,128}$/; // the specification's alphabet; a name may be logged as it is

/**
 * Reads a methodCall. `contentTypeCharset` is the charset parameter of the Content-Type, if it had one. Throws
 * XmlRpcFault: -32700 for what is not well-formed, -32600 for what is not a methodCall or past a limit, -32602 for
 * a value that its type cannot hold (contracts/tapatalk.md 3, 5.2, 5.3).
 */
export function decodeCall(
  bytes: Uint8Array,
  contentTypeCharset?: string | null,
  limits: Limits = CALL_LIMITS,
): MethodCall {
  return readCall(open(bytes, contentTypeCharset, limits));
}

/** Reads a methodResponse; faults are returned, not thrown. Throws XmlRpcFault as {@link decodeCall} does. */
export function decodeResponse(
  bytes: Uint8Array,
  contentTypeCharset?: string | null,
  limits: Limits = RESPONSE_LIMITS,
): MethodResponse {
  return readResponse(open(bytes, contentTypeCharset, limits));
}

function open(bytes: Uint8Array, charset: string | null | undefined, limits: Limits): Scanner {
  if (bytes.length > limits.bytes) throw notACall('the document is too long');
  return new Scanner(textOf(bytes, charset), limits);
}

/** {@link decodeCall} on a scanner that the caller made. */
export function readCall(scan: Scanner): MethodCall {
  root(scan, 'methodCall');
  if (scan.tag() !== OPEN || !scan.is('methodName')) throw scan.misplaced('<methodName>', 'methodCall');
  const method = scan.content('methodName').trim();
  if (!METHOD_NAME.test(method)) throw notACall('the method name is empty, too long or has odd characters');
  let kind = scan.tag();
  let list: InValue[] = [];
  if (scan.is('params') && (kind === OPEN || kind === EMPTY)) {
    if (kind === OPEN) list = params(scan);
    kind = scan.tag();
  }
  if (kind !== CLOSE || !scan.is('methodCall')) throw scan.misplaced('</methodCall>', 'methodCall');
  end(scan);
  return { method, params: list };
}

/** {@link decodeResponse} on a scanner that the caller made. */
export function readResponse(scan: Scanner): MethodResponse {
  root(scan, 'methodResponse');
  let answer: MethodResponse;
  if (scan.tag() !== OPEN) throw scan.misplaced('<params> or <fault>', 'methodResponse');
  if (scan.is('params')) {
    const list = params(scan);
    if (list.length !== 1) throw notACall('an answer has one parameter');
    answer = { value: list[0] as InValue };
  } else if (scan.is('fault')) {
    answer = { fault: fault(onlyValue(scan, 'fault')) };
  } else {
    throw scan.misplaced('<params> or <fault>', 'methodResponse');
  }
  scan.close('methodResponse');
  end(scan);
  return answer;
}

function root(scan: Scanner, name: string): void {
  const kind = scan.tag();
  if (kind !== OPEN || !scan.is(name)) throw scan.misplaced(`<${name}>`, '');
  scan.inRoot = true;
}

function end(scan: Scanner): void {
  scan.inRoot = false;
  if (scan.tag() !== END) throw unparsable('something follows the root element');
}

function fault(value: InValue): { code: number; text: string } {
  const code = value instanceof Map ? value.get('faultCode') : undefined;
  const text = value instanceof Map ? value.get('faultString') : undefined;
  if (typeof code !== 'number' || typeof text !== 'string') throw badParam('a fault has a code and a text');
  return { code, text };
}

/** `<param>`s up to `</params>`. */
function params(scan: Scanner): InValue[] {
  const list: InValue[] = [];
  for (;;) {
    const kind = scan.tag();
    if (kind === CLOSE && scan.is('params')) return list;
    if (kind !== OPEN || !scan.is('param')) throw scan.misplaced('<param> or </params>', 'params');
    list.push(onlyValue(scan, 'param'));
  }
}

/** One value, then the end tag of the element around it. */
function onlyValue(scan: Scanner, parent: string): InValue {
  const value = nextValue(scan, parent, 1);
  scan.close(parent);
  return value;
}

function nextValue(scan: Scanner, parent: string, depth: number): InValue {
  const kind = valueTag(scan, parent);
  if (kind === CLOSE) throw scan.misplaced('<value>', parent);
  return valueFrom(scan, kind, depth);
}

/** The value whose start tag was just read. */
function valueFrom(scan: Scanner, kind: TagKind, depth: number): InValue {
  if (depth > scan.limits.depth) throw notACall('values are nested too deeply');
  return kind === EMPTY ? '' : valueContent(scan, depth);
}

/** Reads a start tag of a value, or else the end tag of the element that holds values. */
function valueTag(scan: Scanner, parent: string): TagKind {
  if (scan.eat('<value>')) return OPEN;
  const kind = scan.tag();
  const fits = kind === CLOSE ? scan.is(parent) : kind !== END && scan.is('value');
  if (!fits) throw scan.misplaced('<value>', parent);
  return kind;
}

/** What stands between `<value>` and `</value>`: one typed element, or bare text, which is a string. */
function valueContent(scan: Scanner, depth: number): InValue {
  const { text, pos } = scan;
  let lt = text.indexOf('<', pos);
  const next = text.charCodeAt(lt + 1);
  const typedAtOnce = lt === pos && next !== SLASH && next !== BANG && next !== QUESTION;
  if (!typedAtOnce) {
    const run = scan.run();
    lt = scan.pos;
    if (text.charCodeAt(lt + 1) === SLASH) {
      scan.close('value');
      return run.text;
    }
    if (run.bare) throw notACall('text next to a typed element');
  }
  const kind = scan.tagAt(lt);
  const value = typed(scan, scan.name, kind === EMPTY, depth);
  scan.close('value');
  return value;
}

/** The typed element whose start tag was just read. `empty`: it was `<name/>`. */
function typed(scan: Scanner, name: string, empty: boolean, depth: number): InValue {
  switch (name) {
    case 'string':
      return empty ? '' : scan.content(name);
    case 'array':
      if (empty) throw notACall('<data> is missing');
      return array(scan, depth);
    case 'struct':
      return empty ? new Map() : struct(scan, depth);
    default:
      return scalar(scan, name, empty);
  }
}

function scalar(scan: Scanner, name: string, empty: boolean): InValue {
  const read = SCALARS.get(name);
  // Apache's further extensions (serialized Java objects among them) end here like any other unknown type.
  if (!read) throw badTypeName(scan);
  const raw = empty ? '' : scan.rawContent(name);
  const value = raw === undefined ? undefined : read(raw);
  if (value !== undefined) return value;
  // What a reader does not know may be an escape, a comment or white space; what is still odd then is wrong.
  const text = trimmed(raw === undefined ? scan.mixedContent(name) : characterData(raw));
  const again = read(text);
  if (again !== undefined) return again;
  throw badParam(`<${name}> does not hold what its type says, before character ${scan.pos}`);
}

/** Readers of a scalar's text; undefined for what the type cannot hold. */
const SCALARS: ReadonlyMap<string, (text: string) => InValue | undefined> = new Map<
  string,
  (text: string) => InValue | undefined
>([
  ['base64', bytesOf],
  ['int', intOf],
  ['i4', intOf],
  ['boolean', booleanOf],
  ['dateTime.iso8601', dateTimeOf],
  ['double', doubleOf],
  ['i8', i8Of],
  ['ex:i8', i8Of],
  ['nil', nilOf],
  ['ex:nil', nilOf],
]);

function badTypeName(scan: Scanner): Error {
  const error = scan.misplaced('a known type', 'value');
  return error.code === -32700 ? error : badParam('a type that is not known');
}

function array(scan: Scanner, depth: number): InValue[] {
  const list: InValue[] = [];
  const data = scan.tag();
  if (!scan.is('data') || (data !== OPEN && data !== EMPTY)) throw scan.misplaced('<data>', 'array');
  for (let more = data === OPEN; more; ) {
    const kind = valueTag(scan, 'data');
    if (kind === CLOSE) more = false;
    else list.push(valueFrom(scan, kind, depth + 1));
  }
  scan.close('array');
  return list;
}

/** Members up to `</struct>`. Of two members with one name the last wins, as in the Python and PHP readers. */
function struct(scan: Scanner, depth: number): InStruct {
  const members = new Map<string, InValue>();
  for (;;) {
    const kind = scan.tag();
    if (kind === CLOSE && scan.is('struct')) return members;
    if (kind !== OPEN || !scan.is('member')) throw scan.misplaced('<member> or </struct>', 'struct');
    const named = scan.tag();
    if (!scan.is('name') || (named !== OPEN && named !== EMPTY)) throw scan.misplaced('<name>', 'member');
    const name = named === EMPTY ? '' : scan.content('name');
    members.set(name, nextValue(scan, 'member', depth + 1));
    scan.close('member');
  }
}
