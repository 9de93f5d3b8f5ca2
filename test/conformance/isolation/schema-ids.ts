// Where a valibot schema takes the name of something: every field that is called an id, by its path.

/** What this reads of a schema. Its kinds are told apart by `type`, as valibot does. */
interface Schema {
  readonly kind: string;
  readonly type: string;
  readonly entries?: Readonly<Record<string, Schema>>;
  readonly options?: readonly (Schema | string)[];
  readonly item?: Schema;
  readonly wrapped?: Schema;
  readonly pipe?: readonly Schema[];
}

/** Names of fields that hold a name of something: `id`, `userId`, `attachmentIds`. */
const NAMES_SOMETHING = /^id$|Ids?$/;

/** `participants[].userId`, `quotedMessage.message.id`: each once. */
export function idPaths(schema: unknown): string[] {
  const found = new Set<string>();
  walk(schema as Schema, '', found);
  return [...found];
}

function walk(schema: Schema, path: string, found: Set<string>): void {
  // A pipe holds the schema itself first, then others and actions.
  for (const step of schema.pipe ?? []) {
    if (step.kind === 'schema' && step.pipe !== schema.pipe) walk(step, path, found);
  }
  if (schema.wrapped) walk(schema.wrapped, path, found);
  if (schema.item) walk(schema.item, `${path}[]`, found);
  for (const option of schema.options ?? []) if (typeof option === 'object') walk(option, path, found);
  for (const [name, field] of Object.entries(schema.entries ?? {})) {
    const at = path === '' ? name : `${path}.${name}`;
    if (NAMES_SOMETHING.test(name)) found.add(at);
    walk(field, at, found);
  }
}

/** Every field at the top of a schema, whatever it is called. */
export function fieldsOf(schema: unknown): string[] {
  const { entries, options = [], wrapped, pipe = [] } = schema as Schema;
  const inner = [...options, ...pipe.slice(1), ...(wrapped ? [wrapped] : [])];
  const deeper = inner.filter((each): each is Schema => typeof each === 'object' && each.kind === 'schema');
  return [...new Set([...Object.keys(entries ?? {}), ...deeper.flatMap(fieldsOf)])];
}
