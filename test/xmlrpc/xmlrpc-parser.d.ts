// The one class of xmlrpc-parser that the differential test uses: the package brings no types.
declare module 'xmlrpc-parser' {
  export class XmlRpcResponse {
    parse(xml: string): Promise<{
      readonly method: string | false;
      readonly is_response: boolean;
      readonly is_fault: boolean;
      readonly params: readonly unknown[];
    }>;
  }
}
