// What tests of bridges to a Discourse and to matterbridges look at and make: a conversation's messages, and a bridge of it to each.
import { Api, Forum, KEY } from './bridges-peers.ts';
import type { Bridges, Json } from './bridges-world.ts';

export type Talk = { id: string; number: number };

let forums = 0;
let apis = 0;

/** Looks until it is so, for a minute. */
export async function eventually(look: () => Promise<void>): Promise<void> {
  for (const late = Date.now() + 60_000; ; ) {
    try {
      return await look();
    } catch (error) {
      if (Date.now() > late) throw error;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}

export function sidesOf(bridges: () => Bridges) {
  const messagesOf = async ({ id }: Talk): Promise<Json[]> =>
    (await bridges().world.sunshine('GET', `/conversations/${id}/messages`)).messages;
  const textsOf = async (talk: Talk): Promise<string[]> =>
    (await messagesOf(talk)).map(({ author, content }) => `${author.displayName}: ${content.text}`);
  const reword = (talk: Talk, id: string, text: string): Promise<Json> =>
    bridges().world.sunshine('PATCH', `/conversations/${talk.id}/messages/${id}`, {
      content: { type: 'text', text },
    });
  const remove = (talk: Talk, id: string): Promise<Json> =>
    bridges().world.sunshine('DELETE', `/conversations/${talk.id}/messages/${id}`);

  /** A forum whose topic 9 is bridged with the conversation, both ways. */
  async function forumOf(talk: Talk, place: object = { topic: '9' }, options: object = { places: ['9'] }) {
    const forum = new Forum(bridges().world, `/forum${++forums}`);
    const hooked = await bridges().world.operate('POST', '/hooks', {
      shape: 'discourse',
      conversation: talk.number,
      secret: 'a-webhook-secret',
      options: { label: 'Forum', ...options },
    });
    if (hooked.status !== 201) throw new Error(JSON.stringify(hooked));
    forum.hook = { url: hooked.body.url ?? hooked.body.hook.url, secret: 'a-webhook-secret' };
    const made = await bridges().make({
      network: 'discourse',
      conversation: talk.number,
      url: forum.url,
      credentials: { apiKey: KEY, apiUsername: 'hubbot' },
      place,
      incoming: hooked.body.hook.number,
      perSecond: 50,
    });
    if (made.status !== 201) throw new Error(JSON.stringify(made));
    return { forum, number: made.body.bridge.number as number };
  }

  async function apiOf(talk: Talk, set: (api: Api) => void = () => {}) {
    const api = new Api(bridges().world, `/mb${++apis}`);
    set(api);
    const made = await bridges().make({
      network: 'matterbridge',
      conversation: talk.number,
      url: api.url,
      credentials: { token: api.token },
      place: { gateway: 'gate' },
    });
    if (made.status !== 201) throw new Error(JSON.stringify(made));
    await api.connected(1);
    return { api, number: made.body.bridge.number as number };
  }
  return { messagesOf, textsOf, reword, remove, forumOf, apiOf };
}
