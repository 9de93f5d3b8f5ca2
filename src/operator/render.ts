// What the operator API answers of apps, people, conversations and credentials. Routes are routes.ts.
import type { ConversationView } from '../domain/model.ts';
import type { App, Hub, User } from '../hub/context.ts';
import { secretNaming } from '../hub/keys.ts';
import type { KeyedDoor, ShownKey } from '../hub/provisioning.ts';
import { lookOf } from '../hub/widget-looks.ts';

export const brief = (app: App) => ({ slug: app.slug, name: app.name, number: app.number });
export const whole = (app: App) => ({
  ...brief(app),
  settings: app.settings,
  hosts: app.hosts,
  origins: app.origins,
  widget: lookOf(app),
  createdAt: new Date(app.createdAt).toISOString(),
});

export const userOf = (hub: Hub, user: User) => ({
  number: user.number,
  username: user.username,
  externalId: user.externalId,
  sunshineId: hub.ids.hex('user', user.number),
  uuid: hub.ids.uuid('user', user.number),
});

export const conversationOf = (view: ConversationView) => ({
  number: view.facts.number,
  kind: view.facts.kind,
  title: view.facts.title,
  state: view.facts.state,
  locked: view.facts.locked,
  messageCount: view.messageCount,
  memberCount: view.memberCount,
  assignee: view.facts.assignee,
  lastSeq: view.lastSeq,
});

/** What a client of each door needs; addresses are origins without a path or a trailing slash. */
export function credentials(hub: Hub, app: App, keys: Record<KeyedDoor, ShownKey>) {
  return {
    app: brief(app),
    ...shown(hub, app, 'sunshine', keys.sunshine),
    ...shown(hub, app, 'qiscus', keys.qiscus),
    ppmessage: {
      baseUrl: hub.origin,
      appUuid: hub.ids.uuid('app', app.number),
      ...shown(hub, app, 'ppcom', keys.ppcom),
      ...shown(hub, app, 'ppkefu', keys.ppkefu),
    },
    tapatalk: { url: `${hub.origin}/forum/${app.slug}/mobiquo/mobiquo.php` },
    realtime: { url: `${hub.origin.replace(/^http/, 'ws')}/realtime` },
  };
}

/** A door's credential, secret and all: it is in this answer alone. */
export function shown(hub: Hub, app: App, door: KeyedDoor, key: ShownKey): Record<string, object> {
  switch (door) {
    case 'sunshine':
      return {
        sunshine: {
          basePath: hub.origin,
          appId: hub.ids.hex('app', app.number),
          keyId: key.id,
          secret: key.secret,
        },
      };
    case 'qiscus':
      return { qiscus: { baseUrl: hub.origin, appId: app.slug, secret: secretNaming(hub, key) } };
    default:
      return { [door]: { apiKey: hub.ids.uuid('key', key.number), apiSecret: key.secret } };
  }
}
