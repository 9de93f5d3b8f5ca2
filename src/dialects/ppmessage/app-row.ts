// The app in the columns of this API, and which of them can be changed (contracts/ppmessage.md 6). Some are settings of the
// app, some are kept for this API alone; what nobody keeps (robots, billing) is null and cannot be set.

import { ROUTE_POLICIES } from '../../domain/desk.ts';
import type { JsonObject, Role } from '../../domain/model.ts';
import { appKeys, type KeyRecord } from '../../hub/keys.ts';
import { type AppChange, updateApp } from '../../hub/provisioning.ts';
import { teamOf } from '../../hub/team.ts';
import { KEY_DOORS } from './auth.ts';
import { type Call, demandAdmin, operation } from './call.ts';
import { Failure } from './errors.ts';
import { address, choice, flag, may, text } from './fields.ts';
import { appUuid, stampOfMs, userUuid } from './ids.ts';

/** Kept for this API alone: how its widget looks. */
const WIDGET = {
  app_icon: may(address()),
  company_name: may(text()),
  ppcom_launcher_color: may(text(64)),
  ppcom_launcher_style: may(choice(['DEFAULT', 'FLAT', 'MATERIAL', 'ANIMATE'])),
  show_ppcom_hover: may(choice(['ALWAYS', 'ONCE', 'NEVER'])),
  ppcom_powered_by_name: may(text()),
  ppcom_powered_by_link: may(address()),
  ppcom_powered_by_visible: may(flag()),
};

const COLUMNS = {
  app_name: may(text(100)),
  // The source's word for ALL (contracts/ppmessage.md 8).
  app_route_policy: may(choice([...ROUTE_POLICIES, 'BROADCAST'] as const)),
  welcome_message: may(text(2_000)),
  offline_message: may(text(2_000)),
  return_offline_message: may(flag()),
  ...WIDGET,
};

/** Who may see the app's secret: its own server, its owner and its admins, with tokens of PPKEFU (DESIGN.md 6). */
export function seesSecrets({ access }: Pick<Call, 'access'>): boolean {
  const role: Role | undefined = access.person?.caller.user?.role;
  return access.level === 'PPKEFU' && (access.person === null || role === 'admin' || role === 'owner');
}

/** The newest key of a door, of the app itself. */
export async function keyAtDoor(
  { hub, app }: Pick<Call, 'hub' | 'app'>,
  door: string,
): Promise<KeyRecord | null> {
  return (await appKeys(hub, app.number, door)).at(-1) ?? null;
}

/** Every column. The secret is null to whoever may not see it. */
export async function appRow(call: Call): Promise<JsonObject> {
  const { hub, app } = call;
  const { settings } = app;
  const [key, team] = await Promise.all([keyAtDoor(call, KEY_DOORS.PPCOM), teamOf(hub, app)]);
  const owner = team.find(({ role }) => role === 'owner');
  const kept = Object.keys(WIDGET).map((name) => [name, app.widget[name] ?? null]);
  return {
    uuid: appUuid(hub, app.number),
    app_name: app.name,
    app_key: key && hub.ids.uuid('key', key.number),
    app_secret: key && seesSecrets(call) ? key.secret : null,
    api_uuid: key && hub.ids.uuid('key', key.number),
    user_uuid: owner ? userUuid(hub, owner.number) : null,
    app_route_policy: settings.routePolicy,
    welcome_message: settings.welcomeMessage || null,
    offline_message: settings.offlineMessage || null,
    return_offline_message: settings.returnOfflineMessage,
    ...Object.fromEntries(kept),
    app_billing_email: null,
    app_billing_uuid: null,
    robot_user_uuid: null,
    robot_train_chat: null,
    robot_train_click: null,
    robot_train_method: null,
    robot_train_track: null,
    createtime: stampOfMs(app.createdAt),
    updatetime: stampOfMs(app.updatedAt),
  };
}

export const getAppInfo = operation({}, appRow);

export const updateAppInfo = operation(COLUMNS, async (call, given) => {
  demandAdmin(call);
  const { hub, app } = call;
  const said = Object.entries(given).filter(([, value]) => value !== undefined);
  const others = Object.keys(call.body).filter((name) => name !== 'app_uuid');
  if (said.length === 0 && others.length > 0) throw new Failure('GENERIC_UPDATE');
  const {
    app_name,
    app_route_policy: policy,
    welcome_message,
    offline_message,
    return_offline_message,
  } = given;
  const widget = Object.fromEntries(said.filter(([name]) => name in WIDGET)) as JsonObject;
  const settings: NonNullable<AppChange['settings']> = {
    ...(policy !== undefined && { routePolicy: policy === 'BROADCAST' ? ('ALL' as const) : policy }),
    ...(welcome_message !== undefined && { welcomeMessage: welcome_message }),
    ...(offline_message !== undefined && { offlineMessage: offline_message }),
    ...(return_offline_message !== undefined && { returnOfflineMessage: return_offline_message }),
  };
  const changed = await updateApp(hub, app, {
    ...(app_name && { name: app_name }),
    ...(Object.keys(settings).length > 0 && { settings }),
    ...(Object.keys(widget).length > 0 && { widget: { ...app.widget, ...widget } }),
  });
  return appRow({ ...call, app: changed });
});
