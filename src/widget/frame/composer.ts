// Where messages are written: words, and files that are chosen, pasted or dropped.

import type { picker as Picker } from '../emoji/main.ts';
import type { Client } from './client.ts';
import { CONFIG, keep, recall } from './config.ts';
import { el, iconButton, isComposing } from './dom.ts';
import type { Chosen } from './store.ts';
import { allWords, say, sizeOf } from './words.ts';

const CLIP = 'M20 11l-8.5 8.5a5 5 0 0 1-7-7L13 4a3.3 3.3 0 0 1 4.7 4.7L9.5 17a1.7 1.7 0 0 1-2.4-2.4L14.5 7';
const PLANE = 'M4 12l16-8-5 17-3.5-7.5z';
const SMILE = 'M3 12a9 9 0 1 0 18 0a9 9 0 1 0-18 0M8 14.5c2 3 6 3 8 0M9 9v.5M15 9v.5';
/** Not in one piece with the frame. */
const EMOJI: string = '/widget/emoji.js';
const MOST_PX = 140;

export class Composer {
  readonly element: HTMLFormElement;
  readonly #field: HTMLTextAreaElement;
  readonly #chips = el('ul', { class: 'chips' });
  readonly #problem = el('p', { class: 'problem', role: 'alert' });
  readonly #submit: HTMLButtonElement;
  readonly #smile = iconButton(say('emoji'), SMILE, () => this.#choose());
  /** The picker of emoji, while it is open. */
  #picker: HTMLElement | null = null;
  #files: Chosen[] = [];
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
    this.#field = el('textarea', {
      rows: '1',
      placeholder: say('write'),
      'aria-label': say('write'),
      maxlength: '20000',
      oninput: () => this.#typed(),
      onkeydown: (event: KeyboardEvent) => this.#key(event),
      onpaste: (event: ClipboardEvent) => this.add(event.clipboardData?.files, event),
      onblur: () => client.typed(false),
    });
    this.#submit = iconButton(say('send'), PLANE, () => undefined);
    this.#submit.type = 'submit';
    this.#submit.classList.add('send');
    const picker = el('input', {
      type: 'file',
      multiple: true,
      hidden: true,
      onchange: () => {
        this.add(picker.files);
        picker.value = '';
      },
    });
    const clip = CONFIG.files && iconButton(say('attach'), CLIP, () => picker.click());
    this.element = el(
      'form',
      { class: 'composer', 'aria-label': say('write'), onsubmit: (event: Event) => this.#send(event) },
      this.#problem,
      this.#chips,
      el('div', { class: 'row' }, clip, picker, this.#field, this.#smile, this.#submit),
    );
    this.#fit();
  }

  /** What was being written, when it is known whose it is. */
  restore(): void {
    this.#field.value ||= recall<string>('draft') ?? '';
    this.#fit();
  }

  focus(): void {
    this.#field.focus();
  }

  get disabled(): boolean {
    return this.element.hidden === true;
  }

  /** Nothing can be said here. */
  set disabled(disabled: boolean) {
    this.element.hidden = disabled;
  }

  /** Files from somewhere; too large or too many of them are told of, and left out. */
  add(list: FileList | null | undefined, event?: Event): void {
    const limits = CONFIG.files;
    if (!list?.length || !limits || this.disabled) return;
    event?.preventDefault();
    this.#problem.textContent = '';
    for (const blob of list) {
      if (blob.size > limits.bytes) this.#problem.textContent = say('tooLarge', { name: blob.name });
      else if (this.#files.length >= limits.most)
        this.#problem.textContent = say('tooMany', { n: limits.most });
      else this.#files.push({ name: blob.name, bytes: blob.size, mime: blob.type, blob });
    }
    this.#showChips();
    this.focus();
  }

  #showChips(): void {
    this.#chips.replaceChildren(
      ...this.#files.map((file) =>
        el(
          'li',
          {},
          el('span', { dir: 'auto' }, `${file.name} · ${sizeOf(file.bytes)}`),
          iconButton(say('remove', { name: file.name }), 'M6 6l12 12M18 6L6 18', () => {
            this.#files = this.#files.filter((each) => each !== file);
            this.#showChips();
            this.focus();
          }),
        ),
      ),
    );
    this.#ready();
  }

  /** Opens the picker of emoji, which is a script of its own, or closes it. */
  async #choose(): Promise<void> {
    if (this.#picker) return this.#chosen();
    const { picker } = await import(EMOJI).catch(() => ({}));
    if (!picker || this.#picker) return;
    this.#picker = (picker as typeof Picker)({
      words: allWords(),
      recent: recall<string[]>('emoji') ?? [],
      picked: (emoji, recent) => {
        const { selectionStart, selectionEnd } = this.#field;
        this.#field.setRangeText(emoji, selectionStart, selectionEnd, 'end');
        keep('emoji', recent);
        this.#chosen();
        this.#typed();
      },
      closed: (to) => {
        // Its own button closes it when it is pressed.
        if (to !== this.#smile) this.#chosen(!to);
      },
    });
    this.element.prepend(this.#picker);
    this.#smile.ariaExpanded = 'true';
    this.#picker.querySelector('input')?.focus();
  }

  #chosen(focus = true): void {
    const open = this.#picker;
    this.#picker = null;
    open?.remove();
    this.#smile.ariaExpanded = 'false';
    if (focus) this.focus();
  }

  #typed(): void {
    this.#fit();
    keep('draft', this.#field.value || null);
    this.#client.typed(this.#field.value !== '');
  }

  #key(event: KeyboardEvent): void {
    // A letter that is still being put together is not sent.
    if (event.key !== 'Enter' || event.shiftKey || isComposing(event)) return;
    this.#send(event);
  }

  #send(event: Event): void {
    event.preventDefault();
    const text = this.#field.value.trim();
    if (text === '' && this.#files.length === 0) return;
    this.#client.say(text, { files: this.#files });
    this.#files = [];
    this.#field.value = '';
    keep('draft', null);
    this.#showChips();
    this.#fit();
    this.focus();
  }

  #fit(): void {
    const field = this.#field;
    field.style.height = 'auto';
    field.style.height = `${Math.min(MOST_PX, field.scrollHeight)}px`;
    this.#ready();
  }

  #ready(): void {
    // What invites to write runs as the language does: with an attribute, Firefox shows none where the style sheet turns it.
    this.#field.dir = this.#field.value ? 'auto' : '';
    this.#submit.disabled = this.#field.value.trim() === '' && this.#files.length === 0;
  }
}
