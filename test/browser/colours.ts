// How well things are told from what is behind them: WCAG 2.2, 1.4.3 of words, 1.4.11 of parts and of the mark of the focus.
import { around, elements, isSeen, nameOf, texts } from './elements.ts';

/** Red, green, blue, and how much of them, 0 to 1. */
type Colour = readonly [number, number, number, number];

const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
const known = new Map<string, Colour>();

/** Whatever way it is written in. */
function colourOf(css: string): Colour {
  const before = known.get(css);
  if (before) return before;
  if (!canvas) throw new Error('no canvas');
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = '#000';
  canvas.fillStyle = css;
  canvas.fillRect(0, 0, 1, 1);
  const [r = 0, g = 0, b = 0, a = 0] = canvas.getImageData(0, 0, 1, 1).data;
  const colour = [r / 255, g / 255, b / 255, a / 255] as const;
  known.set(css, colour);
  return colour;
}

const over = ([r, g, b, a]: Colour, [x, y, z]: Colour): Colour => [
  r * a + x * (1 - a),
  g * a + y * (1 - a),
  b * a + z * (1 - a),
  1,
];

function luminance([r, g, b]: Colour): number {
  const [x, y, z] = [r, g, b].map((part) =>
    part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * (x as number) + 0.7152 * (y as number) + 0.0722 * (z as number);
}

function contrast(one: Colour, two: Colour): number {
  const [light, dark] = [luminance(one), luminance(two)].sort((a, b) => b - a) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

/** What is behind the words of an element. */
function groundOf(element: Element | null): Colour {
  if (element === null) return colourOf('Canvas');
  const { backgroundColor, opacity } = getComputedStyle(element);
  const [r, g, b, a] = colourOf(backgroundColor);
  const own: Colour = [r, g, b, a * Number(opacity)];
  return own[3] === 1 ? own : over(own, groundOf(around(element)));
}

/** How much of an element is there, with what it stands in. */
const opacityOf = (element: Element | null): number =>
  element === null ? 1 : Number(getComputedStyle(element).opacity) * opacityOf(around(element));

function told(colour: string, element: Element, ground = groundOf(element)): number {
  const [r, g, b, a] = colourOf(colour);
  return contrast(over([r, g, b, a * opacityOf(element)], ground), ground);
}

const short = (what: string, element: Element, has: number, needs: number): string[] =>
  has >= needs ? [] : [`${what} of ${nameOf(element)}: ${has.toFixed(2)}, not ${needs}`];

/** Words that are not read well enough. */
export function paleWords(): string[] {
  const found: string[] = [];
  for (const { element } of texts()) {
    if (element.closest(':disabled')) continue;
    const { color, fontSize, fontWeight } = getComputedStyle(element);
    const px = Number.parseFloat(fontSize);
    const isLarge = px >= 24 || (px >= 18.66 && Number(fontWeight) >= 700);
    found.push(...short('words', element, told(color, element), isLarge ? 3 : 4.5));
  }
  for (const field of elements('input, textarea')) {
    if (!isSeen(field)) continue;
    const { color } = getComputedStyle(field, '::placeholder');
    found.push(...short('placeholder', field, told(color, field), 4.5));
  }
  return found;
}

/** Icons, and edges of fields, that are not told well enough from what is around them. */
export function paleParts(): string[] {
  const found: string[] = [];
  for (const icon of elements('svg') as Element[]) {
    if (!isSeen(icon) || icon.closest(':disabled')) continue;
    const { stroke, fill } = getComputedStyle(icon);
    found.push(
      ...short('icon', icon.parentElement ?? icon, told(stroke === 'none' ? fill : stroke, icon), 3),
    );
  }
  for (const field of elements('input, textarea, select')) {
    if (!isSeen(field)) continue;
    const framed = [field, around(field)].find(
      (each) => each && Number.parseFloat(getComputedStyle(each).borderBottomWidth) >= 1,
    );
    const ground = groundOf(around(framed ?? field));
    const edge = framed ? told(getComputedStyle(framed).borderBottomColor, framed, ground) : 1;
    found.push(...short('edge', field, Math.max(edge, contrast(groundOf(field), ground)), 3));
  }
  return found;
}

/** What is wrong with the mark of the focus on an element, or on the frame that it fills. */
export function paleFocus(element: HTMLElement): string[] {
  const isRinged = (each: Element | null): each is Element => {
    const { outlineStyle, outlineWidth } = getComputedStyle(each ?? element);
    return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2;
  };
  const ringed = [element, around(element)].find(isRinged);
  if (!ringed) return [`no focus on ${nameOf(element)}`];
  const { outlineColor, outlineOffset, boxShadow } = getComputedStyle(ringed);
  // On whatever page there is, one of two rings is seen.
  const [, ring = outlineColor] = /^(.+\)) 0px 0px 0px [2-9]px$/.exec(boxShadow) ?? [];
  const ground = groundOf(Number.parseFloat(outlineOffset) >= 0 ? around(ringed) : ringed);
  return short('focus', element, Math.max(told(outlineColor, ringed, ground), told(ring, ringed, ground)), 3);
}
