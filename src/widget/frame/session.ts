// Who the visitor is: asked for when it is needed first, and again before the token ends.
import { now, setClock } from './clock.ts';
import { CONFIG, keep, recall } from './config.ts';
import { visitorKey } from './store.ts';

export interface Me {
  id: string;
  name: string;
  avatar: string | null;
}

interface Answer {
  token: string;
  expiresAt: string;
  now: string;
  visitor: string | null;
  user: Me;
}

/** Before its end a token is of no use: calls take time, and clocks differ. */
const MARGIN_MS = 60_000;
/** A call that takes longer is not answered any more: the line may be dead without anybody knowing. */
export const CALL_MS = 20_000;

/** The call was refused; `code` is the hub's. */
export class Refusal extends Error {
  readonly code: string;
  readonly retryAfterMs: number;
  constructor(code: string, message: string, retryAfterMs = 0) {
    super(message);
    this.code = code;
    this.retryAfterMs = retryAfterMs;
  }
}

/** What the hub says in such an answer; without a word of the hub's, what stands before it is down for now, or refuses. */
export const refusalIn = (
  body: { error?: { code: string; message: string } } | null,
  status: number,
  retryAfterMs?: number,
): Refusal =>
  new Refusal(
    body?.error?.code ?? (status < 500 && status !== 429 ? `http ${status}` : 'unavailable'),
    body?.error?.message ?? '',
    retryAfterMs,
  );

/** The refusal that an answer tells of. */
export async function refusalOf(answer: Response): Promise<Refusal> {
  const wait = Number(answer.headers.get('retry-after')) * 1000;
  return refusalIn(await answer.json().catch(() => null), answer.status, wait || 0);
}

export class Session {
  me: Me | null = null;
  #answer: Answer | null = null;
  #asking: Promise<string> | null = null;
  #ended = false;
  readonly #userToken: () => Promise<string | undefined>;

  /** `userToken`: the page's word on who looks, where it has one. */
  constructor(userToken: () => Promise<string | undefined>) {
    this.#userToken = userToken;
  }

  /** Whether somebody is known already: else nothing is asked until something is said. */
  get isKnown(): boolean {
    return this.#answer !== null || recall('visitor') !== null;
  }

  /** A token that is good for a while. */
  token(): Promise<string> {
    const answer = this.#answer;
    if (answer && Date.parse(answer.expiresAt) - MARGIN_MS > now()) return Promise.resolve(answer.token);
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  /** The one that we have is refused. */
  drop(): void {
    this.#answer = null;
  }

  /** Somebody else looks from now on: nothing more is asked in this one's name. */
  end(): void {
    this.#ended = true;
    this.drop();
  }

  async #ask(): Promise<string> {
    this.#check();
    const user = await this.#userToken();
    const key = user ? undefined : await visitorKey();
    const body = user ? { user } : { visitor: recall<string>('visitor') ?? undefined, key };
    this.#check();
    const answer = await fetch(`/widget/${CONFIG.app}/session`, {
      method: 'POST',
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(CALL_MS),
    });
    if (!answer.ok) throw await refusalOf(answer);
    const given = (await answer.json()) as Answer;
    this.#check();
    setClock(given.now);
    this.#answer = given;
    this.me = given.user;
    if (given.visitor) keep('visitor', given.visitor);
    return given.token;
  }

  #check(): void {
    if (this.#ended) throw new DOMException('', 'AbortError');
  }
}
