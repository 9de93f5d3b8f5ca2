// `/hooks/{shape}/{number}/{token}`: what other networks call. Here it is decided whether a call is let in; what it says is
// each shape's.
import { notFound, type Refusal, Refused } from '../domain/errors.ts';
import { parseDecimal } from '../domain/ids.ts';
import { HOOK_SHAPES, type HookShape } from '../domain/incoming.ts';
import { json } from '../http/respond.ts';
import type { Hub } from '../hub/context.ts';
import { sourceOf } from '../hub/incoming.ts';
import { type Admitted, admit, noteRefused, rationHook, rationWrong } from '../hub/incoming-calls.ts';
import { discord } from './discord.ts';
import { discourse } from './discourse.ts';
import type { Shape } from './knock.ts';
import { mattermost } from './mattermost.ts';
import { parlance } from './parlance.ts';
import { rocketchat } from './rocketchat.ts';
import { slack } from './slack.ts';
import { xenforo } from './xenforo.ts';

const SHAPES: Readonly<Record<HookShape, Shape>> = {
  slack,
  discord,
  discourse,
  mattermost,
  rocketchat,
  xenforo,
  parlance,
};

const LONGEST_TOKEN = 200;

/** Every answer below /hooks/, refusals in the form of the network that calls. */
export async function handleIncoming(request: Request, hub: Hub): Promise<Response> {
  const [, , name = '', number = '', token = '', ...rest] = new URL(request.url).pathname.split('/');
  const shape = HOOK_SHAPES.find((each) => each === name) ?? null;
  const { answer, refusal } = shape === null ? NOWHERE : SHAPES[shape];
  let admitted: Admitted | null = null;
  try {
    admitted = await admit(hub, shape, parseDecimal(number), token.slice(0, LONGEST_TOKEN));
    if (!admitted) throw new Refused({ code: 'unauthorized', message: 'Not found' });
    const { app, hook, secret } = admitted;
    const ration = rationHook(hub, hook);
    return await answer({ hub, hook, secret, source: sourceOf(app, hook), request, rest, ration });
  } catch (error) {
    return refusal(refusalOf(error, hub, admitted));
  }
}

/** Who proved nothing hears that there is nothing: whether there is a hook is nobody's business. */
function refusalOf(error: unknown, hub: Hub, admitted: Admitted | null): Refusal {
  if (!(error instanceof Refused)) {
    console.error(JSON.stringify({ at: 'hooks', request: hub.requestId, error: String(error) }));
    return { code: 'unavailable', message: 'Something went wrong.', retryAfterMs: 1000 };
  }
  if (error.refusal.code !== 'unauthorized') return error.refusal;
  if (admitted) noteRefused(hub, admitted.hook);
  try {
    rationWrong(hub);
  } catch (limited) {
    if (limited instanceof Refused) return limited.refusal;
  }
  return notFound('hook');
}

const NOWHERE: Shape = {
  answer: () => Promise.reject(new Refused(notFound('hook'))),
  refusal: () => json({ error: { code: 'not_found', message: 'Not found' } }, 404),
};
