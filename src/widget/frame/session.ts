// Who the visitor is: asked for when it is needed first, and again before the token ends.
import { CONFIG, keep, recall } from './config.ts';

export interface Me {
  id: string;
  name: string;
  avatar: string | null;
}

interface Answer {
  token: string;
  expiresAt: string;
  visitor: string | null;
  user: Me;
}

/** Before its end a token is of no use: calls take time, and clocks differ. */
const MARGIN_MS = 60_000;

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

/** The refusal that an answer tells of. */
export async function refusalOf(answer: Response): Promise<Refusal> {
  const body = await answer.json().catch(() => null);
  const wait = Number(answer.headers.get('retry-after')) * 1000;
  return new Refusal(body?.error?.code ?? `http ${answer.status}`, body?.error?.message ?? '', wait || 0);
}

export class Session {
  me: Me | null = null;
  #answer: Answer | null = null;
  #asking: Promise<string> | null = null;
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
    if (answer && Date.parse(answer.expiresAt) - MARGIN_MS > Date.now()) return Promise.resolve(answer.token);
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  /** The one that we have is refused. */
  drop(): void {
    this.#answer = null;
  }

  /** Whoever it was, it is somebody else from now on. */
  forget(): void {
    this.drop();
    this.me = null;
    keep('visitor', null);
  }

  async #ask(): Promise<string> {
    const user = await this.#userToken();
    const visitor = recall<string>('visitor');
    const body = user ? { user } : visitor ? { visitor } : {};
    const answer = await fetch(`/widget/${CONFIG.app}/session`, {
      method: 'POST',
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw await refusalOf(answer);
    const given = (await answer.json()) as Answer;
    this.#answer = given;
    this.me = given.user;
    if (given.visitor) keep('visitor', given.visitor);
    return given.token;
  }
}
