// The codec beside the clients whose documents it reads: every call of the forum door, with every number of parameters, as
// each client that is here writes it.
import { describe, expect, test } from 'vitest';
import { decodeCall } from '../../src/xmlrpc/decode.ts';
import { requireClient } from '../support/clients.ts';
import { documentsOf, WRITERS } from './clients.ts';
import { bytesOf } from './corpus/case.ts';
import { CALLS, meant } from './corpus/mobiquo.ts';

describe.each(WRITERS)('%s', (writer) => {
  test.runIf(requireClient(writer))(
    'writes every call of the forum door so that it is read as it was meant',
    () => {
      const documents = documentsOf(writer, CALLS);
      expect(documents).toHaveLength(CALLS.length);
      CALLS.forEach(({ name, method, params }, at) => {
        const call = decodeCall(bytesOf(documents[at] as string));
        expect(call, name).toStrictEqual({ method, params: params.map(meant) });
      });
    },
  );
});
