// Checks of a page from inside it, as `checks`: each answers with what is wrong. Tests put it into pages and frames
// (conformance/widget-access.ts).
import { paleFocus, paleParts, paleWords } from './colours.ts';
import { nameOf } from './elements.ts';
import { heard } from './heard.ts';
import { cramped, cutWords, edgeless, enlarge, moving, spread, tooSmall, tooWide } from './room.ts';

/** The element with the focus, also in a shadow root; null: none but the page itself. */
function focused(): HTMLElement | null {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  return element === document.body ? null : (element as HTMLElement | null);
}

/** What has the focus, and what is wrong with how that is seen. */
function focus(): { name: string; wrong: string[] } {
  const element = focused();
  if (!element) return { name: 'nothing', wrong: [] };
  const { left, top, right, bottom } = element.getBoundingClientRect();
  const root = element.getRootNode() as Document | ShadowRoot;
  const at = root.elementFromPoint(
    (left + right) / 2,
    (Math.max(0, top) + Math.min(innerHeight, bottom)) / 2,
  );
  const isShown = at !== null && (element.contains(at) || at.contains(element));
  return {
    name: nameOf(element),
    wrong: [...paleFocus(element), ...(isShown ? [] : [`${nameOf(element)} is not in view`])],
  };
}

/** How it runs: which side whose messages are at, and where each line of the last one of theirs begins. */
function direction(): Record<string, unknown> {
  const { lang, dir } = document.documentElement;
  const sideOf = (rect: DOMRect, within: DOMRect) =>
    rect.left - within.left < within.right - rect.right ? 'left' : 'right';
  const thread = document.querySelector('.log')?.getBoundingClientRect() ?? new DOMRect();
  const side = (selector: string) => {
    const element = document.querySelector(selector);
    return element && sideOf(element.getBoundingClientRect(), thread);
  };
  const words = [...document.querySelectorAll('.theirs .words')].at(-1);
  const range = document.createRange();
  const lines = [...(words?.childNodes ?? [])].flatMap((node) => {
    range.selectNodeContents(node);
    return node instanceof Text && words
      ? [sideOf(range.getBoundingClientRect(), words.getBoundingClientRect())]
      : [];
  });
  const send = document.querySelector('.send svg');
  const isMirrored = send !== null && getComputedStyle(send).transform.startsWith('matrix(-1');
  return {
    lang,
    dir,
    mine: side('.mine .bubble'),
    theirs: side('.theirs .bubble'),
    send: isMirrored ? 'mirrored' : 'plain',
    lines,
  };
}

/** Each of them answers with what is wrong; `enlarge` and `spread` change the page. */
const CHECKS: Record<string, () => string[]> = {
  paleWords,
  paleParts,
  cramped,
  cutWords,
  tooWide,
  tooSmall,
  moving,
  edgeless,
  enlarge,
  spread,
};

Object.assign(globalThis, {
  checks: {
    all: (names: string[]) =>
      names.flatMap((name) => (CHECKS[name]?.() ?? []).map((wrong) => `${name}: ${wrong}`)),
    direction,
    focus,
    /** What was heard since this was asked last. */
    heard: () => heard.splice(0),
  },
});
