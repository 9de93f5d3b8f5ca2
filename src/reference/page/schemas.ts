// A schema as something to read: fields with their types and limits, named schemas folded away until they are wanted.
import { el, foldable, said } from './dom.ts';
import { type Document, nameOf, resolved, type Schema } from './openapi.ts';

/** What can be said in one line: `string, 1 to 100 characters, or null`. */
export function typeOf(schema: Schema): string {
  if (schema.$ref !== undefined) return nameOf(schema.$ref);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  const kinds = schema.oneOf ?? schema.anyOf;
  if (!schema.type && kinds) return kinds.map(typeOf).join(' or ');
  if (!schema.type && schema.allOf) return schema.allOf.map(typeOf).join(' and ');
  const types = [schema.type ?? 'anything'].flat();
  const limits = limitsOf(schema);
  const type = types.map((each) =>
    each === 'array' && schema.items ? `list of ${typeOf(schema.items)}` : each,
  );
  return [type.join(' or '), ...limits].join(', ');
}

function limitsOf(schema: Schema): string[] {
  const range = (least: number | undefined, most: number | undefined, what: string): string[] => {
    if (least === undefined && most === undefined) return [];
    if (most === undefined) return [`at least ${least} ${what}`.trim()];
    return [(least === undefined ? `at most ${most} ${what}` : `${least} to ${most} ${what}`).trim()];
  };
  const { format, pattern, contentMediaType: media, default: given } = schema;
  const bytes = schema['x-max-bytes'];
  return [
    ...(format ? [format] : []),
    ...range(schema.minLength, schema.maxLength, 'characters'),
    ...range(schema.minimum, schema.maximum, ''),
    ...range(schema.minItems, schema.maxItems, 'items'),
    ...(bytes === undefined ? [] : [`at most ${bytes} bytes`]),
    ...(pattern ? [`like ${pattern}`] : []),
    ...(media ? [media] : []),
    ...(given === undefined ? [] : [`by default ${JSON.stringify(given)}`]),
  ];
}

/** The marks behind a name. */
export const marks = (isRequired: boolean, schema: { 'x-parlance'?: boolean }): (Node | string)[] => [
  ...(isRequired ? [' ', el('strong', { class: 'faint' }, 'required')] : []),
  ...(schema['x-parlance'] ? [' ', el('span', { class: 'own' }, 'only here')] : []),
];

/** The whole of a schema: its fields one below the other. */
export function showSchema(document: Document, schema: Schema): Node[] {
  const whole = resolved(document, schema);
  const nodes: Node[] = [];
  if (whole.description) nodes.push(el('p', {}, ...said(whole.description)));
  const fields = Object.entries(whole.properties ?? {});
  if (fields.length > 0) {
    nodes.push(
      el(
        'dl',
        {},
        ...fields.flatMap(([name, field]) => [
          el('dt', {}, el('code', {}, name), ...marks(whole.required?.includes(name) ?? false, field)),
          el('dd', {}, ...showField(document, field)),
        ]),
      ),
    );
  }
  const kinds = whole.oneOf ?? whole.anyOf ?? [];
  if (kinds.some(({ $ref }) => $ref)) nodes.push(...kinds.flatMap((kind) => folded(document, kind)));
  if (nodes.length === 0 || (fields.length === 0 && kinds.length === 0)) {
    nodes.push(el('p', {}, el('span', { class: 'faint' }, typeOf(whole))));
    if (whole.items) nodes.push(...folded(document, whole.items));
  }
  return nodes;
}

function showField(document: Document, field: Schema): Node[] {
  const inner = field.items ?? field;
  const named = [inner, ...(inner.oneOf ?? inner.anyOf ?? [])].filter(({ $ref }) => $ref);
  return [
    el('span', { class: 'faint' }, typeOf(field)),
    ...(field.description ? [el('div', {}, ...said(field.description))] : []),
    ...named.flatMap((each) => folded(document, each)),
    // An object without a name of its own.
    ...(inner.properties && inner !== field ? showSchema(document, inner) : []),
    ...(field.properties ? showSchema(document, { ...field, description: undefined }) : []),
  ];
}

function folded(document: Document, schema: Schema): Node[] {
  if (schema.$ref === undefined) return [];
  return [foldable([el('code', {}, nameOf(schema.$ref))], () => showSchema(document, schema))];
}
