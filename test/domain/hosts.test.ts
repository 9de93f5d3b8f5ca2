import { expect, test } from 'vitest';
import { foldHost, parseHost } from '../../src/domain/hosts.ts';

test.each([
  ['forum.example.org', 'forum.example.org'],
  ['Forum.EXAMPLE.org', 'forum.example.org'],
  ['forum.example.org.', 'forum.example.org'],
  ['forum.example.org:8787', 'forum.example.org'],
  ['Forum.example.org.:443', 'forum.example.org'],
  ['[::1]:8787', '[::1]'],
])('a request to %s is one to %s', (host, name) => {
  expect(foldHost(host)).toBe(name);
});

test.each([
  ['Forum.Example.org.', 'forum.example.org'],
  ['münchen.example', 'xn--mnchen-3ya.example'],
  ['127.0.0.1', '127.0.0.1'],
  ['localhost', 'localhost'],
  ['forum.example.org:80', null],
  ['https://forum.example.org', null],
  ['forum.example.org/x', null],
  ['a@forum.example.org', null],
  ['two words', null],
  ['.', null],
  ['', null],
])('%s is the name %s', (text, name) => {
  expect(parseHost(text)).toBe(name);
});
