// Writes vectors.json anew: `node test/webhooks/make-vectors.ts`. Signs with node:crypto alone, so that what the hub signs
// with and what verifies are both compared with a third.
import { createHmac, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

const NOW = 1_790_000_000;
const SECRET = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;
const OTHER = `whsec_${Buffer.from('fedcba9876543210fedcba9876543210').toString('base64')}`;
const SHORT = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;
const LONG = `whsec_${Buffer.alloc(64, 9).toString('base64')}`;
const SEED = Buffer.alloc(32, 42);
const PRIVATE = createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), SEED]),
  format: 'der',
  type: 'pkcs8',
});
const PUBLIC = `whpk_${createPublicKey(PRIVATE).export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64')}`;
const ID = 'evt_7_k3_12';
const BODY = '{"type":"message.created","timestamp":"2026-09-21T14:13:20.000Z","data":{}}';

const v1 = (body: string | Buffer = BODY, secret = SECRET, id = ID, at: number | string = NOW): string => {
  const key = Buffer.from(secret.slice(6), 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${at}.`).update(body).digest('base64')}`;
};
const v1a = (body: string = BODY, id = ID, at = NOW): string =>
  `v1a,${sign(null, Buffer.from(`${id}.${at}.${body}`), PRIVATE).toString('base64')}`;

interface Vector {
  name: string;
  secrets: string[];
  headers: Record<string, string>;
  /** Base 64 of the bytes. */
  body: string;
  now: number;
  expect: string;
  /** What the standardwebhooks package says where that is another thing: it knows no v1a, and reads less strictly. */
  package?: string;
}
const vectors: Vector[] = [];

function add(
  name: string,
  expected: string,
  {
    body = BODY,
    signature = v1(body),
    id = ID as string | null,
    at = NOW as number | string | null,
    secrets = [SECRET],
    headers,
    now = NOW,
    ...rest
  }: {
    body?: string | Buffer;
    signature?: string | null;
    id?: string | null;
    at?: number | string | null;
    secrets?: string[];
    headers?: Record<string, string>;
    now?: number;
    package?: string;
  } = {},
): void {
  const named = {
    ...(id !== null && { 'webhook-id': id }),
    ...(at !== null && { 'webhook-timestamp': String(at) }),
    ...(signature !== null && { 'webhook-signature': signature }),
  };
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  vectors.push({
    name,
    secrets,
    headers: headers ?? named,
    body: bytes.toString('base64'),
    now,
    expect: expected,
    ...rest,
  });
}

const past = (s: number) => ({ at: NOW - s, signature: v1(BODY, SECRET, ID, NOW - s) });
const upper = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]));

add('valid', 'ok');
add('empty body', 'ok', { body: '', signature: v1('') });
add('a body of blanks', 'ok', { body: ' \n', signature: v1(' \n'), package: 'ok' });
add('letters beyond ASCII', 'ok', { body: '{"text":"Grüße 👋 \u2028"}' });
add('a long body', 'ok', { body: `{"text":"${'x'.repeat(20_000)}"}` });
add('a body that is no JSON', 'ok', { body: 'text=hello', signature: v1('text=hello') });
add('bytes that are no UTF-8', 'ok', {
  body: Buffer.from([0x22, 0xff, 0xfe, 0x22]),
  package: 'no_match',
});
add('signed as text, sent as bytes that are no UTF-8', 'no_match', {
  body: Buffer.from([0x22, 0xff, 0x22]),
  signature: v1('"\ufffd"'),
  package: 'ok',
});
add('a byte order mark', 'ok', { body: Buffer.from('\ufeff{}') });
add('a byte order mark that was not signed', 'no_match', {
  body: Buffer.from('\ufeff{}'),
  signature: v1('{}'),
});
add('names of headers in capitals', 'ok', {
  headers: upper({ 'webhook-id': ID, 'webhook-timestamp': String(NOW), 'webhook-signature': v1() }),
});
add('exactly 300 s old', 'ok', past(300));
add('301 s old', 'too_old', past(301));
add('exactly 300 s ahead', 'ok', past(-300));
add('301 s ahead', 'too_new', past(-301));
add('a year old', 'too_old', past(31_536_000));
add('old, and signed with another time', 'too_old', { at: NOW - 301 });
add('another time within the tolerance', 'no_match', { at: NOW - 1 });
add('another id', 'no_match', { id: 'evt_7_k3_13' });
add('id and time change places', 'no_match', {
  id: String(NOW),
  signature: v1(BODY, SECRET, String(NOW), ID),
});
add('a dot moved from the id to the body', 'bad_header', {
  id: 'evt.7',
  signature: v1(BODY, SECRET, 'evt.7'),
  package: 'ok',
});
add('no id', 'missing_header', { id: null });
add('no time', 'missing_header', { at: null });
add('no signature', 'missing_header', { signature: null });
add('an empty id', 'missing_header', { id: '' });
add('an empty time', 'missing_header', { at: '' });
add('an empty signature', 'missing_header', { signature: '' });
add('a time in letters', 'bad_header', { at: 'yesterday' });
add('a time with more behind it', 'bad_header', { at: `${NOW}abc`, package: 'ok' });
add('a time with a sign', 'bad_header', { at: `+${NOW}`, package: 'ok' });
add('a time in ms', 'bad_header', { at: `${NOW}000`, package: 'too_new' });
add('a time with a fraction', 'bad_header', { at: `${NOW}.5`, package: 'ok' });
add('a negative time', 'bad_header', { at: -1, package: 'too_old' });
add('a line break in the id', 'bad_header', { id: `${ID}\r\nx: y`, package: 'no_match' });
add('a line break in the time', 'bad_header', { at: `${NOW}\r\n`, package: 'ok' });
add('a line break in the signature', 'no_match', { signature: `${v1()}\r\nx: y` });
add('a truncated signature', 'no_match', { signature: v1().slice(0, -8) });
add('a signature without its padding', 'no_match', { signature: v1().replace(/=+$/, '') });
add('one bit of the signature', 'no_match', {
  signature: v1().replace(/,(.)/, (_, first: string) => `,${first === 'A' ? 'B' : 'A'}`),
});
add('an empty value', 'no_match', { signature: 'v1,' });
add('a version alone', 'no_match', { signature: 'v1' });
add('no version', 'no_match', { signature: v1().slice(3) });
add('an unknown version', 'no_match', { signature: v1().replace('v1,', 'v2,') });
add('the version in capitals', 'no_match', { signature: v1().replace('v1,', 'V1,') });
add('two parts behind the version', 'no_match', { signature: `${v1()},x`, package: 'ok' });
add('another secret', 'no_match', { signature: v1(BODY, OTHER) });
add('two signatures, the first fits', 'ok', { signature: `${v1()} ${v1(BODY, OTHER)}` });
add('two signatures, the second fits', 'ok', { signature: `${v1(BODY, OTHER)} ${v1()}` });
add('an unknown version before one that fits', 'ok', { signature: `v9,AAAA ${v1()}` });
add('two signatures that do not fit', 'no_match', { signature: `${v1(BODY, OTHER)} ${v1('x')}` });
add('signatures separated by a comma', 'no_match', { signature: `${v1(BODY, OTHER)},${v1()}` });
add('two secrets, the older one signed', 'ok', { secrets: [OTHER, SECRET], package: 'no_match' });
add('a secret of 24 bytes', 'ok', { secrets: [SHORT], signature: v1(BODY, SHORT) });
add('a secret of 64 bytes', 'ok', { secrets: [LONG], signature: v1(BODY, LONG) });
add('one letter of the body', 'no_match', { body: BODY.replace('message', 'massage'), signature: v1() });
add('the body in another order', 'no_match', { body: '{"b":1,"a":2}', signature: v1('{"a":2,"b":1}') });
add('a blank behind the body', 'no_match', { body: `${BODY} `, signature: v1() });
add('v1a', 'ok', { secrets: [PUBLIC], signature: v1a(), package: 'no_key' });
add('v1a beside v1', 'ok', { secrets: [PUBLIC], signature: `${v1()} ${v1a()}`, package: 'no_key' });
add('v1 beside v1a, verified by the secret', 'ok', { signature: `${v1a()} ${v1()}` });
add('v1a over another body', 'no_match', { secrets: [PUBLIC], signature: v1a('{}'), package: 'no_key' });
add('v1a, called v1', 'no_match', {
  secrets: [PUBLIC],
  signature: v1a().replace('v1a', 'v1'),
  package: 'no_key',
});
add('v1 keyed by the public key', 'no_match', {
  secrets: [PUBLIC],
  signature: v1(BODY, PUBLIC.replace('whpk_', 'whsec_')),
  package: 'no_key',
});
add('v1a 301 s old', 'too_old', {
  secrets: [PUBLIC],
  at: NOW - 301,
  signature: v1a(BODY, ID, NOW - 301),
  package: 'no_key',
});

const text = 'a-secret-of-the-receiver';
const hex = (content: string) => createHmac('sha256', text).update(content).digest('hex');
const schemes = {
  github: { 'x-hub-signature-256': `sha256=${hex(BODY)}` },
  slack: { 'x-slack-request-timestamp': String(NOW), 'x-slack-signature': `v0=${hex(`v0:${NOW}:${BODY}`)}` },
  discourse: { 'x-discourse-event-signature': `sha256=${hex(BODY)}` },
  token: { 'x-hub-token': text },
  sunshine: { 'x-api-key': text },
  qiscus: { 'qiscus-sdk-signature': hex(BODY) },
  none: {},
};

const out = { seed: SEED.toString('base64'), publicKey: PUBLIC, id: ID, body: BODY, text, vectors, schemes };
writeFileSync(join(import.meta.dirname, 'vectors.json'), `${JSON.stringify(out, null, 1)}\n`);
