// How an app's chat looks, from its settings.
import { presenceAt } from '../domain/hours.ts';
import type { App } from '../hub/context.ts';
import { takesFiles } from '../hub/files.ts';
import { lookOf } from '../hub/widget-looks.ts';
import type { Config, Look } from './config.ts';

const WHITE = '#ffffff';

/** White or black, whichever is read better on it (WCAG 2.2, relative luminance): at least 4.5:1 on any colour. */
export function inkOn(colour: string | null): string {
  if (colour === null) return WHITE;
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  const light = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return 1.05 / (light + 0.05) >= (light + 0.05) / 0.05 ? WHITE : '#000000';
}

/** As of a moment, which is told too: clocks differ. */
export function hoursOf({ settings: { hours, offlineMessage: away } }: App, now: number): Config['hours'] {
  return hours && { ...presenceAt(hours, now), away, now: new Date(now).toISOString() };
}

export const configFor = (app: App, locales: readonly string[], now: number): Config => ({
  app: app.slug,
  name: app.name,
  colour: lookOf(app).colour,
  ink: inkOn(lookOf(app).colour),
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

/**
 * For every app, but needed no sooner: the greeting, the count of news, what turns behind a frame that is still to come, shadows, what
 * moves, what answers a pointer or is only read out, colours of the visitor's own, paper.
 */
const LATER =
  '.badge{position:absolute;top:-4px;right:-4px;min-width:22px;height:22px;padding:0 6px;border-radius:11px;border:2px solid #fff;' +
  'background:#c8102e;color:#fff;font:600 12px/18px system-ui,sans-serif;text-align:center}' +
  '.greeting{max-width:280px;max-height:calc(100vh - 118px);overflow:auto;border:0;border-radius:16px 16px 4px;padding:12px 16px;' +
  'background:Canvas;color:CanvasText;font:inherit;text-align:start;white-space:pre-line;cursor:pointer;box-shadow:0 4px 18px #0003}' +
  '.left .greeting{border-radius:16px 16px 16px 4px}' +
  '.panel{display:grid;box-shadow:0 12px 48px #0003,0 2px 8px #0002}.panel::before,iframe{grid-area:1/1}iframe{position:relative}' +
  '.panel::before{content:"";place-self:center;width:34px;height:34px;border:3px solid #8884;border-top-color:var(--colour);' +
  'border-radius:50%;animation:turn 1s linear 15}@keyframes turn{to{rotate:1turn}}' +
  'svg+svg{transform:rotate(-45deg)}.open svg{transform:rotate(45deg)}.open svg+svg{transform:none}' +
  '@media print{.box{display:none}}' +
  '.launcher{transition:transform .15s}.launcher:hover{transform:scale(1.05)}svg{transition:opacity .15s,transform .2s}' +
  '@media (prefers-reduced-motion){*,::before{transition:none!important;animation:none!important}}' +
  '.news{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}' +
  '@media (forced-colors:active){.launcher,.greeting,.panel{border:2px solid}}';

/** While nobody is there, nobody is welcomed: the launcher says so instead. */
export function launcherFor(app: App, now: number): Look {
  const hours = hoursOf(app, now);
  const welcome = (hours && !hours.open && hours.away) || app.settings.welcomeMessage;
  const look = lookOf(app);
  const { colour, launcher } = look;
  const own = colour ? `.box{--colour:${colour};--ink:${inkOn(colour)}}` : '';
  const style = [own, SHAPES[launcher ?? ''] ?? '', LATER].join('');
  return { ...look, style, welcome };
}
