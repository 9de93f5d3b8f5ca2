// Where webhooks may be sent (contracts/webhooks-bridges-widget.md W21, W22, W24).
import { expect, test } from 'vitest';
import { leadsInside } from '../../src/http/blocks.ts';
import { refuseWebhook, resolvesOutside } from '../../src/http/outgoing.ts';
import { refuseHeaders } from '../../src/http/outgoing-headers.ts';
import { overHttps } from '../../src/http/resolve.ts';

const AROUND = {
  allowed: ['127.0.0.1:8080', '10.0.0.5:443', '[::1]:9000', 'db:5000'],
  own: ['hub.example.org', 'parlance.acme.workers.dev', 'apple.example'],
};
const refusal = (text: string) => refuseWebhook(text, AROUND);

test.each([
  'https://hooks.example.com/in',
  'https://hooks.example.com:443/in?x=1&y=%20#part',
  'https://hooks.example.com:8443/',
  'https://HOOKS.Example.COM./',
  'https://xn--bcher-kva.example.net/',
  'https://bücher.example.net/',
  'https://1.example.com/',
  'https://127.0.0.1.example.com/',
  'https://localhost.example.com/',
  'https://example.org/',
  'https://other.example.org/',
  'https://nothub.example.org/',
  'https://other.workers.dev/',
  'https://a_b.example.com/',
  'http://127.0.0.1:8080/',
  'https://127.0.0.1:8080/',
  'http://[::1]:9000/',
  'https://10.0.0.5/',
  'https://db:5000/',
])('%s may be called', (text) => {
  expect(refusal(text)).toBeNull();
});

const NO_ADDRESS = [
  '',
  'hooks.example.com',
  '/in',
  '//hooks.example.com/',
  'https://',
  'https:///',
  'https:// hooks.example.com/',
  ' https://hooks.example.com/',
  'https://hooks.example.com/ in',
  'https://hooks.example.com/\n',
  'https://hooks.ex\tample.com/',
  'https:\\\\hooks.example.com\\in',
  'https://hooks.example.com\\@10.0.0.1/',
  'https://hooks.example.com\0/',
  'https://a..example.com/',
  'https://example.com../',
  'https://.example.com/',
  'https://[fe80::1%25eth0]/',
  'https://[fe80::1%eth0]/',
  'https://[::1/',
  'https://[::ffff:999.0.0.1]/',
  'https://256.256.256.256/',
  'https://1.2.3.4.5/',
  'https://0x100000000/',
  'https://hooks.example.com:99999/',
  'https://hooks.example.com:x/',
  `https://hooks.example.com/${'x'.repeat(2_048)}`,
];
const NOT_HTTPS = [
  'http://hooks.example.com/',
  'http://127.0.0.1:8081/',
  'http://10.0.0.5:443/',
  'http://db:5000/',
  'ftp://hooks.example.com/',
  'file:///etc/passwd',
  'gopher://hooks.example.com/',
  'wss://hooks.example.com/',
  'javascript:alert(1)',
  'data:text/plain,x',
];
const CREDENTIALS = [
  'https://user@hooks.example.com/',
  'https://user:pass@hooks.example.com/',
  'https://:pass@hooks.example.com/',
  'https://hooks.example.com@10.0.0.1/',
  'https://10.0.0.5:443@hooks.example.com/',
];
/** Every notation of addresses inside, and of some outside: no webhook goes to an address without a name. */
const IPS = [
  'https://127.0.0.1/',
  'https://127.0.0.1:8443/',
  'https://127.0.0.1./',
  'https://127.1/',
  'https://127.0.1/',
  'https://2130706433/',
  'https://0x7f000001/',
  'https://0x7f.0x0.0x0.0x1/',
  'https://0x7F.1/',
  'https://0177.0.0.1/',
  'https://0177.0.0.01/',
  'https://017700000001/',
  'https://127.0x0.0.01/',
  'https://%31%32%37.0.0.1/',
  'https://１２７.０.０.１/',
  'https://①②⑦.⓪.⓪.①/',
  'https://127。0。0。1/',
  'https://127．0．0．1/',
  'https://0/',
  'https://0.0.0.0/',
  'https://00.0.0.0/',
  'https://10.0.0.1/',
  'https://10.1/',
  'https://167772161/',
  'https://100.64.0.1/',
  'https://100.100.100.200/',
  'https://169.254.169.254/latest/meta-data/',
  'https://2852039166/',
  'https://0xa9fea9fe/',
  'https://0251.0376.0251.0376/',
  'https://172.16.0.1/',
  'https://172.31.255.255/',
  'https://192.0.0.192/',
  'https://192.0.2.1/',
  'https://192.168.0.1/',
  'https://192.168.257/',
  'https://198.18.0.1/',
  'https://198.51.100.7/',
  'https://203.0.113.9/',
  'https://224.0.0.1/',
  'https://240.0.0.1/',
  'https://255.255.255.255/',
  'https://4294967295/',
  'https://8.8.8.8/',
  'https://134744072/',
  'https://[::]/',
  'https://[::1]/',
  'https://[0:0:0:0:0:0:0:1]/',
  'https://[0000::0001]/',
  'https://[::127.0.0.1]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:7f00:1]/',
  'https://[0:0:0:0:0:ffff:10.0.0.1]/',
  'https://[::ffff:0:127.0.0.1]/',
  'https://[64:ff9b::127.0.0.1]/',
  'https://[64:ff9b::7f00:1]/',
  'https://[64:ff9b:1::a00:1]/',
  'https://[100::1]/',
  'https://[2001::1]/',
  'https://[2001:0:7f00:1::]/',
  'https://[2001:10::1]/',
  'https://[2001:20::1]/',
  'https://[2001:db8::1]/',
  'https://[2002:7f00:1::]/',
  'https://[2002:a00:1::1]/',
  'https://[3fff::1]/',
  'https://[5f00::1]/',
  'https://[fc00::1]/',
  'https://[fd12:3456:789a::1]/',
  'https://[fe80::1]/',
  'https://[febf::1]/',
  'https://[fec0::1]/',
  'https://[ff02::1]/',
  'https://[fd00:ec2::254]/',
  'https://[2606:4700::1111]/',
  'https://[2606:4700:4700::1111]:8443/',
];
const INSIDE_NAMES = [
  'https://localhost/',
  'https://LOCALHOST/',
  'https://localhost./',
  'https://%6cocalhost/',
  'https://ｌｏｃａｌｈｏｓｔ/',
  'https://a.localhost/',
  'https://localhost.localdomain/',
  'https://ip6-localhost/',
  'https://db/',
  'https://kubernetes/',
  'https://kubernetes.default.svc.cluster.local/',
  'https://printer.local/',
  'https://printer.LOCAL./',
  'https://metadata.google.internal/',
  'https://db.internal/',
  'https://wiki.intranet/',
  'https://nas.lan/',
  'https://nas.home/',
  'https://nas.home.arpa/',
  'https://mail.corp/',
  'https://x.private/',
  'https://abcdefghij234567.onion/',
  'https://xn--/',
];
const PORTS = [
  'https://hooks.example.com:80/',
  'https://hooks.example.com:22/',
  'https://hooks.example.com:0/',
  'https://hooks.example.com:6379/',
  'https://hooks.example.com:8787/',
  'https://hooks.example.com:9443/',
  'https://hooks.example.com:65535/',
];
const OWN = [
  'https://hub.example.org/admin/apps',
  'https://HUB.example.org:8443/',
  'https://hub.example.org./',
  'https://a.hub.example.org/',
  'https://hub.ex%61mple.org/',
  'https://parlance.acme.workers.dev/',
  'https://acme.workers.dev/',
  'https://something.acme.workers.dev/',
  // Cyrillic а, р, е, о; Greek ο; a dotless ı; full width.
  'https://hub.exаmple.org/',
  'https://hub.еxample.org/',
  'https://hub.examрle.org/',
  'https://hub.example.оrg/',
  'https://hub.example.οrg/',
  'https://hub.exámple.org/',
  'https://hυb.example.org/',
  'https://hub.xn--exmple-4nf.org/',
  'https://ｈｕｂ.example.org/',
  'https://аpple.example/',
  'https://аррle.example/',
];

test.each([
  ['is not an address', NO_ADDRESS, /is not an address|has more than/],
  ['is not https', NOT_HTTPS, /must begin with https|is not an address|private/],
  ['holds credentials', CREDENTIALS, /credentials/],
  ['is an IP address', IPS, /IP address|private/],
  ['is a name of inside', INSIDE_NAMES, /private|is not an address/],
  ['is on another port', PORTS, /port/],
])('what %s is refused', (_, addresses, problem) => {
  for (const text of addresses) expect([text, refusal(text)]).toEqual([text, expect.stringMatching(problem)]);
});

test('this hub, its siblings and what looks like them are refused', () => {
  for (const text of OWN) expect([text, refusal(text)]).toEqual([text, expect.stringMatching(/this hub/)]);
});

test('the table is long enough to be believed', () => {
  const all = [...NO_ADDRESS, ...NOT_HTTPS, ...CREDENTIALS, ...IPS, ...INSIDE_NAMES, ...PORTS, ...OWN];
  expect(new Set(all).size).toBe(all.length);
  expect(all.length).toBeGreaterThanOrEqual(140);
});

test.each([
  ['93.184.216.34', false],
  ['2606:4700::1111', false],
  ['2606:4700:0000:0000:0000:0000:0000:1111', false],
  ['2A00:1450:4001:81B::200E', false],
  ['11.0.0.1', false],
  ['172.32.0.1', false],
  ['223.255.255.255', false],
  ['10.0.0.1', true],
  ['127.0.0.53', true],
  ['169.254.169.254', true],
  ['0.0.0.0', true],
  ['::', true],
  ['::1', true],
  ['::ffff:93.184.216.34', true],
  ['64:ff9b::5db8:d822', true],
  ['2002:5db8:d822::1', true],
  ['2001:0000:4136:e378:8000:63bf:3fff:fdd2', true],
  ['FE80::1', true],
  ['fe80::1%eth0', true],
  ['fd00::1', true],
  ['', true],
  ['hooks.example.com', true],
  ['1.2.3.4/@x', true],
])('of what a name resolves to, %s leads inside: %s', (address, inside) => {
  expect(leadsInside(address)).toBe(inside);
});

const url = new URL('https://hooks.example.com/in');
const resolving = (addresses: string[]) => resolvesOutside(url, [], async () => addresses);

test('one address inside among many refuses the name, at every look', async () => {
  expect(await resolving(['93.184.216.34', '2606:4700::1111'])).toEqual({ ok: true });
  for (const inside of ['10.0.0.1', '::1', 'fe80::1'])
    expect(await resolving(['93.184.216.34', inside])).toMatchObject({ ok: false, inside: true });
});

test('a name that nobody has, or that cannot be asked for, is not inside', async () => {
  expect(await resolving([])).toMatchObject({ ok: false, inside: false });
  const broken = resolvesOutside(url, [], async () => {
    throw new Error('no resolver');
  });
  expect(await broken).toMatchObject({ ok: false, inside: false });
});

test('what development lets through is not looked up', async () => {
  const allowed = new URL('http://127.0.0.1:8080/');
  const never = () => Promise.reject(new Error('asked'));
  expect(await resolvesOutside(allowed, ['127.0.0.1:8080'], never)).toEqual({ ok: true });
});

test('a resolver over https is asked for both kinds of addresses, and follows other names', async () => {
  const asked: string[] = [];
  const answers: Record<string, object> = {
    '1': {
      Status: 0,
      Answer: [
        { type: 5, data: 'other.example.' },
        { type: 1, data: '93.184.216.34' },
      ],
    },
    '28': { Status: 0 },
  };
  const resolver = (by: Record<string, object>, status = 200) =>
    overHttps(async (to) => {
      asked.push(to);
      return new Response(JSON.stringify(by[to.split('type=')[1] ?? '']), { status });
    }, 'https://dns.example/q');
  expect(await resolver(answers)('hooks.example.com')).toEqual(['93.184.216.34']);
  expect(asked).toEqual([
    'https://dns.example/q?name=hooks.example.com&type=1',
    'https://dns.example/q?name=hooks.example.com&type=28',
  ]);
  const nobody = { Status: 3 };
  expect(await resolver({ '1': nobody, '28': nobody })('nobody.example')).toEqual([]);
  // Half an answer is none: the other kind might lead inside.
  await expect(resolver({ ...answers, '28': { Status: 2 } })('x.example')).rejects.toThrow();
  await expect(resolver({ ...answers, '28': {} })('x.example')).rejects.toThrow();
  await expect(resolver(answers, 500)('x.example')).rejects.toThrow();
});

test.each([
  [{ 'x-team': 'support', authorization: 'Bearer abc', 'X-Api-Key': '1' }, []],
  [{ Host: 'x' }, ['Host']],
  [{ 'Content-Type': 'text/plain', 'content-length': '1' }, ['Content-Type', 'content-length']],
  [{ Connection: 'close', 'User-Agent': 'x', Cookie: 'a=b' }, ['Connection', 'User-Agent', 'Cookie']],
  [{ 'webhook-id': '1', 'CF-Ray': '1', 'x-forwarded-for': '1' }, ['webhook-id', 'CF-Ray', 'x-forwarded-for']],
  [{ 'x-hub-attempt': '1', 'X-Hub-Signature-256': '1' }, ['x-hub-attempt', 'X-Hub-Signature-256']],
  [
    { 'transfer-encoding': 'chunked', 'proxy-authorization': 'x' },
    ['transfer-encoding', 'proxy-authorization'],
  ],
  [{ 'bad name': 'x', '': 'x', 'a:b': 'x' }, ['bad name', '', 'a:b']],
  [{ 'x-a': 'line\r\nx-b: 1', 'x-c': 'ü', 'x-d': ' x' }, ['x-a', 'x-c', 'x-d']],
  [{ 'x-a': 'x'.repeat(4_096) }, []],
  [{ 'x-a': 'x'.repeat(4_097) }, ['x-a']],
  [{ 'X-A': '1', 'x-a': '2' }, ['x-a']],
  [Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`x-${i}`, '1'])), ['']],
])('of the headers %j these are refused: %j', (headers, refused) => {
  expect(refuseHeaders(headers as Record<string, string>).map(({ path }) => path)).toEqual(refused);
});
