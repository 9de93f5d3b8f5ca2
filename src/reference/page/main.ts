// The page of the API: reads the description of this hub and shows its operations. The parts are in the files beside it.
import { el, foldable, labelled, said } from './dom.ts';
import { type Call, callersOf, callsOf, type Document, errorsIn } from './openapi.ts';
import type { Credentials } from './request.ts';
import { marks, showSchema, typeOf } from './schemas.ts';
import { tryForm } from './trying.ts';

const place = (id: string): HTMLElement => document.getElementById(id) as HTMLElement;

async function start(): Promise<void> {
  const state = place('state');
  try {
    const answer = await fetch('/openapi.json');
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    show((await answer.json()) as Document);
    state.remove();
    openNamed();
  } catch (error) {
    state.textContent = `The description could not be read: ${String(error)}`;
  }
}

function show(description: Document): void {
  const { info, tags } = description;
  place('top').append(
    el('h1', {}, `${info.title} API`),
    el('p', {}, ...said([info.summary, info.description].filter(Boolean).join(' '))),
    el(
      'p',
      { class: 'faint' },
      `Version ${info.version} · `,
      el('a', { href: '/openapi.json' }, 'openapi.json'),
    ),
  );
  const { form, credentials } = credentialsForm(description);
  place('operations').append(form);
  for (const { name, description: says } of tags) {
    const calls = callsOf(description, name);
    if (calls.length === 0) continue;
    const id = `tag-${name.replaceAll(/\W+/g, '-')}`;
    place('contents').append(
      el('h2', { class: 'faint' }, el('a', { href: `#${id}` }, name)),
      el(
        'ul',
        {},
        ...calls.map(({ operation }) =>
          el('li', {}, el('a', { href: `#${operation.operationId}` }, operation.summary)),
        ),
      ),
    );
    place('operations').append(
      el(
        'section',
        { 'aria-labelledby': id },
        el('h2', { id }, name),
        says && el('p', {}, ...said(says)),
        ...calls.map((call) => showCall(description, call, credentials)),
      ),
    );
  }
}

function showCall(description: Document, call: Call, credentials: () => Credentials): HTMLElement {
  const { method, path, operation, parameters } = call;
  const { operationId, summary, description: says, requestBody, responses } = operation;
  return foldable(
    [
      el('span', { class: `method ${method}` }, method.toUpperCase()),
      el('span', { class: 'path' }, path),
      ' – ',
      summary,
      ...marks(false, operation),
    ],
    () => [
      says ? el('p', {}, ...said(says)) : null,
      el('p', { class: 'faint' }, `${operationId} · for ${callersOf(operation)}`),
      parameters.length > 0 && el('h3', {}, 'Parameters'),
      parameters.length > 0 &&
        el(
          'dl',
          {},
          ...parameters.flatMap((parameter) => [
            el(
              'dt',
              {},
              el('code', {}, parameter.name),
              el('span', { class: 'faint' }, ` in ${parameter.in}`),
              ...marks(parameter.required ?? false, parameter),
            ),
            el(
              'dd',
              {},
              el('div', {}, ...said(parameter.description ?? '')),
              ...(parameter.style === 'deepObject'
                ? showSchema(description, parameter.schema)
                : [el('span', { class: 'faint' }, typeOf(parameter.schema))]),
            ),
          ]),
        ),
      ...Object.entries(requestBody?.content ?? {}).flatMap(([type, { schema, example }]) => [
        el('h3', {}, 'Body'),
        el('p', { class: 'faint' }, type),
        ...showSchema(description, schema),
        example !== undefined && el('pre', { tabindex: '0' }, JSON.stringify(example, null, 2)),
      ]),
      el('h3', {}, 'Answers'),
      ...Object.entries(responses).map(([status, response]) => showAnswer(description, status, response)),
      el('h3', {}, 'Try it'),
      tryForm(description, call, credentials),
    ],
    operationId,
  );
}

function showAnswer(
  description: Document,
  status: string,
  { description: says, content }: Call['operation']['responses'][string],
): HTMLElement {
  const media = content?.['application/json'];
  const errors = errorsIn(description, media);
  return foldable(
    [el('strong', { class: status < '400' ? 'status-good' : 'status-bad' }, status), ' ', ...said(says)],
    () => [
      ...(errors.length > 0
        ? [
            el(
              'ul',
              {},
              ...errors.map(({ code, title }) => el('li', {}, el('code', {}, code), ` “${title}”`)),
            ),
          ]
        : media
          ? showSchema(description, media.schema)
          : []),
      media?.example !== undefined && el('pre', { tabindex: '0' }, JSON.stringify(media.example, null, 2)),
    ],
  );
}

function credentialsForm(description: Document): { form: HTMLElement; credentials: () => Credentials } {
  const { basic, token: bearer } = description.components.securitySchemes;
  const id = el('input', { autocomplete: 'off', spellcheck: 'false' });
  const secret = el('input', { type: 'password', autocomplete: 'off' });
  const token = el('input', { type: 'password', autocomplete: 'off' });
  const form = el(
    'fieldset',
    {},
    el('legend', {}, 'Credentials for trying calls'),
    el(
      'p',
      { class: 'faint' },
      'They stay in this page’s memory and go to this hub alone. A token wins over a key.',
    ),
    ...labelled('Key id', id, 'credential-id'),
    ...labelled('Secret', secret, 'credential-secret', basic?.description),
    ...labelled('Token, or the operator’s', token, 'credential-token', bearer?.description),
  );
  const credentials = (): Credentials => {
    if (token.value) return { kind: 'token', token: token.value.trim() };
    if (id.value || secret.value) return { kind: 'key', id: id.value.trim(), secret: secret.value.trim() };
    return { kind: 'none' };
  };
  return { form, credentials };
}

/** The operation that the address names is opened, and read from. */
function openNamed(): void {
  const named = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!(named instanceof HTMLDetailsElement)) return;
  named.open = true;
  named.scrollIntoView();
  named.querySelector('summary')?.focus();
}

addEventListener('hashchange', openNamed);
void start();
