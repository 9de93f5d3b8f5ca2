// What the XML-RPC codec promises about any document at all, whatever it holds. How documents are made up is in the files
// beside this one.
import { decodeCall, decodeResponse, type MethodCall } from '../../src/xmlrpc/decode.ts';
import { encodeCall, encodeResponse } from '../../src/xmlrpc/encode.ts';
import { XmlRpcFault } from '../../src/xmlrpc/fault.ts';
import {
  array,
  base64,
  bool,
  DateTime,
  Double,
  dateTime,
  type InValue,
  int,
  type OutValue,
  string,
  struct,
} from '../../src/xmlrpc/value.ts';
import { checkCanonical } from '../support/canonical.ts';
import { carried } from '../xmlrpc/arbitrary.ts';
import { startCounter } from '../xmlrpc/steps.ts';

export interface Doc {
  readonly bytes: Uint8Array;
  readonly charset: string | undefined;
}

/** The worst family of test/xmlrpc/linear.test.ts takes 17; a document of a few characters has its own cost besides. */
const STEPS_PER_CHARACTER = 20;
const STEPS_PER_DOCUMENT = 200;
/** Every so many documents, what is written is held against the canonical subset too. */
const CANONICAL_EVERY = 16;
/** A text of a fault that repeated what the caller sent would be a new one each time. */
const FAULT_TEXTS_MAX = 60;

const encoder = new TextEncoder();

/** Holds documents against the promises, and remembers what it saw of them. */
export class CodecPromises {
  read = 0;
  refused = 0;
  private readonly texts = new Set<string>();
  private readonly counter = startCounter();

  /** To be called when no document follows. */
  end(): void {
    this.counter.stop();
  }

  /** Throws where a promise is broken; gives the call, if it was one. */
  check(doc: Doc): MethodCall | undefined {
    const { bytes, charset } = doc;
    const before = this.counter.steps();
    const call = readOrFault(() => decodeCall(bytes, charset));
    const answer = call instanceof XmlRpcFault ? readOrFault(() => decodeResponse(bytes, charset)) : call;
    const steps = this.counter.steps() - before;
    if (steps > STEPS_PER_DOCUMENT + 2 * STEPS_PER_CHARACTER * bytes.length) {
      throw new Error(`slow: ${steps} steps for ${bytes.length} bytes`);
    }
    if (answer instanceof XmlRpcFault) {
      this.refused++;
      this.safe(call as XmlRpcFault);
      this.safe(answer);
      return undefined;
    }
    this.read++;
    if ('method' in answer) this.survives(answer.params, answer.method);
    else if (!answer.fault) this.survives([answer.value], 'm');
    return 'method' in answer ? answer : undefined;
  }

  /** A fault of decoding has one of its numbers, and never repeats what the caller sent. */
  private safe({ code, message }: XmlRpcFault): void {
    if (code !== -32700 && code !== -32600 && code !== -32602) throw new Error(`a foreign fault: ${code}`);
    this.texts.add(message.replace(/<\/?[a-zA-Z0-9.]+>|\d+/g, '…'));
    if (this.texts.size > FAULT_TEXTS_MAX) throw new Error(`too many fault texts: ${message}`);
  }

  /** What was read can be written, and is read again as the same. */
  private survives(values: readonly InValue[], method: string): void {
    const sent = values.map(carriable);
    const again = decodeCall(encoder.encode(encodeCall(method, sent.map(written)))).params;
    if (!same(again, sent)) throw new Error('what was read, written and read again is something else');
    if (this.read % CANONICAL_EVERY > 0 || sent[0] === undefined) return;
    const breaches = checkCanonical(encodeResponse(written(sent[0])), { ids: false });
    if (breaches.length > 0) throw new Error(`written past the canonical subset: ${breaches[0]}`);
  }
}

/** What `read` gives, or the fault that it throws. Anything else thrown is thrown on. */
function readOrFault<T>(read: () => T): T | XmlRpcFault {
  try {
    return read();
  } catch (error) {
    if (error instanceof XmlRpcFault) return error;
    throw error;
  }
}

/**
 * The nearest value that may be written: the encoder has no nil, double and i8 on purpose (contracts/tapatalk.md 3.1 rules
 * 4 and 6), a date has whole seconds, and XML carries no CR and no character of its own forbidden ones.
 */
export function carriable(value: InValue): InValue {
  if (value === null) return ['nil'];
  if (typeof value === 'bigint') return ['i8', String(value)];
  if (typeof value === 'string') return carried(value);
  if (value instanceof Double) return ['double', String(value.value)];
  if (value instanceof DateTime) return new DateTime(Math.floor(value.epochMs / 1000) * 1000, true);
  if (value instanceof Map) {
    return new Map([...value].map(([name, member]) => [carried(name), carriable(member)]));
  }
  return Array.isArray(value) ? value.map(carriable) : value;
}

/** A {@link carriable} value, for the encoder. */
function written(value: InValue): OutValue {
  if (typeof value === 'string') return string(value);
  if (typeof value === 'number') return int(value);
  if (typeof value === 'boolean') return bool(value);
  if (value instanceof DateTime) return dateTime(value.epochMs);
  if (value instanceof Uint8Array) return base64(value);
  if (value instanceof Map) {
    return struct(Object.fromEntries([...value].map(([name, member]) => [name, written(member)])));
  }
  return array((value as readonly InValue[]).map(written));
}

/** Whether two values are alike, types and all. Members may stand in another order. */
export function same(a: InValue, b: InValue): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (a.constructor !== b.constructor) return false;
  if (a instanceof Double) return Object.is(a.value, (b as Double).value);
  if (a instanceof DateTime)
    return a.epochMs === (b as DateTime).epochMs && a.zoned === (b as DateTime).zoned;
  if (a instanceof Map) {
    const other = b as ReadonlyMap<string, InValue>;
    if (a.size !== other.size) return false;
    return [...a].every(([name, member]) => {
      const value = other.get(name);
      return value !== undefined && same(member, value);
    });
  }
  const [left, right] = [a, b] as readonly (readonly InValue[] | Uint8Array)[] as [InValue[], InValue[]];
  return left.length === right.length && left.every((item, at) => same(item, right[at] as InValue));
}
