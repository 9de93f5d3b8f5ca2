// How tests ask whether people can use the chat who do not see it, or not well, or work without a mouse: axe, and checks of our
// own from inside the page (test/browser).
import { join } from 'node:path';
import axe, { type AxeResults } from 'axe-core';
import type { BrowserContext, Frame, Page } from 'playwright-core';
import { expect } from 'vitest';
import { bundled } from '../../src/pages/build.ts';

const { 'checks.js': script = '' } = await bundled({
  checks: join(import.meta.dirname, '../browser/checks.ts'),
});

/** More than there are in any state. */
const MOST_STOPS = 60;

/** Everything that axe knows of WCAG 2.2 AA, and what it calls good practice. */
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Of pages that are opened in this context everything can be asked. */
export const watched = async (context: BrowserContext): Promise<BrowserContext> => {
  await context.addInitScript(script);
  return context;
};

/** What one of the checks answers, in a page or a frame (test/browser/checks.ts). */
export const ask = <Answer = string[]>(target: Page | Frame, check: string): Promise<Answer> =>
  target.evaluate(`checks.${check}`) as Promise<Answer>;

/** The page and, where the chat was opened, its frame. */
export const partsOf = (page: Page): (Page | Frame)[] => [page, ...page.frames().slice(1)];

/**
 * What axe leaves to people, and who judges it here: contrast where something lies behind the words that it cannot see through
 * or where there is one letter alone (`paleWords` measures all words); frames (each is asked for itself); whether a picture is
 * part of the name of what it is on (an emoji's name is what the emoji shows).
 */
const JUDGED = new Set(['color-contrast', 'frame-tested', 'label-content-name-mismatch']);

/**
 * What axe finds in a page or a frame: what breaks a rule, and what it cannot tell and nobody has judged. `colours`: by the rules
 * about colours alone, where everything else was asked for already.
 */
export async function axeFinds(target: Page | Frame, colours = false): Promise<string[]> {
  if (!(await target.evaluate('typeof axe === "object"'))) await target.evaluate(axe.source);
  const options = {
    runOnly: colours ? ['cat.color'] : TAGS,
    rules: { 'color-contrast-enhanced': { enabled: false } },
    resultTypes: ['violations', 'incomplete'],
    iframes: false,
  };
  const found = (await target.evaluate(`axe.run(document, ${JSON.stringify(options)})`)) as AxeResults;
  const told = ({ id, nodes }: AxeResults['violations'][number]) =>
    nodes.map(({ target: where, failureSummary }) => `${id} ${where.join(' ')}: ${failureSummary}`);
  return [
    ...found.violations.flatMap(told),
    ...found.incomplete
      .filter(({ id }) => !JUDGED.has(id))
      .flatMap((each) => told(each).map((one) => `? ${one}`)),
  ];
}

interface Stop {
  name: string;
  wrong: string[];
}

/** Somebody who has a keyboard and nothing else. At each stop it is seen where they are. */
export class Keys {
  private readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** What has the focus, in the page or in the frame. */
  async at(): Promise<Stop> {
    const [host, frame] = partsOf(this.page) as [Page, Frame?];
    const stop = await ask<Stop>(host, 'focus()');
    return frame && stop.name.startsWith('iframe') ? ask<Stop>(frame, 'focus()') : stop;
  }

  /** Goes there from stop to stop. */
  async to(name: RegExp, key: 'Tab' | 'Shift+Tab' = 'Tab'): Promise<void> {
    const passed: string[] = [];
    while (passed.length < MOST_STOPS) {
      await this.page.keyboard.press(key);
      await this.isSeen();
      const stop = await this.at();
      if (name.test(stop.name)) return;
      passed.push(stop.name);
    }
    throw new Error(`${name} is not reached, but ${passed.join(', ')}`);
  }

  /** Presses a key; then the focus is there. */
  async press(key: string, then: RegExp): Promise<void> {
    await this.page.keyboard.press(key);
    await this.is(then);
  }

  async is(name: RegExp): Promise<void> {
    await expect.poll(async () => (await this.at()).name).toMatch(name);
    await this.isSeen();
  }

  /** The page may still be on its way there. */
  private isSeen(): Promise<void> {
    return expect.poll(async () => (await this.at()).wrong).toEqual([]);
  }
}

/** The live regions of the frame as Chromium tells screen readers of them. */
export async function liveRegions(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  const { frameTree } = await session.send('Page.getFrameTree');
  const frameId = frameTree.childFrames?.[0]?.frame.id;
  const { nodes } = await session.send('Accessibility.getFullAXTree', { frameId });
  await session.detach();
  const regions = nodes.flatMap(({ role, properties = [] }) => {
    const of = (name: string) => properties.find((each) => each.name === name)?.value.value;
    return of('live') ? [`${role?.value} ${of('live')}${of('atomic') ? ', whole' : ''}`] : [];
  });
  return regions.sort();
}
