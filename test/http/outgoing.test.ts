import { expect, test } from 'vitest';
import { refuseAddress } from '../../src/http/outgoing.ts';

const ALLOWED = ['127.0.0.1:8080', '10.0.0.5:443', '10.0.0.5:80', '[::1]:9000'];
const refusal = (text: string) => refuseAddress(new URL(text), ALLOWED);

test.each([
  'https://forum.example.org/sign-in',
  'https://forum.example.org:8443/x?y=z',
  'https://93.184.216.34/',
  'https://[2606:4700::1111]/',
  'http://127.0.0.1:8080/',
  'http://[::1]:9000/',
  'https://127.0.0.1:8080/',
  'https://10.0.0.5/',
])('%s may be called', (text) => {
  expect(refusal(text)).toBeNull();
});

test.each([
  'http://forum.example.org/',
  'ftp://forum.example.org/',
  'http://127.0.0.1:8081/',
  'http://localhost:8080/',
  'http://10.0.0.5/',
  'https://user:pass@forum.example.org/',
  'https://127.0.0.1/',
  'https://127.1/',
  'https://2130706433/',
  'https://0x7f.0.0.1/',
  'https://0177.0.0.1/',
  'https://0.0.0.0/',
  'https://10.0.0.6/',
  'https://100.64.0.1/',
  'https://169.254.169.254/latest/meta-data',
  'https://172.31.255.255/',
  'https://192.168.1.1/',
  'https://198.19.0.1/',
  'https://224.0.0.1/',
  'https://255.255.255.255/',
  'https://[::1]/',
  'https://[::]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:8.8.8.8]/',
  'https://[64:ff9b::7f00:1]/',
  'https://[fc00::1]/',
  'https://[fe80::1]/',
  'https://[2002:7f00:1::]/',
  'https://[2001:db8::1]/',
  'https://[2001::1]/',
  'https://localhost/',
  'https://localhost./',
  'https://a.LOCALHOST/',
  'https://db/',
  'https://db.internal/',
  'https://printer.local/',
])('%s may not', (text) => {
  expect(refusal(text)).toMatch(/\S/);
});

test('beside private blocks lies the internet', () => {
  for (const host of [
    '172.15.0.1',
    '172.32.0.1',
    '100.63.0.1',
    '100.128.0.1',
    '192.167.0.1',
    '11.0.0.1',
    '223.255.255.255',
  ])
    expect([host, refusal(`https://${host}/`)]).toEqual([host, null]);
});
