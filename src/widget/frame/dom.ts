// Elements from names, attributes and children. Text is only ever text: nothing here or elsewhere makes HTML of one.

export type Child = Node | string | null | undefined | false;

/** An element with attributes and children; what is null or false is left out. A function is a listener: `onclick`. */
export function el<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Record<string, string | boolean | undefined | ((event: never) => unknown)> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(key.slice(2), value as EventListener);
    else if (value === true) element.setAttribute(key, '');
    else if (typeof value === 'string') element.setAttribute(key, value);
  }
  element.append(...children.filter((child): child is Node | string => Boolean(child)));
  return element;
}

/** A drawing of one path on a field of 24. */
export function icon(path: string): SVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  const shape = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  shape.setAttribute('d', path);
  svg.append(shape);
  return svg;
}

/** A button that shows a drawing and says a word. */
export const iconButton = (
  label: string,
  path: string,
  onclick: (event: never) => unknown,
): HTMLButtonElement =>
  el('button', { type: 'button', class: 'icon', 'aria-label': label, title: label, onclick }, icon(path));

/** Whether the key belongs to a letter that is being put together. Safari tells of its last one when that is over, with the code that all have. */
export const isComposing = (event: KeyboardEvent): boolean => event.isComposing || event.keyCode === 229;

/** Whether the key writes something. */
export const isWriting = ({ key, ctrlKey, altKey, metaKey }: KeyboardEvent): boolean =>
  key.length === 1 && !(ctrlKey || altKey || metaKey);

export interface Item {
  key: string;
  /** Where it is the same as before, the element stays as it is. */
  sign: string;
  make(): HTMLElement;
  /** What changes often is put into the element that is there. */
  renew?(node: HTMLElement): void;
}

/** What can be focused in a row. */
const STOPS = 'button,a,summary,input,select,textarea,[tabindex]';

/** Brings the children of an element to these, and touches only what changed. */
export class Rows {
  readonly #known = new Map<string, { sign: string; node: HTMLElement }>();
  readonly #parent: HTMLElement;

  constructor(parent: HTMLElement) {
    this.#parent = parent;
  }

  show(items: readonly Item[]): void {
    const wanted = new Set(items.map(({ key }) => key));
    for (const [key, { node }] of this.#known) {
      if (wanted.has(key)) continue;
      node.remove();
      this.#known.delete(key);
    }
    let before: ChildNode | null = this.#parent.firstChild;
    for (const { key, sign, make, renew } of items) {
      const old = this.#known.get(key);
      const { activeElement: active } = document;
      const at = old?.node.contains(active)
        ? [...old.node.querySelectorAll(STOPS)].indexOf(active as Element)
        : -1;
      const node = old?.sign === sign ? old.node : make();
      if (old && node !== old.node) {
        if (before === old.node) before = node;
        // What somebody has focused stays so, if there is still the same.
        old.node.replaceWith(node);
        const stop = node.querySelectorAll<HTMLElement>(STOPS)[at];
        if (at >= 0 && node.contains(active)) (active as HTMLElement).focus();
        else if (stop?.textContent === active?.textContent) stop?.focus();
      }
      renew?.(node);
      this.#known.set(key, { sign, node });
      if (before === node) before = node.nextSibling;
      else this.#parent.insertBefore(node, before);
    }
  }
}
