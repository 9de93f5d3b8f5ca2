// A form that the visitor is asked to fill in, in the message that asks: its fields, what is wrong with them, and the answer.
import { type FormField, isAnswered, sizesOf, wrongWith } from '../../domain/forms.ts';
import type { Client } from './client.ts';
import { el } from './dom.ts';
import type { Message, Talk } from './model.ts';
import { say } from './words.ts';

/** The form as it stands: what was typed into it stays in it, however often the message is drawn. */
export function asking(client: Client, talk: Talk, message: Message, fields: FormField[]): HTMLElement {
  if (isAnswered(message)) return el('p', { class: 'faint' }, say('answered'));
  const asked = JSON.stringify(fields);
  if (message.form?.asked !== asked) message.form = { asked, element: made(client, message, fields) };
  const { element } = message.form;
  (element.firstChild as HTMLFieldSetElement).disabled = talk.locked || isPending(talk, message);
  return element;
}

/** Whether its answer is on its way. */
export const isPending = (talk: Talk, { seq }: Message): boolean =>
  talk.unsent.some(({ replyTo, state }) => replyTo !== null && replyTo === seq && state === 'waits');

function made(client: Client, { seq }: Message, fields: FormField[]): HTMLElement {
  const rows = fields.map((field, index) => row(field, `${seq}-${index}`));
  const send = (event: Event): void => {
    event.preventDefault();
    const wrong = rows.filter((each) => !each.check());
    wrong[0]?.input.focus();
    if (wrong.length > 0) return;
    client.say(rows.map((each) => `${each.label}: ${each.words()}`).join('\n'), {
      type: 'formResponse',
      replyTo: seq as number,
      payload: { fields: rows.map((each) => each.answer()) },
    });
  };
  return el(
    'form',
    { class: 'asks', novalidate: true, onsubmit: send },
    el('fieldset', {}, ...rows.flatMap((each) => each.shown), el('button', {}, say('send'))),
  );
}

function row(field: FormField, id: string) {
  const { type, name, label, placeholder, format, options = [] } = field;
  const more = { id, placeholder, 'aria-describedby': `${id}?` };
  const wrong = el('p', { id: `${id}?`, class: 'problem' });
  const input =
    type === 'select'
      ? el(
          'select',
          more,
          el('option', { value: '' }, placeholder ?? '…'),
          ...options.map((option) => el('option', { value: option.name }, option.label)),
        )
      : el('input', {
          ...more,
          type,
          autocomplete: type === 'email' ? type : undefined,
          inputmode: format && 'decimal',
        });
  input.value = type === 'select' ? (field.select?.[0]?.name ?? '') : (field[type] ?? '');
  const value = () => input.value.trim();
  return {
    label,
    input,
    shown: [el('label', { for: id, dir: 'auto' }, label), input, wrong],
    words: () => options.find((option) => option.name === value())?.label ?? value(),
    answer: () => ({ name, [type]: type === 'select' ? [{ name: value() }] : value() }),
    check(): boolean {
      const problem = wrongWith(field, value());
      input.setAttribute('aria-invalid', String(problem !== null));
      const [least, most] = sizesOf(field);
      wrong.textContent =
        problem && say(problem === 'option' ? 'missing' : problem, { n: problem === 'long' ? most : least });
      return problem === null;
    },
  };
}
