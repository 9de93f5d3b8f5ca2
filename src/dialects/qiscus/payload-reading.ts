// Reading a payload part by part: every part that is wrong is told, by the name that its author knows it by. What types of
// comments there are is payloads.ts.
import type { FieldProblem } from '../../domain/errors.ts';
import type { Json, JsonObject } from '../../domain/model.ts';
import { isWebAddress } from './fields.ts';

/** Parts of a payload that are wrong more often than this are told no more. */
const MOST_BUTTONS = 25;
const MOST_CARDS = 25;

/** One payload, or one object inside it; `problems` are those of the whole. */
export class Reading {
  readonly given: JsonObject;
  readonly problems: FieldProblem[];
  private readonly path: string;

  constructor(given: JsonObject, path = 'payload', problems: FieldProblem[] = []) {
    this.given = given;
    this.path = path;
    this.problems = problems;
  }

  refuse(name: string, message: string): void {
    this.problems.push({ path: `${this.path}.${name}`, message });
  }

  at(name: string, value: Json | undefined): Reading {
    const path = `${this.path}.${name}`;
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (!isObject) this.problems.push({ path, message: 'must be an object' });
    return new Reading(isObject ? value : {}, path, this.problems);
  }

  /** The whole object as it was given; parts that are required must be there. */
  whole(...names: string[]): JsonObject {
    for (const name of names) this.demand(name);
    return this.given;
  }

  private demand(name: string): boolean {
    const value = this.given[name];
    if (value !== undefined && value !== null && value !== '') return true;
    if (!this.problems.some(({ path }) => path === `${this.path}.${name}`)) this.refuse(name, 'is required');
    return false;
  }

  text(name: string): string {
    if (!this.demand(name)) return '';
    const value = this.given[name];
    if (typeof value === 'string') return value;
    this.refuse(name, 'must be text');
    return '';
  }

  optional(name: string): string {
    const value = this.given[name];
    if (value === undefined || value === null) return '';
    if (typeof value === 'string') return value;
    this.refuse(name, 'must be text');
    return '';
  }

  address(name: string, { required = true } = {}): string {
    const value = this.given[name];
    if (!required && (value === undefined || value === null || value === '')) return '';
    if (!this.demand(name)) return '';
    if (isWebAddress(value)) return value;
    this.refuse(name, 'must be an address of the web');
    return '';
  }

  /** A number, or the text of one. */
  number(name: string): number {
    if (!this.demand(name)) return 0;
    const value = this.given[name];
    const n = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof n === 'number' && Number.isFinite(n)) return n;
    this.refuse(name, 'must be a number');
    return 0;
  }

  list(name: string): Json[] {
    if (!this.demand(name)) return [];
    const value = this.given[name];
    if (Array.isArray(value)) return value;
    this.refuse(name, 'must be a list');
    return [];
  }
}

export interface Button {
  label: string;
  type: 'postback' | 'link';
  url: string;
  payload: Json;
  /** As answers show it. */
  shown: JsonObject;
}

/** The buttons of a payload or a card. */
export function buttonsIn(from: Reading, name: string, required: boolean): Button[] {
  const given = from.given[name];
  if (!required && (given === undefined || given === null)) return [];
  const list = from.list(name);
  if (list.length > MOST_BUTTONS) from.refuse(name, `has more than ${MOST_BUTTONS} buttons`);
  return list.slice(0, MOST_BUTTONS).map((value, i) => buttonOf(from.at(`${name}.${i}`, value)));
}

function buttonOf(from: Reading): Button {
  const label = from.text('label');
  const type = from.text('type') === 'link' ? 'link' : 'postback';
  if (!['', 'link', 'postback'].includes(from.optional('type')))
    from.refuse('type', 'must be postback or link');
  const inner = from.at('payload', from.given.payload ?? {});
  // A postback may go to the app through the comment that it makes alone.
  const url = inner.address('url', { required: type === 'link' });
  const method = inner.optional('method');
  if (!['', 'get', 'post'].includes(method.toLowerCase())) inner.refuse('method', 'must be get or post');
  return { label, type, url, payload: inner.given.payload ?? null, shown: from.given };
}

export interface Card {
  title: string;
  description: string;
  image: string;
  url: string;
  buttons: Button[];
  shown: JsonObject;
}

/** One card as the payload itself (`what` card), or those of a carousel. */
export function cardsIn(from: Reading, list: readonly Json[], what: 'card' | 'cards'): Card[] {
  if (list.length > MOST_CARDS) from.refuse(what, `has more than ${MOST_CARDS} cards`);
  return list.slice(0, MOST_CARDS).map((value, i) => {
    const card = what === 'card' ? from : from.at(`cards.${i}`, value);
    const { image_url: old, ...given } = card.given;
    const image = card.address(old === undefined ? 'image' : 'image_url', { required: what === 'card' });
    const [title, description] = [card.text('title'), card.text('description')];
    const buttons = buttonsIn(card, 'buttons', false);
    if (what === 'card') {
      const url = card.address('url');
      // Clients read a text of every button (contracts/qiscus.md 5).
      const shown = buttons.map((button) => ({ postback_text: '', ...button.shown }));
      return { title, description, image, url, buttons, shown: { ...given, image, buttons: shown } };
    }
    const action = card.given.default_action;
    const url = action === undefined || action === null ? '' : addressIn(card.at('default_action', action));
    return { title, description, image, url, buttons, shown: { ...given, image } };
  });
}

/** Where a card leads that is touched. */
function addressIn(action: Reading): string {
  const payload = action.given.payload;
  if (payload === undefined || payload === null) return '';
  return action.at('payload', payload).address('url', { required: false });
}
