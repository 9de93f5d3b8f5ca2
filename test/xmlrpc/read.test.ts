import { describe, expect, test } from 'vitest';
import { XmlRpcFault } from '../../src/xmlrpc/fault.ts';
import {
  ParamFault,
  readArray,
  readFlag,
  readId,
  readIds,
  readInteger,
  readText,
  readTexts,
  TextRefused,
} from '../../src/xmlrpc/read.ts';
import { DateTime, Double, type InValue } from '../../src/xmlrpc/value.ts';
import { bytesOf, latin1 } from './corpus/case.ts';

const SOME_OF_EACH: Record<string, InValue | undefined> = {
  absent: undefined,
  nil: null,
  boolean: true,
  int: 5,
  i8: 5n,
  double: new Double(5),
  string: 'five',
  base64: bytesOf('five'),
  date: new DateTime(0, true),
  array: [],
  struct: new Map(),
};

/** Every type but those named must be refused, with the position and what was expected. */
function takesOnly(
  read: (value: InValue | undefined, position: number) => unknown,
  expected: string,
  ...types: string[]
) {
  for (const [type, value] of Object.entries(SOME_OF_EACH)) {
    if (types.includes(type)) continue;
    let thrown: unknown;
    try {
      read(value, 3);
    } catch (error) {
      thrown = error;
    }
    expect(thrown, type).toBeInstanceOf(ParamFault);
    expect(thrown, type).toBeInstanceOf(XmlRpcFault);
    expect(thrown, type).toMatchObject({ code: -32602, position: 3, expected });
    expect((thrown as Error).message, type).toBe(`parameter 3: ${expected} expected`);
  }
}

describe('readText', () => {
  test('takes strings as they are and base64 as UTF-8', () => {
    expect(readText('  é😀\n', 0)).toBe('  é😀\n');
    expect(readText(bytesOf('  é😀\n'), 0)).toBe('  é😀\n');
    expect(readText(new Uint8Array(0), 0)).toBe('');
  });

  test('keeps a byte order mark: it is part of the text', () => {
    expect(readText(bytesOf('\ufeffa'), 0)).toBe('\ufeffa');
  });

  test('takes nothing else', () => {
    takesOnly(readText, 'string or base64', 'string', 'base64');
  });

  test.each([['a\xff'], ['\xc0\x80'], ['\xed\xa0\x80'], ['\xf0\x9f\x98']])(
    'refuses base64 that is no UTF-8: %j',
    (raw) => {
      expect(() => readText(latin1(raw), 1)).toThrow(TextRefused);
    },
  );

  test.each([
    '\0',
    '\x01',
    '\x08',
    '\x0b',
    '\x0c',
    '\x1b',
    '\x1f',
    '\x7f',
    '\x80',
    '\x9f',
    '\ufffe',
    '\uffff',
  ])('refuses the control character %j, in a string and in base64', (char) => {
    expect(() => readText(`a${char}b`, 1)).toThrow(TextRefused);
    expect(() => readText(bytesOf(`a${char}b`), 1)).toThrow(TextRefused);
  });

  test('takes tab, line feed and carriage return', () => {
    expect(readText('a\tb\r\nc', 0)).toBe('a\tb\r\nc');
  });

  test('bad text is no fault: people are told, not programs', () => {
    try {
      readText('\0', 2);
      expect.unreachable();
    } catch (error) {
      expect(error).not.toBeInstanceOf(XmlRpcFault);
      expect(error).toMatchObject({ position: 2, message: 'The text holds control characters.' });
    }
  });
});

describe('readInteger', () => {
  test.each<[InValue, number]>([
    [5, 5],
    [-5, -5],
    [5n, 5],
    ['5', 5],
    [' -5 ', -5],
    ['+5', 5],
    ['007', 7],
    ['-0', 0],
    ['999999999999999', 999_999_999_999_999],
  ])('%s is %d', (value, number) => {
    expect(readInteger(value, 0)).toBe(number);
  });

  test.each<[InValue]>([[''], ['five'], ['5.0'], ['0x5'], ['1e3'], ['1234567890123456'], [2n ** 60n]])(
    '%s is refused',
    (value) => {
      expect(() => readInteger(value, 0)).toThrow(ParamFault);
    },
  );

  test('takes nothing else', () => {
    takesOnly(readInteger, 'int', 'int', 'i8');
  });
});

describe('readFlag', () => {
  test.each<[InValue, boolean]>([
    [true, true],
    [false, false],
    [1, true],
    [0, false],
    ['1', true],
    [' 0 ', false],
    ['true', true],
    ['false', false],
  ])('%s is %s', (value, flag) => {
    expect(readFlag(value, 0)).toBe(flag);
  });

  test('takes nothing else', () => {
    takesOnly(readFlag, 'boolean', 'boolean');
  });
});

describe('readId', () => {
  test.each<[InValue, string]>([
    ['7', '7'],
    [' 7 ', '7'],
    [7, '7'],
    [7n, '7'],
    ['', ''],
    ['any text', 'any text'],
    [bytesOf('7'), '7'],
  ])('%s is %j', (value, id) => {
    expect(readId(value, 0)).toBe(id);
  });

  test('takes nothing else', () => {
    takesOnly(readId, 'string or base64', 'string', 'base64', 'int', 'i8');
  });
});

describe('arrays', () => {
  test('readArray gives the items', () => {
    expect(readArray(['a', 1], 0)).toEqual(['a', 1]);
    takesOnly(readArray, 'array', 'array');
  });

  test('readTexts reads every item, and names the one that is wrong', () => {
    expect(readTexts([bytesOf('é'), 'b'], 0)).toEqual(['é', 'b']);
    expect(() => readTexts(['a', 5], 2)).toThrow('parameter 2, item 1: string or base64 expected');
    expect(() => readTexts(['a', '\0'], 2)).toThrow(expect.objectContaining({ position: '2, item 1' }));
    takesOnly(readTexts, 'array', 'array');
  });

  test('readIds drops empty ids, which stand for none', () => {
    expect(readIds(['', '7', 8, ' '], 0)).toEqual(['7', '8']);
    expect(() => readIds([true], 0)).toThrow(ParamFault);
  });
});
