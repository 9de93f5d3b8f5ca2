// Elements from names, attributes and children. Text is only ever text: nothing here or elsewhere makes HTML of one.

type Child = Node | string | null | undefined | false;

/** An element with attributes and children; what is null or false is left out. */
export function el<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Record<string, string | boolean | undefined> = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === true) element.setAttribute(key, '');
    else if (typeof value === 'string') element.setAttribute(key, value);
  }
  element.append(...children.filter((child): child is Node | string => Boolean(child)));
  return element;
}

/** A sentence of the description: what stands between backticks is code. */
export const said = (text: string): Child[] =>
  text.split('`').map((part, at) => (at % 2 === 1 ? el('code', {}, part) : part));

/** A part that is made when it is opened for the first time. */
export function foldable(
  summary: readonly Child[],
  make: () => readonly Child[],
  id?: string,
): HTMLDetailsElement {
  const details = el('details', { id }, el('summary', {}, ...summary));
  const fill = () => {
    if (!details.open) return;
    details.removeEventListener('toggle', fill);
    details.append(...make().filter((child): child is Node | string => Boolean(child)));
  };
  details.addEventListener('toggle', fill);
  return details;
}

/** A field with its label; `says` is what a screen reader says besides. */
export function labelled(text: string, field: HTMLElement, id: string, says = ''): HTMLElement[] {
  field.id = id;
  if (says === '') return [el('label', { for: id }, text), field];
  field.setAttribute('aria-describedby', `${id}-says`);
  return [
    el('label', { for: id }, text),
    el('span', { class: 'faint', id: `${id}-says` }, ...said(says)),
    field,
  ];
}
