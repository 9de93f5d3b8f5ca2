// Addresses of files: whoever has one may read, for a while; nobody can make one.
import { expect, test } from 'vitest';
import { appNumber, fileNumber } from '../../src/domain/ids.ts';
import {
  Addresses,
  keyOf,
  numberOf,
  plainAddress,
  readAddress,
  type Signed,
} from '../../src/files/address.ts';

const addresses = new Addresses('the secret of one hub, long enough');
const key = keyOf(appNumber(7), fileNumber(12), 'AAAAAAAAAAAAAAAAAAAAAA');
const file = { file: key, url: plainAddress(key, 'ä b.png'), name: 'ä b.png' };
const NOON = Date.UTC(2026, 0, 2, 12);
const HOUR = 3_600_000;

const signedIn = (path: string): Signed => readAddress(path)?.signed as Signed;

test('an address holds for a day at least and two at most, and stays the same for a day', () => {
  const address = addresses.of(file, NOON);
  expect(address).toMatch(/^\/files\/7\/12\.A{22}\/\d+\.[\w-]{32}\/%C3%A4%20b\.png$/);
  for (const hours of [0, 11, 24, 35])
    expect(addresses.proves(signedIn(address), NOON + hours * HOUR)).toBe(true);
  expect(addresses.proves(signedIn(address), NOON + 36 * HOUR)).toBe(false);
  expect(addresses.of(file, NOON + 11 * HOUR)).toBe(address);
  expect(addresses.of(file, NOON + 12 * HOUR)).not.toBe(address);
});

test('an address may be asked for that holds for longer', () => {
  const address = addresses.of(file, NOON, 30);
  expect(addresses.proves(signedIn(address), NOON + 30 * 24 * HOUR)).toBe(true);
  expect(addresses.proves(signedIn(address), NOON + 31 * 24 * HOUR)).toBe(false);
});

test('a letter changed proves nothing, nor does the address of another hub', () => {
  const address = addresses.of(file, NOON);
  const proves = (path: string) => {
    const signed = readAddress(path)?.signed;
    return signed ? addresses.proves(signed, NOON) : null;
  };
  expect(proves(address)).toBe(true);
  // The name is for people.
  expect(proves(address.replace(/[^/]*$/, 'other.png'))).toBe(true);
  const { length } = address.slice(0, address.lastIndexOf('/'));
  for (let at = '/files/'.length; at < length; at++) {
    const other = address[at] === '1' ? '2' : '1';
    expect([at, proves(address.slice(0, at) + other + address.slice(at + 1))]).not.toEqual([at, true]);
  }
  expect(proves(new Addresses('another secret of another hub').of(file, NOON))).toBe(false);
});

test('the plain address names the file and proves nothing', () => {
  expect(readAddress(file.url)).toEqual({ key, app: 7, signed: null });
  expect(numberOf(key)).toBe(12);
});

test('a file elsewhere keeps its address', () => {
  const elsewhere = { file: null, url: 'https://x.example/a.png', name: 'a.png', mime: '', bytes: 0 };
  expect(addresses.of(elsewhere, NOON)).toBe('https://x.example/a.png');
  expect(addresses.signed(elsewhere, NOON)).toBe(elsewhere);
});

test('other paths name nothing', () => {
  for (const path of [
    '/files',
    '/files/',
    '/files/7',
    `/files/${key}`,
    '/files/7/12/a.png',
    '/files/7/12.short/a.png',
    `/files/${key}/1.x/a.png/b`,
    `/files/0${key}/a.png`,
  ])
    expect([path, readAddress(path)]).toEqual([path, null]);
});
