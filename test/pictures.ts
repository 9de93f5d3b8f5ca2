// Makes the pictures in docs/pictures: every state of the chat at two widths, in Chromium, on a page as a shop would have it, and the
// page at `/`.
// `npm run pictures`, or `npm run pictures -- rich files` for some of them. Debian's fonts-inter, fonts-noto-core and
// fonts-noto-color-emoji make them look as most people's own fonts would.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { prepareStates, STATES, type Stage, type State } from './conformance/widget-states.ts';
import { startChromium, startWidgetWorld, write } from './conformance/widget-world.ts';

const FOLDER = join(import.meta.dirname, '../docs/pictures');
const SIZES = [
  { width: 1360, height: 850 },
  { width: 360, height: 740 },
];
/** Shown as people have it at night. */
const DARK: ReadonlySet<string> = new Set(['offline', 'rich']);

const shop = (script: string): string => `<!doctype html>
<html lang="en">
<meta name="viewport" content="width=device-width">
<title>Nordlicht Outdoor</title>
<style>
  :root { color-scheme: light dark; --ink: #1d2a2f; --soft: #eef2ef; --ground: #fbfcfa; font: 16px/1.5 system-ui, sans-serif }
  @media (prefers-color-scheme: dark) { :root { --ink: #e6ece9; --soft: #1f2826; --ground: #141a19 } }
  body { margin: 0; background: var(--ground); color: var(--ink) }
  header { display: flex; gap: 28px; align-items: center; padding: 18px 6vw }
  header b { font-size: 20px; margin-right: auto }
  .hero { margin: 0 6vw; padding: 9vh 5vw; border-radius: 24px; color: #fff; background: #2f5d50 }
  .hero h1 { font-size: clamp(28px, 4vw, 48px); line-height: 1.1; margin: 0 0 12px; max-width: 14em }
  .hero p { margin: 0; max-width: 34em }
  .shelf { display: grid; grid-template-columns: repeat(auto-fit, minmax(180px, 1fr)); gap: 20px; margin: 28px 6vw }
  .shelf div { background: var(--soft); border-radius: 18px; padding: 20px; min-height: 190px; display: flex; flex-direction: column; justify-content: flex-end }
  .shelf i { font: 56px/1 system-ui; margin: auto }
  @media (max-width: 480px) { header span { display: none } }
</style>
<header><b>Nordlicht</b><span>Boots</span><span>Tents</span><span>Routes</span></header>
<div class="hero"><h1>Everything for a weekend outside</h1><p>Boots, tents and maps, chosen by people who walk.</p></div>
<div class="shelf"><div><i>🥾</i><b>Ridge Mid GTX</b>129 €</div><div><i>⛺</i><b>Fjell Light 2</b>349 €</div><div><i>🗺️</i><b>Routes of the north</b>24 €</div></div>
${script}`;

/** What a system's own font is here. */
const FONTS = `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig>
<include>/etc/fonts/fonts.conf</include>
${['system-ui', 'sans-serif'].map((name) => `<match><test name="family"><string>${name}</string></test><edit name="family" mode="prepend" binding="strong"><string>Inter</string></edit></match>`).join('')}
</fontconfig>`;

const fonts = mkdtempSync(join(tmpdir(), 'parlance-fonts-'));
writeFileSync(join(fonts, 'fonts.conf'), FONTS);
process.env.FONTCONFIG_FILE = join(fonts, 'fonts.conf');

/** The page at `/` of a fresh hub, with words from each side. */
async function demo(stage: Stage): Promise<Page> {
  const page = await stage.context.newPage();
  await page.goto(stage.widget.hub.url);
  await page.locator('#posts').getByText('Alice reads').waitFor();
  const narrow = (page.viewportSize()?.width ?? 0) < 1100;
  if (narrow) await page.getByRole('button', { name: 'Chat' }).click();
  const chat = page.frameLocator('iframe');
  await write(chat, 'Hello! Is this really one conversation?');
  await page.locator('#posts').getByText('Is this really').waitFor();
  if (narrow) await chat.getByRole('button', { name: 'Close' }).click();
  await page.getByLabel('Alice answers').fill('Yes. I write this in the forum app.');
  await page.getByRole('button', { name: 'Post' }).click();
  await page.locator('#posts').getByText('I write this').waitFor();
  await page.getByRole('button', { name: 'Make this call' }).click();
  await page.locator('.text', { hasText: 'By REST' }).waitFor();
  await page.locator('#posts').getByText('By REST').waitFor();
  await page.evaluate('scrollTo(0, 0)');
  return page;
}

const wanted = process.argv.slice(2);
const all: readonly Pick<State, 'name' | 'reach'>[] = [...STATES, { name: 'demo', reach: demo }];
const widget = await startWidgetWorld(shop);
const browser = await startChromium();
try {
  mkdirSync(FOLDER, { recursive: true });
  await prepareStates(widget);
  await widget.world.operate('PATCH', '', { widget: { colour: '#2f5d50' } });
  for (const { name, reach } of all.filter((each) => wanted.length === 0 || wanted.includes(each.name))) {
    for (const viewport of SIZES) {
      const colorScheme = DARK.has(name) ? 'dark' : 'light';
      const context = await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce' });
      const page = await reach({ widget, context });
      await page.mouse.move(0, 0);
      await page.evaluate('document.fonts.ready');
      await page.screenshot({ path: join(FOLDER, `${name}-${viewport.width}.png`), animations: 'disabled' });
      await context.close();
      console.log(`${name} at ${viewport.width}`);
    }
  }
} finally {
  await browser.close();
  await widget.stop();
  rmSync(fonts, { recursive: true });
}
if (widget.wrong.length > 0) throw new Error(widget.wrong.join('\n'));
