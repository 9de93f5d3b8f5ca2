// How an app's chat looks: kept in the words of the clients that had such settings first (contracts/ppmessage.md 6), read and
// changed by everybody else in plain ones.
import type { JsonObject } from '../domain/model.ts';
import type { App } from './context.ts';

export const LAUNCHERS = ['DEFAULT', 'FLAT', 'MATERIAL', 'ANIMATE'] as const;
export const GREETINGS = ['ALWAYS', 'ONCE', 'NEVER'] as const;

export interface WidgetLook {
  /** `#rrggbb`; null: the hub's own. */
  colour: string | null;
  launcher: (typeof LAUNCHERS)[number] | null;
  /** Whether the welcome stands beside the launcher; null: it does not. */
  greeting: (typeof GREETINGS)[number] | null;
}

const COLOUR = 'ppcom_launcher_color';
const LAUNCHER = 'ppcom_launcher_style';
const GREETING = 'show_ppcom_hover';

/** `#rrggbb` of a colour with or without its sign, in three digits or six; null for anything else. */
export function colourOf(text: unknown): string | null {
  const digits =
    typeof text === 'string' ? /^#?([0-9a-f]{6}|[0-9a-f]{3})$/i.exec(text.trim())?.[1] : undefined;
  if (digits === undefined) return null;
  return `#${digits.length === 3 ? digits.replace(/./g, '$&$&') : digits}`.toLowerCase();
}

export const lookOf = ({ widget }: Pick<App, 'widget'>): WidgetLook => ({
  colour: colourOf(widget[COLOUR]),
  launcher: LAUNCHERS.find((name) => name === widget[LAUNCHER]) ?? null,
  greeting: GREETINGS.find((name) => name === widget[GREETING]) ?? null,
});

/** What is kept once the look is changed so; what the change leaves out stays. */
export const withLook = ({ widget }: Pick<App, 'widget'>, change: Partial<WidgetLook>): JsonObject => ({
  ...widget,
  ...(change.colour !== undefined && { [COLOUR]: change.colour }),
  ...(change.launcher !== undefined && { [LAUNCHER]: change.launcher }),
  ...(change.greeting !== undefined && { [GREETING]: change.greeting }),
});
