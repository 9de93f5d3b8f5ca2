// All conversations of the visitor, the newest message first.
import { face } from './bubble.ts';
import type { Client } from './client.ts';
import { CONFIG } from './config.ts';
import { el, type Item, Rows } from './dom.ts';
import { NEW, type Talk } from './model.ts';
import { dayOf, say, timeOf } from './words.ts';

export class List {
  readonly element: HTMLElement;
  readonly #list = el('ul', { class: 'talks' });
  readonly #rows = new Rows(this.#list);
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
    const fresh = () => {
      client.startedNew = true;
      client.show(NEW);
    };
    this.element = el(
      'nav',
      { class: 'list', 'aria-label': say('conversations') },
      this.#list,
      CONFIG.several && el('button', { type: 'button', class: 'fresh', onclick: fresh }, say('fresh')),
    );
  }

  show(): void {
    this.#rows.show(this.#client.listed.map((talk) => this.#item(talk)));
  }

  focus(): void {
    this.element.querySelector('button')?.focus();
  }

  #item(talk: Talk): Item {
    const { c, title, preview, unread, at } = talk;
    const people = talk.people.filter(({ id }) => id !== this.#client.session.me?.id);
    const name = title || people.map((person) => person.name).join(', ') || CONFIG.name;
    const when = at === 0 ? '' : dayOf(at) === say('today') ? timeOf(at) : dayOf(at);
    return {
      key: c,
      sign: JSON.stringify([name, preview, unread, when]),
      make: () =>
        el(
          'li',
          {},
          el(
            'button',
            { type: 'button', onclick: () => this.#client.show(c) },
            face(name, people[0]?.avatar ?? null),
            el(
              'span',
              { class: 'lines' },
              el('strong', { dir: 'auto' }, name),
              el('span', { class: 'faint', dir: 'auto' }, preview || say('empty')),
            ),
            el(
              'span',
              { class: 'aside' },
              el('span', { class: 'faint' }, when),
              unread > 0 && el('span', { class: 'count' }, String(unread)),
            ),
          ),
        ),
    };
  }
}
