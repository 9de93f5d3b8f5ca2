// How an app's chat looks, from its settings.
import { presenceAt } from '../domain/hours.ts';
import type { App } from '../hub/context.ts';
import { takesFiles } from '../hub/files.ts';
import { lookOf } from '../hub/widget-looks.ts';
import type { Config, Look } from './config.ts';

/** As of a moment, which is told too: clocks differ. */
function hoursOf({ settings: { hours, offlineMessage: away } }: App, now: number): Config['hours'] {
  return hours && { ...presenceAt(hours, now), away, now: new Date(now).toISOString() };
}

export const configFor = (app: App, locales: readonly string[], now: number): Config => ({
  app: app.slug,
  name: app.name,
  colour: lookOf(app).colour,
  welcome: app.settings.welcomeMessage,
  hours: hoursOf(app, now),
  files: takesFiles(app) ? { most: app.settings.filesPerMessage, bytes: app.settings.fileBytes } : null,
  several: app.settings.multiConvo,
  locales: [...locales],
});

/** Only what this app has: the script that every page loads stays small. */
const SHAPES: Record<string, string> = {
  FLAT: '.launcher{box-shadow:none;border-radius:16px}',
  MATERIAL: '.launcher{box-shadow:0 6px 10px #0004,0 1px 18px #0002}',
  ANIMATE:
    '.launcher{animation:breathe 2.4s ease-in-out infinite}@keyframes breathe{50%{box-shadow:0 4px 18px #0003,' +
    '0 0 0 10px color-mix(in srgb,var(--colour) 20%,transparent)}}',
};

const GREETING =
  '.greeting{order:1;max-width:280px;border:0;border-radius:16px 16px 4px;padding:12px 16px;background:Canvas;color:CanvasText;' +
  'font:inherit;text-align:start;white-space:pre-line;cursor:pointer;box-shadow:0 4px 18px #0003}';

/** While nobody is there, nobody is welcomed: the launcher says so instead. */
export function launcherFor(app: App, now: number): Look {
  const hours = hoursOf(app, now);
  const welcome = (hours && !hours.open && hours.away) || app.settings.welcomeMessage;
  const look = lookOf(app);
  const { colour, launcher } = look;
  const style = [colour ? `.box{--colour:${colour}}` : '', SHAPES[launcher ?? ''] ?? '', GREETING].join('');
  return { ...look, style, welcome };
}
