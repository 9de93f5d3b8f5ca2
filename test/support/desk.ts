// An app's integration with a webhook and a key of its own, made through the Sunshine door. For tests that need one to
// name; what an integration may do is told in conformance/sunshine-integrations.test.ts.
import type { AppCredentials } from '../../src/standalone/demo.ts';

/** Ids as Sunshine writes them. */
export interface Desk {
  readonly integrationId: string;
  readonly webhookId: string;
  readonly key: { readonly keyId: string; readonly secret: string };
  /** An integration that no switchboard links. */
  readonly freeIntegrationId: string;
  readonly switchboardId: string;
  /** Switchboard integrations: the default one, and one that may go. */
  readonly lineId: string;
  readonly otherLineId: string;
}

// biome-ignore lint/suspicious/noExplicitAny: the answers' form is the subject of other tests.
type Json = any;

/** A call with the app's own key, below the app's address. Throws unless it succeeds. */
export async function asApp(
  { sunshine }: Pick<AppCredentials, 'sunshine'>,
  method: string,
  path: string,
  body?: object,
): Promise<Json> {
  const { basePath, appId, keyId, secret } = sunshine;
  const answer = await fetch(`${basePath}/v2/apps/${appId}/${path}`, {
    method,
    headers: { authorization: `Basic ${Buffer.from(`${keyId}:${secret}`).toString('base64')}` },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

/** Nothing is called there before there are deliveries. */
export const TARGET = 'https://example.org/hook';

/** An integration and a key of it, which work. */
export async function makeIntegration(made: Pick<AppCredentials, 'sunshine'>, displayName: string) {
  const { integration } = await asApp(made, 'POST', 'integrations', {
    type: 'custom',
    displayName,
    webhooks: [{ target: TARGET, triggers: ['conversation:message'] }],
  });
  const { key } = await asApp(made, 'POST', `integrations/${integration.id}/keys`, { displayName });
  return {
    integrationId: integration.id as string,
    webhookId: integration.webhooks[0].id as string,
    key: { keyId: key.id as string, secret: key.secret as string },
  };
}

/** What a place of tests has: a bot and a help desk on an enabled switchboard, and an integration on none. */
export async function makeDesk(made: Pick<AppCredentials, 'sunshine'>): Promise<Desk> {
  const bot = await makeIntegration(made, 'The bot');
  const human = await makeIntegration(made, 'The help desk');
  const free = await makeIntegration(made, 'Another one');
  const board = await makeSwitchboard(made, { bot: bot.integrationId, human: human.integrationId });
  return {
    ...bot,
    freeIntegrationId: free.integrationId,
    switchboardId: board.switchboardId,
    lineId: board.lines.bot as string,
    otherLineId: board.lines.human as string,
  };
}

/** A switchboard that links these integrations, each by its name; the first is the default one. */
export async function makeSwitchboard(
  made: Pick<AppCredentials, 'sunshine'>,
  integrations: Record<string, string>,
): Promise<{ switchboardId: string; lines: Record<string, string> }> {
  const { switchboard } = await asApp(made, 'POST', 'switchboards');
  const at = `switchboards/${switchboard.id}`;
  const lines: Record<string, string> = {};
  for (const [name, integrationId] of Object.entries(integrations)) {
    const linked = await asApp(made, 'POST', `${at}/switchboardIntegrations`, { name, integrationId });
    lines[name] = linked.switchboardIntegration.id;
  }
  const defaultSwitchboardIntegrationId = Object.values(lines)[0];
  await asApp(made, 'PATCH', at, { enabled: true, defaultSwitchboardIntegrationId });
  return { switchboardId: switchboard.id, lines };
}
