// The picker of emoji: a script of its own that the chat loads when somebody opens it first. Keyboards reach all of it: the field
// searches, arrows walk over the grid, Escape closes the picker and not the chat.
import { el, isComposing } from '../frame/dom.ts';
import { type Emoji, emojiOf, GROUPS, type Group } from './list.ts';
import { style } from './style.ts';
import { EMOJI_ENGLISH, type EmojiWord } from './words.ts';

/** Emoji used lately that are kept. */
const MOST_RECENT = 16;
const GROUP_NAMES = Object.keys(GROUPS) as Group[];
const ALL: Emoji[] = GROUP_NAMES.flatMap(emojiOf);

export interface Picking {
  /** What it says in the visitor's language; what is missing there is English. */
  words: Partial<Record<string, string>>;
  /** Used lately, the newest first. */
  recent: readonly string[];
  /** `recent`: as it is from now on. */
  picked(emoji: string, recent: string[]): void;
  /** `to`: where the focus has gone, where that is why. */
  closed(to?: EventTarget): void;
}

export function picker({ words, recent, picked, closed }: Picking): HTMLElement {
  dress();
  const say = (word: EmojiWord): string => words[word] ?? EMOJI_ENGLISH[word];
  const pick = (emoji: string): void =>
    picked(emoji, [emoji, ...recent.filter((each) => each !== emoji)].slice(0, MOST_RECENT));
  const button = ({ emoji, name }: Emoji): HTMLElement =>
    el(
      'button',
      { type: 'button', tabindex: '-1', 'aria-label': name, title: name, onclick: () => pick(emoji) },
      emoji,
    );
  const group = (label: string, list: readonly Emoji[]): HTMLElement =>
    el('section', { 'aria-label': label, role: 'group' }, el('h2', {}, label), ...list.map(button));
  const lately = recent.flatMap((emoji) => ALL.find((each) => each.emoji === emoji) ?? []);
  const groups = (): HTMLElement[] => [
    ...(lately.length > 0 ? [group(say('recent'), lately)] : []),
    ...GROUP_NAMES.map((name) => group(say(name), emojiOf(name))),
  ];

  const grid = el('div', { class: 'grid' });
  const search = el('input', {
    type: 'search',
    placeholder: say('searchEmoji'),
    'aria-label': say('searchEmoji'),
    oninput: () => show(),
  });
  const found = el('p', { role: 'status' });
  const buttons = (): HTMLElement[] => [...grid.querySelectorAll('button')];

  function show(): void {
    const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const list = ALL.filter(({ words: has }) => wanted.every((word) => ` ${has}`.includes(` ${word}`)));
    grid.replaceChildren(...(wanted.length === 0 ? groups() : list.map(button)));
    found.textContent = wanted.length > 0 && list.length === 0 ? say('noEmoji') : '';
    // One of them is on the way of the tabulator; the arrows lead on from there.
    if (buttons()[0]) (buttons()[0] as HTMLElement).tabIndex = 0;
  }

  function walk(event: KeyboardEvent): void {
    event.stopPropagation();
    if (event.key === 'Escape' && !isComposing(event)) return closed();
    const all = buttons();
    const at = all.indexOf(event.target as HTMLElement);
    if (at < 0) {
      // The search field: down into the grid; what was found first is taken. The field is in the form that sends messages.
      if (event.key === 'ArrowDown') move(all[0], event);
      if (event.key !== 'Enter' || isComposing(event)) return;
      event.preventDefault();
      if (search.value.trim() !== '') all[0]?.click();
      return;
    }
    const next = document.documentElement.dir === 'rtl' ? -1 : 1;
    if (event.key === 'ArrowRight') move(all[at + next], event);
    if (event.key === 'ArrowLeft') move(all[at - next], event);
    if (event.key === 'ArrowDown') move(inRow(all.slice(at), 1), event);
    if (event.key === 'ArrowUp') move(inRow(all.slice(0, at + 1).reverse(), -1) ?? search, event);
    if (event.key === 'Home') move(all[0], event);
    if (event.key === 'End') move(all.at(-1), event);
  }

  /** The first of the next row (above or below the first of these) that stands nearest to it. */
  function inRow([here, ...others]: HTMLElement[], direction: 1 | -1): HTMLElement | undefined {
    if (!here) return undefined;
    const away = (each: HTMLElement) => Math.abs(each.offsetLeft - here.offsetLeft);
    const row = others.find((each) => (each.offsetTop - here.offsetTop) * direction > 0)?.offsetTop;
    return others.filter(({ offsetTop }) => offsetTop === row).sort((a, b) => away(a) - away(b))[0];
  }

  function move(to: HTMLElement | undefined, event: Event): void {
    event.preventDefault();
    if (!to) return;
    for (const each of buttons()) each.tabIndex = each === to ? 0 : -1;
    if (to === search) (buttons()[0] as HTMLElement).tabIndex = 0;
    to.focus();
  }

  show();
  const element = el(
    'div',
    {
      class: 'emoji',
      role: 'dialog',
      'aria-label': say('searchEmoji'),
      onkeydown: walk,
      // Whoever goes on elsewhere is done with it.
      onfocusout: ({ relatedTarget }: FocusEvent) => {
        if (relatedTarget && !element.contains(relatedTarget as Node)) closed(relatedTarget);
      },
    },
    search,
    found,
    grid,
  );
  return element;
}

/** In a style sheet of the script's own, once: the page's policy allows no inline style. */
let isDressed = false;
function dress(): void {
  if (isDressed) return;
  isDressed = true;
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(style);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}
