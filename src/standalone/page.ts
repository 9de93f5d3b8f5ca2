// The page that a start prints: where to look, with what to sign in, what to try first. Pure.
import type { AppCredentials, Demo } from './demo.ts';

export interface StartFacts {
  readonly version: string;
  readonly url: string;
  readonly dataDir: string;
  readonly adminToken: string;
  /** false: the token came from the environment, so whoever started the server knows it. */
  readonly adminTokenMade: boolean;
  readonly credentials: AppCredentials | null;
  readonly people: Demo['people'];
}

/** The first line is for machines too: whoever starts the server reads its address from it. */
export const READY = /^Parlance \S+ serves at (\S+)$/m;

/** The page as lines of text. */
export function startPage(facts: StartFacts): string {
  const { url, credentials } = facts;
  const lines = [`Parlance ${facts.version} serves at ${url}`, ''];
  if (credentials) lines.push(...doors(credentials), '');
  if (facts.people.length > 0) {
    lines.push(row('people', facts.people.map((one) => `${one.username} / ${one.password}`).join('    ')));
  }
  lines.push(
    row('operator', `ADMIN_TOKEN ${facts.adminTokenMade ? facts.adminToken : '(from the environment)'}`),
    '',
  );
  if (credentials) {
    lines.push(`See it in a browser: ${url}/`, '');
    lines.push('Open a conversation for bob:', '', ...firstCall(credentials), '');
  }
  lines.push(`Data: ${facts.dataDir}    Documentation: ${url}/docs    Stop: Ctrl-C`);
  return lines.join('\n');
}

const row = (label: string, text: string) => `  ${label.padEnd(11)}${text}`;

function doors({ tapatalk, sunshine, qiscus, ppmessage, realtime }: AppCredentials): string[] {
  return [
    row('tapatalk', tapatalk.url),
    row('sunshine', sunshine.basePath),
    row('', `app ${sunshine.appId}    key ${sunshine.keyId}    secret ${sunshine.secret}`),
    row('qiscus', qiscus.baseUrl),
    row('', `app ${qiscus.appId}    secret ${qiscus.secret}`),
    row('ppmessage', ppmessage.baseUrl),
    row('', `app ${ppmessage.appUuid}`),
    row('', `widget key ${ppmessage.ppcom.apiKey}    secret ${ppmessage.ppcom.apiSecret}`),
    row('', `agent key ${ppmessage.ppkefu.apiKey}    secret ${ppmessage.ppkefu.apiSecret}`),
    row('realtime', realtime.url),
  ];
}

function firstCall({ sunshine }: AppCredentials): string[] {
  return [
    `  curl -u ${sunshine.keyId}:${sunshine.secret} \\`,
    `    ${sunshine.basePath}/v2/apps/${sunshine.appId}/conversations \\`,
    `    -H 'content-type: application/json' \\`,
    `    -d '{"type": "personal", "participants": [{"userExternalId": "bob"}]}'`,
  ];
}
