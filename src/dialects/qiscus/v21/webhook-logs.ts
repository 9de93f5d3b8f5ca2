// What the app's callback address was sent, and what came of it (contracts/qiscus.md 6, 8). Sending is the hub's.
import type { JsonObject } from '../../../domain/model.ts';
import { type DeliveryCard, deliveriesOf, deliveryOf } from '../../../hub/endpoint-calls.ts';
import { type Hook, listHooks } from '../../../hub/hooks.ts';
import { type Call, operation } from '../call.ts';
import type { CommentEventType } from '../events.ts';
import { choice, integer, may } from '../fields.ts';
import { eachInTurn } from '../rooms.ts';

const PAGE = 20;
const MOST = 100;
/** Parts of the journal that one call goes through. */
const MOST_PARTS = 200;

const TYPES: Record<'mobile' | 'rest', CommentEventType> = {
  mobile: 'post_comment_mobile',
  rest: 'post_comment_rest',
};

/** The newest attempt of each call, the newest call first. */
export const webhookLogs = operation(
  {
    page: may(integer(1, MOST)),
    limit: may(integer(1, MOST)),
    type: may(choice(['mobile', 'rest', 'all'])),
  },
  async (call, given) => {
    const { page = 1, limit = PAGE, type = 'all' } = given;
    const hook = (await listHooks(call.hub, call.app)).find(({ format }) => format === 'qiscus');
    if (!hook) return { webhook_logs: [] };
    const wanted = type === 'all' ? {} : { type: TYPES[type] };
    const cards = await attempted(call, hook, wanted, page * limit);
    const shown = cards.slice((page - 1) * limit, page * limit);
    return { webhook_logs: await eachInTurn(shown, (card) => record(call, hook, card)) };
  },
);

/** The newest `count` that were sent at all. */
async function attempted(
  { hub }: Call,
  hook: Hook,
  filter: { type?: CommentEventType },
  count: number,
): Promise<DeliveryCard[]> {
  const cards: DeliveryCard[] = [];
  let before: number | null = null;
  for (let part = 0; part < MOST_PARTS && cards.length < count; part++) {
    const found = await deliveriesOf(hub, hook.number, filter, before, MOST);
    cards.push(...found.deliveries.filter(({ attempts }) => attempts > 0));
    before = found.before;
    if (before === null) break;
  }
  return cards;
}

async function record({ hub }: Call, hook: Hook, { id }: DeliveryCard): Promise<JsonObject> {
  const { body, log } = await deliveryOf(hub, hook.number, id);
  const newest = log.reduce(
    (last, each) => (each.at >= last.at ? each : last),
    log[0] as (typeof log)[number],
  );
  const { status } = newest;
  return {
    attempted_at: new Date(newest.at).toISOString(),
    endpoint: hook.url,
    error_message: newest.reason ?? '',
    id,
    is_success: status !== null && status >= 200 && status < 300,
    request_body: body ?? '',
    response_body: newest.excerpt ?? '',
    response_code: status ?? 0,
  };
}
