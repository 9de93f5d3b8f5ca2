// The XML-RPC codec next to fast-xml-parser and xmlrpc (npm), in one run: DESIGN.md 10 asks for ten times either.
// `node bench/codec.ts` prints the rows; nothing here is a test.
import { createRequire } from 'node:module';
import { XMLBuilder, XMLParser } from 'fast-xml-parser';
import { decodeCall, decodeResponse } from '../src/xmlrpc/decode.ts';
import { encodeCall, encodeResponse } from '../src/xmlrpc/encode.ts';
import {
  array,
  Base64,
  base64,
  bool,
  DateTime,
  dateTime,
  int,
  type OutStruct,
  type OutValue,
  string,
  struct,
} from '../src/xmlrpc/value.ts';

const BUDGET = 10;
const ROUNDS = 15;
const ROUND_MS = 40; // per contestant and round: rounds are interleaved, so a busy moment hits all of them

/** One contestant's figure beside ours. */
export interface Row {
  readonly what: string;
  readonly against: string;
  /** Medians over the rounds, in microseconds of processor time per document. */
  readonly oursUs: number;
  readonly theirsUs: number;
  readonly ratio: number;
  readonly budget: number;
}

// The packages keep these two modules for themselves, and type nothing: their servers do just these calls.
const require = createRequire(import.meta.url);
const { serializeMethodResponse } = require('xmlrpc/lib/serializer.js') as {
  serializeMethodResponse(value: unknown): string;
};
const Deserializer = require('xmlrpc/lib/deserializer.js') as new () => {
  callback: (error: unknown, params?: readonly unknown[]) => void;
  parser: { end(text: string): void };
};

/** get_conversation with 50 messages of a dozen people, typed as contracts/tapatalk.md 1.9 lists it: about 61 KB. */
export function conversationAnswer(): OutStruct {
  const people = Array.from({ length: 12 }, (_, i) => 1_000 + i * 37);
  const at = Date.UTC(2026, 0, 2, 3, 4, 5);
  const participants: Record<string, OutValue> = {};
  for (const id of people) {
    participants[id] = struct({
      user_id: string(String(id)),
      username: base64(`Participant ${id}`),
      icon_url: string(`https://forum.example/mobiquo/avatar.php?user_id=${id}`),
      user_type: base64('normal'),
      is_online: bool(id % 2 === 0),
    });
  }
  const list = Array.from({ length: 50 }, (_, i) => {
    const author = people[i % people.length] as number;
    return struct({
      msg_id: string(String(14_680_064 + i)),
      msg_content: base64(`${i % 5 === 0 ? '😀 ' : ''}${SENTENCE.repeat(1 + (i % 4))}`),
      msg_author_id: string(String(author)),
      is_unread: bool(i > 45),
      new_post: bool(i > 45),
      is_online: bool(author % 2 === 0),
      has_left: bool(false),
      post_time: dateTime(at + i * 61_000),
      timestamp: string(String(Math.floor(at / 1000) + i * 61)),
      attachments: array([]),
    });
  });
  return struct({
    result: bool(true),
    conv_id: string('7'),
    conv_title: base64('Weekend plans'),
    conv_subject: base64('Weekend plans'),
    participant_count: int(people.length),
    total_message_num: int(50),
    can_invite: bool(true),
    can_edit: bool(false),
    can_close: bool(false),
    is_closed: bool(false),
    can_upload: bool(true),
    delete_mode: int(3),
    participants: struct(participants),
    list: array(list),
  });
}

const SENTENCE =
  'The quick brown fox met [b]the lazy dog[/b] at the river, and they agreed to share the boat. ';

/** Two calls of 2 KB: one long text, and one with many small parameters. */
function calls(): { readonly name: string; readonly xml: string }[] {
  const long = encodeCall('new_conversation', [
    array(['alice', 'bob', 'carol'].map((name) => base64(name))),
    base64('Weekend plans'),
    base64(SENTENCE.repeat(10).slice(0, 920)),
    array([string('101'), string('102')]),
    string('g7'),
  ]);
  const many = encodeCall('new_conversation', [
    array(Array.from({ length: 26 }, (_, i) => base64(`member number ${i}`))),
    base64('Weekend plans'),
    base64(SENTENCE.repeat(3)),
    array([string('101'), string('102')]),
    string('g7'),
  ]);
  return [
    { name: 'reading a 2 KB call, long text', xml: long },
    { name: 'reading a 2 KB call, many parameters', xml: many },
  ];
}

/** Runs every comparison. Each contestant gets its input ready-made, so that only its own work is timed. */
export async function benchCodec(): Promise<Row[]> {
  return [...writing(), ...calls().flatMap(({ name, xml }) => reading(name, xml))];
}

function writing(): Row[] {
  const answer = conversationAnswer();
  const builder = new XMLBuilder({ ignoreAttributes: false, suppressEmptyNode: false, format: false });
  const tree = { methodResponse: { params: { param: { value: treeOf(answer) } } } };
  const native = nativeOf(answer);
  agree(encodeResponse(answer), serializeMethodResponse(native));
  agree(encodeResponse(answer), builder.build(tree));
  const what = `writing an answer with 50 messages (${Math.round(encodeResponse(answer).length / 1000)} KB)`;
  return compare(what, () => flat(encodeResponse(answer)), {
    'fast-xml-parser': () => flat(builder.build(tree)),
    xmlrpc: () => flat(serializeMethodResponse(native)),
  });
}

function reading(what: string, xml: string): Row[] {
  const bytes = new TextEncoder().encode(xml);
  const utf8 = new TextDecoder();
  const parser = new XMLParser({ ignoreAttributes: true, parseTagValue: false, trimValues: false });
  return compare(`${what} (${xml.length} B)`, () => decodeCall(bytes).params.length, {
    // Only the tree: types, arrays and base64 would still have to be made of it.
    'fast-xml-parser': () => Object.keys(parser.parse(utf8.decode(bytes))).length,
    // Its parser is fed directly: through a stream, as its server does it, it is slower.
    xmlrpc: () => {
      let count = 0;
      const reader = new Deserializer();
      reader.callback = (error, params) => {
        if (error) throw error;
        count = params?.length ?? 0;
      };
      reader.parser.end(utf8.decode(bytes));
      return count;
    },
  });
}

function compare(what: string, ours: () => number, others: Record<string, () => number>): Row[] {
  const contestants = [ours, ...Object.values(others)];
  for (const run of contestants) timed(run, ROUND_MS * 5);
  const samples: number[][] = contestants.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [i, run] of contestants.entries()) samples[i]?.push(timed(run, ROUND_MS));
  }
  const [oursUs = 0, ...theirs] = samples.map(median);
  return Object.keys(others).map((against, i) => {
    const theirsUs = theirs[i] ?? 0;
    return { what, against, oursUs, theirsUs, ratio: theirsUs / oursUs, budget: BUDGET };
  });
}

let sink = 0; // results end here, so that no engine may skip the work

/**
 * Microseconds of processor time per run, over about `ms` milliseconds, the garbage collector's threads included. Not wall
 * time: what else the machine does would be in it, and that hits the quick contestant's short runs hardest.
 */
function timed(run: () => number, ms: number): number {
  const end = performance.now() + ms;
  const before = process.cpuUsage();
  let runs = 0;
  do {
    sink += run();
    runs++;
  } while (performance.now() < end);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / runs;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? 0;
}

/** V8 builds a text as a tree of pieces; this makes it one piece, as sending it would. */
function flat(text: string): number {
  return text.charCodeAt(text.length >> 1) + text.length;
}

/** The tree that fast-xml-parser writes the same document from, base64 already done. */
function treeOf(value: OutValue): unknown {
  if (typeof value === 'string') return { string: value };
  if (typeof value === 'number') return { int: value };
  if (typeof value === 'boolean') return { boolean: value ? 1 : 0 };
  if (value instanceof Base64) return { base64: bufferOf(value).toString('base64') };
  if (value instanceof DateTime) return { 'dateTime.iso8601': stamp(value) };
  if (Array.isArray(value)) return { array: { data: value.length ? { value: value.map(treeOf) } : '' } };
  const members = Object.entries(value).map(([name, member]) => ({
    name,
    value: treeOf(member as OutValue),
  }));
  return { struct: { member: members } };
}

/** The values that xmlrpc writes the same document from, base64 still to be done but already bytes. */
function nativeOf(value: OutValue): unknown {
  if (value instanceof Base64) return bufferOf(value);
  if (value instanceof DateTime) return new Date(value.epochMs);
  if (Array.isArray(value)) return value.map(nativeOf);
  if (typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, nativeOf(member as OutValue)]),
  );
}

function bufferOf(value: Base64): Buffer {
  return Buffer.from(value.content as string);
}

function stamp(value: DateTime): string {
  return `${new Date(value.epochMs).toISOString().slice(0, 19).replaceAll('-', '')}+00:00`;
}

/** Both documents must carry the same message texts, or the comparison would be of different work. */
function agree(ours: string, theirs: string): void {
  const content = (xml: string) => {
    const answer = decodeResponse(new TextEncoder().encode(xml));
    const list = !answer.fault && answer.value instanceof Map ? answer.value.get('list') : undefined;
    return Array.isArray(list)
      ? list.map((message) => (message as Map<string, Uint8Array>).get('msg_content'))
      : [];
  };
  const [a, b] = [content(ours), content(theirs)];
  if (a.length !== 50 || JSON.stringify(a) !== JSON.stringify(b)) throw new Error('the writers disagree');
}

if (import.meta.main) {
  process.noDeprecation = true; // xmlrpc still calls new Buffer()
  const rows = await benchCodec();
  for (const { what, against, oursUs, theirsUs, ratio, budget } of rows) {
    const verdict = ratio >= budget ? 'ok' : `BELOW ${budget}`;
    console.log(
      `${what.padEnd(52)} ours ${oursUs.toFixed(1).padStart(7)} us   ${against.padEnd(16)} ${theirsUs.toFixed(1).padStart(8)} us   ${ratio.toFixed(1).padStart(5)}x  ${verdict}`,
    );
  }
  if (sink === 0) throw new Error('nothing was measured');
}
