// Calls as Python's xmlrpc.client, Perl's RPC::XML and PHP's xmlrpc extension wrote them, once: the documents stand in
// recorded/, one behind each line "=== name". Where the clients are, ../clients.test.ts lets them write all of them again.
import { type Case, calls } from './case.ts';
import { CALLS, meant } from './mobiquo.ts';
import perl from './recorded/perl.txt?raw';
import php from './recorded/php.txt?raw';
import python from './recorded/python.txt?raw';

const HEAD = /^=== (.*)\n/gm;

function recorded(client: string, text: string): Case[] {
  const heads = [...text.matchAll(HEAD)];
  return heads.map((head, at) => {
    const [whole, name = ''] = head;
    const document = text.slice(head.index + whole.length, heads[at + 1]?.index ?? text.length);
    const call = CALLS.find((known) => known.name === name);
    if (!call) throw new Error(`recorded by ${client}, and no call: ${name}`);
    return calls(`${client}: ${name}`, document, call.method, call.params.map(meant));
  });
}

export const RECORDED: readonly Case[] = [
  ...recorded('python3', python),
  ...recorded('perl RPC::XML', perl),
  ...recorded('php xmlrpc', php),
];
