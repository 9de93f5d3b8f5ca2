// What a method of the table is: its parameters and who may call it. Which methods there are is routes.ts.
import type { App, Caller, Hub, User } from '../../hub/context.ts';
import { XmlRpcFault } from '../../xmlrpc/fault.ts';
import type { InValue, OutStruct } from '../../xmlrpc/value.ts';
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

  constructor(value: OutStruct, signedIn: boolean, cookie: string) {
    this.value = value;
    this.signedIn = signedIn;
    this.cookie = cookie;
  }
}

type Outcome = Promise<OutStruct | SessionChange>;

export interface Method {
  readonly parameters: readonly Parameter<unknown>[];
  readonly needsLogin: boolean;
  /** More parameters than these are passed over instead of refused. */
  readonly ignoresRest: boolean;
  run(call: Call, params: readonly InValue[]): Outcome;
}

type Values<P extends readonly Parameter<unknown>[]> = {
  -readonly [K in keyof P]: P[K] extends Parameter<infer T> ? T : never;
};

/** A method that anybody may call. Parameters that are absent reach `run` as undefined. */
export function anyone<P extends readonly Parameter<unknown>[]>(
  parameters: readonly [...P],
  run: (call: Call, ...values: Values<P>) => Outcome,
  { ignoresRest = false } = {},
): Method {
  return {
    parameters,
    needsLogin: false,
    ignoresRest,
    run: (call, params) => run(call, ...valuesOf(parameters, params)),
  };
}

/** A method for people with a session. */
export function signedIn<P extends readonly Parameter<unknown>[]>(
  parameters: readonly [...P],
  run: (call: SignedCall, ...values: Values<P>) => Outcome,
  { ignoresRest = false } = {},
): Method {
  return {
    parameters,
    needsLogin: true,
    ignoresRest,
    run: async (call, params) => {
      const { session } = call;
      if (!session) throw notSignedIn();
      return run({ ...call, session, caller: session.caller }, ...valuesOf(parameters, params));
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
  params: readonly InValue[],
): Values<P> {
  return parameters.map((parameter, i) => {
    const value = params[i];
    return value === undefined ? undefined : parameter.read(value, i);
  }) as Values<P>;
}
