// The operator's calls that tests begin with: an app of their own, people in it. Tests of the operator API itself do
// not use this.
import { randomBytes } from 'node:crypto';
import type { AppCredentials } from '../../src/standalone/demo.ts';

export interface NewUser {
  username: string;
  password?: string;
  externalId?: string;
  email?: string;
  displayName?: string;
  role?: string;
}

export interface MadeUser {
  number: number;
  username: string;
  externalId: string;
  sunshineId: string;
  uuid: string;
}

export interface Operator {
  /** A new app, by default under a slug that no other test uses. */
  createApp(slug?: string): Promise<AppCredentials>;
  createUser(slug: string, user: NewUser): Promise<MadeUser>;
  /** A bridge of this conversation to nowhere: its number. */
  createBridge(slug: string, conversation: number): Promise<number>;
}

/** The operator of the hub at `url`. Each call throws when it is not answered with 201. */
export function operatorOf(url: string, adminToken: string): Operator {
  const create = async (path: string, body: object): Promise<unknown> => {
    const answer = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (answer.status !== 201) throw new Error(`POST ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  };
  return {
    createApp: async (slug = `test-${randomBytes(5).toString('hex')}`) =>
      (await create('/admin/apps', { slug, name: `App ${slug}` })) as AppCredentials,
    createUser: async (slug, user) =>
      ((await create(`/admin/apps/${slug}/users`, user)) as { user: MadeUser }).user,
    createBridge: async (slug, conversation) => {
      const url = 'https://example.org/api/webhooks/1/token';
      const draft = { network: 'discord', conversation, url };
      return ((await create(`/admin/apps/${slug}/bridges`, draft)) as { bridge: { number: number } }).bridge
        .number;
    },
  };
}
