// The error that leaves the XML-RPC codec, and its numbers. What a handler makes of it (a fault document, a
// `result=false` struct) lives in the dialect.

/**
 * Fault numbers of contracts/tapatalk.md 3 "Errors", which are those of the fault code interoperability draft:
 * -32700 not parsable (also: encoding, DOCTYPE, illegal characters), -32600 parsable but not a methodCall (grammar and
 * limits), -32601 unknown method, -32602 wrong number or type of parameters, -32500 the server failed.
 */
export type FaultCode = -32700 | -32600 | -32601 | -32602 | -32500;

/** The only error that decoding throws. Its message is safe to show: it never repeats what the caller sent. */
export class XmlRpcFault extends Error {
  override readonly name: string = 'XmlRpcFault';
  readonly code: FaultCode;

  constructor(code: FaultCode, message: string) {
    super(message);
    this.code = code;
  }
}

/** A document that is not well-formed XML, or not in an encoding that we read. */
export function unparsable(message: string): XmlRpcFault {
  return new XmlRpcFault(-32700, message);
}

/** Well-formed XML that does not follow the grammar of XML-RPC, or that goes past a limit. */
export function notACall(message: string): XmlRpcFault {
  return new XmlRpcFault(-32600, message);
}

/** A value whose text does not fit its type, or a parameter of the wrong type. */
export function badParam(message: string): XmlRpcFault {
  return new XmlRpcFault(-32602, message);
}
