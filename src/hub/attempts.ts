// How often passwords may be tried: work that waits on this isolate, and wrong guesses. Counted in the isolate, never
// stored. Who must not get in is a guesser; who must not be kept out is the owner, so where addresses are known
// (http/address.ts) an owner is measured by their own address and not by what others do to their name.
import { Buckets } from './buckets.ts';

/** How many wrong guesses are checked at once; after them one more every REFILL_MS. */
export interface GuessLimits {
  /** At one account from one address; where addresses are not known, at one account. */
  atAccount: number;
  /** At one account from all addresses together. */
  atAccountByAll: number;
  /** At all accounts from one address: a school or a company has one too. */
  byAddress: number;
}

/** An attempt to sign in. `address`: where it comes from, null where that is not known. */
export interface Attempt {
  account: string;
  address: string | null;
  /** Who checks it where that is not this isolate: a forum that may be slow must not take the places of all the others. */
  checker?: string;
}

/** 600 an hour: nobody finds a password of any worth so, and who mistyped waits for one breath. */
const REFILL_MS = 6_000;
/**
 * While others use up an account's common measure, an address that has not been at it before may still guess wrong three
 * times an hour: its owner, somewhere new, who mistypes.
 */
const NEW_GUESSES = 3;
const NEW_REFILL_MS = 20 * 60_000;
/** Accounts, addresses and pairs of both that are remembered. */
const KEPT = 10_000;
/** A check takes some 100 ms of the isolate's one thread: more that wait would hold up every other call. */
const AT_ONCE = 8;
/** One address does not take all of these places. */
const AT_ONCE_FROM_ONE = 4;
/** Calls to one checker elsewhere wait, and hold up nothing. */
const AT_ONCE_ELSEWHERE = 32;
const BUSY_RETRY_MS = 1_000;

export class Attempts {
  private readonly pairs = new Buckets<string>(KEPT);
  private readonly newcomers = new Buckets<string>(KEPT);
  private readonly accounts = new Buckets<string>(KEPT);
  private readonly addresses = new Buckets<string>(KEPT);
  /** Pairs of address and account that the right password came from. */
  private readonly owners = new Set<string>();
  /** By checker, and by checker and address. */
  private readonly running = new Map<string, number>();

  /**
   * Takes a place and one guess. 0: granted, and `end` must follow. Else nothing is taken, and a try is worth it so many
   * ms later.
   */
  begin(attempt: Attempt, limits: GuessLimits, nowMs: number): number {
    const { account, address, checker } = attempt;
    const most = checker === undefined ? AT_ONCE : AT_ONCE_ELSEWHERE;
    const mostFromOne = AT_ONCE_FROM_ONE * (most / AT_ONCE);
    const [all, mine] = placesOf(attempt).map((place) => this.running.get(place) ?? 0) as [number, number];
    const crowded = address !== null && mine >= mostFromOne;
    if (all >= most || crowded) return BUSY_RETRY_MS;
    const wait = this.waitMs(attempt, limits, nowMs);
    if (wait > 0) return wait;
    this.accounts.take(account, REFILL_MS, nowMs);
    if (address !== null) {
      this.addresses.take(address, REFILL_MS, nowMs);
      this.pairs.take(pairOf(attempt), REFILL_MS, nowMs);
      this.newcomers.take(pairOf(attempt), NEW_REFILL_MS, nowMs);
    }
    for (const place of placesOf(attempt)) this.running.set(place, (this.running.get(place) ?? 0) + 1);
    return 0;
  }

  private waitMs(attempt: Attempt, limits: GuessLimits, nowMs: number): number {
    const { account, address } = attempt;
    const { atAccount, atAccountByAll, byAddress } = limits;
    if (address === null) return this.accounts.wait(account, REFILL_MS, atAccount * REFILL_MS, nowMs);
    const pair = pairOf(attempt);
    const own = this.pairs.wait(pair, REFILL_MS, atAccount * REFILL_MS, nowMs);
    // Who got in from here before is kept out by nobody's guesses but those from here at this account.
    if (this.owners.has(pair)) return own;
    const fromHere = this.addresses.wait(address, REFILL_MS, byAddress * REFILL_MS, nowMs);
    const isNew = this.newcomers.wait(pair, NEW_REFILL_MS, NEW_GUESSES * NEW_REFILL_MS, nowMs) === 0;
    const byAll = isNew ? 0 : this.accounts.wait(account, REFILL_MS, atAccountByAll * REFILL_MS, nowMs);
    return Math.max(own, fromHere, byAll);
  }

  /**
   * What came of it. The right password gives back what was guessed wrong from its address; where addresses are not
   * known, at its account. One that was never checked gives back its own.
   */
  end(attempt: Attempt, outcome: 'right' | 'wrong' | 'unchecked'): void {
    const { account, address } = attempt;
    const pair = pairOf(attempt);
    for (const place of placesOf(attempt)) {
      const left = (this.running.get(place) ?? 1) - 1;
      if (left > 0) this.running.set(place, left);
      else this.running.delete(place);
    }
    if (outcome === 'wrong') return;
    this.accounts.giveBack(account, REFILL_MS);
    if (address === null) {
      if (outcome === 'right') this.accounts.forget(account);
      return;
    }
    // No more than its own: a guesser at others would wipe the slate clean by signing in as themselves.
    this.addresses.giveBack(address, REFILL_MS);
    this.pairs.giveBack(pair, REFILL_MS);
    this.newcomers.giveBack(pair, NEW_REFILL_MS);
    if (outcome === 'unchecked') return;
    this.pairs.forget(pair);
    this.newcomers.forget(pair);
    this.owners.add(pair);
    if (this.owners.size > KEPT) this.owners.delete(this.owners.keys().next().value as string);
  }
}

/** No address holds a space. */
const pairOf = ({ account, address }: Attempt): string => `${address} ${account}`;

/** What is counted of attempts that run: those at one checker, and of them those from one address. */
const placesOf = ({ checker = '', address }: Attempt): string[] => [checker, `${checker} ${address}`];
