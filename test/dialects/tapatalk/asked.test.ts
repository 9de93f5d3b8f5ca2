// What a call's fields become, however many its sender writes.
import { expect, test } from 'vitest';
import { askedByName, askedInXml } from '../../../src/dialects/tapatalk/asked.ts';
import type { Method } from '../../../src/dialects/tapatalk/method.ts';
import { METHODS } from '../../../src/dialects/tapatalk/methods.ts';

const FORM = 'application/x-www-form-urlencoded';
const post = (file: string, body: string) =>
  new Request(`http://127.0.0.1:8787/mobiquo/${file}`, {
    method: 'POST',
    headers: { 'content-type': FORM },
    body,
  });
const inviting = METHODS.get('invite_participant') as Method;

test('a field that comes more than once is a list, in order', async () => {
  const asked = await askedByName(
    post(
      'tapatalk.php',
      'method_name=invite_participant&username=a&username=b&username[]=c&conversationId=7',
    ),
  );
  expect(asked.given(inviting).params.slice(0, 2)).toEqual([['a', 'b', 'c'], '7']);
});

// Nobody has to sign in for it: one such call must not keep a whole hub waiting.
test('as many fields of one name as fit into a call are read in one go', { timeout: 20_000 }, async () => {
  const asked = await askedInXml(post('mobiquo.php', `method_name=login${'&a'.repeat(130_000)}`));
  expect(asked.name).toBe('login');
});
