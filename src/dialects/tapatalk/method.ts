// What a method of the table is: its parameters and who may call it. Which methods there are is routes.ts.
import type { App, Caller, Hub, User } from '../../hub/context.ts';
import { XmlRpcFault } from '../../xmlrpc/fault.ts';
import type { InValue, OutStruct, OutValue } from '../../xmlrpc/value.ts';
import { notSignedIn } from './errors.ts';
import type { Parameter } from './params.ts';

/** A signed-in person. `token`: what their cookie holds. */
export interface Session {
  readonly caller: Caller & { readonly user: User };
  readonly token: string;
}

/** One call, before its parameters. */
export interface Call {
  readonly hub: Hub;
  readonly app: App;
  readonly session: Session | null;
  /** True for a GET: it must change nothing, a browser makes it for any page that asks (docs/forum-json.md). */
  readonly mustNotChange: boolean;
}

/** A call by somebody. */
export interface SignedCall extends Call {
  readonly caller: Session['caller'];
  readonly session: Session;
}

/** An answer that also begins or ends the session. */
export class SessionChange {
  readonly value: OutStruct;
  readonly signedIn: boolean;
  /** A whole Set-Cookie value. */
  readonly cookie: string;
  /** Who has just come in. */
  readonly user: User | null;

  constructor(value: OutStruct, signedIn: boolean, cookie: string, user: User | null = null) {
    this.value = value;
    this.signedIn = signedIn;
    this.cookie = cookie;
    this.user = user;
  }
}

type Outcome = Promise<OutValue | SessionChange>;

/** What a method says of itself beside its parameters. */
export interface About {
  /** One sentence. */
  readonly help: string;
  /** Changes nothing but read marks, so a GET may ask for it. */
  readonly reads: boolean;
  /** More parameters than these are passed over instead of refused. */
  readonly ignoresRest: boolean;
  readonly returns: 'struct' | 'array' | 'string';
}

export interface Method extends About {
  readonly parameters: readonly Parameter<unknown>[];
  readonly needsLogin: boolean;
  /** `names`: how the caller knows the parameters, for what an error says; absent: by their positions. */
  run(call: Call, params: readonly (InValue | undefined)[], names?: readonly string[]): Outcome;
}

/** The help is asked of everybody. */
type Said = Pick<About, 'help'> & Partial<About>;

const about = ({ help, reads = false, ignoresRest = false, returns = 'struct' }: Said): About => ({
  help,
  reads,
  ignoresRest,
  returns,
});

type Values<P extends readonly Parameter<unknown>[]> = {
  -readonly [K in keyof P]: P[K] extends Parameter<infer T> ? T : never;
};

/** A method that anybody may call. Parameters that are absent reach `run` as undefined. */
export function anyone<P extends readonly Parameter<unknown>[]>(
  parameters: readonly [...P],
  run: (call: Call, ...values: Values<P>) => Outcome,
  said: Said,
): Method {
  return {
    ...about(said),
    parameters,
    needsLogin: false,
    run: (call, params, names) => run(call, ...valuesOf(parameters, params, names)),
  };
}

/** A method for people with a session. */
export function signedIn<P extends readonly Parameter<unknown>[]>(
  parameters: readonly [...P],
  run: (call: SignedCall, ...values: Values<P>) => Outcome,
  said: Said,
): Method {
  return {
    ...about(said),
    parameters,
    needsLogin: true,
    run: async (call, params, names) => {
      const { session } = call;
      if (!session) throw notSignedIn();
      return run({ ...call, session, caller: session.caller }, ...valuesOf(parameters, params, names));
    },
  };
}

/** Throws the -32602 fault unless the method takes that many parameters. */
export function checkCount(method: Method, count: number): void {
  const least = method.parameters.filter((parameter) => !parameter.optional).length;
  if (count >= least && (method.ignoresRest || count <= method.parameters.length)) return;
  throw new XmlRpcFault(-32602, `wrong number of parameters: ${count}`);
}

function valuesOf<P extends readonly Parameter<unknown>[]>(
  parameters: readonly [...P],
  params: readonly (InValue | undefined)[],
  names?: readonly string[],
): Values<P> {
  return parameters.map((parameter, i) => {
    const value = params[i];
    return value === undefined ? undefined : parameter.read(value, names?.[i] ?? i);
  }) as Values<P>;
}
