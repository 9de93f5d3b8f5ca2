// The worker: the route table and the exported objects, nothing else.

import { matterbridgePort } from './bridges/matterbridge-relay.ts';
import { handleMatterbridge } from './bridges/matterbridge-server.ts';
import { handleDemo } from './demo/routes.ts';
import { DeskObject } from './desk/object.ts';
import { handleConsent } from './dialects/ppmessage/consent.ts';
import { pathOfDownload } from './dialects/ppmessage/file-ids.ts';
import { handleIdenticon } from './dialects/ppmessage/identicon.ts';
import { handlePPMessage } from './dialects/ppmessage/routes.ts';
import { handlePcSocket } from './dialects/ppmessage/socket/upgrade.ts';
import { handleToken } from './dialects/ppmessage/tokens.ts';
import { handleUpload } from './dialects/ppmessage/uploads.ts';
import { backupWorks } from './dialects/qiscus/backups.ts';
import { handleMqtt } from './dialects/qiscus/mqtt/upgrade.ts';
import { handleQiscus } from './dialects/qiscus/routes.ts';
import { handleSunshine } from './dialects/sunshine/routes.ts';
import { handleTapatalk } from './dialects/tapatalk/routes.ts';
import { handleDocs } from './docs/routes.ts';
import { type AppNumber, endpointNumber } from './domain/ids.ts';
import type { Env } from './env.ts';
import { json } from './http/respond.ts';
import { type Hub, hubOf } from './hub/context.ts';
import { deskPort } from './hub/desk-port.ts';
import { jobPort, sweepJobs } from './hub/jobs.ts';
import { sweepMerges } from './hub/merging.ts';
import { sweepNews } from './hub/news.ts';
import { sweepOnce } from './hub/once.ts';
import { sweepRecards } from './hub/recarding.ts';
import { expireConversations } from './hub/retention.ts';
import { sweepFiles } from './hub/sweeping.ts';
import { handleIncoming } from './incoming/routes.ts';
import { JobObject } from './jobs/object.ts';
import { handleOperator } from './operator/routes.ts';
import { handleRealtime } from './realtime/routes.ts';
import { handleReference } from './reference/routes.ts';
import { RelayObject } from './relay/object.ts';
import { handleFiles } from './serving/routes.ts';
import { VERSION } from './version.ts';
import { handleWebhooks } from './webhooks/routes.ts';
import { handleWidget } from './widget/routes.ts';

export { Conversation } from './conversation/object.ts';
export { Indexer } from './directory/indexer.ts';
export { Gate } from './gates.ts';
export { Inbox } from './realtime/inbox.ts';
export { Endpoint } from './webhooks/endpoint.ts';

/** Gives visitors to the team of one app. */
export class Desk extends DeskObject<Env> {
  protected override port() {
    return deskPort(this.env, Number(this.ctx.id.name) as AppNumber, (work) => this.ctx.waitUntil(work));
  }
}

/** Keeps and hands on what is said to and by a matterbridge; of one bridge. */
export class Relay extends RelayObject<Env> {
  protected override port() {
    const number = endpointNumber(Number(this.ctx.id.name));
    const hub = hubOf(this.env, '', (work) => this.ctx.waitUntil(work));
    return matterbridgePort(hub, number);
  }
}

/** Does the long work of every door. */
export class Job extends JobObject {
  protected override readonly port = jobPort(this.env, backupWorks);
}

type Handler = (request: Request, hub: Hub) => Response | Promise<Response>;

/** First match wins. A door answers everything under its prefix in its own form, also what it does not know. */
const ROUTES: readonly (readonly [RegExp, Handler])[] = [
  [/^\/+(forum\/+[^/]+\/+)?mobiquo\//, handleTapatalk],
  [/^\/+v2\//, handleSunshine],
  [/^\/+api\/v2(\.1)?\/(rest|sdk|mobile)\//, handleQiscus],
  [/^\/+api\/+[A-Z]/, handlePPMessage],
  [/^\/ppauth\/token\/?$/, handleToken],
  [/^\/ppauth\/auth\/?$/, handleConsent],
  [/^\/(upload|ppkefu)\/upload\/?$/, handleUpload],
  [/^\/download\/download\//, download],
  [/^\/identicon\//, handleIdenticon],
  [/^\/realtime(\/|$)/, handleRealtime],
  [/^\/mqtt(\/|$)/, handleMqtt],
  [/^\/+pcsocket(\/|$)/, handlePcSocket],
  [/^\/files\//, handleFiles],
  [/^\/hooks\/matterbridge\//, handleMatterbridge],
  [/^\/webhooks\/schemas\//, handleReference],
  [/^\/webhooks\//, handleWebhooks],
  [/^\/hooks\//, handleIncoming],
  [/^\/admin(\/|$)/, handleOperator],
  [/^\/widget(\.js$|\/)/, handleWidget],
  [/^\/openapi\.json$|^\/docs\/api\/?$/, handleReference],
  [/^\/docs(\/|$)/, handleDocs],
  [/^\/health$/, () => json({ status: 'ok', version: VERSION })],
  [/^\/(demo)?$/, handleDemo],
];

export default {
  async fetch(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
    const url = new URL(request.url);
    try {
      const hub = hubOf(env, url.origin, (work) => ctx.waitUntil(work), request.headers);
      const [, handler = nowhere] = ROUTES.find(([pattern]) => pattern.test(url.pathname)) ?? [];
      return named(await handler(request, hub), hub.requestId);
    } catch (error) {
      // Doors map their own errors: what arrives here is a hub that cannot even read its settings.
      console.error(JSON.stringify({ at: 'worker', error: String(error) }));
      return json({ error: { code: 'internal', message: 'Something went wrong.' } }, 500);
    }
  },

  /** The platform's clock (wrangler.toml), or that of the standalone server. */
  async scheduled(controller: ScheduledController, env: Env, ctx: ExecutionContext): Promise<void> {
    const hub = hubOf(env, '', (work) => ctx.waitUntil(work));
    const now = controller.scheduledTime;
    // First: files of conversations that go now are due with the others.
    await expireConversations(hub, now);
    await sweepFiles(hub, now);
    await sweepJobs(hub, now);
    await sweepRecards(hub);
    await sweepMerges(hub, now);
    await sweepNews(hub, now);
    await sweepOnce(hub, now);
  },
} satisfies ExportedHandler<Env>;

/** PPMessage clients name a file by an id, which is its address in other words. */
function download(request: Request, hub: Hub): Promise<Response> {
  const url = new URL(request.url);
  url.pathname = pathOfDownload(url.pathname) ?? '/files/';
  return handleFiles(new Request(url, request), hub);
}

const nowhere: Handler = () => json({ error: { code: 'not_found', message: 'Not found' } }, 404);

/** Every answer carries the request id that the log has too; an upgrade's headers are an object's, and fixed. */
function named(response: Response, requestId: string): Response {
  if (!response.webSocket) response.headers.set('x-request-id', requestId);
  return response;
}
