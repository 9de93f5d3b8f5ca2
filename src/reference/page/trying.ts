// The form that tries a call: its fields, the request as it will be, the answer as it came.
import { el, labelled } from './dom.ts';
import { type Call, type Document, type Parameter, resolved } from './openapi.ts';
import { type Credentials, curlOf, type Filled, prepare } from './request.ts';
import { typeOf } from './schemas.ts';

/** The form of one operation. `credentials`: what the reader has typed by the time that it is sent. */
export function tryForm(document: Document, call: Call, credentials: () => Credentials): HTMLFormElement {
  const { operation, parameters } = call;
  const fields = new Map<string, HTMLInputElement>();
  const files = new Map<string, HTMLInputElement>();
  const form = el('form', { 'aria-label': `Try ${operation.operationId}` });
  const named = (name: string) => `${operation.operationId}-${name}`;

  for (const parameter of parameters) {
    for (const [name, says] of namesOf(document, parameter)) {
      const isRequired = parameter.required && !name.includes('[');
      const input = el('input', { autocomplete: 'off', spellcheck: 'false', required: isRequired });
      const value = resolved(document, parameter.schema).const;
      if (typeof value === 'string') input.value = value;
      fields.set(name, input);
      form.append(...labelled(isRequired ? `${name} (required)` : name, input, named(name), says));
    }
  }
  const media = operation.requestBody?.content ?? {};
  const json = media['application/json'];
  const body = json && el('textarea', { spellcheck: 'false' }, JSON.stringify(json.example ?? {}, null, 2));
  if (body) form.append(...labelled('Body (JSON)', body, named('body')));
  const formFields = resolved(document, media['multipart/form-data']?.schema ?? {}).properties ?? {};
  for (const [name, { description = '' }] of Object.entries(formFields)) {
    const input = el('input', { type: 'file', required: true });
    files.set(name, input);
    form.append(...labelled(name, input, named(name), description));
  }
  const output = el('div', { role: 'status', 'aria-live': 'polite' });
  const send = el('button', { type: 'submit' }, 'Send');
  form.append(send, output);

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const filled: Filled = {
      values: new Map(Array.from(fields, ([name, { value }]) => [name, value.trim()])),
      body: body?.value ?? null,
      files: new Map(
        Array.from(files).flatMap(([name, input]) =>
          input.files?.[0] ? [[name, input.files[0]] as const] : [],
        ),
      ),
    };
    send.disabled = true;
    try {
      output.replaceChildren(...(await exchange(call, filled, credentials())));
    } catch (error) {
      output.replaceChildren(el('p', { class: 'status-bad' }, `No answer: ${String(error)}`));
    } finally {
      send.disabled = false;
    }
  });
  return form;
}

/** Names of fields with what is to say of each: a parameter, or one for each key of it. */
function namesOf(
  document: Document,
  { name, style, schema, description = '' }: Parameter,
): [string, string][] {
  const { properties } = resolved(document, schema);
  if (style !== 'deepObject' || !properties) return [[name, description]];
  return Object.entries(properties).map(([key, field]) => [
    `${name}[${key}]`,
    field.description ?? resolved(document, field).description ?? typeOf(field),
  ]);
}

/** Headers of an answer that are worth a line. */
const TOLD = ['retry-after', 'x-request-id'];

async function exchange(call: Call, filled: Filled, by: Credentials): Promise<Node[]> {
  const request = prepare(call, filled, by);
  const { method, path, headers, body } = request;
  const begun = performance.now();
  const answer = await fetch(path, { method, headers, body, credentials: 'omit', cache: 'no-store' });
  const text = await answer.text();
  const took = Math.round(performance.now() - begun);
  const told = TOLD.flatMap((name) => {
    const value = answer.headers.get(name);
    return value === null ? [] : [`${name}: ${value}`];
  });
  return [
    el('h4', {}, 'Request'),
    el('pre', { tabindex: '0' }, curlOf(request, location.origin, by)),
    el('h4', {}, 'Answer'),
    el(
      'p',
      { class: answer.ok ? 'status-good' : 'status-bad' },
      `${answer.status}${answer.statusText ? ` ${answer.statusText}` : ''} after ${took} ms`,
    ),
    ...(told.length > 0 ? [el('p', { class: 'faint' }, told.join('  ·  '))] : []),
    el('pre', { tabindex: '0' }, pretty(text)),
  ];
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
