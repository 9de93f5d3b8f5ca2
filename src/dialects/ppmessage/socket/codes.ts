// Codes and texts of the socket's acknowledgements, as of May 2016 (contracts/ppmessage.md 9), and the one place where a
// refusal becomes one.
import type { Hopeless } from '../../../domain/desk.ts';
import { type ErrorName, failedOf } from '../errors.ts';

export const CODES = {
  NOERR: [0, 'success, nothing to say.'],
  NOUUIDS: [1, 'no app_uuid/user_uuid/device_uuid.'],
  NOSERVICE: [2, 'no service/portal type.'],
  NOEXTRA: [3, 'no extra data for portal user.'],
  PARAM: [4, 'parameters error.'],
  TYPE: [5, 'no type provided or type is unknown.'],
  JSON: [6, 'message data is not JSON.'],
  MESSAGE: [7, 'message content is illegal.'],
  NOTOKEN: [8, 'no api auth token provided.'],
  WRLEVEL: [9, 'wrong api auth level.'],
  CONVERSATION: [10, 'can not create conversation.'],
  WAITING: [11, 'keep waiting to create conversation.'],
  CONVERSATION_NO_GROUP: [12, 'error to create conversation for no group'],
  CONVERSATION_NO_USER: [13, 'error to create conversation for no user'],
} as const satisfies Record<string, readonly [code: number, reason: string]>;
export type CodeName = keyof typeof CODES;

const OF_ERRORS: Partial<Record<ErrorName, CodeName>> = {
  NO_PARA: 'PARAM',
  WRONG_PARA: 'PARAM',
  WRONG_ACCESS_TOKEN: 'NOTOKEN',
  NO_CONVERSATION: 'CONVERSATION',
};

/** What a failed frame is acknowledged with. Whatever was wrong with a message, it was not sent: that is its code. */
export const codeOf = (error: unknown, requestId: string): CodeName =>
  OF_ERRORS[failedOf(error, requestId).error] ?? 'MESSAGE';

export const HOPELESS: Record<Hopeless, CodeName> = {
  'no team': 'CONVERSATION_NO_USER',
  'no group': 'CONVERSATION_NO_GROUP',
  'empty group': 'CONVERSATION_NO_USER',
};
