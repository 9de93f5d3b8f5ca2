// Who calls: the app's own server with the app's secret; and which app that is (contracts/qiscus.md 1).
import { Refused } from '../../domain/errors.ts';
import { appBySlug, appCaller, appMapped } from '../../hub/apps.ts';
import type { App, Caller, Hub } from '../../hub/context.ts';
import { verifySecret } from '../../hub/keys.ts';

export interface Access {
  app: App;
  caller: Caller;
}

/** A header of this API, whether its client writes its name with hyphens or with underscores. */
export function headerOf(request: Pick<Request, 'headers'>, name: string): string | null {
  const { headers } = request;
  const found = headers.get(name) ?? headers.get(name.replaceAll('-', '_'));
  if (found !== null) return found;
  // Mixed: few send it, so it is looked for last.
  for (const [key, value] of headers) if (key.replaceAll('_', '-') === name) return value;
  return null;
}

export const unauthorized = (): Refused => new Refused({ code: 'unauthorized', message: 'Unauthorized' });

/**
 * The app that the request names: by header, else by the host name that it came to. Null: it names none, and its
 * credential must tell. Unauthorized: it names one that there is not.
 */
export async function appNamed(request: Request, hub: Hub, url: URL): Promise<App | null> {
  const slug = headerOf(request, 'qiscus-sdk-app-id') ?? headerOf(request, 'qiscus-app-id');
  if (slug === null) return appMapped(hub, url.host);
  try {
    return await appBySlug(hub, slug);
  } catch (error) {
    if (error instanceof Refused && error.refusal.code === 'not_found') throw unauthorized();
    throw error;
  }
}

/** The app whose secret this is. Unauthorized: none, a wrong one, or not of the app that the request names. */
export async function authenticate(request: Request, hub: Hub, url: URL): Promise<Access> {
  const secret = headerOf(request, 'qiscus-sdk-secret') ?? '';
  const [named, { app }] = await Promise.all([
    appNamed(request, hub, url),
    verifySecret(hub, 'qiscus', secret),
  ]);
  if (!app || (named && named.number !== app.number)) throw unauthorized();
  return { app, caller: appCaller(app, 'qiscus') };
}
