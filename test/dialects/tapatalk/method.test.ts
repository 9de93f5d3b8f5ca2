import { describe, expect, test } from 'vitest';
import { type Call, checkCount, type Method } from '../../../src/dialects/tapatalk/method.ts';
import { METHODS } from '../../../src/dialects/tapatalk/methods.ts';
import type { Parameter } from '../../../src/dialects/tapatalk/params.ts';
import { ROUTES } from '../../../src/dialects/tapatalk/routes.ts';
import { XmlRpcFault } from '../../../src/xmlrpc/fault.ts';
import { TextRefused } from '../../../src/xmlrpc/read.ts';
import type { InValue } from '../../../src/xmlrpc/value.ts';

/** How many parameters each takes: contracts/tapatalk.md 1, and one more or less where 4.2 or the seed allow it. */
const COUNTS: [name: string, least: number, most: number][] = [
  ['get_config', 0, 0],
  ['login', 1, Number.POSITIVE_INFINITY],
  ['logout_user', 0, 0],
  ['get_inbox_stat', 0, Number.POSITIVE_INFINITY],
  ['new_conversation', 3, 5],
  ['reply_conversation', 2, 5],
  ['invite_participant', 2, 3],
  ['get_conversations', 0, 2],
  ['get_conversation', 1, 4],
  ['get_quote_conversation', 2, 2],
  ['delete_conversation', 2, 2],
  ['mark_conversation_unread', 0, 1],
  ['mark_conversation_read', 0, 1],
  ['remove_attachment', 3, 4],
  ['ignore_user', 1, 2],
  ['get_user_info', 0, 2],
  ['search_user', 1, 3],
  ['get_recommended_user', 0, 3],
  ['get_online_users', 0, 4],
  ['report_pm', 1, 2],
  ['get_box_info', 0, 0],
  ['get_box', 1, 3],
  ['get_message', 2, 3],
  ['create_message', 3, 5],
  ['delete_message', 1, 2],
  ['get_quote_pm', 1, 1],
  ['mark_pm_read', 0, 1],
  ['mark_pm_unread', 0, 1],
  ['system.listMethods', 0, 0],
  ['system.methodSignature', 1, 1],
  ['system.methodHelp', 1, 1],
];
const method = (name: string) => METHODS.get(name) as Method;
const accepts = (name: string, count: number) => {
  try {
    checkCount(method(name), count);
    return true;
  } catch (error) {
    expect(error).toBeInstanceOf(XmlRpcFault);
    expect((error as XmlRpcFault).code).toBe(-32602);
    return false;
  }
};

describe('the method table', () => {
  test('holds these methods and no other: system.multicall would be a way round the login limit', () => {
    expect([...METHODS.keys()]).toEqual(COUNTS.map(([name]) => name));
  });
  test.each(COUNTS)('%s takes %i to %d parameters', (name, least, most) => {
    for (let count = 0; count < 9; count++) {
      expect(accepts(name, count), `${count}`).toBe(count >= least && count <= most);
    }
  });
  test("asks for a session wherever somebody's conversations are concerned", () => {
    const open = [...METHODS].filter(([, m]) => !m.needsLogin).map(([name]) => name);
    expect(open).toEqual([
      'get_config',
      'login',
      'logout_user',
      'system.listMethods',
      'system.methodSignature',
      'system.methodHelp',
    ]);
  });
  test('hangs on both addresses, in XML by POST, in JSON by GET and POST, and files by POST', () => {
    expect(ROUTES.map(({ method, path }) => `${method} ${path}`)).toEqual([
      'POST /forum/:slug/mobiquo/mobiquo.php',
      'POST /mobiquo/mobiquo.php',
      'GET /forum/:slug/mobiquo/tapatalk.php',
      'POST /forum/:slug/mobiquo/tapatalk.php',
      'GET /mobiquo/tapatalk.php',
      'POST /mobiquo/tapatalk.php',
      'POST /forum/:slug/mobiquo/upload.php',
      'POST /mobiquo/upload.php',
    ]);
  });
});

describe('without a session', () => {
  const nobody = { session: null } as Call;
  test.each([...METHODS].filter(([, m]) => m.needsLogin).map(([name]) => name))(
    '%s is refused',
    async (name) => {
      await expect(method(name).run(nobody, [])).rejects.toThrow(
        /not logged in or you do not have permission/,
      );
    },
  );
});

const bytes = (text: string) => new TextEncoder().encode(text);
/** For each kind of parameter, what it takes and what that means; and what it does not take. */
const KINDS: Record<Parameter<unknown>['kind'], { takes: [InValue, unknown][]; not: InValue[] }> = {
  text: {
    takes: [
      [bytes('hé'), 'hé'],
      ['hé', 'hé'],
    ],
    not: [1, true, [], new Map()],
  },
  texts: {
    takes: [
      [
        [bytes('a'), 'b'],
        ['a', 'b'],
      ],
      [[], []],
    ],
    not: ['a', bytes('a'), [1], new Map()],
  },
  id: {
    takes: [
      ['12', '12'],
      [12, '12'],
      [bytes(' 12 '), '12'],
      ['', ''],
    ],
    not: [true, [], new Map()],
  },
  ids: {
    takes: [
      [
        ['1', 2, ''],
        ['1', '2'],
      ],
      [[''], []],
    ],
    not: ['1', new Map()],
  },
  integer: {
    takes: [
      [3, 3],
      ['3', 3],
      [3n, 3],
      ['-1', -1],
    ],
    not: ['x', true, [], new Map()],
  },
  flag: {
    takes: [
      [true, true],
      [0, false],
      ['1', true],
    ],
    not: ['x', 2, [], new Map()],
  },
};

describe.each([...METHODS].filter(([, m]) => m.parameters.length > 0))('%s', (_, { parameters }) => {
  test.each(parameters.map((p, i) => [i, p.name, p] as const))('parameter %i, %s', (i, _name, parameter) => {
    const { takes, not } = KINDS[parameter.kind];
    for (const [given, meant] of takes) expect(parameter.read(given, i)).toEqual(meant);
    const fault = expect.objectContaining({ code: -32602 });
    for (const given of not) expect(() => parameter.read(given, i)).toThrow(fault);
    if (parameter.optional) expect(parameter.read(null, i)).toBeUndefined();
    else expect(() => parameter.read(null, i)).toThrow(fault);
    if (parameter.kind === 'text') expect(() => parameter.read('a\u0007b', i)).toThrow(TextRefused);
  });
});
