// Whether everything has room: nothing cut off, nothing wider than the page, nothing too small to be met, nothing that moves.
import { around, elements, isSeen, nameOf, texts } from './elements.ts';

/** What may be wider than the page: it is scrolled by itself (WCAG 2.2, 1.4.10: parts that need two dimensions). */
const MAY_BE_WIDE = 'pre, .carousel';
/** Shortened on purpose: what it is the beginning of is shown whole by pressing it. */
const MAY_BE_SHORTENED = '.lines .faint, summary .text';

const hides = (overflow: string): boolean => overflow === 'hidden' || overflow === 'clip';

/** Words of which a part cannot be brought to be seen. */
export function cutWords(): string[] {
  const found = new Set<string>();
  for (const { text, element } of texts()) {
    if (element.closest(MAY_BE_SHORTENED)) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    for (const rect of range.getClientRects())
      for (let box: Element | null = element; box; box = around(box)) {
        const { overflowX, overflowY, display } = getComputedStyle(box);
        if (display === 'inline') continue;
        const edge = box.getBoundingClientRect();
        const isCut =
          (hides(overflowX) && (rect.left < edge.left - 1 || rect.right > edge.right + 1)) ||
          (hides(overflowY) && (rect.top < edge.top - 3 || rect.bottom > edge.bottom + 3));
        if (isCut) found.add(`${nameOf(element)} is cut by ${nameOf(box)}`);
      }
  }
  return [...found];
}

/** What is scrolled sideways. */
export function tooWide(): string[] {
  const { scrollingElement: page } = document;
  const found = page && page.scrollWidth > page.clientWidth ? ['the page'] : [];
  for (const element of elements('body *')) {
    if (!isSeen(element) || element.matches(MAY_BE_WIDE)) continue;
    const { overflowX } = getComputedStyle(element);
    if ((overflowX === 'auto' || overflowX === 'scroll') && element.scrollWidth > element.clientWidth + 1)
      found.push(nameOf(element));
  }
  return found;
}

/** What is pressed and is smaller than 24 by 24 px; links among words are as high as their line (WCAG 2.2, 2.5.8). */
export function tooSmall(): string[] {
  return elements('button, a, input, textarea, select, summary').flatMap((target) => {
    if (!isSeen(target) || (target.localName === 'a' && target.closest('.words, p'))) return [];
    const { width, height } = target.getBoundingClientRect();
    return Math.min(width, height) >= 24 ? [] : [`${nameOf(target)}: ${width} × ${height}`];
  });
}

const lasts = (durations: string): boolean => durations.split(', ').some((each) => each !== '0s');

/** What moves, has moved, or would when something is pointed at; what changes at once does not move. */
export function moving(): string[] {
  const moves = (element: Element, part?: string): boolean => {
    const style = getComputedStyle(element, part);
    return (
      (style.transitionProperty !== 'none' && lasts(style.transitionDuration)) ||
      (style.animationName !== 'none' && lasts(style.animationDuration)) ||
      style.scrollBehavior === 'smooth'
    );
  };
  return elements('*').flatMap((element) =>
    [undefined, '::before', '::after']
      .filter((part) => moves(element, part))
      .map((part) => nameOf(element) + (part ?? '')),
  );
}

/** A picture is seen in any colours. */
const IS_PICTURE = '.emoji .grid *';

/** What has nothing but its colour to be seen by, which somebody who chose colours of their own does not see. */
export function edgeless(): string[] {
  const hasEdge = (element: Element | null): boolean => {
    if (element === null) return false;
    const { borderTopStyle, borderTopWidth } = getComputedStyle(element);
    return borderTopStyle !== 'none' && Number.parseFloat(borderTopWidth) >= 1;
  };
  return elements('button, textarea, input, .bubble, .badge, .count').flatMap((element) =>
    !isSeen(element) || element.matches(IS_PICTURE) || hasEdge(element) || hasEdge(around(element))
      ? []
      : [nameOf(element)],
  );
}

/** Every word twice as large, and nothing else (WCAG 2.2, 1.4.4). */
export function enlarge(): string[] {
  const sizes = elements('body, body *').map(
    (element) => [element, getComputedStyle(element).fontSize] as const,
  );
  for (const [element, size] of sizes)
    element.style.setProperty('font-size', `${Number.parseFloat(size) * 2}px`, 'important');
  return [];
}

const wide = new CSSStyleSheet();
wide.replaceSync(`* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }
  p { margin-bottom: 2em !important }`);

/** As people set it who read better so (WCAG 2.2, 1.4.12); once more: as it was. */
export function spread(): string[] {
  const isSpread = document.adoptedStyleSheets.includes(wide);
  document.adoptedStyleSheets = isSpread ? [] : [wide];
  return [];
}

/** In little room: the field to write in is in view, and so is as much of the conversation as two lines take. */
export function cramped(): string[] {
  return elements('.thread, textarea').flatMap((element) => {
    if (!isSeen(element)) return [];
    const { top, bottom } = element.getBoundingClientRect();
    const inView = Math.min(bottom, innerHeight) - Math.max(top, 0);
    const needs = element.localName === 'textarea' ? bottom - top : 60;
    return inView >= needs ? [] : [`${nameOf(element)}: ${inView} px of ${needs}`];
  });
}
