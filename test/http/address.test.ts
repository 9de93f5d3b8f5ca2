import { expect, test } from 'vitest';
import { clientAddress } from '../../src/http/address.ts';

const of = (value: string) => clientAddress(new Headers({ 'x-real-ip': value }), 'x-real-ip');

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['192.0.2.7:5678', '192.0.2.7'],
  // What the client made up stands first, what the nearest proxy saw stands last.
  ['6.6.6.6, 192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::'],
  ['2001:DB8:1:2::9', '2001:db8:1:2::'],
  ['[2001:db8:1:2::9]:443', '2001:db8:1:2::'],
  ['2001:db8::1', '2001:db8:0:0::'],
  ['::1', '0:0:0:0::'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
])('%s is %s', (value, address) => {
  expect(of(value)).toBe(address);
});

test.each([
  '',
  'unknown',
  'a.b.c.d',
  '1.2.3',
  '1.2.3.999',
  'x:y',
  '::1::2',
  '1.2.3.4 5',
  '192.0.2.7,',
  'localhost:1',
])('"%s" is no address', (value) => {
  expect(of(value)).toBe(null);
});

test('without a header to believe there is none, whatever was sent', () => {
  const headers = new Headers({ 'cf-connecting-ip': '192.0.2.7', 'x-forwarded-for': '192.0.2.7' });
  expect(clientAddress(headers, null)).toBe(null);
  expect(clientAddress(headers, 'x-real-ip')).toBe(null);
});
