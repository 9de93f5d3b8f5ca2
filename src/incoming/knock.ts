// A call at an incoming hook that named a hook and its token, and what a network's shape makes of it.
import { invalid, type Refusal, Refused } from '../domain/errors.ts';
import { SHAPES } from '../domain/incoming.ts';
import type { RemoteAuthor, RemoteEvent } from '../domain/remote.ts';
import { readBody } from '../http/body.ts';
import { type Arrived, arrive } from '../hub/arrivals.ts';
import type { Hub } from '../hub/context.ts';
import type { IncomingHook } from '../hub/incoming.ts';
import { noteArrived, type Ration } from '../hub/incoming-calls.ts';
import type { Source } from '../hub/sources.ts';

/** Bytes of a call without files (contracts/webhooks-bridges-widget.md W30). */
export const MOST_BYTES = 1024 * 1024;

export interface Knock {
  hub: Hub;
  hook: IncomingHook;
  source: Source;
  /** What its sender signs with, or shows. */
  secret: string | null;
  request: Request;
  /** What stands behind the token in the path. */
  rest: readonly string[];
  ration: Ration;
}

/** How one network calls and is answered. */
export interface Shape {
  answer(knock: Knock): Promise<Response>;
  /** The network's own form of a refusal. An unknown hook and a wrong token are `not_found`. */
  refusal(refusal: Refusal): Response;
}

/** Who writes where a call does not say. */
export const callerName = ({ hook }: Knock): string => hook.name ?? SHAPES[hook.shape];

/** Its sender did not prove who it is: answered like a hook that there is not. */
export const unproven = (detail: string): Refused =>
  new Refused({ code: 'unauthorized', message: 'Not found', detail });

/** The body as it came, for what is signed. */
export const bytesOf = ({ request }: Knock): Promise<Uint8Array> => readBody(request, MOST_BYTES);

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false });

/** Bytes as text. Refused invalid where they are no UTF-8. */
export function textOf(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new Refused(invalid('The body is not valid UTF-8.'));
  }
}

/** A text as JSON. Refused invalid where it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refused(invalid('The body is not valid JSON.'));
  }
}

/** What arrives goes where the hook says, unless its author is one of those whom its owner leaves out. */
export async function tell(knock: Knock, event: RemoteEvent): Promise<Arrived | null> {
  const { hub, hook, source } = knock;
  const { places } = hook.options;
  if (places && !places.includes(event.place)) return null;
  if ('author' in event && isIgnored(hook, event.author)) return null;
  // Where it is one place alone, what that is called need not be said each time.
  const told = places?.length === 1 && 'author' in event ? { ...event, title: null } : event;
  const arrived = await arrive(hub, source, told);
  noteArrived(hub, hook);
  return arrived;
}

const isIgnored = ({ options: { ignore = [] } }: IncomingHook, { id, name, handle }: RemoteAuthor): boolean =>
  ignore.some((one) => one === id || one === handle || one.toLowerCase() === name.toLowerCase());
