// Small words for writing JSON Schema (2020-12, the dialect of OpenAPI 3.1) as TypeScript values. What the schemas say
// is in the files beside this one.

/** A JSON value of the document. */
export type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

/** A JSON Schema. */
export interface Schema {
  readonly [keyword: string]: Plain;
}

/** Properties by name. */
export interface Fields {
  readonly [name: string]: Schema;
}

/** A schema by its name in `components.schemas`. */
export const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

/** An object of an answer: these fields and no other. */
export const closed = (required: Fields, optional: Fields = {}): Schema => ({
  ...open(required, optional),
  additionalProperties: false,
});

/** An object of a request: fields that are not named are ignored. */
export const open = (required: Fields, optional: Fields = {}): Schema => ({
  type: 'object',
  ...(Object.keys(required).length > 0 && { required: Object.keys(required) }),
  properties: { ...required, ...optional },
});

/** The same, or null, which stands for "not given". */
export const orNull = (schema: Schema): Schema => {
  if (typeof schema.type !== 'string') return { anyOf: [schema, { type: 'null' }] };
  const { enum: values } = schema;
  return {
    ...schema,
    type: [schema.type, 'null'],
    ...(Array.isArray(values) && { enum: [...(values as Plain[]), null] }),
  };
};

/** Fields that may be left out or null. */
export const nullable = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).map(([name, schema]) => [name, orNull(schema)]));

/** A schema with words of explanation. */
export const says = (schema: Schema, description: string): Schema => ({ ...schema, description });

/** A field that the vendor's API does not have. */
export const added = (schema: Schema, description: string): Schema => ({
  ...schema,
  description,
  'x-parlance': true,
});

export const string = (least?: number, most?: number): Schema => ({
  type: 'string',
  ...(least !== undefined && least > 0 && { minLength: least }),
  ...(most !== undefined && { maxLength: most }),
});
export const integer = (minimum?: number, maximum?: number): Schema => ({
  type: 'integer',
  ...(minimum !== undefined && { minimum }),
  ...(maximum !== undefined && { maximum }),
});
export const boolean: Schema = { type: 'boolean' };
export const number: Schema = { type: 'number' };
export const anyObject: Schema = { type: 'object' };
export const oneOf = (...values: string[]): Schema => ({ type: 'string', enum: values });
export const literal = (value: string | boolean): Schema => ({ const: value });
export const list = (items: Schema, minItems?: number, maxItems?: number): Schema => ({
  type: 'array',
  items,
  ...(minItems !== undefined && minItems > 0 && { minItems }),
  ...(maxItems !== undefined && { maxItems }),
});

/** Kinds of one thing, told apart by `type`: the names are of `components.schemas`. */
export const kinds = (names: Readonly<Record<string, string>>): Schema => ({
  oneOf: Object.values(names).map(ref),
  discriminator: {
    propertyName: 'type',
    mapping: Object.fromEntries(
      Object.entries(names).map(([type, name]) => [type, `#/components/schemas/${name}`]),
    ),
  },
});
