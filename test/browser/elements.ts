// What a check of a page starts from: its elements, also those in open shadow roots, and which of them are to be seen.

export function elements(selector: string, root: Document | ShadowRoot = document): HTMLElement[] {
  const found = [...root.querySelectorAll<HTMLElement>(selector)];
  for (const { shadowRoot } of root.querySelectorAll('*'))
    if (shadowRoot) found.push(...elements(selector, shadowRoot));
  return found;
}

/** The element around it, also over the edge of a shadow root. */
export const around = (element: Element): Element | null => {
  const parent = element.parentNode;
  return parent instanceof ShadowRoot ? parent.host : element.parentElement;
};

/** Not there for ears alone, as what is clipped to a point. */
export function isSeen(element: Element): boolean {
  const { width, height } = element.getBoundingClientRect();
  if (width < 2 || height < 2) return false;
  return element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !isClipped(element);
}

const isClipped = (element: Element | null): boolean =>
  element !== null && (getComputedStyle(element).clipPath !== 'none' || isClipped(around(element)));

/** As a person would call it in a report. */
export function nameOf(element: Element): string {
  const words = element.getAttribute('aria-label') ?? element.textContent?.trim().replace(/\s+/g, ' ') ?? '';
  const kind = [element.localName, ...element.classList].join('.');
  return `${kind} "${words.slice(0, 40)}"`;
}

/** Texts that are to be seen, each with the element that it stands in. */
export function* texts(): Generator<{ text: Text; element: HTMLElement }> {
  for (const element of elements('body *')) {
    if (!isSeen(element)) continue;
    for (const text of element.childNodes)
      if (text instanceof Text && text.data.trim() !== '' && element.localName !== 'textarea')
        yield { text, element };
  }
}
