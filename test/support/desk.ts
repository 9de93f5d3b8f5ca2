// An app's integration with a webhook and a key of its own, made through the Sunshine door. For tests that need one to
// name; what an integration may do is told in conformance/sunshine-integrations.test.ts.
import type { AppCredentials } from '../../src/standalone/demo.ts';

/** Ids as Sunshine writes them. */
export interface Desk {
  readonly integrationId: string;
  readonly webhookId: string;
  readonly key: { readonly keyId: string; readonly secret: string };
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

export const makeDesk = (made: Pick<AppCredentials, 'sunshine'>): Promise<Desk> =>
  makeIntegration(made, 'The bot');
