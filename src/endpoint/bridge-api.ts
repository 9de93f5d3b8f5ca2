// What callers may ask of an Endpoint object that is a bridge's, beside api.ts.
import type { Arriving, Screened } from '../domain/bridges.ts';
import type { Result } from '../domain/errors.ts';
import type { MessageNumber } from '../domain/ids.ts';
import type { Copy, Counts } from './guard.ts';

export type { Copy, Counts } from './guard.ts';

export interface BridgeApi {
  /** Whether what comes in from a network is let in. `version`: of the app's hooks. */
  screen(event: Arriving, version: number): Promise<Result<Screened>>;
  /** Keeps what was not let in, for the operator: JSON. */
  keepCopy(source: string, event: string): Promise<Result<null>>;
  /** What it has done, and what it has not let in, the newest first. */
  bridgeStatus(): Promise<Result<{ counts: Counts; copies: Copy[] }>>;
  dropCopies(): Promise<Result<null>>;
  /** `message`: it is this one now, unless it was let in before. Not found: it was dropped, or never kept. */
  copy(id: number, message: MessageNumber | null): Promise<Result<Copy>>;
}
