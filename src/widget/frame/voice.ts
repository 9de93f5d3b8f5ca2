// What is read out to those who do not see it: each new message of others once, and whether their own has gone out.
import { el } from './dom.ts';

/** Then it is gone: whoever reads through the page is not to find it a second time. */
const STAYS_MS = 10_000;

/**
 * Beside the conversation, which is a log that is not live: loaded, drawn anew or with earlier messages above, it would be read
 * out whole (contracts/webhooks-bridges-widget.md 3.3: additions only).
 */
const news = el('div', { 'aria-live': 'polite' });
const status = el('div', { role: 'status', 'aria-atomic': 'false' });

export const voice = el('div', { class: 'unseen' }, news, status);

function readOut(region: HTMLElement, words: string): void {
  const line = el('p', { dir: 'auto' }, words);
  region.append(line);
  setTimeout(() => line.remove(), STAYS_MS);
}

export const tellNews = (words: string): void => readOut(news, words);
/** How it stands with what somebody does. */
export const tellStatus = (words: string): void => readOut(status, words);
