// Codes and texts of this API, and the one place where a refusal becomes one (contracts/ppmessage.md 2). Which call refuses
// what is decided elsewhere.
import { type Refusal, Refused, type Subject } from '../../domain/errors.ts';

/** As clients know them; the misspelt ones too. */
export const ERRORS = {
  NO_ERR: [0, 'success.'],
  NO_JSON: [1, 'request not json.'],
  NO_ACCESS_TOKEN: [3, 'no such access token.'],
  WRONG_ACCESS_TOKEN: [4, 'wrong access token.'],
  NO_PARA: [6, 'required parameter not provided.'],
  NO_USER: [7, 'no such user'],
  NO_DEVICE: [8, 'no such device'],
  MIS_ERR: [10, 'password mismatch.'],
  NO_PUSH: [12, 'no such push item.'],
  NO_APP: [13, 'no such application.'],
  NO_FILE: [14, 'no such file.'],
  MESSAGE: [16, 'illegal message.'],
  SYS_ERR: [17, 'system error.'],
  NO_OBJECT: [18, 'no such object'],
  NO_PERM: [20, 'no such permission.'],
  NO_ACTION: [21, 'no such action.'],
  EX_USER: [22, 'user already exited.'],
  EX_DEVICE: [25, 'device existed.'],
  NO_CONVERSATION: [26, 'no such conversation'],
  WRONG_PARA: [28, 'wrong type of para.'],
  NOT_PORTAL: [29, 'not portal user of PPMESSAGE.'],
  NO_ORG_GROUP: [30, 'no such org group.'],
  NOT_LIST: [31, 'parameter is not a list, but list is required.'],
  NOT_GROUP_USER: [32, 'user not in this group'],
  GENERIC_UPDATE: [33, 'can not update'],
  NO_CONVERSATION_MEMBER: [35, 'no conversation member.'],
  CONVERSATION_TYPE: [36, 'wrong conversation type.'],
  APP_OWNER: [38, 'user is the owner of app.'],
  NO_APP_USER: [40, 'app not has this user.'],
  PAGE_MAX_MIN: [42, 'should not provide max_uuid and min_uuid in the same time.'],
  NOT_ADMIN: [43, 'user is not a admin user.'],
  INVALID_PARA: [44, 'invalid value of para.'],
} as const satisfies Record<string, readonly [code: number, text: string]>;
export type ErrorName = keyof typeof ERRORS;

/** A refusal in this API's own words. */
export class Failure extends Error {
  readonly error: ErrorName;
  constructor(error: ErrorName) {
    super(ERRORS[error][1]);
    this.name = 'Failure';
    this.error = error;
  }
}

const MISSING: Partial<Record<Subject, ErrorName>> = {
  app: 'NO_APP',
  user: 'NO_USER',
  conversation: 'NO_CONVERSATION',
  member: 'NO_CONVERSATION_MEMBER',
  file: 'NO_FILE',
  device: 'NO_DEVICE',
  group: 'NO_ORG_GROUP',
};

/** What a failed call is answered with. */
export interface Failed {
  error: ErrorName;
  /** ms after which it may be tried again; null: that would change nothing. */
  retryAfterMs: number | null;
}

/**
 * Any failure of a call in this API's words. What is not a refusal is a fault of ours: it goes to the log under the
 * request's id, and the caller learns nothing of it but that it happened.
 */
export function failedOf(error: unknown, requestId: string): Failed {
  if (error instanceof Failure) return { error: error.error, retryAfterMs: null };
  if (error instanceof Refused) return ofRefusal(error.refusal);
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  console.error(JSON.stringify({ at: 'ppmessage', requestId, detail }));
  return { error: 'SYS_ERR', retryAfterMs: null };
}

function ofRefusal(refusal: Refusal): Failed {
  const plain = (error: ErrorName): Failed => ({ error, retryAfterMs: null });
  switch (refusal.code) {
    case 'unauthorized':
      return plain('WRONG_ACCESS_TOKEN');
    case 'forbidden':
    case 'locked':
      return plain('NO_PERM');
    case 'not_found':
      return plain(MISSING[refusal.subject] ?? 'NO_OBJECT');
    case 'invalid':
    case 'too_large':
      return plain('INVALID_PARA');
    case 'conflict':
      return plain(refusal.subject === 'user' ? 'EX_USER' : 'GENERIC_UPDATE');
    case 'rate_limited':
      return { error: 'SYS_ERR', retryAfterMs: refusal.retryAfterMs };
    case 'unavailable':
      return { error: 'SYS_ERR', retryAfterMs: refusal.retryAfterMs ?? 1000 };
  }
}
