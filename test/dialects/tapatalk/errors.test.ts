import { describe, expect, test } from 'vitest';
import { failureOf, notSignedIn, refuse } from '../../../src/dialects/tapatalk/errors.ts';
import { JSON_TWIN, XML } from '../../../src/dialects/tapatalk/wire.ts';
import { type Refusal, Refused } from '../../../src/domain/errors.ts';
import { XmlRpcFault } from '../../../src/xmlrpc/fault.ts';
import { ParamFault, TextRefused } from '../../../src/xmlrpc/read.ts';
import { b64, readAnswer } from './plain.ts';

const told = (error: unknown) => readAnswer(XML.failure(failureOf(error, 'req-1')));
const toldInJson = (error: unknown) => JSON.parse(JSON_TWIN.failure(failureOf(error, 'req-1')));

describe('a refusal is an answer with result false and the reason in base64', () => {
  const refusals: [Refusal, number][] = [
    [{ code: 'not_found', subject: 'conversation', message: 'Conversation not found' }, 0],
    [{ code: 'unauthorized', message: 'Wrong name or password' }, 1],
    [{ code: 'forbidden', message: 'No', detail: 'hidden' }, 2],
    [{ code: 'locked', message: 'Closed' }, 2],
    [{ code: 'invalid', message: 'Bad' }, -1],
    [{ code: 'conflict', message: 'Taken' }, -1],
    [{ code: 'too_large', message: 'Long' }, -1],
    [{ code: 'rate_limited', message: 'Slowly', retryAfterMs: 1 }, -1],
    [{ code: 'unavailable', message: 'Later', detail: 'D1 is down' }, -1],
  ];
  test.each(refusals)('%o', (refusal, reason) => {
    expect(told(new Refused(refusal))).toEqual({
      value: { result: false, result_text: b64(refusal.message), result_reason: reason },
    });
  });
  test('fields that were refused are named', () => {
    const invalid = {
      code: 'invalid',
      message: 'Bad.',
      fields: [{ path: 'a', message: 'Too long.' }],
    } as const;
    expect(told(new Refused({ ...invalid, fields: [...invalid.fields] }))).toMatchObject({
      value: { result_text: b64('Bad. Too long.') },
    });
  });
  test('text that cannot be kept is refused in the same way', () => {
    expect(told(new TextRefused(2, 'The text is not valid UTF-8.'))).toMatchObject({
      value: { result: false, result_text: b64('The text is not valid UTF-8.') },
    });
  });
  test('a call without a session is told so in the words that clients look for', () => {
    expect(notSignedIn().message).toBe(
      'You are not logged in or you do not have permission to do this action.',
    );
  });
  test('the dialect itself refuses with its own words', () => {
    expect(refuse('Please enter a message.').refusal.message).toBe('Please enter a message.');
  });
});

describe('a fault is only for calls that were not understood and for failures of the hub', () => {
  test.each([
    [new XmlRpcFault(-32700, 'not XML'), -32700, 'not XML'],
    [new XmlRpcFault(-32600, 'no call'), -32600, 'no call'],
    [new XmlRpcFault(-32601, 'unknown method: x'), -32601, 'unknown method: x'],
    [new ParamFault(1, 'int'), -32602, 'parameter 1: int expected'],
    [new TypeError('secret at /home/x.ts:3'), -32500, 'The server failed. Request req-1'],
    ['thrown text', -32500, 'The server failed. Request req-1'],
  ])('%s', (error, code, text) => {
    expect(told(error)).toEqual({ fault: { code, text } });
  });
});

test('in JSON everything that failed has one form, with the number of a refusal', () => {
  const closed = new Refused({ code: 'locked', message: 'Closed', detail: 'hidden' });
  const said = (text: string) => ({ result: false, result_text: text, error: text });
  expect(toldInJson(closed)).toEqual({ ...said('Closed'), reason: 2 });
  expect(toldInJson(new TextRefused(2, 'Bad text.'))).toEqual({ ...said('Bad text.'), reason: -1 });
  expect(toldInJson(new XmlRpcFault(-32601, 'unknown method: x'))).toEqual(said('unknown method: x'));
  expect(toldInJson(new TypeError('secret'))).toEqual(said('The server failed. Request req-1'));
});
