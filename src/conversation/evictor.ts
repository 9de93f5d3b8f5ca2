// Throws the object out of memory, when nothing is in flight: after an import, which leaves thousands of objects behind
// that nobody needs soon; and in development after every n-th call.
import { Evictor } from '../sockets/evictor.ts';

/** Why a call fails that came in just then. It never began: whoever made it may make it again. */
export const LET_GO = 'the object was let go';

/** For an object that can be aborted: not while sockets are attached to it. */
export const evictorOf = (ctx: DurableObjectState, every: number): Evictor =>
  new Evictor(ctx.storage, every, () => {
    if (ctx.getWebSockets().length === 0) ctx.abort(LET_GO);
  });
